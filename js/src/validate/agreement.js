/**
 * The stage agreement (SPEC 10): do the parts fit each other? It works on a document whose structure
 * is sound. What is not known because of another finding is undefined or null, and not judged.
 *
 * @import { Report } from "../issue.js"
 * @import { Node } from "../model.js"
 */

import {
  DECODING_OUTPUT,
  ID_RANGE,
  LABELS_COUNT,
  NAME_REPEATED,
  NAME_RESERVED,
  OUTPUT_KIND,
  VOCABULARY_EMPTY,
  VOCABULARY_REPEATED,
  VOCABULARY_SIZE,
  VOCABULARY_UNKNOWN,
  VOCABULARY_UNUSED,
} from "../codes.js";
import { graphOf } from "../graph.js";
import { quote, quoteAll } from "../issue.js";
import { doubled, LAYOUTS, shapeOf, VECTOR_FUNCTIONS } from "../layout.js";
import { checkExample } from "./examples.js";
import { child } from "./findings.js";
import { TensorReferences } from "./references.js";

/**
 * An object of the document: its structure is sound, so its members have the types of the tables.
 *
 * @typedef {Map<string, any>} Members
 */

const SPECIAL_IDS = ["unknown", "start", "end", "padding"];

/**
 * Checks a document.
 *
 * @param {Report} report
 * @param {Members} document
 * @returns {{nodes: readonly Node[], values: Map<string, Float32Array>}} the graph, and the values of every
 *   sound tensor
 */
export function checkAgreement(report, document) {
  const references = new TensorReferences(report, document.get("tensors"));
  const vocabularies = vocabulariesOf(document);
  const input = document.get("input");
  const output = document.get("output");
  /** @type {Members[]} */
  const layers = document.get("layers");
  checkVocabularies(report, vocabularies, document);
  checkNames(report, layers);

  /** The number of tokens of a vocabulary. @type {(name: string) => number | null} */
  const sizeOf = (name) => vocabularies.get(name)?.get("tokens").length ?? null;
  const readsTokens = input.get("kind") === "tokens";
  const inputSize = readsTokens ? sizeOf(input.get("vocabulary")) : input.get("size");
  const nodes = graphOf(layers, readsTokens, inputSize, report);
  for (const [k, layer] of layers.entries()) {
    const roles = Object.keys(LAYOUTS[layer.get("type")].roles ?? {});
    for (const role of doubled(roles, layer)) {
      const tensor = layer.get("parameters").get(role);
      const at = `/layers/${k}/parameters/${role}`;
      if (tensor !== undefined) references.use(tensor, at, shapeOf(layer, role, nodes[k].I));
    }
  }

  const { width } = nodes[nodes.length - 1];
  const expected = VECTOR_FUNCTIONS[layers[layers.length - 1].get("function")];
  const kind = output.get("kind");
  const isVector = Object.values(VECTOR_FUNCTIONS).includes(kind);
  if (expected === undefined ? isVector : kind !== expected) {
    const values = { expected: expected ?? "logits or values", got: quote(kind) };
    report(OUTPUT_KIND, "/output/kind", values);
  }
  const tokens = sizeOf(output.get("vocabulary"));
  if (tokens !== null && width !== null && tokens !== width) {
    report(VOCABULARY_SIZE, "/output/vocabulary", { expected: width, got: tokens });
  }
  checkCount(report, output.get("labels"), width, "/output/labels");
  for (const member of ["names", "units"]) {
    checkCount(report, input.get(member), input.get("size"), `/input/${member}`);
  }
  const decoding = document.get("decoding");
  if (decoding && !output.has("vocabulary")) report(DECODING_OUTPUT, "/decoding");
  checkId(report, decoding?.get("blank"), tokens, "/decoding/blank");

  const net = {
    readsTokens,
    inputSize,
    output: nodes[nodes.length - 1],
    states: statesOf(layers, nodes),
  };
  for (const [k, example] of (document.get("examples") ?? []).entries()) {
    checkExample(report, example, net, references, `/examples/${k}`);
  }
  return { nodes, values: references.finish() };
}

