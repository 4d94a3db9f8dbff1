/** The JSON reader against JSON.parse, and at its borders. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { RnnspecError } from "../src/issue.js";
import { Decimals } from "../src/json_reader/decimals.js";
import { Base64Text } from "../src/json_reader/text.js";
import { decodeUtf8, encodeUtf8, illFormedAt } from "../src/json_reader/utf8.js";
import { readJson } from "../src/json_reader.js";
import { limitsWith } from "../src/limits.js";
import { bytesOf } from "./support.js";

const UNLIMITED = limitsWith({ depth: 256, number: 1000 });

/** @param {string | Uint8Array} text */
function read(text) {
  return readJson(typeof text === "string" ? bytesOf(text) : text, UNLIMITED);
}

/**
 * What JSON.parse gives for the same text: Maps made objects again.
 *
 * @param {unknown} value
 * @returns {unknown}
 */
function plain(value) {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
  }
  return Array.isArray(value) ? value.map(plain) : value;
}

/**
 * `CODE place` of a text that must fail.
 *
 * @param {string | Uint8Array} text
 * @param {Partial<import("../src/limits.js").Limits>} [limits]
 */
function fault(text, limits = {}) {
  const bytes = typeof text === "string" ? bytesOf(text) : text;
  try {
    readJson(bytes, { ...UNLIMITED, ...limits });
  } catch (error) {
    if (!(error instanceof RnnspecError)) throw error;
    assert.equal(error.issues.length, 1);
    assert.ok(error.message.startsWith(String(error.code)));
    return `${error.code} ${error.issues[0]?.place}`;
  }
  return "nothing";
}

const anyJson = fc.jsonValue({ stringUnit: "binary", maxDepth: 6 });
const scalarText = fc.string({ unit: "binary" }); // every scalar value

test("random documents read as JSON.parse reads them", () => {
  const spaced = fc.constantFrom(undefined, 1, "\t", "\r\n ");
  fc.assert(
    fc.property(fc.dictionary(scalarText, anyJson), spaced, (document, space) => {
      const text = JSON.stringify(document, null, space);
      const expected = JSON.parse(text, (_, value) => (value === 0 ? 0 : value)); // -0 means 0
      assert.deepEqual(plain(read(` ${text}\n`)), expected);
    }),
    { numRuns: 500 },
  );
});

test("strings with every kind of escape read as JSON.parse reads them", () => {
  const anyEscape = fc.constantFrom(
    ...['\\"', "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t"],
    ...["\\u0000", "\\u00e9", "\\u20AC", "\\uD83D\\uDE00", "é", "€", "😀", "x"],
  );
  fc.assert(
    fc.property(fc.array(anyEscape), (parts) => {
      const text = `{"${parts.join("")}": "${parts.join("")}"}`;
      assert.deepEqual(plain(read(text)), JSON.parse(text));
      const length = new TextEncoder().encode(JSON.parse(`"${parts.join("")}"`)).length;
      assert.equal(fault(text, { string: length }), "nothing");
      if (length > 0) assert.equal(fault(text, { string: length - 1 }), "LIMIT_STRING 1");
    }),
  );
});

test("a damaged document is refused where JSON.parse refuses it, or for a rule of the profile", () => {
  const profile = /^(SYNTAX_DUPLICATE_KEY|SYNTAX_SURROGATE|SYNTAX_NUMBER_RANGE|LIMIT_)/;
  const letters = fc.constantFrom(...'{}[]:,"\\u0123456789.eE+-tfnl \n\u0007x');
  const damage = fc.record({ at: fc.nat(), cut: fc.nat(3), put: fc.string({ unit: letters }) });
  fc.assert(
    fc.property(fc.dictionary(scalarText, anyJson), damage, (document, { at, cut, put }) => {
      const sound = [...JSON.stringify(document)]; // by characters, so that no surrogate is alone
      const start = 1 + (at % sound.length);
      const text = [...sound.slice(0, start), put, ...sound.slice(start + cut)].join("");
      const found = fault(text);
      let parsed = true;
      try {
        JSON.parse(text);
      } catch {
        parsed = false;
      }
      if (profile.test(found)) return;
      assert.equal(found === "nothing", parsed, `${text}: ${found}`);
    }),
    { numRuns: 3000 },
  );
});

