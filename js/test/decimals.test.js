/** Decimals of tensor data against the language's correctly rounded parser, in two roundings. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { Decimals } from "../src/json_reader/decimals.js";
import { readJson } from "../src/json_reader.js";
import { limitsWith } from "../src/limits.js";
import { decimal } from "../src/save/json.js";
import { bitsOf, bytesOf } from "./support.js";

const LIMITS = limitsWith({ number: 1000 });

/** @param {string[]} texts */
function read(texts) {
  const document = readJson(bytesOf(`{"tensors":{"W":{"data":[${texts}]}}}`), LIMITS);
  const tensors = /** @type {Map<string, any>} */ (document.get("tensors"));
  const data = tensors.get("W").get("data");
  assert.ok(data instanceof Decimals);
  return data;
}

/** @param {string[]} texts */
function check(texts) {
  const expected = Float32Array.from(texts, (text) => {
    const nearest = Number(text);
    return Math.fround(nearest === 0 ? 0 : nearest); // -0 means 0
  });
  const data = read(texts);
  const got = bitsOf(data.values);
  for (const [k, bits] of bitsOf(expected).entries()) assert.equal(got[k], bits, texts[k]);
  assert.equal(got.length, texts.length);
}

/** The exact decimal of a binary64, without an exponent. @param {number} value */
function exactDecimal(value) {
  let places = 0;
  let scaled = value;
  for (; !Number.isInteger(scaled); places++) scaled *= 2; // exact
  const digits = (BigInt(scaled) * 5n ** BigInt(places)).toString().padStart(places + 1, "0");
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

test("random spellings", () => {
  const digits = fc.stringMatching(/^(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?$/);
  const exponent = fc.oneof(
    fc.constant(""),
    fc.integer({ min: -75, max: 37 }).map((e) => `e${e}`),
  );
  const sign = fc.constantFrom("", "-");
  const text = fc.tuple(sign, digits, exponent).map((parts) => parts.join(""));
  fc.assert(fc.property(fc.array(text, { minLength: 1, maxLength: 200 }), check), {
    numRuns: 1000,
  });
});

test("random binary64 numbers in full, in short and in other forms", () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -4e38, max: 4e38 }),
    fc.double({ noNaN: true, min: -1, max: 1 }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
  );
  const spell = fc.constantFrom(
    (/** @type {number} */ value) => String(value),
    (/** @type {number} */ value) => value.toExponential(16),
    (/** @type {number} */ value) => value.toPrecision(9),
    (/** @type {number} */ value) => `${value.toExponential()}`.replace("e", "E"),
  );
  const text = fc.tuple(number, spell).map(([value, how]) => how(value));
  fc.assert(fc.property(fc.array(text, { maxLength: 200 }), check), { numRuns: 1000 });
});

test("the middle between two binary32 numbers, and just beside it", () => {
  const random = new Uint32Array(2000);
  for (let k = 0; k < random.length; k++) random[k] = Math.imul(k + 1, 0x9e3779b9) & 0x5fffffff;
  const values = new Float32Array(random.buffer);
  const texts = [];
  for (const [k, value] of values.entries()) {
    const next = new Float32Array(Uint32Array.of((random[k] ?? 0) + 1).buffer)[0] ?? 0;
    const middle = (value + next) / 2; // exact in binary64
    if (Math.abs(middle) < 1e-20 || Math.abs(middle) > 1e20) continue;
    const exact = exactDecimal(middle);
    texts.push(exact, exact.includes(".") ? `${exact}1` : `${exact}.1`);
    texts.push(middle.toPrecision(17), middle.toPrecision(18), middle.toPrecision(16));
    const beside = exact
      .slice(0, 30)
      .replace(/[1-9](?=[^1-9]*$)/, (digit) => `${Number(digit) - 1}`);
    if (/^\d+(\.\d+)?$/.test(beside) && !/^0\d/.test(beside)) texts.push(beside);
  }
  assert.ok(texts.length > 2000);
  check(texts);
});

test("the borders: zeros, subnormals, overflow, double rounding", () => {
  check(["0", "-0", "0.0", "-0.0e5", "0e99", "1e-45", "-1e-46", "1e-60", "-1e-60", "7.038531e-26"]);
  check(["1.1754944e-38", "1.4e-45", "7e-46", "7.006492321624085e-46", "7.0064923216240862e-46"]);
  check(["3.4028234663852886e38", "3.4028235677973366e38", "3.4028235677973362e38", "1e38"]);
  check(["1.00000005960464477539062500000000001", "1.000000059604644775390625", "16777217"]);
  check(["9007199254740993", "123456789012345678901234567890", "0.1", "1e22", "1e23", "1e-22"]);
  // Of 13 decimals after the point: the nearest binary32 at once is another than in two steps.
  check(["1388.0348510742187", "-1388.0348510742187", "1388.03485107421875", "-7.038531e-26"]);
  check(["1e39", "2"]);
});

test("white space between the numbers, and none", () => {
  for (const separator of [",", ", ", " ,", "\n,\t", ",\r\n    "]) {
    const text = `{"tensors":{"W":{"data":[ ${["1", "-2.5", "3e0"].join(separator)} ]}}}`;
    const tensors = /** @type {any} */ (readJson(bytesOf(text), LIMITS).get("tensors"));
    assert.deepEqual([...tensors.get("W").get("data").values], [1, -2.5, 3]);
  }
});

test("the first element that is no number is remembered", () => {
  const data = read(["1", "1e39", '"x"', "[1, [2]]", "null", "5"]);
  assert.equal(data.length, 6);
  assert.equal(data.wrongAt, 2);
  assert.equal(data.wrong, "x");
  assert.deepEqual([...data.values], [1, Infinity, 0, 0, 0, 5]);
});

test("arrays grow no further than the text can fill", () => {
  const data = new Decimals();
  assert.ok(data.room(10).length <= 6);
  assert.ok(data.room(1e9).length <= 64);
});

test("a decimal that is written is the shortest that comes back", () => {
  const value = fc.float({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(value, (number) => {
      const single = Math.fround(number);
      const text = decimal(single);
      assert.deepEqual(bitsOf(read([text]).values), bitsOf(Float32Array.of(single)));
      if (single === 0) return;
      const digits = text.replace(/e.*/, "").replace(/[-.]/g, "").replace(/^0+/, "").length;
      for (let fewer = 1; fewer < Math.min(digits, 9); fewer++) {
        if (text.includes("e") || !/0$/.test(text)) {
          assert.notEqual(Math.fround(Number(single.toPrecision(fewer))), single);
        }
      }
    }),
    { numRuns: 3000 },
  );
  // [tensor-7]: correctly rounded at once, 7.038531e-26 would be this; in two steps it is the next.
  const [unlucky, next] = new Float32Array(Uint32Array.of(0x15ae43fd, 0x15ae43fe).buffer);
  assert.equal(unlucky?.toPrecision(7), "7.038531e-26");
  assert.deepEqual(read(["7.038531e-26"]).values[0], next);
  assert.equal(decimal(unlucky ?? 0), "7.0385307e-26");
  assert.equal(decimal(Math.fround(0.1)), "0.1");
  assert.equal(decimal(-0), "-1e-99");
});
