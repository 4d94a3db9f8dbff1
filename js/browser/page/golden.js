/** The shipped net over a thousand tokens, one step at a time: what conformance/golden.json records. */

import { sha256 } from "../src/digest/sha256.js";
import {
  compile,
  encode,
  fingerprint,
  generateText,
  load,
  runtime,
  Session,
} from "../src/index.js";

/**
 * @typedef {object} Found
 * @property {string} kernel
 * @property {string} why there is no better one
 * @property {string} fingerprint
 * @property {number} tokens
 * @property {string} all SHA-256 of outputs and state
 * @property {string} text
 */

/**
 * @param {ArrayBuffer} bytes of the model
 * @param {string} tokens
 * @returns {Found}
 */
export function golden(bytes, tokens) {
  const plan = compile(load(bytes));
  const { model } = plan;
  const ids = encode(/** @type {any} */ (model.inputVocabulary), tokens);
  const session = new Session(plan);
  const outputs = ids.map((id) => session.step([id]));
  const state = [...session.state().values()].flatMap(({ h, c }) =>
    c ? [h.data, c.data] : [h.data],
  );
  return {
    kernel: plan.kernel,
    why: runtime().why,
    fingerprint: fingerprint(model),
    tokens: ids.length,
    all: digest([...outputs, ...state]),
    text: [...generateText(plan, "It is a truth", { count: 60, seed: 3 })].join(""),
  };
}

/** @param {readonly Float32Array[]} arrays */
function digest(arrays) {
  const count = arrays.reduce((sum, { length }) => sum + length, 0);
  const all = new Float32Array(count);
  let at = 0;
  for (const values of arrays) {
    all.set(values, at);
    at += values.length;
  }
  const hex = Array.from(sha256(new Uint8Array(all.buffer)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  return hex.join("");
}
