/** Graphs of layers: who reads whom, joints, layer_norm, buffers that are shared, and `probe`. */

import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";
import { compile, load, run, Session } from "rnnspec";

import { bitsOf, bytesOf, fails, featureNet, findings, tensor, tokenNet } from "./support.js";

const f = Math.fround;
const T = (/** @type {number} */ v) => (Math.abs(v) < 2 ** -51 ? 0 : v);

/**
 * A net of features with these layers.
 *
 * @param {number} size
 * @param {any[]} layers
 * @param {Record<string, any>} [tensors]
 */
function netOf(size, layers, tensors = {}) {
  return {
    rnnspec: "1.0-draft.3",
    input: { kind: "features", size },
    layers,
    output: { kind: "values" },
    tensors,
  };
}

/** @param {any} net */
const planOf = (net) => compile(load(bytesOf(net)));

/** @typedef {{shape: readonly number[], data: Float32Array}} Values */

/** A dense layer of its own tensor. @param {string} name @param {number} inputs @param {number} size */
const dense = (name, inputs, size) => ({
  layer: { name, type: "dense", size, parameters: { W: name } },
  tensors: { [name]: tensor([inputs, size]) },
});

test("add, multiply and concat, element by element and after T", () => {
  const x = Float32Array.of(1e-16, 1, -3e-17, 2, 0.1, -0.2);
  const a = { name: "a", type: "affine", parameters: { s: "s", t: "t" } };
  const net = (/** @type {string} */ type) =>
    netOf(3, [a, { name: "y", type, inputs: ["input", "a", "input"] }], {
      s: tensor([3]),
      t: tensor([3]),
    });
  const input = { shape: [1, 2, 3], data: x };
  const { probe } = run(planOf(net("add")), input, { probe: ["a"] });
  const scaled = probe.get("a")?.data ?? x;
  const joins = {
    add: (/** @type {number} */ p, /** @type {number} */ q) => T(f(p + q)),
    multiply: (/** @type {number} */ p, /** @type {number} */ q) => T(f(p * q)),
  };
  for (const [type, join] of Object.entries(joins)) {
    const expected = x.map((v, k) => join(join(T(v), scaled[k] ?? 0), T(v)));
    assert.deepEqual(bitsOf(run(planOf(net(type)), input).output.data), bitsOf(expected));
  }
  const { output } = run(planOf(net("concat")), input);
  assert.deepEqual(output.shape, [1, 2, 9]);
  const row = (/** @type {Float32Array} */ v, /** @type {number} */ t) => [
    ...v.slice(3 * t, 3 * t + 3),
  ];
  const expected = [0, 1].flatMap((t) =>
    [row(x.map(T), t), row(scaled, t), row(x.map(T), t)].flat(),
  );
  assert.deepEqual([...output.data], expected);
});

test("layer_norm is what it says, in binary64 and in its seams", () => {
  const I = 37;
  const layer = {
    name: "n",
    type: "layer_norm",
    epsilon: 1e-3,
    parameters: { gamma: "g", beta: "b" },
  };
  const net = netOf(I, [layer], { g: tensor([I]), b: tensor([I]) });
  const data = Float32Array.from({ length: 3 * I }, (_, k) => Math.sin(k * k) * (k < I ? 1 : 100));
  data.fill(0.5, 2 * I); // no spread at all
  const { output } = run(planOf(net), { shape: [1, 3, I], data });
  for (let t = 0; t < 3; t++) {
    const x = [...data.slice(t * I, (t + 1) * I)];
    const m = x.reduce((sum, v) => sum + v, 0) / I;
    const v = x.reduce((sum, value) => sum + (value - m) ** 2, 0) / I;
    for (const [j, value] of x.entries()) {
      const gamma = f(net.tensors.g.data[j]);
      const expected = ((value - m) / Math.sqrt(v + 1e-3)) * gamma + f(net.tensors.b.data[j]);
      assert.ok(Math.abs((output.data[t * I + j] ?? NaN) - expected) < 4e-6, `${t} ${j}`);
    }
  }
  // Bit by bit, where the sum is one of a single strand.
  const small = netOf(1, [{ ...layer, epsilon: 1 }], { g: tensor([1]), b: tensor([1]) });
  small.tensors.g.data = [3];
  small.tensors.b.data = [-0.25];
  assert.deepEqual([...run(planOf(small), [[[7]]]).output.data], [-0.25]);
});

