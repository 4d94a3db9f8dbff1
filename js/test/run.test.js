/** Runs and sessions: the equations in binary64, and what may not show: batches, chunks, faults. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { compile, load, run, Session } from "rnnspec";
import { bitsOf, bytesOf, fails, featureNet, tensor, tokenNet } from "./support.js";

const features = compile(load(bytesOf(featureNet())));
const tokens = compile(load(bytesOf(tokenNet())));

/** @param {number} N @param {number} T */
function inputOf(N, T) {
  const data = Float32Array.from({ length: N * T * 3 }, (_, k) => Math.cos(k * k) * 2);
  return { shape: [N, T, 3], data };
}

/** @param {import("rnnspec").State} state */
function stateBits(state) {
  return [...state].map(([name, { h, c }]) => [
    name,
    h.shape,
    bitsOf(h.data),
    bitsOf(/** @type {any} */ (c).data),
  ]);
}

/** The net of featureNet in binary64, from its document. @param {Float32Array} x @param {number} T */
function equations(x, T) {
  const { tensors } = featureNet();
  const [H, I] = [2, 3];
  const at = (/** @type {string} */ name, /** @type {number} */ k) => tensors[name].data[k];
  const logistic = (/** @type {number} */ v) => 1 / (1 + Math.exp(-v));
  let h = Array(H).fill(0);
  let c = Array(H).fill(0);
  const outputs = [];
  for (let t = 0; t < T; t++) {
    const a = Array.from({ length: 4 * H }, (_, j) => {
      let sum = 0;
      for (let k = 0; k < I; k++) sum += (x[t * I + k] ?? 0) * at("W", k * 4 * H + j);
      for (let k = 0; k < H; k++) sum += h[k] * at("R", k * 4 * H + j);
      return sum;
    });
    c = c.map((old, j) => {
      return logistic(a[H + j] ?? 0) * old + logistic(a[j] ?? 0) * Math.tanh(a[2 * H + j] ?? 0);
    });
    h = c.map((cell, j) => logistic(a[3 * H + j] ?? 0) * Math.tanh(cell));
    for (const [j, bias] of [1, -2].entries()) {
      outputs.push(bias + h[0] * at("D", j) + h[1] * at("D", 2 + j));
    }
  }
  return outputs;
}

test("an lstm and a dense layer compute their equations", () => {
  const T = 12;
  const input = inputOf(1, T);
  const { output } = run(features, input);
  assert.deepEqual(output.shape, [1, T, 2]);
  for (const [k, value] of equations(input.data, T).entries()) {
    assert.ok(Math.abs((output.data[k] ?? 0) - value) < 2e-6, `${k}`);
  }
});

test("embedding and one_hot give the same where the matrix is the same", () => {
  const net = tokenNet();
  net.layers[0] = { name: "in", type: "one_hot" };
  delete net.tensors.E;
  net.tensors.W = { dtype: "float32", shape: [4, 12], data: Array(48).fill(0) };
  for (const k of [0, 5, 17, 47]) net.tensors.W.data[k] = 1 + k;
  const hot = compile(load(bytesOf(net)));
  net.layers[0] = { name: "in", type: "embedding", size: 4, parameters: { E: "E" } };
  const identity = Array.from({ length: 16 }, (_, k) => (k % 5 === 0 ? 1 : 0));
  net.tensors.E = { dtype: "float32", shape: [4, 4], data: identity };
  const embedded = compile(load(bytesOf(net)));
  const ids = [[0, 1, 2, 3, 2]];
  assert.deepEqual(bitsOf(run(hot, ids).output.data), bitsOf(run(embedded, ids).output.data));
});

