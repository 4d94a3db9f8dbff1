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

/** [doc-5]. */
export const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/;

/** [extension-1]. */
export const EXTENSION_NAME = /^[A-Z][A-Z0-9]{0,31}_[A-Za-z0-9_.-]{1,95}$/;

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
  const got = typeof value === "number" ? String(value) : typeName(value);
  findings.add(STRUCTURE_TYPE, at, { expected, got });
}

/**
 * A check of the type, and then of what only a value of this type can have wrong.
 *
 * @template T
 * @param {string} type in the specification's words
 * @param {(findings: Findings, value: T, at: string) => void} [judge]
 * @returns {Check}
 */
export function ofType(type, judge) {
  const expected = `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`;
  return (findings, value, at) => {
    if (typeName(value) !== type) wrongType(findings, value, at, expected);
    else judge?.(findings, /** @type {T} */ (value), at);
  };
}

export const text = ofType("string");

/**
 * @param {RegExp} grammar
 * @param {string} expected the same in words
 * @returns {Check}
 */
export function named(grammar, expected) {
  return ofType("string", (findings, /** @type {string} */ value, at) => {
    if (!grammar.test(value)) findings.add(STRUCTURE_NAME, at, { expected, got: quote(value) });
  });
}

/** A name that is given, not one that refers to something ([doc-5]). */
export const name = named(NAME, "a letter, then up to 127 of A-Z a-z 0-9 _ . -");

/**
 * @param {readonly string[]} words
 * @returns {Check}
 */
export function oneOf(words) {
  const expected = quoteAll(words);
  return ofType("string", (findings, /** @type {string} */ value, at) => {
    if (!words.includes(value)) findings.add(STRUCTURE_ENUM, at, { expected, got: quote(value) });
  });
}

/**
 * @param {number} least
 * @param {number} most
 * @returns {Check}
 */
export function number(least, most) {
  return ofType("number", (findings, /** @type {number} */ value, at) => {
    if (value >= least && value <= most) return;
    findings.add(STRUCTURE_RANGE, at, { expected: range(least, most), got: String(value) });
  });
}

/**
 * @param {number} least
 * @param {number} [most]
 * @returns {Check}
 */
export function integer(least, most = Infinity) {
  const inRange = number(least, most);
  return (findings, value, at) => {
    if (Number.isInteger(value)) inRange(findings, value, at);
    else wrongType(findings, value, at, "an integer");
  };
}

/**
 * @param {number} least the lowest length
 * @param {number} most
 * @param {Check} element
 * @returns {Check}
 */
export function list(least, most, element) {
  return ofType("list", (findings, /** @type {unknown[]} */ value, at) => {
    if (value.length < least || value.length > most) {
      const expected = `${range(least, most)} elements`;
      findings.add(STRUCTURE_LENGTH, at, { expected, got: value.length });
    } else {
      for (let k = 0; k < value.length; k++) element(findings, value[k], child(at, k));
    }
  });
}

/**
 * An object with the members listed, and no others ([doc-2]).
 *
 * @param {Members} members
 * @returns {Check}
 */
export function object(members) {
  /** @type {Map<string, Check>} */
  const checks = new Map();
  /** @type {string[]} */
  const required = [];
  for (const [name, check] of Object.entries(members)) {
    const key = name.replace("?", "");
    checks.set(key, check);
    if (key === name) required.push(key);
  }
  return ofType("object", (findings, /** @type {Map<string, unknown>} */ value, at) => {
    for (const key of required) if (!value.has(key)) missing(findings, at, key);
    for (const [key, member] of value) {
      const check = checks.get(key);
      if (check === undefined) unknownKey(findings, at, key, checks.keys());
      else check(findings, member, child(at, key));
    }
  });
}

/**
 * An object of one of several kinds, told apart by one of its members ([doc-6]).
 *
 * @param {string} tag that member: `kind`, `type`, `unit`, `function`
 * @param {Iterable<readonly [string, Members | Check]>} kinds word → the other members, or the check of the
 *   whole object
 * @returns {Check}
 */
export function variant(tag, kinds) {
  /** @type {Map<unknown, Check>} */
  const checks = new Map();
  for (const [word, kind] of kinds) {
    checks.set(word, typeof kind === "function" ? kind : object({ [tag]: text, ...kind }));
  }
  const tagCheck = oneOf(/** @type {string[]} */ ([...checks.keys()]));
  return ofType("object", (findings, /** @type {Map<string, unknown>} */ value, at) => {
    const word = value.get(tag);
    const check = checks.get(word);
    if (check !== undefined) check(findings, value, at);
    else if (!value.has(tag)) missing(findings, at, tag);
    else tagCheck(findings, word, child(at, tag));
  });
}

/**
 * An object of any keys: name → value.
 *
 * @param {Check | null} keyCheck of the key, reported at the member
 * @param {Check} element
 * @returns {Check}
 */
export function table(keyCheck, element) {
  return ofType("object", (findings, /** @type {Map<string, unknown>} */ value, at) => {
    for (const [key, member] of value) {
      const memberAt = child(at, key);
      keyCheck?.(findings, key, memberAt);
      element(findings, member, memberAt);
    }
  });
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
 * @param {number} least
 * @param {number} most
 */
function range(least, most) {
  return most === Infinity ? `${least} or more` : `${least} to ${most}`;
}
