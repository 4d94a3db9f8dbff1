/**
 * `rnnspec/text`: text in and out, and nets that write it, for those who have the rest from `rnnspec/run`.
 */

export { ctc, generate, generateText } from "../decoding.js";
export { decode, encode, TextStream } from "../vocabulary.js";