test("rows, chunks and steps do not show", () => {
  const [N, T] = [3, 7];
  const input = inputOf(N, T);
  const whole = run(features, input);
  const session = new Session(features, { batch: N });
  const out = new Float32Array(N * 2);
  for (let t = 0; t < T; t++) {
    const x = new Float32Array(N * 3);
    for (let n = 0; n < N; n++)
      x.set(input.data.subarray((n * T + t) * 3, (n * T + t + 1) * 3), n * 3);
    assert.equal(session.step(x, out), out);
    for (let n = 0; n < N; n++) {
      const expected = whole.output.data.slice((n * T + t) * 2, (n * T + t + 1) * 2);
      assert.deepEqual(bitsOf(out.slice(n * 2, n * 2 + 2)), bitsOf(expected));
    }
  }
  assert.deepEqual(stateBits(session.state()), stateBits(whole.state));
  for (let n = 0; n < N; n++) {
    const data = input.data.slice(n * T * 3, (n + 1) * T * 3);
    const first = run(features, { shape: [1, 4, 3], data: data.slice(0, 12) });
    const rest = { shape: [1, 3, 3], data: data.slice(12) };
    const second = run(features, rest, { state: first.state });
    const joined = [...bitsOf(first.output.data), ...bitsOf(second.output.data)];
    assert.deepEqual(joined, bitsOf(whole.output.data.slice(n * T * 2, (n + 1) * T * 2)));
  }
});

test("a step past a row's length does not exist", () => {
  const input = inputOf(3, 4);
  input.data.fill(NaN, 1 * 12 + 6, 2 * 12); // row 1 from step 2 on
  input.data.fill(Infinity, 2 * 12); // row 2
  const { output, state } = run(features, input, { lengths: [4, 2, 0] });
  const alone = run(features, { shape: [1, 2, 3], data: input.data.slice(12, 18) });
  assert.deepEqual(bitsOf(output.data.slice(8, 12)), bitsOf(alone.output.data));
  assert.deepEqual(bitsOf(output.data.slice(12)), Array(12).fill(0));
  assert.deepEqual(state.get("cell")?.h.data.slice(2, 4), alone.state.get("cell")?.h.data);
  assert.deepEqual(state.get("cell")?.h.data.slice(4), new Float32Array(2));
  fails(() => run(features, input, { lengths: [4, 3, 0] }), "RUN_NONFINITE_INPUT");
});

test("no steps at all", () => {
  const { output, state } = run(features, { shape: [2, 0, 3], data: [] });
  assert.deepEqual(output, { shape: [2, 0, 2], data: new Float32Array(0) });
  assert.deepEqual(state.get("cell")?.c, { shape: [2, 2], data: new Float32Array(4) });
  assert.deepEqual(run(tokens, [[], []]).output.shape, [2, 0, 4]);
});

test("arguments are checked in order", () => {
  const good = inputOf(2, 2);
  const bad = { shape: [2, 2, 3], data: new Float32Array(12).fill(NaN) };
  const cases = /** @type {[any, any, string][]} */ ([
    [[[0]], {}, "RUN_SHAPE"],
    [{ shape: [0, 2, 3], data: [] }, { lengths: [1, 1] }, "RUN_SHAPE"],
    [{ shape: [2, 2], data: Array(4) }, {}, "RUN_SHAPE"],
    [{ shape: [2, 2, 4], data: Array(16) }, {}, "RUN_SHAPE"],
    [{ shape: [2, 2, 3], data: Array(11).fill(0) }, {}, "RUN_SHAPE"],
    [{ shape: [1, 0.5, 3], data: [] }, {}, "RUN_SHAPE"],
    [null, {}, "RUN_SHAPE"],
    [bad, { lengths: [3] }, "RUN_SHAPE"],
    [bad, { lengths: [2, 3] }, "RUN_LENGTH"],
    [bad, { lengths: [2, -1] }, "RUN_LENGTH"],
    [bad, { lengths: [2, 0.5] }, "RUN_LENGTH"],
    [bad, { state: new Map() }, "RUN_NONFINITE_INPUT"],
    [good, { state: new Map() }, "RUN_STATE"],
    [good, { state: {} }, "RUN_STATE"],
  ]);
  for (const [input, options, code] of cases) fails(() => run(features, input, options), code);
  const wrong = /** @type {[any, string][]} */ ([
    [[], "RUN_SHAPE"],
    [[[0, 1], [0]], "RUN_SHAPE"],
    [[0], "RUN_SHAPE"],
    [{ shape: [1, 1], data: [0] }, "RUN_SHAPE"],
    [[[0, 4]], "RUN_TOKEN"],
    [[[-1]], "RUN_TOKEN"],
    [[[0.5]], "RUN_TOKEN"],
    [[["a"]], "RUN_TOKEN"],
    [[[true]], "RUN_TOKEN"],
  ]);
  for (const [input, code] of wrong) fails(() => run(tokens, input), code);
});

