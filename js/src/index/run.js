/**
 * `rnnspec/run`: what a page needs to run models, without the rest. Its messages are a code, a place and values;
 * with `rnnspec` in its stead they come in words. (`rnnspec/fetch` is `fetchModel` alone.)
 */

/** The version of this runtime. */
export const version = "0.1.0-dev.0";

export { generate, generateText } from "../decoding.js";
export { RnnspecError } from "../issue.js";
export { load } from "../load.js";
export { compile } from "../plan.js";
export { run, Session } from "../run.js";
export { decode, encode } from "../vocabulary.js";
