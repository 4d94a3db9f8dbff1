/** Bytes that grow, and msgpack in its shortest formats ([digest-1]). */

import { encodeUtf8 } from "../json_reader/utf8.js";

/** Bytes that are being written. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  /**
   * The bytes so far; a view that the next write may outdate.
   *
   * @returns {Uint8Array}
   */
  get bytes() {
    return this.#bytes.subarray(0, this.#length);
  }

  /** @param {Uint8Array} bytes */
  write(bytes) {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** @param {string} text written as UTF-8 */
  writeText(text) {
    this.write(encodeUtf8(text));
  }

  /**
   * A number, big-endian, after its format byte.
   *
   * @param {number} format
   * @param {"Uint8" | "Uint16" | "Uint32" | "Int8" | "Int16" | "Int32" | "Float32" | "Float64"} type
   * @param {number} value
   */
  writeNumber(format, type, value) {
    const size = Number(type.replace(/\D+/, "")) / 8;
    const bytes = new Uint8Array(1 + size);
    bytes[0] = format;
    new DataView(bytes.buffer)[`set${type}`](1, value);
    this.write(bytes);
  }

  /** @param {number} byte */
  writeByte(byte) {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  /** @param {number} more */
  #reserve(more) {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.bytes);
    this.#bytes = grown;
  }
}

/**
 * Writes one value: a Map, an Array, a string, bytes, a boolean, null or a number. A whole number
 * up to 2^53 becomes an integer, any other a float 64.
 *
 * @param {ByteWriter} writer
 * @param {unknown} value of a depth that the reader let pass
 */
export function packValue(writer, value) {
  if (value === null) writer.writeByte(0xc0);
  else if (typeof value === "boolean") writer.writeByte(value ? 0xc3 : 0xc2);
  else if (typeof value === "number") packNumber(writer, value);
  else if (typeof value === "string") packText(writer, value);
  else if (value instanceof Uint8Array) packBytes(writer, value);
  else if (value instanceof Float32) writer.writeNumber(0xca, "Float32", value.value);
  else if (value instanceof Map) {
    packLength(writer, value.size, 0x80, 16, [0xde, 0xdf]);
    for (const [key, member] of value) {
      packText(writer, key);
      packValue(writer, member);
    }
  } else if (Array.isArray(value)) {
    packLength(writer, value.length, 0x90, 16, [0xdc, 0xdd]);
    for (const element of value) packValue(writer, element);
  } else {
    throw new TypeError(`a ${typeof value} has no place in a document`);
  }
}

/** A number to be written as a float 32. */
export class Float32 {
  /** @param {number} value rounded to the nearest binary32 when written */
  constructor(value) {
    this.value = value;
  }
}

/**
 * @param {ByteWriter} writer
 * @param {number} value
 */
function packNumber(writer, value) {
  if (!Number.isSafeInteger(value)) {
    writer.writeNumber(0xcb, "Float64", value);
  } else if (value < 0) {
    packNegative(writer, value);
  } else if (value < 0x80) {
    writer.writeByte(value);
  } else if (value < 0x100) {
    writer.writeNumber(0xcc, "Uint8", value);
  } else if (value < 0x10000) {
    writer.writeNumber(0xcd, "Uint16", value);
  } else if (value < 2 ** 32) {
    writer.writeNumber(0xce, "Uint32", value);
  } else {
    packWide(writer, 0xcf, value);
  }
}

/**
 * @param {ByteWriter} writer
 * @param {number} value below 0
 */
function packNegative(writer, value) {
  if (value >= -0x20) writer.writeByte(value + 0x100);
  else if (value >= -0x80) writer.writeNumber(0xd0, "Int8", value);
  else if (value >= -0x8000) writer.writeNumber(0xd1, "Int16", value);
  else if (value >= -(2 ** 31)) writer.writeNumber(0xd2, "Int32", value);
  else packWide(writer, 0xd3, value);
}

/**
 * @param {ByteWriter} writer
 * @param {number} format uint 64 or int 64
 * @param {number} value
 */
function packWide(writer, format, value) {
  const upper = Math.floor(value / 2 ** 32);
  writer.writeNumber(format, "Int32", upper);
  const lower = new Uint8Array(4);
  new DataView(lower.buffer).setUint32(0, value - upper * 2 ** 32);
  writer.write(lower);
}

/**
 * @param {ByteWriter} writer
 * @param {string} text
 */
function packText(writer, text) {
  const bytes = encodeUtf8(text);
  packLength(writer, bytes.length, 0xa0, 32, [0xda, 0xdb], 0xd9);
  writer.write(bytes);
}

/**
 * @param {ByteWriter} writer
 * @param {Uint8Array} bytes
 */
function packBytes(writer, bytes) {
  packLength(writer, bytes.length, 0, 0, [0xc5, 0xc6], 0xc4);
  writer.write(bytes);
}

/**
 * @param {ByteWriter} writer
 * @param {number} length
 * @param {number} fix the format whose low bits hold the length
 * @param {number} fixEnd the first length too long for it
 * @param {readonly [number, number]} wide the formats with 16 and 32 bits
 * @param {number} [narrow] the format with 8 bits, if there is one
 */
function packLength(writer, length, fix, fixEnd, wide, narrow) {
  if (length < fixEnd) writer.writeByte(fix | length);
  else if (length < 0x100 && narrow !== undefined) writer.writeNumber(narrow, "Uint8", length);
  else if (length < 0x10000) writer.writeNumber(wide[0], "Uint16", length);
  else writer.writeNumber(wide[1], "Uint32", length);
}
