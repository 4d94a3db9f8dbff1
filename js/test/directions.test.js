/** Directions: reverse, bidirectional, time_reverse, with lengths, states and `final` (SPEC 13.13, 13.14, 14). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { compile, load, loadState, run, Session, selftest, stateToBytes } from "rnnspec";

import { bitsOf, bytesOf, fails, findings, LSTM, tensor } from "./support.js";

const f = Math.fround;
const T = (/** @type {number} */ v) => (Math.abs(v) < 2 ** -51 ? 0 : v);
const [I, H, N, STEPS] = [2, 3, 3, 5];
const LENGTHS = [5, 0, 3];

/** @typedef {{shape: readonly number[], data: Float32Array}} Values */

const INPUT = {
  shape: [N, STEPS, I],
  data: Float32Array.from({ length: N * STEPS * I }, (_, k) => Math.cos(k * 2.3)),
};

/** The members of each cell, and its blocks. @type {Record<string, [any, number]>} */
const CELLS = {
  elman: [{ type: "elman", activation: { function: "tanh" } }, 1],
  lstm: [{ type: "lstm", activations: LSTM }, 4],
  gru: [
    {
      ...{ type: "gru", reset: "after" },
      activations: { gates: { function: "sigmoid" }, candidate: { function: "tanh" } },
    },
    3,
  ],
};

/**
 * A net of one recurrent layer. Its tensors of the other direction are those of `_reverse`; `seed` tells two sets
 * of tensors apart.
 *
 * @param {string} type
 * @param {any} members
 * @param {string} [suffix] whose tensors the layer has, in a layer of one direction
 */
function netOf(type, members, suffix = "") {
  const [cell, B] = CELLS[type] ?? [{}, 1];
  /** @type {Record<string, any>} */
  const tensors = {};
  /** @type {Record<string, string>} */
  const parameters = {};
  const both = members.direction === "bidirectional";
  for (const way of both ? ["", "_reverse"] : [suffix]) {
    const shapes = {
      W: [I, B * H],
      R: [H, B * H],
      b: [B * H],
      h0: [H],
      ...(B === 4 ? { c0: [H] } : {}),
    };
    for (const [role, shape] of Object.entries(shapes)) {
      const name = `${role}${way}`;
      tensors[name] = tensor(shape);
      if (way !== "")
        tensors[name].data = tensors[name].data.map((/** @type {number} */ v) => 0.5 - v);
      parameters[both ? name : role] = name;
    }
  }
  return {
    rnnspec: "1.0-draft.3",
    input: { kind: "features", size: I },
    layers: [{ name: "cell", hidden_size: H, ...cell, ...members, parameters }],
    output: { kind: "values" },
    tensors,
  };
}

/** @param {any} net */
const planOf = (net) => compile(load(bytesOf(net)));

/** The valid steps of each row in the other order. @param {Values} values @param {number[]} lengths */
function turned({ shape, data }, lengths) {
  const [, steps = 0, width = 0] = shape;
  const out = new Float32Array(data.length);
  for (const [n, length] of lengths.entries()) {
    for (let t = 0; t < length; t++) {
      const from = (n * steps + length - 1 - t) * width;
      out.set(data.slice(from, from + width), (n * steps + t) * width);
    }
  }
  return { shape, data: out };
}

test("time_reverse turns the valid steps around", () => {
  const net = { ...netOf("elman", {}), layers: [{ name: "t", type: "time_reverse" }], tensors: {} };
  const { output } = run(planOf(net), INPUT, { lengths: LENGTHS });
  assert.deepEqual(output.data, turned(INPUT, LENGTHS).data);
  const whole = run(planOf(net), INPUT).output;
  assert.deepEqual(whole.data, turned(INPUT, [STEPS, STEPS, STEPS]).data);
});

