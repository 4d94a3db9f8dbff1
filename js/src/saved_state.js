/**
 * States as files (SPEC 14.1): what one language began, another goes on with.
 *
 * @import { Issue } from "./issue.js"
 * @import { State, StateLike } from "./model/state.js"
 * @import { FloatArrayLike, ShapedArray } from "./tensor/arrays.js"
 * @import { Examination, ReadOptions } from "./validate.js"
 */

import { STRUCTURE_ENUM, STRUCTURE_NAME } from "./codes.js";
import { failure, quote, quoteAll, RnnspecError } from "./issue.js";
import { STATE_ARRAYS } from "./layout.js";
import { mapped, toDocument } from "./model/members.js";
import { wrongState } from "./model/state.js";
import { Tensor } from "./model.js";
import { base64 } from "./save/json.js";
import { encodeDocument, tensorTable } from "./save.js";
import {
  checkStateAgreement,
  checkStateStructure,
  DIGEST,
  DIGEST_WORDS,
} from "./saved_state/check.js";
import { checkFinite, describe, flatten, toFloat32Array } from "./tensor/arrays.js";
import { NAME, NAME_WORDS } from "./validate/checks.js";
import { child } from "./validate/findings.js";
import { VERSIONS } from "./validate/version.js";
import { examine } from "./validate.js";

const LARGEST_DIMENSION = 2_147_483_647;

/**
 * Reads a saved state. Whether it fits a net is judged when it is given to one.
 *
 * @param {Uint8Array | ArrayBuffer} bytes JSON or msgpack
 * @param {ReadOptions} [options]
 * @returns {State} every bit as it was saved
 * @throws {RnnspecError} with the findings of the first stage that has errors
 * @throws {TypeError} if `bytes` are none
 */
export function loadState(bytes, options) {
  const { issues, read } = examineState(bytes, options);
  if (read === null) throw new RnnspecError(issues);
  const { document, values } = read;
  const tensors = document.get("tensors");
  /** @param {Map<string, string>} names */
  const arraysOf = (names) => {
    const entries = [...names].map(([array, name]) => {
      return [array, { shape: tensors.get(name).get("shape"), data: values.get(name) }];
    });
    return Object.fromEntries(entries);
  };
  return mapped(document.get("state"), arraysOf);
}

/**
 * Finds what is wrong with a saved state, warnings included, as `validate` does for a model.
 *
 * @param {Uint8Array | ArrayBuffer} bytes JSON or msgpack
 * @param {ReadOptions} [options]
 * @returns {readonly Issue[]} at most 100
 * @throws {TypeError} if `bytes` are none
 */
export function validateState(bytes, options) {
  return examineState(bytes, options).issues;
}

/**
 * @param {Uint8Array | ArrayBuffer} bytes
 * @param {ReadOptions | undefined} options
 * @returns {Examination<{document: Map<string, any>, values: Map<string, Float32Array>}>}
 */
function examineState(bytes, options) {
  return examine(bytes, options, (findings, document, limits) => {
    checkStateStructure(findings.report, document, limits);
    if (findings.failed) return null;
    return { document, values: checkStateAgreement(findings.report, document) };
  });
}

/**
 * @typedef {object} StateOptions
 * @property {"json" | "msgpack" | undefined} [encoding] `msgpack` unless given
 * @property {string | undefined} [structure] the structure digest of the net, for people and tools
 */

/**
 * Writes a state as a file; `loadState` gives the same bits again.
 *
 * @param {StateLike} state as `run` or `Session.state` gave it: arrays [N, size] with one N
 * @param {StateOptions} [options]
 * @returns {Uint8Array}
 * @throws {RnnspecError} STRUCTURE_ENUM, STRUCTURE_NAME, RUN_STATE, RUN_NONFINITE_INPUT ([saved-4]); RUN_OPTION for
 *   another encoding
 */
export function stateToBytes(state, { encoding = "msgpack", structure } = {}) {
  if (structure !== undefined && !DIGEST.test(structure)) {
    throw failure(STRUCTURE_ENUM, "/structure", { expected: DIGEST_WORDS, got: quote(structure) });
  }
  if (!(state instanceof Map)) throw wrongState("a Map", describe(state));
  for (const layer of state.keys()) {
    if (NAME.test(layer)) continue;
    const values = { expected: NAME_WORDS, got: quote(layer) };
    throw failure(STRUCTURE_NAME, child("/state", layer), values);
  }
  const N = rowsOf(state);
  /** @type {Map<string, Tensor>} */
  const tensors = new Map();
  const layers = new Map();
  for (const [layer, given] of state) {
    /** @type {Record<string, FloatArrayLike>} */
    const arrays = given ?? {};
    const others = Object.keys(arrays).filter((array) => !STATE_ARRAYS.includes(array));
    if (others.length > 0) throw wrongState(quoteAll(STATE_ARRAYS), quoteAll(others));
    const names = new Map();
    for (const array of STATE_ARRAYS.filter((name) => name in arrays)) {
      const { data, shape } = arrayOf(arrays[array], N);
      const name = tensorName(layer, array, tensors.size);
      names.set(array, name);
      tensors.set(name, new Tensor({ dtype: "float32", shape }, toFloat32Array(data)));
    }
    if (!names.has("h")) throw wrongState('the array "h"', "none");
    layers.set(layer, names);
  }
  for (const tensor of tensors.values()) {
    const values = tensor.toFloat32Array();
    checkFinite(values, 0, values.length, "state");
  }
  return encodeDocument(encoding, base64, (encode) => {
    const table = tensorTable(tensors, encode);
    return toDocument({ rnnspec: VERSIONS[0], structure, state: layers, tensors: table });
  });
}

/**
 * N: that of the first array.
 *
 * @param {StateLike} state
 * @returns {number | null} null where the state has no array
 */
function rowsOf(state) {
  for (const arrays of state.values()) {
    for (const array of Object.values(arrays ?? {})) {
      return flatten(array, [null, null])?.shape[0] ?? null;
    }
  }
  return null;
}

/**
 * @param {FloatArrayLike} value
 * @param {number | null} N
 * @returns {ShapedArray}
 */
function arrayOf(value, N) {
  const flat = flatten(value, [N, null]);
  const fits = flat?.shape.every((size) => size >= 1 && size <= LARGEST_DIMENSION);
  if (flat === null || !fits) throw wrongState(`[${N ?? "N"}, size]`, describe(value));
  return flat;
}

/**
 * @param {string} layer
 * @param {string} array
 * @param {number} index
 */
function tensorName(layer, array, index) {
  const name = `${layer}.${array}`;
  return NAME.test(name) ? name : `t${index}`; // too long; no other name is without a full stop
}