test("lists in lists are as good as an array with a shape, and are copied", () => {
  const { shape, data } = inputOf(2, 3);
  const [N, T, size] = /** @type {[number, number, number]} */ (shape);
  const rows = Array.from({ length: N }, (_, n) =>
    Array.from({ length: T }, (_, t) => [
      ...data.slice((n * T + t) * size, (n * T + t + 1) * size),
    ]),
  );
  const expected = run(features, { shape, data });
  assert.deepEqual(run(features, rows), expected);
  assert.deepEqual(
    run(
      features,
      rows.map((row) => row.map((x) => Float64Array.from(x))),
    ),
    expected,
  );
  assert.deepEqual(run(features, { shape, data: [...data] }), expected);
  assert.deepEqual(run(features, [[], []]).output, { shape: [2, 0, 2], data: new Float32Array(0) });
  const session = new Session(features, { batch: 2 });
  const flat = new Session(features, { batch: 2 });
  const x = rows.map((row) => row[0] ?? []);
  assert.deepEqual(session.step(x), flat.step(x.flat()));
  const state = session.state();
  const lists = new Map(
    [...state].map(([name, { h, c }]) => {
      const list = (/** @type {any} */ { data: d }) => [[...d.slice(0, 2)], [...d.slice(2)]];
      return [name, { h: list(h), c: list(c) }];
    }),
  );
  session.reset();
  session.restore(lists);
  assert.deepEqual(stateBits(session.state()), stateBits(state));
  const small = Session.prototype.step.call(new Session(tokens), [1]);
  assert.deepEqual(small, run(tokens, [Uint8Array.of(1)]).output.data);
});

test("a wrong shape is told together with the one that is asked for", () => {
  const session = new Session(features, { batch: 2 });
  const cases = /** @type {[() => unknown, string, string][]} */ ([
    [() => run(features, { shape: [2, 5], data: Array(10) }), "[N, T, 3]", "[2, 5]"],
    [() => run(features, /** @type {any} */ (new Float32Array(5))), "[N, T, 3]", "[5]"],
    [() => run(features, [[[1, 2]]]), "[N, T, 3]", "[1, 1, 2]"],
    [() => run(features, { shape: [1, 2, 3], data: [1] }), "[N, T, 3]", "[1, 2, 3] with 1 numbers"],
    [() => run(features, /** @type {any} */ ("x")), "[N, T, 3]", "a value of type string"],
    [() => run(features, inputOf(2, 2), { lengths: [1] }), "[2]", "[1]"],
    [() => run(features, inputOf(2, 2), { lengths: /** @type {any} */ (1) }), "[2]", "type number"],
    [() => session.step([1, 2, 3]), "[2, 3]", "[3]"],
    [() => session.step([[1, 2, 3]]), "[2, 3]", "[1, 3]"],
    [() => session.step(Array(6).fill(0), new Float32Array(2)), "[2, 2]", "[2]"],
    [() => session.step(Array(6).fill(0), /** @type {any} */ ([])), "[2, 2]", "[0]"],
    [() => session.run(inputOf(3, 1)), "2 rows", "3 rows"],
    [() => run(tokens, /** @type {any} */ ([0, 1])), "[N, T]", "[2]"],
    [() => run(tokens, [[0, 1], [0]]), "[N, T]", "lists of different lengths"],
    [() => new Session(tokens).step([1, 2]), "[1]", "[2]"],
  ]);
  for (const [call, expected, got] of cases) {
    fails(call, "RUN_SHAPE");
    assert.throws(call, (/** @type {any} */ { message }) => {
      assert.ok(message.includes(expected) && message.includes(got), message);
      return true;
    });
  }
  // As many numbers as [2, 2, 3] has, but not in rows of 3.
  const ragged = [
    [
      [1, 2, 3],
      [1, 2],
    ],
    [
      [1, 2, 3, 4],
      [1, 2, 3],
    ],
  ];
  fails(() => run(features, ragged), "RUN_SHAPE");
  const narrow = featureNet();
  narrow.input = { kind: "features", size: 1 };
  narrow.tensors.W = tensor([1, 8]);
  const column = new Session(compile(load(bytesOf(narrow))), { batch: 2 });
  assert.deepEqual(column.fork().step([[1], [2]]), column.fork().step([1, 2]));
  fails(
    () =>
      column.step([
        [1, 2],
        [3, 4],
      ]),
    "RUN_SHAPE",
  );
  const cyclic = /** @type {any[]} */ ([]);
  cyclic.push(cyclic);
  fails(() => run(features, cyclic), "RUN_SHAPE");
});

