/** States as files: every bit comes back, other hands can read them, and what is wrong is told. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as stock from "@msgpack/msgpack";
import fc from "fast-check";
import {
  compile,
  generate,
  load,
  loadState,
  run,
  Session,
  stateToBytes,
  structure,
  validateState,
} from "rnnspec";

import { bitsOf, bytesOf, fails, findings, tensor, tokenNet } from "./support.js";

const ENCODINGS = /** @type {const} */ (["json", "msgpack"]);
const plan = compile(load(bytesOf(tokenNet())));

/** @param {import("rnnspec").State} state */
function bits(state) {
  return [...state].map(([name, arrays]) => {
    return [name, Object.entries(arrays).map(([k, { shape, data }]) => [k, shape, bitsOf(data)])];
  });
}

test("a net goes on from a file as if nothing had happened", () => {
  const ids = [...generate(plan, "a", { count: 60 })];
  const whole = run(plan, [ids]);
  const { state } = run(plan, [ids.slice(0, 30)]);
  for (const encoding of ENCODINGS) {
    const bytes = stateToBytes(state, { encoding, structure: structure(plan.model) });
    const session = new Session(plan);
    session.restore(loadState(bytes));
    const { data } = session.run([ids.slice(30)]);
    assert.deepEqual(bitsOf(data), bitsOf(whole.output.data.slice(30 * 4)));
    assert.deepEqual(bits(session.state()), bits(whole.state));
  }
});

test("every bit comes back, tiny numbers and -0 too", () => {
  const numbers = fc.float({ noNaN: true, noDefaultInfinity: true });
  const rows = fc.integer({ min: 1, max: 3 });
  const names = fc.constantFrom("a", "b.c", "L".repeat(127), "z_-");
  const members = fc.constantFrom("h", "h c", "h h_reverse", "h c h_reverse c_reverse");
  const arrays = fc.uniqueArray(fc.tuple(names, fc.nat(4), members), { selector: ([n]) => n });
  fc.assert(
    fc.property(rows, arrays, fc.infiniteStream(numbers), (N, layers, stream) => {
      const array = (/** @type {number} */ size) => {
        const data = Float32Array.from({ length: N * size }, () => stream.next().value);
        return { shape: [N, size], data };
      };
      /** @type {import("rnnspec").State} */
      const state = new Map();
      for (const [name, extra, wanted] of layers) {
        const entries = wanted.split(" ").map((key, k) => [key, array(1 + (k % 2 ? extra : 0))]);
        state.set(name, Object.fromEntries(entries));
      }
      for (const encoding of ENCODINGS) {
        const bytes = stateToBytes(state, { encoding });
        assert.deepEqual(bits(loadState(bytes)), bits(state));
        assert.deepEqual(validateState(bytes), []);
      }
    }),
  );
});

test("the file is what the specification says, to other hands", () => {
  const { state } = run(plan, [[0, 1]]);
  const digest = structure(plan.model);
  const packed = /** @type {any} */ (stock.decode(stateToBytes(state, { structure: digest })));
  assert.deepEqual(Object.keys(packed), ["rnnspec", "structure", "state", "tensors"]);
  assert.equal(packed.rnnspec, "1.0-draft.3");
  assert.equal(packed.structure, digest);
  const { h, c } = packed.state.cell;
  const values = new Float32Array(packed.tensors[h].data.slice().buffer);
  assert.deepEqual(values, state.get("cell")?.h.data);
  assert.deepEqual(packed.tensors[c].shape, [1, 3]);
  const text = new TextDecoder().decode(stateToBytes(state, { encoding: "json" }));
  assert.deepEqual(Object.keys(JSON.parse(text)), ["rnnspec", "state", "tensors"]);
  assert.equal(text.split("\n").length, 2 + 1 + 2 + 1);
  const none = new Map();
  assert.deepEqual(loadState(stateToBytes(none)), none);
});

/** @param {(document: any) => void} change */
function judged(change) {
  const document = {
    rnnspec: "1.0-draft.3",
    state: { cell: { h: "h", c: "c" }, other: { h: "o" } },
    tensors: { h: tensor([2, 3]), c: tensor([2, 3]), o: tensor([2, 5]) },
  };
  change(document);
  return findings(document, { tryAnyway: true }, validateState);
}

