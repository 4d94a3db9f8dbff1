/** Every code of the registry can be raised, and told in words. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";

import { compile, ctc, encode, generate, load, run, Session, validate } from "rnnspec";
import { TEXTS } from "../src/codes/texts.js";
import * as codes from "../src/codes.js";
import { Issue, quote, quoteAll, RnnspecError } from "../src/issue.js";
import { bytesOf, checkWords, fails, featureNet, findings, tokenNet } from "./support.js";

/**
 * A document changed in place.
 *
 * @param {(net: any) => void} change
 * @param {() => any} [net]
 */
function changed(change, net = tokenNet) {
  const document = net();
  change(document);
  return document;
}

/** @param {number[]} bytes */
const raw = (...bytes) => Uint8Array.from(bytes);

const exampleOf = () => ({
  kind: "exact",
  input: [[0, 1]],
  output: "y",
  state: { cell: { h: "h", c: "c" } },
});

/** Members of an int8 tensor of shape [3, 4], by its rows. @param {number} q @param {number} scale */
const int8 = (q, scale) => ({
  dtype: "int8",
  axis: 0,
  scale: [1, 1, scale],
  data: Buffer.from(Int8Array.of(0, 0, 0, q, 0, 0, 0, 0, 0, 0, 0, 0)).toString("base64"),
});

/** A net with an example that is sound in every way but its numbers. */
function withExample() {
  const net = tokenNet();
  net.examples = [exampleOf()];
  net.tensors.y = { dtype: "float32", shape: [1, 2, 4], data: Array(8).fill(0) };
  for (const name of ["h", "c"]) {
    net.tensors[name] = { dtype: "float32", shape: [1, 3], data: [0, 0, 0] };
  }
  return net;
}