test("a state must have the layers, arrays and shapes of the net, not its file", () => {
  const state = run(features, inputOf(2, 3)).state;
  const cell = state.get("cell");
  assert.ok(cell);
  const input = inputOf(2, 1);
  const wrong = [
    new Map([["other", cell]]),
    new Map([...state, ["other", cell]]),
    new Map([["cell", { h: cell.h }]]),
    new Map([["cell", { ...cell, m: cell.h }]]),
    new Map([["cell", { h: cell.h, c: { shape: [4], data: cell.c?.data } }]]),
    new Map([["cell", { h: cell.h, c: { shape: [2, 2], data: [1, 2, 3] } }]]),
    new Map([["cell", null]]),
  ];
  for (const given of wrong) {
    fails(() => run(features, input, { state: /** @type {any} */ (given) }), "RUN_STATE");
  }
  const infinite = { h: cell.h, c: { shape: [2, 2], data: [1, 2, 3, Infinity] } };
  fails(
    () => run(features, input, { state: new Map([["cell", infinite]]) }),
    "RUN_NONFINITE_INPUT",
  );
  const net = featureNet();
  net.layers.pop();
  net.output = { kind: "values" };
  delete net.tensors.D;
  delete net.tensors.d;
  run(compile(load(bytesOf(net))), input, { state });
});

test("T is applied to the input, the parameters and a given state", () => {
  const net = featureNet();
  net.tensors.W.data = Array(24).fill(1e30); // large enough to show the smallest input
  const plan = compile(load(bytesOf(net)));
  const tiny = { shape: [1, 1, 3], data: [1e-20, -1e-40, -0] };
  const zero = { shape: [1, 1, 3], data: [0, 0, 0] };
  assert.deepEqual(bitsOf(run(plan, tiny).output.data), bitsOf(run(plan, zero).output.data));
  assert.deepEqual(new Session(plan).step(tiny.data), run(plan, zero).output.data);
  net.tensors.W.data.fill(1e-20);
  const weak = compile(load(bytesOf(net)));
  const large = { shape: [1, 1, 3], data: [1e30, 0, 0] };
  assert.deepEqual(bitsOf(run(weak, large).output.data), bitsOf(run(weak, zero).output.data));
  const h = { shape: [1, 2], data: [-0, 1e-30] };
  const { state } = run(
    features,
    { shape: [1, 0, 3], data: [] },
    { state: new Map([["cell", { h, c: h }]]) },
  );
  assert.deepEqual(stateBits(state), [["cell", [1, 2], [0, 0], [0, 0]]]);
});

test("T is applied to c and h", () => {
  const net = featureNet();
  const H = 2;
  net.tensors.W.data = Array(24).fill(0);
  for (const j of [0, 1]) {
    net.tensors.W.data[0 * H + j] = -30; // i = 9.4e-14
    net.tensors.W.data[2 * H + j] = j === 0 ? 1e-3 : 1; // g
    net.tensors.W.data[3 * H + j] = -30; // o
  }
  const { state } = run(compile(load(bytesOf(net))), { shape: [1, 1, 3], data: [1, 0, 0] });
  const cell = state.get("cell");
  assert.equal(cell?.c?.data[0], 0); // 9.4e-17 before T
  assert.ok((cell?.c?.data[1] ?? 0) > 7e-14);
  assert.deepEqual(cell?.h.data, Float32Array.of(0, 0)); // the second is 6.7e-27 before T
});

