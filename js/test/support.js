/** Documents and helpers that several tests share. */

import assert from "node:assert/strict";

import { RnnspecError, validate } from "rnnspec";

/**
 * A JSON document, which a test may change in any way.
 *
 * @typedef {any} Document
 */

/** @param {unknown} value */
export function bytesOf(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return new Uint8Array(new TextEncoder().encode(text));
}

/**
 * What works in place on the first element of an array, as a function of a number.
 *
 * @param {(values: Float32Array) => unknown} apply
 * @returns {(x: number) => number}
 */
export function scalar(apply) {
  return (x) => {
    const values = Float32Array.of(x);
    apply(values);
    return values[0] ?? Number.NaN;
  };
}

/** The usual activations of an LSTM. */
export const LSTM = {
  gates: { function: "sigmoid" },
  candidate: { function: "tanh" },
  output: { function: "tanh" },
};

/**
 * `code place` of every finding, in alphabetical order; every message is made, too.
 *
 * @param {unknown} value a document, JSON text, or bytes
 * @param {import("rnnspec").ReadOptions} [options]
 * @param {typeof validate} [examine]
 */
export function findings(value, options, examine = validate) {
  const bytes = value instanceof Uint8Array ? value : bytesOf(value);
  return examine(bytes, options).map(told).sort();
}

/** @param {import("rnnspec").Issue} issue */
function told(issue) {
  assert.ok(issue.message.startsWith(issue.code));
  checkWords(issue);
  return `${issue.code} ${issue.place}`;
}

/**
 * Every part is filled, short, and can't act on a terminal.
 *
 * @param {import("rnnspec").Issue} issue
 */
export function checkWords({ expected, fix, message, what, where }) {
  for (const part of [what, where, expected, fix, message]) {
    assert.match(part, /^[^\p{C}\p{Zl}\p{Zp}]+$/u);
    assert.doesNotMatch(part, /undefined|NaN numbers|\[object|\{(what|got|name|limit|expected)\}/);
    assert.ok(part.length <= 300, `${part.length}: ${part}`);
  }
  for (const part of [what, expected, fix]) assert.ok(part.length <= 200, part);
  assert.ok(message.endsWith(fix));
}

/**
 * Expects a call to fail with one issue.
 *
 * @param {() => unknown} call
 * @param {string} code
 */
export function fails(call, code) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof RnnspecError, String(error));
    assert.equal(error.code, code, error.message);
    assert.equal(error.message, error.issues[0]?.message);
    for (const issue of error.issues) checkWords(issue);
    return true;
  });
}

/**
 * A net of tokens: embedding, lstm, dense, softmax; with a vocabulary, decoding and no examples.
 *
 * @returns {Document}
 */
export function tokenNet() {
  const V = 4;
  const H = 3;
  return {
    rnnspec: "1.0-draft.3",
    name: "letters",
    input: { kind: "tokens", vocabulary: "letters" },
    vocabularies: { letters: { unit: "codepoint", tokens: ["a", "b", "é", "😀"] } },
    layers: [
      { name: "in", type: "embedding", size: 2, parameters: { E: "E" } },
      {
        name: "cell",
        type: "lstm",
        hidden_size: H,
        activations: structuredClone(LSTM),
        parameters: { W: "W", R: "R", b: "b" },
      },
      { name: "out", type: "dense", size: V, parameters: { W: "D" } },
      { name: "p", type: "activation", function: "softmax" },
    ],
    output: { kind: "probabilities", vocabulary: "letters" },
    decoding: { mode: "sample", temperature: 0.5 },
    tensors: {
      E: tensor([V, 2]),
      W: tensor([2, 4 * H]),
      R: tensor([H, 4 * H]),
      b: tensor([4 * H]),
      D: tensor([H, V]),
    },
  };
}

/**
 * A net of features: lstm, dense; one exact-looking example may be added by the caller.
 *
 * @returns {Document}
 */
export function featureNet() {
  const H = 2;
  return {
    rnnspec: "1.0-draft.3",
    input: { kind: "features", size: 3, names: ["x", "y", "z"], sample_rate: 44100.5 },
    layers: [
      {
        name: "cell",
        type: "lstm",
        hidden_size: H,
        activations: structuredClone(LSTM),
        parameters: { W: "W", R: "R" },
      },
      { name: "out", type: "dense", size: 2, parameters: { W: "D", b: "d" } },
    ],
    output: { kind: "values", labels: ["u", "v"] },
    tensors: {
      W: tensor([3, 4 * H]),
      R: tensor([H, 4 * H]),
      D: tensor([H, 2]),
      d: { dtype: "float16", shape: [2], data: "ADwAwA==" }, // 1, -2
    },
  };
}

/**
 * A tensor of decimals that are all different.
 *
 * @param {number[]} shape
 */
export function tensor(shape) {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Array.from({ length: count }, (_, k) => Math.sin(12.9898 * (k + count)) * 0.7);
  return { dtype: "float32", shape, data };
}

/**
 * The bits of numbers, so that -0 and +0 differ.
 *
 * @param {Float32Array} values
 */
export function bitsOf(values) {
  return [...new Uint32Array(values.slice().buffer)];
}
