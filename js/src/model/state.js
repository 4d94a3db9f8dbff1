/**
 * A state: what recurrent layers carry from step to step ([run-2]).
 *
 * @import { FloatArray, FloatArrayLike } from "../tensor/arrays.js"
 */

import { RUN_STATE } from "../codes.js";
import { failure } from "../issue.js";

/**
 * The name of each recurrent layer → its arrays by name, each [N, H]: h, and for an lstm c.
 *
 * @typedef {Map<string, {h: FloatArray, c?: FloatArray}>} State
 */

/** The same as an argument. @typedef {ReadonlyMap<string, {h: FloatArrayLike, c?: FloatArrayLike}>} StateLike */

/**
 * @param {string} expected
 * @param {string} got
 */
export function wrongState(expected, got) {
  return failure(RUN_STATE, "state", { expected, got });
}
