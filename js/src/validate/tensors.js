/**
 * Tensors at the stage structure (SPEC 6).
 *
 * @import { Report } from "../issue.js"
 * @import { Check } from "./checks.js"
 */

import { LIMIT_ELEMENTS, STRUCTURE_BASE64 } from "../codes.js";
import { Decimals } from "../json_reader/decimals.js";
import { Base64Text } from "../json_reader/text.js";
import { DTYPES, decodeBase64, elementCount } from "../tensor.js";
import { integer, list, markWith, name, object, oneOf, table, wrongType } from "./checks.js";
import { child } from "./findings.js";
import { extensions } from "./free.js";

const words = Object.keys(DTYPES);
const dtype = oneOf(words);
const axis = integer(0, 1);
const size = integer(1, 2_147_483_647);

/**
 * The check of the member `tensors`. It leaves the bytes that base64 stands for in its place.
 *
 * @param {number} limit of the elements
 */
export function tensorTable(limit) {
  const tensor = object((members) => {
    const given = members.get("dtype");
    const mark = markWith(words, given, "int8");
    const shape = given === "int8" ? list(2, 2, size) : list(1, 3, size);
    return {
      dtype,
      shape: (report, value, at) => checkShape(shape, limit, report, value, at),
      [`axis${mark}`]: axis,
      [`scale${mark}`]: dataIn(members, "scale"),
      data: dataIn(members, "data"),
      "extensions?": extensions,
    };
  });
  return table(name, tensor);
}

/**
 * @param {Check} shape
 * @param {number} limit of the elements
 * @param {Report} report
 * @param {any} value
 * @param {string} at
 */
function checkShape(shape, limit, report, value, at) {
  let isSound = true;
  shape(
    (...finding) => {
      isSound = false;
      report(...finding);
    },
    value,
    at,
  );
  const got = isSound ? elementCount(value) : 0;
  if (got > limit) report(LIMIT_ELEMENTS, at, { limit, got: String(got) });
}

/**
 * @param {Map<string, any>} members
 * @param {string} key
 * @returns {Check}
 */
function dataIn(members, key) {
  return (report, value, at) => {
    if (value instanceof Decimals) {
      if (value.wrongAt >= 0) wrongType(report, value.wrong, child(at, value.wrongAt), "number");
    } else if (value instanceof Base64Text) {
      const [bytes, bad] = decodeBase64(value.bytes);
      if (bad < 0) members.set(key, bytes);
      else report(STRUCTURE_BASE64, at, { expected: "strict base64", got: `a fault at ${bad}` });
    } else if (!(value instanceof Uint8Array)) {
      wrongType(report, value, at, "list, base64, or in msgpack bytes");
    }
  };
}
