/** The recurrent layers against their equations in binary64, and what ends time: `final`, `last_step`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { compile, load, run, Session } from "rnnspec";
import { bitsOf, bytesOf, fails, LSTM, tensor } from "./support.js";

const [I, H, T] = [3, 4, 9];
const logistic = (/** @type {number} */ v) => 1 / (1 + Math.exp(-v));
const tanh = { function: "tanh" };
const sigmoid = { function: "sigmoid" };
const relu = { function: "relu" };

/**
 * A net of features with these layers.
 *
 * @param {any[]} layers
 * @param {Record<string, number[]>} shapes of the tensors
 * @returns {any}
 */
function netOf(layers, shapes) {
  const tensors = Object.fromEntries(
    Object.entries(shapes).map(([k, shape]) => [k, tensor(shape)]),
  );
  return {
    rnnspec: "1.0-draft.3",
    input: { kind: "features", size: I },
    layers,
    output: { kind: "values" },
    tensors,
  };
}

/** @param {any} net */
const planOf = (net) => compile(load(bytesOf(net)));

/** @param {number} N @param {number} [steps] */
function inputOf(N, steps = T) {
  const data = Float32Array.from({ length: N * steps * I }, (_, k) => Math.cos(k * k + 1) * 1.5);
  return { shape: [N, steps, I], data };
}

/** @param {any} net */
function reader(net) {
  return (/** @type {string} */ name, /** @type {number} */ k) =>
    name in net.tensors ? net.tensors[name].data[k] : 0;
}

/**
 * A pre-activation in binary64, column j.
 *
 * @param {(name: string, k: number) => number} at
 * @param {number} columns
 * @param {number} j
 * @param {number[]} x
 * @param {number[]} h
 */
function sum(at, columns, j, x, h) {
  let a = at("b", j);
  for (const [k, value] of x.entries()) a += value * at("W", k * columns + j);
  for (const [k, value] of h.entries()) a += value * at("R", k * columns + j);
  return a;
}

/**
 * The equations of SPEC 13, in binary64: h after each step.
 *
 * @type {Record<string, (net: any, x: number[], h: number[], c: number[]) => {h: number[], c: number[]}>}
 */
const EQUATIONS = {
  elman: (net, x, h, c) => {
    const at = reader(net);
    return { h: h.map((_, j) => Math.tanh(sum(at, H, j, x, h))), c };
  },
  "elman relu": (net, x, h, c) => {
    const at = reader(net);
    return { h: h.map((_, j) => Math.max(0, sum(at, H, j, x, h))), c };
  },
  lstm: (net, x, h, c) => {
    const at = reader(net);
    const a = (/** @type {number} */ block, /** @type {number} */ j) => {
      return sum(at, 4 * H, block * H + j, x, h);
    };
    const next = c.map((old, j) => {
      return logistic(a(1, j)) * old + logistic(a(0, j)) * Math.max(0, a(2, j));
    });
    return { c: next, h: next.map((cell, j) => logistic(a(3, j)) * (cell / (1 + Math.abs(cell)))) };
  },
  "gru before": (net, x, h, c) => {
    const at = reader(net);
    const r = h.map((_, j) => logistic(sum(at, 3 * H, j, x, h)));
    const z = h.map((_, j) => logistic(sum(at, 3 * H, H + j, x, h)));
    const u = h.map((value, k) => (r[k] ?? 0) * value);
    const n = h.map((_, j) => Math.tanh(sum(at, 3 * H, 2 * H + j, x, u)));
    return { h: h.map((old, j) => (1 - (z[j] ?? 0)) * (n[j] ?? 0) + (z[j] ?? 0) * old), c };
  },
  "gru after": (net, x, h, c) => {
    const at = reader(net);
    const r = h.map((_, j) => logistic(sum(at, 3 * H, j, x, h)));
    const z = h.map((_, j) => logistic(sum(at, 3 * H, H + j, x, h)));
    const n = h.map((_, j) => {
      let d = at("rb", j);
      for (const [k, value] of h.entries()) d += value * at("R", k * 3 * H + 2 * H + j);
      return Math.tanh(sum(at, 3 * H, 2 * H + j, x, []) + (r[j] ?? 0) * d);
    });
    return { h: h.map((old, j) => (1 - (z[j] ?? 0)) * (n[j] ?? 0) + (z[j] ?? 0) * old), c };
  },
};

