/**
 * What tensors are made of (SPEC 6): dtypes, base64, widening and narrowing, tiny values.
 */

/** To binary32, nearest even. Where a loop is long, `Math` is asked itself: a compiler then knows it for certain. */
export const { fround } = Math;

const TINY = 2 ** -51;

/** The dtypes and how many bytes an element takes. @type {Readonly<Record<string, number>>} */
export const DTYPES = { float32: 4, float16: 2, bfloat16: 2, int8: 1 };

/**
 * T of [tiny-1]: +0 for a magnitude below 2^-51, -0 included; NaN stays NaN.
 *
 * @param {number} value a binary32
 * @returns {number}
 */
export function tiny(value) {
  return Math.abs(value) < TINY ? 0 : value;
}

/**
 * T of the elements from `first` up to `end`, in place.
 *
 * @param {Float32Array} values
 * @param {number} [first]
 * @param {number} [end]
 * @returns {Float32Array} the same array
 */
export function tinyAll(values, first = 0, end = values.length) {
  for (let k = first; k < end; k++) values[k] = tiny(values[k]);
  return values;
}

/**
 * Copies elements, one by one: a part of an array would be an object.
 *
 * @param {Float32Array} to
 * @param {number} at the first of them there
 * @param {Float32Array} from
 * @param {number} start the first of them here
 * @param {number} count
 */
export function copy(to, at, from, start, count) {
  for (let k = 0; k < count; k++) to[at + k] = from[start + k];
}

/**
 * The product of a shape. Exact up to 2^53, above that still above every limit.
 *
 * @param {readonly number[]} shape
 * @returns {number}
 */
export function elementCount(shape) {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * The place of the first element that is infinite or NaN, or -1.
 *
 * @param {Float32Array} values
 * @param {number} [count] how many of them are looked at
 * @returns {number}
 */
export function nonFiniteAt(values, count = values.length) {
  for (let k = 0; k < count; k++) {
    if (!(Math.abs(values[k]) < Infinity)) return k;
  }
  return -1;
}

/**
 * Elements stored as bytes, as float32 ([tensor-1], [tensor-6]).
 *
 * @param {string} dtype one of DTYPES
 * @param {Uint8Array} bytes little-endian, a whole number of elements
 * @returns {Float32Array} infinities and NaN stay such; of int8 the whole numbers, without their scale
 */
export function widen(dtype, bytes) {
  const size = DTYPES[dtype];
  const { buffer } = inOwnOrder(new Uint8Array(bytes), size);
  if (size === 4) return new Float32Array(buffer);
  if (size === 1) return new Float32Array(new Int8Array(buffer));
  const halves = new Uint16Array(buffer);
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer); // bits, so that no NaN is touched on the way
  for (let k = 0; k < halves.length; k++) {
    const half = halves[k];
    const exponent = half & 0x7c00;
    const magnitude = half & 0x7fff;
    const sign = half & 0x8000;
    if (dtype === "bfloat16") bits[k] = half << 16;
    else if (exponent === 0) values[k] = (sign ? -magnitude : magnitude) * HALF_STEP;
    else {
      const bias = exponent < 0x7c00 ? HALF_BIAS : 2 * HALF_BIAS;
      bits[k] = (sign << 16) | ((magnitude << 13) + bias);
    }
  }
  return values;
}

/** What lies between the exponents of a binary16 and a binary32, as bits. */
const HALF_BIAS = (127 - 15) << 23;

const IS_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Elements between little-endian and the order of this processor, in place.
 *
 * @param {Uint8Array} bytes
 * @param {number} size of an element
 */
function inOwnOrder(bytes, size) {
  const length = IS_LITTLE ? 0 : bytes.length;
  for (let at = 0; at < length; at += size) bytes.subarray(at, at + size).reverse();
  return bytes;
}

/**
 * The place in `scale` of an int8 element ([tensor-8]).
 *
 * @param {number} k the element, row-major
 * @param {number} columns
 * @param {number} axis 0: a scale for each row; 1: for each column
 */
