/**
 * Checks of single values ([doc-2] to [doc-6]): their types, words, ranges, lengths and members.
 *
 * @import { Code } from "../codes.js"
 * @import { Report } from "../issue.js"
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
 * @typedef {(report: Report, value: any, at: string) => void} Check
 */

/**
 * The members of an object. A `?` behind a name marks one that may be absent, a `!` one that can't stand there.
 *
 * @typedef {Readonly<Record<string, Check>>} Rules
 */

/** [doc-5]. */
export const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/;

export const NAME_WORDS = "a letter, then up to 127 of A-Z a-z 0-9 _ . -";

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
 * @param {Report} report
 * @param {unknown} value
 * @param {string} at
 * @param {string} expected
 */
export function wrongType(report, value, at, expected) {
  const got = typeof value === "number" ? String(value) : typeName(value);
  report(STRUCTURE_TYPE, at, { expected, got });
}

/**
 * A check of the type, and then of what only a value of this type can have wrong.
 *
 * @param {string} type in the specification's words
 * @param {Check} [judge]
 * @returns {Check}
 */
export function ofType(type, judge) {
  return (report, value, at) => {
    if (typeName(value) !== type) wrongType(report, value, at, type);
    else judge?.(report, value, at);
  };
}

export const text = ofType("string");

/**
 * A string of a certain form.
 *
 * @param {Code} code reported if it has another
 * @param {string} expected the form in words
 * @param {(value: string) => boolean} fits
 * @returns {Check}
 */
export function textOf(code, expected, fits) {
  return ofType("string", (report, value, at) => {
    if (!fits(value)) report(code, at, { expected, got: quote(value) });
  });
}

/**
 * @param {RegExp} grammar
 * @param {string} expected the same in words
 */
export function named(grammar, expected) {
  return textOf(STRUCTURE_NAME, expected, (value) => grammar.test(value));
}

/** A name that is given, not one that refers to something ([doc-5]). */
export const name = named(NAME, NAME_WORDS);

/** @param {readonly string[]} words */
export function oneOf(words) {
  return textOf(STRUCTURE_ENUM, quoteAll(words), (value) => words.includes(value));
}

/**
 * @param {number} least
 * @param {number} [most]
 * @param {boolean} [isWhole] whether fractions are refused
 * @returns {Check}
 */
export function number(least, most = Infinity, isWhole = false) {
  return (report, value, at) => {
    if (!(isWhole ? Number.isInteger(value) : typeof value === "number")) {
      wrongType(report, value, at, isWhole ? "integer" : "number");
    } else if (value < least || value > most) {
      report(STRUCTURE_RANGE, at, { expected: range(least, most), got: String(value) });
    }
  };
}

/**
 * @param {number} least
 * @param {number} [most]
 */
export function integer(least, most) {
  return number(least, most, true);
}

/**
 * @param {number} least the lowest length
 * @param {number} most
 * @param {Check} element
 */
export function list(least, most, element) {
  return ofType("list", (report, value, at) => {
    if (value.length < least || value.length > most) {
      const expected = `${range(least, most)} elements`;
      report(STRUCTURE_LENGTH, at, { expected, got: value.length });
    } else {
      for (let k = 0; k < value.length; k++) element(report, value[k], child(at, k));
    }
  });
}

/**
 * An object with the members listed, and no others ([doc-2]).
 *
 * @param {Rules | ((members: Map<string, any>) => Rules)} rules or what gives them for an object
 * @returns {Check}
 */
export function object(rules) {
  return ofType("object", (report, value, at) => {
    /** @type {Map<string, Check>} */
    const checks = new Map();
    for (const [key, check] of Object.entries(typeof rules === "function" ? rules(value) : rules)) {
      const name = key.replace(/[?!]$/, "");
      if (!key.endsWith("!")) checks.set(name, check);
      if (key === name && !value.has(name)) missing(report, at, name);
    }
    for (const [key, member] of value) {
      const check = checks.get(key);
      const memberAt = child(at, key);
      if (check !== undefined) check(report, member, memberAt);
      else {
        const expected = quoteAll(checks.keys());
        report(STRUCTURE_UNKNOWN_KEY, memberAt, { got: quote(key), expected });
      }
    }
  });
}

/**
 * How a member is marked that hangs on a word: free where the word is unknown ([doc-6]).
 *
 * @param {readonly string[]} words
 * @param {unknown} word the one given
 * @param {string} wanted
 * @param {string} [mark] with the wanted one: required unless given
 */
export function markWith(words, word, wanted, mark = "") {
  if (word === wanted) return mark;
  return words.includes(/** @type {string} */ (word)) ? "!" : "?";
}

/**
 * An object of one of several kinds, told apart by one of its members; with an unknown one nothing else is
 * judged ([doc-6]).
 *
 * @param {string} tag that member: `kind`, `type`, `unit`, `function`
 * @param {readonly string[]} words
 * @param {(word: string, members: Map<string, any>) => Rules | Check} rulesOf the other members, or the check of
 *   the whole object
 * @returns {Check}
 */
export function variant(tag, words, rulesOf) {
  const tagCheck = oneOf(words);
  return ofType("object", (report, value, at) => {
    const word = value.get(tag);
    if (words.includes(word)) {
      const rules = rulesOf(word, value);
      const check = typeof rules === "function" ? rules : object({ [tag]: text, ...rules });
      check(report, value, at);
    } else if (value.has(tag)) tagCheck(report, word, child(at, tag));
    else missing(report, at, tag);
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
  return ofType("object", (report, value, at) => {
    for (const [key, member] of value) {
      const memberAt = child(at, key);
      keyCheck?.(report, key, memberAt);
      element(report, member, memberAt);
    }
  });
}

/**
 * @param {Report} report
 * @param {string} at the object
 * @param {string} key
 */
function missing(report, at, key) {
  report(STRUCTURE_MISSING, child(at, key), { name: key, expected: `\`${key}\`` });
}

/**
 * @param {number} least
 * @param {number} most
 */
function range(least, most) {
  return most === Infinity ? `${least} or more` : `${least} to ${most}`;
}
