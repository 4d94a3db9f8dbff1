/** What draft 2 adds to documents: extensions, other versions, new layers, and what they must agree on. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { fingerprint, load, structure, toBytes, validate } from "rnnspec";

import { bytesOf, fails, featureNet, findings, LSTM, tensor, tokenNet } from "./support.js";

const sigmoid = { function: "sigmoid" };

/**
 * A net of tokens with every layer that draft 2 has, and extensions in every place.
 *
 * @returns {any}
 */
function wide() {
  const extensions = { ACME_x: { a: [null, 1.5, { "": "y" }] }, "B2_c.-_": null };
  const net = tokenNet();
  net.extensions = extensions;
  net.extensions_required = [];
  net.vocabularies.letters.extensions = extensions;
  net.layers = [
    { name: "in", type: "embedding", size: 2, parameters: { E: "E" }, extensions },
    {
      name: "rnn",
      type: "elman",
      hidden_size: 3,
      activation: { function: "elu", alpha: 0.1 },
      output: "sequence",
      parameters: { W: "W1", R: "R1", b: "b1", h0: "h1" },
    },
    {
      name: "gru",
      type: "gru",
      hidden_size: 3,
      reset: "after",
      activations: { gates: sigmoid, candidate: { function: "scaled_tanh", alpha: 1, beta: 0.5 } },
      parameters: { W: "W2", R: "R2", b: "b2", rb: "rb", h0: "h2" },
    },
    {
      name: "cell",
      type: "lstm",
      hidden_size: 3,
      activations: structuredClone(LSTM),
      output: "final",
      parameters: { W: "W3", R: "R3", b: "b3", h0: "h3", c0: "c3" },
    },
    { name: "scale", type: "affine", parameters: { s: "s", t: "t" } },
    { name: "bend", type: "activation", function: "leaky_relu", alpha: 1e-20 },
    { name: "out", type: "dense", size: 4, parameters: { W: "D" } },
    { name: "p", type: "activation", function: "softmax" },
  ];
  net.decoding = { mode: "sample", temperature: 0.5, top_k: 3, top_p: 0.9 };
  net.tensors = {
    ...{ E: tensor([4, 2]), D: tensor([3, 4]), s: tensor([3]), t: tensor([3]) },
    ...{ W1: tensor([2, 3]), R1: tensor([3, 3]), b1: tensor([3]), h1: tensor([3]) },
    ...{
      W2: tensor([3, 9]),
      R2: tensor([3, 9]),
      b2: tensor([9]),
      rb: tensor([3]),
      h2: tensor([3]),
    },
    ...{
      W3: tensor([3, 12]),
      R3: tensor([3, 12]),
      b3: tensor([12]),
      h3: tensor([3]),
      c3: tensor([3]),
    },
  };
  net.tensors.E.extensions = extensions;
  return net;
}

/** @param {(net: any) => void} change @param {() => any} [make] */
function judged(change, make = wide) {
  const net = make();
  change(net);
  return findings(net);
}

test("a net of every layer is sound, and comes back as it was", () => {
  const net = wide();
  assert.deepEqual(findings(net), []);
  const model = load(bytesOf(net));
  for (const options of /** @type {any[]} */ ([
    { encoding: "json", numbers: "decimal" },
    { encoding: "msgpack" },
    { encoding: "json" },
  ])) {
    const again = load(toBytes(model, options));
    assert.deepEqual(again.layers, model.layers);
    assert.deepEqual(again.extensions, model.extensions);
    assert.deepEqual(again.tensor("E").extensions, model.extensions);
    assert.equal(fingerprint(again), fingerprint(model));
  }
  const text = new TextDecoder().decode(toBytes(model, { numbers: "decimal" }));
  const { tensors, ...rest } = JSON.parse(text);
  const { tensors: given, ...expected } = JSON.parse(JSON.stringify(net));
  assert.deepEqual(rest, expected);
  assert.deepEqual(tensors.E.extensions, given.E.extensions);
  const keys = Object.keys(JSON.parse(text));
  assert.deepEqual(keys.slice(-3), ["extensions", "extensions_required", "tensors"]);
});

