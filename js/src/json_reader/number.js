/**
 * JSON numbers ([json-1], [json-6], [json-10]).
 *
 * @import { Cursor } from "./cursor.js"
 */

import { LIMIT_NUMBER, SYNTAX_NUMBER_RANGE } from "../codes.js";
import { failure, quote } from "../issue.js";
import { isDigit } from "./cursor.js";

/**
 * Reads the number whose first byte is here.
 *
 * @param {Cursor} cursor
 * @returns {number} the nearest binary64, never -0
 */
export function readNumber(cursor) {
  const { bytes, limits } = cursor;
  const start = cursor.at;
  if (cursor.peek() === 0x2d) cursor.at++; // -
  if (cursor.peek() === 0x30) {
    cursor.at++; // a 0 stands alone: what follows it belongs to what follows the number
  } else {
    skipDigits(cursor);
  }
  if (cursor.peek() === 0x2e) {
    cursor.at++; // .
    skipDigits(cursor);
  }
  if (cursor.peek() === 0x65 || cursor.peek() === 0x45) {
    cursor.at++; // e
    if (cursor.peek() === 0x2b || cursor.peek() === 0x2d) cursor.at++; // + -
    skipDigits(cursor);
  }
  const length = cursor.at - start;
  if (length > limits.number) {
    throw failure(LIMIT_NUMBER, start, { limit: limits.number, got: length });
  }
  const value = numberOf(bytes, start, cursor.at);
  if (!Number.isFinite(value)) {
    const got = quote(textOf(bytes, start, cursor.at));
    throw failure(SYNTAX_NUMBER_RANGE, start, { got });
  }
  return value;
}

/**
 * The binary64 nearest to a number that was scanned; the language rounds it correctly.
 *
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} end
 */
export function numberOf(bytes, start, end) {
  return Number(textOf(bytes, start, end)) + 0; // -0 + 0 = 0
}

/**
 * @param {Uint8Array} bytes ASCII
 * @param {number} start
 * @param {number} end
 */
function textOf(bytes, start, end) {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]);
  return text;
}

/** @param {Cursor} cursor */
function skipDigits(cursor) {
  if (!isDigit(cursor.peek())) throw cursor.unexpected("a digit");
  while (isDigit(cursor.peek())) cursor.at++;
}
