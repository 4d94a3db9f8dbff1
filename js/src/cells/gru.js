/** One time step of one row of a GRU (SPEC 13.5). */

import { chain } from "../activation.js";
import { GRU_BLOCKS } from "../layout.js";
import { nonFiniteAt, tiny } from "../tensor.js";

/** @import { Elementwise } from "../activation/elementwise.js" */

const { abs, fround } = Math;

/**
 * A GRU made ready to run.
 *
 * @typedef {object} GruCell
 * @property {number} inputs I
 * @property {number} width H
 * @property {"before" | "after" | undefined} reset
 * @property {Readonly<{W: Float32Array, R: Float32Array, b: Float32Array, rb: Float32Array}>} parameters
 *   W [I, 3H], R [H, 3H], b [3H], rb [H]
 * @property {Readonly<{gates: Elementwise, candidate: Elementwise}>} activations
 */

/**
 * Computes h after the step, in place, and the output.
 *
 * @param {GruCell} layer
 * @param {Float32Array} x [I]
 * @param {Float32Array} h [N, H]
 * @param {number} n the row
 * @param {Float32Array} a [3H] scratch: the pre-activations, then r and z in the first two blocks
 * @param {Float32Array} d [3H] scratch: u in the first block, or d of [gru-3] in the third
 * @param {Float32Array} y [H] the output
 * @returns {boolean} whether h and u are finite
 */
export function gruStep(layer, x, h, n, a, d, y) {
  const H = layer.width;
  const columns = GRU_BLOCKS.count * H;
  const candidates = GRU_BLOCKS.n * H; // the block n is the last: its columns go on to the end
  const { W, R, b, rb } = layer.parameters;
  const { gates, candidate } = layer.activations;
  const row = n * H;
  a.set(b);
  chain(a, x, 0, layer.inputs, W, columns);
  chain(a, h, row, H, R, columns, 0, candidates);
  for (let j = 0; j < candidates; j++) a[j] = gates(a[j]);
  if (layer.reset === "before") {
    // [gru-2]
    for (let k = 0; k < H; k++) d[k] = tiny(fround(a[GRU_BLOCKS.r * H + k] * h[row + k]));
    if (nonFiniteAt(d, H) >= 0) return false;
    chain(a, d, 0, H, R, columns, candidates);
  } else {
    // [gru-3]
    d.set(rb, candidates);
    chain(d, h, row, H, R, columns, candidates);
    for (let j = 0; j < H; j++) {
      const held = tiny(fround(a[GRU_BLOCKS.r * H + j] * d[candidates + j]));
      a[candidates + j] = a[candidates + j] + held;
    }
  }
  let finite = true;
  for (let j = 0; j < H; j++) {
    const z = a[GRU_BLOCKS.z * H + j];
    const hidden = gruState(z, candidate(a[candidates + j]), h[row + j]);
    finite = finite && abs(hidden) < Infinity;
    h[row + j] = hidden;
    y[j] = hidden;
  }
  return finite;
}

/**
 * [gru-4].
 *
 * @param {number} z keeps the old state
 * @param {number} n
 * @param {number} h
 */
function gruState(z, n, h) {
  return tiny(fround(fround(fround(1 - z) * n) + fround(z * h)));
}
