/**
 * Plans run by the WebAssembly kernel.
 *
 * @import { KernelName, Stepper } from "../kernel.js"
 * @import { Model } from "../model.js"
 * @import { Packed } from "../plan/packed.js"
 * @import { Source } from "../plan/token_table.js"
 * @import { Plan, PlanLayer } from "../plan.js"
 * @import { FloatArray } from "../tensor/arrays.js"
 * @import { CheckedInput } from "./arguments.js"
 * @import { PackedPlan } from "./native/machine.js"
 */

// biome-ignore-all assist/source/organizeImports: the module comes last, so that a compressor has the rest together

import { FLOAT, Memory } from "../kernel/memory.js";
import { READERS } from "../layout.js";
import { packLayer } from "../plan/packed.js";
import { Packer } from "../plan/packer.js";
import { planOf } from "../plan.js";
import { NativeMachine } from "./native/machine.js";
import { blockSteps } from "./native/space.js";
import { choose } from "../kernel.js";
import { instantiate } from "../kernel/module.js";

/** How many rows, and in a net that is not forward how many steps of rows, are in the buffers at once. */
const MOST_ROWS = 256;
const MOST_STEPS = 4096;

/**
 * Makes a model ready to run.
 *
 * @param {Model} model
 * @param {{kernel?: KernelName | undefined}} [options] `kernel`: what shall compute, `plain` JavaScript or `simd128`,
 *   WebAssembly; the best that works unless given. The bits are the same
 * @returns {Plan}
 * @throws {import("../issue.js").RnnspecError} RUN_OPTION for a kernel that is not there: it says why
 */
export function compile(model, { kernel } = {}) {
  return choose(kernel) === "plain" ? planOf(model) : planOf(model, (plan) => new Engine(plan));
}

/** A plan with its parameters in the memory of a kernel of its own. */
class Engine {
  /** @type {KernelName} */
  name = "simd128";
  /** @type {PackedPlan} */
  #packed;
  /** The machine of the last run: the next one is often alike. @type {{key: string, machine: NativeMachine} | null} */
  #spare = null;

  /** @param {Plan} plan */
  constructor(plan) {
    const { layers } = plan;
    const kernel = instantiate();
    const memory = new Memory(kernel);
    const packer = new Packer(kernel, memory);
    /** @type {Packed[][]} */
    const packed = [];
    for (const layer of layers)
      packed.push(packLayer(packer, layer, sourceOf(plan, packed, layer)));
    packer.finish();
    const columns = Math.max(0, ...packed.flat().map((own) => own.columns));
    const unread = new Set(layers.keys());
    for (const [k, { node }] of layers.entries()) {
      const hasTables = packed[k].every(({ table }) => table !== null);
      if (!hasTables) for (const place of node.inputs) unread.delete(place);
    }
    unread.delete(layers.length - 1);
    this.#packed = { plan, kernel, memory, packed, columns, unread };
  }

