/**
 * The arithmetic (SPEC 12.3 to 12.5, 13.7, 13.8): the chain, the sum, and the functions, straight lines of
 * binary32 operations, the same bits everywhere. The activations made of them stand in `activation/`.
 * Every operation has its own Math.fround, or is stored as a binary32, but for those that are exact; `Math` gives
 * nothing else but abs.
 *
 * Functions work in place, on elements of arrays: a number that is handed over from one function to another is an
 * object to be collected, unless a compiler takes the call away.
 */

import { tiny } from "./tensor.js";

const { abs, fround } = Math;

/** A function of the elements from `first` up to `end`, in place. @typedef {(values: Float32Array, first: number, end: number) => void} Sweep */

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
const LOG = Float32Array.of(
  f(0x3d8a26d8), // G11
  f(0xbdf18fa8),
  f(0x3df4e501),
  f(0xbdfdb997),
  f(0x3e11799e),
  f(0xbe2aafa2),
  f(0x3e4cd460),
  f(0xbe800003),
  f(0x3eaaaa9f), // G3
);

/** 2^(k - 127), from k = 1 on. */
const POWERS = Float32Array.from({ length: 255 }, (_, k) => f(k << 23));

/**
 * The core: e^v = 2^n · (1 + u), with v the element within -64 … `most`, and n the whole number nearest to v / ln 2.
 *
 * @param {Float32Array} values u in the place of the element
 * @param {number} at
 * @param {number} most
 * @returns {number} n; 0 for NaN
 */
function core(values, at, most) {
  const x = values[at];
  const a = x < -64 ? -64 : x;
  const v = a > most ? +most : a; // what is a number for certain needs no object
  const n = fround(fround(v * LOG2E) + MAGIC) - MAGIC;
  const r = fround(v - n * LN2_HI - fround(n * LN2_LO));
  let q = fround(fround(E6 * r) + E5);
  q = fround(fround(q * r) + E4);
  q = fround(fround(q * r) + E3);
  q = fround(fround(q * r) + E2);
  values[at] = r + fround(fround(r * r) * q);
  return n | 0;
}

/**
 * e^x.
 *
 * @type {Sweep}
 */
export function exp(values, first, end) {
  for (let k = first; k < end; k++) {
    const n = core(values, k, 89);
    const h = fround(1 + values[k]) * POWERS[n - 1 + EXPONENT_BIAS];
    values[k] = tiny(fround(h + h));
  }
}

/**
 * 1 / (1 + e^x), before T.
 *
 * @param {Float32Array} values
 * @param {number} at
 */
function logistic(values, at) {
  const n = core(values, at, 64);
  const w = POWERS[EXPONENT_BIAS - n];
  const big = w < 1 ? 1 : w;
  const small = w < 1 ? w : 1;
  values[at] = w / fround(big + fround(small + values[at]));
}

/**
 * 1 / (1 + e^-x).
 *
 * @type {Sweep}
 */
export function sigmoid(values, first, end) {
  for (let k = first; k < end; k++) {
    values[k] = -values[k];
    logistic(values, k);
    values[k] = tiny(values[k]);
  }
}

/**
 * The hyperbolic tangent.
 *
 * @type {Sweep}
 */
export function tanh(values, first, end) {
  for (let k = first; k < end; k++) {
    const x = values[k];
    const a = abs(x);
    let y;
    if (a < 0.625) {
      const z = fround(a * a);
      let p = fround(fround(H11 * z) + H9);
      p = fround(fround(p * z) + H7);
      p = fround(fround(p * z) + H5);
      p = fround(fround(p * z) + H3);
      y = fround(a + fround(a * fround(p * z)));
    } else {
      values[k] = a + a;
      logistic(values, k);
      const g = values[k];
      y = fround(1 - (g + g));
    }
    values[k] = tiny(x < 0 ? -y : y);
  }
}

/**
 * The natural logarithm.
 *
 * @type {Sweep}
 */