test("a document cut off anywhere ends too early", () => {
  const text =
    '{"a\\u00e9": [1, -2.5e+3, "\\ud83d\\ude00é", true, false, null, {}], "": {"b": []}}';
  const bytes = bytesOf(text);
  for (let end = 1; end < bytes.length; end++) {
    assert.equal(fault(bytes.slice(0, end)), `SYNTAX_END ${end}`);
  }
});

test("faults stand where the specification says", () => {
  const cases = {
    '{"a": 01}': "SYNTAX_UNEXPECTED 7",
    '{"a": +1}': "SYNTAX_UNEXPECTED 6",
    '{"a": 1.x}': "SYNTAX_UNEXPECTED 8",
    '{"a": 1e}': "SYNTAX_UNEXPECTED 8",
    '{"a": -}': "SYNTAX_UNEXPECTED 7",
    '{"a": .5}': "SYNTAX_UNEXPECTED 6",
    '{"a": NaN}': "SYNTAX_UNEXPECTED 6",
    '{"a": nul]': "SYNTAX_UNEXPECTED 6",
    '{"a": truex}': "SYNTAX_UNEXPECTED 10",
    '{"a": tru': "SYNTAX_END 9",
    '{"a" 1}': "SYNTAX_UNEXPECTED 5",
    '{"a": 1,}': "SYNTAX_UNEXPECTED 8",
    "{,}": "SYNTAX_UNEXPECTED 1",
    '{"a": [1,]}': "SYNTAX_UNEXPECTED 9",
    '{"a": [1 2]}': "SYNTAX_UNEXPECTED 9",
    '{"a": "\t"}': "SYNTAX_UNEXPECTED 7",
    '{"a": "\\u12x4"}': "SYNTAX_UNEXPECTED 7",
    '{"a": "\\': "SYNTAX_END 8",
    '{"a": "\\ud800': "SYNTAX_END 13",
    '{"a": "\\ud800\\': "SYNTAX_END 14",
    '{"a": "\\ud800\\ud8': "SYNTAX_END 17",
    '{"a": "\\ud800\\n"}': "SYNTAX_SURROGATE 7",
    '{"a": "\\ud800\\x"}': "SYNTAX_SURROGATE 7",
    '{"a": "\\ud800\\u00e9"}': "SYNTAX_SURROGATE 7",
    '{"a": "\\ud800\\u00x9"}': "SYNTAX_UNEXPECTED 13",
    '{"a": "\\udc00"}': "SYNTAX_SURROGATE 7",
    '{"a": "\\udc00\\udc00"}': "SYNTAX_SURROGATE 7",
    '{"\\ud800": 1}': "SYNTAX_SURROGATE 2",
    '{"a": 1} {"a": 1}': "SYNTAX_TRAILING 9",
    '{"a": 1e309}': "SYNTAX_NUMBER_RANGE 6",
    '{"a": 1e400': "SYNTAX_NUMBER_RANGE 6",
    '{"a": 1e4x': "SYNTAX_UNEXPECTED 9",
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(fault(text), expected, text);
});

test("limits come where the specification puts them", () => {
  const cases = /** @type {[string, Record<string, number>, string][]} */ ([
    ['{"a": 1, "a": 2}', { members: 1 }, "LIMIT_MEMBERS 9"],
    ['{"a": 1, "a\\x": 2}', { members: 1 }, "LIMIT_MEMBERS 9"],
    ['{"aa": 1, "aa": 2}', { string: 1 }, "LIMIT_STRING 1"],
    ['{"a": "bb\\x"}', { string: 1 }, "SYNTAX_UNEXPECTED 9"],
    ['{"a": 1e400}', { number: 4 }, "LIMIT_NUMBER 6"],
    ['{"a": [tru]}', { values: 2 }, "LIMIT_VALUES 7"],
    ['{"a": [x]}', { values: 2 }, "SYNTAX_UNEXPECTED 7"],
    ['{"a": [[]]}', { values: 2, depth: 2 }, "LIMIT_VALUES 7"],
    ['{"a": [[]]}', { values: 3, depth: 2 }, "LIMIT_DEPTH 7"],
    ['{"tensors": {"W": {"data": [1, 2, [3, 4]]}}}', { values: 5 }, "LIMIT_VALUES 38"],
    ['{"tensors": {"W": {"data": [1, 2, [3, 4]]}}}', { values: 6 }, "nothing"],
    ['{"tensors": {"W": {"data": "AAAA"}}}', { string: 7 }, "nothing"],
    ['{"tensors": {"W": {"data": ["AAAAAAAA"]}}}', { string: 7 }, "LIMIT_STRING 28"],
    ['{"tensors": {"W": {"data": [1, 12345]}}}', { number: 4 }, "LIMIT_NUMBER 31"],
  ]);
  for (const [text, limits, expected] of cases) assert.equal(fault(text, limits), expected, text);
});

test("numbers of tensor data are refused where all others are", () => {
  const number = fc.string({ unit: fc.constantFrom(..."-+01.eE9 "), maxLength: 8 });
  const start = '{"tensors": {"W": {"data": [7, ';
  const general = start.replace("data", "atad");
  fc.assert(
    fc.property(number, fc.constantFrom("]}}}", ", 7]}}}", "", "x"), (text, end) => {
      const limits = { number: 6 };
      assert.equal(fault(start + text + end, limits), fault(general + text + end, limits));
    }),
    { numRuns: 5000 },
  );
});

test("depth is bounded, however deep the text goes", () => {
  assert.equal(fault(`{"a": ${"[".repeat(200_000)}`), `LIMIT_DEPTH ${255 + 6}`);
  assert.equal(fault(`{"a": ${"[".repeat(255)}`), `SYNTAX_END ${255 + 6}`);
  assert.equal(fault(`{"a": ${"[".repeat(255)}${"]".repeat(255)}}`), "nothing");
  assert.equal(fault(`${'{"a":'.repeat(40)}`, { depth: 32 }), "LIMIT_DEPTH 160");
});

test("no key is special", () => {
  const document = read('{"__proto__": 1, "constructor": 2, "10": 3, "2": 4}');
  assert.deepEqual([...document.keys()], ["__proto__", "constructor", "10", "2"]);
  assert.equal(/** @type {any} */ ({}).polluted, undefined);
});

test("tensor data are told by their path alone", () => {
  const data = (/** @type {Map<string, any>} */ document) => {
    return document.get("tensors").get("W").get("data");
  };
  assert.ok(data(read('{"tensors": {"W": {"data": [1]}}}')) instanceof Decimals);
  assert.ok(data(read('{"tensors": {"W": {"data": "AA\\u0041A"}}}')) instanceof Base64Text);
  assert.ok(data(read('{"tensors": {"W": {"data": {"data": [1]}}}}')) instanceof Map);
  const list = read('{"tensors": [{"data": [1]}], "data": [2], "x": {"W": {"data": [3]}}}');
  assert.deepEqual(plain(list), { tensors: [{ data: [1] }], data: [2], x: { W: { data: [3] } } });
  const deep = read('{"x": {"tensors": {"W": {"data": [1]}}}}');
  assert.deepEqual(plain(deep), { x: { tensors: { W: { data: [1] } } } });
});

test("UTF-8 is judged as a strict decoder judges it", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const byte = fc.oneof(
    fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xa0, 0x9f, 0xf0, 0x90, 0xf4, 0x8f),
    fc.nat(255),
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 12 }), (list) => {
      const bytes = Uint8Array.from(list);
      let longest = bytes.length; // the longest well-formed beginning
      for (; ; longest--) {
        try {
          decoder.decode(bytes.subarray(0, longest));
          break;
        } catch {
          // shorter, then
        }
      }
      const bad = illFormedAt(bytes, 0, bytes.length);
      assert.equal(bad < 0 ? bytes.length : bad, longest);
      const text = decoder.decode(bytes.subarray(0, longest));
      assert.equal(decodeUtf8(bytes, 0, longest), text);
      assert.deepEqual(encodeUtf8(text), bytes.slice(0, longest));
    }),
    { numRuns: 5000 },
  );
});
