/**
 * The plain cells with a kernel: many steps of all rows in one call.
 *
 * @import { PlanLayer } from "../../plan.js"
 * @import { Packed } from "../../plan/packed.js"
 * @import { Buffer, Space } from "./space.js"
 */

import { FLOAT } from "../../kernel/memory.js";

/**
 * Some time steps of all rows: from the products with W, which begin at the byte `a`, to the output of the steps
 * from `to` on. The state is replaced.
 *
 * @typedef {(to: number, a: number, steps: number) => boolean} Cell whether h, c and u are finite ([finite-1])
 */

/**
 * @param {Space} space
 * @param {PlanLayer} planned a plain cell
 * @param {Packed} packed
 * @param {readonly Buffer[]} state h and c, [rows, H]
 * @param {Buffer} y [steps, rows, H]
 * @returns {Cell}
 */
export function plainCell({ borrow, kernel, rows }, { layer }, { R, Rn, rb }, [h, c], y) {
  const H = h.at;
  const start = y.at;
  const step = rows * y.stride * FLOAT;
  if (layer.type === "elman") {
    return (to, a, steps) => kernel.rnn_elman(start + to * step, H, a, R, steps, rows) === 1;
  }
  if (layer.type === "lstm") {
    const C = c.at;
    return (to, a, steps) => kernel.rnn_lstm(start + to * step, H, C, a, R, steps, rows) === 1;
  }
  if (layer.reset === "after") {
    return (to, a, steps) =>
      kernel.rnn_gru_after(start + to * step, H, a, R, rb, steps, rows) === 1;
  }
  const u = borrow(rows * h.stride);
  return (to, a, steps) =>
    kernel.rnn_gru_before(start + to * step, H, a, R, Rn, u, steps, rows) === 1;
}
