/** The options of an lstm, and `clip` in every cell, against their equations in binary64 (SPEC 13.4, 13.5). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { compile, load, run, Session } from "rnnspec";

import { bitsOf, bytesOf, fails, LSTM, tensor } from "./support.js";

const [I, H, P, T] = [3, 4, 2, 7];
const logistic = (/** @type {number} */ v) => 1 / (1 + Math.exp(-v));
const clip = (/** @type {number} */ v, /** @type {number} */ limit) => {
  return Math.max(-limit, Math.min(limit, v));
};

/**
 * An lstm with options.
 *
 * @param {any} options
 */
function netOf(options) {
  const { coupled, peephole, projection_size: projection, bias = true } = options;
  const B = coupled === undefined ? 4 : 3;
  const size = projection ?? H;
  /** @type {Record<string, number[]>} */
  const shapes = { W: [I, B * H], R: [size, B * H], h0: [size], c0: [H] };
  if (bias) shapes.b = [B * H];
  if (peephole === "diagonal") shapes.p = [B - 1, H];
  if (peephole === "full") shapes.p = [H, (B - 1) * H];
  if (projection !== undefined) shapes.Q = [H, projection];
  if (projection !== undefined && bias) shapes.qb = [projection];
  const names = Object.keys(shapes);
  const { bias: _, ...members } = options;
  return {
    rnnspec: "1.0-draft.3",
    input: { kind: "features", size: I },
    layers: [
      {
        ...{ name: "cell", type: "lstm", hidden_size: H, activations: LSTM, ...members },
        parameters: Object.fromEntries(names.map((name) => [name, name])),
      },
    ],
    output: { kind: "values" },
    tensors: Object.fromEntries(names.map((name) => [name, tensor(shapes[name] ?? [])])),
  };
}

/**
 * The equations, in binary64.
 *
 * @param {any} net
 * @param {number[]} x
 * @param {number[]} h
 * @param {number[]} c
 */
function step(net, x, h, c) {
  const layer = net.layers[0];
  const at = (/** @type {string} */ name, /** @type {number} */ k) =>
    net.tensors[name]?.data[k] ?? 0;
  const gates = ["i", "f", "g", "o"].filter(
    (gate) => gate !== { input: "i", forget: "f" }[String(layer.coupled)],
  );
  const peeping = gates.filter((gate) => gate !== "g");
  const columns = gates.length * H;
  const K = layer.clip ?? Infinity;
  /** @param {string} gate @param {number} j @param {number[]} v what its peephole reads */
  const a = (gate, j, v) => {
    const column = gates.indexOf(gate) * H + j;
    let sum = at("b", column);
    for (const [k, value] of x.entries()) sum += value * at("W", k * columns + column);
    for (const [k, value] of h.entries()) sum += value * at("R", k * columns + column);
    const block = peeping.indexOf(gate);
    if (block >= 0 && layer.peephole === "diagonal") sum += (v[j] ?? 0) * at("p", block * H + j);
    if (block >= 0 && layer.peephole === "full") {
      for (const [k, value] of v.entries()) {
        sum += value * at("p", k * peeping.length * H + block * H + j);
      }
    }
    return clip(sum, K);
  };
  const next = c.map((old, j) => {
    let i = gates.includes("i") ? logistic(a("i", j, c)) : 0;
    let f = gates.includes("f") ? logistic(a("f", j, c)) : 0;
    if (layer.coupled === "input") i = 1 - f;
    if (layer.coupled === "forget") f = 1 - i;
    return clip(f * old + i * Math.tanh(a("g", j, c)), layer.cell_clip ?? Infinity);
  });
  const u = next.map((cell, j) => logistic(a("o", j, next)) * Math.tanh(cell));
  if (layer.projection_size === undefined) return { h: u, c: next };
  const projected = Array.from({ length: P }, (_, j) => {
    let sum = at("qb", j);
    for (const [k, value] of u.entries()) sum += value * at("Q", k * P + j);
    return clip(sum, layer.projection_clip ?? Infinity);
  });
  return { h: projected, c: next };
}

const OPTIONS = /** @type {any[]} */ ([
  {},
  { peephole: "diagonal" },
  { peephole: "full" },
  { coupled: "input" },
  { coupled: "forget" },
  { coupled: "input", peephole: "diagonal" },
  { coupled: "forget", peephole: "full" },
  { cell_clip: 0.2 },
  { clip: 0.3 },
  { clip: 0.3, peephole: "full", coupled: "input" },
  { projection_size: P },
  { projection_size: P, projection_clip: 0.1 },
  { projection_size: P, bias: false },
  {
    projection_size: P,
    projection_clip: 0.15,
    peephole: "diagonal",
    coupled: "forget",
    cell_clip: 0.4,
    clip: 1,
  },
]);

