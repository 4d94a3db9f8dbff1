/** Text to ids and back: the rules of SPEC 7 one by one, and the platform's own decoder as the truth. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";
import { decode, encode, load, TextStream } from "rnnspec";

import { bytesOf, fails, findings, tokenNet } from "./support.js";

/**
 * A vocabulary, by way of a model whose other parts fit it.
 *
 * @param {any} letters
 */
function vocabularyOf(letters) {
  const net = tokenNet();
  const V = letters.tokens.length;
  net.vocabularies = { letters };
  net.layers = [{ name: "in", type: "one_hot" }];
  net.output = { kind: "values", vocabulary: "letters" };
  net.tensors = {};
  const { inputVocabulary } = load(bytesOf(net));
  assert.equal(inputVocabulary?.size, V);
  return /** @type {import("rnnspec").Vocabulary} */ (inputVocabulary);
}

/** All bytes, in another order than their own. */
const BYTES = Array.from({ length: 256 }, (_, id) => (id * 7) % 256);
const bytes = vocabularyOf({ unit: "byte", tokens: BYTES });

/** @param {Iterable<number>} ids */
function streamed(ids, vocabulary = bytes) {
  const stream = new TextStream(vocabulary);
  const pieces = Array.from(ids, (id) => stream.piece(id));
  pieces.push(stream.end());
  return pieces;
}

/** @param {ArrayLike<number>} octets */
const idsOf = (octets) => Array.from(octets, (octet) => BYTES.indexOf(octet));

test("bytes become the text that the platform's decoder makes of them, however ill-formed", () => {
  const near = fc.constantFrom(
    ...[0x00, 0x61, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf],
    ...[0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff],
  );
  fc.assert(
    fc.property(fc.array(near, { maxLength: 12 }), (octets) => {
      const truth = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(octets));
      const ids = idsOf(octets);
      assert.equal(decode(bytes, ids), truth);
      assert.equal(streamed(ids).join(""), truth);
    }),
    { numRuns: 20_000 },
  );
});

test("bytes are held back until they are a character or can't become one", () => {
  const octets = [0xf0, 0x9f, 0x98, 0x80, 0xe2, 0x82, 0x61, 0xf0, 0x9f];
  const pieces = ["", "", "", "\u{1f600}", "", "", "\ufffda", "", "", "\ufffd"];
  assert.deepEqual(streamed(idsOf(octets)), pieces);
  const stream = new TextStream(bytes);
  assert.equal(stream.piece(BYTES.indexOf(0xc3)), "");
  assert.equal(stream.end() + stream.end(), "\ufffd");
  assert.equal(stream.piece(BYTES.indexOf(0xa9)), "\ufffd"); // nothing is left of the C3
});

test("text becomes the bytes that the platform's encoder makes of it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      assert.deepEqual(encode(bytes, text), idsOf(new TextEncoder().encode(text)));
      assert.equal(decode(bytes, encode(bytes, text)), text);
    }),
    { numRuns: 2000 },
  );
});

test("a byte that is missing is the unknown id or an error; an id may have no byte", () => {
  const few = vocabularyOf({ unit: "byte", tokens: [0x61, "", 0x61, 0xc3, 0], unknown: 1, end: 2 });
  assert.deepEqual(encode(few, "a\u0000b"), [0, 4, 1]);
  assert.equal(decode(few, [0, 1, 2, 4]), "a\u0000");
  fails(() => encode(vocabularyOf({ unit: "byte", tokens: [0x61] }), "b"), "RUN_TEXT");
});

test("half a surrogate pair is no text, whatever the vocabulary", () => {
  const units = [
    { unit: "byte", tokens: [0x61, ""], unknown: 1 },
    { unit: "codepoint", tokens: ["a", ""], unknown: 1 },
    { unit: "token", tokens: ["a", ""], unknown: 1 },
    { unit: "token", tokens: ["a", ""], unknown: 1, separator: " " },
  ];
  for (const letters of units) {
    const vocabulary = vocabularyOf(letters);
    for (const text of ["\ud83d", "a\udc00", "\ude00\ud83d"]) {
      fails(() => encode(vocabulary, text), "RUN_TEXT");
    }
    assert.throws(() => encode(vocabulary, /** @type {any} */ (5)), TypeError);
  }
});

test("code points: the lowest id that is not special; nothing is normalised", () => {
  const vocabulary = vocabularyOf({ unit: "codepoint", tokens: ["a", "b", "é", "😀"] });
  assert.deepEqual(encode(vocabulary, "é😀ab"), [2, 3, 0, 1]);
  assert.equal(decode(vocabulary, [2, 3, 0, 1]), "é😀ab");
  fails(() => encode(vocabulary, "e\u0301"), "RUN_TEXT");
  for (const id of [-1, 4, 0.5, NaN, "0"]) {
    fails(() => decode(vocabulary, [/** @type {any} */ (id)]), "RUN_TOKEN");
    fails(() => new TextStream(vocabulary).piece(/** @type {any} */ (id)), "RUN_TOKEN");
  }
  const letters = ["a", "", "a", "a", "b"];
  const special = vocabularyOf({
    unit: "codepoint",
    tokens: letters,
    start: 0,
    unknown: 1,
    end: 4,
  });
  assert.deepEqual(encode(special, "ab?"), [2, 1, 1]);
  assert.equal(decode(special, [2, 4, 3, 1, 0]), "aa");
});

