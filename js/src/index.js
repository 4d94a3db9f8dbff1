/**
 * rnnspec: reads, checks and runs recurrent nets with the same bits in every language.
 *
 *     const model = load(bytes);
 *     const session = new Session(compile(model));
 *     const y = session.step(x);
 *
 * See SPEC.md for what a file means and what comes out. `rnnspec/run` is the part of it that runs models,
 * without the texts of its messages.
 */

import { inWords } from "./issue/words.js";
import { tellWith } from "./issue.js";

tellWith(inWords);

export { fingerprint, structure } from "./digest.js";
export * from "./index/fetch.js";
export * from "./index/run.js";
export * from "./index/text.js";
export { Issue } from "./issue.js";
export { DEFAULT_LIMITS } from "./limits.js";
export { Model, Tensor, Vocabulary } from "./model.js";
export { Plan } from "./plan.js";
export { toBytes } from "./save.js";
export { loadState, stateToBytes, validateState } from "./saved_state.js";
export { selftest } from "./selftest.js";
export { validate } from "./validate.js";

/** @import * as Arguments from "./run/arguments.js" */
/** @import * as Arrays from "./tensor/arrays.js" */
/** @import * as States from "./model/state.js" */
/** @import * as LimitTypes from "./limits.js" */
/** @import * as Validate from "./validate.js" */
/** @import * as Decoding from "./decoding.js" */
/** @import * as Fetch from "./load/fetch.js" */

/** @typedef {Arrays.FloatArray} FloatArray */
/** @typedef {Arrays.FloatArrayLike} FloatArrayLike */
/** @typedef {Arguments.RunInput} RunInput */
/** @typedef {Arguments.StepInput} StepInput */
/** @typedef {States.State} State */
/** @typedef {States.StateLike} StateLike */
/** @typedef {LimitTypes.Limits} Limits */
/** @typedef {Validate.ReadOptions} ReadOptions */
/** @typedef {Decoding.GenerateOptions} GenerateOptions */
/** @typedef {Fetch.FetchOptions} FetchOptions */
