/**
 * From a model to bytes, with the members in the order of SPEC 5.
 *
 * @import { Example, Layer, Model, Tensor } from "./model.js"
 */

import { RUN_OPTION } from "./codes.js";
import { ByteWriter, packValue } from "./digest/writer.js";
import { failure, quote } from "./issue.js";
import { layoutOf } from "./layout.js";
import { encodeBase64, narrow } from "./tensor.js";

const SMALLEST_NORMAL = 2 ** -126;

/** A decimal of up to 6 digits is what its binary32 gives back, so fewer need not be tried. */
const SAFE_DIGITS = 6;

/** Rounds to the binary32 -0; a written -0 would mean 0 ([json-6]). */
const MINUS_ZERO = "-1e-99";

/**
 * @typedef {object} SaveOptions
 * @property {"json" | "msgpack"} [encoding] `json` unless given
 * @property {"base64" | "decimal"} [numbers] how JSON holds float32 tensors: `base64` unless given;
 *   `decimal` writes the shortest decimals that come back. float16 tensors are always base64.
 */

/**
 * Writes a model. Tensors keep their dtype; reading the bytes gives an equal model.
 *
 * @param {Model} model
 * @param {SaveOptions} [options]
 * @returns {Uint8Array}
 * @throws {import("./issue.js").RnnspecError} RUN_OPTION
 */
export function toBytes(model, { encoding = "json", numbers = "base64" } = {}) {
  checkOption("encoding", encoding, ["json", "msgpack"]);
  checkOption("numbers", numbers, ["base64", "decimal"]);
  const writer = new ByteWriter();
  if (encoding === "msgpack") packValue(writer, documentOf(model, storedBytes));
  else writeDocument(writer, documentOf(model, numbers === "decimal" ? decimals : base64));
  return writer.bytes.slice();
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string[]} words
 */
function checkOption(name, value, words) {
  if (words.includes(value)) return;
  const expected = words.map(quote).join(" or ");
  throw failure(RUN_OPTION, name, { name, expected, got: quote(String(value)) });
}

/**
 * @param {Model} model
 * @param {(tensor: Tensor) => unknown} dataOf makes the data of a tensor
 */
function documentOf(model, dataOf) {
  const { input } = model;
  const features = input.kind === "features" ? input : undefined;
  return object({
    rnnspec: model.rnnspec,
    $schema: model.$schema,
    name: model.name,
    version: model.version,
    description: model.description,
    license: model.license,
    metadata: model.metadata,
    input: object({
      kind: input.kind,
      vocabulary: input.kind === "tokens" ? input.vocabulary : undefined,
      size: features?.size,
      names: features?.names,
      units: features?.units,
      sample_rate: features?.sampleRate,
    }),
    vocabularies: mapped(model.vocabularies, ({ unit, tokens, ...special }) =>
      object({ unit, tokens, ...special }),
    ),
    layers: model.layers.map(layerOf),
    output: object({ ...model.output }),
    decoding: model.decoding === undefined ? undefined : object({ ...model.decoding }),
    examples: model.examples?.map(exampleOf),
    tensors: mapped(model.tensors, (tensor) =>
      object({ dtype: tensor.dtype, shape: tensor.shape, data: dataOf(tensor) }),
    ),
  });
}

/** @param {Layer} layer */
function layerOf(layer) {
  const { roles } = layoutOf(layer.type);
  return object({
    name: layer.name,
    type: layer.type,
    size: layer.size,
    hidden_size: layer.hiddenSize,
    function: layer.function,
    parameters: roles.size === 0 ? undefined : layer.parameters,
  });
}

/** @param {Example} example */
function exampleOf(example) {
  const { source } = example;
  return object({
    kind: example.kind,
    source: source === undefined ? undefined : object({ ...source }),
    tolerance: example.tolerance,
    input: example.input,
    lengths: example.lengths,
    state: example.state,
    output: example.output,
    final_state: example.finalState,
  });
}

/**
 * An object of the document, without the members that are undefined.
 *
 * @param {Record<string, unknown>} members
 * @returns {Map<string, unknown>}
 */
function object(members) {
  return new Map(Object.entries(members).filter(([, member]) => member !== undefined));
}

/**
 * @template V
 * @param {ReadonlyMap<string, V> | undefined} table
 * @param {(value: V) => unknown} make
 */
function mapped(table, make) {
  if (table === undefined) return undefined;
  return new Map([...table].map(([key, value]) => [key, make(value)]));
}

/** @param {Tensor} tensor */
function storedBytes(tensor) {
  return narrow(tensor.dtype, tensor.toFloat32Array());
}

/** Bytes of JSON text that are ready to be written. */
class JsonBytes {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
  }
}

/** @param {Tensor} tensor */
function base64(tensor) {
  const writer = new ByteWriter();
  writer.writeText('"');
  writer.write(encodeBase64(storedBytes(tensor)));
  writer.writeText('"');
  return new JsonBytes(writer.bytes);
}

/** @param {Tensor} tensor */
function decimals(tensor) {
  if (tensor.dtype !== "float32") return base64(tensor);
  const writer = new ByteWriter();
  writer.writeText("[");
  for (const [k, value] of tensor.toFloat32Array().entries()) {
    writer.writeText(k === 0 ? decimal(value) : `, ${decimal(value)}`);
  }
  writer.writeText("]");
  return new JsonBytes(writer.bytes);
}

/**
 * The shortest decimal that comes back under [tensor-2]: nearest binary64, then nearest binary32.
 *
 * @param {number} value a binary32
 * @returns {string}
 */
export function decimal(value) {
  if (Object.is(value, -0)) return MINUS_ZERO;
  // Below the normal numbers the steps are wide, and fewer digits may do.
  for (let digits = Math.abs(value) < SMALLEST_NORMAL ? 1 : SAFE_DIGITS; ; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
}

/**
 * The top-level members one a line, and the tensors too.
 *
 * @param {ByteWriter} writer
 * @param {Map<string, unknown>} document
 */
function writeDocument(writer, document) {
  writer.writeText("{");
  let separator = "";
  for (const [key, value] of document) {
    writer.writeText(`${separator}${JSON.stringify(key)}: `);
    separator = ",\n ";
    if (key === "tensors") writeTensors(writer, /** @type {Map<string, unknown>} */ (value));
    else writeValue(writer, value);
  }
  writer.writeText("}\n");
}

/**
 * @param {ByteWriter} writer
 * @param {Map<string, unknown>} tensors
 */
function writeTensors(writer, tensors) {
  writer.writeText("{");
  let separator = "\n  ";
  for (const [name, tensor] of tensors) {
    writer.writeText(`${separator}${JSON.stringify(name)}: `);
    separator = ",\n  ";
    writeValue(writer, tensor);
  }
  writer.writeText("}");
}

/**
 * @param {ByteWriter} writer
 * @param {unknown} value of a depth that the reader let pass
 */
function writeValue(writer, value) {
  if (value instanceof JsonBytes) {
    writer.write(value.bytes);
  } else if (value instanceof Map) {
    writer.writeText("{");
    let separator = "";
    for (const [key, member] of value) {
      writer.writeText(`${separator}${JSON.stringify(key)}: `);
      writeValue(writer, member);
      separator = ", ";
    }
    writer.writeText("}");
  } else if (Array.isArray(value)) {
    writer.writeText("[");
    for (const [k, element] of value.entries()) {
      if (k > 0) writer.writeText(", ");
      writeValue(writer, element);
    }
    writer.writeText("]");
  } else {
    writer.writeText(JSON.stringify(value)); // null, a boolean, a string or a finite number
  }
}
