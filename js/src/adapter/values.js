/**
 * Arrays and states as they travel (SPEC 17.1): eight hexadecimal digits for each element.
 *
 * @import { State } from "../model/state.js"
 * @import { FloatArray } from "../tensor/arrays.js"
 */

import { Buffer } from "node:buffer";

/**
 * A JSON value that came over the protocol.
 *
 * @typedef {any} Json
 */

/** @param {Json} input */
export function inputIn(input) {
  return typeof input?.bits === "string" ? arrayIn(input) : input;
}

/**
 * @param {Json} array
 * @returns {FloatArray}
 */
export function arrayIn({ shape, bits }) {
  const bytes = Buffer.from(bits, "hex");
  const patterns = new Uint32Array(bytes.length / 4);
  for (let k = 0; k < patterns.length; k++) patterns[k] = bytes.readUInt32BE(4 * k);
  return { shape, data: new Float32Array(patterns.buffer) };
}

/** @param {FloatArray} array */
export function arrayOut({ shape, data }) {
  const bytes = Buffer.alloc(4 * data.length);
  // As bits, so that a subnormal number stays even where the processor flushes them.
  const patterns = new Uint32Array(data.buffer, data.byteOffset, data.length);
  for (let k = 0; k < data.length; k++) bytes.writeUInt32BE(patterns[k], 4 * k);
  return { shape, bits: bytes.toString("hex") };
}

/**
 * @param {Json} state undefined stays so
 * @returns {Json}
 */
export function stateIn(state) {
  if (state === undefined) return undefined;
  return new Map(Object.entries(state).map(([name, arrays]) => [name, eachArray(arrays, arrayIn)]));
}

/** @param {State} state */
export function stateOut(state) {
  const layers = [...state].map(([name, arrays]) => [name, eachArray(arrays, arrayOut)]);
  return Object.fromEntries(layers);
}

/**
 * @param {Json} arrays
 * @param {(array: Json) => Json} change
 */
function eachArray(arrays, change) {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, change(array)]));
}
