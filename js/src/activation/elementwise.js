/** The activations of SPEC 12.6: elementwise functions with their alpha and beta. */

import { exp, log, sigmoid, tanh } from "../activation.js";
import { fround, tiny } from "../tensor.js";

/** @import { Sweep } from "../activation.js" */

/** The functions that nets are made of, at once. @type {Readonly<Record<string, Sweep>>} */
const SWEEPS = { tanh, sigmoid };

/**
 * The others, of an element in its place. T comes after them.
 *
 * @type {Readonly<Record<string, (y: Float32Array, k: number, alpha: number, beta: number) => void>>}
 */
const FUNCTIONS = {
  relu: (y, k) => {
    if (y[k] < 0) y[k] = 0;
  },
  leaky_relu: (y, k, alpha) => {
    if (y[k] < 0) y[k] *= alpha;
  },
  elu: (y, k, alpha) => {
    if (y[k] < 0) {
      exp(y, k, k + 1);
      y[k] = alpha * fround(y[k] - 1);
    }
  },
  softplus: (y, k) => {
    const x = y[k];
    y[k] = -Math.abs(x);
    exp(y, k, k + 1);
    y[k]++;
    log(y, k, k + 1);
    y[k] += x < 0 ? 0 : x;
  },
  softsign: (y, k) => {
    y[k] /= fround(1 + Math.abs(y[k]));
  },
  hard_sigmoid: (y, k, alpha, beta) => {
    y[k] = fround(alpha * y[k]) + beta;
    clamp(y, k, 0);
  },
  hard_tanh: (y, k) => clamp(y, k, -1),
  thresholded_relu: (y, k, alpha) => {
    if (y[k] <= alpha) y[k] = 0;
  },
  scaled_tanh: (y, k, alpha, beta) => {
    y[k] *= beta;
    tanh(y, k, k + 1);
    y[k] *= alpha;
  },
};

/**
 * The function of an activation. It is looked up here, so that nothing is in the time loop.
 *
 * @param {{function?: string | undefined, alpha?: number | undefined, beta?: number | undefined}} [activation] of a model: alpha and beta are rounded to binary32, then T; the identity
 *   where there is none, and for the functions of whole rows
 * @returns {Sweep} T is in it
 */
export function sweepOf({ function: name = "", alpha = 0, beta = 0 } = {}) {
  const apply = FUNCTIONS[name];
  const a = tiny(fround(alpha));
  const b = tiny(fround(beta));
  return (
    SWEEPS[name] ??
    ((values, first, end) => {
      for (let k = first; k < end; k++) {
        apply?.(values, k, a, b);
        values[k] = tiny(values[k]);
      }
    })
  );
}

/**
 * @param {Float32Array} y
 * @param {number} k
 * @param {number} lowest
 */
function clamp(y, k, lowest) {
  if (y[k] < lowest) y[k] = lowest;
  if (1 < y[k]) y[k] = 1;
}
