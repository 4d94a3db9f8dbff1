/**
 * Tensors at the stage structure (SPEC 6).
 *
 * @import { Check } from "./checks.js"
 * @import { Findings } from "./findings.js"
 */

import { LIMIT_ELEMENTS, STRUCTURE_BASE64 } from "../codes.js";
import { Decimals } from "../json_reader/decimals.js";
import { Base64Text } from "../json_reader/text.js";
import { DTYPES, decodeBase64, elementCount } from "../tensor.js";
import { integer, list, name, object, oneOf, table, wrongType } from "./checks.js";
import { child } from "./findings.js";
import { extensions } from "./free.js";

const LARGEST_DIMENSION = 2_147_483_647;

/**
 * The data of a tensor: the decimals of a list, or the bytes that base64 or msgpack stand for.
 *
 * @typedef {Decimals | Uint8Array} Payload
 */

const dtype = oneOf([...DTYPES.keys()]);
const shape = list(1, 3, integer(1, LARGEST_DIMENSION));

/**
 * The check of the member `tensors`.
 *
 * @param {number} limit of the elements
 * @param {Map<string, Payload>} payloads receives the data of each tensor whose data are sound
 * @returns {Check}
 */
export function tensorTable(limit, payloads) {
  const tensor = object({
    dtype,
    shape: (findings, value, at) => checkShape(findings, value, at, limit),
    data: (findings, value, at) => {
      const payload = checkData(findings, value, at);
      // A pointer holds the name itself here: a name that needs escapes is a finding.
      if (payload !== null) payloads.set(at.slice("/tensors/".length, -"/data".length), payload);
    },
    "extensions?": extensions,
  });
  return table(name, tensor);
}

/**
 * @param {Findings} findings
 * @param {unknown} value
 * @param {string} at
 * @param {number} limit of the elements
 */
function checkShape(findings, value, at, limit) {
  const before = findings.total;
  shape(findings, value, at);
  if (findings.total > before) return;
  const got = elementCount(/** @type {number[]} */ (value));
  if (got > limit) findings.add(LIMIT_ELEMENTS, at, { limit, got: String(got) });
}

/**
 * @param {Findings} findings
 * @param {unknown} value
 * @param {string} at
 * @returns {Payload | null}
 */
function checkData(findings, value, at) {
  if (value instanceof Decimals) {
    if (value.wrongAt < 0) return value;
    wrongType(findings, value.wrong, child(at, value.wrongAt), "a number");
  } else if (value instanceof Base64Text) {
    const bytes = decodeBase64(value.bytes);
    if (typeof bytes !== "string") return bytes;
    findings.add(STRUCTURE_BASE64, at, { expected: "strict base64", got: bytes });
  } else if (value instanceof Uint8Array) {
    return value;
  } else {
    wrongType(findings, value, at, "a list, base64, or in msgpack bytes");
  }
  return null;
}