for (const options of OPTIONS) {
  test(`lstm with ${JSON.stringify(options)} computes its equations, in rows and steps`, () => {
    const net = netOf(options);
    const plan = compile(load(bytesOf(net)));
    const N = 2;
    const data = Float32Array.from({ length: N * T * I }, (_, k) => Math.cos(k * k + 1) * 1.5);
    const { output, state } = run(plan, { shape: [N, T, I], data });
    const width = options.projection_size ?? H;
    assert.deepEqual(output.shape, [N, T, width]);
    assert.deepEqual(state.get("cell")?.c?.shape, [N, H]);
    for (let n = 0; n < N; n++) {
      let h = /** @type {number[]} */ ([...(net.tensors.h0?.data ?? [])]);
      let c = /** @type {number[]} */ ([...(net.tensors.c0?.data ?? [])]);
      const session = new Session(plan);
      for (let t = 0; t < T; t++) {
        const x = data.slice((n * T + t) * I, (n * T + t + 1) * I);
        ({ h, c } = step(net, [...x], h, c));
        const got = output.data.slice((n * T + t) * width, (n * T + t + 1) * width);
        for (const [j, value] of h.entries()) {
          assert.ok(Math.abs((got[j] ?? NaN) - value) < 2e-6, `${n} ${t} ${j}: ${got[j]} ${value}`);
        }
        assert.deepEqual(bitsOf(session.step(x)), bitsOf(got));
      }
      const cells = state.get("cell")?.c?.data.slice(n * H, (n + 1) * H) ?? [];
      for (const [j, value] of c.entries()) assert.ok(Math.abs((cells[j] ?? NaN) - value) < 2e-6);
    }
  });
}

test("clip in an elman and in a gru, reset before and after", () => {
  const K = 0.25;
  const x = [1, -2, 0.5];
  const h = [0.5, -0.25];
  const own = { function: "linear" };
  for (const type of ["elman", "before", "after"]) {
    const blocks = type === "elman" ? 1 : 3;
    const shapes = { W: [3, blocks * 2], R: [2, blocks * 2], b: [blocks * 2], h0: [2] };
    const cell = {
      ...{
        name: "cell",
        hidden_size: 2,
        clip: K,
        parameters: { W: "W", R: "R", b: "b", h0: "h0" },
      },
      ...(type === "elman"
        ? { type, activation: own }
        : {
            type: "gru",
            reset: type,
            activations: { gates: { function: "sigmoid" }, candidate: own },
          }),
    };
    const net = /** @type {any} */ ({
      ...netOf({}),
      layers: [cell],
      tensors: Object.fromEntries(Object.entries(shapes).map(([k, shape]) => [k, tensor(shape)])),
    });
    net.tensors.h0.data = h;
    const at = (/** @type {string} */ name, /** @type {number} */ k) => net.tensors[name].data[k];
    const sum = (
      /** @type {number} */ j,
      /** @type {number[]} */ recurrent,
      bias = true,
      inputs = x,
    ) => {
      let a = bias ? at("b", j) : 0;
      for (const [k, value] of inputs.entries()) a += value * at("W", k * blocks * 2 + j);
      for (const [k, value] of recurrent.entries()) a += value * at("R", k * blocks * 2 + j);
      return a;
    };
    const expected = h.map((old, j) => {
      if (type === "elman") return clip(sum(j, h), K);
      const r = h.map((_, k) => logistic(clip(sum(k, h), K)));
      const z = logistic(clip(sum(2 + j, h), K));
      const u = h.map((value, k) => (r[k] ?? 0) * value);
      const n =
        type === "before" ? sum(4 + j, u) : sum(4 + j, []) + (r[j] ?? 0) * sum(4 + j, h, false, []);
      return (1 - z) * clip(n, K) + z * old;
    });
    const plan = compile(load(bytesOf(net)));
    const { output } = run(plan, [[x]]);
    for (const [j, value] of expected.entries()) {
      assert.ok(Math.abs((output.data[j] ?? NaN) - value) < 1e-6, `${type} ${j}`);
    }
    // And it does clip: without, something else comes out.
    cell.clip = 1e38;
    assert.notDeepEqual(run(compile(load(bytesOf(net))), [[x]]).output.data, output.data);
  }
});

test("a clip is rounded to binary32, and never judges a given state", () => {
  const net = netOf({ cell_clip: 0.1 });
  const plan = compile(load(bytesOf(net)));
  const state = new Map([["cell", { h: [[0, 0, 0, 0]], c: [[5, -5, 50, 0]] }]]);
  const kept = run(plan, { shape: [1, 0, I], data: [] }, { state });
  assert.deepEqual(kept.state.get("cell")?.c?.data, Float32Array.of(5, -5, 50, 0));
  const next = run(plan, [[[1, 2, 3]]], { state });
  assert.equal(next.state.get("cell")?.c?.data[2], Math.fround(0.1));
});

test("an infinite u fails the call, though a zero of Q would hide it", () => {
  const net = /** @type {any} */ (netOf({ projection_size: P }));
  net.layers[0].activations = {
    gates: { function: "linear" },
    candidate: { function: "tanh" },
    output: { function: "linear" },
  };
  net.tensors.Q.data.fill(0);
  net.tensors.b.data.fill(0);
  net.tensors.c0.data.fill(1e20);
  for (let j = 0; j < H; j++) net.tensors.b.data[H + j] = 1; // f
  for (let j = 0; j < H; j++) net.tensors.b.data[3 * H + j] = 1e20; // o
  net.tensors.W.data.fill(0);
  net.tensors.R.data.fill(0);
  fails(() => run(compile(load(bytesOf(net))), [[[1, 1, 1]]]), "RUN_NONFINITE");
  net.tensors.c0.data.fill(1e10);
  run(compile(load(bytesOf(net))), [[[1, 1, 1]]]);
});
