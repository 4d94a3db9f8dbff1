/**
 * The net at work in a kernel's memory: buffers, states, and some time steps of all rows at once. It checks nothing
 * that it is given.
 *
 * @import { Loan, Memory } from "../../kernel/memory.js"
 * @import { Exports } from "../../kernel/module.js"
 * @import { Plan } from "../../plan.js"
 * @import { Packed } from "../../plan/packed.js"
 * @import { Buffer, Space } from "./space.js"
 * @import { Work } from "./stateless.js"
 */

import { INPUT } from "../../graph.js";
import { FLOAT } from "../../kernel/memory.js";
import { tinyAll } from "../../tensor.js";
import { finalWork, recurrentWork } from "./recurrent.js";
import { blockSteps, bufferOf } from "./space.js";
import { statelessWork } from "./stateless.js";

/**
 * A plan in a kernel's memory.
 *
 * @typedef {object} PackedPlan
 * @property {Plan} plan
 * @property {Exports} kernel
 * @property {Memory} memory
 * @property {readonly (readonly Packed[])[]} packed of each layer
 * @property {number} columns the most that a row of input products has
 * @property {ReadonlySet<number>} unread the layers whose output nobody reads: tables have taken it up
 */

/** The net of a plan with the state of some rows. Steps allocate nothing. */
export class NativeMachine {
  #memory;
  #rows;
  #readsTokens;
  #ids;
  #input;
  /** @type {Work[]} */
  #timed = [];
  /** @type {Work[]} */
  #untimed = [];
  #state;
  /** All arrays of the state, one after the other; behind them there is room for them. */
  #states;
  /** How many floats they are. */
  #size = 0;
  /**
   * Is called whenever the output of a layer was filled that is asked for. Whoever wants it sets it.
   *
   * @type {(place: number, buffer: Buffer, steps: number) => void}
   */
  show = () => undefined;

  /**
   * @param {PackedPlan} packedPlan
   * @param {number} rows
   * @param {number} steps that it takes at once at most
   * @param {readonly number[]} places the layers whose outputs are asked for
   */
  constructor({ plan, kernel, memory, packed, columns, unread }, rows, steps, places) {
    const { inputSize, layers, readsTokens } = plan;
    this.#memory = memory;
    this.#rows = rows;
    this.#readsTokens = readsTokens;
    /** What it borrowed. @type {Loan[]} */
    this.loans = [];
    this.#ids = new Int32Array(readsTokens ? steps * rows : 0);
    /** @param {number} count */
    const borrow = (count) => memory.borrow(count, this.loans);
    const products = borrow(columns * rows * Math.min(steps, blockSteps(rows)));
    /** @type {Space} */
    const space = { kernel, memory, rows, steps, ids: this.#ids, products, borrow };
    this.#input = bufferOf(space, readsTokens ? 0 : steps * rows, inputSize);
    const ends = plan.state.map(({ size }) => (this.#size += rows * kernel.rnn_columns(size, 1)));
    this.#states = borrow(2 * this.#size);
    this.#state = plan.state.map(({ size: width }, k) => {
      const stride = kernel.rnn_columns(width, 1);
      return { at: this.#states + (ends[k] - rows * stride) * FLOAT, stride, width };
    });
    const slots = slotsOf(space, plan);
    /** @type {(place: number, buffer: Buffer, works: Work[]) => void} */
    const show = (place, buffer, works) => {
      if (!places.includes(place)) return;
      works.push((count) => {
        this.show(place, buffer, count);
        return true;
      });
    };
    show(INPUT, this.#input, this.#timed);
    /** @type {Buffer[]} */
    const buffers = [];
    let arrays = 0;
    for (const [k, layer] of layers.entries()) {
      const { hasTime, inputs, state, width } = layer.node;
      const stride = kernel.rnn_columns(width, 1);
      const y = { at: slots[layer.slot], stride, width };
      buffers.push(y);
      const read = inputs.map((place) => buffers[place] ?? this.#input);
      const works = hasTime ? this.#timed : this.#untimed;
      if (state.size > 0) {
        const cells = this.#state.slice(arrays, arrays + state.size);
        arrays += state.size;
        this.#timed.push(recurrentWork(space, layer, packed[k], read[0], cells, y));
        if (!hasTime) works.push(finalWork(space, layer, cells, y));
      } else if (!unread.has(k) || places.includes(k)) {
        works.push(statelessWork(space, layer, packed[k], read, y));
      }
      show(k, y, works);
    }
  }

  /**
   * Takes in one row of one step.
   *
   * @param {ArrayLike<number>} values
   * @param {number} from which row of them
   * @param {number} row where it goes to: step times rows, and the row
   */
  put(values, from, row) {
    if (this.#readsTokens) {
      this.#ids[row] = values[from];
      return;
    }
    const { at, stride, width } = this.#input;
    const { floats } = this.#memory;
    const to = at / FLOAT + row * stride;
    for (let k = 0; k < width; k++) floats[to + k] = values[from * width + k];
    tinyAll(floats, to, to + width);
  }

  /**
   * Some time steps.
   *
   * @param {number} steps
   * @returns {boolean} whether every h, c, u and output is finite ([finite-1]); if not, the state is spoilt
   */
  step(steps) {
    for (let k = 0; k < this.#timed.length; k++) if (!this.#timed[k](steps)) return false;
    return true;
  }

  /**
   * What has no time, after the last steps ([final-1], [last-step-1]).
   *
   * @param {number} steps of the last block; 0 if there was none
   * @returns {boolean}
   */
  finish(steps) {
    for (let k = 0; k < this.#untimed.length; k++) if (!this.#untimed[k](steps)) return false;
    return true;
  }

  /** Remembers the state. */
  keep() {
    this.#memory.copy(this.#states + this.#size * FLOAT, this.#states, this.#size);
  }

  /** Goes back to the state that was remembered. */
  goBack() {
    this.#memory.copy(this.#states, this.#states + this.#size * FLOAT, this.#size);
  }

  /**
   * Takes rows of a state.
   *
   * @param {readonly Float32Array[]} arrays
   * @param {readonly number[]} rows which
   */
  write(arrays, rows) {
    const { floats } = this.#memory;
    for (const [k, { at, stride, width }] of this.#state.entries()) {
      for (let n = 0; n < this.#rows; n++) {
        const from = rows[n] * width;
        floats.set(arrays[k].subarray(from, from + width), at / FLOAT + n * stride);
      }
    }
  }

  /**
   * Gives rows of its state.
   *
   * @param {readonly Float32Array[]} arrays
   * @param {readonly number[]} rows which
   */
  read(arrays, rows) {
    const { floats } = this.#memory;
    for (const [k, { at, stride, width }] of this.#state.entries()) {
      for (let n = 0; n < this.#rows; n++) {
        const from = at / FLOAT + n * stride;
        arrays[k].set(floats.subarray(from, from + width), rows[n] * width);
      }
    }
  }
}

/**
 * The places of the buffers of a plan.
 *
 * @param {Space} space
 * @param {Plan} plan
 * @returns {number[]}
 */
function slotsOf({ borrow, kernel, rows, steps }, { layers }) {
  /** @type {number[]} */
  const sizes = [];
  for (const { node, slot } of layers) {
    const count = kernel.rnn_columns(node.width, 1) * rows * (node.hasTime ? steps : 1);
    sizes[slot] = Math.max(sizes[slot] ?? 0, count);
  }
  return sizes.map(borrow);
}
