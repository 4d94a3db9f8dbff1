/**
 * What is judged before everything else of the structure: the version (SPEC 5.1), and the extensions
 * that a file can't do without (SPEC 5.3).
 *
 * @import { Report } from "../issue.js"
 */

import {
  EXTENSION_UNKNOWN,
  VERSION_MALFORMED,
  VERSION_MISSING,
  VERSION_TRIED,
  VERSION_UNSUPPORTED,
} from "../codes.js";
import { quote } from "../issue.js";
import { EXTENSION_NAME, typeName } from "./checks.js";

/** The versions that this reader reads; the first is the one that the writer writes. */
export const VERSIONS = Object.freeze(["1.0-draft.3"]);

const PART = "(?:0|[1-9][0-9]{0,8})";
const VERSION = new RegExp(`^${PART}\\.${PART}(?:-draft\\.${PART})?$`);

/**
 * [version-1], [version-2], [version-4].
 *
 * @param {Report} report
 * @param {Map<string, unknown>} document
 * @param {boolean} tryAnyway whether another version is read as this one
 */
export function checkVersion(report, document, tryAnyway) {
  const version = document.get("rnnspec");
  const expected = VERSIONS.join(", ");
  if (version === undefined) {
    report(VERSION_MISSING, "", { expected });
  } else if (typeof version !== "string" || !VERSION.test(version)) {
    const got = typeof version === "object" ? typeName(version) : quote(version);
    report(VERSION_MALFORMED, "/rnnspec", { expected, got });
  } else if (!VERSIONS.includes(version)) {
    report(tryAnyway ? VERSION_TRIED : VERSION_UNSUPPORTED, "/rnnspec", { expected, got: version });
  }
}

/**
 * [extension-3]. This reader knows no extension.
 *
 * @param {Report} report
 * @param {Map<string, unknown>} document
 */
export function checkRequired(report, document) {
  const required = document.get("extensions_required");
  for (const [k, name] of Array.isArray(required) ? required.entries() : []) {
    if (typeof name !== "string" || !EXTENSION_NAME.test(name)) continue; // judged with the rest
    const values = { got: quote(name), expected: "none that is required" };
    report(EXTENSION_UNKNOWN, `/extensions_required/${k}`, values);
  }
}
