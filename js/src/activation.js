/**
 * The arithmetic (SPEC 12.3 to 12.5, 13.7, 13.8): the chain, the sum, and the functions, straight lines of
 * binary32 operations, the same bits everywhere. The activations made of them stand in `activation/`.
 * Every operation has its own Math.fround; `Math` gives nothing else but abs.
 */

import { tiny } from "./tensor.js";

const { abs, fround } = Math;

const EXPONENT_BIAS = 127;
const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/**
 * The binary32 of bits.
 *
 * @param {number} pattern
 */
function f(pattern) {
  bits[0] = pattern;
  return float[0];
}

const LOG2E = f(0x3fb8aa3b);
const MAGIC = f(0x4b400000); // 1.5 · 2^23: adding and subtracting it rounds to a whole number
const LN2_HI = f(0x3f317200); // ln 2 to 16 bits: n · LN2_HI and x - n · LN2_HI are exact
const LN2_LO = f(0x35bfbe8e);
const E2 = f(0x3efffffa);
const E3 = f(0x3e2aaa26);
const E4 = f(0x3d2aae4f);
const E5 = f(0x3c092de5);
const E6 = f(0x3ab40b74);
const H3 = f(0xbeaaaa99);
const H5 = f(0x3e088382);
const H7 = f(0xbd5c1c4c);
const H9 = f(0x3ca908a9);
const H11 = f(0xbbbac650);
const ROOT = f(0x3f3504f3); // the square root of 1/2
const G3 = f(0x3eaaaa9f);
const G4 = f(0xbe800003);
const G5 = f(0x3e4cd460);
const G6 = f(0xbe2aafa2);
const G7 = f(0x3e11799e);
const G8 = f(0xbdfdb997);
const G9 = f(0x3df4e501);
const G10 = f(0xbdf18fa8);
const G11 = f(0x3d8a26d8);

/**
 * a·b + c, each operation rounded.
 *
 * @param {number} a
 * @param {number} b
 * @param {number} c
 */
function step(a, b, c) {
  return fround(fround(a * b) + c);
}

/**
 * 2^n.
 *
 * @param {number} n a whole number from -126 to 127
 */
function powerOfTwo(n) {
  return f((n + EXPONENT_BIAS) << 23);
}

// The core: e^v = 2^n · (1 + u), with n the whole number nearest to v / ln 2.

/** @param {number} v */
function coreN(v) {
  return fround(step(v, LOG2E, MAGIC) - MAGIC);
}

/**
 * @param {number} v
 * @param {number} n
 */
function coreU(v, n) {
  const r = fround(fround(v - fround(n * LN2_HI)) - fround(n * LN2_LO));
  const q = step(step(step(step(E6, r, E5), r, E4), r, E3), r, E2);
  return fround(r + fround(fround(r * r) * q));
}

/**
 * e^x.
 *
 * @param {number} x a binary32
 * @returns {number}
 */
export function exp(x) {
  const a = x < -64 ? -64 : x;
  const v = a > 89 ? 89 : a;
  const n = coreN(v);
  const u = coreU(v, n);
  const h = fround(fround(1 + u) * powerOfTwo(n - 1));
  return tiny(fround(h + h));
}

/**
 * 1 / (1 + e^v0), before T.
 *
 * @param {number} v0
 */
function logistic(v0) {
  const a = v0 < -64 ? -64 : v0;
  const v = a > 64 ? 64 : a;
  const n = coreN(v);
  const u = coreU(v, n);
  const w = powerOfTwo(-n);
  const big = w < 1 ? 1 : w;
  const small = w < 1 ? w : 1;
  return fround(w / fround(big + fround(small + u)));
}

/**
 * 1 / (1 + e^-x).
 *
 * @param {number} x a binary32
 * @returns {number}
 */
export function sigmoid(x) {
  return tiny(logistic(-x));
}

/**
 * The hyperbolic tangent.
 *
 * @param {number} x a binary32
 * @returns {number}
 */
export function tanh(x) {
  const a = abs(x);
  let y;
  if (a < 0.625) {
    const z = fround(a * a);
    const p = step(step(step(step(H11, z, H9), z, H7), z, H5), z, H3);
    y = fround(a + fround(a * fround(p * z)));
  } else {
    const g = logistic(fround(a + a));
    y = fround(1 - fround(g + g));
  }
  return tiny(x < 0 ? -y : y);
}

/**
 * The natural logarithm.
 *
 * @param {number} x0 a binary32
 * @returns {number}
 */
