/**
 * The WebAssembly kernel (kernel/kernel.h has its interface): compiled when it is first asked for, and used only if
 * it proves itself.
 */

import { PROOF, WASM } from "./wasm.js";

/**
 * What the kernel exports. A place in its memory is a number of bytes; all else is counted in elements.
 *
 * @typedef {object} Exports
 * @property {WebAssembly.Memory} memory
 * @property {WebAssembly.Global} __heap_base
 * @property {(units: number, blocks: number) => number} rnn_columns
 * @property {(rows: number, units: number, blocks: number, type: number) => bigint} rnn_packed_bytes
 * @property {(to: number, W: number, stride: number, rows: number, units: number, blocks: number, type: number) => void} rnn_pack
 * @property {(to: number, b: number, units: number, blocks: number) => void} rnn_spread
 * @property {(y: number, start: number, startStride: number, x: number, xStride: number, W: number, count: number) => void} rnn_products
 * @property {(code: number, alpha: number, beta: number, y: number, yStride: number, x: number, xStride: number, width: number, count: number) => number} rnn_sweep
 * @property {(y: number, h: number, a: number, R: number, steps: number, rows: number) => number} rnn_elman
 * @property {(y: number, h: number, c: number, a: number, R: number, steps: number, rows: number) => number} rnn_lstm
 * @property {(y: number, h: number, a: number, R: number, Rn: number, u: number, steps: number, rows: number) => number} rnn_gru_before
 * @property {(y: number, h: number, a: number, R: number, rb: number, steps: number, rows: number) => number} rnn_gru_after
 * @property {() => number} rnn_proof
 */

/** @type {WebAssembly.Module} */
let module;
/** @type {string | undefined} */
let reason;

/** Why the kernel can't be used here; empty if it can. Compiles it when first called. */
export function whyNot() {
  reason ??= proven();
  return reason;
}

function proven() {
  try {
    module = new WebAssembly.Module(bytesOf(WASM));
    return instantiate().rnn_proof() >>> 0 === PROOF ? "" : "the kernel computes other bits here";
  } catch (error) {
    return String(error); // no WebAssembly, no SIMD, or a Content-Security-Policy that forbids it
  }
}

/**
 * The bytes of a module. Base64 would hide from a compressor what repeats: here a frequent byte is one character, any
 * other two, of the 93 that are printable and stand in a string as they are.
 *
 * @param {string} text
 */
function bytesOf(text) {
  const bytes = new Uint8Array(text.length);
  let count = 0;
  let at = 0;
  const next = () => {
    const place = text.charCodeAt(at++) - 0x20;
    return place - (place > 0x02 ? 1 : 0) - (place > 0x3c ? 1 : 0); // there is no `"` and no backslash
  };
  while (at < text.length) {
    const value = next();
    bytes[count++] = (value < 91 ? value : 91 + 93 * (value - 91) + next()) - 3;
  }
  return bytes.subarray(0, count);
}

/**
 * A kernel with a memory of its own, which dies with it.
 *
 * @returns {Exports}
 */
export function instantiate() {
  return /** @type {any} */ (new WebAssembly.Instance(module).exports);
}
