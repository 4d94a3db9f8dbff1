/**
 * `rnnspec/plain`: `rnnspec/run` without its kernel, for pages that may not compile WebAssembly, or to which bytes are
 * dearer than time. The bits are the same.
 */

/** The version of this runtime. */
export const version = "0.1.0-dev.0";

export { RnnspecError } from "../issue.js";
export { load } from "../load.js";
export { compile } from "../plan.js";
export { run, Session } from "../run.js";
