/** One time step of one row of an LSTM (SPEC 13.4). */

import { chain } from "../activation.js";
import { LSTM_BLOCKS } from "../layout.js";
import { tiny } from "../tensor.js";

/** @import { Elementwise } from "../activation/elementwise.js" */

const { abs, fround } = Math;

/**
 * An LSTM made ready to run.
 *
 * @typedef {object} LstmCell
 * @property {number} inputs I
 * @property {number} width H
 * @property {Readonly<{W: Float32Array, R: Float32Array, b: Float32Array}>} parameters
 *   W [I, 4H], R [H, 4H], b [4H]
 * @property {Readonly<{gates: Elementwise, candidate: Elementwise, output: Elementwise}>} activations
 */

/**
 * Computes h and c after the step, in place, and the output.
 *
 * @param {LstmCell} layer
 * @param {Float32Array} x [I]
 * @param {Float32Array} h [N, H]
 * @param {Float32Array} c [N, H]
 * @param {number} n the row
 * @param {Float32Array} a [4H] scratch: the pre-activations
 * @param {Float32Array} y [H] the output
 * @returns {boolean} whether h and c are finite
 */
export function lstmStep(layer, x, h, c, n, a, y) {
  const H = layer.width;
  const columns = LSTM_BLOCKS.count * H;
  const { W, R, b } = layer.parameters;
  const { gates, candidate, output } = layer.activations;
  const row = n * H;
  a.set(b);
  chain(a, x, 0, layer.inputs, W, columns);
  chain(a, h, row, H, R, columns); // all gates read the old h: it is replaced only below
  let finite = true;
  for (let j = 0; j < H; j++) {
    const i = gates(a[LSTM_BLOCKS.i * H + j]);
    const f = gates(a[LSTM_BLOCKS.f * H + j]);
    const g = candidate(a[LSTM_BLOCKS.g * H + j]);
    const o = gates(a[LSTM_BLOCKS.o * H + j]);
    const cell = tiny(fround(fround(f * c[row + j]) + fround(i * g)));
    const hidden = tiny(fround(o * output(cell)));
    finite = finite && abs(cell) < Infinity && abs(hidden) < Infinity;
    c[row + j] = cell;
    h[row + j] = hidden;
    y[j] = hidden;
  }
  return finite;
}