test("extensions change no digest; what counts does", () => {
  const digests = (/** @type {(net: any) => void} */ change) => {
    const net = wide();
    change(net);
    const model = load(bytesOf(net));
    return [structure(model), fingerprint(model)];
  };
  const [s, f] = digests(() => undefined);
  const same = digests((net) => {
    delete net.extensions;
    delete net.extensions_required;
    delete net.vocabularies.letters.extensions;
    delete net.layers[0].extensions;
    delete net.tensors.E.extensions;
    delete net.layers[1].output; // the default
    net.layers[5].alpha = 0; // the same after T
    net.layers[1].activation.alpha = 0.10000000149; // the same as a binary32
  });
  assert.deepEqual(same, [s, f]);
  const changes = /** @type {((net: any) => void)[]} */ ([
    (net) => Object.assign(net.layers[2], { reset: "after", name: "g" }),
    (net) => Object.assign(net.layers[2].activations.candidate, { beta: 0.25 }),
    (net) => Object.assign(net.layers[1].activation, { alpha: 0.2 }),
    (net) => Object.assign(net.vocabularies.letters, { unit: "token" }),
    (net) => Object.assign(net.vocabularies.letters, { unit: "token", separator: " " }),
    (net) => {
      delete net.layers[1].parameters.h0;
      delete net.tensors.h1;
    },
  ]);
  const seen = new Set([s]);
  for (const change of changes) seen.add(digests(change)[0]);
  assert.equal(seen.size, changes.length + 1);
  for (const member of ["top_k", "top_p"]) {
    const [sameStructure, other] = digests((net) => delete net.decoding[member]);
    assert.equal(sameStructure, s);
    assert.notEqual(other, f);
  }
});

test("the names of vocabularies are the user's, whatever they are", () => {
  const digests = ["letters", "extensions", "alpha", "fooBar"].map((name) => {
    const net = tokenNet();
    net.vocabularies = { [name]: net.vocabularies.letters };
    net.input.vocabulary = name;
    net.output.vocabulary = name;
    const model = load(bytesOf(net));
    assert.deepEqual([...(load(toBytes(model)).vocabularies ?? []).keys()], [name]);
    return structure(model);
  });
  assert.equal(new Set(digests).size, 4);
});

test("names of extensions, and bytes in them", () => {
  for (const bad of ["a", "ACME", "Acme_x", "_x", "1A_x", "A_", "A_é", `A_${"x".repeat(96)}`]) {
    assert.deepEqual(
      judged((net) => Object.assign(net.layers[0].extensions, { [bad]: 1 })),
      Array(4)
        .fill(0)
        .map((_, k) => {
          const at = ["", "/layers/0", "/tensors/E", "/vocabularies/letters"][k];
          return `STRUCTURE_NAME ${at}/extensions/${bad}`;
        })
        .sort(),
    );
    const required = judged((net) => Object.assign(net, { extensions_required: [bad] }));
    assert.deepEqual(required, ["STRUCTURE_NAME /extensions_required/0"]);
  }
  assert.deepEqual(
    judged((net) => Object.assign(net, { extensions: [] })),
    ["STRUCTURE_TYPE /extensions"],
  );
  assert.deepEqual(
    judged((net) => Object.assign(net, { extensions_required: [1] })),
    ["STRUCTURE_TYPE /extensions_required/0"],
  );
});

test("an extension that is required ends the judgement, but for a version that was tried", () => {
  const broken = { ...wide(), extensions_required: ["A_b", "x", "A_b", 5], layers: 7, other: 1 };
  const expected = [
    "EXTENSION_UNKNOWN /extensions_required/0",
    "EXTENSION_UNKNOWN /extensions_required/2",
  ];
  assert.deepEqual(findings(broken), expected);
  const tried = { ...broken, rnnspec: "2.0" };
  assert.deepEqual(findings(tried), ["VERSION_UNSUPPORTED /rnnspec"]);
  assert.deepEqual(findings(tried, { tryAnyway: true }), [...expected, "VERSION_TRIED /rnnspec"]);
});

test("another version is read on request, and written as this one", () => {
  const bytes = bytesOf({ ...wide(), rnnspec: "1.0-draft.7" });
  fails(() => load(bytes), "VERSION_UNSUPPORTED");
  fails(() => load(bytes, { tryAnyway: false }), "VERSION_UNSUPPORTED");
  const model = load(bytes, { tryAnyway: true });
  assert.equal(model.rnnspec, "1.0-draft.7");
  assert.equal(load(toBytes(model)).rnnspec, "1.0-draft.3");
  assert.equal(validate(bytes, { tryAnyway: true })[0]?.severity, "warning");
  assert.equal(fingerprint(model), fingerprint(load(bytesOf(wide()))));
  const other = { ...wide(), rnnspec: "1.0-draft.7", inputs: [] };
  assert.deepEqual(findings(other, { tryAnyway: true }), [
    "STRUCTURE_UNKNOWN_KEY /inputs",
    "VERSION_TRIED /rnnspec",
  ]);
  const disagreeing = { ...wide(), rnnspec: "1.1" };
  disagreeing.output.kind = "values";
  assert.deepEqual(findings(disagreeing, { tryAnyway: true }), [
    "OUTPUT_KIND /output/kind",
    "VERSION_TRIED /rnnspec",
  ]);
});