/** @param {number} blocks @param {string[]} [more] */
function shapesOf(blocks, more = []) {
  const vectors = Object.fromEntries(more.map((name) => [name, [name === "b" ? blocks * H : H]]));
  return { W: [I, blocks * H], R: [H, blocks * H], ...vectors };
}

/** @param {Record<string, unknown>} shapes */
const roles = (shapes) => Object.fromEntries(Object.keys(shapes).map((name) => [name, name]));

const GRU = { gates: sigmoid, candidate: tanh };
const CASES = /** @type {[string, any, number, string[]][]} */ ([
  ["elman", { type: "elman", activation: tanh }, 1, ["b", "h0"]],
  ["elman", { type: "elman", activation: tanh }, 1, []],
  ["elman relu", { type: "elman", activation: relu }, 1, ["b"]],
  [
    "lstm",
    {
      type: "lstm",
      activations: { gates: sigmoid, candidate: relu, output: { function: "softsign" } },
    },
    4,
    ["b", "h0", "c0"],
  ],
  ["gru before", { type: "gru", reset: "before", activations: GRU }, 3, ["b", "h0"]],
  ["gru before", { type: "gru", reset: "before", activations: GRU }, 3, []],
  ["gru after", { type: "gru", reset: "after", activations: GRU }, 3, ["b", "rb", "h0"]],
  ["gru after", { type: "gru", reset: "after", activations: GRU }, 3, ["b"]],
]);

/** @param {(typeof CASES)[0]} entry @param {any} [members] */
function cellNet([, layer, blocks, more], members = {}) {
  const shapes = shapesOf(blocks, more);
  const cell = { name: "cell", hidden_size: H, parameters: roles(shapes), ...layer, ...members };
  return netOf([cell], shapes);
}

for (const entry of CASES) {
  const [name, , , more] = entry;
  const step = /** @type {typeof EQUATIONS[string]} */ (EQUATIONS[name]);

  test(`${name} with ${more.join(" ") || "no bias"} computes its equations`, () => {
    const net = cellNet(entry);
    const at = reader(net);
    const input = inputOf(1);
    const { output, state } = run(planOf(net), input);
    let h = Array.from({ length: H }, (_, j) => at("h0", j));
    let c = Array.from({ length: H }, (_, j) => at("c0", j));
    for (let t = 0; t < T; t++) {
      ({ h, c } = step(net, [...input.data.slice(t * I, (t + 1) * I)], h, c));
      for (const [j, value] of h.entries()) {
        const got = output.data[t * H + j] ?? NaN;
        assert.ok(Math.abs(got - value) < 3e-6 * Math.max(1, Math.abs(value)), `${t} ${j}`);
      }
    }
    const cell = state.get("cell");
    assert.deepEqual(cell?.h.data, output.data.slice(-H));
    assert.equal(cell?.c !== undefined, name === "lstm");
  });

  test(`${name}: rows, chunks, steps, lengths and final do not show`, () => {
    const plan = planOf(cellNet(entry));
    const last = planOf(cellNet(entry, { output: "final" }));
    const input = inputOf(3);
    const lengths = [T, 0, 4];
    const whole = run(plan, input, { lengths });
    const ends = run(last, input, { lengths });
    assert.deepEqual(ends.output.shape, [3, H]);
    assert.deepEqual(ends.output.data, whole.state.get("cell")?.h.data);
    assert.deepEqual(ends.state, whole.state);
    for (const [n, length] of lengths.entries()) {
      const data = input.data.slice(n * T * I, (n * T + length) * I);
      const session = new Session(plan);
      const final = new Session(last);
      for (let t = 0; t < length; t++) {
        const x = data.slice(t * I, (t + 1) * I);
        const expected = whole.output.data.slice((n * T + t) * H, (n * T + t + 1) * H);
        assert.deepEqual(bitsOf(session.step(x)), bitsOf(expected));
        assert.deepEqual(bitsOf(final.step([x])), bitsOf(expected)); // nested, and the same h
      }
      const h = session.state().get("cell")?.h.data ?? [];
      assert.deepEqual(h, whole.state.get("cell")?.h.data.slice(n * H, (n + 1) * H));
    }
    const session = new Session(plan, { batch: 3 });
    session.run(input);
    session.reset();
    assert.deepEqual(session.state(), run(plan, { shape: [3, 0, I], data: [] }).state);
  });
}