for (const type of Object.keys(CELLS)) {
  test(`${type}: reverse is forward over the steps turned around, and its outputs turned back`, () => {
    const forward = planOf(netOf(type, {}));
    const reverse = planOf(netOf(type, { direction: "reverse" }));
    const state = run(forward, INPUT).state;
    for (const options of [{ lengths: LENGTHS }, { lengths: LENGTHS, state }]) {
      const got = run(reverse, INPUT, options);
      const expected = run(forward, turned(INPUT, LENGTHS), options);
      assert.deepEqual(bitsOf(got.output.data), bitsOf(turned(expected.output, LENGTHS).data));
      assert.deepEqual(got.state, expected.state);
      const final = run(
        planOf(netOf(type, { direction: "reverse", output: "final" })),
        INPUT,
        options,
      );
      assert.deepEqual(final.output.data, got.state.get("cell")?.h.data);
      assert.deepEqual(final.output.shape, [N, H]);
      assert.deepEqual(final.state, got.state);
    }
  });

  test(`${type}: bidirectional is both, in four merges`, () => {
    const merges = {
      concat: null,
      sum: (/** @type {number} */ y, /** @type {number} */ w) => T(f(y + w)),
      multiply: (/** @type {number} */ y, /** @type {number} */ w) => T(f(y * w)),
      average: (/** @type {number} */ y, /** @type {number} */ w) => T(f(f(y + w) * 0.5)),
    };
    const forward = planOf(netOf(type, {}));
    const other = planOf(netOf(type, { direction: "reverse" }, "_reverse"));
    /** @param {Values} y @param {Values} w @param {((y: number, w: number) => number) | null} merge */
    const merged = (y, w, merge) => {
      if (merge) return [...y.data.map((value, k) => merge(value, w.data[k] ?? NaN))];
      const rows = y.data.length / H;
      return Array.from({ length: rows }, (_, k) => [
        ...y.data.slice(k * H, (k + 1) * H),
        ...w.data.slice(k * H, (k + 1) * H),
      ]).flat();
    };
    let options = /** @type {any} */ ({ lengths: LENGTHS });
    for (const [merge, join] of Object.entries(merges)) {
      const members = { direction: "bidirectional", merge };
      const plan = planOf(netOf(type, members));
      const got = run(plan, INPUT, options);
      const [y, w] = [
        run(forward, INPUT, split(options, "")),
        run(other, INPUT, split(options, "_reverse")),
      ];
      assert.deepEqual(
        bitsOf(got.output.data),
        bitsOf(Float32Array.from(merged(y.output, w.output, join))),
      );
      assert.deepEqual(got.output.shape, [N, STEPS, merge === "concat" ? 2 * H : H]);
      const cell = got.state.get("cell");
      const names = type === "lstm" ? ["h", "c", "h_reverse", "c_reverse"] : ["h", "h_reverse"];
      assert.deepEqual(Object.keys(cell ?? {}), names);
      assert.deepEqual(cell?.h, y.state.get("cell")?.h);
      assert.deepEqual(cell?.h_reverse, w.state.get("cell")?.h);
      assert.deepEqual(cell?.c_reverse, w.state.get("cell")?.c);
      const last = planOf(netOf(type, { ...members, output: "final" }));
      const final = run(last, INPUT, options);
      const ends = /** @type {any} */ ([y.state.get("cell")?.h, w.state.get("cell")?.h]);
      assert.deepEqual(
        bitsOf(final.output.data),
        bitsOf(Float32Array.from(merged(ends[0], ends[1], join))),
      );
      options = { lengths: LENGTHS, state: got.state }; // and on from there
    }
  });
}

/** The options for one direction. @param {any} options @param {string} suffix */
function split({ lengths, state }, suffix) {
  if (state === undefined) return { lengths };
  const { [`h${suffix}`]: h, [`c${suffix}`]: c } = state.get("cell");
  return { lengths, state: new Map([["cell", c ? { h, c } : { h }]]) };
}

test("rows do not touch each other, with or without lengths", () => {
  const plan = planOf(netOf("lstm", { direction: "bidirectional", merge: "sum" }));
  const all = run(plan, INPUT, { lengths: LENGTHS });
  for (const [n, length] of LENGTHS.entries()) {
    const data = INPUT.data.slice(n * STEPS * I, (n * STEPS + length) * I);
    const alone = run(plan, { shape: [1, length, I], data });
    const expected = all.output.data.slice(n * STEPS * H, (n * STEPS + length) * H);
    assert.deepEqual(bitsOf(alone.output.data), bitsOf(expected));
  }
});

test("a net that is not forward runs, with a state, and does not step", () => {
  const turn = { name: "t", type: "time_reverse" };
  const nets = [
    netOf("gru", { direction: "reverse" }),
    netOf("gru", { direction: "bidirectional", merge: "average" }),
    { ...netOf("gru", {}), layers: [...netOf("gru", {}).layers, turn] },
  ];
  for (const [k, net] of nets.entries()) {
    const plan = planOf(net);
    const session = new Session(plan, { batch: N });
    const { output, state } = run(plan, INPUT);
    assert.deepEqual(session.run(INPUT), output);
    assert.deepEqual(session.state(), state);
    fails(() => session.step(Array(N * I).fill(0)), "RUN_DIRECTION");
    fails(() => session.step([]), "RUN_DIRECTION"); // before every other fault
    assert.throws(
      () => session.step([]),
      k === 2 ? /time_reverse in the layer "t"/ : /in the layer "cell"/,
    );
    const again = new Session(plan, { batch: N });
    again.restore(loadState(stateToBytes(state, { encoding: "json" })));
    assert.deepEqual(
      again.run(INPUT, { lengths: LENGTHS }),
      session.run(INPUT, { lengths: LENGTHS }),
    );
  }
});

test("an overflow of a merge is found, in a call without steps too", () => {
  const net = /** @type {any} */ (
    netOf("elman", { direction: "bidirectional", merge: "sum", output: "final" })
  );
  net.layers[0].activation = { function: "linear" };
  net.tensors.h0.data.fill(3e38);
  net.tensors.h0_reverse.data.fill(3e38);
  fails(() => run(planOf(net), { shape: [1, 0, I], data: [] }), "RUN_NONFINITE");
  net.layers[0].output = "sequence";
  for (const name of ["R", "R_reverse", "W", "W_reverse"]) net.tensors[name].data.fill(0);
  net.tensors.b.data.fill(3e38);
  net.tensors.b_reverse.data.fill(3e38);
  fails(() => run(planOf(net), { shape: [1, 1, I], data: [0, 0] }), "RUN_NONFINITE");
  net.layers[0].merge = "concat";
  run(planOf(net), { shape: [1, 1, I], data: [0, 0] });
});

