/** The msgpack reader against @msgpack/msgpack, and at its borders. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as stock from "@msgpack/msgpack";
import fc from "fast-check";

import { ByteWriter, packValue } from "../src/digest/writer.js";
import { RnnspecError } from "../src/issue.js";
import { limitsWith } from "../src/limits.js";
import { readMsgpack } from "../src/msgpack_reader.js";

const LIMITS = limitsWith();

/**
 * `CODE place` of bytes that must fail.
 *
 * @param {Uint8Array | number[]} bytes
 * @param {Partial<import("../src/limits.js").Limits>} [limits]
 */
function fault(bytes, limits = {}) {
  try {
    readMsgpack(Uint8Array.from(bytes), { ...LIMITS, ...limits });
  } catch (error) {
    if (!(error instanceof RnnspecError)) throw error;
    assert.equal(error.issues.length, 1);
    assert.ok(error.message.startsWith(String(error.code)));
    return `${error.code} ${error.issues[0]?.place}`;
  }
  return "nothing";
}

/** @param {unknown} value @returns {unknown} */
function plain(value) {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
  }
  if (value instanceof Uint8Array) return value.slice();
  return Array.isArray(value) ? value.map(plain) : value;
}

/** -0 means 0. @param {any} value @returns {any} */
function withoutMinusZero(value) {
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(withoutMinusZero);
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([key, member]) => [key, withoutMinusZero(member)]));
  }
  return value === 0 ? 0 : value;
}

const text = fc.string({ unit: "binary", maxLength: 300 });
const { value: anyValue } = fc.letrec((/** @type {any} */ tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, false),
    fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, min: -3e38, max: 3e38 })),
    text,
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(
      text.filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 20 },
    ),
  ),
}));
const document = fc.dictionary(
  text.filter((key) => key !== "__proto__"),
  anyValue,
);

test("what the stock package writes is read", () => {
  fc.assert(
    fc.property(document, fc.boolean(), (value, forceFloat32) => {
      const bytes = stock.encode(value, { forceFloat32 });
      const expected = withoutMinusZero(stock.decode(bytes));
      assert.deepEqual(plain(readMsgpack(bytes, LIMITS)), expected);
    }),
    { numRuns: 1000 },
  );
});

test("what we write the stock package reads", () => {
  /** @param {unknown} value @returns {unknown} */
  const asMap = (value) => {
    if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(asMap);
    return new Map(Object.entries(value).map(([key, member]) => [key, asMap(member)]));
  };
  fc.assert(
    fc.property(document, (value) => {
      const writer = new ByteWriter();
      packValue(writer, asMap(value));
      assert.deepEqual(withoutMinusZero(stock.decode(writer.bytes)), withoutMinusZero(value));
      const shortest = stock.encode(value).length;
      assert.equal(writer.bytes.length, shortest);
    }),
    { numRuns: 1000 },
  );
});

test("integers of every format, one rounding to binary64", () => {
  for (const value of [0n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 64n - 1n, 2n ** 63n + 1025n]) {
    const bytes = stock.encode({ a: value }, { useBigInt64: true });
    assert.equal(readMsgpack(bytes, LIMITS).get("a"), Number(value));
  }
  for (const value of [-1n, -(2n ** 63n), -(2n ** 53n) - 1n, -(2n ** 62n) - 257n]) {
    const bytes = stock.encode({ a: value }, { useBigInt64: true });
    assert.equal(readMsgpack(bytes, LIMITS).get("a"), Number(value));
  }
  const cases = /** @type {[number[], number][]} */ ([
    [[0xcc, 0xff], 255],
    [[0xcd, 0, 1], 1],
    [[0xce, 0xff, 0xff, 0xff, 0xff], 4294967295],
    [[0xd0, 0x80], -128],
    [[0xd1, 0xff, 0xff], -1],
    [[0xd2, 0x80, 0, 0, 0], -2147483648],
    [[0xe0], -32],
    [[0xca, 0x80, 0, 0, 0], 0],
    [[0xcb, 0x80, 0, 0, 0, 0, 0, 0, 0], 0],
  ]);
  for (const [bytes, value] of cases) {
    const got = readMsgpack(Uint8Array.of(0x81, 0xa1, 0x61, ...bytes), LIMITS).get("a");
    assert.ok(Object.is(got, value), `${bytes}: ${got}`);
  }
});

test("every length form is read", () => {
  const a = 0x61;
  const cases = [
    [0xde, 0, 1, 0xd9, 1, a, 0xda, 0, 1, a],
    [0xdf, 0, 0, 0, 1, 0xdb, 0, 0, 0, 1, a, 0xda, 0, 1, a],
  ];
  for (const bytes of cases) {
    assert.deepEqual(plain(readMsgpack(Uint8Array.from(bytes), LIMITS)), { a: "a" });
  }
  const forms = [
    [0xc4, 1, 7],
    [0xc5, 0, 1, 7],
    [0xc6, 0, 0, 0, 1, 7],
  ];
  for (const form of forms) {
    const got = readMsgpack(Uint8Array.of(0x81, 0xa1, a, ...form), LIMITS).get("a");
    assert.deepEqual(got, Uint8Array.of(7));
  }
  for (const form of [
    [0x91, 7],
    [0xdc, 0, 1, 7],
    [0xdd, 0, 0, 0, 1, 7],
  ]) {
    const got = readMsgpack(Uint8Array.of(0x81, 0xa1, a, ...form), LIMITS).get("a");
    assert.deepEqual(got, [7]);
  }
});

