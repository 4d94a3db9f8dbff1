/**
 * All stages of reading (SPEC 1): bytes, syntax, structure, agreement. The first with an error ends it.
 *
 * @import { Limits } from "./limits.js"
 */

import {
  BYTES_BOM,
  BYTES_EMPTY,
  BYTES_FOREIGN,
  BYTES_UNRECOGNISED,
  BYTES_UTF8,
  LIMIT_SIZE,
} from "./codes.js";
import { failure, Issue, RnnspecError } from "./issue.js";
import { describeByte, isSpace } from "./json_reader/cursor.js";
import { illFormedAt } from "./json_reader/utf8.js";
import { readJson } from "./json_reader.js";
import { limitsWith } from "./limits.js";
import { readMsgpack } from "./msgpack_reader.js";
import { checkAgreement } from "./validate/agreement.js";
import { checkStructure } from "./validate/structure.js";

/**
 * What reading found, and what it read if there is no error.
 *
 * @typedef {object} Examination
 * @property {readonly Issue[]} issues at most 100
 * @property {{document: Map<string, any>, values: Map<string, Float32Array>} | null} read
 */

/**
 * Finds what is wrong with a file, warnings included.
 *
 * @param {Uint8Array | ArrayBuffer} bytes JSON or msgpack
 * @param {Readonly<Partial<Limits>>} [limits] instead of the default ones
 * @returns {readonly Issue[]} empty for a sound file; otherwise all of one stage, at most 100
 */
export function validate(bytes, limits) {
  return examine(bytes, limits).issues;
}

/**
 * Reads a file, as far as it is sound.
 *
 * @param {Uint8Array | ArrayBuffer} input
 * @param {Readonly<Partial<Limits>>} [replaced]
 * @returns {Examination}
 */
export function examine(input, replaced) {
  const limits = limitsWith(replaced);
  const bytes = bytesOf(input);
  /** @type {Map<string, unknown>} */
  let document;
  try {
    document = readDocument(bytes, limits);
  } catch (error) {
    if (error instanceof RnnspecError) return { issues: error.issues, read: null };
    throw error;
  }
  const { findings: structure, payloads } = checkStructure(document, limits);
  if (structure.failed) return { issues: structure.issues, read: null };
  const { findings: agreement, values } = checkAgreement(document, payloads);
  const read = agreement.failed ? null : { document, values };
  return { issues: agreement.issues, read };
}

/**
 * @param {unknown} input
 * @returns {Uint8Array} a view, no copy
 */
function bytesOf(input) {
  if (ArrayBuffer.isView(input)) {
    return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  }
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  throw new TypeError("a model is read from a Uint8Array or an ArrayBuffer");
}

/**
 * The stages bytes and syntax.
 *
 * @param {Uint8Array} bytes
 * @param {Readonly<Limits>} limits
 */
function readDocument(bytes, limits) {
  if (bytes.length === 0) throw failure(BYTES_EMPTY, 0);
  if (bytes.length > limits.size) {
    throw failure(LIMIT_SIZE, 0, { limit: limits.size, got: bytes.length });
  }
  let first = 0;
  while (isSpace(bytes[first])) first++;
  const foreign = foreignFormat(bytes, first);
  if (foreign !== null) throw failure(BYTES_FOREIGN, 0, { got: foreign });
  if (startsWith(bytes, [0xef, 0xbb, 0xbf])) throw failure(BYTES_BOM, 0);
  if (bytes[first] === 0x7b) {
    const bad = illFormedAt(bytes, 0, bytes.length);
    if (bad >= 0) throw failure(BYTES_UTF8, bad, { got: describeByte(bytes[bad]) });
    return readJson(bytes, limits);
  }
  const byte = bytes[first];
  if (first === 0 && ((byte >= 0x80 && byte <= 0x8f) || byte === 0xde || byte === 0xdf)) {
    return readMsgpack(bytes, limits);
  }
  const got = first < bytes.length ? describeByte(byte) : "white space alone";
  throw failure(BYTES_UNRECOGNISED, first, { got });
}

/** How other formats start ([bytes-3]). @type {readonly (readonly [string, readonly number[]])[]} */
const SIGNATURES = [
  ["a zip archive", [0x50, 0x4b, 0x03, 0x04]],
  ["gzip", [0x1f, 0x8b]],
  ["a PNG image", [0x89, 0x50, 0x4e, 0x47]],
  ["HDF5", [0x89, 0x48, 0x44, 0x46]],
  ["a Python pickle", [0x80, 0x02]],
  ["a Python pickle", [0x80, 0x03]],
  ["a Python pickle", [0x80, 0x04]],
  ["a Python pickle", [0x80, 0x05]],
  ["a numpy array", [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]],
  ["Lua", [0x4c, 0x75, 0x61]],
  ["a JPEG image", [0xff, 0xd8, 0xff]],
  ["PDF", [0x25, 0x50, 0x44, 0x46]],
  ["a Git LFS pointer", [..."version https://git-lfs"].map((letter) => letter.charCodeAt(0))],
];

/**
 * @param {Uint8Array} bytes
 * @param {number} first the first byte that is no white space
 */
function foreignFormat(bytes, first) {
  for (const [format, signature] of SIGNATURES) if (startsWith(bytes, signature)) return format;
  return bytes[first] === 0x3c ? "HTML or XML" : null;
}

/**
 * @param {Uint8Array} bytes
 * @param {readonly number[]} signature
 */
function startsWith(bytes, signature) {
  return signature.every((byte, k) => bytes[k] === byte);
}