test("a self-test compares the final states of both directions", () => {
  const net = /** @type {any} */ (netOf("lstm", { direction: "bidirectional", merge: "sum" }));
  const { output, state } = run(planOf(net), INPUT, { lengths: LENGTHS });
  const stored = (/** @type {any} */ { shape, data }) => ({
    dtype: "float32",
    shape,
    data: [...data],
  });
  Object.assign(net.tensors, { x: stored(INPUT), y: stored(output) });
  for (const [name, array] of Object.entries(state.get("cell") ?? {}))
    net.tensors[`end.${name}`] = stored(array);
  const names = ["h", "c", "h_reverse", "c_reverse"];
  const cell = Object.fromEntries(names.map((name) => [name, `end.${name}`]));
  net.examples = [
    { kind: "exact", input: "x", lengths: LENGTHS, output: "y", final_state: { cell } },
  ];
  assert.deepEqual(selftest(planOf(net)), { exact: 1, reference: 0, failed: [] });
  for (const name of names) {
    const wrong = structuredClone(net);
    wrong.tensors[`end.${name}`].data[0] += 1e-3;
    assert.deepEqual(selftest(planOf(wrong)).failed, [0], name);
    delete wrong.examples[0].final_state.cell[name];
    delete wrong.tensors[`end.${name}`];
    const code = name === "h" ? "STRUCTURE_MISSING" : "STATE_INCOMPLETE";
    const at = name === "h" ? "/examples/0/final_state/cell/h" : "/examples/0/final_state/cell";
    assert.deepEqual(findings(wrong), [`${code} ${at}`]);
  }
});

test("a state has the arrays of both directions, all of them", () => {
  const plan = planOf(netOf("elman", { direction: "bidirectional", merge: "sum" }));
  const { state } = run(plan, INPUT);
  const cell = /** @type {any} */ (state.get("cell"));
  for (const wrong of [{ h: cell.h }, { ...cell, c: cell.h }, { h: cell.h, c_reverse: cell.h }]) {
    fails(() => run(plan, INPUT, { state: new Map([["cell", wrong]]) }), "RUN_STATE");
  }
});

test("merge and the roles of the other direction stand where they belong ([layer-8], [doc-6])", () => {
  /** @param {any} members @param {(net: any) => unknown} [change] */
  const judged = (members, change = () => undefined) => {
    const net = /** @type {any} */ (netOf("gru", members));
    change(net);
    return findings(net).filter((finding) => !finding.startsWith("TENSOR"));
  };
  const at = "/layers/0";
  assert.deepEqual(judged({ direction: "bidirectional", merge: "sum" }), []);
  assert.deepEqual(judged({ direction: "bidirectional" }), [`STRUCTURE_MISSING ${at}/merge`]);
  for (const direction of ["forward", "reverse"]) {
    assert.deepEqual(judged({ direction, merge: "sum" }), [`STRUCTURE_UNKNOWN_KEY ${at}/merge`]);
  }
  assert.deepEqual(judged({ merge: "sum" }), [`STRUCTURE_UNKNOWN_KEY ${at}/merge`]);
  const reverse = (/** @type {any} */ net) =>
    Object.assign(net.layers[0].parameters, { W_reverse: "x" });
  assert.deepEqual(judged({}, reverse), [`STRUCTURE_UNKNOWN_KEY ${at}/parameters/W_reverse`]);
  // Without a known direction neither is judged, but what is no role of the type.
  const unknown = { direction: "sideways", merge: "sum" };
  assert.deepEqual(judged(unknown, reverse), [`STRUCTURE_ENUM ${at}/direction`]);
  assert.deepEqual(judged({ direction: null }, reverse), [`STRUCTURE_TYPE ${at}/direction`]);
  const foreign = (/** @type {any} */ net) =>
    Object.assign(net.layers[0].parameters, { c0_reverse: "x" });
  assert.deepEqual(judged({ direction: "x" }, foreign), [
    `STRUCTURE_ENUM ${at}/direction`,
    `STRUCTURE_UNKNOWN_KEY ${at}/parameters/c0_reverse`,
  ]);
  const lacking = (/** @type {any} */ net) => delete net.layers[0].parameters.R_reverse;
  assert.deepEqual(judged({ direction: "bidirectional", merge: "sum" }, lacking), [
    `STRUCTURE_MISSING ${at}/parameters/R_reverse`,
  ]);
  const single = (/** @type {any} */ net) => delete net.layers[0].parameters.b_reverse;
  assert.deepEqual(judged({ direction: "bidirectional", merge: "sum" }, single), []);
});
