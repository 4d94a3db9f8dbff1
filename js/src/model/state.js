/**
 * A state: what recurrent layers carry from step to step ([run-2]).
 *
 * @import { FloatArray, FloatArrayLike } from "../tensor/arrays.js"
 */

import { RUN_STATE } from "../codes.js";
import { failure } from "../issue.js";

/**
 * The arrays of a layer: h [N, P], and for an lstm c [N, H]; with `_reverse` those of a bidirectional layer's
 * other direction.
 *
 * @template A
 * @typedef {{h: A, c?: A, h_reverse?: A, c_reverse?: A}} StateArrays
 */

/** The name of each recurrent layer → its arrays by name. @typedef {Map<string, StateArrays<FloatArray>>} State */

/** The same as an argument. @typedef {ReadonlyMap<string, StateArrays<FloatArrayLike>>} StateLike */

/**
 * @param {string} expected
 * @param {string} got
 */
export function wrongState(expected, got) {
  return failure(RUN_STATE, "state", { expected, got });
}
