/** Generating: the generator and the weights against BigInt arithmetic, the rules of section 15. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";
import { compile, decode, generate, generateText, load, run } from "rnnspec";

import * as functions from "../src/activation.js";
import { greedy, Sampler } from "../src/decoding/choose.js";
import { Random } from "../src/decoding/random.js";
import { bytesOf, fails, featureNet, scalar, tokenNet } from "./support.js";

const WORD = 2n ** 32n;

const exp = scalar((values) => functions.exp(values, 0, 1));

/** xoshiro128** in BigInt, as [decode-4] has it. */
class Truth {
  /** @param {bigint} seed */
  constructor(seed) {
    this.s = [1n, 2n, 3n, 4n].map((i) => {
      let z = (seed + i * 0x9e3779b9n) % WORD;
      z ^= z >> 16n;
      z = (z * 0x85ebca6bn) % WORD;
      z ^= z >> 13n;
      z = (z * 0xc2b2ae35n) % WORD;
      return z ^ (z >> 16n);
    });
  }

  word() {
    const rotl = (/** @type {bigint} */ x, /** @type {bigint} */ k) => {
      return ((x << k) | (x >> (32n - k))) % WORD;
    };
    let [s0 = 0n, s1 = 0n, s2 = 0n, s3 = 0n] = this.s;
    const result = (rotl((s1 * 5n) % WORD, 7n) * 9n) % WORD;
    const t = (s1 << 9n) % WORD;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = rotl(s3, 11n);
    this.s = [s0, s1, s2, s3];
    return result;
  }
}

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test("random words and draws", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = new Random(seed);
      const truth = new Truth(BigInt(seed));
      for (let k = 0; k < 20; k++) assert.equal(BigInt(random.word()), truth.word());
      const [hi, lo] = [truth.word(), truth.word()];
      assert.equal(random.draw(), Number(((hi >> 5n) << 26n) + (lo >> 6n)) / 2 ** 53);
    }),
  );
});

test("greedy takes the first of the largest", () => {
  assert.equal(greedy(Float32Array.of(1, 3, 3, 2)), 1);
  assert.equal(greedy(Float32Array.of(-1, -1)), 0);
  assert.equal(greedy(Float32Array.of(0)), 0);
});

const ALL = 2 ** 31 - 1;

/**
 * The ids that are kept ([decode-7]), as the text has it: by sorting.
 *
 * @param {bigint[]} weights
 * @param {number} topK
 * @param {number} topP a binary32
 */
function keptIds(weights, topK, topP) {
  const weightOf = (/** @type {number} */ id) => weights[id] ?? 0n;
  const order = weights.map((_, id) => id);
  order.sort((a, b) => (weightOf(a) === weightOf(b) ? a - b : weightOf(a) > weightOf(b) ? -1 : 1));
  const first = order.slice(0, topK);
  const Q = first.reduce((sum, id) => sum + weightOf(id), 0n);
  let sum = 0n;
  const kept = new Set();
  for (const id of first) {
    kept.add(id);
    sum += weightOf(id);
    if (Number(sum) >= topP * Number(Q)) break; // exact: the sums are below 2^53
  }
  return kept;
}

test("sampling is an exact choice by integer weights", () => {
  const logits = fc.array(
    fc.oneof(fc.float({ noNaN: true, min: -50, max: 50 }), fc.constantFrom(0, 1, 2)),
    { minLength: 1 },
  );
  const temperatures = fc.constantFrom(2 ** -7, 0.5, 1, 128, Math.fround(0.7));
  const topKs = fc.oneof(fc.constant(ALL), fc.integer({ min: 1, max: 12 }));
  const topPs = fc.oneof(fc.constant(1), fc.float({ noNaN: true, min: 2 ** -20, max: 1 }));
  fc.assert(
    fc.property(logits, temperatures, seeds, topKs, topPs, (list, temperature, seed, k, p) => {
      const x = Float32Array.from(list);
      const m = Math.max(...x);
      const all = [...x].map((value) => {
        const scaled = Math.fround(Math.fround(value - m) / temperature);
        return BigInt(Math.floor(exp(scaled) * 2 ** 31));
      });
      const kept = keptIds(all, k, p);
      const weights = all.map((weight, id) => (kept.has(id) ? weight : 0n));
      const S = weights.reduce((sum, weight) => sum + weight, 0n);
      const u = new Random(seed).draw();
      let r = BigInt(Math.floor(u * Number(S)));
      if (r > S - 1n) r = S - 1n;
      let id = 0;
      for (let sum = weights[0] ?? 0n; sum <= r; sum += weights[id] ?? 0n) id++;
      assert.equal(new Sampler(x.length, seed, temperature, k, p).choose(x), id);
    }),
    { numRuns: 3000 },
  );
});

