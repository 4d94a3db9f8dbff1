/** Loading, saving, digests and self-tests, and what a hostile file can do: nothing. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import * as stock from "@msgpack/msgpack";
import fc from "fast-check";
import {
  compile,
  fingerprint,
  load,
  RnnspecError,
  run,
  selftest,
  structure,
  toBytes,
  validate,
} from "rnnspec";

import { sha256 } from "../src/digest/sha256.js";
import { bitsOf, bytesOf, fails, featureNet, findings, tensor, tokenNet } from "./support.js";

/** A net that uses every member there is. @returns {any} */
function everything() {
  const net = tokenNet();
  const plan = compile(load(bytesOf(net)));
  const { output, state } = run(
    plan,
    [
      [0, 1, 2],
      [3, 0, 0],
    ],
    { lengths: [3, 1] },
  );
  const cell = state.get("cell");
  const array = (/** @type {any} */ { shape, data }) => ({
    dtype: "float32",
    shape,
    data: [...data],
  });
  Object.assign(net.tensors, {
    y: array(output),
    h: array(cell?.h),
    c: array(cell?.c),
    y2: array({ shape: output.shape, data: output.data.map((value) => value * 1.01) }),
  });
  net.examples = [
    {
      kind: "exact",
      input: [
        [0, 1, 2],
        [3, 0, 0],
      ],
      lengths: [3, 1],
      output: "y",
      final_state: { cell: { h: "h", c: "c" } },
    },
    {
      kind: "reference",
      source: { system: "s", version: "1" },
      tolerance: 0.02,
      input: [
        [0, 1, 2],
        [3, 0, 0],
      ],
      lengths: [3, 1],
      output: "y2",
    },
  ];
  net.vocabularies.letters.padding = 3;
  net.description = 'quotes " \\ \u0000 \u2028 😀';
  net.metadata = { a: [1, -1.5, 1e300, null, true, { "": "x" }], "": 2 ** 60 };
  return { $schema: "urn:x", license: "CC0-1.0", version: "3", ...net };
}

test("a model says what its document says", () => {
  const model = load(bytesOf(everything()));
  assert.equal(model.name, "letters");
  assert.equal(model.inputVocabulary, model.outputVocabulary);
  assert.equal(model.layers[1]?.hiddenSize, 3);
  assert.deepEqual(model.tensor("D").shape, [3, 4]);
  assert.equal(model.examples?.[1]?.tolerance, 0.02);
  const rate = load(bytesOf(featureNet())).input;
  assert.ok(rate.kind === "features" && rate.sampleRate === 44100.5);
});

test("a model can't be changed", () => {
  const model = load(bytesOf(everything()));
  for (const part of [model, model.input, model.layers, model.layers[0], model.tensor("D").shape]) {
    assert.ok(Object.isFrozen(part));
  }
  const before = bitsOf(model.tensor("D").toFloat32Array());
  model.tensor("D").toFloat32Array().fill(0);
  assert.deepEqual(bitsOf(model.tensor("D").toFloat32Array()), before);
  const bytes = toBytes(model, { encoding: "msgpack" });
  const again = load(bytes);
  bytes.fill(0);
  assert.deepEqual(bitsOf(again.tensor("D").toFloat32Array()), before);
});

test("what is written reads back the same, in every form", () => {
  for (const document of [everything(), featureNet()]) {
    const model = load(bytesOf(document));
    const forms = /** @type {any[]} */ ([
      { encoding: "json" },
      { encoding: "json", numbers: "decimal" },
      { encoding: "msgpack" },
    ]);
    for (const options of forms) {
      const bytes = toBytes(model, options);
      const again = load(bytes);
      assert.deepEqual(toBytes(again, options), bytes);
      assert.deepEqual(toBytes(again), toBytes(model));
      assert.equal(fingerprint(again), fingerprint(model));
      assert.deepEqual(again.metadata, model.metadata);
      for (const [name, { dtype }] of model.tensors) {
        assert.equal(again.tensor(name).dtype, dtype);
        const values = model.tensor(name).toFloat32Array();
        assert.deepEqual(bitsOf(again.tensor(name).toFloat32Array()), bitsOf(values));
      }
    }
  }
});

test("JSON is written in the order of the specification, for people to read", () => {
  const text = new TextDecoder().decode(
    toBytes(load(bytesOf(everything())), { numbers: "decimal" }),
  );
  const parsed = JSON.parse(text);
  const order = [
    ...["rnnspec", "$schema", "name", "version", "description", "license", "metadata", "input"],
    ...["vocabularies", "layers", "output", "decoding", "examples", "tensors"],
  ];
  assert.deepEqual(Object.keys(parsed), order);
  const { tensors } = parsed;
  const expected = JSON.parse(JSON.stringify(everything()));
  delete parsed.tensors;
  const { tensors: given, ...rest } = expected;
  assert.deepEqual(parsed, rest);
  assert.deepEqual(Object.keys(tensors), Object.keys(given));
  assert.equal(text.split("\n").length, order.length + Object.keys(tensors).length + 1);
  const packed = /** @type {any} */ (
    stock.decode(toBytes(load(bytesOf(everything())), { encoding: "msgpack" }))
  );
  assert.deepEqual(Object.keys(packed), order);
  assert.equal(packed.tensors.b.data.length, 48);
});

