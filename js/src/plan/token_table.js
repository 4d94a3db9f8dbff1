/**
 * What tokens come to behind an embedding or a one_hot: a row of products each, from the bias on.
 *
 * @import { Memory } from "../kernel/memory.js"
 * @import { Exports } from "../kernel/module.js"
 */

import { FLOAT } from "../kernel/memory.js";

/** The most elements of a table. */
const LARGEST = 2 ** 20;

/** What reads the tokens: of an embedding the place of its rows [V, I], padded; of a one_hot -1. @typedef {{V: number, I: number, rows: number}} Source */

/** Products with a matrix, computed when a token comes for the first time. */
export class TokenTable {
  #kernel;
  #memory;
  #known;
  #source;
  #start;
  #row;
  #oneHot;

  /**
   * @param {Exports} kernel
   * @param {Memory} memory
   * @param {Source} source
   * @param {number} columns of a row of products
   * @param {number} bias
   * @param {number} W
   */
  constructor(kernel, memory, source, columns, bias, W) {
    this.#kernel = kernel;
    this.#source = source;
    this.#known = new Uint8Array(source.V);
    this.#row = columns * FLOAT;
    this.#start = memory.take(source.V * this.#row);
    this.#oneHot = source.rows < 0 ? memory.borrow(source.V, []) : 0;
    this.#memory = memory;
    this.bias = bias;
    this.W = W;
  }

  /**
   * Whether a table would not be too large.
   *
   * @param {Source} source
   * @param {number} columns
   */
  static fits({ V }, columns) {
    return V * columns <= LARGEST;
  }

  /**
   * @param {number} id
   * @returns {number} the place of its row
   */
  rowOf(id) {
    const at = this.#start + id * this.#row;
    if (this.#known[id] === 0) this.#fill(id, at);
    return at;
  }

  /**
   * @param {number} id
   * @param {number} at
   */
  #fill(id, at) {
    const { I, rows } = this.#source;
    const stride = this.#kernel.rnn_columns(I, 1);
    const x = rows < 0 ? this.#oneHot : rows + id * stride * FLOAT;
    const { floats } = this.#memory;
    if (rows < 0) floats[x / FLOAT + id] = 1;
    this.#kernel.rnn_products(at, this.bias, 0, x, stride, this.W, 1);
    if (rows < 0) floats[x / FLOAT + id] = 0;
    this.#known[id] = 1;
  }
}