test("layer_norm checks what it gives, and its square may overflow", () => {
  const layer = {
    name: "n",
    type: "layer_norm",
    epsilon: 1,
    parameters: { gamma: "g", beta: "b" },
  };
  const net = netOf(2, [layer], { g: tensor([2]), b: tensor([2]) });
  net.tensors.b.data = [1, 2];
  assert.deepEqual([...run(planOf(net), [[[1e30, -1e30]]]).output.data], [1, 2]); // q = 1 / ∞
  net.tensors.b.data = [3e38, 2];
  net.tensors.g.data = [3e38, 1];
  fails(() => run(planOf(net), [[[1, -1]]]), "RUN_NONFINITE");
});

test("the default of `inputs` is the layer before", () => {
  const net = featureNet();
  const { output } = run(planOf(net), [[[1, 2, 3]]]);
  net.layers[0].inputs = ["input"];
  net.layers[1].inputs = ["cell"];
  assert.deepEqual(run(planOf(net), [[[1, 2, 3]]]).output.data, output.data);
});

/** @param {(net: any) => void} change @param {() => any} [make] */
function judged(change, make = featureNet) {
  const net = make();
  change(net);
  return findings(net);
}

test("what a layer can read ([agree-3])", () => {
  const last = { name: "last", type: "last_step", inputs: ["cell"] };
  const cases = /** @type {[(net: any) => void, string[], (() => any)?][]} */ ([
    // A name of itself, of a later one, of nobody; of two of one name it means the first.
    [
      (net) => Object.assign(net.layers[1], { inputs: ["out"] }),
      ["INPUT_UNKNOWN /layers/1/inputs/0"],
    ],
    [
      (net) => Object.assign(net.layers[0], { inputs: ["out"] }),
      ["INPUT_UNKNOWN /layers/0/inputs/0"],
    ],
    [
      (net) => {
        net.layers.splice(1, 0, { name: "cell", type: "concat", inputs: ["cell", "input"] });
        net.layers[2].inputs = ["cell"];
      },
      ["LAYER_UNUSED /layers/1", "NAME_REPEATED /layers/1/name"],
    ],
    // Ids are for their readers alone, and readers for ids.
    [
      (net) => Object.assign(net.layers[1], { inputs: ["input"] }),
      ["LAYER_INPUT /layers/1/type", "LAYER_UNUSED /layers/0"],
      tokenNet,
    ],
    [
      (net) => {
        net.layers.splice(1, 0, { name: "sum", type: "add", inputs: ["in", "input"] });
      },
      ["LAYER_INPUT /layers/1/type"],
      tokenNet,
    ],
    [
      (net) => {
        net.layers.splice(1, 0, { name: "sum", type: "add", inputs: ["x", "input"] });
        net.layers[2].inputs = ["in"];
      },
      ["INPUT_UNKNOWN /layers/1/inputs/0", "LAYER_INPUT /layers/1/type"],
      tokenNet,
    ],
    [
      (net) => Object.assign(net.layers[0], { inputs: ["x"] }),
      ["INPUT_UNKNOWN /layers/0/inputs/0"],
      tokenNet,
    ],
    // Without time.
    [
      (net) =>
        net.layers.splice(1, 0, last, { name: "both", type: "concat", inputs: ["last", "cell"] }),
      ["LAYER_INPUT /layers/2/type"],
    ],
    [
      (net) => net.layers.splice(1, 0, last, { name: "turn", type: "time_reverse" }),
      ["LAYER_INPUT /layers/2/type"],
    ],
    [
      (net) => {
        net.layers.splice(1, 0, last, { name: "turn", type: "time_reverse" });
        net.layers.splice(3, 0, { name: "both", type: "concat", inputs: ["last", "turn"] });
        net.layers.splice(4, 0, { name: "again", type: "time_reverse", inputs: ["turn"] });
        net.layers.splice(5, 0, { name: "all", type: "concat", inputs: ["both", "again"] });
      },
      ["LAYER_INPUT /layers/2/type"], // whether `turn` has time is unknown, so nothing about `both` is judged
    ],
    [
      (net) => {
        net.layers.splice(1, 0, last, { name: "both", type: "add", inputs: ["last", "last"] });
      },
      [],
    ],
    // Widths: 2 of the cell, 3 of the input.
    [
      (net) => {
        net.layers.splice(1, 0, {
          name: "sum",
          type: "multiply",
          inputs: ["cell", "cell", "input"],
        });
      },
      ["INPUT_WIDTH /layers/1/inputs"],
    ],
    [
      (net) => {
        const inputs = Array(32_769).fill("cell");
        net.layers.splice(1, 0, { name: "wide", type: "concat", inputs });
      },
      ["INPUT_WIDTH /layers/1/inputs"],
    ],
    [
      (net) => {
        const inputs = Array(32_768).fill("cell");
        net.layers.splice(1, 0, { name: "wide", type: "concat", inputs });
      },
      ["TENSOR_SHAPE /layers/2/parameters/W"],
    ],
    // A list has one element, or two and more.
    [(net) => Object.assign(net.layers[1], { inputs: [] }), ["STRUCTURE_LENGTH /layers/1/inputs"]],
    [
      (net) => Object.assign(net.layers[1], { inputs: ["cell", "cell"] }),
      ["STRUCTURE_LENGTH /layers/1/inputs"],
    ],
    [(net) => net.layers.push({ name: "s", type: "add" }), ["STRUCTURE_MISSING /layers/2/inputs"]],
    [
      (net) => net.layers.push({ name: "s", type: "add", inputs: ["out"] }),
      ["STRUCTURE_LENGTH /layers/2/inputs"],
    ],
    [(net) => Object.assign(net.layers[1], { inputs: [1] }), ["STRUCTURE_TYPE /layers/1/inputs/0"]],
  ]);
  for (const [change, expected, make] of cases) assert.deepEqual(judged(change, make), expected);
});

