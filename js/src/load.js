/**
 * From bytes to a model.
 *
 * @import { Decoding, Example, ExampleState, Input, Layer } from "./model.js"
 * @import { Limits } from "./limits.js"
 */

import { RnnspecError } from "./issue.js";
import { layoutOf } from "./layout.js";
import { Model, Tensor, Vocabulary } from "./model.js";
import { examine } from "./validate.js";

/**
 * An object of the document, which is sound.
 *
 * @typedef {Map<string, any>} Members
 */

/**
 * Reads a model.
 *
 * @param {Uint8Array | ArrayBuffer} bytes JSON or msgpack; not kept
 * @param {Readonly<Partial<Limits>>} [limits] instead of the default ones (SPEC 16)
 * @returns {Model}
 * @throws {RnnspecError} with the errors of the first stage that has any; `validate` gives warnings too
 */
export function load(bytes, limits) {
  const { issues, read } = examine(bytes, limits);
  if (read === null) throw new RnnspecError(issues);
  const { document, values } = read;
  return new Model({
    rnnspec: document.get("rnnspec"),
    $schema: document.get("$schema"),
    name: document.get("name"),
    version: document.get("version"),
    description: document.get("description"),
    license: document.get("license"),
    metadata: document.get("metadata"),
    input: inputOf(document.get("input")),
    vocabularies: mapped(document.get("vocabularies"), vocabularyOf),
    layers: listed(document.get("layers"), layerOf),
    output: Object.freeze({
      kind: document.get("output").get("kind"),
      vocabulary: document.get("output").get("vocabulary"),
      labels: frozen(document.get("output").get("labels")),
    }),
    decoding: document.has("decoding") ? decodingOf(document.get("decoding")) : undefined,
    examples: document.has("examples") ? listed(document.get("examples"), exampleOf) : undefined,
    tensors: new Map([...values].map(([name, array]) => [name, tensorOf(document, name, array)])),
  });
}

/**
 * @param {Members} input
 * @returns {Input}
 */
function inputOf(input) {
  if (input.get("kind") === "tokens") {
    return Object.freeze({ kind: "tokens", vocabulary: input.get("vocabulary") });
  }
  return Object.freeze({
    kind: "features",
    size: input.get("size"),
    names: frozen(input.get("names")),
    units: frozen(input.get("units")),
    sampleRate: input.get("sample_rate"),
  });
}

/** @param {Members} vocabulary */
function vocabularyOf(vocabulary) {
  return new Vocabulary(vocabulary.get("unit"), vocabulary.get("tokens"), {
    unknown: vocabulary.get("unknown"),
    start: vocabulary.get("start"),
    end: vocabulary.get("end"),
    padding: vocabulary.get("padding"),
  });
}

/**
 * @param {Members} layer
 * @returns {Layer}
 */
function layerOf(layer) {
  const type = layer.get("type");
  /** @type {Map<string, string>} */
  const parameters = new Map();
  for (const role of layoutOf(type).roles.keys()) {
    const name = layer.get("parameters").get(role);
    if (name !== undefined) parameters.set(role, name);
  }
  return Object.freeze({
    name: layer.get("name"),
    type,
    size: layer.get("size"),
    hiddenSize: layer.get("hidden_size"),
    function: layer.get("function"),
    parameters,
  });
}

/**
 * @param {Members} decoding
 * @returns {Decoding}
 */
function decodingOf(decoding) {
  return Object.freeze({ mode: decoding.get("mode"), temperature: decoding.get("temperature") });
}

/**
 * @param {Members} example
 * @returns {Example}
 */
function exampleOf(example) {
  const input = example.get("input");
  const source = example.get("source");
  return Object.freeze({
    kind: example.get("kind"),
    source:
      source === undefined
        ? undefined
        : Object.freeze({ system: source.get("system"), version: source.get("version") }),
    tolerance: example.get("tolerance"),
    input: typeof input === "string" ? input : listed(input, frozen),
    lengths: frozen(example.get("lengths")),
    state: exampleStateOf(example.get("state")),
    output: example.get("output"),
    finalState: exampleStateOf(example.get("final_state")),
  });
}

/**
 * @param {Members | undefined} state
 * @returns {ExampleState | undefined}
 */
function exampleStateOf(state) {
  return mapped(state, (arrays) => new Map(arrays));
}

/**
 * @param {Members} document
 * @param {string} name
 * @param {Float32Array} values
 */
function tensorOf(document, name, values) {
  const tensor = document.get("tensors").get(name);
  return new Tensor(tensor.get("dtype"), tensor.get("shape"), values);
}

/**
 * @template R
 * @param {Members | undefined} members
 * @param {(member: any) => R} make
 * @returns {Map<string, R> | undefined}
 */
function mapped(members, make) {
  if (members === undefined) return undefined;
  return new Map([...members].map(([key, member]) => [key, make(member)]));
}

/**
 * @template R
 * @param {any[]} list
 * @param {(element: any) => R} make
 * @returns {readonly R[]}
 */
function listed(list, make) {
  return Object.freeze(list.map((element) => make(element)));
}

/**
 * @param {string[] | number[] | undefined} list
 * @returns {any}
 */
function frozen(list) {
  return list === undefined ? undefined : Object.freeze([...list]);
}
