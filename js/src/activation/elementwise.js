/** The activations of SPEC 12.6: elementwise functions with their alpha and beta. */

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
 * @param {{function?: string | undefined, alpha?: number | undefined, beta?: number | undefined}} [activation] of a model: alpha and beta are rounded to binary32, then T; the identity
 *   where there is none, and for the functions of whole rows
 * @returns {Elementwise}
 */
export function bind({ function: name = "", alpha = 0, beta = 0 } = {}) {
  return (BIND[name] ?? BIND.linear)(tiny(fround(alpha)), tiny(fround(beta)));
}

/** The same of elements from `first` up to `end`, in place. @typedef {(values: Float32Array, first: number, end: number) => void} Sweep */

/**
 * The function of an activation, over arrays. Of the two that nets are made of, no number leaves the loop: a number that
 * a function gives back is an object to be collected.
 *
 * @param {Parameters<typeof bind>[0]} activation
 * @returns {Sweep}
 */
export function sweepOf(activation) {
  if (activation?.function === "tanh") return tanhAll;
  if (activation?.function === "sigmoid") return sigmoidAll;
  const apply = bind(activation);
  return (values, first, end) => {
    for (let k = first; k < end; k++) values[k] = apply(values[k]);
  };
}

/** @type {Sweep} */
function tanhAll(values, first, end) {
  for (let k = first; k < end; k++) values[k] = tanh(values[k]);
}

/** @type {Sweep} */
function sigmoidAll(values, first, end) {
  for (let k = first; k < end; k++) values[k] = sigmoid(values[k]);
}

/**
 * @param {number} x
 * @param {number} lowest
 */
function clamp(x, lowest) {
  const l = x < lowest ? lowest : x;
  return tiny(1 < l ? 1 : l);
}