/**
 * A layer of a random net: what it is made of, and what it gives for what it reads, by a net of it alone.
 *
 * @typedef {object} Piece
 * @property {string} type
 * @property {number} pick of the layers before
 * @property {number} other
 * @property {boolean} final
 */

const piece = fc.record({
  type: fc.constantFrom(
    "dense",
    "affine",
    "elman",
    "back",
    "both",
    "add",
    "multiply",
    "concat",
    "time_reverse",
    "last_step",
    "softmax",
  ),
  pick: fc.nat(),
  other: fc.nat(),
  final: fc.boolean(),
});

/**
 * Builds a sound net: a layer that can't read what it would becomes a dense one.
 *
 * @param {Piece[]} pieces
 */
function randomNet(pieces) {
  const size = 2;
  /** @type {any[]} */
  const layers = [];
  /** @type {Record<string, any>} */
  const tensors = {};
  /** @type {{name: string, width: number, timed: boolean}[]} */
  const known = [{ name: "input", width: size, timed: true }];
  const used = new Set();
  for (const [k, { type, pick, other, final }] of pieces.entries()) {
    const name = `l${k}`;
    const read = known[pick % known.length] ?? { name: "input", width: size, timed: true };
    const alike = known.filter(({ width, timed }) => width === read.width && timed === read.timed);
    const second = (type === "concat" ? known.filter(({ timed }) => timed === read.timed) : alike)[
      other % (type === "concat" ? known.filter(({ timed }) => timed === read.timed) : alike).length
    ];
    const { width, timed } = read;
    const inputs = [read.name];
    used.add(read.name);
    const recurrent = ["elman", "back", "both"].includes(type);
    if (!timed && (recurrent || ["time_reverse", "last_step"].includes(type))) {
      layers.push({ name, type: "activation", function: "tanh", inputs });
      known.push({ name, width, timed });
    } else if (recurrent) {
      const direction = { elman: "forward", back: "reverse", both: "bidirectional" }[type];
      /** @type {Record<string, string>} */
      const parameters = {};
      for (const suffix of type === "both" ? ["", "_reverse"] : [""]) {
        for (const role of ["W", "R", "h0"]) {
          parameters[role + suffix] = `${name}.${role}${suffix}`;
          tensors[`${name}.${role}${suffix}`] = tensor(
            { W: [width, 3], R: [3, 3], h0: [3] }[role] ?? [],
          );
        }
      }
      const output = final ? "final" : "sequence";
      const layer = {
        name,
        type: "elman",
        hidden_size: 3,
        activation: { function: "tanh" },
        parameters,
      };
      const merges = ["concat", "sum", "multiply", "average"];
      const merge = type === "both" ? { merge: merges[other % 4] } : {};
      layers.push({ ...layer, direction, output, ...merge, inputs });
      known.push({ name, width: merge.merge === "concat" ? 6 : 3, timed: !final });
    } else if (["add", "multiply", "concat"].includes(type)) {
      inputs.push(second?.name ?? read.name);
      used.add(second?.name);
      layers.push({ name, type, inputs });
      known.push({ name, width: type === "concat" ? width + (second?.width ?? 0) : width, timed });
    } else if (type === "dense") {
      layers.push({ ...dense(name, width, 2).layer, inputs });
      Object.assign(tensors, dense(name, width, 2).tensors);
      known.push({ name, width: 2, timed });
    } else if (type === "affine") {
      layers.push({ name, type, inputs, parameters: { s: `${name}.s`, t: `${name}.t` } });
      Object.assign(tensors, { [`${name}.s`]: tensor([width]), [`${name}.t`]: tensor([width]) });
      known.push({ name, width, timed });
    } else if (type === "softmax") {
      layers.push({ name, type: "activation", function: "softmax", inputs });
      known.push({ name, width, timed });
    } else {
      layers.push({ name, type, inputs });
      known.push({ name, width, timed: type === "last_step" ? false : timed });
    }
  }
  // What nobody reads is brought together at the end: sequences, their last steps, and the rest.
  const loose = (/** @type {boolean} */ timed) =>
    known.filter(
      (layer) => layer.name !== "input" && !used.has(layer.name) && layer.timed === timed,
    );
  const ends = loose(false).map(({ name }) => name);
  for (const { name } of loose(true)) {
    layers.push({ name: `${name}.end`, type: "last_step", inputs: [name] });
    ends.push(`${name}.end`);
  }
  if (ends.length > 1) layers.push({ name: "all", type: "concat", inputs: ends });
  return netOf(size, layers, tensors);
}

