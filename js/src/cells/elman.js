/** One time step of one row of an Elman net (SPEC 13.3). */

import { chain } from "../activation.js";

/** @import { Elementwise } from "../activation/elementwise.js" */

/**
 * An Elman net made ready to run.
 *
 * @typedef {object} ElmanCell
 * @property {number} inputs I
 * @property {number} width H
 * @property {Readonly<{W: Float32Array, R: Float32Array, b: Float32Array}>} parameters
 *   W [I, H], R [H, H], b [H]
 * @property {Readonly<{own: Elementwise}>} activations
 */

/**
 * Computes h after the step, in place, and the output.
 *
 * @param {ElmanCell} layer
 * @param {Float32Array} x [I]
 * @param {Float32Array} h [N, H]
 * @param {number} n the row
 * @param {Float32Array} a [H] scratch: the pre-activations
 * @param {Float32Array} y [H] the output
 * @returns {boolean} whether h is finite
 */
export function elmanStep(layer, x, h, n, a, y) {
  const H = layer.width;
  const { W, R, b } = layer.parameters;
  const { own } = layer.activations;
  const row = n * H;
  a.set(b);
  chain(a, x, 0, layer.inputs, W, H);
  chain(a, h, row, H, R, H); // reads the old h
  let finite = true;
  for (let j = 0; j < H; j++) {
    const hidden = own(a[j]);
    finite = finite && Math.abs(hidden) < Infinity;
    h[row + j] = hidden;
    y[j] = hidden;
  }
  return finite;
}