test("the first and the last draw take the first and the last token that has a weight", () => {
  const logits = Float32Array.of(-50, 0, -50, 0, -50);
  const sampler = new Sampler(5, 0, 1, ALL, 1);
  sampler.random = /** @type {any} */ ({ draw: () => 0 });
  assert.equal(sampler.choose(logits), 1);
  sampler.random = /** @type {any} */ ({ draw: () => 1 - 2 ** -53 });
  assert.equal(sampler.choose(logits), 3);
});

test("of equal weights the lowest ids are kept", () => {
  const logits = Float32Array.of(0, 1, 1, 1, 0);
  const drawn = (/** @type {number} */ topK, /** @type {number} */ topP) => {
    const sampler = new Sampler(5, 1, 1, topK, topP);
    return new Set(Array.from({ length: 200 }, () => sampler.choose(logits)));
  };
  assert.deepEqual(drawn(2, 1), new Set([1, 2]));
  assert.deepEqual(drawn(4, 1), new Set([0, 1, 2, 3]));
  assert.deepEqual(drawn(ALL, 2 ** -20), new Set([1]));
  assert.deepEqual(drawn(3, 0.5), new Set([1, 2]));
  logits.fill(1, 0, 4);
  logits[4] = -50; // four equal ones: half of them are enough
  assert.deepEqual(drawn(ALL, 0.5), new Set([0, 1]));
});

test("sampling follows the distribution", () => {
  const sampler = new Sampler(3, 7, 1, ALL, 1);
  const counts = [0, 0, 0];
  const logits = Float32Array.of(Math.log(0.5), Math.log(0.3), Math.log(0.2));
  for (let k = 0; k < 20_000; k++) counts[sampler.choose(logits)]++;
  for (const [k, p] of [0.5, 0.3, 0.2].entries()) {
    assert.ok(Math.abs((counts[k] ?? 0) / 20_000 - p) < 0.015, `${counts}`);
  }
});

/** @param {(net: any) => void} [change] */
function planOf(change) {
  const net = tokenNet();
  change?.(net);
  return compile(load(bytesOf(net)));
}

test("generating feeds each token in its turn", () => {
  const plan = planOf();
  const ids = [...generate(plan, [0, 2], { count: 6, mode: "greedy" })];
  assert.equal(ids.length, 6);
  const fed = [0, 2];
  for (const id of ids) {
    const { output } = run(plan, [fed]); // probabilities are in the order of the logits
    assert.equal(id, greedy(output.data.slice(-4)));
    fed.push(id);
  }
  assert.deepEqual([...generate(plan, "aé", { count: 6, mode: "greedy" })], ids);
});

test("mode, temperature and seed: the caller's, then the model's, then the defaults", () => {
  const plan = planOf();
  const take = (/** @type {any} */ options) => [...generate(plan, "a", { count: 40, ...options })];
  assert.deepEqual(take({}), take({ mode: "sample", temperature: 0.5, seed: 0 }));
  assert.notDeepEqual(take({ seed: 1 }), take({}));
  assert.notDeepEqual(take({ temperature: 128 }), take({}));
  const plain = planOf((net) => delete net.decoding);
  const greedyIds = [...generate(plain, "a", { count: 40 })];
  assert.deepEqual(greedyIds, take({ mode: "greedy" }));
  fails(() => generate(plain, "a", { mode: "sample" }), "RUN_OPTION");
  assert.equal([...generate(plain, "a", { mode: "sample", temperature: 1, count: 3 })].length, 3);
});

test("it ends at the end id, which is not returned, and starts with the start id", () => {
  const ids = [...generate(planOf(), "a", { count: 30 })];
  const end = ids[5];
  const stopped = planOf((net) => Object.assign(net.vocabularies.letters, { end }));
  assert.deepEqual([...generate(stopped, "a", { count: 30 })], ids.slice(0, ids.indexOf(end ?? 0)));
  const started = planOf((net) => Object.assign(net.vocabularies.letters, { start: 0 }));
  assert.deepEqual([...generate(started, [], { count: 30 })], ids);
  assert.deepEqual([...generate(started, [], { count: 0 })], []);
});

test("as many as the caller takes", () => {
  let taken = 0;
  for (const id of generate(planOf(), "a")) {
    assert.ok(id >= 0 && id < 4);
    if (++taken === 1000) break;
  }
  assert.equal(taken, 1000);
});

