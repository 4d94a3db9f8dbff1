/**
 * Findings: what is wrong, where, what was expected, what to do. The codes themselves stand in
 * `codes.js`; here they meet a place and arguments. In `issue/words.js` they become words.
 *
 * @import { Code } from "./codes.js"
 */

/** How many findings a reader reports at most ([stage-3]). */
export const MAX_ISSUES = 100;

/** What is the user's is cut to so many characters. */
const LONGEST_PLACE = 40;
const LONGEST_VALUE = 40;
const LONGEST_LIST = 32;

/** A part of an issue in words. @typedef {"what" | "where" | "expected" | "fix" | "message"} Part */

/**
 * Takes a finding: its place is a JSON Pointer, its values are those of `Issue`.
 *
 * @typedef {(entry: Code, place: string, values?: Readonly<Record<string, string | number>>) => void} Report
 */

/** Finds the words, where the entry brings them. @type {((issue: Issue, part: Part) => string) | null} */
let words = null;

/**
 * Gives issues their words. The entry `rnnspec` does; `rnnspec/run` goes without, for their weight.
 *
 * @param {(issue: Issue, part: Part) => string} find
 */
export function tellWith(find) {
  words = find;
}

/** One finding (SPEC 16). Only `code`, `stage` and `place` are stable; the words are not. */
export class Issue {
  /**
   * @param {Code} entry the code, from `codes.js`
   * @param {number | string} place a byte offset (stages bytes, syntax), a JSON Pointer (structure,
   *   agreement), or the name of an argument (run)
   * @param {Readonly<Record<string, string | number>>} [values] one for each placeholder of the texts;
   *   text of the user's goes through `quote` first
   */
  constructor(entry, place, values = {}) {
    this.code = entry.code;
    this.stage = entry.stage;
    this.severity = entry.severity;
    this.place = place;
    this.arguments = Object.freeze({ ...values });
    Object.freeze(this);
  }

  /** What is wrong. */
  get what() {
    return told(this, "what");
  }

  /** Where, in words. */
  get where() {
    return told(this, "where");
  }

  /** What was expected and, mostly, what was got. */
  get expected() {
    return told(this, "expected");
  }

  /** What to do about it. */
  get fix() {
    return told(this, "fix");
  }

  /** All four parts in one line. */
  get message() {
    return told(this, "message");
  }
}

/**
 * @param {Issue} issue
 * @param {Part} part
 */
function told(issue, part) {
  if (words !== null) return words(issue, part);
  const { arguments: values, code, place } = issue;
  const at = typeof place === "string" ? shortPlace(place) : place;
  return `${code} at ${at} ${JSON.stringify(values)} (in words: import "rnnspec")`;
}

/** What every function of this package throws about files, states and calls. */
export class RnnspecError extends Error {
  /** @param {readonly Issue[]} issues at least one; the first gives the error its code */
  constructor(issues) {
    const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
    super(`${issues[0]?.message}${more}`);
    this.name = "RnnspecError";
    /** @type {readonly Issue[]} */
    this.issues = Object.freeze([...issues]);
  }

  /** The code of the first issue. */
  get code() {
    return this.issues[0]?.code;
  }
}

/**
 * An error with one issue, to be thrown.
 *
 * @param {Code} entry
 * @param {number | string} place
 * @param {Readonly<Record<string, string | number>>} [values]
 */
export function failure(entry, place, values) {
  return new RnnspecError([new Issue(entry, place, values)]);
}

/**
 * A value of the user's, for a message: a text in quotes, cut, and with nothing in it that a terminal or an
 * editor would act upon.
 *
 * @param {unknown} value
 */
export function quote(value) {
  if (typeof value === "number") return String(value);
  if (value === undefined) return "nothing";
  const text = String(value);
  return `"${clip(escaped(text.slice(0, LONGEST_VALUE + 1)), LONGEST_VALUE)}"`;
}

/**
 * A JSON Pointer, for a message.
 *
 * @param {string} pointer
 */
export function shortPlace(pointer) {
  return clip(escaped(pointer), LONGEST_PLACE);
}

/**
 * A few of the user's names, for a message.
 *
 * @param {Iterable<string>} names
 */
export function quoteAll(names) {
  const all = [...names];
  let shown = "";
  for (const name of all) {
    const next = `${shown}${shown === "" ? "" : ", "}${quote(name)}`;
    if (shown !== "" && next.length > LONGEST_LIST) return `${shown}, … ${all.length} in all`;
    shown = next;
  }
  return shown || "none";
}

/** What a cut may leave at the end: the start of an escape, or of a surrogate pair. */
const HALVED = /\\(u\{[0-9a-f]*)?$|[\ud800-\udbff]$/;

/**
 * A part of a message, cut if it is too long. What the cut would halve goes whole.
 *
 * @param {string} text
 * @param {number} longest
 */
function clip(text, longest) {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest - 1).replace(HALVED, "")}…`;
}

// Control and format characters (bidi overrides, zero-width ones), separators, lone surrogates.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}"\\]/gu;

/** @param {string} text */
function escaped(text) {
  return text.replace(UNSAFE, (found) => {
    if (found === '"' || found === "\\") return `\\${found}`;
    const code = /** @type {number} */ (found.codePointAt(0));
    return `\\u{${code.toString(16)}}`;
  });
}
