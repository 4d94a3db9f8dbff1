/**
 * Issues in words: the texts of the codes, filled with an issue's place and arguments.
 *
 * @import { Issue, Part } from "../issue.js"
 */

import { TEXTS } from "../codes/texts.js";
import { shortPlace } from "../issue.js";

/**
 * @param {Issue} issue
 * @param {Part} part
 * @returns {string}
 */
export function inWords(issue, part) {
  if (part === "where") return where(issue);
  if (part !== "message") return filled(issue, TEXTS[issue.code][part]);
  return `${issue.code} ${issue.where}: ${issue.what}; ${issue.expected}. ${issue.fix}`;
}

/** @param {Issue} issue */
function where({ place, stage }) {
  if (typeof place === "number") return `at byte ${place}`;
  if (stage === "run") return `in the argument ${place}`;
  return place === "" ? "at the top level" : `at ${shortPlace(place)}`;
}

/**
 * @param {Issue} issue
 * @param {string} template
 */
function filled(issue, template) {
  return template.replace(/\{\{|\}\}|\{([a-z]+)\}/g, (found, name) => {
    if (name === undefined) return found.charAt(0);
    const value = issue.arguments[name];
    if (value === undefined) throw new TypeError(`${issue.code} needs the argument ${name}`);
    return String(value);
  });
}
