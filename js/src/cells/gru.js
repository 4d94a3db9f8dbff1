/** One time step of one row of a GRU (SPEC 13.5). */

import { chain, clipAll } from "../activation.js";
import { fround, nonFiniteAt, tinyAll } from "../tensor.js";
import { keep } from "./elman.js";

/** @import { Parameters, Recurrent, Step } from "./elman.js" */

/**
 * [gru-1] to [gru-4].
 *
 * @param {Recurrent} recurrent
 * @param {Parameters} parameters W [I, 3H], R [H, 3H], b [3H], rb [H]
 * @param {Float32Array} h [N, H]
 * @returns {Step}
 */
export function gru({ layer, I, H, functions, limit }, parameters, h) {
  const columns = 3 * H; // the blocks r, z, n
  const { W, R, b = new Float32Array(columns), rb = new Float32Array(H) } = parameters;
  const { gates, candidate } = functions;
  const isBefore = layer.reset === "before";
  const n0 = 2 * H;
  const a = new Float32Array(columns); // the pre-activations, then r and z in the first two blocks
  const d = new Float32Array(columns); // u in the first block, or d of [gru-3] in the third
  const hidden = new Float32Array(H);
  return (x, at, n, y, to) => {
    const row = n * H;
    a.set(b);
    chain(a, x, at, I, W, columns);
    chain(a, h, row, H, R, columns, 0, n0);
    clipAll(a, limit, 0, n0);
    gates(a, 0, n0);
    if (isBefore) {
      // [gru-2]
      for (let k = 0; k < H; k++) d[k] = a[k] * h[row + k];
      tinyAll(d, 0, H);
      if (nonFiniteAt(d, H) >= 0) return false;
      chain(a, d, 0, H, R, columns, n0);
    } else {
      // [gru-3]
      d.set(rb, n0);
      chain(d, h, row, H, R, columns, n0);
      for (let j = 0; j < H; j++) d[n0 + j] = a[j] * d[n0 + j];
      tinyAll(d, n0);
      for (let j = n0; j < columns; j++) a[j] = a[j] + d[j];
    }
    clipAll(a, limit, n0);
    candidate(a, n0, columns);
    for (let j = 0; j < H; j++) {
      const z = a[H + j];
      hidden[j] = fround(fround(1 - z) * a[n0 + j]) + fround(z * h[row + j]);
    }
    return keep(tinyAll(hidden), h, row, y, to);
  };
}