/**
 * What examples need to know of the recurrent layers: the sizes of their arrays.
 *
 * @param {readonly Members[]} layers
 * @param {readonly Node[]} nodes
 * @returns {Map<string, Map<string, number | null>>} null where two layers have the name
 */
function statesOf(layers, nodes) {
  /** @type {Map<string, Map<string, number | null>>} */
  const states = new Map();
  for (const [k, { state }] of nodes.entries()) {
    const name = layers[k].get("name");
    if (state.size === 0) continue;
    const sizes = [...state].map(
      ([array, size]) => /** @type {const} */ ([array, states.has(name) ? null : size]),
    );
    states.set(name, new Map(sizes));
  }
  return states;
}

/**
 * [agree-2], [vocabulary-4].
 *
 * @param {Report} report
 * @param {ReadonlyMap<string, Members>} vocabularies
 * @param {Members} document
 */
function checkVocabularies(report, vocabularies, document) {
  const used = new Set();
  for (const part of ["input", "output"]) {
    const name = document.get(part).get("vocabulary");
    used.add(name);
    if (name === undefined || vocabularies.has(name)) continue;
    const values = { got: quote(name), expected: quoteAll(vocabularies.keys()) };
    report(VOCABULARY_UNKNOWN, `/${part}/vocabulary`, values);
  }
  for (const [name, vocabulary] of vocabularies) {
    const at = child("/vocabularies", name);
    if (!used.has(name)) report(VOCABULARY_UNUSED, at, { got: quote(name) });
    const V = vocabulary.get("tokens").length;
    for (const member of SPECIAL_IDS) {
      checkId(report, vocabulary.get(member), V, child(at, member));
    }
  }
}

/**
 * What is strange in vocabularies, and no error ([vocabulary-4]).
 *
 * @param {Report} report
 * @param {Members} document
 */
export function checkTokens(report, document) {
  for (const [name, vocabulary] of vocabulariesOf(document)) {
    const special = new Set(SPECIAL_IDS.map((member) => vocabulary.get(member)));
    const seen = new Set();
    for (const [id, token] of vocabulary.get("tokens").entries()) {
      if (special.has(id)) continue; // it has no text, whatever its token
      const at = `${child("/vocabularies", name)}/tokens/${id}`;
      if (token === "") report(VOCABULARY_EMPTY, at, { expected: "a text" });
      else if (seen.has(token)) report(VOCABULARY_REPEATED, at, { got: quote(token) });
      seen.add(token);
    }
  }
}

/**
 * [agree-1].
 *
 * @param {Report} report
 * @param {readonly Members[]} layers
 */
function checkNames(report, layers) {
  const seen = new Set();
  for (const [k, layer] of layers.entries()) {
    const name = layer.get("name");
    const values = { got: quote(name) };
    if (name === "input") report(NAME_RESERVED, `/layers/${k}/name`, values);
    if (seen.has(name)) report(NAME_REPEATED, `/layers/${k}/name`, values);
    seen.add(name);
  }
}

/**
 * @param {Report} report
 * @param {unknown[] | undefined} labels
 * @param {number | null} expected
 * @param {string} at
 * @returns {boolean} whether there are labels and they are as many as expected
 */
export function checkCount(report, labels, expected, at) {
  if (labels === undefined || expected === null) return false;
  if (labels.length === expected) return true;
  report(LABELS_COUNT, at, { expected, got: labels.length });
  return false;
}

/**
 * @param {Report} report
 * @param {number | undefined} id
 * @param {number | null} V the id must be below; null where it is not known
 * @param {string} at
 */
export function checkId(report, id, V, at) {
  if (id === undefined || V === null || id < V) return;
  report(ID_RANGE, at, { expected: V - 1, got: String(id) });
}

/**
 * @param {Members} document
 * @returns {ReadonlyMap<string, Members>}
 */
function vocabulariesOf(document) {
  return document.get("vocabularies") ?? new Map();
}