test("faults come in order, before the first token", () => {
  const plan = planOf();
  const other = planOf((net) => {
    net.vocabularies.other = net.vocabularies.letters;
    net.output.vocabulary = "other";
  });
  const cases = /** @type {[any, any, any, string][]} */ ([
    [compile(load(bytesOf(featureNet()))), "", { seed: -1 }, "RUN_DECODING"],
    [other, "?", {}, "RUN_DECODING"],
    [plan, "?", { mode: "best" }, "RUN_OPTION"],
    [plan, "?", { seed: 2 ** 32 }, "RUN_OPTION"],
    [plan, "?", { seed: 0.5 }, "RUN_OPTION"],
    [plan, "?", { mode: "greedy", seed: -1 }, "RUN_OPTION"],
    [plan, "?", { temperature: 0.007 }, "RUN_OPTION"],
    [plan, "?", { temperature: 128.1 }, "RUN_OPTION"],
    [plan, "?", { temperature: NaN }, "RUN_OPTION"],
    [plan, "?", { temperature: "1" }, "RUN_OPTION"],
    [plan, "?", { mode: "greedy", temperature: 0 }, "RUN_OPTION"],
    [plan, "?", { topK: 0 }, "RUN_OPTION"],
    [plan, "?", { topK: 2 ** 31 }, "RUN_OPTION"],
    [plan, "?", { topK: 1.5 }, "RUN_OPTION"],
    [plan, "?", { mode: "greedy", topK: 0 }, "RUN_OPTION"],
    [plan, "?", { topP: 0 }, "RUN_OPTION"],
    [plan, "?", { topP: 1.0000001 }, "RUN_OPTION"],
    [plan, "?", { mode: "greedy", topP: 9e-7 }, "RUN_OPTION"],
    [plan, "?", { count: -1 }, "RUN_OPTION"],
    [plan, "?", { count: 2 ** 31 }, "RUN_OPTION"],
    [plan, "?", { count: Infinity }, "RUN_OPTION"],
    [plan, "?", {}, "RUN_TEXT"],
    [plan, [0, 4], {}, "RUN_TOKEN"],
    [plan, [0.5], {}, "RUN_TOKEN"],
    [plan, undefined, {}, "RUN_PRIME"],
    [plan, "", {}, "RUN_PRIME"],
  ]);
  for (const [net, prime, options, code] of cases) fails(() => generate(net, prime, options), code);
  for (const [net, prime, options, code] of cases) {
    fails(() => generateText(net, prime, options), code);
  }
  // Judged after rounding: 2^-7, 1 and 2^-20.
  generate(plan, "a", { temperature: 0.0078124999, topP: 1.00000001 });
  generate(plan, "a", { topP: 2 ** -20 * 0.99999999 });
});

test("topK and topP: the caller's, then the model's", () => {
  const model = planOf((net) => Object.assign(net.decoding, { top_k: 1 }));
  const narrow = planOf((net) => Object.assign(net.decoding, { top_p: 2 ** -20 }));
  const take = (/** @type {any} */ options, plan = model) => [
    ...generate(plan, "a", { count: 40, ...options }),
  ];
  assert.deepEqual(take({}), take({ topK: 1 }, planOf()));
  assert.deepEqual(take({}), take({ mode: "greedy" }));
  assert.deepEqual(take({}, narrow), take({ mode: "greedy" }));
  assert.notDeepEqual(take({ topP: 1 }, narrow), take({ mode: "greedy" }));
  const off = { topK: 2 ** 31 - 1, topP: 1 };
  assert.deepEqual(take(off), take({}, planOf()));
  assert.notDeepEqual(take(off), take({}));
});

test("text comes in whole pieces, which are together the text of the ids", () => {
  const units = [
    { unit: "codepoint", tokens: ["a", "b", "é", "😀"] },
    { unit: "byte", tokens: [0xf0, 0x9f, 0x98, 0x80] },
    { unit: "token", tokens: ["a", "", "ab", "é"], separator: ", " },
  ];
  for (const letters of units) {
    const plan = planOf((net) => Object.assign(net.vocabularies, { letters }));
    const ids = [...generate(plan, [0], { count: 60, temperature: 4 })];
    const pieces = [...generateText(plan, [0], { count: 60, temperature: 4 })];
    assert.equal(pieces.join(""), decode(/** @type {any} */ (plan.model.inputVocabulary), ids));
    assert.ok(pieces.length > 1 && pieces.every((piece) => piece !== ""));
    for (const piece of pieces) assert.doesNotMatch(piece, /\p{Surrogate}/u);
  }
});
