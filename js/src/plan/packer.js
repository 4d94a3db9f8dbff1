/**
 * Parameters in a kernel's memory, packed once.
 *
 * @import { Memory } from "../kernel/memory.js"
 * @import { Exports } from "../kernel/module.js"
 * @import { Tensor } from "../model.js"
 */

import { FLOAT } from "../kernel/memory.js";

/** RNN_FLOAT32 of kernel.h. */
const FLOAT32 = 0;

/** Packs, one matrix after the other. What it is given is not kept. */
export class Packer {
  /** What is done when all places are known: what it reads stands behind them, and is not kept. @type {(() => void)[]} */
  #jobs = [];

  /**
   * @param {Exports} kernel
   * @param {Memory} memory
   */
  constructor(kernel, memory) {
    this.kernel = kernel;
    this.memory = memory;
  }

  /** Packs what was asked for. */
  finish() {
    for (const job of this.#jobs) {
      const end = this.memory.take(0);
      job();
      this.memory.cut(end);
    }
  }

  /**
   * Some columns of a matrix, packed.
   *
   * @param {Tensor} matrix
   * @param {number} first
   * @param {number} units
   * @param {number} blocks each of so many units
   * @returns {number} their place
   */
  matrix(matrix, first, units, blocks) {
    const { kernel, memory } = this;
    const [rows, columns] = matrix.shape;
    const at = memory.take(Number(kernel.rnn_packed_bytes(rows, units, blocks, FLOAT32)));
    this.#jobs.push(() => {
      const from = memory.take(rows * columns * FLOAT);
      const to = from / FLOAT;
      matrix.toFloat32Array(memory.floats.subarray(to, to + rows * columns)); // T is in the packing
      kernel.rnn_pack(at, from + first * FLOAT, columns, rows, units, blocks, FLOAT32);
    });
    return at;
  }

  /**
   * A bias as a row of products.
   *
   * @param {Float32Array} b [blocks * units], after T
   * @param {number} units
   * @param {number} blocks
   * @returns {number} its place
   */
  row(b, units, blocks) {
    const { kernel, memory } = this;
    const at = memory.take(kernel.rnn_columns(units, blocks) * FLOAT);
    this.#jobs.push(() => {
      const from = memory.take(b.length * FLOAT);
      memory.floats.set(b, from / FLOAT);
      kernel.rnn_spread(at, from, units, blocks);
    });
    return at;
  }

  /**
   * Rows as they are, each padded.
   *
   * @param {Float32Array} values [rows, width], after T
   * @param {number} width
   * @returns {number} their place
   */
  rows(values, width) {
    const stride = this.kernel.rnn_columns(width, 1);
    const count = values.length / width;
    const at = this.memory.take(count * stride * FLOAT);
    for (let k = 0; k < count; k++) {
      const row = values.subarray(k * width, (k + 1) * width);
      this.memory.floats.set(row, at / FLOAT + k * stride);
    }
    return at;
  }
}