/** Code and place → what raises it alone. @type {[string, unknown, (Record<string, number> | undefined)?, boolean?][]} */
const FINDINGS = [
  ["BYTES_EMPTY 0", ""],
  ["LIMIT_SIZE 0", tokenNet(), { size: 100 }],
  ["BYTES_FOREIGN 0", "PK\u0003\u0004"],
  ["BYTES_FOREIGN 0", " \n<html>"],
  ["BYTES_BOM 0", "\ufeff{}"],
  ["BYTES_UNRECOGNISED 1", " x"],
  ["BYTES_UNRECOGNISED 2", "  "],
  ["BYTES_UTF8 3", raw(0x7b, 0x22, 0x61, 0xff, 0x22)],
  ["SYNTAX_UNEXPECTED 6", '{"a": 01}'.replace("01", "x")],
  ["SYNTAX_UNEXPECTED 6", '{"a": nul]'],
  ["SYNTAX_UNEXPECTED 8", '{"a": "b\\x"}'],
  ["SYNTAX_END 5", '{"a":'],
  ["SYNTAX_TRAILING 3", "{} x"],
  ["SYNTAX_DUPLICATE_KEY 8", '{"a": 1,"\\u0061": 2}'],
  ["SYNTAX_SURROGATE 7", '{"a": "\\ud800"}'],
  ["SYNTAX_SURROGATE 7", '{"a": "\\ud800\\ue000"}'],
  ["SYNTAX_UTF8 2", raw(0x81, 0xa1, 0xc0, 0xc0)],
  ["SYNTAX_NUMBER_RANGE 6", '{"a": 1e400}'],
  ["SYNTAX_KEY 1", raw(0x81, 0x01, 0x01)],
  ["SYNTAX_FORMAT 3", raw(0x81, 0xa1, 0x61, 0xc1)],
  ["LIMIT_DEPTH 7", '{"a": [[1]]}', { depth: 2 }],
  ["LIMIT_STRING 6", '{"a": "bcd"}', { string: 2 }],
  ["LIMIT_NUMBER 6", '{"a": 12345}', { number: 4 }],
  ["LIMIT_MEMBERS 9", '{"a": 1, "b": 2}', { members: 1 }],
  ["LIMIT_VALUES 7", '{"a": [1]}', { values: 2 }],
  ["VERSION_MISSING ", "{}"],
  ["VERSION_MALFORMED /rnnspec", { rnnspec: 1 }],
  ["VERSION_UNSUPPORTED /rnnspec", { rnnspec: "1.1" }],
  ["VERSION_TRIED /rnnspec", { ...tokenNet(), rnnspec: "1.0" }, undefined, true],
  ["EXTENSION_UNKNOWN /extensions_required/0", { ...tokenNet(), extensions_required: ["A_b"] }],
  ["STRUCTURE_NAME /extensions/b", { ...tokenNet(), extensions: { b: null } }],
  ["STRUCTURE_TYPE /name", changed((net) => Object.assign(net, { name: null }))],
  ["STRUCTURE_MISSING /output", changed((net) => delete net.output)],
  ["STRUCTURE_UNKNOWN_KEY /a~1~0b", changed((net) => Object.assign(net, { "a/~b": 1 }))],
  [
    "STRUCTURE_ENUM /layers/1/type",
    changed((net) => Object.assign(net.layers[1], { type: "rnn" })),
  ],
  ["STRUCTURE_RANGE /layers/0/size", changed((net) => Object.assign(net.layers[0], { size: 0 }))],
  ["STRUCTURE_NAME /layers/0/name", changed((net) => Object.assign(net.layers[0], { name: "é" }))],
  ["STRUCTURE_LENGTH /layers", changed((net) => Object.assign(net, { layers: [] }))],
  [
    "STRUCTURE_TOKEN /vocabularies/letters/tokens/1",
    changed((net) => {
      net.vocabularies.letters.tokens[1] = "bc";
    }),
  ],
  [
    "STRUCTURE_BASE64 /tensors/b/data",
    changed((net) => Object.assign(net.tensors.b, { data: "A" })),
  ],
  ["LIMIT_LAYERS /layers", tokenNet(), { layers: 3 }],
  ["LIMIT_ELEMENTS /tensors/R/shape", tokenNet(), { elements: 35 }],
  ["NAME_REPEATED /layers/2/name", changed((net) => Object.assign(net.layers[2], { name: "in" }))],
  [
    "NAME_RESERVED /layers/0/name",
    changed((net) => Object.assign(net.layers[0], { name: "input" })),
  ],
  [
    "VOCABULARY_UNKNOWN /input/vocabulary",
    changed((net) => Object.assign(net.input, { vocabulary: "other" })),
  ],
  [
    "VOCABULARY_UNUSED /vocabularies/other",
    changed((net) => Object.assign(net.vocabularies, { other: net.vocabularies.letters })),
  ],
  [
    "VOCABULARY_SIZE /output/vocabulary",
    changed((net) => {
      net.vocabularies.two = { unit: "codepoint", tokens: ["a", "b"] };
      net.output.vocabulary = "two";
    }),
  ],
  ["LABELS_COUNT /output/labels", changed((net) => Object.assign(net.output, { labels: ["a"] }))],
  [
    "ID_RANGE /vocabularies/letters/end",
    changed((net) => Object.assign(net.vocabularies.letters, { end: 4 })),
  ],
  [
    "LAYER_INPUT /layers/2/type",
    changed((net) => {
      net.layers.splice(2, 1, { name: "x", type: "one_hot" });
      delete net.tensors.D;
    }),
  ],
  [
    "INPUT_UNKNOWN /layers/2/inputs/0",
    changed((net) => Object.assign(net.layers[2], { inputs: ["p"] })), // a later one
  ],
  [
    "INPUT_WIDTH /layers/2/inputs",
    changed((net) => {
      net.layers.splice(2, 0, { name: "sum", type: "add", inputs: ["in", "cell"] });
    }),
  ],
  [
    "LAYER_UNUSED /layers/2",
    changed((net) => {
      net.layers.splice(2, 0, { name: "idle", type: "time_reverse" });
      net.layers[3].inputs = ["cell"];
    }),
  ],
  ["TENSOR_UNKNOWN /layers/0/parameters/E", changed((net) => delete net.tensors.E)],
  [
    "TENSOR_REUSED /layers/1/parameters/R",
    changed((net) => {
      net.layers[1].parameters.R = "W";
      delete net.tensors.R;
    }),
  ],
  ["TENSOR_UNUSED /tensors/b", changed((net) => delete net.layers[1].parameters.b)],
  [
    "TENSOR_SHAPE /layers/1/parameters/b",
    changed((net) => Object.assign(net.tensors.b, { shape: [1, 12] })),
  ],
  [
    "TENSOR_DTYPE /examples/0/output",
    changed((net) => {
      net.tensors.y = { dtype: "float16", shape: [1, 2, 4], data: "AAAAAAAAAAAAAAAAAAAAAA==" };
    }, withExample),
  ],
  [
    "TENSOR_ENCODING /tensors/d/data",
    changed((net) => Object.assign(net.tensors.d, { data: [1, 2] }), featureNet),
  ],
  [
    "TENSOR_LENGTH /tensors/b/data",
    changed((net) => {
      net.tensors.b.data.pop();
    }),
  ],
  [
    "TENSOR_LENGTH /tensors/b/data",
    changed((net) => {
      net.tensors.b.data.push(0);
    }),
  ],
  [
    "TENSOR_NONFINITE /tensors/b/data",
    changed((net) => {
      net.tensors.b.data[3] = 1e39;
    }),
  ],
  ["TENSOR_SCALE /tensors/D/scale", changed((net) => Object.assign(net.tensors.D, int8(1, 1e-39)))],
  ["TENSOR_QUANTUM /tensors/D/data", changed((net) => Object.assign(net.tensors.D, int8(-128, 1)))],
  ["OUTPUT_KIND /output/kind", changed((net) => Object.assign(net.output, { kind: "logits" }))],
  ["DECODING_OUTPUT /decoding", changed((net) => delete net.output.vocabulary)],
  [
    "EXAMPLE_INPUT /examples/0/input/1",
    changed((net) => {
      net.examples[0].input.push([1]);
      net.tensors.y = { dtype: "float32", shape: [2, 2, 4], data: Array(16).fill(0) };
      for (const name of ["h", "c"]) {
        net.tensors[name] = { dtype: "float32", shape: [2, 3], data: Array(6).fill(0) };
      }
    }, withExample),
  ],
  [
    "STATE_INCOMPLETE /examples/0/state/cell",
    changed((net) => {
      delete net.examples[0].state.cell.c;
      delete net.tensors.c;
    }, withExample),
  ],
  [
    "VOCABULARY_REPEATED /vocabularies/letters/tokens/1",
    changed((net) => {
      net.vocabularies.letters.tokens[1] = "a";
    }),
  ],
  [
    "VOCABULARY_EMPTY /vocabularies/letters/tokens/1",
    changed((net) => {
      net.vocabularies.letters.tokens[1] = "";
    }),
  ],
];

