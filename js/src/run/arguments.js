/**
 * What a caller gives, checked in the order of [run-5].
 *
 * @import { Plan, PlanLayer } from "../plan.js"
 * @import { Cell } from "./machine.js"
 */

import { RUN_LENGTH, RUN_NONFINITE_INPUT, RUN_SHAPE, RUN_STATE } from "../codes.js";
import { failure, quote, quoteAll } from "../issue.js";
import { layoutOf } from "../layout.js";
import { elementCount, tiny } from "../tensor.js";
import { checkId } from "../vocabulary.js";

/**
 * An array of float32, row-major.
 *
 * @typedef {object} FloatArray
 * @property {readonly number[]} shape
 * @property {Float32Array} data
 */

/**
 * The same as an argument: any list of numbers will do, each rounded to binary32.
 *
 * @typedef {object} FloatArrayLike
 * @property {readonly number[]} shape
 * @property {ArrayLike<number>} data
 */

/**
 * An input (5.2): for tokens N rows of T ids, for features [N, T, size].
 *
 * @typedef {readonly ArrayLike<number>[] | FloatArrayLike} RunInput
 */

/**
 * A state: the name of each recurrent layer → its arrays by name; for an lstm h and c, both [N, H].
 *
 * @typedef {Map<string, {h: FloatArray, c: FloatArray}>} State
 */

/** The same as an argument. @typedef {ReadonlyMap<string, {h: FloatArrayLike, c: FloatArrayLike}>} StateLike */

/** An input that was checked. */
export class CheckedInput {
  /**
   * @param {number} N
   * @param {number} T
   * @param {readonly ArrayLike<number>[]} rows the ids of each row, or no rows
   * @param {Float32Array} features [N, T, size], or empty
   */
  constructor(N, T, rows, features) {
    this.N = N;
    this.T = T;
    this.rows = rows;
    this.features = features;
    /** The valid steps of each row. */
    this.lengths = new Array(N).fill(T);
  }
}

/**
 * Checks an input with its lengths.
 *
 * @param {Plan} plan
 * @param {RunInput} input
 * @param {ArrayLike<number> | undefined} lengths
 * @returns {CheckedInput}
 * @throws {import("../issue.js").RnnspecError} RUN_SHAPE, RUN_LENGTH, RUN_TOKEN, RUN_NONFINITE_INPUT
 */
export function checkInput(plan, input, lengths) {
  const checked = plan.readsTokens ? tokensOf(input) : featuresOf(plan, input);
  const { N, T } = checked;
  if (lengths !== undefined) {
    if (lengths.length !== N) throw wrongShape("lengths", `[${N}]`, `[${lengths.length}]`);
    for (let n = 0; n < N; n++) {
      const length = lengths[n];
      if (!Number.isInteger(length) || length < 0 || length > T) {
        throw failure(RUN_LENGTH, "lengths", { got: String(length), expected: T });
      }
      checked.lengths[n] = length;
    }
  }
  for (let n = 0; n < N; n++) {
    for (let t = 0; t < checked.lengths[n]; t++) {
      if (plan.readsTokens) checkId(plan.inputSize, checked.rows[n][t], "input");
      else checkFinite(checked.features, (n * T + t) * plan.inputSize, plan.inputSize, "input");
    }
  }
  return checked;
}

/**
 * @param {RunInput} input
 * @returns {CheckedInput}
 */
function tokensOf(input) {
  const expected = "N lists of T ids";
  if (!Array.isArray(input)) throw wrongShape("input", expected, describe(input));
  if (input.length === 0) throw wrongShape("input", expected, "no row");
  const T = input[0]?.length;
  for (const row of input) {
    if (!isList(row)) throw wrongShape("input", expected, `a row that is ${describe(row)}`);
    if (row.length !== T) throw wrongShape("input", expected, `rows of ${T} and ${row.length}`);
  }
  return new CheckedInput(input.length, T, input, new Float32Array(0));
}

/**
 * @param {Plan} plan
 * @param {RunInput} input
 * @returns {CheckedInput}
 */
