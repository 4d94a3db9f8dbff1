/** layer_norm (SPEC 13.11). */

import { sum16 } from "./activation.js";
import { fround, tiny } from "./tensor.js";

/**
 * [layer-norm-1], for one time step.
 *
 * @param {Float32Array} x
 * @param {number} at the first element, in x and y
 * @param {number} epsilon a binary32
 * @param {Float32Array} gamma [I]
 * @param {Float32Array} beta [I]
 * @param {Float32Array} squares [I] scratch
 * @param {Float32Array} y the output; not x
 */
export function layerNorm(x, at, epsilon, gamma, beta, squares, y) {
  const I = gamma.length;
  const m = fround(sum16(x, at, I)[0] / I);
  for (let j = 0; j < I; j++) {
    const d = tiny(fround(x[at + j] - m));
    y[at + j] = d;
    squares[j] = d * d; // the store rounds
  }
  const v = fround(sum16(squares, 0, I)[0] / I);
  const q = fround(1 / fround(Math.sqrt(fround(v + epsilon))));
  for (let j = 0; j < I; j++) {
    y[at + j] = tiny(fround(fround(fround(y[at + j] * q) * gamma[j]) + beta[j]));
  }
}
