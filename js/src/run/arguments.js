/**
 * What a caller gives, checked in the order of [run-5].
 *
 * @import { Plan } from "../plan.js"
 * @import { FloatArrayLike } from "../tensor/arrays.js"
 */

import { RUN_DIRECTION, RUN_LENGTH, RUN_SHAPE } from "../codes.js";
import { failure, quote } from "../issue.js";
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
 * @property {ArrayLike<number>} data ids [N, T] or features [N, T, size]
 * @property {number[]} lengths the valid steps of each row
 */

/**
 * Checks an input with its lengths.
 *
 * @param {Plan} plan
 * @param {RunInput} input
 * @param {ArrayLike<number> | undefined} given the lengths
 * @returns {CheckedInput}
 * @throws {import("../issue.js").RnnspecError} RUN_SHAPE, RUN_LENGTH, RUN_TOKEN, RUN_NONFINITE_INPUT
 */
export function checkInput(plan, input, given) {
  const { inputSize, readsTokens } = plan;
  const expected = readsTokens ? "[N, T] ids, as N lists" : `[N, T, ${inputSize}]`;
  const shape = readsTokens ? [null, null] : [null, null, inputSize];
  const array = readsTokens && !Array.isArray(input) ? null : flatten(input, shape);
  if (array === null || array.shape[0] < 1) throw wrongShape("input", expected, describe(input));
  const { data } = array;
  const [N, T] = array.shape;
  const lengths = new Array(N).fill(T);
  if (given !== undefined) {
    if (!isList(given) || given.length !== N) {
      throw wrongShape("lengths", `[${N}]`, describe(given));
    }
    for (let n = 0; n < N; n++) {
      lengths[n] = given[n];
      if (!Number.isInteger(given[n]) || given[n] < 0 || given[n] > T) {
        throw failure(RUN_LENGTH, "lengths", { got: String(given[n]), expected: T });
      }
    }
  }
  for (let n = 0; n < N; n++) checkValues(plan, data, n * T, lengths[n], "input");
  return { N, T, data, lengths };
}

/**
 * @param {Plan} plan
 * @param {ArrayLike<number>} values
 * @param {number} start the first step
 * @param {number} steps
 * @param {string} place
 */
function checkValues({ inputSize, readsTokens }, values, start, steps, place) {
  if (!readsTokens) checkFinite(values, start * inputSize, steps * inputSize, place);
  else for (let t = start; t < start + steps; t++) checkId(inputSize, values[t], place);
}

/**
 * Checks what `Session.step` is given.
 *
 * @param {Plan} plan
 * @param {number} N
 * @param {StepInput} x
 * @param {Float32Array} out
 * @returns {ArrayLike<number>} x, flat
 * @throws {import("../issue.js").RnnspecError} RUN_DIRECTION, RUN_SHAPE, RUN_TOKEN, RUN_NONFINITE_INPUT
 */
export function checkStep(plan, N, x, out) {
  const { backward, inputSize, readsTokens, width } = plan;
  if (backward) {
    const { direction: got, name, type } = backward;
    throw failure(RUN_DIRECTION, "x", { got: got ?? type, name: quote(name) });
  }
  const count = readsTokens ? N : N * inputSize;
  const isFlat = isList(x) && x.length === count && typeof x[0] !== "object";
  const flat = isFlat ? /** @type {ArrayLike<number>} */ (x) : flattenStep(plan, N, x);
  if (!(out instanceof Float32Array) || out.length !== N * width) {
    throw wrongShape("out", `a Float32Array of [${N}, ${width}]`, describe(out));
  }
  checkValues(plan, flat, 0, N, "x");
  return flat;
}

/**
 * @param {Plan} plan
 * @param {number} N
 * @param {unknown} x
 */
function flattenStep({ inputSize, readsTokens }, N, x) {
  const shape = readsTokens ? [N] : [N, inputSize];
  const flat = flatten(x, shape);
  if (flat === null) throw wrongShape("x", `[${shape.join(", ")}]`, describe(x));
  return flat.data;
}

/**
 * @param {string} name
 * @param {string} expected
 * @param {string} got
 */
export function wrongShape(name, expected, got) {
  return failure(RUN_SHAPE, name, { name, expected, got });
}