const plan = compile(load(bytesOf(tokenNet())));
const features = compile(load(bytesOf(featureNet())));
const overflow = featureNet();
overflow.tensors.D.data = Array(4).fill(3e38);
overflow.tensors.d.data = "/3v/ew=="; // 65504
const back = featureNet();
back.layers[0].direction = "reverse";
const NaNs = { shape: [1, 1, 3], data: [0, NaN, 0] };

/** What raises each code of the stage run. @type {[string, () => unknown][]} */
const FAILURES = [
  ["RUN_SHAPE", () => run(plan, [])],
  ["RUN_SHAPE", () => run(features, { shape: [1, 1, 2], data: [1, 2] })],
  ["RUN_NONFINITE_INPUT", () => run(features, NaNs)],
  ["RUN_TOKEN", () => run(plan, [[4]])],
  ["RUN_LENGTH", () => run(plan, [[0]], { lengths: [2] })],
  ["RUN_STATE", () => run(plan, [[0]], { state: new Map() })],
  [
    "RUN_NONFINITE",
    () => {
      overflow.tensors.W.data = Array(24).fill(100);
      const big = compile(load(bytesOf(overflow)));
      const session = new Session(big);
      for (let t = 0; t < 50; t++) session.step([1, 1, 1]);
    },
  ],
  ["RUN_DIRECTION", () => new Session(compile(load(bytesOf(back)))).step([1, 1, 1])],
  ["RUN_TEXT", () => encode(/** @type {any} */ (plan.model.inputVocabulary), "ab?")],
  ["RUN_DECODING", () => generate(features)],
  ["RUN_PRIME", () => generate(plan)],
  ["RUN_OPTION", () => generate(plan, "a", { seed: -1 })],
  ["RUN_OPTION", () => run(plan, [[0]], { probe: ["cells"] })],
  ["RUN_OPTION", () => ctc(plan, [[0]])],
  ["RUN_OPTION", () => ctc(plan, [[0]], { blank: 4 })],
  ["RUN_DECODING", () => ctc(features, [[[1, 2, 3]]], { blank: 0 })],
  ["RUN_OPTION", () => validate(bytesOf("{}"), { limits: { depth: 257 } })],
  ["RUN_OPTION", () => validate(bytesOf("{}"), { limits: /** @type {any} */ ({ widths: 1 }) })],
  ["RUN_OPTION", () => validate(bytesOf("{}"), { limits: { depth: -1 } })],
];

