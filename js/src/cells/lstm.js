/** One time step of one row of an LSTM with its options (SPEC 13.4). */

import { chain, clipAll } from "../activation.js";
import { copy, fround, nonFiniteAt, tinyAll } from "../tensor.js";
import { keep } from "./elman.js";

/** @import { Parameters, Recurrent, Step } from "./elman.js" */

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
  const u = new Float32Array(H); // c', output(c'), u
  const hidden = Q ? new Float32Array(P) : u;

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
    gates(a, 0, g0);
    candidate(a, g0, o0);
    for (let j = 0; j < H; j++) {
      let f = a[f0 + j];
      let i = a[j];
      if (isInputCoupled) i = fround(1 - f);
      if (isForgetCoupled) f = fround(1 - i);
      u[j] = fround(f * c[cRow + j]) + fround(i * a[g0 + j]);
    }
    clipAll(tinyAll(u), cellLimit);
    if (nonFiniteAt(u) >= 0) return false;
    copy(c, cRow, u, 0, H);
    if (p) peep(shifted, cRow, g0, o0);
    clipAll(a, limit, o0);
    gates(a, o0, columns);
    output(u, 0, H);
    for (let j = 0; j < H; j++) u[j] = a[o0 + j] * u[j];
    if (nonFiniteAt(tinyAll(u)) >= 0) return false;
    if (Q) {
      hidden.set(qb);
      chain(hidden, u, 0, H, Q, P);
      clipAll(tinyAll(hidden), projectionLimit);
    }
    return keep(hidden, h, hRow, y, to);
  };
}
