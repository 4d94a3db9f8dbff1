/**
 * Checks of single values ([doc-2] to [doc-6]): their types, words, ranges, lengths and members.
 *
 * @import { Findings } from "./findings.js"
 */

import {
  STRUCTURE_ENUM,
  STRUCTURE_LENGTH,
  STRUCTURE_MISSING,
  STRUCTURE_NAME,
  STRUCTURE_RANGE,
  STRUCTURE_TYPE,
  STRUCTURE_UNKNOWN_KEY,
} from "../codes.js";
import { quote, quoteAll } from "../issue.js";
import { Decimals } from "../json_reader/decimals.js";
import { Base64Text } from "../json_reader/text.js";
import { child } from "./findings.js";

/**
 * A check of one value, which stands at a JSON Pointer.
 *
 * @typedef {(findings: Findings, value: unknown, at: string) => void} Check
 */

/**
 * The members of an object. A `?` at the end of a name marks it optional.
 *
 * @typedef {Readonly<Record<string, Check>>} Members
 */

const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/;

/**
 * The type of a value, in the specification's words (SPEC 5).
 *
 * @param {unknown} value
 */
export function typeName(value) {
  if (value === null) return "null";
  if (value instanceof Map) return "object";
  if (Array.isArray(value) || value instanceof Decimals) return "list";
  if (value instanceof Base64Text) return "string";
  if (value instanceof Uint8Array) return "bytes";
  return typeof value;
}

/**
 * @param {Findings} findings
 * @param {unknown} value
 * @param {string} at
 * @param {string} expected
 */
export function wrongType(findings, value, at, expected) {
  findings.add(STRUCTURE_TYPE, at, { expected, got: typeName(value) });
}

/** @type {Check} */
export function text(findings, value, at) {
  if (typeof value !== "string") wrongType(findings, value, at, "a string");
}

/** A name that is given, not one that refers to something. @type {Check} */
export function name(findings, value, at) {
  if (typeof value !== "string") wrongType(findings, value, at, "a string");
  else if (!NAME.test(value)) findings.add(STRUCTURE_NAME, at, { got: quote(value) });
}

/**
 * @param {readonly string[]} words
 * @returns {Check}
 */
export function oneOf(words) {
  const expected = words.length === 1 ? quote(words[0]) : `one of ${quoteAll(words)}`;
  return (findings, value, at) => {
    if (typeof value !== "string") wrongType(findings, value, at, "a string");
    else if (!words.includes(value)) {
      findings.add(STRUCTURE_ENUM, at, { expected, got: quote(value) });
    }
  };
}

/**
 * @param {number} least
 * @param {number} most
 * @returns {Check}
 */
export function number(least, most) {
  return (findings, value, at) => {
    if (typeof value !== "number") wrongType(findings, value, at, "a number");
    else checkRange(findings, value, at, least, most);
  };
}

/**
 * @param {number} least
 * @param {number} [most]
 * @returns {Check}
 */
export function integer(least, most = Infinity) {
  return (findings, value, at) => {
    if (typeof value === "number" && !Number.isInteger(value)) {
      findings.add(STRUCTURE_TYPE, at, { expected: "an integer", got: String(value) });
    } else if (typeof value !== "number") wrongType(findings, value, at, "an integer");
    else checkRange(findings, value, at, least, most);
  };
}

/**
 * @param {number} least the lowest length
 * @param {number} most
 * @param {Check} element
 * @returns {Check}
 */
export function list(least, most, element) {
  return (findings, value, at) => {
    if (!Array.isArray(value)) {
      wrongType(findings, value, at, "a list");
    } else if (value.length < least || value.length > most) {
      const expected = `${range(least, most)} elements`;
      findings.add(STRUCTURE_LENGTH, at, { expected, got: value.length });
    } else {
      for (let k = 0; k < value.length; k++) element(findings, value[k], child(at, k));
    }
  };
}

/**
 * An object with the members listed, and no others ([doc-2]).
 *
 * @param {Members} members
 * @returns {Check}
 */
export function object(members) {
  const required = new Map();
  for (const key of Object.keys(members)) required.set(key.replace(/\?$/, ""), !key.endsWith("?"));
  const checks = new Map(
    Object.entries(members).map(([key, check]) => [key.replace(/\?$/, ""), check]),
  );
  return (findings, value, at) => {
    if (!(value instanceof Map)) {
      wrongType(findings, value, at, "an object");
      return;
    }
    for (const [key, isRequired] of required) {
      if (isRequired && !value.has(key)) missing(findings, at, key);
    }
    for (const [key, member] of value) {
      const check = checks.get(key);
      if (check === undefined) unknownKey(findings, at, key, checks.keys());
      else check(findings, member, child(at, key));
    }
  };
}

/**
 * An object of one of several kinds, told apart by one of its members ([doc-6]).
 *
 * @param {string} tag that member: `kind`, `type`, `unit`
 * @param {ReadonlyMap<string, Members>} kinds word → the other members
 * @returns {Check}
 */
export function variant(tag, kinds) {
  const tagCheck = oneOf([...kinds.keys()]);
  const checks = new Map(
    [...kinds].map(([word, members]) => [word, object({ [tag]: tagCheck, ...members })]),
  );
  return (findings, value, at) => {
    if (!(value instanceof Map)) {
      wrongType(findings, value, at, "an object");
      return;
    }
    const word = value.get(tag);
    const check = typeof word === "string" ? checks.get(word) : undefined;
    if (check !== undefined) check(findings, value, at);
    else if (!value.has(tag)) missing(findings, at, tag);
    else tagCheck(findings, word, child(at, tag));
  };
}

/**
 * An object of any keys: name → value.
 *
 * @param {Check | null} keyCheck of the key, reported at the member
 * @param {Check} element
 * @returns {Check}
 */
export function table(keyCheck, element) {
  return (findings, value, at) => {
    if (!(value instanceof Map)) {
      wrongType(findings, value, at, "an object");
      return;
    }
    for (const [key, member] of value) {
      const memberAt = child(at, key);
      keyCheck?.(findings, key, memberAt);
      element(findings, member, memberAt);
    }
  };
}

/**
 * @param {Findings} findings
 * @param {string} at the object
 * @param {string} key
 */
export function missing(findings, at, key) {
  findings.add(STRUCTURE_MISSING, child(at, key), { name: key, expected: `\`${key}\`` });
}

/**
 * @param {Findings} findings
 * @param {string} at the object
 * @param {string} key
 * @param {Iterable<string>} known
 */
export function unknownKey(findings, at, key, known) {
  const values = { got: quote(key), expected: quoteAll(known) };
  findings.add(STRUCTURE_UNKNOWN_KEY, child(at, key), values);
}

/**
 * @param {Findings} findings
 * @param {number} value
 * @param {string} at
 * @param {number} least
 * @param {number} most
 */
function checkRange(findings, value, at, least, most) {
  if (value >= least && value <= most) return;
  findings.add(STRUCTURE_RANGE, at, { expected: range(least, most), got: String(value) });
}

/**
 * @param {number} least
 * @param {number} most
 */
function range(least, most) {
  return most === Infinity ? `${least} or more` : `${least} to ${most}`;
}
