/** Generating: the generator and the weights against BigInt arithmetic, the rules of section 15. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";
import { compile, decode, encode, generate, load, run } from "rnnspec";

import { exp } from "../src/activation.js";
import { Random } from "../src/decoding/random.js";
import { greedy, sample } from "../src/decoding.js";
import { bytesOf, fails, featureNet, tokenNet } from "./support.js";

const WORD = 2n ** 32n;

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

test("sampling is an exact choice by integer weights", () => {
  const logits = fc.array(fc.float({ noNaN: true, min: -50, max: 50 }), { minLength: 1 });
  const temperatures = fc.constantFrom(2 ** -7, 0.5, 1, 128, Math.fround(0.7));
  fc.assert(
    fc.property(logits, temperatures, seeds, (list, temperature, seed) => {
      const x = Float32Array.from(list);
      const m = Math.max(...x);
      const weights = [...x].map((value) => {
        const scaled = Math.fround(Math.fround(value - m) / temperature);
        return BigInt(Math.floor(exp(scaled) * 2 ** 31));
      });
      const S = weights.reduce((sum, weight) => sum + weight, 0n);
      const u = new Random(seed).draw();
      let r = BigInt(Math.floor(u * Number(S)));
      if (r > S - 1n) r = S - 1n;
      let k = 0;
      for (let sum = weights[0] ?? 0n; sum <= r; sum += weights[k] ?? 0n) k++;
      assert.equal(sample(x, temperature, new Random(seed)), k);
    }),
    { numRuns: 1000 },
  );
});

test("the first and the last draw take the first and the last token that has a weight", () => {
  const logits = Float32Array.of(-50, 0, -50, 0, -50);
  const first = /** @type {any} */ ({ draw: () => 0 });
  const last = /** @type {any} */ ({ draw: () => 1 - 2 ** -53 });
  assert.equal(sample(logits, 1, first), 1);
  assert.equal(sample(logits, 1, last), 3);
});

test("sampling follows the distribution", () => {
  const random = new Random(7);
  const counts = [0, 0, 0];
  const logits = Float32Array.of(Math.log(0.5), Math.log(0.3), Math.log(0.2));
  for (let k = 0; k < 20_000; k++) counts[sample(logits, 1, random)]++;
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
  const ids = [...generate(plan, { prime: [0, 2], count: 6, mode: "greedy" })];
  assert.equal(ids.length, 6);
  const fed = [0, 2];
  for (const id of ids) {
    const { output } = run(plan, [fed]); // probabilities are in the order of the logits
    assert.equal(id, greedy(output.data.slice(-4)));
    fed.push(id);
  }
  assert.deepEqual([...generate(plan, { prime: "aé", count: 6, mode: "greedy" })], ids);
});

test("mode, temperature and seed: the caller's, then the model's, then the defaults", () => {
  const plan = planOf();
  const take = (/** @type {any} */ options) => [
    ...generate(plan, { prime: "a", count: 40, ...options }),
  ];
  assert.deepEqual(take({}), take({ mode: "sample", temperature: 0.5, seed: 0 }));
  assert.notDeepEqual(take({ seed: 1 }), take({}));
  assert.notDeepEqual(take({ temperature: 128 }), take({}));
  const plain = planOf((net) => delete net.decoding);
  const greedyIds = [...generate(plain, { prime: "a", count: 40 })];
  assert.deepEqual(greedyIds, take({ mode: "greedy" }));
  fails(() => generate(plain, { prime: "a", mode: "sample" }), "RUN_OPTION");
  assert.equal(
    [...generate(plain, { prime: "a", mode: "sample", temperature: 1, count: 3 })].length,
    3,
  );
});

test("it ends at the end id, which is not returned, and starts with the start id", () => {
  const ids = [...generate(planOf(), { prime: "a", count: 30 })];
  const end = ids[5];
  const stopped = planOf((net) => Object.assign(net.vocabularies.letters, { end }));
  assert.deepEqual(
    [...generate(stopped, { prime: "a", count: 30 })],
    ids.slice(0, ids.indexOf(end ?? 0)),
  );
  const started = planOf((net) => Object.assign(net.vocabularies.letters, { start: 0 }));
  assert.deepEqual([...generate(started, { count: 30 })], ids);
  assert.deepEqual([...generate(started, { count: 0 })], []);
});

test("as many as the caller takes", () => {
  let taken = 0;
  for (const id of generate(planOf(), { prime: "a" })) {
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
  const cases = /** @type {[any, any, string][]} */ ([
    [compile(load(bytesOf(featureNet()))), { seed: -1 }, "RUN_DECODING"],
    [other, { prime: "?" }, "RUN_DECODING"],
    [plan, { prime: "?", mode: "best" }, "RUN_OPTION"],
    [plan, { prime: "?", seed: 2 ** 32 }, "RUN_OPTION"],
    [plan, { prime: "?", seed: 0.5 }, "RUN_OPTION"],
    [plan, { prime: "?", mode: "greedy", seed: -1 }, "RUN_OPTION"],
    [plan, { prime: "?", temperature: 0.007 }, "RUN_OPTION"],
    [plan, { prime: "?", temperature: 128.1 }, "RUN_OPTION"],
    [plan, { prime: "?", temperature: NaN }, "RUN_OPTION"],
    [plan, { prime: "?", mode: "greedy", temperature: 0 }, "RUN_OPTION"],
    [plan, { prime: "?", count: -1 }, "RUN_OPTION"],
    [plan, { prime: "?" }, "RUN_TEXT"],
    [plan, { prime: [0, 4] }, "RUN_TOKEN"],
    [plan, { prime: [0.5] }, "RUN_TOKEN"],
    [plan, {}, "RUN_PRIME"],
    [plan, { prime: "" }, "RUN_PRIME"],
  ]);
  for (const [net, options, code] of cases) fails(() => generate(net, options), code);
  generate(plan, { prime: "a", temperature: 0.0078124999 }); // rounds to 2^-7
});

test("texts become ids and come back", () => {
  const vocabulary = /** @type {import("rnnspec").Vocabulary} */ (planOf().model.inputVocabulary);
  assert.deepEqual(encode(vocabulary, "é😀ab"), [2, 3, 0, 1]);
  assert.equal(decode(vocabulary, [2, 3, 0, 1]), "é😀ab");
  fails(() => encode(vocabulary, "e\u0301"), "RUN_TEXT"); // not normalised
  fails(() => encode(vocabulary, "\ud83d"), "RUN_TEXT");
  for (const id of [-1, 4, 0.5, NaN]) fails(() => decode(vocabulary, [id]), "RUN_TOKEN");
  const { inputVocabulary } = planOf((net) => {
    const letters = ["a", "", "a", "b"];
    net.vocabularies.letters = { unit: "codepoint", tokens: letters, unknown: 1, end: 3 };
  }).model;
  const special = /** @type {import("rnnspec").Vocabulary} */ (inputVocabulary);
  assert.deepEqual(encode(special, "ab?"), [0, 3, 1]);
  assert.equal(decode(special, [2, 3, 1, 0]), "aa");
});