test("the members of layers are those of their tables", () => {
  const cases = /** @type {[(net: any) => void, string[]][]} */ ([
    [(net) => delete net.layers[1].activation, ["STRUCTURE_MISSING /layers/1/activation"]],
    [(net) => delete net.layers[2].reset, ["STRUCTURE_MISSING /layers/2/reset"]],
    [(net) => Object.assign(net.layers[2], { reset: "never" }), ["STRUCTURE_ENUM /layers/2/reset"]],
    [
      (net) => Object.assign(net.layers[2], { reset: "before" }),
      ["STRUCTURE_UNKNOWN_KEY /layers/2/parameters/rb"],
    ],
    [
      (net) => Object.assign(net.layers[2].activations, { output: sigmoid }),
      ["STRUCTURE_UNKNOWN_KEY /layers/2/activations/output"],
    ],
    [
      (net) => delete net.layers[3].activations.output,
      ["STRUCTURE_MISSING /layers/3/activations/output"],
    ],
    [
      (net) => Object.assign(net.layers[3], { output: "last" }),
      ["STRUCTURE_ENUM /layers/3/output"],
    ],
    [
      (net) => Object.assign(net.layers[6], { output: "final" }),
      ["STRUCTURE_UNKNOWN_KEY /layers/6/output"],
    ],
    [
      (net) => Object.assign(net.layers[5], { function: "swish", name: 5, other: 1 }),
      ["STRUCTURE_ENUM /layers/5/function"],
    ],
    [(net) => Object.assign(net.decoding, { top_k: 0 }), ["STRUCTURE_RANGE /decoding/top_k"]],
    [(net) => Object.assign(net.decoding, { top_p: 9e-7 }), ["STRUCTURE_RANGE /decoding/top_p"]],
    [
      (net) => Object.assign(net, { decoding: { mode: "greedy", top_k: 1, top_p: 1 } }),
      ["STRUCTURE_UNKNOWN_KEY /decoding/top_k", "STRUCTURE_UNKNOWN_KEY /decoding/top_p"],
    ],
    [
      (net) => Object.assign(net, { decoding: { mode: "best", top_k: 0 } }),
      ["STRUCTURE_ENUM /decoding/mode", "STRUCTURE_RANGE /decoding/top_k"],
    ],
  ]);
  for (const [change, expected] of cases) assert.deepEqual(judged(change), expected);
});

/** An lstm of tokens with all of its options. @returns {any} */
function options() {
  const net = tokenNet();
  Object.assign(net.layers[1], {
    ...{ peephole: "full", coupled: "input", cell_clip: 3, clip: 50, inputs: ["in"] },
    ...{ projection_size: 2, projection_clip: 1, direction: "bidirectional", merge: "average" },
  });
  const shapes = { W: [2, 9], R: [2, 9], b: [9], p: [3, 6], Q: [3, 2], qb: [2], h0: [2], c0: [3] };
  net.layers[1].parameters = {};
  for (const way of ["", "_reverse"]) {
    for (const [role, shape] of Object.entries(shapes)) {
      net.layers[1].parameters[role + way] = role + way;
      net.tensors[role + way] = tensor(shape);
    }
  }
  net.tensors.D = tensor([2, 4]);
  net.layers.splice(2, 0, {
    name: "norm",
    type: "layer_norm",
    epsilon: 0.001,
    parameters: { gamma: "g", beta: "e" },
  });
  Object.assign(net.tensors, { g: tensor([2]), e: tensor([2]) });
  return net;
}

