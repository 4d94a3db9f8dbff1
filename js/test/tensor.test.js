/** Tensors: base64, half precision, T. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";

import fc from "fast-check";

import {
  decodeBase64,
  elementCount,
  encodeBase64,
  nonFiniteAt,
  scaleAt,
  storedBytes,
  tiny,
  tinyAll,
  widen,
} from "../src/tensor.js";
import { bitsOf, bytesOf } from "./support.js";

test("base64 is what Buffer writes, and nothing else", () => {
  const character = fc.constantFrom(..."ABab01+/=-_ \n");
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes).toString("base64")),
    fc.string({ unit: character, maxLength: 12 }),
  );
  fc.assert(
    fc.property(text, (letters) => {
      const stock = Buffer.from(letters, "base64");
      const strict = stock.toString("base64") === letters;
      const [bytes, bad] = decodeBase64(bytesOf(letters));
      if (strict) assert.deepEqual([bytes, bad], [new Uint8Array(stock), -1]);
      else assert.ok(bad >= 0 && bad < letters.length && bad % 4 === 0);
    }),
    { numRuns: 5000 },
  );
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = Buffer.from(encodeBase64(bytes)).toString("latin1");
      assert.equal(text, Buffer.from(bytes).toString("base64"));
    }),
  );
});

test("every binary16 widens to its value, and narrows back", () => {
  const patterns = Uint16Array.from({ length: 0x10000 }, (_, k) => k);
  const values = widen("float16", new Uint8Array(patterns.buffer));
  for (const [k, value] of values.entries()) {
    const exponent = (k >> 10) & 31;
    const fraction = k & 1023;
    const sign = k >> 15 ? -1 : 1;
    let expected = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    if (exponent === 0) expected = sign * (fraction / 1024) * 2 ** -14;
    if (exponent === 31) expected = fraction === 0 ? sign * Infinity : NaN;
    assert.ok(Object.is(value, expected), `${k.toString(16)}: ${value}`);
  }
  const finite = patterns.filter((k) => ((k >> 10) & 31) !== 31);
  const bytes = new Uint8Array(finite.buffer);
  assert.deepEqual(storedBytes("float16", widen("float16", bytes)), bytes);
  assert.throws(() => storedBytes("float16", Float32Array.of(0.1)), RangeError);
  assert.throws(() => storedBytes("float16", Float32Array.of(65536)), RangeError);
});

test("every bfloat16 is the upper half of its binary32, and comes back", () => {
  const patterns = Uint16Array.from({ length: 0x10000 }, (_, k) => k);
  const values = widen("bfloat16", new Uint8Array(patterns.buffer));
  for (const [k, value] of values.entries()) {
    const exponent = (k >> 7) & 255;
    const fraction = k & 127;
    const sign = k >> 15 ? -1 : 1;
    let expected = sign * (1 + fraction / 128) * 2 ** (exponent - 127);
    if (exponent === 0) expected = sign * (fraction / 128) * 2 ** -126;
    if (exponent === 255) expected = fraction === 0 ? sign * Infinity : NaN;
    assert.ok(Object.is(value, expected), `${k.toString(16)}: ${value}`);
  }
  const finite = patterns.filter((k) => ((k >> 7) & 255) !== 255);
  const bytes = new Uint8Array(finite.buffer);
  assert.deepEqual(storedBytes("bfloat16", widen("bfloat16", bytes)), bytes);
});

test("int8 is two's complement", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, k) => k);
  const expected = Float32Array.from({ length: 256 }, (_, k) => (k < 128 ? k : k - 256));
  assert.deepEqual(widen("int8", bytes), expected);
  assert.deepEqual(storedBytes("int8", expected), bytes);
  // A scale for each row, or each column, of [2, 3].
  const places = [0, 1, 2, 3, 4, 5];
  assert.deepEqual(
    places.map((k) => scaleAt(k, 3, 0)),
    [0, 0, 0, 1, 1, 1],
  );
  assert.deepEqual(
    places.map((k) => scaleAt(k, 3, 1)),
    [0, 1, 2, 0, 1, 2],
  );
});

test("binary32 comes and goes with its bits, at any offset", () => {
  const floats = fc.array(fc.float({ noNaN: true })).map((list) => Float32Array.from(list));
  fc.assert(
    fc.property(floats, fc.nat(7), (values, offset) => {
      const bytes = storedBytes("float32", values);
      const shifted = new Uint8Array(offset + bytes.length);
      shifted.set(bytes, offset);
      assert.deepEqual(bitsOf(widen("float32", shifted.subarray(offset))), bitsOf(values));
    }),
  );
});

test("T flushes below 2^-51 and nothing else", () => {
  const border = 2 ** -51;
  const below = Math.fround(border * (1 - 2 ** -24));
  assert.ok(Object.is(tiny(-0), 0));
  assert.ok(Object.is(tiny(-below), 0) && Object.is(tiny(below), 0));
  assert.equal(tiny(border), border);
  assert.equal(tiny(-border), -border);
  assert.ok(Number.isNaN(tiny(NaN)));
  assert.equal(tiny(-Infinity), -Infinity);
  assert.deepEqual(bitsOf(tinyAll(Float32Array.of(-0, 1e-30, 1))), [0, 0, 0x3f800000]);
});

test("shapes multiply without overflow, and what is not finite is found", () => {
  assert.equal(elementCount([65536, 65536]), 2 ** 32);
  assert.ok(elementCount([2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1]) > 2 ** 92);
  assert.equal(nonFiniteAt(Float32Array.of(1, 3e38, -Infinity, NaN)), 2);
  assert.equal(nonFiniteAt(Float32Array.of(NaN)), 0);
  assert.equal(nonFiniteAt(new Float32Array(3)), -1);
});
