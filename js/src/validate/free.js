/**
 * What is free in a document: `metadata`, and `extensions` (SPEC 5.3).
 *
 * @import { Check } from "./checks.js"
 */

import { EXTENSION_NAME, named, ofType, table, wrongType } from "./checks.js";
import { child } from "./findings.js";

/** Anything but bytes ([doc-3]), at whatever depth. @type {Check} */
function anything(report, value, at) {
  if (value instanceof Uint8Array) wrongType(report, value, at, "no bytes");
  if (!(value instanceof Map) && !Array.isArray(value)) return;
  for (const [key, member] of value.entries()) {
    // Pointers are made where there can be findings alone: there may be a million values.
    if (typeof member === "object") anything(report, member, child(at, key));
  }
}

/** An object of anything. */
export const metadata = ofType("object", anything);

/** The name of an extension ([extension-1]). */
export const extensionName = named(EXTENSION_NAME, "a vendor in capitals, _ and a name");

/** Name of an extension → anything. */
export const extensions = table(extensionName, anything);
