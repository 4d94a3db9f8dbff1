/**
 * msgpack, from bytes to values (SPEC 4). A map becomes a Map, an array an Array, bin a view of the
 * input. Reading goes as deep into the language's stack as the limit `depth` lets it.
 *
 * @import { Limits } from "./limits.js"
 */

import {
  LIMIT_DEPTH,
  LIMIT_MEMBERS,
  LIMIT_STRING,
  LIMIT_VALUES,
  SYNTAX_DUPLICATE_KEY,
  SYNTAX_END,
  SYNTAX_FORMAT,
  SYNTAX_KEY,
  SYNTAX_NUMBER_RANGE,
  SYNTAX_TRAILING,
  SYNTAX_UTF8,
} from "./codes.js";
import { failure, quote } from "./issue.js";
import { describeByte } from "./json_reader/cursor.js";
import { decodeUtf8, illFormedAt } from "./json_reader/utf8.js";

/**
 * Reads a document.
 *
 * @param {Uint8Array} bytes starting with the format byte of a map
 * @param {Readonly<Limits>} limits
 * @returns {Map<string, unknown>}
 * @throws {import("./issue.js").RnnspecError} one issue of the stage syntax
 */
export function readMsgpack(bytes, limits) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let values = 0;

  /** The kind of the value that starts here ([msgpack-1]). */
  function kindHere() {
    if (at >= bytes.length) throw failure(SYNTAX_END, at, { expected: "a value" });
    const kind = kindOf(bytes[at]);
    if (kind === "") throw failure(SYNTAX_FORMAT, at, { got: describeByte(bytes[at]) });
    return kind;
  }

  /**
   * Goes past a format byte and the bytes that belong to it, if they are there.
   *
   * @param {number} size
   * @returns {number} the format byte
   */
  function pass(size) {
    if (size >= bytes.length - at) {
      throw failure(SYNTAX_END, at, { expected: `${size} more bytes` });
    }
    const format = bytes[at];
    at += 1 + size;
    return format;
  }

  /** Goes past a format byte and its length field, and gives the length. */
  function readLength() {
    const format = bytes[at];
    if (format < 0xc0) return pass(0) & (format < 0xa0 ? 0x0f : 0x1f); // fixmap, fixarray, fixstr
    const size = lengthSize(format);
    pass(size);
    return numberAt(view, UINT[size], at - size);
  }

  /**
   * Goes past a str or bin.
   *
   * @returns {Uint8Array} its content
   */
  function readBytes() {
    const formatAt = at;
    const length = readLength();
    if (length > bytes.length - at) {
      throw failure(SYNTAX_END, formatAt, { expected: `${length} bytes` });
    }
    at += length;
    return bytes.subarray(at - length, at);
  }

  /** @returns {string} */
  function readText() {
    const formatAt = at;
    const content = readBytes();
    const got = content.length;
    if (got > limits.string) throw failure(LIMIT_STRING, formatAt, { limit: limits.string, got });
    const bad = illFormedAt(content, 0, got);
    if (bad >= 0) throw failure(SYNTAX_UTF8, at - got + bad, { got: describeByte(content[bad]) });
    return decodeUtf8(content, 0, got);
  }

  /** @returns {number} the nearest binary64, never -0 */
  function readNumber() {
    const formatAt = at;
    const format = bytes[at];
    if (format < 0x80 || format >= 0xe0) {
      at++;
      return format < 0x80 ? format : format - 0x100;
    }
    pass(NUMBER_SIZES[format - 0xca]);
    const value = numberAt(view, format, formatAt + 1);
    if (!Number.isFinite(value))
      throw failure(SYNTAX_NUMBER_RANGE, formatAt, { got: String(value) });
    return value + 0; // -0 + 0 = 0
  }

  /**
   * @param {boolean} isMap
   * @param {number} depth
   */
  function readContainer(isMap, depth) {
    const formatAt = at;
    const count = readLength();
    if (depth > limits.depth) throw failure(LIMIT_DEPTH, formatAt, { limit: limits.depth });
    if (count * (isMap ? 2 : 1) > bytes.length - at) {
      throw failure(SYNTAX_END, formatAt, {
        expected: `${count} ${isMap ? "members" : "elements"}`,
      });
    }
    if (isMap && count > limits.members) {
      throw failure(LIMIT_MEMBERS, formatAt, { limit: limits.members });
    }
    /** @type {Map<string, unknown>} */
    const members = new Map();
    const elements = [];
    for (let k = 0; k < count; k++) {
      if (!isMap) {
        elements.push(readValue(depth));
        continue;
      }
      const keyAt = at;
      const kind = kindHere();
      if (kind !== "str") throw failure(SYNTAX_KEY, keyAt, { got: kind });
      const key = readText();
      if (members.has(key)) throw failure(SYNTAX_DUPLICATE_KEY, keyAt, { got: quote(key) });
      members.set(key, readValue(depth));
    }
    return isMap ? members : elements;
  }

  /**
   * @param {number} depth of what it stands in
   * @returns {unknown}
   */
  function readValue(depth) {
    const kind = kindHere();
    if (++values > limits.values) throw failure(LIMIT_VALUES, at, { limit: limits.values });
    if (kind === "str") return readText();
    if (kind === "bin") return readBytes();
    if (kind === "number") return readNumber();
    if (kind === "nil") at++;
    if (kind === "nil") return null;
    if (kind === "bool") return bytes[at++] === 0xc3;
    return readContainer(kind === "map", depth + 1);
  }

  const document = readValue(0);
  if (at < bytes.length) throw failure(SYNTAX_TRAILING, at, { got: describeByte(bytes[at]) });
  return /** @type {Map<string, unknown>} */ (document);
}

