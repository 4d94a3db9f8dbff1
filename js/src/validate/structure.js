/**
 * The stage structure (SPEC 5 to 9): is every object made of the members its table lists?
 *
 * @import { Limits } from "../limits.js"
 * @import { Check, Members } from "./checks.js"
 * @import { Findings } from "./findings.js"
 * @import { Payload } from "./tensors.js"
 */

import { LIMIT_LAYERS, STRUCTURE_TOKEN } from "../codes.js";
import { quote } from "../issue.js";
import {
  integer,
  list,
  name,
  number,
  object,
  oneOf,
  table,
  text,
  variant,
  wrongType,
} from "./checks.js";
import { extensionName, extensions, metadata } from "./free.js";
import { LARGEST_SIZE, layer } from "./layers.js";
import { tensorTable } from "./tensors.js";
import { checkRequired, checkVersion } from "./version.js";

const MOST_TOKENS = 2_097_152;
const LARGEST_INTEGER = 2_147_483_647;

/**
 * Checks a document.
 *
 * @param {Findings} findings
 * @param {Map<string, unknown>} document
 * @param {Readonly<Limits>} limits
 * @param {boolean} tryAnyway
 * @returns {Map<string, Payload>} the data of each sound tensor
 */
export function checkStructure(findings, document, limits, tryAnyway) {
  /** @type {Map<string, Payload>} */
  const payloads = new Map();
  if (checkVersion(findings, document, tryAnyway) && checkRequired(findings, document)) {
    /** @type {Check} */
    const layers = (found, value, at) => checkLayers(found, value, at, limits.layers);
    const tensors = tensorTable(limits.elements, payloads);
    object({ ...TOP_LEVEL, layers, tensors })(findings, document, "");
  }
  return payloads;
}

// Section 5.2.

const input = variant("kind", [
  ["tokens", { vocabulary: text }],
  [
    "features",
    {
      size: integer(1, LARGEST_SIZE),
      "names?": list(0, Infinity, text),
      "units?": list(0, Infinity, text),
      "sample_rate?": number(0.001, 1_000_000_000),
    },
  ],
]);

// Section 7.

/** The types and tokens of each unit ([vocabulary-1]). */
const UNITS = /** @type {const} */ ([
  ["byte", 'an integer from 0 to 255, or ""', isByteToken],
  ["codepoint", 'one character, or ""', isCodepointToken],
  ["token", "a string", () => true],
]);

/** @param {string | number} token */
function isByteToken(token) {
  if (typeof token === "string") return token === "";
  return Number.isInteger(token) && token >= 0 && token <= 255;
}

/** @param {string | number} token a string */
function isCodepointToken(token) {
  const text = String(token);
  return text.length <= ((text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1);
}

/**
 * @param {boolean} takesNumbers
 * @param {string} expected
 * @param {(token: string | number) => boolean} fits
 * @returns {Check}
 */
function token(takesNumbers, expected, fits) {
  return (findings, value, at) => {
    const isNumber = typeof value === "number" && takesNumbers;
    if (typeof value !== "string" && !isNumber) wrongType(findings, value, at, expected);
    else if (!fits(value)) findings.add(STRUCTURE_TOKEN, at, { expected, got: quote(value) });
  };
}

const separator = token(false, "at least one character", (text) => text !== "");

const vocabulary = variant(
  "unit",
  UNITS.map(([unit, expected, fits]) => {
    /** @type {Record<string, Check>} */
    const members = { tokens: list(1, MOST_TOKENS, token(unit === "byte", expected, fits)) };
    if (unit === "token") members["separator?"] = separator;
    for (const special of ["unknown", "start", "end", "padding"]) {
      members[`${special}?`] = integer(0);
    }
    members["extensions?"] = extensions;
    return /** @type {const} */ ([unit, members]);
  }),
);

// Section 8.

/**
 * @param {Findings} findings
 * @param {unknown} value
 * @param {string} at
 * @param {number} limit
 */
function checkLayers(findings, value, at, limit) {
  if (Array.isArray(value) && value.length > limit) {
    findings.add(LIMIT_LAYERS, at, { limit, got: value.length });
  } else {
    list(1, Infinity, layer)(findings, value, at);
  }
}

// Section 9.

const output = variant(
  "kind",
  ["logits", "log_probabilities", "probabilities", "values"].map(
    (kind) =>
      /** @type {const} */ ([kind, { "vocabulary?": text, "labels?": list(0, Infinity, text) }]),
  ),
);

const temperature = number(0.0078125, 128);
const greedy = { mode: oneOf(["greedy", "sample"]) };
const topped = {
  ...greedy,
  "top_k?": integer(1, LARGEST_INTEGER),
  "top_p?": number(2 ** -20, 1),
};
const greedyDecoding = object(greedy);
const sampleDecoding = object({ ...topped, temperature });
const anyDecoding = object({ ...topped, "temperature?": temperature });

/** Not a variant: without a sound `mode`, the other members are judged still, but not their presence. @type {Check} */
function decoding(findings, value, at) {
  const mode = value instanceof Map ? value.get("mode") : undefined;
  if (mode === "greedy") greedyDecoding(findings, value, at);
  else if (mode === "sample") sampleDecoding(findings, value, at);
  else anyDecoding(findings, value, at);
}

/** @type {Check} */
function exampleInput(findings, value, at) {
  if (typeof value === "string") return; // a tensor's name
  if (!Array.isArray(value)) wrongType(findings, value, at, "a list or a string");
  else list(1, Infinity, list(1, Infinity, integer(0)))(findings, value, at);
}

/** The arrays of a layer in a state: names of tensors. */
export const stateArrays = object({ h: text, "c?": text });
const state = table(null, stateArrays);

/** @type {Members} */
const exampleMembers = {
  input: exampleInput,
  "lengths?": list(0, Infinity, integer(0)),
  "state?": state,
  output: text,
  "final_state?": state,
};
const source = object({ system: text, version: text });

const example = variant("kind", [
  ["exact", exampleMembers],
  ["reference", { source, tolerance: number(0, 1), ...exampleMembers }],
]);

// Section 5.

/** All but `layers` and `tensors`, which have limits. */
const TOP_LEVEL = {
  rnnspec: text,
  "$schema?": text,
  "name?": text,
  "version?": text,
  "description?": text,
  "license?": text,
  "metadata?": metadata,
  input,
  "vocabularies?": table(name, vocabulary),
  output,
  "decoding?": decoding,
  "examples?": list(0, Infinity, example),
  "extensions?": extensions,
  "extensions_required?": list(0, Infinity, extensionName),
};
