/**
 * The stage structure (SPEC 5 to 9): is every object made of the members its table lists?
 *
 * @import { Report } from "../issue.js"
 * @import { Limits } from "../limits.js"
 * @import { Check, Rules } from "./checks.js"
 */

import { LIMIT_LAYERS, STRUCTURE_TOKEN } from "../codes.js";
import { quote } from "../issue.js";
import { LARGEST_SIZE, STATE_ARRAYS } from "../layout.js";
import {
  integer,
  list,
  markWith,
  name,
  number,
  object,
  oneOf,
  table,
  text,
  textOf,
  variant,
  wrongType,
} from "./checks.js";
import { extensionName, extensions, metadata } from "./free.js";
import { layer } from "./layers.js";
import { tensorTable } from "./tensors.js";

const MOST_TOKENS = 2_097_152;
const LARGEST_INTEGER = 2_147_483_647;

/**
 * Checks a document of a version that is read.
 *
 * @param {Report} report
 * @param {Map<string, unknown>} document
 * @param {Readonly<Limits>} limits
 */
export function checkStructure(report, document, limits) {
  const layers = list(1, Infinity, layer);
  object({
    ...TOP_LEVEL,
    layers: (found, value, at) => {
      if (!Array.isArray(value) || value.length <= limits.layers) layers(found, value, at);
      else found(LIMIT_LAYERS, at, { limit: limits.layers, got: value.length });
    },
    tensors: tensorTable(limits.elements),
  })(report, document, "");
}

/** Texts in any number. */
const texts = list(0, Infinity, text);
const id = integer(0);

// Section 5.2.

const input = variant("kind", ["tokens", "features"], (kind) =>
  kind === "tokens"
    ? { vocabulary: text }
    : {
        size: integer(1, LARGEST_SIZE),
        "names?": texts,
        "units?": texts,
        "sample_rate?": number(0.001, 1_000_000_000),
      },
);

// Section 7.

/** What a token is in each unit, and whether it is one ([vocabulary-1]). @type {Readonly<Record<string, [string, (token: any) => boolean]>>} */
const UNITS = {
  byte: [
    'an integer from 0 to 255, or ""',
    (token) => token === "" || (Number.isInteger(token) && token >= 0 && token <= 255),
  ],
  codepoint: [
    'one character, or ""',
    (token) => token.length <= ((token.codePointAt(0) ?? 0) > 0xffff ? 2 : 1),
  ],
  token: ["string", () => true],
};

/** @param {string} unit @returns {Check} */
function tokenOf(unit) {
  const [expected, fits] = UNITS[unit];
  return (report, value, at) => {
    const isNumber = typeof value === "number" && unit === "byte";
    if (typeof value !== "string" && !isNumber) wrongType(report, value, at, expected);
    else if (!fits(value)) report(STRUCTURE_TOKEN, at, { expected, got: quote(value) });
  };
}

const separator = textOf(STRUCTURE_TOKEN, "at least one character", (value) => value !== "");

const vocabulary = variant("unit", Object.keys(UNITS), (unit) => ({
  tokens: list(1, MOST_TOKENS, tokenOf(unit)),
  [unit === "token" ? "separator?" : "separator!"]: separator,
  "unknown?": id,
  "start?": id,
  "end?": id,
  "padding?": id,
  "extensions?": extensions,
}));

// Section 9.

const output = variant("kind", ["logits", "log_probabilities", "probabilities", "values"], () => ({
  "vocabulary?": text,
  "labels?": texts,
}));

const MODES = ["greedy", "sample", "ctc"];

/** Not a variant: without a sound `mode`, the other members are judged still, but not their presence. */
const decoding = object((members) => {
  const mode = members.get("mode");
  const whereSampled = (/** @type {string} */ mark) => markWith(MODES, mode, "sample", mark);
  return {
    mode: oneOf(MODES),
    [`temperature${whereSampled("")}`]: number(0.0078125, 128),
    [`top_k${whereSampled("?")}`]: integer(1, LARGEST_INTEGER),
    [`top_p${whereSampled("?")}`]: number(2 ** -20, 1),
    [`blank${markWith(MODES, mode, "ctc")}`]: id,
  };
});

const tokenRows = list(1, Infinity, list(1, Infinity, id));

/** @type {Check} */
function exampleInput(report, value, at) {
  if (typeof value === "string") return; // a tensor's name
  if (Array.isArray(value)) tokenRows(report, value, at);
  else wrongType(report, value, at, "list or string");
}

/** The arrays of a layer in a state: names of tensors. Only `h` is in all of them. */
export const stateArrays = object(
  Object.fromEntries(STATE_ARRAYS.map((array, k) => [k === 0 ? array : `${array}?`, text])),
);
const state = table(null, stateArrays);

/** @type {Rules} */
const exampleMembers = {
  input: exampleInput,
  "lengths?": list(0, Infinity, id),
  "state?": state,
  output: text,
  "final_state?": state,
};
const source = object({ system: text, version: text });

const example = variant("kind", ["exact", "reference"], (kind) =>
  kind === "exact" ? exampleMembers : { source, tolerance: number(0, 1), ...exampleMembers },
);

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
