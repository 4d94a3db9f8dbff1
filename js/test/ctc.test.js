/** Decoding from a given state ([decode-5]), and CTC's best path ([decode-8]). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { compile, ctc, decode, generate, generateText, load, run } from "rnnspec";

import { bytesOf, fails, findings, tensor, tokenNet } from "./support.js";

/** @param {any} net */
const planOf = (net) => compile(load(bytesOf(net)));

/** @param {number} [start] */
function started(start) {
  const net = tokenNet();
  net.decoding = { mode: "greedy" };
  // Weights so large, and so unlike, that what is fed makes a difference.
  for (const name of ["E", "W", "R", "D"]) {
    const { data } = net.tensors[name];
    for (const k of data.keys())
      data[k] = 6 * Math.sin((k + 1) * (k + 6) * 0.7 + name.charCodeAt(0));
  }
  if (start !== undefined) net.vocabularies.letters.start = start;
  return planOf(net);
}

/**
 * What greedy decoding gives from a state, by runs alone.
 *
 * @param {import("rnnspec").Plan} plan
 * @param {number[]} ids fed first
 * @param {any} state
 * @param {number} count
 */
function expectedIds(plan, ids, state, count) {
  const got = [];
  let unread = ids;
  for (let k = 0; k < count; k++) {
    const { output, state: after } = run(plan, [unread], { state });
    const last = output.data.slice(-4); // greedy: the largest probability is the largest logit
    const id = last.indexOf(Math.max(...last));
    got.push(id);
    unread = [id];
    state = after;
  }
  return got;
}

test("generating goes on from a state; start is fed where there is no prime", () => {
  const plain = started();
  const { state } = run(plain, [[1, 3, 2]]);
  const whole = [...generate(plain, [1, 3, 2, 0], { count: 8 })];
  assert.deepEqual([...generate(plain, [0], { count: 8, state })], whole);
  assert.equal(
    [...generateText(plain, [0], { count: 8, state })].join(""),
    decode(/** @type {any} */ (plain.model.inputVocabulary), whole),
  );
  fails(() => generate(plain, [], { state }), "RUN_PRIME");
  let differs = false; // whether feeding `start` shows
  for (const start of [0, 1, 2, 3]) {
    const plan = started(start);
    const initial = run(plan, [[]]).state;
    const some = [...generate(plan, [], { count: 8, state })];
    assert.deepEqual(some, expectedIds(plan, [start], state, 8));
    for (const id of [0, 1, 2, 3]) {
      const expected = expectedIds(plan, [id], state, 8);
      assert.deepEqual([...generate(plan, [id], { count: 8, state })], expected);
      differs ||= `${expected}` !== `${expectedIds(plan, [start, id], state, 8)}`;
      const fresh = [...generate(plan, [id], { count: 8 })];
      assert.deepEqual(fresh, expectedIds(plan, [start, id], initial, 8));
    }
  }
  assert.ok(differs);
  const before = [...(state.get("cell")?.h.data ?? [])];
  for (const _ of generate(plain, [0], { count: 3, state }))
    assert.deepEqual([...(state.get("cell")?.h.data ?? [])], before);
});

test("a given state is judged, last", () => {
  const plan = started();
  const wide = run(plan, [[0], [1]]).state; // N = 2
  const bad = new Map([["cell", { h: [[1, NaN, 0]], c: [[0, 0, 0]] }]]);
  fails(() => generate(plan, [0], { state: wide }), "RUN_STATE");
  fails(() => generate(plan, [0], { state: bad }), "RUN_NONFINITE_INPUT");
  fails(() => generate(plan, [], { state: bad }), "RUN_PRIME");
  fails(() => generate(plan, [9], { state: bad }), "RUN_TOKEN");
  fails(() => generate(plan, [0], { state: bad, count: -1 }), "RUN_OPTION");
});

test("a net that is not forward can't generate, nor one in mode ctc", () => {
  const net = tokenNet();
  net.layers[1].direction = "reverse";
  fails(() => generate(planOf(net), [0]), "RUN_DECODING");
  const other = tokenNet();
  other.decoding = { mode: "ctc", blank: 0 };
  fails(() => generate(planOf(other), [0]), "RUN_DECODING");
  assert.equal([...generate(planOf(other), [0], { mode: "greedy", count: 3 })].length, 3);
  fails(() => generate(started(), [0], /** @type {any} */ ({ mode: "ctc" })), "RUN_DECODING");
});

/**
 * A net that gives what it is given, of four tokens; the last layer may be a softmax.
 *
 * @param {any} [last]
 */
function echo(last) {
  const eye = {
    dtype: "float32",
    shape: [4, 4],
    data: Array.from({ length: 16 }, (_, k) => (k % 5 ? 0 : 1)),
  };
  const net = tokenNet();
  net.input = { kind: "features", size: 4 };
  net.layers = [{ name: "same", type: "dense", size: 4, parameters: { W: "W" } }];
  net.output = { kind: "logits", vocabulary: "letters" };
  if (last) net.layers.push({ name: "last", type: "activation", function: last });
  if (last === "softmax") net.output.kind = "probabilities";
  net.decoding = { mode: "ctc", blank: 2 };
  net.tensors = { W: eye };
  return net;
}

