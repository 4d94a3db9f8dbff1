/** One time step of one row of an Elman net (SPEC 13.3). What a cell has to do is bound before. */

import { chain, clipAll } from "../activation.js";
import { copy, nonFiniteAt } from "../tensor.js";

/** @import { Sweep } from "../activation.js" */
/** @import { Layer } from "../model.js" */

/**
 * A recurrent layer, made ready to run.
 *
 * @typedef {object} Recurrent
 * @property {Layer} layer
 * @property {number} I
 * @property {number} H
 * @property {Readonly<Record<"own" | "gates" | "candidate" | "output", Sweep>>} functions `own` is that of an
 *   elman; those that its type does not have are the identity
 * @property {number} limit `clip`; Infinity where there is none
 */

/** Role → values after T, row-major; what a layer leaves out is undefined. @typedef {Readonly<Record<string, Float32Array>>} Parameters */

/**
 * One time step of row n: reads x from `at` on, replaces the row's state, and writes the output into y from
 * `to` on. It tells whether h, c and u are finite ([finite-1]).
 *
 * @typedef {(x: Float32Array, at: number, n: number, y: Float32Array, to: number) => boolean} Step
 */

/**
 * [elman-1].
 *
 * @param {Recurrent} layer
 * @param {Parameters} parameters W [I, H], R [H, H], b [H]
 * @param {Float32Array} h [N, H]
 * @returns {Step}
 */
export function elman({ I, H, functions, limit }, { W, R, b = new Float32Array(H) }, h) {
  const { own } = functions;
  const a = new Float32Array(H); // the pre-activations
  return (x, at, n, y, to) => {
    const row = n * H;
    a.set(b);
    chain(a, x, at, I, W, H);
    chain(a, h, row, H, R, H); // reads the old h
    clipAll(a, limit);
    own(a, 0, H);
    return keep(a, h, row, y, to);
  };
}

/**
 * The end of a step.
 *
 * @param {Float32Array} hidden the new h
 * @param {Float32Array} h
 * @param {number} row where it goes to in h
 * @param {Float32Array} y
 * @param {number} to where it goes to in y
 * @returns {boolean} whether it is finite; if not, it goes nowhere
 */
export function keep(hidden, h, row, y, to) {
  if (nonFiniteAt(hidden) >= 0) return false;
  copy(h, row, hidden, 0, hidden.length);
  copy(y, to, hidden, 0, hidden.length);
  return true;
}
