/**
 * The net at work: buffers, states, and some time steps of one row. It checks nothing that it is given.
 *
 * @import { Plan } from "../plan.js"
 * @import { FloatArray } from "../tensor/arrays.js"
 * @import { Buffer, Work } from "./work.js"
 */

import { INPUT } from "../graph.js";
import { copy, tinyAll } from "../tensor.js";
import { finalWork, recurrentWork } from "./recurrent.js";
import { statelessWork } from "./work.js";

/** The net of a plan with the state of some rows. A step of a row allocates nothing. */
export class Machine {
  /** What works at every step. @type {Work[]} */
  #timed = [];
  /** What works once for each row, when its steps are done. @type {Work[]} */
  #untimed = [];
  #input;

  /**
   * @param {Plan} plan
   * @param {readonly Float32Array[]} state its arrays: the machine works on them
   * @param {number} [block] how many steps it takes at once: one will do for a forward net
   * @param {ReadonlyMap<number, FloatArray>} [taps] layers → where their outputs are copied to, for each step
   *   of each row, or each row, of a batch
   */
  constructor({ inputSize, layers, readsTokens }, state, block = 1, taps = new Map()) {
    /** How many numbers a step of the input is. */
    this.inputWidth = readsTokens ? 1 : inputSize;
    this.#input = new Float32Array(block * this.inputWidth);
    /** @type {number[]} */
    const sizes = [];
    for (const { node, slot } of layers) {
      sizes[slot] = Math.max(sizes[slot] ?? 0, node.width * (node.hasTime ? block : 1));
    }
    const slots = sizes.map((size) => new Float32Array(size));
    const source = { data: this.#input, width: this.inputWidth };
    /** Those of the layers. @type {Buffer[]} */
    this.buffers = [];
    this.#tap(taps.get(INPUT)?.data, source, this.#timed, true);
    let arrays = 0;
    for (const [k, layer] of layers.entries()) {
      const { hasTime, inputs, state: own, width } = layer.node;
      const y = { data: slots[layer.slot], width };
      const read = inputs.map((place) => this.buffers[place] ?? source);
      const works = hasTime ? this.#timed : this.#untimed;
      const cells = state.slice(arrays, arrays + own.size);
      arrays += own.size;
      if (own.size > 0) this.#timed.push(recurrentWork(layer, read[0].data, cells, y.data));
      if (own.size === 0) works.push(statelessWork(layer, read, y.data));
      else if (!hasTime) works.push(finalWork(layer, cells, y.data));
      this.#tap(taps.get(k)?.data, y, works, hasTime);
      this.buffers.push(y);
    }
  }

  /**
   * Copies a layer's output, whenever it has worked.
   *
   * @param {Float32Array | undefined} target
   * @param {Buffer} buffer
   * @param {Work[]} works
   * @param {boolean} hasTime
   */
  #tap(target, { data, width }, works, hasTime) {
    if (!target) return;
    works.push((_, steps, at) => {
      const count = hasTime ? steps * width : width;
      copy(target, at * width, data, 0, count);
      return true;
    });
  }

  /**
   * Some time steps of row n.
   *
   * @param {number} n
   * @param {ArrayLike<number>} x
   * @param {number} at the first step, among those of x
   * @param {number} steps at most a block
   * @returns {boolean} whether every h, c, u and output is finite ([finite-1]); if not, the states of this row
   *   are spoilt
   */
  step(n, x, at, steps) {
    const start = at * this.inputWidth;
    const count = steps * this.inputWidth;
    for (let k = 0; k < count; k++) this.#input[k] = x[start + k];
    tinyAll(this.#input, 0, count);
    return all(this.#timed, n, steps, at);
  }

  /**
   * What has no time, after the last steps of row n ([final-1], [last-step-1]). Without such layers nothing.
   *
   * @param {number} n
   * @param {number} steps of the last block; 0 if the row had no valid step
   * @returns {boolean} whether every output is finite
   */
  finish(n, steps) {
    return all(this.#untimed, n, steps, n);
  }
}

/**
 * @param {readonly Work[]} works
 * @param {number} n
 * @param {number} steps
 * @param {number} at
 */
function all(works, n, steps, at) {
  for (let k = 0; k < works.length; k++) if (!works[k](n, steps, at)) return false;
  return true;
}
