/**
 * Findings: what is wrong, where, what was expected, what to do. The codes themselves stand in
 * `codes.js`; here they meet a place and arguments, and become words.
 *
 * @import { Code } from "./codes.js"
 */

/** How many findings a reader reports at most ([stage-3]). */
export const MAX_ISSUES = 100;

const LONGEST_QUOTE = 40;
const MOST_QUOTED = 16;

/** One finding (SPEC 16). Only `code`, `stage` and `place` are stable; the words are not. */
export class Issue {
  /** @type {Code} */
  #entry;

  /**
   * @param {Code} entry the code, from `codes.js`
   * @param {number | string} place a byte offset (stages bytes, syntax), a JSON Pointer (structure,
   *   agreement), or the name of an argument (run)
   * @param {Readonly<Record<string, string | number>>} [values] one for each placeholder of the texts;
   *   text of the user's goes through `quote` first
   */
  constructor(entry, place, values = {}) {
    this.#entry = entry;
    this.code = entry.code;
    this.stage = entry.stage;
    this.severity = entry.severity;
    this.place = place;
    this.arguments = Object.freeze({ ...values });
    Object.freeze(this);
  }

  /** What is wrong. */
  get what() {
    return this.#render(this.#entry.what);
  }

  /** Where, in words. */
  get where() {
    if (typeof this.place === "number") return `at byte ${this.place}`;
    if (this.stage === "run") return `in the argument ${this.place}`;
    return this.place === "" ? "at the top level" : `at ${escaped(this.place)}`;
  }

  /** What was expected and, mostly, what was got. */
  get expected() {
    return this.#render(this.#entry.expected);
  }

  /** What to do about it. */
  get fix() {
    return this.#render(this.#entry.fix);
  }

  /** All four parts in one line. */
  get message() {
    return `${this.code} ${this.where}: ${this.what}; ${this.expected}. ${this.fix}`;
  }

  /** @param {string} template */
  #render(template) {
    return template.replace(/\{\{|\}\}|\{([a-z]+)\}/g, (found, name) => {
      if (name === undefined) return found.charAt(0);
      const value = this.arguments[name];
      if (value === undefined) throw new TypeError(`${this.code} needs the argument ${name}`);
      return String(value);
    });
  }
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
 * Text of the user's, for a message: in quotes, cut, and with nothing in it that a terminal or an
 * editor would act upon.
 *
 * @param {string} text
 */
export function quote(text) {
  const cut = text.length > LONGEST_QUOTE;
  return `"${escaped(cut ? text.slice(0, LONGEST_QUOTE) : text)}${cut ? "…" : ""}"`;
}

/**
 * A few of the user's names, for a message.
 *
 * @param {Iterable<string>} names
 */
export function quoteAll(names) {
  const all = [...names];
  const shown = all.slice(0, MOST_QUOTED).map(quote).join(", ");
  if (all.length === 0) return "none";
  return all.length > MOST_QUOTED ? `${shown}, … (${all.length} in all)` : shown;
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
