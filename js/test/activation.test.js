/** The functions against the language's binary64 ones, and at their seams. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as functions from "../src/activation.js";
import { bitsOf, scalar } from "./support.js";

const { chain, logSoftmax, softmax, sum16 } = functions;
const exp = scalar((values) => functions.exp(values, 0, 1));
const log = scalar((values) => functions.log(values, 0, 1));
const sigmoid = scalar((values) => functions.sigmoid(values, 0, 1));
const tanh = scalar((values) => functions.tanh(values, 0, 1));

const TINY = 2 ** -51;

/** @param {number} bits */
function float(bits) {
  return new Float32Array(Uint32Array.of(bits).buffer)[0] ?? 0;
}

/** How many steps of binary32 a result is off. @param {number} got @param {number} truth */
function ulps(got, truth) {
  const magnitude = Math.max(Math.abs(truth), 2 ** -126);
  return Math.abs(got - truth) / 2 ** (Math.floor(Math.log2(magnitude)) - 23);
}

/** name, function, truth, most ulps. @type {[string, (x: number) => number, (x: number) => number, number][]} */
const FUNCTIONS = [
  ["exp", exp, Math.exp, 1],
  ["log", log, Math.log, 1],
  ["tanh", tanh, Math.tanh, 1.5],
  ["sigmoid", sigmoid, (x) => 1 / (1 + Math.exp(-x)), 2.01],
];

for (const [name, compute, truth, most] of FUNCTIONS) {
  test(`${name} is near the truth, monotone and never between 0 and 2^-51`, () => {
    let before = -Infinity;
    const patterns = [];
    for (let bits = 0xff7fffff; bits > 0x80000000; bits -= 104_729) patterns.push(bits);
    for (let bits = 0; bits < 0x7f800000; bits += 104_729) patterns.push(bits);
    for (const bits of patterns) {
      const x = float(bits);
      if (name === "log" && x < TINY) continue;
      const y = compute(x);
      const expected = truth(x);
      assert.equal(y, Math.fround(y));
      assert.ok(y === 0 ? Object.is(y, 0) : Math.abs(y) >= TINY, `${name}(${x}) = ${y}`);
      assert.ok(y >= before, `${name}(${x}) falls`);
      before = y;
      if (expected > 3.4e38) assert.equal(y, Infinity);
      else if (Math.abs(expected) >= TINY) assert.ok(ulps(y, expected) <= most, `${name}(${x})`);
      else assert.ok(y === 0 || Math.abs(y) < 1.0001 * TINY);
    }
  });

  test(`${name} of NaN is NaN`, () => assert.ok(Number.isNaN(compute(NaN))));
}

test("the ends", () => {
  assert.deepEqual([exp(-Infinity), exp(Infinity), exp(0), exp(-0)], [0, Infinity, 1, 1]);
  assert.equal(exp(float(0x42b17218)), Infinity);
  assert.ok(exp(float(0x42b17217)) < Infinity);
  assert.deepEqual([tanh(Infinity), tanh(-Infinity)], [1, -1]);
  assert.ok(Object.is(tanh(-0), 0));
  assert.deepEqual([sigmoid(Infinity), sigmoid(-Infinity), sigmoid(0)], [1, 0, 0.5]);
  assert.deepEqual([log(0), log(-0), log(1e-30), log(1)], [-Infinity, -Infinity, -Infinity, 0]);
  assert.ok(Number.isNaN(log(-1)) && Number.isNaN(log(-Infinity)));
  assert.equal(log(Infinity), Infinity);
  for (let bits = 0; bits < 0x7f800000; bits += 999_983) {
    const x = float(bits);
    assert.equal(tanh(-x) + tanh(x), 0);
  }
});

test("a chain rounds the product and the sum", () => {
  const x = Float32Array.of(1 + 2 ** -12, 0);
  const a = Float32Array.of(-1, 5);
  const M = Float32Array.of(1 + 2 ** -12, 1, NaN, Infinity); // the second row has the factor 0
  chain(a, x, 0, 2, M, 2);
  const product = Math.fround((1 + 2 ** -12) ** 2); // a fused sum would keep the last bit
  assert.notEqual(product, (1 + 2 ** -12) ** 2);
  assert.deepEqual([...a], [product - 1, 6 + 2 ** -12]);
});

test("a chain of any length adds one product after the other, and skips zeros", () => {
  const columns = 5;
  for (let count = 0; count < 19; count++) {
    const x = Float32Array.from({ length: count + 1 }, (_, k) => (k % 7 > 4 ? 0 : Math.sin(k + 1)));
    if (count > 8) x.fill(0, 5, 9); // four of a group
    const M = Float32Array.from({ length: count * columns }, (_, k) => Math.cos(k * k + count));
    const a = Float32Array.from({ length: columns }, (_, j) => j / 3 - 0.5);
    const expected = a.map((start, j) => {
      let sum = start;
      for (let k = 0; k < count; k++) {
        const product = Math.fround((x[k + 1] ?? 0) * (M[k * columns + j] ?? 0));
        sum = j === 0 || j === 4 ? sum : Math.fround(sum + product);
      }
      return sum;
    });
    chain(a, x, 1, count, M, columns, 1, 4);
    assert.deepEqual(bitsOf(a), bitsOf(expected));
  }
});

test("a chain may keep to some of the columns", () => {
  const a = Float32Array.of(1, 2, 3);
  chain(a, Float32Array.of(9, 1), 1, 1, Float32Array.of(10, 20, 30), 3, 1, 2);
  assert.deepEqual([...a], [1, 22, 3]);
});

test("a sum has sixteen strands and a tree", () => {
  const values = Float32Array.from({ length: 37 }, (_, k) => 2 ** ((k * 5) % 26) + k);
  const strands = Array(16).fill(0);
  for (let k = 0; k < 37; k++) strands[k % 16] = Math.fround(strands[k % 16] + (values[k] ?? 0));
  for (const width of [8, 4, 2, 1]) {
    for (let i = 0; i < width; i++) strands[i] = Math.fround(strands[i] + strands[i + width]);
  }
  assert.equal(sum16(values, 0, 37)[0], strands[0]);
  const inOrder = values.reduce((sum, value) => Math.fround(sum + value), 0);
  assert.notEqual(sum16(values, 0, 37)[0], inOrder);
  assert.equal(sum16(values, 0, 1)[0], 1);
  assert.equal(sum16(values, 5, 0)[0], 0);
});

test("softmax and its logarithm", () => {
  const x = Float32Array.of(1, -2, 1000, 999.5, -Infinity);
  const y = new Float32Array(5);
  softmax(x, 0, 5, y);
  const p = 1 / (1 + Math.exp(-0.5));
  const expected = [0, 0, p, 1 - p, 0];
  for (const [k, value] of expected.entries()) assert.ok(Math.abs((y[k] ?? 1) - value) < 1e-7);
  logSoftmax(x, 0, 4, y);
  for (const [k, value] of [-999, -1002, 0, -0.5].entries()) {
    assert.ok(Math.abs((y[k] ?? 0) - (value + Math.log(p))) < 1e-4);
  }
  const one = new Float32Array(1);
  logSoftmax(Float32Array.of(-3), 0, 1, one);
  assert.deepEqual(bitsOf(one), [0]); // +0, not -0
});