test("a separator cuts from left to right, and comes back between tokens", () => {
  const tokens = ["a", "b", "", "ab", "-"];
  const dashes = vocabularyOf({ unit: "token", tokens, separator: "--", unknown: 2 });
  assert.deepEqual(encode(dashes, "a--b---ab"), [0, 1, 2]); // the third is "-ab"
  assert.deepEqual(encode(dashes, "----a----"), [0]);
  assert.deepEqual(encode(dashes, ""), []);
  assert.equal(decode(dashes, [2, 0, 2, 3, 4, 2]), "a--ab---");
  assert.deepEqual(streamed([2, 0, 2, 3, 4, 2], dashes), ["", "a", "", "--ab", "---", "", ""]);
});

/**
 * [vocabulary-2] as the text has it, by trying every token at every place.
 *
 * @param {readonly string[]} tokens
 * @param {string} text
 */
function longestFirst(tokens, text) {
  const pieces = [];
  let rest = text;
  while (rest !== "") {
    const fitting = tokens.filter((token) => token !== "" && rest.startsWith(token));
    const scalars = fitting.map((token) => [...token].length);
    const [first = ""] = rest;
    const piece = fitting[scalars.indexOf(Math.max(...scalars))] ?? first;
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  return pieces;
}

test("without a separator the longest token is taken, again and again", () => {
  const letter = fc.constantFrom("a", "b", "😀", "\u{1f601}", "\uffff", "é");
  const word = fc.array(letter, { maxLength: 4 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.array(letter), (words, letters) => {
      const tokens = ["", ...words];
      const text = letters.join("");
      const expected = longestFirst(words, text).map((piece) => {
        const id = words.indexOf(piece);
        return id < 0 ? 0 : id + 1;
      });
      const vocabulary = vocabularyOf({ unit: "token", tokens, unknown: 0 });
      assert.deepEqual(encode(vocabulary, text), expected);
      assert.deepEqual(encode(vocabulary, text), expected); // and the second time
    }),
    { numRuns: 2000 },
  );
});

test("special tokens take no part in the search", () => {
  const vocabulary = vocabularyOf({
    unit: "token",
    tokens: ["ab", "a", "b", "abc"],
    end: 0,
    start: 3,
  });
  assert.deepEqual(encode(vocabulary, "ab"), [1, 2]);
});

test("many long tokens with one start cost their length at each place, not its square", () => {
  const tokens = Array.from({ length: 3000 }, (_, k) => `${"a".repeat(k)}b`);
  const vocabulary = vocabularyOf({ unit: "token", tokens: [...tokens, "a"] });
  encode(vocabulary, "b"); // sorts
  const before = performance.now();
  assert.deepEqual(encode(vocabulary, "a".repeat(3000)), Array(3000).fill(3000));
  assert.ok(performance.now() - before < 8000); // by squares it would be 13.5 milliards of comparisons
});

test("tokens are judged by their unit", () => {
  const judged = (/** @type {any} */ letters) => {
    const net = tokenNet();
    net.vocabularies.letters = { ...letters, tokens: [...letters.tokens, "", "", ""].slice(0, 4) };
    return findings(net).filter((found) => !found.startsWith("VOCABULARY_EMPTY"));
  };
  const at = "/vocabularies/letters";
  for (const token of [256, -1, 0.5, "a"]) {
    assert.deepEqual(judged({ unit: "byte", tokens: [token] }), [`STRUCTURE_TOKEN ${at}/tokens/0`]);
  }
  for (const token of [null, true, [], {}]) {
    assert.deepEqual(judged({ unit: "byte", tokens: [token] }), [`STRUCTURE_TYPE ${at}/tokens/0`]);
  }
  for (const unit of ["codepoint", "token"]) {
    assert.deepEqual(judged({ unit, tokens: [5] }), [`STRUCTURE_TYPE ${at}/tokens/0`]);
  }
  assert.deepEqual(judged({ unit: "codepoint", tokens: ["ab"] }), [
    `STRUCTURE_TOKEN ${at}/tokens/0`,
  ]);
  assert.deepEqual(judged({ unit: "token", tokens: ["ab"], separator: "--" }), []);
  assert.deepEqual(judged({ unit: "token", tokens: ["a"], separator: "" }), [
    `STRUCTURE_TOKEN ${at}/separator`,
  ]);
  assert.deepEqual(judged({ unit: "byte", tokens: [1], separator: " " }), [
    `STRUCTURE_UNKNOWN_KEY ${at}/separator`,
  ]);
  assert.deepEqual(judged({ unit: "byte", tokens: [1, 2, 1] }), [
    `VOCABULARY_REPEATED ${at}/tokens/2`,
  ]);
  assert.deepEqual(judged({ unit: "token", tokens: ["a", "a", "a"], start: 0, end: 2 }), []);
});
