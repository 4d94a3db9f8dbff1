/** One time step of one row of an LSTM (SPEC 13.3). */

import { chain, sigmoid, tanh } from "../activation.js";
import { LSTM_BLOCKS } from "../layout.js";
import { tiny } from "../tensor.js";

const { fround } = Math;

/**
 * An LSTM made ready to run.
 *
 * @typedef {object} LstmCell
 * @property {number} inputs I
 * @property {number} width H
 * @property {Readonly<{W: Float32Array, R: Float32Array, b: Float32Array}>} parameters
 *   W [I, 4H], R [H, 4H], b [4H]
 */

/**
 * Computes h and c after the step, in place, and the output.
 *
 * @param {LstmCell} layer
 * @param {Float32Array} x [I]
 * @param {Float32Array} h [N, H]
 * @param {Float32Array} c [N, H]
 * @param {number} n the row
 * @param {Float32Array} a [4H or more] scratch: the pre-activations
 * @param {Float32Array} y [H] the output
 * @returns {boolean} whether h and c are finite
 */
export function lstmStep(layer, x, h, c, n, a, y) {
  const H = layer.width;
  const columns = LSTM_BLOCKS.count * H;
  const { W, R, b } = layer.parameters;
  const row = n * H;
  a.set(b);
  chain(a, columns, x, 0, layer.inputs, W);
  chain(a, columns, h, row, H, R); // all gates read the old h: it is replaced only below
  let finite = true;
  for (let j = 0; j < H; j++) {
    const i = sigmoid(a[LSTM_BLOCKS.i * H + j]);
    const f = sigmoid(a[LSTM_BLOCKS.f * H + j]);
    const g = tanh(a[LSTM_BLOCKS.g * H + j]);
    const o = sigmoid(a[LSTM_BLOCKS.o * H + j]);
    const cell = tiny(fround(fround(f * c[row + j]) + fround(i * g)));
    const hidden = tiny(fround(o * tanh(cell)));
    finite = finite && Math.abs(cell) < Infinity && Math.abs(hidden) < Infinity;
    c[row + j] = cell;
    h[row + j] = hidden;
    y[j] = hidden;
  }
  return finite;
}
