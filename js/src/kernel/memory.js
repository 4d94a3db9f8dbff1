/**
 * The memory of a kernel, shared out: weights for good, buffers for as long as they are needed.
 *
 * @import { Exports } from "./module.js"
 */

/** Bytes of a float32. */
export const FLOAT = 4;

const ALIGNMENT = 64;
const PAGE = 65_536;

/** What was borrowed: the size of its class in bytes, and its first byte. @typedef {readonly [number, number]} Loan */

/** The memory of one kernel. */
export class Memory {
  #memory;
  #top;
  /** All of it; of length 0 when the memory has grown. */
  #floats = new Float32Array(0);
  /** What was given back, by its size. @type {Map<number, number[]>} */
  #free = new Map();
  /** @type {FinalizationRegistry<readonly Loan[]>} */
  #owners = new FinalizationRegistry((loans) => this.free(loans));

  /** @param {Exports} exports */
  constructor({ memory, __heap_base }) {
    this.#memory = memory;
    this.#top = Math.ceil(__heap_base.value / ALIGNMENT) * ALIGNMENT;
  }

  /** All of its floats: that of the byte `at` is the element `at / FLOAT`. */
  get floats() {
    if (this.#floats.length === 0) this.#floats = new Float32Array(this.#memory.buffer);
    return this.#floats;
  }

  /**
   * Copies floats.
   *
   * @param {number} to a byte
   * @param {number} from a byte
   * @param {number} count
   */
  copy(to, from, count) {
    const start = from / FLOAT;
    this.floats.copyWithin(to / FLOAT, start, start + count);
  }

  /**
   * Copies rows of `width` floats.
   *
   * @param {number} to a byte
   * @param {number} toStride floats from row to row
   * @param {number} from a byte
   * @param {number} fromStride
   * @param {number} width
   * @param {number} count
   */
  copyRows(to, toStride, from, fromStride, width, count) {
    for (let n = 0; n < count; n++) {
      this.copy(to + n * toStride * FLOAT, from + n * fromStride * FLOAT, width);
    }
  }

  /**
   * Copies floats out of the memory. Element by element: a part of an array would be an object.
   *
   * @param {Float32Array} to
   * @param {number} start the first element of `to`
   * @param {number} from a byte
   * @param {number} count
   */
  read(to, start, from, count) {
    const { floats } = this;
    const first = from / FLOAT;
    for (let k = 0; k < count; k++) to[start + k] = floats[first + k];
  }

  /**
   * A place that stays taken, of numbers nobody knows.
   *
   * @param {number} bytes
   * @returns {number} its first byte, a multiple of 64
   */
  take(bytes) {
    const at = this.#top;
    this.#top = at + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    const missing = this.#top - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    return at;
  }

  /**
   * Gives back everything that was taken at this place and after it.
   *
   * @param {number} at
   */
  cut(at) {
    this.#top = at;
  }

  /**
   * A place of zeros. Sizes are powers of two, so that what is given back fits again.
   *
   * @param {number} count of floats
   * @param {Loan[]} loans what is to be given back with it
   * @returns {number} its first byte
   */
  borrow(count, loans) {
    let size = ALIGNMENT;
    while (size < count * FLOAT) size *= 2;
    const at = this.#free.get(size)?.pop() ?? this.take(size);
    loans.push([size, at]);
    this.floats.fill(0, at / FLOAT, at / FLOAT + count);
    return at;
  }

  /** @param {readonly Loan[]} loans */
  free(loans) {
    for (const [size, at] of loans) {
      if (!this.#free.get(size)?.push(at)) this.#free.set(size, [at]);
    }
  }

  /**
   * Frees when nobody holds their owner any more.
   *
   * @param {object} owner
   * @param {readonly Loan[]} loans
   */
  freeWith(owner, loans) {
    this.#owners.register(owner, loans);
  }
}