  /**
   * @param {readonly Float32Array[]} state
   * @param {number} N
   * @param {number} place
   */
  stepper(state, N, place) {
    return stepperOf(this.#packed, state, N, place);
  }

  /**
   * Rows of one length go together, time-major.
   *
   * @param {CheckedInput} input
   * @param {readonly Float32Array[]} state in place; spoilt if the answer is false
   * @param {Map<number, FloatArray>} outputs by the layers that are asked for
   * @returns {boolean} whether all numbers are finite
   */
  rows({ T, data, lengths }, state, outputs) {
    const { memory, plan } = this.#packed;
    const places = [...outputs.keys()];
    for (const [length, rows] of groupsOf(lengths, plan.backward !== undefined)) {
      const count = rows.length;
      const block = plan.backward ? length : Math.min(length, blockSteps(count));
      const machine = this.#machineOf(count, Math.max(1, block), places);
      let at = 0;
      machine.show = (place, { at: start, stride, width }, steps) => {
        const { data: to } = /** @type {FloatArray} */ (outputs.get(place));
        const hasTime = plan.layers[place]?.node.hasTime ?? true;
        for (let k = 0; k < (hasTime ? steps : 1) * count; k++) {
          const n = rows[k % count];
          const t = Math.floor(k / count);
          memory.read(
            to,
            (hasTime ? n * T + at + t : n) * width,
            start + k * stride * FLOAT,
            width,
          );
        }
      };
      machine.write(state, rows);
      let steps = 0;
      for (; at < length; at += steps) {
        steps = Math.min(block, length - at);
        for (let k = 0; k < steps * count; k++) {
          machine.put(data, rows[k % count] * T + at + Math.floor(k / count), k);
        }
        if (!machine.step(steps)) return false;
      }
      if (!machine.finish(steps)) return false;
      machine.read(state, rows);
    }
    return true;
  }

  /**
   * @param {number} rows
   * @param {number} steps
   * @param {readonly number[]} places
   */
  #machineOf(rows, steps, places) {
    const key = [rows, steps, ...places].join();
    if (this.#spare?.key === key) return this.#spare.machine;
    const { memory } = this.#packed;
    if (this.#spare) memory.free(this.#spare.machine.loans);
    this.#spare = null; // what is borrowed next may fail
    const machine = new NativeMachine(this.#packed, rows, steps, places);
    this.#spare = { key, machine };
    return machine;
  }
}

/**
 * One time step of all rows at a call.
 *
 * @param {PackedPlan} packed
 * @param {readonly Float32Array[]} state
 * @param {number} N
 * @param {number} place
 * @returns {Stepper}
 */
function stepperOf(packed, state, N, place) {
  const { memory, plan } = packed;
  const machine = new NativeMachine(packed, N, 1, [place]);
  const rows = Array.from({ length: N }, (_, n) => n);
  /** @type {Float32Array} */
  let out;
  machine.show = (_, { at, stride, width }) => {
    for (let n = 0; n < N; n++) memory.read(out, n * width, at + n * stride * FLOAT, width);
  };
  /** @type {Stepper} */
  const stepper = {
    step: (values, from, to) => {
      out = to;
      for (let n = 0; n < N; n++) machine.put(values, from + n, n);
      machine.keep();
      const finite = machine.step(1) && machine.finish(1);
      if (!finite) machine.goBack();
      return finite;
    },
    read: () => {
      const arrays = plan.state.map(({ size }) => new Float32Array(N * size));
      machine.read(arrays, rows);
      return arrays;
    },
    write: (arrays) => machine.write(arrays, rows),
  };
  stepper.write(state);
  memory.freeWith(stepper, machine.loans);
  return stepper;
}

/**
 * The embedding or one_hot that a layer reads, packed.
 *
 * @param {Plan} plan
 * @param {readonly Packed[][]} packed the layers before it
 * @param {PlanLayer} layer
 * @returns {Source | null} null if it reads something else
 */
function sourceOf({ layers }, packed, { I, node }) {
  const [place] = node.inputs;
  const source = layers[place];
  const type = source?.layer.type ?? "";
  if (!READERS.includes(type)) return null;
  const isEmbedding = type === "embedding";
  return { V: source.I, rows: isEmbedding ? packed[place][0].E : -1, I };
}

/**
 * Rows by their lengths, as many at once as there is room for.
 *
 * @param {readonly number[]} lengths
 * @param {boolean} isWhole whether a net needs all steps of a sequence at once
 * @returns {[number, number[]][]} length and rows
 */
function groupsOf(lengths, isWhole) {
  /** @type {[number, number[]][]} */
  const groups = [];
  /** The last group of each length. @type {Map<number, number[]>} */
  const last = new Map();
  for (const [n, length] of lengths.entries()) {
    const most = isWhole ? Math.min(MOST_ROWS, Math.floor(MOST_STEPS / length)) : MOST_ROWS;
    let rows = last.get(length) ?? [];
    if (rows.length === 0 || rows.length >= most) {
      rows = [];
      last.set(length, rows);
      groups.push([length, rows]);
    }
    rows.push(n);
  }
  return groups;
}
