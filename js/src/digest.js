/**
 * The two digests of a model (SPEC 11): SHA-256 over a canonical form in msgpack.
 *
 * @import { Layer, Model, Tensor } from "./model.js"
 */

import { sha256 } from "./digest/sha256.js";
import { ByteWriter, Float32, packValue } from "./digest/writer.js";
import { keyOf } from "./model/members.js";
import { storedBytes, tiny, tinyAll } from "./tensor.js";

const { fround } = Math;

/**
 * What of the model a session's state and a set of parameters must fit: equal for nets that can
 * exchange both.
 *
 * @param {Model} model
 * @returns {string} 64 hexadecimal digits
 */
export function structure(model) {
  return digest(model, false);
}

/**
 * The structure, the decoding and the values of the parameters: equal for nets that compute the same.
 *
 * @param {Model} model
 * @returns {string} 64 hexadecimal digits
 */
export function fingerprint(model) {
  return digest(model, true);
}

/**
 * @param {Model} model
 * @param {boolean} values whether the digest covers them
 */
function digest(model, values) {
  const writer = new ByteWriter();
  packValue(writer, canonical(model, values));
  return [...sha256(writer.bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The canonical form.
 *
 * @param {Model} model
 * @param {boolean} values
 */
function canonical(model, values) {
  const { decoding, input, output, vocabularies } = model;
  return sorted({
    input,
    layers: model.layers.map((layer, k) => ({
      ...layer,
      ...defaultsOf(layer, model.layers[k - 1]),
      parameters: layer.parameters && canonicalParameters(model, layer.parameters, values),
    })),
    output,
    vocabularies: vocabularies?.size ? vocabularies : undefined,
    decoding: values ? decoding : undefined,
  });
}

/**
 * The members of a layer that equal their defaults, which are omitted ([digest-4]).
 *
 * @param {Layer} layer
 * @param {Layer | undefined} before
 */
function defaultsOf({ direction, inputs = [], output }, before) {
  /** @type {Record<string, undefined>} */
  const omitted = {};
  if (output === "sequence") omitted.output = undefined;
  if (direction === "forward") omitted.direction = undefined;
  const [source, ...others] = inputs;
  if (others.length === 0 && source === (before?.name ?? "input")) omitted.inputs = undefined;
  return omitted;
}

/**
 * @param {Model} model
 * @param {ReadonlyMap<string, string>} parameters
 * @param {boolean} values
 */
function canonicalParameters(model, parameters, values) {
  const entries = [...parameters].map(([role, name]) => {
    const tensor = model.tensor(name);
    return /** @type {const} */ ([
      role,
      values ? [tensor.shape, valuesDigest(tensor)] : tensor.shape,
    ]);
  });
  return new Map(entries);
}

/**
 * SHA-256 of the values after T, as little-endian float32 ([digest-3]).
 *
 * @param {Tensor} tensor
 */
function valuesDigest(tensor) {
  return sha256(storedBytes("float32", tinyAll(tensor.toFloat32Array())));
}

/** The members that are float 32, and what is done to them first ([digest-2]). @type {ReadonlyMap<string, (x: number) => number>} */
const FLOATS = new Map([
  ["sample_rate", fround],
  ["temperature", fround],
  ["top_p", fround],
  ["alpha", (x) => tiny(fround(x))],
  ["beta", (x) => tiny(fround(x))],
  ["epsilon", fround],
  ["clip", fround],
  ["cell_clip", fround],
  ["projection_clip", fround],
]);

/**
 * A value with its keys in the order of their bytes, which for ASCII is that of their characters. Members that
 * are undefined are left out, and so are extensions.
 *
 * @param {any} value
 * @returns {unknown}
 */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value instanceof Uint8Array) return value;
  /** @type {[string, unknown][]} */
  const entries = [];
  if (value instanceof Map) {
    for (const [key, member] of value) entries.push([key, sorted(member)]); // the keys are the user's
  } else {
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined || name === "extensions") continue;
      const key = keyOf(name);
      const round = FLOATS.get(key);
      entries.push([key, round ? new Float32(round(member)) : sorted(member)]);
    }
  }
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
