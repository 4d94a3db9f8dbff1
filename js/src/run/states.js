/**
 * States as callers give and get them ([run-2], [run-5], [run-6]).
 *
 * @import { State, StateLike } from "../model/state.js"
 * @import { Plan, PlanLayer } from "../plan.js"
 * @import { FloatArrayLike } from "../tensor/arrays.js"
 * @import { Cell } from "./machine.js"
 */

import { quote, quoteAll } from "../issue.js";
import { layoutOf } from "../layout.js";
import { wrongState } from "../model/state.js";
import { checkFinite, describe, flatten, toFloat32Array } from "../tensor/arrays.js";
import { tiny } from "../tensor.js";

/**
 * Takes a given state over, after T ([tiny-2]).
 *
 * @param {Plan} plan
 * @param {number} N
 * @param {StateLike} state
 * @param {Cell[]} cells where it goes; untouched if it does not fit
 * @throws {import("../issue.js").RnnspecError} RUN_STATE, RUN_NONFINITE_INPUT
 */
export function readState(plan, N, state, cells) {
  const given = stateArrays(plan, N, state);
  for (const { h, c } of given) {
    checkFinite(h, 0, h.length, "state");
    checkFinite(c, 0, c.length, "state");
  }
  for (const [k, { h, c }] of given.entries()) {
    for (let i = 0; i < h.length; i++) cells[k].h[i] = tiny(h[i]);
    for (let i = 0; i < c.length; i++) cells[k].c[i] = tiny(c[i]);
  }
}

/**
 * A copy of the states of cells.
 *
 * @param {Plan} plan
 * @param {number} N
 * @param {readonly Cell[]} cells
 * @returns {State}
 */
export function writeState(plan, N, cells) {
  return new Map(
    plan.recurrent.map(({ name, type, width }, k) => {
      /** @param {Float32Array} values */
      const array = (values) => ({ shape: [N, width], data: values.slice() });
      const h = array(cells[k].h);
      return [name, layoutOf(type).state.includes("c") ? { h, c: array(cells[k].c) } : { h }];
    }),
  );
}

/**
 * @param {Plan} plan
 * @param {number} N
 * @param {StateLike} state
 * @returns {Cell[]}
 */
function stateArrays(plan, N, state) {
  const names = plan.recurrent.map(({ name }) => name);
  if (!(state instanceof Map) || state.size !== names.length) {
    const got = state instanceof Map ? quoteAll(state.keys()) : describe(state);
    throw wrongState(`a Map with the layers ${quoteAll(names)}`, got);
  }
  return plan.recurrent.map((layer) => layerArrays(layer, N, state.get(layer.name)));
}

/**
 * @param {PlanLayer} layer
 * @param {number} N
 * @param {Record<string, FloatArrayLike> | undefined} arrays
 * @returns {Cell}
 */
function layerArrays({ name, type, width }, N, arrays) {
  const expected = layoutOf(type).state;
  if (typeof arrays !== "object" || arrays === null) {
    throw wrongState(`the layer ${quote(name)}`, "none");
  }
  const given = Object.keys(arrays);
  if (given.length !== expected.length || !expected.every((array) => given.includes(array))) {
    throw wrongState(`the arrays ${quoteAll(expected)}`, quoteAll(given));
  }
  /** @param {FloatArrayLike} array */
  const check = (array) => {
    const flat = flatten(array, [N, width]);
    if (flat === null) throw wrongState(`[${N}, ${width}]`, describe(array));
    return toFloat32Array(flat.data);
  };
  const c = expected.includes("c") ? check(arrays.c) : new Float32Array(0);
  return { h: check(arrays.h), c };
}
