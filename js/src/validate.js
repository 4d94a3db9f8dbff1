/**
 * All stages of reading (SPEC 1): bytes, syntax, structure, agreement. The first with an error ends it.
 *
 * @import { Issue, Report } from "./issue.js"
 * @import { Limits } from "./limits.js"
 * @import { Node } from "./model.js"
 */

import {
  BYTES_BOM,
  BYTES_EMPTY,
  BYTES_FOREIGN,
  BYTES_UNRECOGNISED,
  BYTES_UTF8,
  LIMIT_SIZE,
} from "./codes.js";
import { failure, RnnspecError } from "./issue.js";
import { describeByte, isSpace } from "./json_reader/cursor.js";
import { illFormedAt } from "./json_reader/utf8.js";
import { readJson } from "./json_reader.js";
import { limitsWith } from "./limits.js";
import { readMsgpack } from "./msgpack_reader.js";
import { checkAgreement, checkTokens } from "./validate/agreement.js";
import { Findings } from "./validate/findings.js";
import { checkStructure } from "./validate/structure.js";
import { checkRequired, checkVersion } from "./validate/version.js";

/**
 * @typedef {object} ReadOptions
 * @property {Readonly<Partial<Limits>> | undefined} [limits] instead of the default ones (SPEC 16)
 * @property {boolean | undefined} [tryAnyway] whether a file of another version of the format is read as
 *   one of this version: then that is a warning, VERSION_TRIED ([version-4])
 */

/**
 * What reading found, and what it read if there is no error.
 *
 * @template R
 * @typedef {object} Examination
 * @property {readonly Issue[]} issues at most 100
 * @property {R | null} read
 */

/**
 * A document, which is sound, the values of its tensors, and its graph.
 *
 * @typedef {{document: Map<string, any>, values: Map<string, Float32Array>, nodes: readonly Node[]}} SoundDocument
 */

/**
 * Finds what is wrong with a file, warnings included.
 *
 * @param {Uint8Array | ArrayBuffer} bytes JSON or msgpack
 * @param {ReadOptions} [options]
 * @returns {readonly Issue[]} empty for a sound file; otherwise at most 100, those of the first stage that
 *   has an error, and warnings
 * @throws {TypeError} if `bytes` are none
 * @throws {RnnspecError} RUN_OPTION for a wrong limit
 */
export function validate(bytes, options) {
  return examineModel(bytes, options, checkTokens).issues;
}

/**
 * Reads a model, as far as it is sound.
 *
 * @param {Uint8Array | ArrayBuffer} input
 * @param {ReadOptions} [options]
 * @param {(report: Report, document: Map<string, any>) => void} [warn] reports what is strange and no error
 * @returns {Examination<SoundDocument>}
 */
export function examineModel(input, options, warn) {
  return examine(input, options, (findings, document, limits) => {
    const { report } = findings;
    checkRequired(report, document);
    if (!findings.failed) checkStructure(report, document, limits);
    if (findings.failed) return null;
    warn?.(report, document);
    return { document, ...checkAgreement(report, document) };
  });
}

/**
 * Reads a document, as far as it is sound.
 *
 * @template R
 * @param {Uint8Array | ArrayBuffer} input
 * @param {ReadOptions | undefined} options
 * @param {(findings: Findings, document: Map<string, any>, limits: Readonly<Limits>) => R | null} judge
 *   the stages structure and agreement, behind the version
 * @returns {Examination<R>}
 */
export function examine(input, { limits: replaced, tryAnyway = false } = {}, judge) {
  const limits = limitsWith(replaced);
  const bytes = bytesOf(input);
  const findings = new Findings();
  try {
    const document = readDocument(bytes, limits);
    checkVersion(findings.report, document, tryAnyway);
    const read = findings.failed ? null : judge(findings, document, limits);
    return { issues: findings.issues, read: findings.failed ? null : read };
  } catch (error) {
    if (error instanceof RnnspecError) return { issues: error.issues, read: null };
    throw error;
  }
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
  throw new TypeError("bytes: expected a Uint8Array or an ArrayBuffer");
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
  const start = String.fromCharCode(...bytes.subarray(0, LONGEST_SIGNATURE));
  for (const [got, signature] of SIGNATURES) {
    if (start.startsWith(signature)) throw failure(BYTES_FOREIGN, 0, { got });
  }
  if (bytes[first] === 0x3c) throw failure(BYTES_FOREIGN, 0, { got: "HTML or XML" });
  if (start.startsWith("\xef\xbb\xbf")) throw failure(BYTES_BOM, 0);
  if (bytes[first] === 0x7b) {
    const bad = illFormedAt(bytes, 0, bytes.length);
    if (bad >= 0) throw failure(BYTES_UTF8, bad, { got: describeByte(bytes[bad]) });
    return readJson(bytes, limits);
  }
  const byte = bytes[first];
  if (first === 0 && ((byte >= 0x80 && byte <= 0x8f) || byte === 0xde || byte === 0xdf)) {
    return readMsgpack(bytes, limits);
  }
  const got = first < bytes.length ? describeByte(byte) : "none but white space";
  throw failure(BYTES_UNRECOGNISED, first, { got });
}

/** How other formats start ([bytes-3]): a character for each byte. @type {readonly (readonly [string, string])[]} */
const SIGNATURES = [
  ["a zip archive", "PK\x03\x04"],
  ["gzip", "\x1f\x8b"],
  ["a PNG image", "\x89PNG"],
  ["HDF5", "\x89HDF"],
  ["a Python pickle", "\x80\x02"],
  ["a Python pickle", "\x80\x03"],
  ["a Python pickle", "\x80\x04"],
  ["a Python pickle", "\x80\x05"],
  ["a numpy array", "\x93NUMPY"],
  ["Lua", "Lua"],
  ["a JPEG image", "\xff\xd8\xff"],
  ["PDF", "%PDF"],
  ["a Git LFS pointer", "version https://git-lfs"],
];
const LONGEST_SIGNATURE = 23;
