/**
 * JSON strings ([json-1], [json-5], [json-7], [json-9]).
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
  const { at, bytes, limits } = cursor;
  const [text, start] = readEscaped(cursor);
  const whole = text + decodeUtf8(bytes, start, cursor.at - 1);
  // An escape is longer than what it means, so most strings need no measuring.
  const got = cursor.at - at - 2 > limits.string ? encodeUtf8(whole).length : 0;
  if (got > limits.string) throw failure(LIMIT_STRING, at, { limit: limits.string, got });
  return whole;
}

/**
 * Reads the string of tensor data whose opening quote is here: of any length, mostly without a copy.
 *
 * @param {Cursor} cursor
 */
export function readBase64Text(cursor) {
  const [text, start] = readEscaped(cursor);
  const rest = cursor.bytes.subarray(start, cursor.at - 1);
  return new Base64Text(text === "" ? rest : encodeUtf8(text + decodeUtf8(rest, 0, rest.length)));
}

/**
 * Goes past the closing quote, or throws.
 *
 * @param {Cursor} cursor
 * @returns {[string, number]} the text up to the last escape, and where the rest of it starts
 */
function readEscaped(cursor) {
  const { bytes } = cursor;
  let text = "";
  let start = ++cursor.at;
  for (;;) {
    let byte = cursor.peek();
    while (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) byte = bytes[++cursor.at];
    if (byte === QUOTE) {
      cursor.at++;
      return [text, start];
    }
    if (byte !== BACKSLASH) throw cursor.unexpected("a character or a closing quote");
    text += decodeUtf8(bytes, start, cursor.at) + readEscape(cursor);
    start = cursor.at;
  }
}

/**
 * Reads an escape, or both of a surrogate pair.
 *
 * @param {Cursor} cursor at the backslash
 * @returns {string} what it means
 */
function readEscape(cursor) {
  const { at, bytes } = cursor;
  const letter = bytes[at + 1];
  if (letter !== LOWER_U) {
    const index = SHORT_ESCAPES.indexOf(String.fromCharCode(letter));
    if (index < 0) throw badEscape(bytes, at, at + 1);
    cursor.at += 2;
    return SHORT_MEANINGS[index];
  }
  const high = unitAt(bytes, at);
  cursor.at += 6;
  if (high < 0xd800 || high > 0xdfff) return String.fromCharCode(high);
  if (high < 0xdc00) {
    // It takes one byte more, or two, to see whether an escape \u follows.
    const next = at + 6;
    const isEscape = bytes[next] === BACKSLASH;
    if (next + (isEscape ? 1 : 0) >= bytes.length) throw badEscape(bytes, at, bytes.length);
    if (isEscape && bytes[next + 1] === LOWER_U) {
      const low = unitAt(bytes, next);
      cursor.at += 6;
      if (low >= 0xdc00 && low <= 0xdfff) return String.fromCharCode(high, low);
    }
  }
  throw failure(SYNTAX_SURROGATE, at, { got: `\\u${high.toString(16).toUpperCase()} alone` });
}

/**
 * The code unit of an escape \uXXXX.
 *
 * @param {Uint8Array} bytes
 * @param {number} at its backslash
 */
function unitAt(bytes, at) {
  let unit = 0;
  for (let k = at + 2; k < at + 6; k++) {
    const digit = Number.parseInt(String.fromCharCode(bytes[k]), 16);
    if (Number.isNaN(digit)) throw badEscape(bytes, at, k);
    unit = unit * 16 + digit;
  }
  return unit;
}

/**
 * The error for an escape that can't go on so.
 *
 * @param {Uint8Array} bytes
 * @param {number} at its backslash
 * @param {number} next the byte with which it can't
 */
function badEscape(bytes, at, next) {
  const expected = "an escape of JSON";
  if (next >= bytes.length) return failure(SYNTAX_END, bytes.length, { expected });
  return failure(SYNTAX_UNEXPECTED, at, { got: "escape", expected });
}
