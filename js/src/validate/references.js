/**
 * Every reference to a tensor, and every tensor ([agree-4] to [agree-6]).
 *
 * @import { Report } from "../issue.js"
 * @import { Members } from "./agreement.js"
 */

import {
  TENSOR_DTYPE,
  TENSOR_ENCODING,
  TENSOR_LENGTH,
  TENSOR_NONFINITE,
  TENSOR_QUANTUM,
  TENSOR_REUSED,
  TENSOR_SCALE,
  TENSOR_SHAPE,
  TENSOR_UNKNOWN,
  TENSOR_UNUSED,
} from "../codes.js";
import { quote } from "../issue.js";
import { Decimals } from "../json_reader/decimals.js";
import { DTYPES, elementCount, nonFiniteAt, scaleAt, widen } from "../tensor.js";
import { child } from "./findings.js";

const LEAST_SCALE = 2 ** -126;

/**
 * A shape that is asked for: null stands for a dimension that is not known, a letter for one that
 * the tensor should have and does not.
 *
 * @typedef {readonly (number | string | null)[]} Shape
 */

/** The table of tensors, and who uses what. */
export class TensorReferences {
  /** @type {Set<string>} */
  #used = new Set();

  /**
   * @param {Report} report
   * @param {Map<string, Members>} tensors
   */
  constructor(report, tensors) {
    this.report = report;
    this.tensors = tensors;
  }

  /**
   * Judges a reference.
   *
   * @param {string} name the tensor it refers to
   * @param {string} at where the reference stands
   * @param {Shape} expected the shape it has to have
   * @param {string} [dtype] what it has to be, if that matters
   */
  use(name, at, expected, dtype) {
    const tensor = this.tensors.get(name);
    const isReused = this.#used.has(name);
    this.#used.add(name);
    const quoted = quote(name);
    if (tensor === undefined || isReused) {
      this.report(tensor ? TENSOR_REUSED : TENSOR_UNKNOWN, at, { got: quoted });
      return;
    }
    const shape = tensor.get("shape");
    if (!expected.includes(null) && `${shape}` !== `${expected}`) {
      const values = { name: quoted, expected: `[${expected}]`, got: `[${shape}]` };
      this.report(TENSOR_SHAPE, at, values);
    }
    const got = tensor.get("dtype");
    if (got !== (dtype ?? got))
      this.report(TENSOR_DTYPE, at, { name: quoted, expected: "float32", got });
  }

  /**
   * Judges the tensors themselves, when all references are known.
   *
   * @returns {Map<string, Float32Array>} the values, if all are sound
   */
  finish() {
    /** @type {Map<string, Float32Array>} */
    const values = new Map();
    for (const [name, tensor] of this.tensors) {
      const at = child("/tensors", name);
      if (!this.#used.has(name)) this.report(TENSOR_UNUSED, at, { got: quote(name) });
      const read = readTensor(this.report, tensor, at);
      if (read !== null) values.set(name, read);
    }
    return values;
  }
}

/**
 * [agree-6]. The scale becomes an array of float32 in its place.
 *
 * @param {Report} report
 * @param {Members} tensor
 * @param {string} at
 * @returns {Float32Array | null} the values, if they are sound
 */
function readTensor(report, tensor, at) {
  const dtype = tensor.get("dtype");
  const shape = tensor.get("shape");
  const axis = tensor.get("axis");
  const isScaled = axis !== undefined;
  /** @type {Float32Array | null} */
  let scale = null;
  if (isScaled) {
    scale = readData(report, tensor.get("scale"), "float32", shape[axis], `${at}/scale`);
    const bad = scale?.findIndex((s) => !(s >= LEAST_SCALE && s < Infinity)) ?? -1;
    if (scale !== null && bad >= 0) {
      report(TENSOR_SCALE, `${at}/scale`, { name: bad, got: String(scale[bad]) });
      scale = null;
    }
    tensor.set("scale", scale);
  }
  const dataAt = `${at}/data`;
  const values = readData(report, tensor.get("data"), dtype, elementCount(shape), dataAt);
  if (values === null) return null;
  const lowest = isScaled ? values.indexOf(-128) : -1;
  if (lowest >= 0) report(TENSOR_QUANTUM, dataAt, { name: lowest });
  if (isScaled && scale === null) return null;
  if (scale !== null) {
    for (let k = 0; k < values.length; k++) values[k] *= scale[scaleAt(k, shape[1], axis)];
  }
  const bad = nonFiniteAt(values);
  if (bad >= 0 && lowest < 0) {
    report(TENSOR_NONFINITE, dataAt, { name: bad, got: String(values[bad]) });
  }
  return values;
}

/**
 * @param {Report} report
 * @param {Decimals | Uint8Array} data
 * @param {string} dtype
 * @param {number} count of the elements that there must be
 * @param {string} at
 * @returns {Float32Array | null} null if the data do not fit; infinities and NaN stay such
 */
function readData(report, data, dtype, count, at) {
  const isList = data instanceof Decimals;
  const expected = isList ? count : count * DTYPES[dtype];
  if (isList && dtype !== "float32") {
    report(TENSOR_ENCODING, at, { got: dtype });
  } else if (data.length !== expected) {
    const values = { expected: `${expected} ${isList ? "elements" : "bytes"}`, got: data.length };
    report(TENSOR_LENGTH, at, values);
  } else {
    return isList ? data.values : widen(dtype, data);
  }
  return null;
}
