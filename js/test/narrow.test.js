/** Writing in another dtype ([tensor-7]), and keeping what a file has. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as stock from "@msgpack/msgpack";
import fc from "fast-check";
import { compile, fingerprint, load, run, structure, toBytes } from "rnnspec";

import { widen } from "../src/tensor.js";
import { bitsOf, bytesOf, fails, featureNet, tensor } from "./support.js";

const f = Math.fround;

/**
 * A net of one matrix [rows, columns] and a vector.
 *
 * @param {Float32Array} values
 * @param {number} columns
 */
function netOf(values, columns) {
  const rows = values.length / columns;
  return {
    rnnspec: "1.0-draft.3",
    input: { kind: "features", size: rows },
    layers: [{ name: "d", type: "dense", size: columns, parameters: { W: "W", b: "b" } }],
    output: { kind: "values" },
    tensors: {
      W: {
        dtype: "float32",
        shape: [rows, columns],
        data: [...values].map((v) => (v === 0 ? 0 : v)),
      },
      b: tensor([columns]),
    },
  };
}

/**
 * The matrix as it is read again.
 *
 * @param {Float32Array} values
 * @param {any} options
 * @param {number} [columns]
 */
function written(values, options, columns = 1) {
  const model = load(toBytes(load(bytesOf(netOf(values, columns))), options));
  return model.tensor("W");
}

/** Every finite value of a dtype of 16 bits, in order. @param {string} dtype */
function valuesOf(dtype) {
  const patterns = Uint16Array.from({ length: 0x10000 }, (_, k) => k);
  const values = widen(dtype, new Uint8Array(patterns.buffer));
  return [...values].filter(Number.isFinite).sort((a, b) => a - b);
}

for (const [dtype, largest, step] of /** @type {const} */ ([
  ["float16", 65504, 32],
  ["bfloat16", f(3.3895313892515355e38), 2 ** 120],
])) {
  const all = valuesOf(dtype);
  /** The patterns of the values. @type {Map<number, number>} */
  const patterns = new Map();
  const read16 = widen(
    dtype,
    new Uint8Array(Uint16Array.from({ length: 0x10000 }, (_, k) => k).buffer),
  );
  for (const [k, value] of read16.entries()) patterns.set(value, k);
  /** The two values of the dtype around a number. @param {number} value */
  const around = (value) => {
    let low = 0;
    let high = all.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((all[middle] ?? 0) <= value) low = middle;
      else high = middle;
    }
    return [all[low] ?? NaN, all[high] ?? NaN];
  };

  test(`${dtype}: nearest, ties to even`, () => {
    const inside = fc.float({ noNaN: true, min: f(-largest), max: f(largest) });
    const tie = fc.nat(all.length - 2).map((k) => f(((all[k] ?? 0) + (all[k + 1] ?? 0)) / 2));
    const number = fc.oneof(inside, tie, fc.constantFrom(...all));
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 50 }), (list) => {
        const values = Float32Array.from(list);
        const got = written(values, { dtype });
        assert.equal(got.dtype, dtype);
        const read = got.toFloat32Array();
        for (const [k, value] of values.entries()) {
          const [below = 0, above = 0] = around(value);
          const [a, b] = [value - below, above - value]; // exact: both are binary64
          let expected = a < b ? below : above;
          if (a === b) {
            expected = ((patterns.get(below) ?? 0) & 1) === 0 ? below : above;
          }
          const zero = value < 0 ? -0 : 0; // the sign stays
          assert.equal(read[k], expected === 0 ? zero : expected, `${value} → ${read[k]}`);
        }
      }),
      { numRuns: 500 },
    );
  });

  test(`${dtype}: what becomes infinite is refused`, () => {
    const middle = f(largest + step / 2);
    const below = f(middle * (1 - 2 ** -23));
    assert.equal(written(Float32Array.of(below), { dtype }).toFloat32Array()[0], largest);
    assert.equal(written(Float32Array.of(-below), { dtype }).toFloat32Array()[0], -largest);
    for (const value of [middle, -middle]) {
      fails(() => written(Float32Array.of(value), { dtype }), "TENSOR_NONFINITE");
    }
  });
}

test("-0 keeps its sign", () => {
  const net = netOf(Float32Array.of(1), 1);
  Object.assign(net.tensors.W, { data: [-1e-99] }); // -0 as a binary32
  for (const dtype of /** @type {const} */ (["float32", "float16", "bfloat16"])) {
    const read = load(toBytes(load(bytesOf(net)), { dtype })).tensor("W");
    assert.ok(Object.is(read.toFloat32Array()[0], -0), dtype);
  }
});

/** Nearest whole number, ties to even, by cases. @param {number} x */
function toEven(x) {
  const low = Math.floor(x);
  const part = x - low;
  if (part !== 0.5) return part < 0.5 ? low : low + 1;
  return low % 2 === 0 ? low : low + 1;
}