export function scaleAt(k, columns, axis) {
  return axis === 0 ? Math.floor(k / columns) : k % columns;
}

/**
 * The opposite of `widen`, for values that came from it or were rounded by `narrowed`.
 *
 * @param {string} dtype
 * @param {Float32Array} values each exact in the dtype
 * @returns {Uint8Array}
 */
export function storedBytes(dtype, values) {
  const size = DTYPES[dtype];
  if (size === 1) return new Uint8Array(Int8Array.from(values).buffer);
  // As bits, so that a subnormal number stays even where the processor flushes them.
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const stored = size === 4 ? bits.slice() : new Uint16Array(bits.length);
  if (dtype === "bfloat16") for (let k = 0; k < bits.length; k++) stored[k] = bits[k] >>> 16;
  if (dtype === "float16")
    for (let k = 0; k < bits.length; k++) stored[k] = numberToHalf(values[k]);
  return inOwnOrder(new Uint8Array(stored.buffer), size);
}

/** The distance between the smallest binary16 numbers. */
const HALF_STEP = 2 ** -24;

/**
 * @param {number} value exact in binary16 and finite
 * @returns {number} its bits
 */
function numberToHalf(value) {
  const sign = Object.is(value, -0) || value < 0 ? 0x8000 : 0;
  let steps = Math.abs(value) / HALF_STEP; // a whole number: fraction and exponent of the bits
  let exponent = 0;
  for (; steps >= 0x800; steps /= 2) exponent++;
  if (!Number.isInteger(steps) || exponent > 29) {
    throw new RangeError(`${value} is no binary16`);
  }
  return sign | (steps + (exponent << 10)); // the leading 1 of a normal number adds one exponent
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PADDING = 0x3d;

/** Of each byte: its six bits, or 64 where it is no letter of the alphabet. */
const SEXTETS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const sextet = ALPHABET.indexOf(String.fromCharCode(byte));
  return sextet < 0 ? 64 : sextet;
});

/**
 * Decodes strict base64 ([tensor-3]).
 *
 * @param {Uint8Array} text
 * @returns {[Uint8Array, number]} the bytes, and where four characters begin that are wrong, or -1
 */
export function decodeBase64(text) {
  const length = text.length;
  let padding = 0;
  while (padding < 2 && text[length - 1 - padding] === PADDING) padding++;
  const letters = length - padding;
  const bytes = new Uint8Array((length >> 2) * 3 - (length > 3 ? padding : 0));
  /** @param {number} at */
  const sextet = (at) => (at < letters ? SEXTETS[text[at]] : 0);
  for (let at = 0, to = 0; at < length; at += 4, to += 3) {
    const a = sextet(at);
    const b = sextet(at + 1);
    const c = sextet(at + 2);
    const d = sextet(at + 3);
    const isLast = at + 4 > letters;
    const unused = isLast ? (padding === 1 ? c & 0x03 : b & 0x0f) : 0;
    if ((a | b | c | d) > 63 || unused !== 0 || at + 4 > length) return [bytes, at];
    bytes[to] = (a << 2) | (b >> 4);
    bytes[to + 1] = (b << 4) | (c >> 2); // past the end nothing is written
    bytes[to + 2] = (c << 6) | d;
  }
  return [bytes, -1];
}

/**
 * Encodes bytes as base64.
 *
 * @param {Uint8Array} bytes
 * @returns {Uint8Array} ASCII
 */
export function encodeBase64(bytes) {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PADDING);
  let to = 0;
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const second = left > 1 ? bytes[at + 1] : 0;
    const third = left > 2 ? bytes[at + 2] : 0;
    text[to] = ALPHABET.charCodeAt(bytes[at] >> 2);
    text[to + 1] = ALPHABET.charCodeAt(((bytes[at] & 0x03) << 4) | (second >> 4));
    if (left > 1) text[to + 2] = ALPHABET.charCodeAt(((second & 0x0f) << 2) | (third >> 6));
    if (left > 2) text[to + 3] = ALPHABET.charCodeAt(third & 0x3f);
    to += 4;
  }
  return text;
}
