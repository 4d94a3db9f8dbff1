/**
 * JSON strings ([json-1], [json-5], [json-7], [json-9]): first scanned, which finds every fault, then
 * resolved, which can't fail.
 *
 * @import { Cursor } from "./cursor.js"
 */

import { LIMIT_STRING, SYNTAX_END, SYNTAX_SURROGATE, SYNTAX_UNEXPECTED } from "../codes.js";
import { failure } from "../issue.js";
import { decodeUtf8, encodeUtf8 } from "./utf8.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LOWER_U = 0x75;

/** @type {ReadonlyMap<number, string>} */
const SHORT_ESCAPES = new Map([
  [0x22, '"'],
  [0x5c, "\\"],
  [0x2f, "/"],
  [0x62, "\b"],
  [0x66, "\f"],
  [0x6e, "\n"],
  [0x72, "\r"],
  [0x74, "\t"],
]);

/** A string that is tensor data: its characters as bytes, not yet judged as base64. */
export class Base64Text {
  /** @param {Uint8Array} bytes UTF-8; a view of the input where no escape stands in it */
  constructor(bytes) {
    this.bytes = bytes;
  }
}

/**
 * Reads the string whose opening quote is here.
 *
 * @param {Cursor} cursor
 * @returns {string}
 */
export function readText(cursor) {
  const quoteAt = cursor.at;
  const length = scan(cursor);
  const { bytes, limits } = cursor;
  if (length > limits.string) {
    throw failure(LIMIT_STRING, quoteAt, { limit: limits.string, got: length });
  }
  const plain = length === cursor.at - quoteAt - 2; // every escape is longer than what it means
  const read = plain ? decodeUtf8 : resolve;
  return read(bytes, quoteAt + 1, cursor.at - 1);
}

/**
 * Reads the string of tensor data whose opening quote is here: of any length, without a copy.
 *
 * @param {Cursor} cursor
 */
export function readBase64Text(cursor) {
  const start = cursor.at + 1;
  const length = scan(cursor);
  const end = cursor.at - 1;
  if (length === end - start) return new Base64Text(cursor.bytes.subarray(start, end));
  return new Base64Text(encodeUtf8(resolve(cursor.bytes, start, end)));
}

/**
 * Goes past the closing quote, or throws.
 *
 * @param {Cursor} cursor
 * @returns {number} the length of the string in bytes of UTF-8, after escapes are resolved
 */
function scan(cursor) {
  const bytes = cursor.bytes;
  let at = cursor.at + 1;
  let saved = 0; // bytes that the escapes take beyond what they mean
  for (;;) {
    let byte = bytes[at];
    while (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) byte = bytes[++at];
    if (byte === QUOTE) {
      const length = at - cursor.at - 1 - saved;
      cursor.at = at + 1;
      return length;
    }
    if (byte !== BACKSLASH) {
      cursor.at = at;
      throw cursor.unexpected("a character of the string or its closing quote");
    }
    const escapeAt = at;
    at = scanEscape(bytes, at);
    saved += at - escapeAt - escapeLength(bytes, escapeAt);
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at the backslash
 * @returns {number} the offset after the escape, or after both halves of a pair
 */
function scanEscape(bytes, at) {
  if (at + 1 >= bytes.length) throw end(bytes);
  if (bytes[at + 1] !== LOWER_U) {
    if (!SHORT_ESCAPES.has(bytes[at + 1])) throw badEscape(at);
    return at + 2;
  }
  const unit = scanUnit(bytes, at);
  if (unit < 0xd800 || unit > 0xdfff) return at + 6;
  if (unit < 0xdc00) {
    // It takes one byte more, or two, to see whether an escape \u follows.
    const next = at + 6;
    if (next >= bytes.length) throw end(bytes);
    if (bytes[next] === BACKSLASH && next + 1 >= bytes.length) throw end(bytes);
    if (bytes[next] === BACKSLASH && bytes[next + 1] === LOWER_U) {
      const low = scanUnit(bytes, next);
      if (low >= 0xdc00 && low <= 0xdfff) return at + 12;
    }
  }
  throw failure(SYNTAX_SURROGATE, at, { got: `\\u${unit.toString(16).toUpperCase()} alone` });
}

/**
 * The code unit of an escape \uXXXX.
 *
 * @param {Uint8Array} bytes
 * @param {number} at its backslash
 */
function scanUnit(bytes, at) {
  for (let k = at + 2; k < at + 6; k++) {
    if (k >= bytes.length) throw end(bytes);
    if (hexDigit(bytes[k]) < 0) throw badEscape(at);
  }
  return unitAt(bytes, at);
}

/**
 * How many bytes of UTF-8 a sound escape means.
 *
 * @param {Uint8Array} bytes
 * @param {number} at
 */
function escapeLength(bytes, at) {
  if (bytes[at + 1] !== LOWER_U) return 1;
  const unit = unitAt(bytes, at);
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit <= 0xdbff ? 4 : 3;
}

/**
 * The text of a string that was scanned.
 *
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} end
 */
function resolve(bytes, start, end) {
  let text = "";
  let at = start;
  while (at < end) {
    const found = bytes.indexOf(BACKSLASH, at);
    const plainEnd = found < 0 || found > end ? end : found;
    text += decodeUtf8(bytes, at, plainEnd);
    if (plainEnd === end) break;
    if (bytes[plainEnd + 1] === LOWER_U) {
      text += String.fromCharCode(unitAt(bytes, plainEnd)); // a pair comes as two units
      at = plainEnd + 6;
    } else {
      text += SHORT_ESCAPES.get(bytes[plainEnd + 1]);
      at = plainEnd + 2;
    }
  }
  return text;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} at
 */
function unitAt(bytes, at) {
  const upper = (hexDigit(bytes[at + 2]) << 12) | (hexDigit(bytes[at + 3]) << 8);
  return upper | (hexDigit(bytes[at + 4]) << 4) | hexDigit(bytes[at + 5]);
}

/**
 * The value of a hexadecimal digit, or -1.
 *
 * @param {number} byte
 */
function hexDigit(byte) {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** @param {Uint8Array} bytes */
function end(bytes) {
  return failure(SYNTAX_END, bytes.length, { expected: "the rest of an escape" });
}

/** @param {number} at */
function badEscape(at) {
  const expected = 'one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX';
  return failure(SYNTAX_UNEXPECTED, at, { got: "escape", expected });
}