test("each finding is raised alone, at its place, and told", () => {
  for (const [expected, document, limits, tryAnyway] of FINDINGS) {
    assert.deepEqual(findings(document, { limits, tryAnyway }), [expected]);
    const bytes = document instanceof Uint8Array ? document : bytesOf(document);
    for (const { message } of validate(bytes, { limits, tryAnyway })) {
      assert.ok(message.length <= 200, `${message.length}: ${message}`);
    }
  }
});

test("each failure of a run is raised and told", () => {
  for (const [code, call] of FAILURES) fails(call, code);
});

test("no code of the registry is left out", () => {
  const raised = new Set(FAILURES.map(([code]) => code));
  for (const [finding] of FINDINGS) raised.add(finding.split(" ")[0] ?? "");
  const elsewhere = ["LAYER_UNKNOWN"]; // below: it never comes alone
  const missing = Object.values(codes)
    .map((entry) => entry.code)
    .filter((code) => !raised.has(code));
  assert.deepEqual(missing, elsewhere);
  const net = withExample();
  net.examples[0].state = { other: { h: "h", c: "c" } };
  const expected = ["LAYER_UNKNOWN /examples/0/state/other", "STATE_INCOMPLETE /examples/0/state"];
  assert.deepEqual(findings(net), expected);
});

/** The codes whose `expected` can list names of the file's. */
const LISTING = [
  "VOCABULARY_UNKNOWN",
  "LAYER_UNKNOWN",
  "STATE_INCOMPLETE",
  "RUN_STATE",
  "RUN_DECODING",
];

test("every text of the registry is filled and short, whatever the file holds", () => {
  const hostile = '\u202e\u0007\n\u2028\ud800"\\{{}'.repeat(1000);
  const long = "x".repeat(10_000);
  const wide = "\u{1f600}".repeat(10_000);
  let seen = 0;
  for (const entry of Object.values(codes)) {
    assert.ok(entry.code in TEXTS);
    for (const text of [hostile, long, wide]) {
      const value = quote(text);
      // What is expected is never the file's, but where it lists names.
      const listed = LISTING.includes(entry.code) ? quoteAll(Array(5000).fill(text)) : "[65536]";
      const values = { name: value, expected: listed, got: value, limit: Number.MAX_SAFE_INTEGER };
      const place = entry.stage === "run" ? "state" : `/${text}/${text}`;
      const isOffset = entry.stage === "bytes" || entry.stage === "syntax";
      checkWords(new Issue(entry, isOffset ? Number.MAX_SAFE_INTEGER : place, values));
      seen++;
    }
  }
  assert.equal(seen, 3 * Object.keys(TEXTS).length);
});

test("a template is filled, its braces are kept, and a missing argument is a fault of ours", () => {
  assert.match(new Issue(codes.BYTES_BOM, 0).expected, /^expected `\{` as/);
  assert.throws(() => new Issue(codes.LIMIT_SIZE, 0).message, TypeError);
  assert.equal(new Issue(codes.LIMIT_LAYERS, "/layers", { limit: 1, got: 2 }).where, "at /layers");
  assert.equal(new Issue(codes.RUN_PRIME, "prime").where, "in the argument prime");
});

test("text of the user's is cut, and can't act on a terminal", () => {
  assert.equal(quote('a"\u001b[31m\u202e'), '"a\\"\\u{1b}[31m\\u{202e}"');
  assert.equal(quote("x".repeat(99)), `"${"x".repeat(39)}…"`);
  assert.equal(quote(`${"x".repeat(35)}\u202e…`), `"${"x".repeat(35)}…"`); // no half of an escape
  assert.equal(quote("😀".repeat(30)), `"${"😀".repeat(19)}…"`); // nor of a pair
  assert.equal(quoteAll([]), "none");
  assert.match(quoteAll(Array(99).fill("n")), /… 99 in all$/);
});

test("an error has the code of its first issue and counts the others", () => {
  const issue = new Issue(codes.BYTES_EMPTY, 0);
  const error = new RnnspecError([issue, issue]);
  assert.equal(error.code, "BYTES_EMPTY");
  assert.match(error.message, /\(and 1 more\)$/);
  assert.ok(error instanceof Error && error.name === "RnnspecError");
});

test("of many findings 100 are kept, errors first", () => {
  const net = tokenNet();
  net.vocabularies.letters.tokens = Array(300).fill("a");
  const warned = validate(bytesOf(net));
  assert.equal(warned.length, 100);
  assert.equal(warned.filter(({ severity }) => severity === "error").length, 2);
});
