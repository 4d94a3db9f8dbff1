/**
 * rnnspec: reads, checks and runs recurrent nets with the same bits in every language.
 *
 *     const model = load(bytes);
 *     const session = new Session(compile(model));
 *     const y = session.step(x);
 *
 * See SPEC.md for what a file means and what comes out.
 */

/** @import * as Arguments from "./run/arguments.js" */

/** The version of this runtime. */
export const version = "0.1.0-dev.0";

export { generate } from "./decoding.js";
export { fingerprint, structure } from "./digest.js";
export { Issue, RnnspecError } from "./issue.js";
export { DEFAULT_LIMITS } from "./limits.js";
export { load } from "./load.js";
export { Model, Tensor, Vocabulary } from "./model.js";
export { compile, Plan } from "./plan.js";
export { run, Session } from "./run.js";
export { toBytes } from "./save.js";
export { selftest } from "./selftest.js";
export { validate } from "./validate.js";
export { decode, encode } from "./vocabulary.js";

/** @typedef {Arguments.FloatArray} FloatArray */
/** @typedef {Arguments.RunInput} RunInput */
/** @typedef {Arguments.State} State */