/** The formats uint 8, 16 and 32, by their sizes. */
const UINT = [0, 0xcc, 0xcd, 0, 0xce];

/** The formats CA to D3: float 32, 64, uint 8 to 64, int 8 to 64. */
const NUMBER_SIZES = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8];
const NUMBER_TYPES = /** @type {const} */ ([
  "Float32",
  "Float64",
  "Uint8",
  "Uint16",
  "Uint32",
  null, // no number of the language's
  "Int8",
  "Int16",
  "Int32",
  null,
]);

/**
 * The size of the length field of a bin, str, array or map.
 *
 * @param {number} format
 */
function lengthSize(format) {
  if (format >= 0xdc) return 2 << (format & 1); // array 16, 32, map 16, 32
  return 1 << (format >= 0xd9 ? format - 0xd9 : format - 0xc4); // str 8, 16, 32; bin 8, 16, 32
}

/** Where the kinds of formats begin. @type {readonly (readonly [number, string])[]} */
const KINDS = [
  [0xe0, "number"],
  [0xde, "map"],
  [0xdc, "array"],
  [0xd9, "str"],
  [0xd4, ""], // ext
  [0xca, "number"],
  [0xc7, ""], // ext
  [0xc4, "bin"],
  [0xc2, "bool"],
  [0xc1, ""],
  [0xc0, "nil"],
  [0xa0, "str"],
  [0x90, "array"],
  [0x80, "map"],
  [0x00, "number"],
];

/**
 * @param {number} format
 * @returns {string} empty for what is not allowed
 */
function kindOf(format) {
  return KINDS.find(([first]) => format >= first)?.[1] ?? "";
}

/**
 * @param {DataView} view
 * @param {number} format
 * @param {number} at
 */
function numberAt(view, format, at) {
  const type = NUMBER_TYPES[format - 0xca];
  if (type !== null) return view[`get${type}`](at);
  const upper = format === 0xcf ? view.getUint32(at) : view.getInt32(at);
  return upper * 2 ** 32 + view.getUint32(at + 4); // one rounding
}
