/**
 * The two digests of a model (SPEC 11): SHA-256 over a canonical form in msgpack.
 *
 * @import { Layer, Model, Tensor } from "./model.js"
 */

import { sha256 } from "./digest/sha256.js";
import { ByteWriter, Float32, packValue } from "./digest/writer.js";
import { narrow, tinyAll } from "./tensor.js";

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
  const features = input.kind === "features";
  const rate = features ? input.sampleRate : undefined;
  return sorted({
    input: sorted({
      kind: input.kind,
      vocabulary: features ? undefined : input.vocabulary,
      size: features ? input.size : undefined,
      names: features ? input.names : undefined,
      units: features ? input.units : undefined,
      sample_rate: rate === undefined ? undefined : new Float32(rate),
    }),
    layers: model.layers.map((layer) =>
      sorted({
        name: layer.name,
        type: layer.type,
        size: layer.size,
        hidden_size: layer.hiddenSize,
        function: layer.function,
        parameters: canonicalParameters(model, layer, values),
      }),
    ),
    output: sorted({ kind: output.kind, vocabulary: output.vocabulary, labels: output.labels }),
    vocabularies: canonicalVocabularies(vocabularies),
    decoding: values && decoding !== undefined ? canonicalDecoding(decoding) : undefined,
  });
}

/**
 * @param {Model} model
 * @param {Layer} layer
 * @param {boolean} values
 */
function canonicalParameters(model, { parameters }, values) {
  if (parameters.size === 0) return undefined; // a layer of this type has no such member
  const entries = [...parameters].map(([role, name]) => {
    const tensor = model.tensor(name);
    return [role, values ? [tensor.shape, valuesDigest(tensor)] : tensor.shape];
  });
  return sorted(Object.fromEntries(entries));
}

/**
 * SHA-256 of the values after T, as little-endian float32 ([digest-3]).
 *
 * @param {Tensor} tensor
 */
function valuesDigest(tensor) {
  return sha256(narrow("float32", tinyAll(tensor.toFloat32Array())));
}

/** @param {Model["vocabularies"]} vocabularies */
function canonicalVocabularies(vocabularies) {
  if (vocabularies === undefined || vocabularies.size === 0) return undefined;
  const entries = [...vocabularies].map(([name, { unit, tokens, ...special }]) => {
    return [name, sorted({ unit, tokens, ...special })];
  });
  return sorted(Object.fromEntries(entries));
}

/** @param {NonNullable<Model["decoding"]>} decoding */
function canonicalDecoding({ mode, temperature }) {
  return sorted({
    mode,
    temperature: temperature === undefined ? undefined : new Float32(temperature),
  });
}

/**
 * A map with its keys in the order of their bytes, which for ASCII is that of their characters.
 * Members that are undefined are left out.
 *
 * @param {Record<string, unknown>} members
 * @returns {Map<string, unknown>}
 */
function sorted(members) {
  const entries = Object.entries(members).filter(([, member]) => member !== undefined);
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
