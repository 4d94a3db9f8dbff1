/**
 * What a caller gives, checked in the order of [run-5].
 *
 * @import { Plan } from "../plan.js"
 * @import { FloatArrayLike } from "../tensor/arrays.js"
 */

import { RUN_LENGTH, RUN_SHAPE } from "../codes.js";
import { failure } from "../issue.js";
import { checkFinite, describe, flatten, isList } from "../tensor/arrays.js";
import { checkId } from "../vocabulary.js";

/**
 * An input (5.2): for tokens N lists of T ids; for features `{shape: [N, T, size], data}` or N lists of T lists.
 *
 * @typedef {readonly ArrayLike<number>[] | readonly (readonly ArrayLike<number>[])[] | FloatArrayLike} RunInput
 */

/** One time step: N ids, or [N, size] numbers, flat or as N lists. @typedef {ArrayLike<number> | readonly ArrayLike<number>[]} StepInput */

/**
 * An input that was checked.
 *
 * @typedef {object} CheckedInput
 * @property {number} N
 * @property {number} T
 * @property {readonly ArrayLike<number>[]} rows the ids of each row, or no rows
 * @property {ArrayLike<number>} features [N, T, size], or empty
 * @property {number[]} lengths the valid steps of each row
 */

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
  checked.lengths = new Array(N).fill(T);
  if (lengths !== undefined) {
    if (!isList(lengths) || lengths.length !== N) {
      throw wrongShape("lengths", `[${N}]`, describe(lengths));
    }
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
 * @param {unknown} input
 * @returns {CheckedInput}
 */
function tokensOf(input) {
  const expected = "[N, T] ids, as N lists";
  if (!Array.isArray(input) || input.length === 0 || !input.every(isList)) {
    throw wrongShape("input", expected, describe(input));
  }
  const T = input[0].length;
  for (const row of input) {
    if (row.length !== T) throw wrongShape("input", expected, `rows of ${T} and ${row.length}`);
  }
  return { N: input.length, T, rows: input, features: [], lengths: [] };
}

/**
 * @param {Plan} plan
 * @param {unknown} input
 * @returns {CheckedInput}
 */
function featuresOf({ inputSize }, input) {
  const array = flatten(input, [null, null, inputSize]);
  if (array === null || array.shape[0] < 1) {
    throw wrongShape("input", `[N, T, ${inputSize}]`, describe(input));
  }
  const [N, T] = array.shape;
  return { N, T, rows: [], features: array.data, lengths: [] };
}

/**
 * Checks what `Session.step` is given.
 *
 * @param {Plan} plan
 * @param {number} N
 * @param {StepInput} x
 * @param {Float32Array} out
 * @returns {ArrayLike<number>} x, flat
 * @throws {import("../issue.js").RnnspecError} RUN_SHAPE, RUN_TOKEN, RUN_NONFINITE_INPUT
 */
export function checkStep({ inputSize, readsTokens, width }, N, x, out) {
  const shape = readsTokens ? [N] : [N, inputSize];
  const count = readsTokens ? N : N * inputSize;
  const isFlat = isList(x) && x.length === count && !isList(x[0]);
  const flat = isFlat ? /** @type {ArrayLike<number>} */ (x) : flatten(x, shape)?.data;
  if (flat === undefined) throw wrongShape("x", `[${shape.join(", ")}]`, describe(x));
  if (!(out instanceof Float32Array) || out.length !== N * width) {
    throw wrongShape("out", `a Float32Array of [${N}, ${width}]`, describe(out));
  }
  if (readsTokens) for (let n = 0; n < N; n++) checkId(inputSize, flat[n], "x");
  else checkFinite(flat, 0, count, "x");
  return flat;
}

/**
 * @param {string} name
 * @param {string} expected
 * @param {string} got
 */
export function wrongShape(name, expected, got) {
  return failure(RUN_SHAPE, name, { name, expected, got });
}
