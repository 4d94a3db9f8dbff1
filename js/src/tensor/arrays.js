/** Arrays as callers give them: with a shape, or as lists in lists. */

import { RUN_NONFINITE_INPUT } from "../codes.js";
import { failure } from "../issue.js";
import { elementCount, fround } from "../tensor.js";

/**
 * An array of float32, row-major.
 *
 * @typedef {object} FloatArray
 * @property {readonly number[]} shape
 * @property {Float32Array} data
 */

/**
 * The same as an argument: any list of numbers will do, each rounded to binary32.
 *
 * @typedef {object} ShapedArray
 * @property {readonly number[]} shape
 * @property {ArrayLike<number>} data
 */

/** The same as an argument, or as lists in lists. @typedef {ShapedArray | readonly unknown[]} FloatArrayLike */

/**
 * An argument as a flat list with its shape.
 *
 * @param {unknown} value
 * @param {readonly (number | null)[]} expected the shape it must have; null for any size
 * @returns {ShapedArray | null} null if it has another shape or is no array
 */
export function flatten(value, expected) {
  const array = isShaped(value) ? value : nested(value, expected);
  if (array === null || array.shape.length !== expected.length) return null;
  const fits = array.shape.every((size, k) => {
    return Number.isInteger(size) && size >= 0 && size === (expected[k] ?? size);
  });
  return fits && array.data.length === elementCount(array.shape) ? array : null;
}

/**
 * @param {unknown} value
 * @param {readonly (number | null)[]} expected
 * @returns {ShapedArray | null}
 */
function nested(value, expected) {
  /** @type {number[]} */
  const shape = [];
  /** @type {unknown[]} */
  let level = [value];
  for (const size of expected) {
    if (!level.every(isList)) return null;
    const lists = /** @type {ArrayLike<unknown>[]} */ (level);
    // No list at all can be of any size: [[], []] is [2, 0, 3] where that is asked for.
    const length = lists.length > 0 ? lists[0].length : (size ?? 0);
    if (lists.some((list) => list.length !== length)) return null;
    shape.push(length);
    level = lists.flatMap((list) => Array.from(list));
  }
  return { shape, data: /** @type {number[]} */ (level) };
}

/**
 * The numbers of an array as binary32; a Float32Array stays itself.
 *
 * @param {ArrayLike<number>} data
 * @returns {Float32Array}
 */
export function toFloat32Array(data) {
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

/**
 * @param {unknown} value
 * @returns {value is ArrayLike<any>}
 */
export function isList(value) {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

/**
 * The shape of an argument, for a message.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function describe(value) {
  if (isShaped(value)) {
    const shape = `[${value.shape.join(", ")}]`;
    const fits = value.data.length === elementCount(value.shape);
    return fits ? shape : `${shape} with ${value.data.length} numbers`;
  }
  const shape = [];
  let inner = value;
  for (; isList(inner) && shape.length < 8; inner = inner[0]) {
    const length = inner[0]?.length;
    const isUneven = Array.from(inner).some((row) => isList(row) && row.length !== length);
    if (isUneven) return "lists of different lengths";
    shape.push(inner.length);
  }
  if (shape.length > 0) return `[${shape.join(", ")}]`;
  return value === null ? "null" : `a value of type ${typeof value}`;
}

/**
 * @param {unknown} value
 * @returns {value is ShapedArray}
 */
function isShaped(value) {
  if (typeof value !== "object" || value === null) return false;
  const { shape, data } = /** @type {Partial<ShapedArray>} */ (value);
  return Array.isArray(shape) && isList(data);
}

/**
 * Refuses what is not finite as a binary32.
 *
 * @param {ArrayLike<number>} values
 * @param {number} start
 * @param {number} count
 * @param {string} place
 * @throws {import("../issue.js").RnnspecError} RUN_NONFINITE_INPUT
 */
export function checkFinite(values, start, count, place) {
  for (let k = start; k < start + count; k++) {
    if (Math.abs(fround(values[k])) < Infinity) continue;
    throw failure(RUN_NONFINITE_INPUT, place, { name: place, got: String(values[k]) });
  }
}