function featuresOf(plan, input) {
  const expected = `[N, T, ${plan.inputSize}]`;
  if (!isFloatArray(input)) throw wrongShape("input", expected, describe(input));
  const { shape, data } = input;
  if (shape.length !== 3 || shape[0] < 1 || shape[2] !== plan.inputSize) {
    throw wrongShape("input", expected, `[${shape}]`);
  }
  checkData(input, "input");
  return new CheckedInput(shape[0], shape[1], [], toFloat32Array(data));
}

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
    plan.recurrent.map(({ name, width }, k) => {
      const { h, c } = cells[k];
      const shape = [N, width];
      return [name, { h: { shape, data: h.slice() }, c: { shape: [...shape], data: c.slice() } }];
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
    throw wrongState(`the layers ${quoteAll(names)}`, got);
  }
  return plan.recurrent.map((layer) => layerArrays(layer, N, state.get(layer.name)));
}

/**
 * @param {PlanLayer} layer
 * @param {number} N
 * @param {{h: FloatArrayLike, c: FloatArrayLike} | undefined} arrays
 * @returns {Cell}
 */
function layerArrays(layer, N, arrays) {
  const expected = layoutOf(layer.type).state;
  if (typeof arrays !== "object" || arrays === null) {
    throw wrongState(`the layer ${quote(layer.name)}`, "none");
  }
  const given = Object.keys(arrays);
  if (given.length !== expected.length || !expected.every((name) => given.includes(name))) {
    throw wrongState(`the arrays ${quoteAll(expected)}`, quoteAll(given));
  }
  /** @param {FloatArrayLike} array */
  const check = (array) => {
    const shape = [N, layer.width];
    if (!isFloatArray(array) || `${array.shape}` !== `${shape}` || !dataFits(array)) {
      throw wrongState(`[${shape}]`, isFloatArray(array) ? `[${array.shape}]` : describe(array));
    }
    return toFloat32Array(array.data);
  };
  return { h: check(arrays.h), c: check(arrays.c) };
}

/**
 * Refuses what is not finite as a binary32.
 *
 * @param {ArrayLike<number>} values
 * @param {number} start
 * @param {number} count
 * @param {string} place
 * @throws {import("../issue.js").RnnspecError} RUN_NONFINITE_INPUT
 */
export function checkFinite(values, start, count, place) {
  for (let k = start; k < start + count; k++) {
    if (Math.abs(Math.fround(values[k])) < Infinity) continue;
    throw failure(RUN_NONFINITE_INPUT, place, { name: place, got: String(values[k]) });
  }
}

/**
 * @param {string} name
 * @param {string} expected
 * @param {string} got
 */
export function wrongShape(name, expected, got) {
  return failure(RUN_SHAPE, name, { name, expected, got });
}

/**
 * @param {FloatArrayLike} array
 * @param {string} place
 */
function checkData(array, place) {
  if (dataFits(array)) return;
  const count = elementCount(array.shape);
  throw wrongShape(place, `${count} numbers for [${array.shape}]`, `${array.data.length}`);
}

/** @param {FloatArrayLike} array */
function dataFits({ shape, data }) {
  if (!shape.every((size) => Number.isInteger(size) && size >= 0)) return false;
  return data.length === elementCount(shape);
}

/**
 * @param {unknown} value
 * @returns {value is FloatArrayLike}
 */
function isFloatArray(value) {
  if (typeof value !== "object" || value === null) return false;
  const { shape, data } = /** @type {Partial<FloatArrayLike>} */ (value);
  return Array.isArray(shape) && isList(data);
}

/**
 * @param {unknown} value
 * @returns {value is ArrayLike<number>}
 */
function isList(value) {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

/**
 * @param {ArrayLike<number>} data
 * @returns {Float32Array}
 */
function toFloat32Array(data) {
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

/**
 * @param {string} expected
 * @param {string} got
 */
function wrongState(expected, got) {
  return failure(RUN_STATE, "state", { expected, got });
}

/** @param {unknown} value */
function describe(value) {
  if (Array.isArray(value)) return "a list";
  return value === null ? "null" : `a value of type ${typeof value}`;
}
