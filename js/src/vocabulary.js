/**
 * Text to ids and back (SPEC 7).
 *
 * @import { Vocabulary } from "./model.js"
 */

import { RUN_TEXT, RUN_TOKEN } from "./codes.js";
import { failure, quote } from "./issue.js";
import { encodeUtf8 } from "./json_reader/utf8.js";
import { LongestMatch } from "./vocabulary/longest_match.js";
import { Utf8Stream } from "./vocabulary/utf8_stream.js";

/** Half a surrogate pair: a string may hold it, but it is no text. */
const HALF_PAIR = /\p{Surrogate}/u;

/**
 * The ids of a text ([vocabulary-2]). Nothing is normalised.
 *
 * @param {Vocabulary} vocabulary
 * @param {string} text
 * @returns {number[]}
 * @throws {import("./issue.js").RnnspecError} RUN_TEXT for what the vocabulary lacks, if it has no `unknown` id;
 *   for half a surrogate pair always
 * @throws {TypeError} if the text is no string
 */
export function encode(vocabulary, text) {
  if (typeof text !== "string") throw new TypeError(`text: expected a string, got ${typeof text}`);
  const half = HALF_PAIR.exec(text);
  if (half !== null) throw failure(RUN_TEXT, "text", { got: quote(half[0]) });
  const index = indexOf(vocabulary);
  const ids = [];
  for (const piece of piecesOf(vocabulary, index, text)) {
    const id = index.ids.get(piece) ?? vocabulary.unknown;
    if (id === undefined) throw failure(RUN_TEXT, "text", { got: quote(piece) });
    ids.push(id);
  }
  return ids;
}

/**
 * Each token that has text, or each byte, and its lowest id; and these tokens sorted, where that was needed.
 *
 * @typedef {{ids: Map<string | number, number>, match?: LongestMatch}} Index
 */

/** The indexes of the vocabularies that needed one. @type {WeakMap<Vocabulary, Index>} */
const indexes = new WeakMap();

/**
 * @param {Vocabulary} vocabulary
 * @returns {Index}
 */
function indexOf(vocabulary) {
  let index = indexes.get(vocabulary);
  if (index === undefined) {
    index = { ids: new Map() };
    for (let id = vocabulary.size - 1; id >= 0; id--) {
      const token = vocabulary.tokens[id];
      if (!vocabulary.isSpecial(id) && token !== "") index.ids.set(token, id);
    }
    indexes.set(vocabulary, index);
  }
  return index;
}

/**
 * @param {Vocabulary} vocabulary
 * @param {Index} index
 * @param {string} text
 * @returns {Iterable<string | number>}
 */
function piecesOf({ separator, unit }, index, text) {
  if (unit === "byte") return encodeUtf8(text);
  if (unit === "codepoint") return text;
  if (separator !== undefined) return text.split(separator).filter((piece) => piece !== "");
  index.match ??= new LongestMatch(/** @type {Iterable<string>} */ (index.ids.keys()));
  return index.match.cut(text);
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
  const stream = new TextStream(vocabulary);
  let text = "";
  for (const id of ids) text += stream.piece(id);
  return text + stream.end();
}

/** Text while ids arrive ([vocabulary-5]): all the pieces together are what `decode` gives. */
export class TextStream {
  #vocabulary;
  #bytes = new Utf8Stream();
  #started = false;

  /** @param {Vocabulary} vocabulary */
  constructor(vocabulary) {
    this.#vocabulary = vocabulary;
  }

  /**
   * The text that is complete with one id more; often all of its token, and with unit `byte` often nothing yet.
   *
   * @param {number} id
   * @returns {string}
   * @throws {import("./issue.js").RnnspecError} RUN_TOKEN
   */
  piece(id) {
    const { separator = "", size, tokens } = this.#vocabulary;
    checkId(size, id, "ids");
    const token = tokens[id];
    if (token === "" || this.#vocabulary.isSpecial(id)) return "";
    if (typeof token === "number") return this.#bytes.push(token);
    const before = this.#started ? separator : "";
    this.#started = true;
    return before + token;
  }

  /**
   * The text that was held back, when no id follows. Then the stream is as new.
   *
   * @returns {string}
   */
  end() {
    this.#started = false;
    return this.#bytes.end();
  }
}

/**
 * @param {number} size V
 * @param {unknown} id
 * @param {string} place the argument it comes from
 * @throws {import("./issue.js").RnnspecError} RUN_TOKEN unless it is an integer from 0 to V-1
 */
export function checkId(size, id, place) {
  if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id < size) return;
  throw failure(RUN_TOKEN, place, { got: quote(id), expected: size - 1 });
}
