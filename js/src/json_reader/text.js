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

/** The letters of short escapes, and what they mean. */
const SHORT_ESCAPES = '"\\/bfnrt';
const SHORT_MEANINGS = '"\\/\b\f\n\r\t';

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
  const read = scan(cursor) ? resolve : decodeUtf8;
  const { at, bytes, limits } = cursor;
  const text = read(bytes, quoteAt + 1, at - 1);
  if (at - quoteAt - 2 > limits.string) {
    const length = encodeUtf8(text).length; // escapes are longer than what they mean
    if (length > limits.string) {
      throw failure(LIMIT_STRING, quoteAt, { limit: limits.string, got: length });
    }
  }
  return text;
}

/**
 * Reads the string of tensor data whose opening quote is here: of any length, without a copy.
 *
 * @param {Cursor} cursor
 */
export function readBase64Text(cursor) {
  const start = cursor.at + 1;
  const escaped = scan(cursor);
  const { at, bytes } = cursor;
  if (!escaped) return new Base64Text(bytes.subarray(start, at - 1));
  return new Base64Text(encodeUtf8(resolve(bytes, start, at - 1)));
}

/**
 * Goes past the closing quote, or throws.
 *
 * @param {Cursor} cursor
 * @returns {boolean} whether there are escapes
 */
function scan(cursor) {
  const bytes = cursor.bytes;
  let at = cursor.at + 1;
  let escaped = false;
  for (;;) {
    let byte = bytes[at];
    while (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) byte = bytes[++at];
    if (byte === QUOTE) {
      cursor.at = at + 1;
      return escaped;
    }
    if (byte !== BACKSLASH) {
      cursor.at = at;
      throw cursor.unexpected("a character or a closing quote");
    }
    at = scanEscape(bytes, at);
    escaped = true;
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
    if (shortEscape(bytes[at + 1]) < 0) throw badEscape(at);
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
 * The index of a letter in SHORT_ESCAPES, or -1.
 *
 * @param {number} byte
 */
function shortEscape(byte) {
  return SHORT_ESCAPES.indexOf(String.fromCharCode(byte));
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
      text += SHORT_MEANINGS[shortEscape(bytes[plainEnd + 1])];
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
  return failure(SYNTAX_UNEXPECTED, at, { got: "escape", expected: "an escape of JSON" });
}
