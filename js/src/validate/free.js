/**
 * What is free in a document: `metadata`, and `extensions` (SPEC 5.3).
 *
 * @import { Check } from "./checks.js"
 */

import { EXTENSION_NAME, named, ofType, table, wrongType } from "./checks.js";
import { child } from "./findings.js";

/** Anything but bytes ([doc-3]), at whatever depth. @type {Check} */
function anything(findings, value, at) {
  // Keys are kept on a stack, and pointers made for findings alone: there may be a million values.
  const open = [{ entries: [["", value]].values(), key: /** @type {string | number} */ ("") }];
  while (open.length > 0) {
    const inner = open[open.length - 1];
    const next = inner.entries.next();
    if (next.done) {
      open.pop();
      continue;
    }
    const [key, member] = /** @type {[string | number, unknown]} */ (next.value);
    inner.key = key;
    if (member instanceof Map || Array.isArray(member)) {
      open.push({ entries: /** @type {any} */ (member.entries()), key: "" });
    } else if (member instanceof Uint8Array) {
      const place = open.slice(1).reduce((pointer, level) => child(pointer, level.key), at);
      wrongType(findings, member, place, "no bytes");
    }
  }
}

/** An object of anything. */
export const metadata = ofType("object", anything);

/** The name of an extension ([extension-1]). */
export const extensionName = named(EXTENSION_NAME, "a vendor in capitals, _ and a name");

/** Name of an extension → anything. */
export const extensions = table(extensionName, anything);