test("a session forks, resets, restores, and keeps its state when a call fails", () => {
  const session = new Session(features);
  session.step([1, 2, 3]);
  const before = session.state();
  const twin = session.fork();
  const y = session.step([3, 2, 1]);
  assert.deepEqual(twin.step([3, 2, 1]), y);
  session.restore(before);
  assert.deepEqual(stateBits(session.state()), stateBits(before));
  fails(() => session.step([1, NaN, 3]), "RUN_NONFINITE_INPUT");
  fails(() => session.step([1, 1e39, 3]), "RUN_NONFINITE_INPUT");
  fails(() => session.step([1, 2]), "RUN_SHAPE");
  fails(() => session.step([1, 2, 3], new Float32Array(3)), "RUN_SHAPE");
  fails(() => session.run(inputOf(2, 1)), "RUN_SHAPE");
  fails(() => session.restore(new Map()), "RUN_STATE");
  assert.deepEqual(stateBits(session.state()), stateBits(before));
  assert.deepEqual(session.step([3, 2, 1]), y);
  session.reset();
  assert.deepEqual(stateBits(session.state()), [["cell", [1, 2], [0, 0], [0, 0]]]);
  assert.deepEqual(session.run(inputOf(1, 3)), run(features, inputOf(1, 3)).output);
  for (const batch of [0, 1.5, -1, NaN])
    fails(() => new Session(features, { batch }), "RUN_OPTION");
});

test("a state that is handed out is a copy", () => {
  const session = new Session(features);
  session.step([1, 2, 3]);
  const before = stateBits(session.state());
  session.state().get("cell")?.h.data.fill(9);
  assert.deepEqual(stateBits(session.state()), before);
});

test("an overflow fails the whole call and leaves the state", () => {
  const net = featureNet();
  net.tensors.D.data = Array(4).fill(3e38);
  net.tensors.W.data = Array(24).fill(1);
  const plan = compile(load(bytesOf(net)));
  const session = new Session(plan, { batch: 2 });
  session.step([0, 0, 0, -1e-3, 0, 0]);
  const before = stateBits(session.state());
  const x = [0, 0, 0, 50, 50, 50]; // the first row is fine, the second is not
  fails(() => session.step(x), "RUN_NONFINITE");
  assert.deepEqual(stateBits(session.state()), before);
  fails(() => session.run({ shape: [2, 2, 3], data: [0, 0, 0, 0, 0, 0, ...x] }), "RUN_NONFINITE");
  assert.deepEqual(stateBits(session.state()), before);
});

test("infinite pre-activations saturate, undefined ones fail", () => {
  const net = featureNet();
  net.tensors.W.data = Array(24).fill(3e38);
  const plan = compile(load(bytesOf(net)));
  const { state } = run(plan, { shape: [1, 1, 3], data: [1e10, 0, 0] });
  assert.deepEqual(state.get("cell")?.c?.data, Float32Array.of(1, 1));
  fails(() => run(plan, { shape: [1, 1, 3], data: [1e10, -1e10, 0] }), "RUN_NONFINITE");
});

test("a step allocates nothing", () => {
  const session = new Session(tokens);
  const x = Int32Array.of(1);
  const out = new Float32Array(4);
  const measure = (/** @type {number} */ steps) => {
    const before = process.memoryUsage().heapUsed;
    for (let t = 0; t < steps; t++) session.step(x, out);
    return process.memoryUsage().heapUsed - before;
  };
  measure(50_000);
  // A number of 16 bytes a step would be 800 kB.
  const least = Math.min(measure(50_000), measure(50_000), measure(50_000));
  assert.ok(least < 100_000, `${least} bytes`);
});
