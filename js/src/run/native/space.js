/**
 * The kernel's memory as the layers of one net at work see it.
 *
 * @import { Memory } from "../../kernel/memory.js"
 * @import { Exports } from "../../kernel/module.js"
 * @import { Activation } from "../../model.js"
 */

import { FUNCTIONS, VECTOR_FUNCTIONS } from "../../layout.js";
import { tiny } from "../../tensor.js";

const { fround } = Math;

/**
 * What all layers of a net at work share.
 *
 * @typedef {object} Space
 * @property {Exports} kernel
 * @property {Memory} memory
 * @property {number} rows
 * @property {number} steps that its buffers have room for
 * @property {Int32Array} ids [steps, rows], of a net that reads tokens
 * @property {number} products place of a block of input products
 * @property {(count: number) => number} borrow a place for so many floats, zeros
 */

/** Rows of `width` floats, `stride` apart, from the byte `at` on. @typedef {{at: number, stride: number, width: number}} Buffer */

/** The functions of SPEC 12.6, then those of whole rows: at their codes of kernel.h. */
const SWEEPS = Object.keys({ ...FUNCTIONS, ...VECTOR_FUNCTIONS });

/** For how many rows input products are computed at once: the weights are read once for all of them. */
const BLOCK = 64;

/**
 * Of how many steps input products are computed at once.
 *
 * @param {number} rows
 */
export function blockSteps(rows) {
  return Math.max(1, Math.floor(BLOCK / rows));
}

export const LINEAR = { function: "linear" };

/**
 * @param {Space} space
 * @param {number} count
 * @param {number} width
 * @returns {Buffer} that many rows, padded as those of products are
 */
export function bufferOf({ borrow, kernel }, count, width) {
  const stride = kernel.rnn_columns(width, 1);
  return { at: borrow(count * stride), stride, width };
}

/**
 * An activation of rows (SPEC 12.6), or softmax and its logarithm. T is in it.
 *
 * @param {Space} space
 * @param {Activation} activation
 * @returns {(y: Buffer, x: Buffer, count: number) => boolean} whether all that it gives is finite
 */
export function sweeping({ kernel }, { function: name, alpha = 0, beta = 0 }) {
  const code = SWEEPS.indexOf(name);
  const a = tiny(fround(alpha));
  const b = tiny(fround(beta));
  return (y, x, count) =>
    kernel.rnn_sweep(code, a, b, y.at, y.stride, x.at, x.stride, x.width, count) === 1;
}
