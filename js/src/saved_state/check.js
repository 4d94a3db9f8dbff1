/**
 * The stages structure and agreement of a saved state ([saved-1], [saved-2]).
 *
 * @import { Report } from "../issue.js"
 * @import { Limits } from "../limits.js"
 */

import { STRUCTURE_ENUM } from "../codes.js";
import { STATE_ARRAYS } from "../layout.js";
import { name, object, table, text, textOf } from "../validate/checks.js";
import { child } from "../validate/findings.js";
import { metadata } from "../validate/free.js";
import { TensorReferences } from "../validate/references.js";
import { stateArrays } from "../validate/structure.js";
import { tensorTable } from "../validate/tensors.js";

/** The form of a digest. */
export const DIGEST = /^[0-9a-f]{64}$/;
export const DIGEST_WORDS = "64 of 0-9a-f";

const digest = textOf(STRUCTURE_ENUM, DIGEST_WORDS, (value) => DIGEST.test(value));

/**
 * @param {Report} report
 * @param {Map<string, unknown>} document
 * @param {Readonly<Limits>} limits
 */
export function checkStateStructure(report, document, limits) {
  object({
    rnnspec: text,
    "$schema?": text,
    "metadata?": metadata,
    "structure?": digest,
    state: table(name, stateArrays),
    tensors: tensorTable(limits.elements),
  })(report, document, "");
}

/**
 * @param {Report} report
 * @param {Map<string, any>} document
 * @returns {Map<string, Float32Array>} the values of every sound tensor
 */
export function checkStateAgreement(report, document) {
  const references = new TensorReferences(report, document.get("tensors"));
  /** @type {number | null} */
  let N = null;
  for (const [layer, arrays] of document.get("state")) {
    for (const array of STATE_ARRAYS) {
      const tensor = arrays.get(array);
      if (tensor === undefined) continue;
      const [rows, size, ...more] = references.tensors.get(tensor)?.get("shape") ?? [];
      const isMatrix = size !== undefined && more.length === 0;
      if (isMatrix) N ??= rows;
      const at = `${child("/state", layer)}/${array}`;
      references.use(tensor, at, [N ?? "N", isMatrix ? size : "size"], "float32");
    }
  }
  return references.finish();
}
