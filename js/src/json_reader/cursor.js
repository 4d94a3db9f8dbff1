/**
 * A place in the bytes of a JSON text, and the faults that are found there.
 *
 * @import { Limits } from "../limits.js"
 */

import { SYNTAX_END, SYNTAX_UNEXPECTED } from "../codes.js";
import { failure } from "../issue.js";

// Reading past the end of a Uint8Array gives undefined, which is equal to nothing and in no range:
// the readers lean on that and ask for the end only when a byte was not what they wanted.

/** Where the reader stands. */
export class Cursor {
  /**
   * @param {Uint8Array} bytes
   * @param {Readonly<Limits>} limits
   */
  constructor(bytes, limits) {
    this.bytes = bytes;
    this.limits = limits;
    this.at = 0;
    /** How many values were read ([json-12]). */
    this.values = 0;
  }

  /** The byte here; undefined at the end. */
  peek() {
    return this.bytes[this.at];
  }

  /** Passes over white space. */
  skipSpace() {
    while (isSpace(this.bytes[this.at])) this.at++;
  }

  /**
   * The error for the byte at this place: there is none ([json-2]), or it can't stand here ([json-1]).
   *
   * @param {string} expected
   */
  unexpected(expected) {
    if (this.at >= this.bytes.length) return failure(SYNTAX_END, this.bytes.length, { expected });
    return failure(SYNTAX_UNEXPECTED, this.at, { got: describeByte(this.peek()), expected });
  }
}

/** @param {number} byte */
export function isSpace(byte) {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** @param {number} byte */
export function isDigit(byte) {
  return byte >= 0x30 && byte <= 0x39;
}

/**
 * A byte in words.
 *
 * @param {number} byte
 */
export function describeByte(byte) {
  if (byte > 0x20 && byte < 0x7f) return `\`${String.fromCharCode(byte)}\``;
  return `0x${byte.toString(16).padStart(2, "0").toUpperCase()}`;
}
