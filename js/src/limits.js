/** The limits of SPEC 16: how much a reader takes on before it refuses. */

import { RUN_OPTION } from "./codes.js";
import { failure, quote, quoteAll } from "./issue.js";

/**
 * @typedef {object} Limits
 * @property {number} size bytes of the input
 * @property {number} depth levels of objects and lists; 256 at most, as reading goes so deep into the stack
 * @property {number} string bytes of UTF-8 in one string or key
 * @property {number} number characters of one JSON number
 * @property {number} members members of one object
 * @property {number} values values outside tensor data
 * @property {number} layers layers
 * @property {number} elements elements of one tensor
 */

/** The deepest that `depth` can be. */
const DEEPEST = 256;

/** @type {Readonly<Limits>} */
export const DEFAULT_LIMITS = Object.freeze({
  size: 268_435_456,
  depth: 32,
  string: 65_536,
  number: 64,
  members: 4_096,
  values: 1_000_000,
  layers: 256,
  elements: 134_217_728,
});

/**
 * The default limits, with some of them replaced.
 *
 * @param {Readonly<Partial<Limits>>} [replaced] name → integer, 0 or more
 * @returns {Readonly<Limits>}
 * @throws {import("./issue.js").RnnspecError} RUN_OPTION for another name or value
 */
export function limitsWith(replaced = {}) {
  for (const [name, value] of Object.entries(replaced)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) {
      throw wrongOption("limits", quoteAll(Object.keys(DEFAULT_LIMITS)), name);
    }
    checkInteger(`limits.${name}`, value, 0, name === "depth" ? DEEPEST : Number.MAX_SAFE_INTEGER);
  }
  return Object.freeze({ ...DEFAULT_LIMITS, ...replaced });
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {number} least
 * @param {number} most
 * @throws {import("./issue.js").RnnspecError} RUN_OPTION unless it is an integer from least to most
 */
export function checkInteger(name, value, least, most) {
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return;
  throw wrongOption(name, `an integer, ${least} to ${most}`, value);
}

/**
 * The error for an option of a call.
 *
 * @param {string} name
 * @param {string} expected
 * @param {unknown} got
 */
export function wrongOption(name, expected, got) {
  return failure(RUN_OPTION, name, { name, expected, got: quote(got) });
}
