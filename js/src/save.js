/**
 * From a model to bytes, with the members in the order of SPEC 5.
 *
 * @import { Model, Tensor } from "./model.js"
 */

import { ByteWriter, packValue } from "./digest/writer.js";
import { quoteAll } from "./issue.js";
import { wrongOption } from "./limits.js";
import { mapped, toDocument } from "./model/members.js";
import { base64, decimals, writeDocument } from "./save/json.js";
import { storedAs } from "./save/narrow.js";
import { DTYPES, scaleAt, storedBytes } from "./tensor.js";
import { VERSIONS } from "./validate/version.js";

/**
 * What a document holds as numbers of a dtype: as data or as a scale.
 *
 * @typedef {(dtype: string, values: Float32Array) => unknown} Encode
 */

/**
 * @typedef {object} SaveOptions
 * @property {"json" | "msgpack" | undefined} [encoding] `json` unless given
 * @property {"base64" | "decimal" | undefined} [numbers] how JSON holds float32 tensors: `base64` unless given;
 *   `decimal` writes the shortest decimals that come back. Tensors of other dtypes are always base64.
 * @property {"float32" | "float16" | "bfloat16" | "int8" | undefined} [dtype] in which parameters are written;
 *   as they are unless given. `int8` is for matrices, the others stay. If this changes a weight, `exact` examples are
 *   dropped ([example-3])
 * @property {0 | 1 | undefined} [axis] for `int8`: a scale for each row (0, unless given) or each column (1)
 */

/**
 * Writes a model. Tensors keep their dtype, unless another is asked for; reading the bytes gives an equal model. The
 * version is the one that this package writes, also where a file of another one was read anyway ([version-3]).
 *
 * @param {Model} model
 * @param {SaveOptions} [options]
 * @returns {Uint8Array}
 * @throws {import("./issue.js").RnnspecError} RUN_OPTION; TENSOR_NONFINITE for a value that the dtype can't hold
 *   ([tensor-7])
 */
export function toBytes(model, { encoding = "json", numbers = "base64", dtype, axis = 0 } = {}) {
  checkOption("numbers", numbers, ["base64", "decimal"]);
  if (dtype !== undefined) checkOption("dtype", dtype, Object.keys(DTYPES));
  checkOption("axis", axis, [0, 1]);
  const written = dtype === undefined ? model : storedAs(model, dtype, axis);
  const text = numbers === "decimal" ? decimals : base64;
  return encodeDocument(encoding, text, (encode) => documentOf(written, encode));
}

/**
 * The bytes of a document in either encoding.
 *
 * @param {string} encoding
 * @param {Encode} text for JSON
 * @param {(encode: Encode) => Map<string, unknown>} make makes the document
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
 * @template V
 * @param {V} value
 * @param {readonly V[]} words
 */
function checkOption(name, value, words) {
  if (!words.includes(value)) throw wrongOption(name, quoteAll(words.map(String)), value);
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
 * @param {Encode} encode
 */
function documentOf(model, encode) {
  const members = {
    ...model,
    rnnspec: VERSIONS[0],
    vocabularies: mapped(model.vocabularies, toDocument),
    tensors: tensorTable(model.tensors, encode),
  };
  return toDocument(Object.fromEntries(TOP_LEVEL.map((name) => [name, members[name]])));
}

/**
 * The table of tensors.
 *
 * @param {ReadonlyMap<string, Tensor>} tensors
 * @param {Encode} encode
 */
export function tensorTable(tensors, encode) {
  return mapped(tensors, (/** @type {Tensor} */ tensor) => {
    const { axis, dtype, extensions, scale, shape } = tensor;
    const values = tensor.toFloat32Array();
    for (let k = 0; scale && k < values.length; k++) {
      values[k] = Math.round(values[k] / scale[scaleAt(k, shape[1], axis ?? 0)]); // a whole number, but for one rounding
    }
    const members = Object.entries({
      dtype,
      shape,
      axis,
      scale: scale && encode("float32", scale),
      data: encode(dtype, values),
      extensions,
    });
    return new Map(members.filter(([, member]) => member !== undefined));
  });
}
