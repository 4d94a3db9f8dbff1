/**
 * The stage structure (SPEC 5 to 9): is every object made of the members its table lists?
 *
 * @import { Limits } from "../limits.js"
 * @import { Check, Members } from "./checks.js"
 * @import { Payload } from "./tensors.js"
 */

import {
  LIMIT_LAYERS,
  STRUCTURE_TOKEN,
  VERSION_MALFORMED,
  VERSION_MISSING,
  VERSION_UNSUPPORTED,
} from "../codes.js";
import { quote } from "../issue.js";
import { LAYOUTS } from "../layout.js";
import {
  integer,
  list,
  name,
  number,
  object,
  oneOf,
  table,
  text,
  typeName,
  variant,
  wrongType,
} from "./checks.js";
import { child, Findings } from "./findings.js";
import { checkTensor } from "./tensors.js";

/** The versions that this reader reads. */
export const VERSIONS = Object.freeze(["1.0-draft.1"]);

const PART = "(?:0|[1-9][0-9]{0,8})";
const VERSION = new RegExp(`^${PART}\\.${PART}(?:-draft\\.${PART})?$`);

const LARGEST_SIZE = 65_536;
const MOST_TOKENS = 2_097_152;

/**
 * Checks a document.
 *
 * @param {Map<string, unknown>} document
 * @param {Readonly<Limits>} limits
 * @returns {{findings: Findings, payloads: Map<string, Payload>}} and the data of each sound tensor
 */
export function checkStructure(document, limits) {
  const findings = new Findings();
  /** @type {Map<string, Payload>} */
  const payloads = new Map();
  if (checkVersion(findings, document)) {
    /** @type {Check} */
    const layers = (found, value, at) => checkLayers(found, value, at, limits.layers);
    /** @type {Check} */
    const tensor = (found, value, at) => {
      const payload = checkTensor(found, value, at, limits.elements);
      // A pointer is the name itself here: a name that needs escapes is a finding.
      if (payload !== null) payloads.set(at.slice("/tensors/".length), payload);
    };
    const tensors = table(name, tensor);
    object({ ...TOP_LEVEL, layers, tensors })(findings, document, "");
  }
  return { findings, payloads };
}

/**
 * [version-1], [version-2].
 *
 * @param {Findings} findings
 * @param {Map<string, unknown>} document
 */
function checkVersion(findings, document) {
  const version = document.get("rnnspec");
  const expected = VERSIONS.join(", ");
  if (!document.has("rnnspec")) {
    findings.add(VERSION_MISSING, "", { expected });
  } else if (typeof version !== "string" || !VERSION.test(version)) {
    const got = typeof version === "string" ? quote(version) : typeName(version);
    findings.add(VERSION_MALFORMED, "/rnnspec", { expected, got });
  } else if (!VERSIONS.includes(version)) {
    findings.add(VERSION_UNSUPPORTED, "/rnnspec", { expected, got: version });
  }
  return !findings.failed;
}

// Section 5.2.

const input = variant(
  "kind",
  new Map(
    /** @type {[string, Members][]} */ ([
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
    ]),
  ),
);

// Section 7.

/** @type {Check} */
function token(findings, value, at) {
  if (typeof value !== "string") wrongType(findings, value, at, "a string");
  else if (value.length > scalarLength(value)) {
    const expected = "one character or the empty string";
    findings.add(STRUCTURE_TOKEN, at, { expected, got: quote(value) });
  }
}

/**
 * How many UTF-16 units the first scalar value takes.
 *
 * @param {string} value
 */
function scalarLength(value) {
  return (value.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
}

const vocabulary = variant(
  "unit",
  new Map([
    [
      "codepoint",
      {
        tokens: list(1, MOST_TOKENS, token),
        "unknown?": integer(0),
        "start?": integer(0),
        "end?": integer(0),
        "padding?": integer(0),
      },
    ],
  ]),
);

// Section 8.

const layer = variant(
  "type",
  new Map([...LAYOUTS].map(([type, layout]) => [type, layerMembers(layout)])),
);

/**
 * @param {import("../layout.js").Layout} layout
 * @returns {Members}
 */
function layerMembers(layout) {
  /** @type {Record<string, Check>} */
  const members = { name };
  if (layout.sizeMember !== null) members[layout.sizeMember] = integer(1, LARGEST_SIZE);
  if (layout.functions.length > 0) members.function = oneOf(layout.functions);
  if (layout.roles.size > 0) {
    const roles = [...layout.roles].map(([key, role]) => [role.required ? key : `${key}?`, text]);
    members.parameters = object(Object.fromEntries(roles));
  }
  return members;
}

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

const KINDS = ["logits", "log_probabilities", "probabilities", "values"];

const output = variant(
  "kind",
  new Map(KINDS.map((kind) => [kind, { "vocabulary?": text, "labels?": list(0, Infinity, text) }])),
);

const decodingMembers = {
  mode: oneOf(["greedy", "sample"]),
  "temperature?": number(0.0078125, 128),
};
const greedyMembers = { mode: decodingMembers.mode };
const sampleMembers = { ...greedyMembers, temperature: number(0.0078125, 128) };

/** Not a variant: without a sound `mode`, `temperature` is judged still, but not its presence. @type {Check} */
function decoding(findings, value, at) {
  const mode = value instanceof Map ? value.get("mode") : undefined;
  if (mode === "greedy") object(greedyMembers)(findings, value, at);
  else if (mode === "sample") object(sampleMembers)(findings, value, at);
  else object(decodingMembers)(findings, value, at);
}

/** @type {Check} */
function exampleInput(findings, value, at) {
  if (typeof value === "string") return; // a tensor's name
  if (!Array.isArray(value)) wrongType(findings, value, at, "a list or a string");
  else list(1, Infinity, list(1, Infinity, integer(0)))(findings, value, at);
}

const state = table(null, object({ h: text, "c?": text }));

const exampleMembers = {
  input: exampleInput,
  "lengths?": list(0, Infinity, integer(0)),
  "state?": state,
  output: text,
  "final_state?": state,
};
const referenceMembers = {
  source: object({ system: text, version: text }),
  tolerance: number(0, 1),
};

const example = variant(
  "kind",
  new Map(
    /** @type {[string, Members][]} */ ([
      ["exact", exampleMembers],
      ["reference", { ...referenceMembers, ...exampleMembers }],
    ]),
  ),
);

// Section 5.

/** Anything but bytes ([doc-3]), at whatever depth. @type {Check} */
function metadata(findings, value, at) {
  if (!(value instanceof Map)) {
    wrongType(findings, value, at, "an object");
    return;
  }
  // Keys are kept on a stack, and pointers made for findings alone: there may be a million values.
  const open = [{ entries: entriesOf(value), key: /** @type {string | number} */ ("") }];
  while (open.length > 0) {
    const inner = open[open.length - 1];
    const next = inner.entries.next();
    if (next.done) {
      open.pop();
      continue;
    }
    const [key, member] = next.value;
    inner.key = key;
    if (member instanceof Map || Array.isArray(member)) {
      open.push({ entries: entriesOf(member), key: "" });
    } else if (member instanceof Uint8Array) {
      const place = open.reduce((pointer, level) => child(pointer, level.key), at);
      wrongType(findings, member, place, "no bytes");
    }
  }
}

/**
 * @param {Map<string, unknown> | unknown[]} container
 * @returns {Iterator<[string | number, unknown]>}
 */
function entriesOf(container) {
  return container.entries();
}

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
};
