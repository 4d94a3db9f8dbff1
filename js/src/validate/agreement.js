/**
 * The stage agreement (SPEC 10): do the parts fit each other? It works on a document whose structure
 * is sound. What is not known because of another finding is undefined or null, and not judged.
 *
 * @import { Findings } from "./findings.js"
 * @import { Payload } from "./tensors.js"
 */

import {
  DECODING_OUTPUT,
  ID_RANGE,
  LABELS_COUNT,
  LAYER_INPUT,
  NAME_REPEATED,
  NAME_RESERVED,
  OUTPUT_KIND,
  VOCABULARY_EMPTY,
  VOCABULARY_REPEATED,
  VOCABULARY_SIZE,
  VOCABULARY_UNKNOWN,
  VOCABULARY_UNUSED,
} from "../codes.js";
import { quote, quoteAll } from "../issue.js";
import { endsTime, layoutOf, VECTOR_FUNCTIONS } from "../layout.js";
import { checkExamples } from "./examples.js";
import { child } from "./findings.js";
import { TensorReferences } from "./references.js";

/**
 * An object of the document: its structure is sound, so its members have the types of the tables.
 *
 * @typedef {Map<string, any>} Members
 */

/**
 * What examples need to know of the net.
 *
 * @typedef {object} Net
 * @property {"tokens" | "features"} inputKind
 * @property {number | null} inputSize V or the number of features
 * @property {number | null} outputWidth
 * @property {boolean} outputHasTime
 * @property {Map<string, number | null>} recurrent layer → H; null where two layers have the name
 * @property {Map<string, readonly string[]>} states layer → the arrays of its state
 */

const SPECIAL_IDS = ["unknown", "start", "end", "padding"];

/**
 * Checks a document.
 *
 * @param {Findings} findings
 * @param {Members} document
 * @param {Map<string, Payload>} payloads the data of every tensor
 * @returns {Map<string, Float32Array>} the values of every sound tensor
 */
export function checkAgreement(findings, document, payloads) {
  const references = new TensorReferences(findings, document.get("tensors"));
  checkVocabularies(findings, document);
  checkNames(findings, document.get("layers"));
  const net = checkLayers(findings, document, references);
  checkOutput(findings, document, net.outputWidth);
  checkFeatures(findings, document.get("input"));
  checkExamples(findings, document.get("examples") ?? [], net, references);
  return references.finish(payloads);
}

/**
 * [agree-2], [vocabulary-4].
 *
 * @param {Findings} findings
 * @param {Members} document
 */
function checkVocabularies(findings, document) {
  const vocabularies = vocabulariesOf(document);
  const used = new Set();
  for (const part of ["input", "output"]) {
    const name = document.get(part).get("vocabulary");
    used.add(name);
    if (name === undefined || vocabularies.has(name)) continue;
    const values = { got: quote(name), expected: quoteAll(vocabularies.keys()) };
    findings.add(VOCABULARY_UNKNOWN, `/${part}/vocabulary`, values);
  }
  for (const [name, vocabulary] of vocabularies) {
    const at = child("/vocabularies", name);
    if (!used.has(name)) findings.add(VOCABULARY_UNUSED, at, { got: quote(name) });
    checkVocabulary(findings, vocabulary, at);
  }
}

/**
 * @param {Findings} findings
 * @param {Members} vocabulary
 * @param {string} at
 */
function checkVocabulary(findings, vocabulary, at) {
  /** @type {(string | number)[]} */
  const tokens = vocabulary.get("tokens");
  const special = new Set();
  for (const member of SPECIAL_IDS) {
    const id = vocabulary.get(member);
    if (id === undefined) continue;
    special.add(id);
    if (id >= tokens.length) {
      const values = { expected: tokens.length - 1, got: String(id) };
      findings.add(ID_RANGE, child(at, member), values);
    }
  }
  const seen = new Set();
  for (const [id, token] of tokens.entries()) {
    if (special.has(id)) continue; // it has no text, whatever its token
    const tokenAt = `${at}/tokens/${id}`;
    if (token === "") findings.add(VOCABULARY_EMPTY, tokenAt, { expected: "a text" });
    else if (seen.has(token)) findings.add(VOCABULARY_REPEATED, tokenAt, { got: quote(token) });
    seen.add(token);
  }
}

/**
 * [agree-1].
 *
 * @param {Findings} findings
 * @param {Members[]} layers
 */
