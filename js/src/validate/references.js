/**
 * Every reference to a tensor, and every tensor ([agree-4] to [agree-6]).
 *
 * @import { Members } from "./agreement.js"
 * @import { Findings } from "./findings.js"
 * @import { Payload } from "./tensors.js"
 */

import {
  TENSOR_DTYPE,
  TENSOR_ENCODING,
  TENSOR_LENGTH,
  TENSOR_NONFINITE,
  TENSOR_REUSED,
  TENSOR_SHAPE,
  TENSOR_UNKNOWN,
  TENSOR_UNUSED,
} from "../codes.js";
import { quote } from "../issue.js";
import { Decimals } from "../json_reader/decimals.js";
import { DTYPES, elementCount, nonFiniteAt, widen } from "../tensor.js";
import { child } from "./findings.js";

/**
 * A shape that is asked for: null stands for a dimension that is not known, a letter for one that
 * the tensor should have and does not.
 *
 * @typedef {(number | string | null)[]} Shape
 */

/** The table of tensors, and who uses what. */
export class TensorReferences {
  /** @type {Set<string>} */
  #used = new Set();

  /**
   * @param {Findings} findings
   * @param {Map<string, Members>} tensors
   */
  constructor(findings, tensors) {
    this.findings = findings;
    this.tensors = tensors;
  }

  /**
   * Judges a reference.
   *
   * @param {string} name the tensor it refers to
   * @param {string} at where the reference stands
   * @param {Shape} shape what it has to be
   * @param {string} [dtype] what it has to be, if that matters
   */
  use(name, at, shape, dtype) {
    const tensor = this.tensors.get(name);
    const reused = this.#used.has(name);
    this.#used.add(name);
    if (tensor === undefined) {
      this.findings.add(TENSOR_UNKNOWN, at, { got: quote(name) });
    } else if (reused) {
      this.findings.add(TENSOR_REUSED, at, { got: quote(name) });
    } else {
      this.#judge(name, tensor, at, shape, dtype);
    }
  }

  /**
   * The shape of a tensor, if there is one.
   *
   * @param {string} name
   * @returns {number[] | undefined}
   */
  shapeOf(name) {
    return this.tensors.get(name)?.get("shape");
  }

  /**
   * Judges the tensors themselves, when all references are known.
   *
   * @param {Map<string, Payload>} payloads
   * @returns {Map<string, Float32Array>} the values of those that are sound
   */
  finish(payloads) {
    /** @type {Map<string, Float32Array>} */
    const values = new Map();
    for (const [name, tensor] of this.tensors) {
      const at = child("/tensors", name);
      if (!this.#used.has(name)) this.findings.add(TENSOR_UNUSED, at, { got: quote(name) });
      const payload = /** @type {Payload} */ (payloads.get(name));
      const read = this.#read(tensor, payload, child(at, "data"));
      if (read !== null) values.set(name, read);
    }
    return values;
  }

  /**
   * @param {string} name
   * @param {Members} tensor
   * @param {string} at
   * @param {Shape} expected
   * @param {string | undefined} dtype
   */
  #judge(name, tensor, at, expected, dtype) {
    /** @type {number[]} */
    const shape = tensor.get("shape");
    const known = !expected.includes(null);
    if (known && `${shape}` !== `${expected}`) {
      const values = { name: quote(name), expected: `[${expected}]`, got: `[${shape}]` };
      this.findings.add(TENSOR_SHAPE, at, values);
    }
    const got = tensor.get("dtype");
    if (dtype !== undefined && got !== dtype) {
      this.findings.add(TENSOR_DTYPE, at, { name: quote(name), expected: dtype, got });
    }
  }

  /**
   * [agree-6]: the first fault that applies.
   *
   * @param {Members} tensor
   * @param {Payload} payload
   * @param {string} at
   * @returns {Float32Array | null}
   */
  #read(tensor, payload, at) {
    const dtype = tensor.get("dtype");
    const isList = payload instanceof Decimals;
    if (isList && dtype !== "float32") {
      this.findings.add(TENSOR_ENCODING, at, { got: dtype });
      return null;
    }
    const count = elementCount(tensor.get("shape"));
    const expected = isList ? count : count * /** @type {number} */ (DTYPES.get(dtype));
    if (payload.length !== expected) {
      const unit = isList ? "elements" : "bytes";
      const values = { expected: `${expected} ${unit}`, got: `${payload.length}` };
      this.findings.add(TENSOR_LENGTH, at, values);
      return null;
    }
    const values = isList ? payload.values : widen(dtype, payload);
    const bad = isList ? payload.overflowAt : nonFiniteAt(values);
    if (bad < 0) return values;
    this.findings.add(TENSOR_NONFINITE, at, { name: bad, got: String(values[bad]) });
    return null;
  }
}
