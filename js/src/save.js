/**
 * From a model to bytes, with the members in the order of SPEC 5.
 *
 * @import { Model, Tensor } from "./model.js"
 */

import { ByteWriter, packValue } from "./digest/writer.js";
import { quoteAll } from "./issue.js";
import { wrongOption } from "./limits.js";
import { toDocument } from "./model/members.js";
import { base64, decimals, storedBytes, writeDocument } from "./save/json.js";
import { VERSIONS } from "./validate/version.js";

/**
 * @typedef {object} SaveOptions
 * @property {"json" | "msgpack"} [encoding] `json` unless given
 * @property {"base64" | "decimal"} [numbers] how JSON holds float32 tensors: `base64` unless given;
 *   `decimal` writes the shortest decimals that come back. float16 tensors are always base64.
 */

/**
 * Writes a model. Tensors keep their dtype; reading the bytes gives an equal model. The version is the
 * one that this package writes, also where a file of another one was read anyway ([version-3]).
 *
 * @param {Model} model
 * @param {SaveOptions} [options]
 * @returns {Uint8Array}
 * @throws {import("./issue.js").RnnspecError} RUN_OPTION
 */
export function toBytes(model, { encoding = "json", numbers = "base64" } = {}) {
  checkOption("numbers", numbers, ["base64", "decimal"]);
  const text = numbers === "decimal" ? decimals : base64;
  return encodeDocument(encoding, text, (dataOf) => documentOf(model, dataOf));
}

/**
 * The bytes of a document in either encoding.
 *
 * @param {string} encoding
 * @param {(tensor: Tensor) => unknown} text what JSON holds as the data of a tensor
 * @param {(dataOf: (tensor: Tensor) => unknown) => Map<string, unknown>} make makes the document
 * @returns {Uint8Array}
 * @throws {import("./issue.js").RnnspecError} RUN_OPTION
 */
export function encodeDocument(encoding, text, make) {
  checkOption("encoding", encoding, ["json", "msgpack"]);
  const writer = new ByteWriter();
  if (encoding === "msgpack") packValue(writer, make(storedBytes));
  else writeDocument(writer, make(text));
  return writer.bytes.slice();
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string[]} words
 */
function checkOption(name, value, words) {
  if (!words.includes(value)) throw wrongOption(name, quoteAll(words), value);
}

/** The top-level members in the order of SPEC 5. */
const TOP_LEVEL = /** @type {const} */ ([
  "rnnspec",
  "$schema",
  "name",
  "version",
  "description",
  "license",
  "metadata",
  "input",
  "vocabularies",
  "layers",
  "output",
  "decoding",
  "examples",
  "extensions",
  "extensionsRequired",
  "tensors",
]);

/**
 * @param {Model} model
 * @param {(tensor: Tensor) => unknown} dataOf makes the data of a tensor
 */
function documentOf(model, dataOf) {
  const members = {
    ...model,
    rnnspec: VERSIONS[0],
    vocabularies: model.vocabularies && tableOf(model.vocabularies, toDocument),
    tensors: tensorTable(model.tensors, dataOf),
  };
  return toDocument(Object.fromEntries(TOP_LEVEL.map((name) => [name, members[name]])));
}

/**
 * The table of tensors.
 *
 * @param {ReadonlyMap<string, Tensor>} tensors
 * @param {(tensor: Tensor) => unknown} dataOf
 */
export function tensorTable(tensors, dataOf) {
  return tableOf(tensors, (tensor) => {
    const { dtype, extensions, shape } = tensor;
    const members = new Map(Object.entries({ dtype, shape, data: dataOf(tensor) }));
    return extensions === undefined ? members : members.set("extensions", extensions);
  });
}

/**
 * @template V
 * @param {ReadonlyMap<string, V>} table
 * @param {(value: V) => unknown} make
 */
function tableOf(table, make) {
  return new Map([...table].map(([key, value]) => [key, make(value)]));
}
