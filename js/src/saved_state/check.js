/**
 * The stages structure and agreement of a saved state ([saved-1], [saved-2]).
 *
 * @import { Limits } from "../limits.js"
 * @import { Check } from "../validate/checks.js"
 * @import { Findings } from "../validate/findings.js"
 * @import { Payload } from "../validate/tensors.js"
 */

import { STRUCTURE_ENUM } from "../codes.js";
import { quote } from "../issue.js";
import { name, object, table, text, wrongType } from "../validate/checks.js";
import { child } from "../validate/findings.js";
import { metadata } from "../validate/free.js";
import { TensorReferences } from "../validate/references.js";
import { stateArrays } from "../validate/structure.js";
import { tensorTable } from "../validate/tensors.js";
import { checkVersion } from "../validate/version.js";

/** The form of a digest. */
export const DIGEST = /^[0-9a-f]{64}$/;

/** @type {Check} */
function digest(findings, value, at) {
  if (typeof value !== "string") wrongType(findings, value, at, "a string");
  else if (!DIGEST.test(value)) {
    findings.add(STRUCTURE_ENUM, at, { expected: "64 of 0-9a-f", got: quote(value) });
  }
}

/**
 * @param {Findings} findings
 * @param {Map<string, unknown>} document
 * @param {Readonly<Limits>} limits
 * @param {boolean} tryAnyway
 * @returns {Map<string, Payload>} the data of each sound tensor
 */
export function checkStateStructure(findings, document, limits, tryAnyway) {
  /** @type {Map<string, Payload>} */
  const payloads = new Map();
  if (checkVersion(findings, document, tryAnyway)) {
    object({
      rnnspec: text,
      "$schema?": text,
      "metadata?": metadata,
      "structure?": digest,
      state: table(name, stateArrays),
      tensors: tensorTable(limits.elements, payloads),
    })(findings, document, "");
  }
  return payloads;
}

/**
 * @param {Findings} findings
 * @param {Map<string, any>} document
 * @param {Map<string, Payload>} payloads
 * @returns {Map<string, Float32Array>} the values of every sound tensor
 */
export function checkStateAgreement(findings, document, payloads) {
  const references = new TensorReferences(findings, document.get("tensors"));
  /** @type {number | null} */
  let N = null;
  for (const [layer, arrays] of document.get("state")) {
    for (const array of ["h", "c"]) {
      const tensor = arrays.get(array);
      if (tensor === undefined) continue;
      const [rows, size, ...more] = references.shapeOf(tensor) ?? [];
      const isMatrix = size !== undefined && more.length === 0;
      if (isMatrix) N ??= rows;
      const at = `${child("/state", layer)}/${array}`;
      references.use(tensor, at, [N ?? "N", isMatrix ? size : "size"], "float32");
    }
  }
  return references.finish(payloads);
}
