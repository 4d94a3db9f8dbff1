/**
 * JSON, from bytes to values (SPEC 3): an own tokenizer, because the language's keeps the last of
 * two equal keys, tells no offsets, and knows no limits.
 *
 * An object becomes a Map, a list an Array; tensor data become Decimals or a Base64Text.
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
import { Cursor, describeByte, isDigit } from "./json_reader/cursor.js";
import { Decimals, readDecimals } from "./json_reader/decimals.js";
import { readNumber } from "./json_reader/number.js";
import { readBase64Text, readText } from "./json_reader/text.js";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What a container is, by its path: this decides which `data` is tensor data. */
const ROOT = 0;
const TENSORS = 1; // /tensors
const TENSOR = 2; // /tensors/*
const DATA = 3; // /tensors/*/data, a list
const OTHER = 4;

/** A container that is being read. */
class Frame {
  /** The key whose value is being read. */
  key = "";

  /**
   * @param {Map<string, unknown> | unknown[] | Decimals} value
   * @param {number} role
   * @param {Frame | null} parent
   * @param {number} depth
   */
  constructor(value, role, parent, depth) {
    this.value = value;
    this.role = role;
    this.parent = parent;
    this.depth = depth;
  }
}

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
  const document = readDocument(cursor);
  cursor.skipSpace();
  if (cursor.at < bytes.length) {
    throw failure(SYNTAX_TRAILING, cursor.at, { got: describeByte(cursor.peek()) });
  }
  return /** @type {Map<string, unknown>} */ (document);
}

/**
 * A loop with its own stack: depth costs no stack of the language's.
 *
 * @param {Cursor} cursor
 * @returns {unknown}
 */
function readDocument(cursor) {
  const { bytes, limits } = cursor;
  let values = 0;
  /** @type {Frame | null} */
  let frame = null;
  for (;;) {
    // A value starts here.
    /** @type {unknown} */
    let value;
    const list = frame?.value;
    if (list instanceof Decimals && readDecimals(cursor, list)) {
      value = NOTHING;
    } else {
      const byte = cursor.peek();
      if (!startsValue(byte)) throw cursor.unexpected("a value");
      if (!(list instanceof Decimals) && ++values > limits.values) {
        throw failure(LIMIT_VALUES, cursor.at, { limit: limits.values });
      }
      if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        frame = open(cursor, byte === OPEN_OBJECT, frame);
        cursor.at++;
        cursor.skipSpace();
        if (cursor.peek() !== (byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_LIST)) {
          if (byte === OPEN_OBJECT) readKey(cursor, frame, "a key or `}`");
          continue;
        }
        cursor.at++;
        value = frame.value;
        frame = frame.parent;
      } else {
        value = readScalar(cursor, frame);
      }
    }
    // A value ends here, and perhaps the containers it stands in.
    for (;;) {
      if (frame === null) return value;
      if (value !== NOTHING) give(frame, value, bytes.length - cursor.at);
      cursor.skipSpace();
      const isObject = frame.value instanceof Map;
      if (cursor.peek() === COMMA) {
        cursor.at++;
        cursor.skipSpace();
        if (isObject) readKey(cursor, frame, "a key");
        break;
      }
      if (cursor.peek() !== (isObject ? CLOSE_OBJECT : CLOSE_LIST)) {
        throw cursor.unexpected(isObject ? "`,` or `}`" : "`,` or `]`");
      }
      cursor.at++;
      value = frame.value;
      frame = frame.parent;
    }
  }
}

/** In place of a value that its container has already. */
const NOTHING = Symbol("nothing");

/**
 * @param {Cursor} cursor at the opening bracket
 * @param {boolean} isObject
 * @param {Frame | null} parent
 */
function open(cursor, isObject, parent) {
  const { limits } = cursor;
  const depth = parent === null ? 1 : parent.depth + 1;
  if (depth > limits.depth) throw failure(LIMIT_DEPTH, cursor.at, { limit: limits.depth });
  const role = roleOf(parent, isObject);
  if (isObject) return new Frame(new Map(), role, parent, depth);
  return new Frame(role === DATA ? new Decimals() : [], role, parent, depth);
}

/**
 * @param {Frame | null} parent
 * @param {boolean} isObject
 */
function roleOf(parent, isObject) {
  if (parent === null) return ROOT;
  if (parent.role === ROOT && parent.key === "tensors" && isObject) return TENSORS;
  if (parent.role === TENSORS && isObject) return TENSOR;
  if (parent.role === TENSOR && parent.key === "data" && !isObject) return DATA;
  return OTHER;
}

/**
 * Reads a key and its colon, up to the first byte of the value.
 *
 * @param {Cursor} cursor
 * @param {Frame} frame
 * @param {string} expected
 */
function readKey(cursor, frame, expected) {
  const members = /** @type {Map<string, unknown>} */ (frame.value);
  const keyAt = cursor.at;
  if (cursor.peek() !== QUOTE) throw cursor.unexpected(expected);
  if (members.size >= cursor.limits.members) {
    throw failure(LIMIT_MEMBERS, keyAt, { limit: cursor.limits.members });
  }
  frame.key = readText(cursor);
  if (members.has(frame.key)) {
    throw failure(SYNTAX_DUPLICATE_KEY, keyAt, { got: quote(frame.key) });
  }
  cursor.skipSpace();
  if (cursor.peek() !== COLON) throw cursor.unexpected("`:`");
  cursor.at++;
  cursor.skipSpace();
}

/**
 * @param {Cursor} cursor at a byte that starts a string, a number or a literal
 * @param {Frame | null} frame
 */
function readScalar(cursor, frame) {
  switch (cursor.peek()) {
    case QUOTE:
      return frame?.role === TENSOR && frame.key === "data"
        ? readBase64Text(cursor)
        : readText(cursor);
    case 0x74:
      return readLiteral(cursor, "true", true);
    case 0x66:
      return readLiteral(cursor, "false", false);
    case 0x6e:
      return readLiteral(cursor, "null", null);
    default:
      return readNumber(cursor);
  }
}

/**
 * @param {Cursor} cursor
 * @param {string} word
 * @param {boolean | null} value
 */
function readLiteral(cursor, word, value) {
  const { bytes, at } = cursor;
  for (let k = 0; k < word.length; k++) {
    if (at + k >= bytes.length) {
      throw failure(SYNTAX_END, bytes.length, { expected: `\`${word}\`` });
    }
    if (bytes[at + k] !== word.charCodeAt(k)) {
      throw failure(SYNTAX_UNEXPECTED, at, { got: "word", expected: `\`${word}\`` });
    }
  }
  cursor.at += word.length;
  return value;
}

/**
 * @param {Frame} frame
 * @param {unknown} value
 * @param {number} remaining
 */
function give(frame, value, remaining) {
  const container = frame.value;
  if (container instanceof Map) container.set(frame.key, value);
  else if (container instanceof Decimals) container.add(value, remaining);
  else container.push(value);
}

/** @param {number} byte */
function startsValue(byte) {
  if (byte === QUOTE || byte === OPEN_OBJECT || byte === OPEN_LIST) return true;
  return byte === 0x2d || isDigit(byte) || byte === 0x74 || byte === 0x66 || byte === 0x6e;
}
