/** That outputs are compared, turns taken and lines made as bench/README.md says. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { rowZero } from "../src/contender.js";
import { times } from "../src/lines.js";
import { measure } from "../src/measure.js";
import { CALLS, readInput } from "../src/nets.js";
import { median, takeTurns } from "../src/turns.js";

const PACE = { warm: 1, turn: 1, rounds: 4, budget: 50 };
const NET = /** @type {import("../src/nets.js").Net} */ ({
  name: "toy",
  kind: "lstm",
  layers: 1,
  hidden: 1,
  input: 1,
  output: 2,
  tokens: null,
  modes: ["step"],
});
const OUTPUT = Float32Array.from({ length: 128 * 2 }, (_, k) => k / 256);

/** @type {import("../src/nets.js").Read} */
const read = async (name) => {
  const files = {
    "toy.output.f32": OUTPUT,
    "audio.f32": new Float32Array(1024),
    "tokens.i32": Int32Array.from({ length: 32 * 1024 }, (_, k) => k),
  };
  const { buffer } = files[/** @type {keyof typeof files} */ (name)].slice();
  return new Uint8Array(buffer);
};

/**
 * @param {string} peer
 * @param {number} apart
 * @returns {import("../src/contender.js").Contender}
 */
const contender = (peer, apart) => ({
  peer,
  path: "toy",
  native: false,
  dtype: "float32",
  versions: {},
  leftOut: () => undefined,
  files: () => [],
  load: async () => ({
    prepare: () => ({
      first: async () => OUTPUT.map((value, k) => (k === 77 ? value + apart : value)),
      turn: () => undefined,
    }),
  }),
});

test("an output of ours that differs in the last bit is refused, a peer's that is near is not", async () => {
  const near = 2 ** -20;
  await assert.rejects(
    measure([contender("rnnspec", near)], NET, "step", read, PACE),
    /another output/,
  );
  const [line] = await measure([contender("peer", near)], NET, "step", read, PACE);
  assert.equal(line.compared, near);
});

test("a peer that is far, or gives no number, is refused", async () => {
  for (const apart of [1e-3, Number.NaN]) {
    const far = [contender("peer", apart)];
    await assert.rejects(measure(far, NET, "step", read, PACE), /another output/);
  }
});

test("what is slow takes fewer turns, everybody takes one", async () => {
  const slow = { first: async () => OUTPUT, turn: () => spend(30) };
  const fast = { first: async () => OUTPUT, turn: () => spend(0.01) };
  const [slowly, often] = await takeTurns([slow, fast], [100, 0.01], PACE);
  assert.equal(slowly.length, 1);
  assert.equal(often.length, PACE.rounds);
  assert.ok(median(slowly) >= 30);
});

test("the rows of a batch are the first steps of each row of the input", async () => {
  const [rows] = await readInput({ ...NET, tokens: 65 }, "batch", read);
  const { N, T } = CALLS.batch;
  assert.equal(rows.length, N * T);
  assert.equal(rows[T], 1024);
  assert.equal((await readInput(NET, "block", read)).length, 8);
});

test("row 0 is found in outputs of any order, over calls of any length", async () => {
  let call = 0;
  // Two rows of one number, time first: 10 call + step for row 0.
  const next = () => [0, -1, 1, -1, 2, -1].map((value) => (value < 0 ? value : 10 * call + value));
  const found = await rowZero({ steps: 5, T: 3, width: 1, stride: 2 }, () => {
    const output = next();
    call += 1;
    return output;
  });
  assert.deepEqual([...found], [0, 1, 2, 10, 11]);
});

test("a line has one number a process, and processes with other contenders are refused", () => {
  const measured = (/** @type {string} */ peer, /** @type {number} */ us) => ({
    peer,
    path: "toy",
    native: false,
    net: "toy",
    mode: /** @type {const} */ ("step"),
    dtype: "float32",
    us_per_step: us,
    compared: us,
    versions: {},
  });
  const [line] = times("host", "simd128", [[measured("a", 1)], [measured("a", 2)]]);
  assert.deepEqual(line.us_per_step, [1, 2]);
  assert.equal(line.compared, 2);
  assert.equal(line.beside, "simd128");
  assert.throws(() => times("host", "simd128", [[measured("a", 1)], [measured("b", 2)]]));
});

test("the median of an even number of turns is between the two in the middle", () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([3, 1, 2]), 2);
});

/** @param {number} ms */
function spend(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