test("an empty table stays, an absent one stays absent", () => {
  const net = { ...featureNet(), vocabularies: {}, examples: [] };
  const parsed = JSON.parse(new TextDecoder().decode(toBytes(load(bytesOf(net)))));
  assert.deepEqual([parsed.vocabularies, parsed.examples], [{}, []]);
  const plain = JSON.parse(new TextDecoder().decode(toBytes(load(bytesOf(featureNet())))));
  assert.ok(!("vocabularies" in plain) && !("examples" in plain));
});

test("options of saving are checked", () => {
  const model = load(bytesOf(featureNet()));
  fails(() => toBytes(model, /** @type {any} */ ({ encoding: "xml" })), "RUN_OPTION");
  fails(() => toBytes(model, /** @type {any} */ ({ numbers: "hex" })), "RUN_OPTION");
});

test("SHA-256 is SHA-256", () => {
  for (let length = 0; length < 300; length++) {
    const message = Uint8Array.from({ length }, (_, k) => k * 7);
    const expected = createHash("sha256").update(message).digest();
    assert.deepEqual(sha256(message), new Uint8Array(expected));
  }
});

test("the digests are those of the canonical form, written by other hands", () => {
  const model = load(bytesOf(featureNet()));
  const hash = (/** @type {Uint8Array} */ bytes) => createHash("sha256").update(bytes).digest();
  const values = (/** @type {string} */ name) => {
    const floats = model
      .tensor(name)
      .toFloat32Array()
      .map((v) => (Math.abs(v) < 2 ** -51 ? 0 : v));
    return new Uint8Array(hash(new Uint8Array(floats.buffer)));
  };
  /** @param {(name: string) => unknown} tensorForm */
  const form = (tensorForm) => ({
    input: { kind: "features", names: ["x", "y", "z"], sample_rate: 44100.5, size: 3 },
    layers: [
      {
        activations: {
          candidate: { function: "tanh" },
          gates: { function: "sigmoid" },
          output: { function: "tanh" },
        },
        hidden_size: 2,
        name: "cell",
        parameters: { R: tensorForm("R"), W: tensorForm("W") },
        type: "lstm",
      },
      {
        name: "out",
        parameters: { W: tensorForm("D"), b: tensorForm("d") },
        size: 2,
        type: "dense",
      },
    ],
    output: { kind: "values", labels: ["u", "v"] },
  });
  const shape = (/** @type {string} */ name) => [...model.tensor(name).shape];
  const pack = (/** @type {unknown} */ value) => {
    return hash(stock.encode(value, { forceFloat32: true })).toString("hex");
  };
  assert.equal(structure(model), pack(form(shape)));
  assert.equal(fingerprint(model), pack(form((name) => [shape(name), values(name)])));
});

test("digests tell what matters from what does not", () => {
  const digestsOf = (/** @type {(net: any) => void} */ change) => {
    const net = everything();
    change(net);
    const model = load(bytesOf(net));
    return [structure(model), fingerprint(model)];
  };
  const [s, f] = digestsOf(() => undefined);
  const same = digestsOf((net) => {
    delete net.examples;
    for (const name of ["y", "h", "c", "y2"]) delete net.tensors[name];
    for (const member of ["name", "version", "license", "metadata", "$schema"]) delete net[member];
    net.tensors.other = net.tensors.D;
    delete net.tensors.D;
    net.layers[2].parameters.W = "other";
  });
  assert.deepEqual(same, [s, f]);
  const weight = digestsOf((net) => {
    net.tensors.D.data[0] += 1;
  });
  assert.equal(weight[0], s);
  assert.notEqual(weight[1], f);
  const decoding = digestsOf((net) => delete net.decoding);
  assert.equal(decoding[0], s);
  assert.notEqual(decoding[1], f);
  const layer = digestsOf((net) => {
    net.layers[0].name = "first";
  });
  assert.notEqual(layer[0], s);
});

