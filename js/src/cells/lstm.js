/** One time step of one row of an LSTM with its options (SPEC 13.4). */

import { chain, clip, clipAll } from "../activation.js";
import { tiny } from "../tensor.js";

/** @import { Parameters, Recurrent, Step } from "./elman.js" */

const { abs, fround } = Math;

/**
 * [lstm-1], and the options: [peephole-1], [coupled-1], [cell-clip-1], [projection-1].
 *
 * @param {Recurrent} recurrent
 * @param {Parameters} parameters W [I, BH], R [P, BH], b [BH], p [B-1, H] or [H, (B-1)H], Q [H, P], qb [P]
 * @param {Float32Array} h [N, P]
 * @param {Float32Array} c [N, H]
 * @returns {Step}
 */
export function lstm({ layer, I, H, functions, limit }, parameters, h, c) {
  const { W, R, p, Q } = parameters;
  const { gates, candidate, output } = functions;
  const cellLimit = fround(layer.cellClip ?? Infinity);
  const projectionLimit = fround(layer.projectionClip ?? Infinity);
  const isInputCoupled = layer.coupled === "input";
  const isForgetCoupled = layer.coupled === "forget";
  const isFull = layer.peephole === "full";
  // The blocks stand in the order i, f, g, o. Without a coupled one i and f begin both at 0, and are one.
  const columns = W.length / I;
  const o0 = columns - H;
  const g0 = o0 - H;
  const f0 = g0 - H;
  const P = layer.projectionSize ?? H;
  const { b = new Float32Array(columns), qb = new Float32Array(P) } = parameters;
  const a = new Float32Array(columns); // the pre-activations
  const shifted = a.subarray(H); // p has no block g: that of o stands one earlier than in a
  const u = new Float32Array(H);
  const projected = new Float32Array(P);

  /**
   * [peephole-1], for the columns of p from `first` up to `end`.
   *
   * @param {Float32Array} gate the pre-activations, at p's columns
   * @param {number} row where its c begins
   * @param {number} first
   * @param {number} end
   */
  function peep(gate, row, first, end) {
    if (isFull) chain(gate, c, row, H, p, o0, first, end);
    else for (let j = first; j < end; j++) gate[j] = gate[j] + fround(c[row + (j % H)] * p[j]);
  }

  return (x, at, n, y, to) => {
    const cRow = n * H;
    const hRow = n * P;
    a.set(b);
    chain(a, x, at, I, W, columns);
    chain(a, h, hRow, P, R, columns); // all gates read the old h: it is replaced only below
    if (p) peep(a, cRow, 0, g0);
    clipAll(a, limit, 0, o0);
    let finite = true;
    for (let j = 0; j < H; j++) {
      let f = gates(a[f0 + j]);
      let i = f0 > 0 ? gates(a[j]) : f;
      if (isInputCoupled) i = fround(1 - f);
      if (isForgetCoupled) f = fround(1 - i);
      const g = candidate(a[g0 + j]);
      const cell = clip(tiny(fround(fround(f * c[cRow + j]) + fround(i * g))), cellLimit);
      finite = finite && abs(cell) < Infinity;
      c[cRow + j] = cell;
    }
    if (p) peep(shifted, cRow, g0, o0);
    clipAll(a, limit, o0);
    for (let j = 0; j < H; j++) {
      const hidden = tiny(fround(gates(a[o0 + j]) * output(c[cRow + j])));
      finite = finite && abs(hidden) < Infinity;
      if (Q) u[j] = hidden;
      else {
        h[hRow + j] = hidden;
        y[to + j] = hidden;
      }
    }
    if (Q) {
      projected.set(qb);
      chain(projected, u, 0, H, Q, P);
      for (let j = 0; j < P; j++) {
        const hidden = clip(tiny(projected[j]), projectionLimit);
        finite = finite && abs(hidden) < Infinity;
        h[hRow + j] = hidden;
        y[to + j] = hidden;
      }
    }
    return finite;
  };
}