for (const axis of /** @type {const} */ ([0, 1])) {
  test(`int8 by axis ${axis}: largest / 127, nearest, ties to even, in binary32`, () => {
    const columns = 3;
    const number = fc.oneof(
      fc.float({ noNaN: true, min: -10, max: 10 }),
      fc.integer({ min: -254, max: 254 }).map((n) => n / 2), // ties where the largest is 127
      fc.constantFrom(0, 1e-38, -1e-40, f(3e38)),
    );
    const numbers = fc.array(number, { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(numbers, (list) => {
        const values = Float32Array.from(list);
        const got = written(values, { dtype: "int8", axis }, columns);
        const scale = got.scale ?? [];
        assert.equal(got.axis, axis);
        assert.equal(scale.length, axis === 0 ? 2 : 3);
        for (const [k, value] of values.entries()) {
          const place = axis === 0 ? Math.floor(k / columns) : k % columns;
          const line = values.filter(
            (_, i) => (axis === 0 ? Math.floor(i / columns) : i % columns) === place,
          );
          const raw = f(Math.max(...line.map(Math.abs)) / 127);
          const s = raw < 2 ** -126 ? 1 : raw;
          assert.equal(scale[place], s);
          const q = toEven(f(value / s));
          assert.ok(Math.abs(q) <= 127);
          assert.equal(got.toFloat32Array()[k], f(s * q) + 0);
        }
      }),
      { numRuns: 500 },
    );
  });

  test(`int8 by axis ${axis} is kept as it is, q for q`, () => {
    const q = Int8Array.of(-127, 3, 0, 127, -1, 64);
    const scale = (axis === 0 ? [0.3, 1e-30] : [0.3, 1e-30, 2 ** -126]).map(f);
    const net = netOf(new Float32Array(6), 3);
    const file = {
      ...net,
      tensors: {
        W: {
          ...{
            dtype: "int8",
            shape: [2, 3],
            axis,
            scale: new Uint8Array(Float32Array.from(scale).buffer),
          },
          ...{ data: new Uint8Array(q.buffer) },
        },
        b: { dtype: "bfloat16", shape: [3], data: Uint8Array.of(0x80, 0x3f, 0, 0xc0, 0, 0) }, // 1, -2, 0
      },
    };
    const packed = stock.encode(file, { forceFloat32: true });
    const model = load(packed);
    assert.deepEqual(
      [...model.tensor("W").toFloat32Array()],
      [...q].map((value, k) => f((scale[axis === 0 ? Math.floor(k / 3) : k % 3] ?? 0) * value)),
    );
    for (const options of /** @type {any[]} */ ([
      { encoding: "msgpack" },
      { encoding: "json" },
      { encoding: "json", numbers: "decimal" },
      { encoding: "msgpack", dtype: "int8", axis },
    ])) {
      const again = toBytes(load(toBytes(model, options)), { encoding: "msgpack" });
      const { W, b } = /** @type {any} */ (stock.decode(again)).tensors;
      assert.deepEqual(Object.keys(W), ["dtype", "shape", "axis", "scale", "data"]);
      assert.deepEqual(new Uint8Array(W.data), new Uint8Array(q.buffer));
      assert.deepEqual(
        bitsOf(widen("float32", new Uint8Array(W.scale))),
        bitsOf(Float32Array.from(scale)),
      );
      assert.deepEqual([b.dtype, [...b.data]], ["bfloat16", [0x80, 0x3f, 0, 0xc0, 0, 0]]);
      assert.equal(fingerprint(load(again)), fingerprint(model));
    }
  });
}

test("int8 is for matrices; a product that is infinite is refused", () => {
  const net = netOf(Float32Array.of(1, 2), 1);
  const model = load(toBytes(load(bytesOf(net)), { dtype: "int8" }));
  assert.deepEqual([model.tensor("W").dtype, model.tensor("b").dtype], ["int8", "float32"]);
  const largest = f(3.4028234663852886e38); // a 127th of it is rounded up
  fails(() => written(Float32Array.of(largest), { dtype: "int8" }), "TENSOR_NONFINITE");
});

/** A net with an exact and a reference example. */
function withExamples() {
  const net = featureNet();
  const { output } = run(compile(load(bytesOf(net))), { shape: [1, 1, 3], data: [1, 2, 3] });
  const y = { dtype: "float32", shape: [1, 1, 2], data: [...output.data] };
  net.tensors = { ...net.tensors, x: tensor([1, 1, 3]), y, x2: tensor([1, 1, 3]), y2: y };
  net.tensors.x.data = [1, 2, 3];
  const source = { system: "s", version: "1" };
  net.examples = [
    { kind: "exact", input: "x", output: "y" },
    { kind: "reference", source, tolerance: 1, input: "x2", output: "y2" },
  ];
  return net;
}

test("exact examples go when a weight changes, and stay when none does", () => {
  const model = load(bytesOf(withExamples()));
  const narrowed = load(toBytes(model, { dtype: "bfloat16" }));
  assert.deepEqual(
    narrowed.examples?.map(({ kind }) => kind),
    ["reference"],
  );
  assert.deepEqual([...narrowed.tensors.keys()].sort(), ["D", "R", "W", "d", "x2", "y2"].sort());
  assert.equal(narrowed.tensor("x2").dtype, "float32");
  assert.equal(structure(narrowed), structure(model));
  assert.notEqual(fingerprint(narrowed), fingerprint(model));
  const wide = load(toBytes(narrowed, { dtype: "float32" })); // the same values
  assert.equal(fingerprint(wide), fingerprint(narrowed));
  const same = load(toBytes(model, { dtype: "float32" }));
  assert.equal(same.examples?.length, 2);
  assert.equal(same.tensor("d").dtype, "float32");
});

test("options of another kind are refused", () => {
  const model = load(bytesOf(featureNet()));
  fails(() => toBytes(model, /** @type {any} */ ({ dtype: "float64" })), "RUN_OPTION");
  fails(() => toBytes(model, /** @type {any} */ ({ dtype: "int8", axis: 2 })), "RUN_OPTION");
});