test("what is wrong with a saved state is told", () => {
  const digest = "0123456789abcdef".repeat(4);
  assert.deepEqual(
    judged((d) => Object.assign(d, { $schema: "s", metadata: { a: null }, structure: digest })),
    [],
  );
  const cases = /** @type {[(document: any) => void, string[]][]} */ ([
    [(d) => Object.assign(d, { rnnspec: "1.0" }), ["VERSION_TRIED /rnnspec"]],
    [(d) => Object.assign(d, { rnnspec: "x" }), ["VERSION_MALFORMED /rnnspec"]],
    [(d) => Object.assign(d, { structure: digest.toUpperCase() }), ["STRUCTURE_ENUM /structure"]],
    [(d) => Object.assign(d, { structure: 1 }), ["STRUCTURE_TYPE /structure"]],
    [(d) => Object.assign(d, { extensions: {} }), ["STRUCTURE_UNKNOWN_KEY /extensions"]],
    [(d) => delete d.state.cell.h, ["STRUCTURE_MISSING /state/cell/h"]],
    [(d) => Object.assign(d.state.cell, { m: "h" }), ["STRUCTURE_UNKNOWN_KEY /state/cell/m"]],
    [
      (d) => {
        d.state["1"] = d.state.cell;
        delete d.state.cell;
      },
      ["STRUCTURE_NAME /state/1"],
    ],
    [(d) => delete d.state.other, ["TENSOR_UNUSED /tensors/o"]],
    [
      (d) => Object.assign(d.state.other, { h: "h" }),
      ["TENSOR_REUSED /state/other/h", "TENSOR_UNUSED /tensors/o"],
    ],
    [
      (d) => Object.assign(d.state.cell, { h: "x" }),
      ["TENSOR_UNKNOWN /state/cell/h", "TENSOR_UNUSED /tensors/h"],
    ],
    [
      (d) => Object.assign(d.tensors, { h: tensor([6]), o: tensor([3, 5]) }),
      ["TENSOR_SHAPE /state/cell/h", "TENSOR_SHAPE /state/other/h"],
    ],
    [
      (d) => Object.assign(d.tensors.c, { dtype: "float16", data: "AAAAAAAAAAAAAAAA" }),
      ["TENSOR_DTYPE /state/cell/c"],
    ],
    [
      (d) => {
        d.tensors.h.data[1] = 1e39;
      },
      ["TENSOR_NONFINITE /tensors/h/data"],
    ],
  ]);
  for (const [change, expected] of cases) assert.deepEqual(judged(change), expected);
  fails(() => loadState(bytesOf({ rnnspec: "1.0" })), "VERSION_UNSUPPORTED");
  assert.throws(() => loadState(/** @type {any} */ ("{}")), TypeError);
});

test("what can't be written is refused", () => {
  const array = (/** @type {number[]} */ ...shape) => {
    return { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) };
  };
  const wrong = /** @type {[any, any, string][]} */ ([
    [new Map([["a", { h: array(1, 2) }]]), { encoding: "xml" }, "RUN_OPTION"],
    [new Map([["a", { h: array(1, 2) }]]), { structure: "abc" }, "STRUCTURE_ENUM"],
    [{ a: { h: array(1, 2) } }, {}, "RUN_STATE"],
    [new Map([["a", { h: array(2) }]]), {}, "RUN_STATE"],
    [new Map([["a", { h: array(0, 2) }]]), {}, "RUN_STATE"],
    [new Map([["a", { h: array(1, 0) }]]), {}, "RUN_STATE"],
    [new Map([["a", { c: array(1, 2) }]]), {}, "RUN_STATE"],
    [new Map([["a", null]]), {}, "RUN_STATE"],
    [new Map([["a", { h: array(1, 2), m: array(1, 2) }]]), {}, "RUN_STATE"],
    [new Map([["1", { h: array(1, 2) }]]), {}, "STRUCTURE_NAME"],
    [new Map([["1", { h: array(2) }]]), {}, "STRUCTURE_NAME"], // names come before shapes
    [new Map([["1", { h: array(2) }]]), { structure: "x" }, "STRUCTURE_ENUM"],
    [
      new Map([
        ["a", { h: array(1, 2) }],
        ["b", { h: array(2, 2) }],
      ]),
      {},
      "RUN_STATE",
    ],
    [
      new Map([
        ["a", { h: [[NaN]] }],
        ["b", { h: array(2, 2) }],
      ]),
      {},
      "RUN_STATE",
    ],
    [new Map([["a", { h: [[1, Infinity]] }]]), {}, "RUN_NONFINITE_INPUT"],
    [new Map([["a", { h: [[1, 1e39]] }]]), {}, "RUN_NONFINITE_INPUT"],
  ]);
  for (const [state, options, code] of wrong) fails(() => stateToBytes(state, options), code);
});