export function log(values, first, end) {
  for (let k = first; k < end; k++) {
    const x = tiny(values[k]);
    if (!(x > 0 && x < Infinity)) {
      values[k] = x === 0 ? -Infinity : x > 0 ? x : NaN;
      continue;
    }
    float[0] = x;
    let n = (bits[0] >>> 23) - EXPONENT_BIAS;
    bits[0] = (bits[0] & 0x007fffff) | (EXPONENT_BIAS << 23);
    let m = float[0];
    if (m >= 2 * ROOT) {
      n++;
      m /= 2;
    }
    // x = m · 2^n, with ROOT <= m < 2 · ROOT
    const r = m - 1;
    const z = fround(r * r);
    let p = 0;
    for (let i = 0; i < LOG.length; i++) p = fround(fround(p * r) + LOG[i]);
    const i = fround(fround(fround(r * z) * p) + fround(n * LN2_LO));
    const j = fround(i - 0.5 * z);
    values[k] = tiny(fround(fround(r + j) + n * LN2_HI));
  }
}

/**
 * Goes on with the pre-activations: `a[j] = a[j] + (x[k] · M[k, j])` for k ascending ([chain-1]), for the
 * columns j from `first` up to `end`. Two columns and four factors at once: sums stay in registers, and none waits for
 * the other.
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
  let k = 0;
  for (; k + 3 < count; k += 4) {
    const p = x[at + k];
    const q = x[at + k + 1];
    const r = x[at + k + 2];
    const s = x[at + k + 3];
    if (!(p || q || r || s)) continue; // changes nothing: the lemma of SPEC 12.3
    const P = k * columns;
    const Q = P + columns;
    const R = Q + columns;
    const S = R + columns;
    for (let j = first; j < end; j += 2) {
      const i = j + 1 < end ? j + 1 : j; // an odd one, at the end, is computed twice
      let c = fround(a[j] + fround(p * M[P + j]));
      let d = fround(a[i] + fround(p * M[P + i]));
      c = fround(c + fround(q * M[Q + j]));
      d = fround(d + fround(q * M[Q + i]));
      c = fround(c + fround(r * M[R + j]));
      d = fround(d + fround(r * M[R + i]));
      a[j] = c + fround(s * M[S + j]);
      a[i] = d + fround(s * M[S + i]);
    }
  }
  for (; k < count; k++) {
    const p = x[at + k];
    for (let j = first; p && j < end; j++) a[j] = a[j] + fround(p * M[k * columns + j]);
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
  if (limit === Infinity) return;
  for (let j = first; j < end; j++) {
    if (a[j] < -limit) a[j] = -limit;
    if (limit < a[j]) a[j] = limit;
  }
}

const sums = new Float32Array(16);

/**
 * The sum of elements: sixteen interleaved sums, then a tree ([sum-1]).
 *
 * @param {Float32Array} values
 * @param {number} at the first of them
 * @param {number} count
 * @returns {Float32Array} the sum is its first element, until the next sum
 */
export function sum16(values, at, count) {
  sums.fill(0);
  for (let k = 0; k < count; k++) sums[k & 15] += values[at + k];
  for (let width = 8; width > 0; width >>= 1) {
    for (let i = 0; i < width; i++) sums[i] += sums[i + width];
  }
  return sums;
}

/**
 * Each element less the largest of them ([softmax-1]).
 *
 * @param {Float32Array} x
 * @param {number} at the first of them, in x and y
 * @param {number} count
 * @param {Float32Array} y
 */
function shift(x, at, count, y) {
  let m = x[at];
  for (let k = at + 1; k < at + count; k++) m = m < x[k] ? x[k] : m;
  for (let k = at; k < at + count; k++) y[k] = x[k] - m;
}

/**
 * e^x of the shifted elements.
 *
 * @param {Float32Array} x
 * @param {number} at
 * @param {number} count
 * @param {Float32Array} y receives the powers
 * @returns {Float32Array} their sum is its first element
 */
function powers(x, at, count, y) {
  shift(x, at, count, y);
  exp(y, at, at + count);
  return sum16(y, at, count);
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
  const s = powers(x, at, count, y);
  for (let k = at; k < at + count; k++) y[k] = tiny(fround(y[k] / s[0]));
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
  const s = powers(x, at, count, y);
  log(s, 0, 1);
  shift(x, at, count, y);
  for (let k = at; k < at + count; k++) y[k] = tiny(fround(y[k] - s[0]));
}