test("u that is not finite fails the call", () => {
  const net = cellNet(["", { type: "gru", reset: "before", activations: GRU }, 3, ["h0"]]);
  net.layers[0].activations = { gates: { function: "linear" }, candidate: tanh };
  net.tensors.h0.data.fill(1e30);
  net.tensors.W.data.fill(0);
  net.tensors.R.data.fill(1); // n is tanh(∞), which is finite: only u tells
  for (let j = 0; j < H; j++) {
    net.tensors.W.data[j] = 1e10; // r
    for (let k = 0; k < H; k++) net.tensors.R.data[k * 3 * H + j] = 0;
    for (let k = 0; k < H; k++) net.tensors.R.data[k * 3 * H + H + j] = 0; // z = 0
  }
  fails(() => run(planOf(net), { shape: [1, 1, I], data: [1, 0, 0] }), "RUN_NONFINITE");
  net.layers[0].reset = "after"; // no u
  run(planOf(net), { shape: [1, 1, I], data: [1, 0, 0] });
});

test("affine and the layers of activations work element by element", () => {
  const net = netOf(
    [
      { name: "scale", type: "affine", parameters: { s: "s", t: "t" } },
      { name: "bend", type: "activation", function: "leaky_relu", alpha: 0.125 },
    ],
    { s: [I], t: [I] },
  );
  const { output } = run(planOf(net), inputOf(2));
  for (const [k, x] of inputOf(2).data.entries()) {
    const y = x * net.tensors.s.data[k % I] + net.tensors.t.data[k % I];
    const expected = y < 0 ? y / 8 : y;
    assert.ok(Math.abs((output.data[k] ?? NaN) - expected) < 1e-6);
  }
});

test("last_step gives its input at the last valid step of the call, +0 without one", () => {
  const dense = { name: "out", type: "dense", size: 2, parameters: { W: "D", b: "d" } };
  const shapes = { D: [I, 2], d: [2] };
  const plan = planOf(netOf([{ name: "last", type: "last_step" }, dense], shapes));
  const every = planOf(netOf([dense], shapes));
  const input = inputOf(3);
  const { output } = run(plan, input, { lengths: [T, 0, 2] });
  const all = run(every, input).output;
  assert.deepEqual(output.shape, [3, 2]);
  assert.deepEqual(output.data.slice(0, 2), all.data.slice((T - 1) * 2, T * 2));
  assert.deepEqual(output.data.slice(4), all.data.slice((2 * T + 1) * 2, (2 * T + 2) * 2));
  const zero = run(every, { shape: [1, 1, I], data: [0, 0, 0] }).output.data;
  assert.deepEqual(output.data.slice(2, 4), zero); // after a row that had steps
  assert.deepEqual(new Session(plan).step(input.data.slice(0, 3)), all.data.slice(0, 2));
});

test("what stands behind the end of time is checked once a row, steps or not", () => {
  const net = netOf(
    [
      { name: "last", type: "last_step" },
      { name: "scale", type: "affine", parameters: { s: "s", t: "t" } },
      { name: "twice", type: "affine", parameters: { s: "s2", t: "t2" } },
    ],
    { s: [I], t: [I], s2: [I], t2: [I] },
  );
  net.tensors.t.data.fill(3e38);
  net.tensors.s2.data.fill(10);
  const plan = planOf(net);
  fails(() => run(plan, { shape: [1, 0, I], data: [] }), "RUN_NONFINITE");
  net.tensors.s2.data.fill(0.5);
  run(planOf(net), { shape: [1, 0, I], data: [] });
});

test("a first state of the file is after T, and a given one goes before it", () => {
  const net = cellNet(["", { type: "lstm", activations: LSTM }, 4, ["b", "h0", "c0"]]);
  net.tensors.h0.data = [1e-30, -0.5, 2, 3];
  const plan = planOf(net);
  const { state } = run(plan, { shape: [2, 0, I], data: [] });
  assert.deepEqual(state.get("cell")?.h.data, Float32Array.of(0, -0.5, 2, 3, 0, -0.5, 2, 3));
  const given = new Map([["cell", { h: [[1, 2, 3, 4]], c: [[0, 0, 0, 0]] }]]);
  const kept = run(plan, { shape: [1, 0, I], data: [] }, { state: given });
  assert.deepEqual(kept.state.get("cell")?.h.data, Float32Array.of(1, 2, 3, 4));
});