/**
 * The outputs of every layer, each computed by a net of this layer alone, which reads sequences.
 *
 * @param {any} net
 * @param {Values} input
 * @param {number[]} lengths
 */
function oneByOne(net, input, lengths) {
  /** @type {Map<string, Values>} */
  const outputs = new Map([["input", input]]);
  const [N = 0, steps = 0] = input.shape;
  for (const layer of net.layers) {
    const read = layer.inputs.map((/** @type {string} */ name) => outputs.get(name));
    const isTimed = read[0].shape.length === 3;
    const widths = read.map((/** @type {Values} */ { shape }) => shape.at(-1));
    const total = widths.reduce((/** @type {number} */ a, /** @type {number} */ b) => a + b, 0);
    // Side by side as features, which the layer's inputs cut apart again by dense layers of 0 and 1.
    const count = isTimed ? N * steps : N;
    const data = new Float32Array(count * total);
    for (let k = 0; k < count; k++) {
      let at = k * total;
      for (const [i, { data: x }] of read.entries()) {
        data.set(x.slice(k * widths[i], (k + 1) * widths[i]), at);
        at += widths[i];
      }
    }
    /** @type {Record<string, any>} */
    const tensors = {};
    let from = 0;
    const cuts = widths.map((/** @type {number} */ width, /** @type {number} */ i) => {
      const W = Array(total * width).fill(0);
      for (let j = 0; j < width; j++) W[(from + j) * width + j] = 1;
      from += width;
      tensors[`cut${i}`] = { dtype: "float32", shape: [total, width], data: W };
      return {
        name: `cut${i}`,
        type: "dense",
        size: width,
        inputs: ["input"],
        parameters: { W: `cut${i}` },
      };
    });
    for (const name of Object.values(layer.parameters ?? {}))
      tensors[String(name)] = net.tensors[String(name)];
    const own = { ...layer, inputs: cuts.map((/** @type {any} */ { name }) => name) };
    const alone = netOf(total, [...cuts, own], tensors);
    if (layer.function === "softmax") alone.output.kind = "probabilities";
    const x = { shape: isTimed ? [N, steps, total] : [N, 1, total], data };
    const { output } = run(planOf(alone), x, isTimed ? { lengths } : {});
    const shape = isTimed ? output.shape : [N, output.shape[2] ?? 0];
    outputs.set(layer.name, { shape, data: output.data });
  }
  return outputs;
}

