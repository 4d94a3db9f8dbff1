/**
 * `rnnspec/run`: what a page needs to run models, without the rest. Its messages are a code, a place and values;
 * with `rnnspec` in its stead they come in words. (`rnnspec/text` and `rnnspec/fetch` go with it.)
 */

// biome-ignore-all assist/source/organizeImports: the module comes last, so that a compressor has the rest together

export * from "./plain.js"; // but for compile
export { compile } from "../run/native.js";
export { runtime } from "../kernel.js";
