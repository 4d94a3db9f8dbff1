/**
 * Tensors at the stage structure (SPEC 6).
 *
 * @import { Findings } from "./findings.js"
 */

import { LIMIT_ELEMENTS, STRUCTURE_BASE64 } from "../codes.js";
import { Decimals } from "../json_reader/decimals.js";
import { Base64Text } from "../json_reader/text.js";
import { DTYPES, decodeBase64, elementCount } from "../tensor.js";
import { integer, list, missing, oneOf, unknownKey, wrongType } from "./checks.js";
import { child } from "./findings.js";

const LARGEST_DIMENSION = 2_147_483_647;

/**
 * The data of a tensor: the decimals of a list, or the bytes that base64 or msgpack stand for.
 *
 * @typedef {Decimals | Uint8Array} Payload
 */

const TENSOR_MEMBERS = ["dtype", "shape", "data"];
const dtype = oneOf([...DTYPES.keys()]);
const shape = list(1, 3, integer(1, LARGEST_DIMENSION));

/**
 * @param {Findings} findings
 * @param {unknown} value
 * @param {string} at
 * @param {number} limit of the elements
 * @returns {Payload | null} its data, if they are sound
 */
export function checkTensor(findings, value, at, limit) {
  if (!(value instanceof Map)) {
    wrongType(findings, value, at, "an object");
    return null;
  }
  for (const key of TENSOR_MEMBERS) if (!value.has(key)) missing(findings, at, key);
  for (const key of value.keys()) {
    if (!TENSOR_MEMBERS.includes(key)) unknownKey(findings, at, key, TENSOR_MEMBERS);
  }
  if (value.has("dtype")) dtype(findings, value.get("dtype"), child(at, "dtype"));
  if (value.has("shape")) checkShape(findings, value.get("shape"), child(at, "shape"), limit);
  return value.has("data") ? checkData(findings, value.get("data"), child(at, "data")) : null;
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
