/**
 * States as callers give and get them ([run-2], [run-5], [run-6]).
 *
 * @import { State, StateLike } from "../model/state.js"
 * @import { Plan } from "../plan.js"
 */

import { quote, quoteAll } from "../issue.js";
import { wrongState } from "../model/state.js";
import { checkFinite, describe, flatten } from "../tensor/arrays.js";
import { tinyAll } from "../tensor.js";

/**
 * The arrays of the initial state, those of a plan in order ([run-2]).
 *
 * @param {Plan} plan
 * @param {number} N
 */
export function initialState(plan, N) {
  return plan.state.map(({ size, initial }) => {
    const values = new Float32Array(N * size);
    for (let n = 0; n < N && initial; n++) values.set(initial, n * size);
    return values;
  });
}

/**
 * The arrays of a given state, after T ([tiny-2]).
 *
 * @param {Plan} plan
 * @param {number} N
 * @param {StateLike} state
 * @returns {Float32Array[]}
 * @throws {import("../issue.js").RnnspecError} RUN_STATE, RUN_NONFINITE_INPUT
 */
export function readState(plan, N, state) {
  /** @type {Map<string, string[]>} */
  const expected = new Map();
  for (const { layer, array } of plan.state) {
    expected.set(layer, [...(expected.get(layer) ?? []), array]);
  }
  const given = state instanceof Map ? quoteAll(state.keys()) : describe(state);
  if (!(state instanceof Map) || state.size !== expected.size) {
    throw wrongState(`a Map with the layers ${quoteAll(expected.keys())}`, given);
  }
  for (const [layer, arrays] of expected) {
    const names = Object.keys(state.get(layer) ?? {});
    if (names.length !== arrays.length || !arrays.every((name) => names.includes(name))) {
      throw wrongState(`${quote(layer)} with ${quoteAll(arrays)}`, quoteAll(names));
    }
  }
  const read = plan.state.map(({ layer, array, size }) => {
    const value = state.get(layer)[array];
    const flat = flatten(value, [N, size]);
    if (flat === null) throw wrongState(`[${N}, ${size}]`, describe(value));
    return Float32Array.from(flat.data);
  });
  for (const values of read) checkFinite(values, 0, values.length, "state");
  return read.map((values) => tinyAll(values));
}

/**
 * A state, for the caller.
 *
 * @param {Plan} plan
 * @param {number} N
 * @param {readonly Float32Array[]} arrays of nobody else's
 * @returns {State}
 */
export function writeState(plan, N, arrays) {
  /** @type {Map<string, any>} */
  const state = new Map();
  for (const [k, { layer, array, size }] of plan.state.entries()) {
    const value = { shape: [N, size], data: arrays[k] };
    state.set(layer, { ...state.get(layer), [array]: value });
  }
  return state;
}