/** Steps whose largest is that of each id. @param {number[]} ids */
const peaks = (ids) => ids.map((id) => [0, 1, 2, 3].map((k) => (k === id ? 5 : -k)));

test("ctc keeps the first of equal ids side by side, then drops the blanks", () => {
  const plan = planOf(echo());
  const path = (/** @type {number[]} */ ids, options = {}) => ctc(plan, [peaks(ids)], options);
  assert.deepEqual(path([0, 0, 2, 0, 1, 1, 2, 2, 3]), { ids: [[0, 0, 1, 3]], text: ["aab😀"] });
  assert.deepEqual(path([2, 2]), { ids: [[]], text: [""] });
  assert.deepEqual(path([]), { ids: [[]], text: [""] });
  assert.deepEqual(path([0, 2, 0], { blank: 0 }).ids, [[2]]); // the caller's
  assert.deepEqual(path([1, 0, 1], { blank: 3 }).ids, [[1, 0, 1]]);
  assert.deepEqual(ctc(plan, [[[1, 7, 3, 7]]]).ids, [[1]]); // the lowest of the largest
  const rows = [peaks([0, 0, 1]), peaks([3, 1, 0])];
  assert.deepEqual(ctc(plan, rows, { lengths: [3, 1] }), {
    ids: [[0, 1], [3]],
    text: ["ab", "😀"],
  });
});

test("the logits of ctc are what a last softmax reads", () => {
  const close = [[[1e-9, 2e-9, -1, -2]]]; // two logits of one probability
  for (const last of ["softmax", undefined]) {
    assert.deepEqual(ctc(planOf(echo(last)), close).ids, [[1]]);
  }
  const net = echo("softmax");
  net.layers.shift(); // it reads the net's input itself
  net.tensors = {};
  assert.deepEqual(ctc(planOf(net), close).ids, [[1]]);
});

test("ctc needs time, a vocabulary and a blank, and takes a state of any net", () => {
  const net = echo();
  net.layers.push({ name: "end", type: "last_step" });
  fails(() => ctc(planOf(net), [peaks([0])]), "RUN_DECODING");
  const none = echo();
  none.decoding = undefined;
  fails(() => ctc(planOf(none), [peaks([0])]), "RUN_OPTION");
  for (const blank of [4, -1, 0.5])
    fails(() => ctc(planOf(echo()), [[[1]]], { blank }), "RUN_OPTION");
  fails(() => ctc(planOf(echo()), [[[1]]]), "RUN_SHAPE");
  const both = tokenNet();
  both.layers[1].direction = "reverse";
  const plan = planOf(both);
  const { state } = run(plan, [[0, 1, 2]]);
  const { output } = run(plan, [[3, 2, 1]], { state });
  const best = [0, 1, 2].map((t) => {
    const row = output.data.slice(4 * t, 4 * t + 4);
    return row.indexOf(Math.max(...row));
  });
  const collapsed = best.filter((id, t) => id !== best[t - 1] && id !== 3);
  assert.deepEqual(ctc(plan, [[3, 2, 1]], { state, blank: 3 }).ids, [collapsed]);
});

test("blank stands with mode ctc, and within the vocabulary", () => {
  const judged = (/** @type {any} */ decoding) => findings({ ...echo(), decoding });
  assert.deepEqual(judged({ mode: "ctc", blank: 3 }), []);
  assert.deepEqual(judged({ mode: "ctc", blank: 4 }), ["ID_RANGE /decoding/blank"]);
  assert.deepEqual(judged({ mode: "ctc" }), ["STRUCTURE_MISSING /decoding/blank"]);
  assert.deepEqual(judged({ mode: "greedy", blank: 1 }), ["STRUCTURE_UNKNOWN_KEY /decoding/blank"]);
  assert.deepEqual(judged({ mode: "ctc", blank: 1, top_k: 1 }), [
    "STRUCTURE_UNKNOWN_KEY /decoding/top_k",
  ]);
  assert.deepEqual(judged({ mode: "x", blank: -1, top_k: 0 }), [
    "STRUCTURE_ENUM /decoding/mode",
    "STRUCTURE_RANGE /decoding/blank",
    "STRUCTURE_RANGE /decoding/top_k",
  ]);
});

test("an encoder's state begins a decoder", () => {
  const encoder = tokenNet();
  encoder.layers = encoder.layers.slice(0, 2);
  encoder.layers[1].output = "final";
  encoder.output = { kind: "values" };
  delete encoder.decoding;
  delete encoder.tensors.D;
  const { state } = run(planOf(encoder), [[0, 3, 1]]);
  const decoder = tokenNet();
  decoder.vocabularies.letters.start = 0;
  decoder.tensors.W = tensor([2, 12]);
  const plan = planOf(decoder);
  assert.deepEqual(
    [...generate(plan, [], { mode: "greedy", count: 5, state })],
    expectedIds(plan, [0], state, 5),
  );
});