test("the options of an lstm ask for their parameters ([layer-6], [layer-7], [doc-6])", () => {
  const at = "/layers/1";
  const cases = /** @type {[(layer: any) => unknown, string[]][]} */ ([
    [() => undefined, []],
    [
      (l) => delete l.peephole,
      [
        `STRUCTURE_UNKNOWN_KEY ${at}/parameters/p`,
        `STRUCTURE_UNKNOWN_KEY ${at}/parameters/p_reverse`,
      ],
    ],
    [(l) => delete l.parameters.p_reverse, [`STRUCTURE_MISSING ${at}/parameters/p_reverse`]],
    [(l) => Object.assign(l, { peephole: 1 }), [`STRUCTURE_TYPE ${at}/peephole`]], // p is asked for all the same
    [
      (l) => {
        delete l.projection_size;
        l.parameters = {
          W: "W",
          R: "R",
          W_reverse: "W_reverse",
          R_reverse: "R_reverse",
          Q: "Q",
          p: "p",
          p_reverse: "p_reverse",
        };
      },
      [`STRUCTURE_UNKNOWN_KEY ${at}/parameters/Q`, `STRUCTURE_UNKNOWN_KEY ${at}/projection_clip`],
    ],
    [(l) => delete l.parameters.Q, [`STRUCTURE_MISSING ${at}/parameters/Q`]],
    [(l) => Object.assign(l, { projection_size: 0 }), [`STRUCTURE_RANGE ${at}/projection_size`]],
    [(l) => Object.assign(l, { clip: 2 ** -51 }), [`STRUCTURE_RANGE ${at}/clip`]],
    [(l) => Object.assign(l, { clip: 2 ** -50, cell_clip: 1e38 }), []],
    [(l) => Object.assign(l, { cell_clip: 1.1e38 }), [`STRUCTURE_RANGE ${at}/cell_clip`]],
    [(l) => Object.assign(l, { coupled: "output" }), [`STRUCTURE_ENUM ${at}/coupled`]],
  ]);
  for (const [change, expected] of cases)
    assert.deepEqual(
      judged((net) => change(net.layers[1]), options),
      expected,
    );
  assert.deepEqual(
    judged((net) => Object.assign(net.layers[2], { epsilon: 1.5 }), options),
    ["STRUCTURE_RANGE /layers/2/epsilon"],
  );
  for (const [name, wrong] of Object.entries({
    W: [2, 12],
    p: [2, 3],
    Q: [2, 3],
    qb: [3],
    h0: [3],
    c0_reverse: [2],
  })) {
    const expected = [`TENSOR_SHAPE /layers/1/parameters/${name}`];
    assert.deepEqual(
      judged((net) => Object.assign(net.tensors, { [name]: tensor(wrong) }), options),
      expected,
    );
  }
  const twice = (/** @type {any} */ net) =>
    Object.assign(net.layers[1].parameters, { W_reverse: "c0" });
  assert.deepEqual(judged(twice, options), [
    "TENSOR_REUSED /layers/1/parameters/W_reverse",
    "TENSOR_UNUSED /tensors/W_reverse",
  ]);
});

test("defaults that are written out change no digest, and options do", () => {
  const digests = (/** @type {(layer: any) => unknown} */ change) => {
    const net = tokenNet();
    change(net.layers[1]);
    return structure(load(bytesOf(net)));
  };
  const plain = digests(() => undefined);
  assert.equal(
    digests((layer) =>
      Object.assign(layer, { direction: "forward", inputs: ["in"], output: "sequence" }),
    ),
    plain,
  );
  const others = [{ direction: "reverse" }, { clip: 1 }, { cell_clip: 1 }, { clip: 0.1 }].map(
    (members) => digests((layer) => Object.assign(layer, members)),
  );
  assert.equal(new Set([plain, ...others]).size, 5);
  assert.equal(
    digests((layer) => Object.assign(layer, { clip: Math.fround(0.1) })),
    others[3],
  ); // a binary32
  const model = load(bytesOf(options()));
  for (const encoding of /** @type {const} */ (["json", "msgpack"])) {
    const again = load(toBytes(model, { encoding }));
    assert.equal(fingerprint(again), fingerprint(model));
    assert.deepEqual(again.layers, model.layers);
  }
});

