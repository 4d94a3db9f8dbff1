/**
 * Parameters in another dtype ([tensor-7]).
 *
 * @import { Example, ExampleState } from "../model.js"
 */

import { TENSOR_NONFINITE } from "../codes.js";
import { failure } from "../issue.js";
import { Model, Tensor } from "../model.js";
import { nonFiniteAt, scaleAt, tiny } from "../tensor.js";

const { abs, fround } = Math;

const LARGEST_QUANTUM = 127;
const LEAST_SCALE = 2 ** -126;

/** Adding and subtracting it rounds a binary64 to a whole number, ties to even; of either sign, up to 2^51. */
const WHOLE = 1.5 * 2 ** 52;

/**
 * A model with its parameters in a dtype. If that changes a weight, it has no `exact` examples ([example-3]).
 *
 * @param {Model} model
 * @param {string} dtype one of DTYPES
 * @param {0 | 1} axis for int8, which is for matrices alone: the other parameters stay as they are
 * @throws {import("../issue.js").RnnspecError} TENSOR_NONFINITE where a value becomes infinite
 */
export function storedAs(model, dtype, axis) {
  const parameters = new Set(
    model.layers.flatMap((layer) => [...(layer.parameters?.values() ?? [])]),
  );
  const tensors = new Map(model.tensors);
  let changed = false;
  for (const name of parameters) {
    const tensor = model.tensor(name);
    const isSame = tensor.dtype === dtype && tensor.axis === (dtype === "int8" ? axis : undefined);
    if (isSame || (dtype === "int8" && tensor.shape.length !== 2)) continue;
    const values = tensor.toFloat32Array();
    const [columns] = tensor.shape.slice(-1);
    const scale = dtype === "int8" ? scaleOf(values, columns, axis) : undefined;
    const narrowed = values.map((value, k) => {
      if (scale) return quantised(value, scale[scaleAt(k, columns, axis)]);
      return ROUND[dtype](value);
    });
    const bad = nonFiniteAt(narrowed);
    if (bad >= 0) {
      throw failure(TENSOR_NONFINITE, `/tensors/${name}/data`, {
        name: bad,
        got: `${values[bad]} as ${dtype}`,
      });
    }
    changed ||= narrowed.some((value, k) => tiny(value) !== tiny(values[k]));
    const { shape, extensions } = tensor;
    const parts = { dtype, shape, extensions, scale, axis: scale && axis };
    tensors.set(name, new Tensor(parts, narrowed));
  }
  if (!changed) return new Model({ ...model, tensors });
  const examples = model.examples?.filter(({ kind }) => kind !== "exact");
  for (const example of model.examples ?? []) {
    if (example.kind === "exact") for (const name of namesIn(example)) tensors.delete(name);
  }
  return new Model({ ...model, tensors, examples });
}

/** To the nearest value of a dtype, ties to even; what is too large becomes infinite. @type {Readonly<Record<string, (value: number) => number>>} */
const ROUND = {
  float32: (value) => value,
  float16: (value) => {
    let step = 2 ** -24; // between the smallest binary16 numbers
    while (abs(value) >= 0x800 * step) step *= 2;
    const rounded = (abs(value) / step + WHOLE - WHOLE) * step;
    const magnitude = rounded < 2 ** 16 ? rounded : Infinity;
    return value < 0 || Object.is(value, -0) ? -magnitude : magnitude;
  },
  bfloat16: (value) => {
    float[0] = value;
    bits[0] += 0x7fff + ((bits[0] >>> 16) & 1); // carries into the upper half what is more than half of its last bit
    bits[0] &= 0xffff0000;
    return float[0];
  },
};
const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/**
 * @param {Float32Array} values [rows, columns]
 * @param {number} columns
 * @param {0 | 1} axis
 */
function scaleOf(values, columns, axis) {
  const scale = new Float32Array(axis === 0 ? values.length / columns : columns);
  for (const [k, value] of values.entries()) {
    const at = scaleAt(k, columns, axis);
    scale[at] = Math.max(scale[at], abs(value));
  }
  return scale.map((largest) => {
    const s = fround(largest / LARGEST_QUANTUM);
    return s < LEAST_SCALE ? 1 : s;
  });
}

/**
 * The value that an int8 element stands for in place of another.
 *
 * @param {number} value
 * @param {number} scale
 */
function quantised(value, scale) {
  return fround((fround(value / scale) + WHOLE - WHOLE) * scale);
}

/**
 * The tensors of an example.
 *
 * @param {Example} example
 * @returns {string[]}
 */
function namesIn({ finalState, input, output, state }) {
  /** @param {ExampleState | undefined} layers */
  const within = (layers) =>
    [...(layers?.values() ?? [])].flatMap((arrays) => [...arrays.values()]);
  const names = [output, ...within(state), ...within(finalState)];
  return typeof input === "string" ? [input, ...names] : names;
}