test("a self-test counts the kinds and names what fails", () => {
  const net = everything();
  const result = () => selftest(compile(load(bytesOf(net))));
  assert.deepEqual(result(), { exact: 1, reference: 1, failed: [] });
  net.examples[1].tolerance = 0.001;
  assert.deepEqual(result(), { exact: 1, reference: 1, failed: [1] });
  net.tensors.h.data[5] += 1e-6;
  assert.deepEqual(result(), { exact: 1, reference: 1, failed: [0, 1] });
  net.tensors.h.data[5] -= 1e-6;
  net.tensors.y.data[23] = 1; // past the length of its row
  assert.deepEqual(result(), { exact: 1, reference: 1, failed: [0, 1] });
  net.tensors.y.data[23] = -1e-99; // -0 as a binary32, which is not +0
  assert.deepEqual(result(), { exact: 1, reference: 1, failed: [0, 1] });
  net.tensors.y.data[23] = 0;
  net.tensors.y2.data[23] = 1;
  net.examples[1].tolerance = 0.02;
  assert.deepEqual(result(), { exact: 1, reference: 1, failed: [] });
  assert.deepEqual(selftest(compile(load(bytesOf(featureNet())))), {
    exact: 0,
    reference: 0,
    failed: [],
  });
});

test("an example that overflows is a failed one", () => {
  const net = featureNet();
  net.tensors.D.data = Array(4).fill(3e38);
  net.tensors.W.data = Array(24).fill(1);
  net.examples = [{ kind: "exact", input: "x", output: "y" }];
  net.tensors.x = { dtype: "float32", shape: [1, 1, 3], data: [50, 50, 50] };
  net.tensors.y = tensor([1, 1, 2]);
  assert.deepEqual(selftest(compile(load(bytesOf(net)))).failed, [0]);
});

test("warnings do not stop a load, errors do", () => {
  const net = tokenNet();
  net.vocabularies.letters.tokens[1] = "a";
  assert.equal(validate(bytesOf(net))[0]?.severity, "warning");
  assert.ok(load(bytesOf(net)));
  net.output.kind = "logits";
  assert.throws(() => load(bytesOf(net)), RnnspecError);
});

test("bytes may be a view, a Buffer or an ArrayBuffer, and nothing else", () => {
  const bytes = bytesOf(featureNet());
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  assert.ok(load(shifted.subarray(3)));
  assert.ok(load(bytes.slice().buffer));
  for (const value of ["{}", 5, null, [1, 2]]) {
    assert.throws(() => load(/** @type {any} */ (value)), TypeError);
  }
});

test("a file cut off anywhere is refused", () => {
  for (const encoding of /** @type {const} */ (["json", "msgpack"])) {
    const bytes = toBytes(load(bytesOf(everything())), { encoding });
    const end = encoding === "json" ? bytes.length - 1 : bytes.length; // JSON ends with a newline
    for (let length = 0; length < end; length++) {
      const found = findings(bytes.subarray(0, length));
      assert.equal(found.length, 1);
      if (length > 0) assert.match(String(found[0]), /^(SYNTAX_END|BYTES_UTF8) /);
    }
  }
});

test("a file with one byte changed is read or refused, nothing else", () => {
  const files = /** @type {const} */ (["json", "msgpack"]).map((encoding) => {
    return toBytes(load(bytesOf(everything())), { encoding });
  });
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.nat(), fc.nat(255), (sound, at, byte) => {
      const bytes = sound.slice();
      bytes[at % bytes.length] = byte;
      const issues = validate(bytes);
      for (const issue of issues) assert.ok(issue.message.length > 0);
      if (issues.some(({ severity }) => severity === "error")) {
        assert.throws(() => load(bytes), RnnspecError);
      } else {
        toBytes(load(bytes));
      }
    }),
    { numRuns: 3000 },
  );
});

test("a document with one value replaced is read or refused, nothing else", () => {
  const strange = fc.constantFrom(
    ...[null, true, 0, -1, 0.5, 1e300, "", "x", [], [[]], {}, { a: 1 }, [1, "x"], "AAAA"],
  );
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), strange, (path, value) => {
      const net = /** @type {any} */ (everything());
      let place = net;
      for (const step of path) {
        const keys = Object.keys(place);
        const key = keys[step % keys.length] ?? "a";
        if (typeof place[key] === "object" && place[key] !== null && step % 3 > 0) {
          place = place[key];
          continue;
        }
        place[key] = value;
        break;
      }
      for (const issue of validate(bytesOf(net))) {
        assert.ok(issue.message.length > 0);
        assert.match(issue.stage, /^(structure|agreement)$/);
      }
    }),
    { numRuns: 3000 },
  );
});

test("bytes are refused in metadata, wherever they are", () => {
  /** @type {any} */
  const net = { ...featureNet(), metadata: { "a/b": [1, { c: new Uint8Array(1) }], d: [] } };
  const packed = stock.encode({
    ...net,
    tensors: Object.fromEntries(
      Object.entries(net.tensors).map(([name, { dtype, shape, data }]) => {
        const bytes =
          dtype === "float16"
            ? Uint8Array.of(0, 0x3c, 0, 0xc0)
            : new Uint8Array(Float32Array.from(data).buffer);
        return [name, { dtype, shape, data: bytes }];
      }),
    ),
  });
  assert.deepEqual(findings(packed), ["STRUCTURE_TYPE /metadata/a~1b/1/c"]);
});
