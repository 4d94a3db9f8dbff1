/** JSON text of a document, for people to read: top-level members and tensors one a line. */

import { ByteWriter } from "../digest/writer.js";
import { isSubnormal, subnormalBits, subnormalNumber } from "../json_reader/subnormal.js";
import { encodeBase64, storedBytes } from "../tensor.js";

/** A decimal of up to 6 digits is what its binary32 gives back, so fewer need not be tried. */
const SAFE_DIGITS = 6;

/** Rounds to the binary32 -0; a written -0 would mean 0 ([json-6]). */
const MINUS_ZERO = "-1e-99";

/** Bytes of JSON text that are ready to be written. */
class JsonBytes {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
  }
}

/**
 * What JSON holds as the data of a tensor.
 *
 * @param {string} dtype
 * @param {Float32Array} values
 */
export function base64(dtype, values) {
  const writer = new ByteWriter();
  writer.writeText('"');
  writer.write(encodeBase64(storedBytes(dtype, values)));
  writer.writeText('"');
  return new JsonBytes(writer.bytes);
}

/**
 * What JSON holds as the data of a tensor.
 *
 * @param {string} dtype
 * @param {Float32Array} values
 */
export function decimals(dtype, values) {
  if (dtype !== "float32") return base64(dtype, values);
  const writer = new ByteWriter();
  writer.writeText("[");
  for (const [k, bits] of new Uint32Array(values.slice().buffer).entries()) {
    const isTiny = (bits & 0x7f800000) === 0;
    const value = isTiny ? subnormalNumber(bits) : values[k];
    writer.writeText(k === 0 ? decimal(value) : `, ${decimal(value)}`);
  }
  writer.writeText("]");
  return new JsonBytes(writer.bytes);
}

/**
 * The shortest decimal that comes back under [tensor-2]: nearest binary64, then nearest binary32.
 *
 * @param {number} value a binary32
 * @returns {string}
 */
export function decimal(value) {
  if (Object.is(value, -0)) return MINUS_ZERO;
  const isTiny = isSubnormal(value);
  // Below the normal numbers the steps are wide, and fewer digits may do.
  for (let digits = isTiny ? 1 : SAFE_DIGITS; ; digits++) {
    const rounded = Number(value.toPrecision(digits));
    const comesBack = isTiny
      ? isSubnormal(rounded) && subnormalBits(rounded) === subnormalBits(value)
      : Math.fround(rounded) === value;
    if (comesBack) return String(rounded);
  }
}

/**
 * The top-level members one a line, and the tensors too.
 *
 * @param {ByteWriter} writer
 * @param {Map<string, unknown>} document
 */
export function writeDocument(writer, document) {
  writer.writeText("{");
  let separator = "";
  for (const [key, value] of document) {
    writer.writeText(`${separator}${JSON.stringify(key)}: `);
    separator = ",\n ";
    if (key === "tensors") writeTensors(writer, /** @type {Map<string, unknown>} */ (value));
    else writeValue(writer, value);
  }
  writer.writeText("}\n");
}

/**
 * @param {ByteWriter} writer
 * @param {Map<string, unknown>} tensors
 */
function writeTensors(writer, tensors) {
  writer.writeText("{");
  let separator = "\n  ";
  for (const [name, tensor] of tensors) {
    writer.writeText(`${separator}${JSON.stringify(name)}: `);
    separator = ",\n  ";
    writeValue(writer, tensor);
  }
  writer.writeText("}");
}

/**
 * @param {ByteWriter} writer
 * @param {unknown} value of a depth that the reader let pass
 */
function writeValue(writer, value) {
  if (value instanceof JsonBytes) {
    writer.write(value.bytes);
  } else if (value instanceof Map) {
    writer.writeText("{");
    let separator = "";
    for (const [key, member] of value) {
      writer.writeText(`${separator}${JSON.stringify(key)}: `);
      writeValue(writer, member);
      separator = ", ";
    }
    writer.writeText("}");
  } else if (Array.isArray(value)) {
    writer.writeText("[");
    for (const [k, element] of value.entries()) {
      if (k > 0) writer.writeText(", ");
      writeValue(writer, element);
    }
    writer.writeText("]");
  } else {
    writer.writeText(JSON.stringify(value)); // null, a boolean, a string or a finite number
  }
}