test("bin is a view of the input", () => {
  const bytes = Uint8Array.of(0x81, 0xa1, 0x61, 0xc4, 2, 5, 6);
  const got = /** @type {Uint8Array} */ (readMsgpack(bytes, LIMITS).get("a"));
  assert.equal(got.buffer, bytes.buffer);
});

test("bytes that are cut off end too early, wherever that is", () => {
  const value = { a: [1, -300, 1.5, "é😀", null, true], b: new Uint8Array(3), c: { d: 2 ** 40 } };
  const bytes = stock.encode(value);
  for (let end = 1; end < bytes.length; end++) {
    assert.match(fault(bytes.slice(0, end)), /^SYNTAX_END \d+$/);
  }
  assert.equal(fault(bytes), "nothing");
  assert.equal(fault([...bytes, 0]), `SYNTAX_TRAILING ${bytes.length}`);
});

test("faults and limits stand where the specification says", () => {
  const a = [0xa1, 0x61];
  const cases = /** @type {[number[], Record<string, number>, string][]} */ ([
    [[0x81, ...a, 0xdd, 0xff, 0xff, 0xff, 0xff], {}, "SYNTAX_END 3"],
    [[0x81, ...a, 0xdf, 0xff, 0xff, 0xff, 0xff], {}, "SYNTAX_END 3"],
    [[0x81, ...a, 0x92, 1], {}, "SYNTAX_END 3"],
    [[0x81, ...a, 0x81, 1], {}, "SYNTAX_END 3"],
    [[0x81, ...a, 0xa5, 0x61], {}, "SYNTAX_END 3"],
    [[0x81, ...a, 0xc6, 0xff, 0xff, 0xff, 0xff], {}, "SYNTAX_END 3"],
    [[0x82, ...a, 1], {}, "SYNTAX_END 0"],
    [[0x81, ...a], {}, "SYNTAX_END 3"],
    [[0x81, ...a, 0xcd, 1], {}, "SYNTAX_END 3"],
    [[0x81, 0xc1, 1], {}, "SYNTAX_FORMAT 1"],
    [[0x81, ...a, 0xd4, 0, 0], {}, "SYNTAX_FORMAT 3"],
    [[0x81, ...a, 0xc7, 0, 0], {}, "SYNTAX_FORMAT 3"],
    [[0x81, ...a, 0xc1], { values: 1 }, "SYNTAX_FORMAT 3"],
    [[0x81, 0xc4, 1, 0x61, 1], {}, "SYNTAX_KEY 1"],
    [[0x82, ...a, 1, 0xd9, 1, 0x61, 2], {}, "SYNTAX_DUPLICATE_KEY 4"],
    [[0x81, ...a, 0xa2, 0x61, 0xff], {}, "SYNTAX_UTF8 5"],
    [[0x81, ...a, 0xca, 0x7f, 0x80, 0, 0], {}, "SYNTAX_NUMBER_RANGE 3"],
    [[0x81, ...a, 0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], {}, "SYNTAX_NUMBER_RANGE 3"],
    [[0x81, ...a, 0x91, 0x91, 1], { depth: 2 }, "LIMIT_DEPTH 4"],
    [[0x81, ...a, 0x91, 0x92, 1], { depth: 2 }, "LIMIT_DEPTH 4"],
    [[0x82, ...a, 1, 0xa1, 0x62, 1], { members: 1 }, "LIMIT_MEMBERS 0"],
    [[0x81, ...a, 0xa2, 0xff, 0xff], { string: 1 }, "LIMIT_STRING 3"],
    [[0x81, 0xa2, 0x61, 0x61, 1], { string: 1 }, "LIMIT_STRING 1"],
    [[0x81, ...a, 0x91, 1], { values: 2 }, "LIMIT_VALUES 4"],
    [[0x81, ...a, 0x91, 1], { values: 2, depth: 1 }, "LIMIT_DEPTH 3"],
    [[0x81, ...a, 0x91, 1], { values: 1, depth: 1 }, "LIMIT_VALUES 3"],
  ]);
  for (const [bytes, limits, expected] of cases) {
    assert.equal(fault(bytes, limits), expected, bytes.map((byte) => byte.toString(16)).join(" "));
  }
});

test("random bytes give a value or a finding", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      assert.match(fault([0x81, 0xa1, 0x61, ...bytes]), /^(nothing|SYNTAX_\w+ \d+|LIMIT_\w+ \d+)$/);
    }),
    { numRuns: 5000 },
  );
});

test("depth is bounded, however deep the bytes go", () => {
  const bytes = new Uint8Array(200_000).fill(0x91);
  bytes.set([0x81, 0xa1, 0x61]);
  assert.equal(fault(bytes, { depth: 256 }), "LIMIT_DEPTH 258");
  bytes.fill(0xc0, 258); // and the last list holds nil
  assert.equal(fault(bytes, { depth: 256 }), "SYNTAX_TRAILING 259");
});
