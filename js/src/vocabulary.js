/**
 * Text to ids and back (SPEC 7).
 *
 * @import { Vocabulary } from "./model.js"
 */

import { RUN_TEXT, RUN_TOKEN } from "./codes.js";
import { failure, quote } from "./issue.js";

/**
 * The ids of a text ([vocabulary-2]).
 *
 * @param {Vocabulary} vocabulary
 * @param {string} text
 * @returns {number[]}
 * @throws {import("./issue.js").RnnspecError} RUN_TEXT
 */
export function encode(vocabulary, text) {
  const ids = [];
  for (const character of text) {
    const id = vocabulary.idOf(character) ?? vocabulary.unknown;
    if (id === undefined) throw failure(RUN_TEXT, "text", { got: quote(character) });
    ids.push(id);
  }
  return ids;
}

/**
 * The text of ids ([vocabulary-3]).
 *
 * @param {Vocabulary} vocabulary
 * @param {Iterable<number>} ids
 * @returns {string}
 * @throws {import("./issue.js").RnnspecError} RUN_TOKEN
 */
export function decode(vocabulary, ids) {
  let text = "";
  for (const id of ids) {
    checkId(vocabulary.size, id, "ids");
    if (!vocabulary.isSpecial(id)) text += vocabulary.tokens[id];
  }
  return text;
}

/**
 * @param {number} size V
 * @param {unknown} id
 * @param {string} place the argument it comes from
 * @throws {import("./issue.js").RnnspecError} RUN_TOKEN unless it is an integer from 0 to V-1
 */
export function checkId(size, id, place) {
  if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id < size) return;
  throw failure(RUN_TOKEN, place, { got: describeId(id), expected: size - 1 });
}

/** @param {unknown} id */
function describeId(id) {
  return typeof id === "number" ? String(id) : `a ${typeof id}`;
}