function checkNames(findings, layers) {
  const seen = new Set();
  for (const [k, layer] of layers.entries()) {
    const name = layer.get("name");
    const values = { got: quote(name) };
    if (name === "input") findings.add(NAME_RESERVED, `/layers/${k}/name`, values);
    if (seen.has(name)) findings.add(NAME_REPEATED, `/layers/${k}/name`, values);
    seen.add(name);
  }
}

/**
 * [agree-3], and [agree-4] and [agree-5] for parameters.
 *
 * @param {Findings} findings
 * @param {Members} document
 * @param {TensorReferences} references
 * @returns {Net}
 */
function checkLayers(findings, document, references) {
  const input = document.get("input");
  const inputKind = input.get("kind");
  const inputSize =
    inputKind === "tokens" ? vocabularySize(document, input.get("vocabulary")) : input.get("size");
  /** @type {Net["recurrent"]} */
  const recurrent = new Map();
  /** @type {Net["states"]} */
  const states = new Map();
  /** @type {number | null} */
  let width = inputSize;
  let hasTime = true;
  for (const [k, layer] of document.get("layers").entries()) {
    const at = `/layers/${k}`;
    const type = layer.get("type");
    const layout = layoutOf(type);
    const wantsTokens = inputKind === "tokens" && k === 0;
    const misplaced = layout.readsTokens !== wantsTokens;
    if (misplaced || (!hasTime && !layout.worksWithoutTime)) {
      const numbers = hasTime ? "another layer" : "dense, affine or activation";
      const expected = wantsTokens ? "embedding or one_hot" : numbers;
      findings.add(LAYER_INPUT, `${at}/type`, { got: type, expected });
      width = null;
    }
    if (endsTime(type, layer.get("output"))) hasTime = false;
    const size = layout.sizeMember === null ? 0 : layer.get(layout.sizeMember);
    for (const [role, shape] of layout.roles) {
      const name = layer.get("parameters").get(role);
      if (name !== undefined) references.use(name, `${at}/parameters/${role}`, shape(width, size));
    }
    if (layout.sizeMember !== null) width = size;
    if (layout.state.length > 0) {
      const name = layer.get("name");
      recurrent.set(name, recurrent.has(name) ? null : size);
      states.set(name, layout.state);
    }
  }
  return { inputKind, inputSize, outputWidth: width, outputHasTime: hasTime, recurrent, states };
}

/**
 * [agree-7] for the output, and [agree-8].
 *
 * @param {Findings} findings
 * @param {Members} document
 * @param {number | null} width
 */
function checkOutput(findings, document, width) {
  const output = document.get("output");
  const last = document.get("layers").at(-1);
  const expected = VECTOR_FUNCTIONS.get(last.get("function"));
  const kind = output.get("kind");
  if (expected === undefined ? [...VECTOR_FUNCTIONS.values()].includes(kind) : kind !== expected) {
    const values = { expected: expected ?? "logits or values", got: quote(kind) };
    findings.add(OUTPUT_KIND, "/output/kind", values);
  }
  const name = output.get("vocabulary");
  const tokens = vocabularySize(document, name);
  if (tokens !== null && width !== null && tokens !== width) {
    findings.add(VOCABULARY_SIZE, "/output/vocabulary", { expected: width, got: tokens });
  }
  checkCount(findings, output.get("labels"), width, "/output/labels");
  if (name === undefined && document.has("decoding")) findings.add(DECODING_OUTPUT, "/decoding");
}

/**
 * [agree-7] for the input.
 *
 * @param {Findings} findings
 * @param {Members} input
 */
function checkFeatures(findings, input) {
  for (const member of ["names", "units"]) {
    checkCount(findings, input.get(member), input.get("size"), `/input/${member}`);
  }
}

/**
 * @param {Findings} findings
 * @param {unknown[] | undefined} labels
 * @param {number | null} expected
 * @param {string} at
 */
export function checkCount(findings, labels, expected, at) {
  if (labels === undefined || expected === null || labels.length === expected) return;
  findings.add(LABELS_COUNT, at, { expected, got: labels.length });
}

/**
 * @param {Members} document
 * @param {string | undefined} name
 * @returns {number | null}
 */
function vocabularySize(document, name) {
  if (name === undefined) return null;
  return vocabulariesOf(document).get(name)?.get("tokens").length ?? null;
}

/**
 * @param {Members} document
 * @returns {Map<string, Members>}
 */
function vocabulariesOf(document) {
  return document.get("vocabularies") ?? new Map();
}
