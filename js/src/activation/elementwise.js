/**
 * The activations of SPEC 12.6: elementwise functions with their alpha and beta.
 *
 * @import { Activation } from "../model.js"
 */

import { exp, log, sigmoid, tanh } from "../activation.js";
import { tiny } from "../tensor.js";

const { abs, fround } = Math;

/** A function of one binary32, after T. @typedef {(x: number) => number} Elementwise */

/**
 * Each function, bound to its alpha and beta.
 *
 * @type {Readonly<Record<string, (alpha: number, beta: number) => Elementwise>>}
 */
const BIND = {
  linear: () => tiny,
  tanh: () => tanh,
  sigmoid: () => sigmoid,
  relu: () => (x) => tiny(x < 0 ? 0 : x),
  leaky_relu: (alpha) => (x) => tiny(x < 0 ? fround(alpha * x) : x),
  elu: (alpha) => (x) => tiny(x < 0 ? fround(alpha * fround(exp(x) - 1)) : x),
  softplus: () => (x) => tiny(fround((x < 0 ? 0 : x) + log(fround(1 + exp(-abs(x)))))),
  softsign: () => (x) => tiny(fround(x / fround(1 + abs(x)))),
  hard_sigmoid: (alpha, beta) => (x) => clamp(fround(fround(alpha * x) + beta), 0),
  hard_tanh: () => (x) => clamp(x, -1),
  thresholded_relu: (alpha) => (x) => tiny(x <= alpha ? 0 : x),
  scaled_tanh: (alpha, beta) => (x) => tiny(fround(alpha * tanh(fround(beta * x)))),
};

/**
 * The function of an activation. It is looked up here, so that nothing is in the time loop.
 *
 * @param {Pick<Activation, "function" | "alpha" | "beta">} activation of a model: alpha and beta are rounded
 *   to binary32, then T
 * @returns {Elementwise}
 */
export function bind({ function: name, alpha = 0, beta = 0 }) {
  return BIND[name](tiny(fround(alpha)), tiny(fround(beta)));
}

/**
 * @param {number} x
 * @param {number} lowest
 */
function clamp(x, lowest) {
  const l = x < lowest ? lowest : x;
  return tiny(1 < l ? 1 : l);
}
