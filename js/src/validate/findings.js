/**
 * Collects findings, and makes the JSON Pointers where they stand.
 *
 * @import { Report } from "../issue.js"
 */

import { Issue, MAX_ISSUES } from "../issue.js";

/** The findings of one stage. Errors come before warnings, so that none hides behind them. */
export class Findings {
  /** @type {Issue[]} */
  #errors = [];
  /** @type {Issue[]} */
  #warnings = [];

  /** Takes a finding. @type {Report} */
  report = (entry, place, values) => {
    const list = entry.severity === "error" ? this.#errors : this.#warnings;
    if (list.length < MAX_ISSUES) list.push(new Issue(entry, place, values));
  };

  /** Whether the reading ends here ([stage-1]). */
  get failed() {
    return this.#errors.length > 0;
  }

  /** At most MAX_ISSUES of them. */
  get issues() {
    return [...this.#errors, ...this.#warnings].slice(0, MAX_ISSUES);
  }
}

/**
 * The pointer of a member or an element.
 *
 * @param {string} at the pointer of the object or list
 * @param {string | number} key
 */
export function child(at, key) {
  return `${at}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
