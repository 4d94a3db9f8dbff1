/** One time step of one row of a GRU (SPEC 13.5). */

import { chain, clip, clipAll } from "../activation.js";
import { nonFiniteAt, tiny } from "../tensor.js";

/** @import { Parameters, Recurrent, Step } from "./elman.js" */

const { abs, fround } = Math;

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
  return (x, at, n, y, to) => {
    const row = n * H;
    a.set(b);
    chain(a, x, at, I, W, columns);
    chain(a, h, row, H, R, columns, 0, n0);
    clipAll(a, limit, 0, n0);
    for (let j = 0; j < n0; j++) a[j] = gates(a[j]);
    if (isBefore) {
      // [gru-2]
      for (let k = 0; k < H; k++) d[k] = tiny(fround(a[k] * h[row + k]));
      if (nonFiniteAt(d, H) >= 0) return false;
      chain(a, d, 0, H, R, columns, n0);
    } else {
      // [gru-3]
      d.set(rb, n0);
      chain(d, h, row, H, R, columns, n0);
      for (let j = 0; j < H; j++) a[n0 + j] = a[n0 + j] + tiny(fround(a[j] * d[n0 + j]));
    }
    let finite = true;
    for (let j = 0; j < H; j++) {
      const z = a[H + j];
      const g = candidate(clip(a[n0 + j], limit));
      const hidden = tiny(fround(fround(fround(1 - z) * g) + fround(z * h[row + j])));
      finite = finite && abs(hidden) < Infinity;
      h[row + j] = hidden;
      y[to + j] = hidden;
    }
    return finite;
  };
}
