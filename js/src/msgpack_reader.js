/**
 * msgpack, from bytes to values (SPEC 4). A map becomes a Map, an array an Array, bin a view of the
 * input.
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

/** A container that is being read. */
class Frame {
  /** The key whose value is being read. */
  key = "";

  /**
   * @param {Map<string, unknown> | unknown[]} value
   * @param {number} left members or elements that are still to be read
   * @param {Frame | null} parent
   * @param {number} depth
   */
  constructor(value, left, parent, depth) {
    this.value = value;
    this.left = left;
    this.parent = parent;
    this.depth = depth;
  }
}

/**
 * Reads a document.
 *
 * @param {Uint8Array} bytes starting with the format byte of a map
 * @param {Readonly<Limits>} limits
 * @returns {Map<string, unknown>}
 * @throws {import("./issue.js").RnnspecError} one issue of the stage syntax
 */
export function readMsgpack(bytes, limits) {
  const reader = new Reader(bytes, limits);
  const document = reader.readDocument();
  if (reader.at < bytes.length) {
    throw failure(SYNTAX_TRAILING, reader.at, { got: describeByte(bytes[reader.at]) });
  }
  return /** @type {Map<string, unknown>} */ (document);
}

/** The bytes and a place in them. */
class Reader {
  /**
   * @param {Uint8Array} bytes
   * @param {Readonly<Limits>} limits
   */
  constructor(bytes, limits) {
    this.bytes = bytes;
    this.limits = limits;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  /** A loop with its own stack: depth costs no stack of the language's. */
  readDocument() {
    let values = 0;
    /** @type {Frame | null} */
    let frame = null;
    for (;;) {
      if (frame?.value instanceof Map) frame.key = this.#readKey(frame.value);
      const formatAt = this.at;
      const kind = this.#kind();
      if (++values > this.limits.values) {
        throw failure(LIMIT_VALUES, formatAt, { limit: this.limits.values });
      }
      /** @type {unknown} */
      let value;
      if (kind === "map" || kind === "array") {
        /** @type {Frame} */
        const opened = this.#open(kind === "map", frame);
        if (opened.left > 0) {
          frame = opened;
          continue;
        }
        value = opened.value;
      } else {
        value = this.#readScalar(kind);
      }
      // A value ends here, and perhaps the containers it stands in.
      for (;;) {
        if (frame === null) return value;
        if (frame.value instanceof Map) frame.value.set(frame.key, value);
        else frame.value.push(value);
        if (--frame.left > 0) break;
        value = frame.value;
        frame = frame.parent;
      }
    }
  }

  /** What the format byte here announces ([msgpack-1]). */
  #kind() {
    if (this.at >= this.bytes.length) {
      throw failure(SYNTAX_END, this.at, { expected: "a value" });
    }
    const kind = kindOf(this.bytes[this.at]);
    if (kind === null)
      throw failure(SYNTAX_FORMAT, this.at, { got: describeByte(this.bytes[this.at]) });
    return kind;
  }

  /**
   * @param {boolean} isMap
   * @param {Frame | null} parent
   */
  #open(isMap, parent) {
    const { bytes, limits } = this;
    const formatAt = this.at;
    const count = this.#readLength();
    const depth = parent === null ? 1 : parent.depth + 1;
    if (depth > limits.depth) throw failure(LIMIT_DEPTH, formatAt, { limit: limits.depth });
    if (count * (isMap ? 2 : 1) > bytes.length - this.at) {
      throw failure(SYNTAX_END, formatAt, {
        expected: `${count} ${isMap ? "members" : "elements"}`,
      });
    }
    if (isMap && count > limits.members) {
      throw failure(LIMIT_MEMBERS, formatAt, { limit: limits.members });
    }
    return new Frame(isMap ? new Map() : [], count, parent, depth);
  }

  /** @param {Map<string, unknown>} members those read before */
  #readKey(members) {
    const formatAt = this.at;
    const kind = this.#kind();
    if (kind !== "str") throw failure(SYNTAX_KEY, formatAt, { got: kind });
    const key = this.#readText();
    if (members.has(key)) throw failure(SYNTAX_DUPLICATE_KEY, formatAt, { got: quote(key) });
    return key;
  }

  /** @param {string} kind */
  #readScalar(kind) {
    switch (kind) {
      case "str":
        return this.#readText();
      case "bin": {
        const start = this.#readExtent();
        return this.bytes.subarray(start, this.at);
      }
      case "nil":
        this.at++;
        return null;
      case "bool":
        return this.bytes[this.at++] === 0xc3;
      default:
        return this.#readNumber();
    }
  }

  /** @returns {string} */
  #readText() {
    const formatAt = this.at;
    const start = this.#readExtent();
    const length = this.at - start;
    const limit = this.limits.string;
    if (length > limit) throw failure(LIMIT_STRING, formatAt, { limit, got: length });
    const bad = illFormedAt(this.bytes, start, this.at);
    if (bad >= 0) throw failure(SYNTAX_UTF8, bad, { got: describeByte(this.bytes[bad]) });
    return decodeUtf8(this.bytes, start, this.at);
  }

  /**
   * Goes past a str or bin.
   *
   * @returns {number} where its content starts
   */
  #readExtent() {
    const formatAt = this.at;
    const length = this.#readLength();
    if (length > this.bytes.length - this.at) {
      throw failure(SYNTAX_END, formatAt, { expected: `${length} bytes` });
    }
    const start = this.at;
    this.at += length;
    return start;
  }

  /** Goes past a format byte and its length field, and gives the length. */
  #readLength() {
    const format = this.bytes[this.at];
    if (format < 0x90) return this.#pass(0) & 0x0f; // fixmap
    if (format < 0xa0) return this.#pass(0) & 0x0f; // fixarray
    if (format < 0xc0) return this.#pass(0) & 0x1f; // fixstr
    const size = lengthSize(format);
    this.#pass(size);
    return numberAt(this.view, UINT[size], this.at - size);
  }

  /**
   * Goes past a format byte and the bytes that belong to it, if they are there.
   *
   * @param {number} size
   * @returns {number} the format byte
   */
  #pass(size) {
    if (size >= this.bytes.length - this.at) {
      throw failure(SYNTAX_END, this.at, { expected: `${size} more bytes` });
    }
    const format = this.bytes[this.at];
    this.at += 1 + size;
    return format;
  }

  /** @returns {number} the nearest binary64, never -0 */
  #readNumber() {
    const formatAt = this.at;
    const format = this.bytes[formatAt];
    if (format < 0x80 || format >= 0xe0) {
      this.at++;
      return format < 0x80 ? format : format - 0x100;
    }
    this.#pass(NUMBER_SIZES[format - 0xca]);
    const value = numberAt(this.view, format, formatAt + 1);
    if (!Number.isFinite(value)) {
      throw failure(SYNTAX_NUMBER_RANGE, formatAt, { got: String(value) });
    }
    return value + 0; // -0 + 0 = 0
  }
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

/**
 * @param {number} format
 * @returns {"nil" | "bool" | "number" | "str" | "bin" | "array" | "map" | null}
 */
function kindOf(format) {
  if (format < 0x80 || format >= 0xe0) return "number";
  if (format < 0x90 || format >= 0xde) return "map";
  if (format < 0xa0 || format >= 0xdc) return "array";
  if (format < 0xc0 || format >= 0xd9) return "str";
  if (format === 0xc0) return "nil";
  if (format === 0xc2 || format === 0xc3) return "bool";
  if (format >= 0xc4 && format <= 0xc6) return "bin";
  if (format >= 0xca && format <= 0xd3) return "number";
  return null;
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