test("axis and scale stand with int8, and are judged ([tensor-8], [agree-6])", () => {
  const scaled = (/** @type {any} */ members) => {
    const net = featureNet();
    net.tensors.D = {
      dtype: "int8",
      shape: [2, 2],
      axis: 0,
      scale: [1, 2],
      data: "AQL//w==",
      ...members,
    };
    for (const [key, value] of Object.entries(members))
      if (value === undefined) delete net.tensors.D[key];
    return findings(net).map((finding) => finding.replace("/tensors/D", "D"));
  };
  const cases = /** @type {[any, string[]][]} */ ([
    [{}, []],
    [{ scale: "AACAPwAAAEA=" }, []],
    [{ axis: undefined }, ["STRUCTURE_MISSING D/axis"]],
    [{ scale: undefined }, ["STRUCTURE_MISSING D/scale"]],
    [{ axis: 2 }, ["STRUCTURE_RANGE D/axis"]],
    [{ axis: 0.5 }, ["STRUCTURE_TYPE D/axis"]],
    [{ dtype: "float16" }, ["STRUCTURE_UNKNOWN_KEY D/axis", "STRUCTURE_UNKNOWN_KEY D/scale"]],
    [{ dtype: "int4", axis: 3 }, ["STRUCTURE_ENUM D/dtype", "STRUCTURE_RANGE D/axis"]],
    [{ dtype: "int4", shape: [4] }, ["STRUCTURE_ENUM D/dtype"]],
    [{ shape: [4] }, ["STRUCTURE_LENGTH D/shape"]],
    [{ shape: [2, 0] }, ["STRUCTURE_RANGE D/shape/1"]],
    [{ scale: "AACAPwAAAE" }, ["STRUCTURE_BASE64 D/scale"]],
    [{ scale: 1 }, ["STRUCTURE_TYPE D/scale"]],
    [{ scale: [1, "x"] }, ["STRUCTURE_TYPE D/scale/1"]],
    [{ scale: [1] }, ["TENSOR_LENGTH D/scale"]],
    [{ scale: [1, 0] }, ["TENSOR_SCALE D/scale"]],
    [{ scale: [1, -1] }, ["TENSOR_SCALE D/scale"]],
    [{ scale: [1e39, 1] }, ["TENSOR_SCALE D/scale"]],
    [{ scale: [1, 2 ** -126] }, []],
    [{ scale: [1, 1.17549421e-38] }, ["TENSOR_SCALE D/scale"]],
    [{ scale: [1, 0], data: "gAL//w==" }, ["TENSOR_QUANTUM D/data", "TENSOR_SCALE D/scale"]],
    [{ scale: [1, 0], data: "AQL/" }, ["TENSOR_LENGTH D/data", "TENSOR_SCALE D/scale"]],
    [{ scale: [1], data: [1, 2, 3, 4] }, ["TENSOR_ENCODING D/data", "TENSOR_LENGTH D/scale"]],
    [{ scale: [3e38, 1] }, ["TENSOR_NONFINITE D/data"]], // 2 × 3e38
    [{ data: "gAL//w==" }, ["TENSOR_QUANTUM D/data"]],
  ]);
  for (const [members, expected] of cases) assert.deepEqual(scaled(members), expected);
  const brain = (/** @type {string} */ data) => {
    const net = featureNet();
    net.tensors.d = { dtype: "bfloat16", shape: [2], data };
    return findings(net);
  };
  assert.deepEqual(brain("gD8AwA=="), []);
  assert.deepEqual(brain("gD8="), ["TENSOR_LENGTH /tensors/d/data"]);
  for (const data of ["gH8AwA==", "wH8AwA=="])
    assert.deepEqual(brain(data), ["TENSOR_NONFINITE /tensors/d/data"]);
});

test("behind the end of time stand only layers without memory", () => {
  for (const output of ["sequence", undefined]) {
    const expected = output === "sequence" ? [] : ["LAYER_INPUT /layers/4/type"];
    const change = (/** @type {any} */ net) => {
      net.layers[3].output = output === "sequence" ? "sequence" : "final";
      net.layers.splice(4, 0, { name: "last", type: "last_step" });
    };
    // What it reads is unknown then, and with it the width of affine, and what dense reads.
    assert.deepEqual(judged(change), expected);
  }
  assert.deepEqual(
    judged((net) => Object.assign(net.layers[1], { output: "final" })),
    ["LAYER_INPUT /layers/2/type"], // it says itself that it has time: the next one is right
  );
});

test("examples of an output without time, and states without c", () => {
  const net = featureNet();
  net.layers = [
    {
      name: "rnn",
      type: "elman",
      hidden_size: 2,
      activation: { function: "tanh" },
      output: "final",
      parameters: { W: "W", R: "R" },
    },
  ];
  net.output = { kind: "values" };
  const example = { kind: "exact", input: "x", output: "y", state: { rnn: { h: "h" } } };
  net.examples = [example];
  net.tensors = {
    ...{ W: tensor([3, 2]), R: tensor([2, 2]), x: tensor([2, 5, 3]) },
    ...{ y: tensor([2, 2]), h: tensor([2, 2]) },
  };
  assert.deepEqual(findings(net), []);
  const changed = (/** @type {any} */ change) => findings({ ...net, ...change });
  const tensors = { ...net.tensors, y: tensor([2, 5, 2]) };
  assert.deepEqual(changed({ tensors }), ["TENSOR_SHAPE /examples/0/output"]);
  const withC = { ...example, state: { rnn: { h: "h", c: "c" } } };
  assert.deepEqual(changed({ examples: [withC], tensors: { ...net.tensors, c: tensor([9]) } }), [
    "LAYER_UNKNOWN /examples/0/state/rnn/c",
  ]);
});
