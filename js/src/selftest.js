/**
 * Runs a model's examples (SPEC 9.3).
 *
 * @import { Example, ExampleState, Model } from "./model.js"
 * @import { StateLike } from "./model/state.js"
 * @import { Plan } from "./plan.js"
 * @import { FloatArray } from "./tensor/arrays.js"
 */

import { RnnspecError } from "./issue.js";
import { run } from "./run.js";

/**
 * What a self-test found. With `exact` examples alone a file is internally consistent, never verified.
 *
 * @typedef {object} SelftestResult
 * @property {number} exact how many examples of this kind were run
 * @property {number} reference
 * @property {number[]} failed the indexes of those that did not come out
 */

/**
 * Runs the examples of a plan's model and compares ([example-1], [example-2]).
 *
 * @param {Plan} plan
 * @returns {SelftestResult}
 */
export function selftest(plan) {
  const result = { exact: 0, reference: 0, failed: /** @type {number[]} */ ([]) };
  for (const [k, example] of (plan.model.examples ?? []).entries()) {
    result[example.kind]++;
    if (!passes(plan, example)) result.failed.push(k);
  }
  return result;
}

/**
 * @param {Plan} plan
 * @param {Example} example
 */
function passes(plan, example) {
  const { model } = plan;
  const { lengths } = example;
  const input = typeof example.input === "string" ? arrayOf(model, example.input) : example.input;
  const state = example.state === undefined ? undefined : stateOf(model, example.state);
  let got;
  try {
    got = run(plan, input, { lengths, state });
  } catch (error) {
    if (error instanceof RnnspecError) return false; // the net overflows on this input
    throw error;
  }
  const expected = arrayOf(model, example.output);
  const close = closeness(example);
  if (!outputAgrees(got.output, expected, example, close)) return false;
  for (const [name, names] of example.finalState ?? []) {
    for (const [array, tensor] of names) {
      const arrays = /** @type {Record<string, FloatArray>} */ (got.state.get(name));
      if (!allAgree(arrays[array].data, arrayOf(model, tensor).data, close)) return false;
    }
  }
  return true;
}

/**
 * How two numbers are compared: within its tolerance for a reference example; bit for bit, null, for an exact one.
 *
 * @param {Example} example
 * @returns {((y: number, r: number) => boolean) | null}
 */
function closeness({ kind, tolerance = 0 }) {
  if (kind === "exact") return null;
  return (y, r) => Math.abs(y - r) <= tolerance * Math.max(1, Math.abs(r));
}

/**
 * A reference example says nothing about steps that are not valid.
 *
 * @param {FloatArray} got
 * @param {FloatArray} expected
 * @param {Example} example
 * @param {((y: number, r: number) => boolean) | null} close
 */
function outputAgrees(got, expected, { kind, lengths }, close) {
  const hasTime = got.shape.length === 3;
  const [N, T] = hasTime ? got.shape : [got.shape[0], 1];
  const width = got.shape[got.shape.length - 1];
  for (let n = 0; n < N; n++) {
    const steps = kind === "exact" || !hasTime ? T : (lengths?.[n] ?? T);
    const start = n * T * width;
    const end = start + steps * width;
    if (!allAgree(got.data.subarray(start, end), expected.data.subarray(start, end), close)) {
      return false;
    }
  }
  return true;
}

/**
 * @param {Float32Array} got
 * @param {Float32Array} expected
 * @param {((y: number, r: number) => boolean) | null} close
 */
function allAgree(got, expected, close) {
  if (got.length !== expected.length) return false;
  if (close) return got.every((y, k) => close(y, expected[k]));
  const bits = words(expected);
  return words(got).every((word, k) => word === bits[k]);
}

/**
 * Bits as integers: where subnormal numbers are flushed to zero, a wrong one would equal 0 as a number.
 *
 * @param {Float32Array} data
 */
function words(data) {
  return new Uint32Array(data.buffer, data.byteOffset, data.length);
}

/**
 * @param {Model} model
 * @param {string} name
 * @returns {FloatArray}
 */
function arrayOf(model, name) {
  const tensor = model.tensor(name);
  return { shape: tensor.shape, data: tensor.toFloat32Array() };
}

/**
 * @param {Model} model
 * @param {ExampleState} state
 * @returns {StateLike}
 */
function stateOf(model, state) {
  /** @type {Map<string, any>} */
  const arrays = new Map();
  for (const [name, members] of state) {
    const entries = [...members].map(([array, tensor]) => [array, arrayOf(model, tensor)]);
    arrays.set(name, Object.fromEntries(entries));
  }
  return arrays;
}
