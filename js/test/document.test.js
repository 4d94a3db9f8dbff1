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
  assert.equal(load(toBytes(model)).rnnspec, "1.0-draft.2");
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

test("behind the end of time stand only layers without memory", () => {
  for (const output of ["sequence", undefined]) {
    const expected = output === "sequence" ? [] : ["LAYER_INPUT /layers/4/type"];
    const change = (/** @type {any} */ net) => {
      net.layers[3].output = output === "sequence" ? "sequence" : "final";
      net.layers.splice(4, 0, { name: "last", type: "last_step" });
    };
    // Its width is unknown then, and so are those of affine and dense.
    assert.deepEqual(judged(change), expected);
  }
  assert.deepEqual(
    judged((net) => Object.assign(net.layers[1], { output: "final" })),
    ["LAYER_INPUT /layers/2/type", "LAYER_INPUT /layers/3/type"],
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
