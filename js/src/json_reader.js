/**
 * JSON, from bytes to values (SPEC 3): an own tokenizer, because the language's keeps the last of
 * two equal keys, tells no offsets, and knows no limits.
 *
 * An object becomes a Map, a list an Array; tensor data become Decimals or a Base64Text. Reading goes as deep into
 * the language's stack as the limit `depth` lets it.
 *
 * @import { Limits } from "./limits.js"
 */

import {
  LIMIT_DEPTH,
  LIMIT_MEMBERS,
  LIMIT_VALUES,
  SYNTAX_DUPLICATE_KEY,
  SYNTAX_END,
  SYNTAX_TRAILING,
  SYNTAX_UNEXPECTED,
} from "./codes.js";
import { failure, quote } from "./issue.js";
import { Cursor, describeByte } from "./json_reader/cursor.js";
import { Decimals, readDecimals } from "./json_reader/decimals.js";
import { readNumber } from "./json_reader/number.js";
import { readBase64Text, readText } from "./json_reader/text.js";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;

/** What a value is, by its path: this decides what is tensor data. */
const ROOT = 0;
const TENSORS = 1; // /tensors
const TENSOR = 2; // /tensors/*
const DATA = 3; // /tensors/*/data or scale
const OTHER = 4;

/** @type {Readonly<Record<string, boolean | null>>} */
const LITERALS = { t: true, f: false, n: null };

/**
 * Reads a document.
 *
 * @param {Uint8Array} bytes well-formed UTF-8 that starts, after white space, with `{`
 * @param {Readonly<Limits>} limits
 * @returns {Map<string, unknown>}
 * @throws {import("./issue.js").RnnspecError} one issue of the stage syntax
 */
export function readJson(bytes, limits) {
  const cursor = new Cursor(bytes, limits);
  cursor.skipSpace();
  const document = readValue(cursor, ROOT, 0);
  cursor.skipSpace();
  if (cursor.at < bytes.length) {
    throw failure(SYNTAX_TRAILING, cursor.at, { got: describeByte(cursor.peek()) });
  }
  return /** @type {Map<string, unknown>} */ (document);
}

/**
 * @param {Cursor} cursor
 * @param {number} role
 * @param {number} depth of what it stands in
 * @param {boolean} [counts] whether it does: elements of tensor data do not
 * @returns {unknown}
 */
function readValue(cursor, role, depth, counts = true) {
  const { at, limits } = cursor;
  const byte = cursor.peek();
  const letter = String.fromCharCode(byte);
  if (!/["[{tfn\d-]/.test(letter)) throw cursor.unexpected("a value");
  if (counts && ++cursor.values > limits.values) {
    throw failure(LIMIT_VALUES, at, { limit: limits.values });
  }
  if (byte === QUOTE) return role === DATA ? readBase64Text(cursor) : readText(cursor);
  if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
    if (depth >= limits.depth) throw failure(LIMIT_DEPTH, at, { limit: limits.depth });
    cursor.at++;
    cursor.skipSpace();
    return byte === OPEN_OBJECT
      ? readObject(cursor, role, depth + 1)
      : readList(cursor, role, depth + 1);
  }
  if (letter in LITERALS) return readLiteral(cursor, String(LITERALS[letter]), LITERALS[letter]);
  return readNumber(cursor);
}

/**
 * @param {Cursor} cursor behind the opening bracket
 * @param {number} role
 * @param {number} depth
 */
function readObject(cursor, role, depth) {
  /** @type {Map<string, unknown>} */
  const members = new Map();
  readItems(cursor, "}", () => {
    const { at, limits } = cursor;
    if (cursor.peek() !== QUOTE) throw cursor.unexpected("a key");
    if (members.size >= limits.members) throw failure(LIMIT_MEMBERS, at, { limit: limits.members });
    const key = readText(cursor);
    if (members.has(key)) throw failure(SYNTAX_DUPLICATE_KEY, at, { got: quote(key) });
    cursor.skipSpace();
    if (cursor.peek() !== COLON) throw cursor.unexpected("`:`");
    cursor.at++;
    cursor.skipSpace();
    members.set(key, readValue(cursor, roleOf(role, key), depth));
  });
  return members;
}

/**
 * The role of a member.
 *
 * @param {number} role of the object
 * @param {string} key
 */
function roleOf(role, key) {
  if (role === ROOT && key === "tensors") return TENSORS;
  if (role === TENSORS) return TENSOR;
  return role === TENSOR && (key === "data" || key === "scale") ? DATA : OTHER;
}

/**
 * @param {Cursor} cursor behind the opening bracket
 * @param {number} role
 * @param {number} depth
 */
function readList(cursor, role, depth) {
  /** @type {unknown[]} */
  const elements = [];
  const decimals = new Decimals();
  const isData = role === DATA;
  readItems(cursor, "]", () => {
    if (!isData) elements.push(readValue(cursor, OTHER, depth));
    else if (!readDecimals(cursor, decimals)) {
      decimals.add(readValue(cursor, OTHER, depth, false), cursor.bytes.length - cursor.at);
    }
  });
  return isData ? decimals : elements;
}

/**
 * Members or elements with commas between them, and the closing bracket.
 *
 * @param {Cursor} cursor behind the opening bracket
 * @param {string} close
 * @param {() => void} readItem reads one, or several with their commas
 */
function readItems(cursor, close, readItem) {
  const end = close.charCodeAt(0);
  if (cursor.peek() !== end) {
    for (;;) {
      readItem();
      cursor.skipSpace();
      if (cursor.peek() !== COMMA) break;
      cursor.at++;
      cursor.skipSpace();
    }
    if (cursor.peek() !== end) throw cursor.unexpected(`\`,\` or \`${close}\``);
  }
  cursor.at++;
}

/**
 * @param {Cursor} cursor
 * @param {string} word
 * @param {boolean | null} value
 */
function readLiteral(cursor, word, value) {
  const { bytes, at } = cursor;
  for (const letter of word) {
    if (cursor.peek() !== letter.charCodeAt(0)) {
      const expected = `\`${word}\``;
      if (cursor.at >= bytes.length) throw failure(SYNTAX_END, bytes.length, { expected });
      throw failure(SYNTAX_UNEXPECTED, at, { got: "word", expected });
    }
    cursor.at++;
  }
  return value;
}
