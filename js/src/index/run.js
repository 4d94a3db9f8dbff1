/**
 * `rnnspec/run`: what a page needs to run models, without the rest. Its messages are a code, a place and values;
 * with `rnnspec` in its stead they come in words. (`rnnspec/text` and `rnnspec/fetch` go with it.)
 */

/** The version of this runtime. */
export const version = "0.1.0-dev.0";

export { RnnspecError } from "../issue.js";
export { load } from "../load.js";
export { compile } from "../plan.js";
export { run, Session } from "../run.js";