export function log(x0) {
  const x = tiny(x0);
  if (!(x >= 0)) return NaN;
  if (x === 0) return -Infinity;
  if (x === Infinity) return Infinity;
  float[0] = x;
  let k = (bits[0] >>> 23) - EXPONENT_BIAS;
  let m = f((bits[0] & 0x007fffff) | (EXPONENT_BIAS << 23));
  if (m >= 2 * ROOT) {
    k++;
    m /= 2;
  }
  // x = m · 2^k, with ROOT <= m < 2 · ROOT
  const r = fround(m - 1);
  const z = fround(r * r);
  let p = step(step(step(step(G11, r, G10), r, G9), r, G8), r, G7);
  p = step(step(step(step(p, r, G6), r, G5), r, G4), r, G3);
  const i = fround(fround(fround(r * z) * p) + fround(k * LN2_LO));
  const j = fround(i - fround(0.5 * z));
  return tiny(fround(fround(r + j) + fround(k * LN2_HI)));
}

/**
 * Goes on with the pre-activations: `a[j] = a[j] + (x[k] · M[k, j])` for k ascending ([chain-1]), for the
 * columns j from `first` up to `end`.
 *
 * @param {Float32Array} a [columns or more] in place; each store rounds the sum
 * @param {Float32Array} x
 * @param {number} at where the factors start in x
 * @param {number} count of the factors
 * @param {Float32Array} M [count, columns]
 * @param {number} columns
 * @param {number} [first]
 * @param {number} [end]
 */
export function chain(a, x, at, count, M, columns, first = 0, end = columns) {
  for (let k = 0; k < count; k++) {
    const factor = x[at + k];
    if (factor === 0) continue; // changes nothing: the lemma of SPEC 12.3
    const row = k * columns;
    for (let j = first; j < end; j++) a[j] = a[j] + fround(factor * M[row + j]);
  }
}

/**
 * [clip-1], for the elements from `first` up to `end`, in place.
 *
 * @param {Float32Array} a
 * @param {number} limit K; Infinity changes nothing
 * @param {number} [first]
 * @param {number} [end]
 */
export function clipAll(a, limit, first = 0, end = a.length) {
  if (limit < Infinity) for (let j = first; j < end; j++) a[j] = clip(a[j], limit);
}

/**
 * [clip-1].
 *
 * @param {number} a
 * @param {number} limit K; Infinity changes nothing
 */
export function clip(a, limit) {
  const l = a < -limit ? -limit : a;
  return limit < l ? limit : l;
}

const sums = new Float32Array(16);

/**
 * The sum of elements: sixteen interleaved sums, then a tree ([sum-1]).
 *
 * @param {Float32Array} values
 * @param {number} at the first of them
 * @param {number} count
 * @returns {number}
 */
export function sum16(values, at, count) {
  sums.fill(0);
  for (let k = 0; k < count; k++) sums[k & 15] += values[at + k];
  for (let width = 8; width > 0; width >>= 1) {
    for (let i = 0; i < width; i++) sums[i] += sums[i + width];
  }
  return sums[0];
}

/**
 * The largest of elements, and e^(x[k] - it) for each ([softmax-1]).
 *
 * @param {Float32Array} x
 * @param {number} at the first of them, in x and y
 * @param {number} count
 * @param {Float32Array} y receives the powers
 * @returns {number}
 */
function shiftedPowers(x, at, count, y) {
  let m = x[at];
  for (let k = at + 1; k < at + count; k++) m = m < x[k] ? x[k] : m;
  for (let k = at; k < at + count; k++) y[k] = exp(fround(x[k] - m));
  return m;
}

/**
 * [softmax-1].
 *
 * @param {Float32Array} x
 * @param {number} at the first element, in x and y
 * @param {number} count
 * @param {Float32Array} y the output; not x
 */
export function softmax(x, at, count, y) {
  shiftedPowers(x, at, count, y);
  const s = sum16(y, at, count);
  for (let k = at; k < at + count; k++) y[k] = tiny(fround(y[k] / s));
}

/**
 * [log-softmax-1].
 *
 * @param {Float32Array} x
 * @param {number} at the first element, in x and y
 * @param {number} count
 * @param {Float32Array} y the output; not x
 */
export function logSoftmax(x, at, count, y) {
  const m = shiftedPowers(x, at, count, y);
  const logarithm = log(sum16(y, at, count));
  for (let k = at; k < at + count; k++) y[k] = tiny(fround(fround(x[k] - m) - logarithm));
}
