/**
 * Decimal lists of tensor data ([tensor-2]): from bytes straight into a Float32Array.
 *
 * A decimal means the nearest binary64, then the nearest binary32 to that. Most are settled without
 * the language's own parser, see `readDecimals`.
 *
 * @import { Cursor } from "./cursor.js"
 */

import { isDigit, isSpace } from "./cursor.js";
import { numberOf } from "./number.js";
import { isSubnormal, subnormalBits } from "./subnormal.js";

/** The largest power in POWERS; float32 with 17 digits needs 10^-61. */
const MAX_POWER = 64;

/** POWERS[k] is the binary64 nearest to 10^k: exact up to k = 22. */
const POWERS = Float64Array.from({ length: MAX_POWER + 1 }, (_, k) => Number(`1e${k}`));
const EXACT_POWER = 22;

/** A mantissa of up to 15 digits is below 2^53, so it is exact. */
const EXACT_DIGITS = 15;
const MAX_DIGITS = 19;

/** More than the relative error of an approximation: see `readDecimals`. */
const ERROR = 2 ** -49;

/** A list of numbers: what the elements mean (too large ones are infinite), and the first that is no number. */
export class Decimals {
  #values = new Float32Array(0);

  /** How many elements, numbers or not. */
  length = 0;

  /** The index of the first element that is not a number, or -1. @type {number} */
  wrongAt = -1;

  /** That element. @type {unknown} */
  wrong = undefined;

  /**
   * The numbers as float32: without a copy, unless more than a quarter of the array lies idle.
   *
   * @returns {Float32Array}
   */
  get values() {
    const full = 4 * this.length > 3 * this.#values.length;
    return full ? this.#values.subarray(0, this.length) : this.#values.slice(0, this.length);
  }

  /**
   * Adds an element of any type.
   *
   * @param {unknown} value
   * @param {number} remaining bytes of the text that are still to be read
   */
  add(value, remaining) {
    if (typeof value !== "number" && this.wrongAt < 0) {
      this.wrongAt = this.length;
      this.wrong = value;
    }
    store(this.room(remaining), this.length++, typeof value === "number" ? value : 0);
  }

  /**
   * An array with room for one element more. An element takes two bytes of text at least, so what
   * remains of the text bounds the array.
   *
   * @param {number} remaining
   * @returns {Float32Array}
   */
  room(remaining) {
    if (this.length < this.#values.length) return this.#values;
    const most = this.length + 1 + Math.ceil(remaining / 2);
    const grown = new Float32Array(Math.min(most, Math.max(64, 2 * this.length)));
    grown.set(this.#values);
    this.#values = grown;
    return grown;
  }
}

/**
 * Rounds a number to binary32.
 *
 * @param {Float32Array} values
 * @param {number} k
 * @param {number} value a binary64
 */
function store(values, k, value) {
  if (isSubnormal(value)) new Uint32Array(values.buffer)[k] = subnormalBits(value);
  else values[k] = value;
}

/**
 * Reads elements of the list, as long as they are sound numbers.
 *
 * With at most 15 digits and a power of ten up to 22, one multiplication or division of exact
 * numbers gives the nearest binary64. Beyond that, digits 16 to 19 are taken into the mantissa with
 * two roundings each, the other digits are dropped, a power above 22 has a rounding of its own,
 * and the last operation has one. With 2^-53 for a rounding and less than 10^-18 < 2^-59 for what
 * is dropped, the approximation is off by less than 10.1 · 2^-53, relatively; multiplying it by
 * 1 ± 2^-49 (16 · 2^-53, and one more rounding) gives two numbers around the true value, and around
 * its nearest binary64 too, as rounding keeps order. If both round to one binary32, this is it. If
 * not, the number is close to the middle of two, and the language's parser decides.
 *
 * @param {Cursor} cursor at the first byte of an element
 * @param {Decimals} decimals
 * @returns {boolean} true: after an element, at a byte other than a comma; false: at the first byte of
 *   an element, which only the general reader can read or refuse
 */
export function readDecimals(cursor, decimals) {
  const bytes = cursor.bytes;
  const longest = cursor.limits.number;
  let at = cursor.at;
  let values = decimals.room(bytes.length - at);
  let length = decimals.length;
  for (;;) {
    const start = at;
    let byte = bytes[at];
    const negative = byte === 0x2d; // -
    if (negative) byte = bytes[++at];
    let mantissa = 0;
    let digits = 0;
    let power = 0;
    let sound = isDigit(byte);
    if (byte === 0x30) {
      byte = bytes[++at];
    } else {
      for (; isDigit(byte); byte = bytes[++at]) {
        if (digits < MAX_DIGITS) {
          mantissa = mantissa * 10 + (byte - 0x30);
          digits++;
        } else {
          power++;
        }
      }
    }
    if (byte === 0x2e) {
      byte = bytes[++at];
      sound = sound && isDigit(byte);
      for (; isDigit(byte); byte = bytes[++at]) {
        if (digits < MAX_DIGITS) {
          mantissa = mantissa * 10 + (byte - 0x30);
          power--;
          if (mantissa !== 0) digits++;
        }
      }
    }
    if (byte === 0x65 || byte === 0x45) {
      byte = bytes[++at];
      const below = byte === 0x2d;
      if (below || byte === 0x2b) byte = bytes[++at];
      sound = sound && isDigit(byte);
      let exponent = 0;
      for (; isDigit(byte); byte = bytes[++at]) {
        if (exponent < 10_000) exponent = exponent * 10 + (byte - 0x30);
      }
      power += below ? -exponent : exponent;
    }
    let value = NaN;
    if (sound && at - start <= longest) {
      if (power >= -MAX_POWER && power <= MAX_POWER) {
        value = power < 0 ? mantissa / POWERS[-power] : mantissa * POWERS[power];
        if (negative) value = 0 - value; // 0 - 0 = 0, not -0
        const exact = digits <= EXACT_DIGITS && power >= -EXACT_POWER && power <= EXACT_POWER;
        const slack = value * ERROR;
        const settled = Math.fround(value - slack) === Math.fround(value + slack);
        if (!exact && (!settled || isSubnormal(value))) value = NaN;
      }
      if (Number.isNaN(value)) value = numberOf(bytes, start, at);
    }
    if (!(Math.abs(value) < Infinity)) {
      cursor.at = start;
      decimals.length = length;
      return false;
    }
    if (length === values.length) {
      decimals.length = length;
      values = decimals.room(bytes.length - at);
    }
    store(values, length++, value);
    while (isSpace(byte)) byte = bytes[++at];
    if (byte !== 0x2c) {
      cursor.at = at;
      decimals.length = length;
      return true;
    }
    byte = bytes[++at];
    while (isSpace(byte)) byte = bytes[++at];
  }
}