test("random graphs give what their layers give one by one, with every probe", () => {
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 9 }), fc.nat(1000), (pieces, seed) => {
      const net = randomNet(pieces);
      if (net.layers.at(-1).function === "softmax") net.output.kind = "probabilities";
      const N = 2;
      const steps = 4;
      const data = Float32Array.from({ length: N * steps * 2 }, (_, k) => Math.sin(seed + k * 1.7));
      const lengths = [steps, seed % (steps + 1)];
      const input = { shape: [N, steps, 2], data };
      const masked = data.map((v, k) => (k / 2 < steps + (lengths[1] ?? 0) ? v : 0));
      const expected = oneByOne(net, { shape: input.shape, data: masked }, lengths);
      const names = net.layers.map(({ name }) => name);
      const { output, probe } = run(planOf(net), input, { lengths, probe: names });
      for (const name of names) {
        const got = probe.get(name);
        assert.deepEqual(got?.shape, expected.get(name)?.shape, name);
        assert.deepEqual(bitsOf(got?.data ?? data), bitsOf(expected.get(name)?.data ?? data), name);
      }
      const plain = run(planOf(net), input, { lengths });
      assert.deepEqual(plain.output, output);
      assert.equal(plain.probe.size, 0);
    }),
    { numRuns: 300 },
  );
});

test("a name given twice is as given once; one of no layer is refused last", () => {
  const plan = planOf(featureNet());
  const { output, probe } = run(plan, [[[1, 2, 3]]], { probe: ["out", "cell", "out"] });
  assert.deepEqual([...probe.keys()], ["out", "cell"]);
  assert.deepEqual(probe.get("out")?.data, output.data);
  fails(() => run(plan, [[[1, 2, 3]]], { probe: ["input"] }), "RUN_OPTION");
  fails(() => run(plan, [[[1, 2]]], { probe: ["input"] }), "RUN_SHAPE");
  fails(() => run(plan, [[[1, 2, 3]]], { probe: ["x"], state: new Map() }), "RUN_STATE");
});

test("an overflow anywhere fails the call, in every chunking", () => {
  const layers = [
    { name: "a", type: "affine", parameters: { s: "s", t: "t" } },
    { name: "b", type: "multiply", inputs: ["a", "a"] }, // read by the last through c alone
    { name: "c", type: "activation", function: "hard_tanh" },
    { name: "y", type: "concat", inputs: ["c", "input"] },
  ];
  const net = netOf(1, layers, { s: tensor([1]), t: tensor([1]) });
  net.tensors.s.data = [1e18];
  net.tensors.t.data = [0];
  const plan = planOf(net);
  fails(() => run(plan, [[[1], [2], [30]]]), "RUN_NONFINITE");
  const session = new Session(plan);
  session.step([1]);
  session.run([[[2]]]);
  fails(() => session.step([30]), "RUN_NONFINITE");
  assert.deepEqual([...session.step([1])], [1, 1]);
  assert.deepEqual([...run(plan, [[[1], [30]]], { lengths: [1] }).output.data], [1, 1, 0, 0]);
});
