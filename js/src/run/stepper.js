/**
 * One time step of all rows at a call.
 *
 * @import { Stepper } from "../kernel.js"
 * @import { Plan } from "../plan.js"
 */

import { copy } from "../tensor.js";
import { Machine } from "./machine.js";

/**
 * The plan's kernel at work, or plain JavaScript.
 *
 * @param {Plan} plan
 * @param {Float32Array[]} state where it starts; the stepper may work on it
 * @param {number} N
 * @param {number} place the layer whose output is asked for
 * @returns {Stepper}
 */
export function stepperOf(plan, state, N, place) {
  if (plan.engine) return plan.engine.stepper(state, N, place);
  const before = copied(state);
  const machine = new Machine(plan, state);
  const { data, width } = machine.buffers[place];
  return {
    step: (values, from, out) => {
      copyAll(before, state);
      for (let n = 0; n < N; n++) {
        if (!machine.step(n, values, from + n, 1) || !machine.finish(n, 1)) {
          copyAll(state, before);
          return false;
        }
        copy(out, n * width, data, 0, width);
      }
      return true;
    },
    read: () => copied(state),
    write: (arrays) => copyAll(state, arrays),
  };
}

/** @param {readonly Float32Array[]} arrays */
function copied(arrays) {
  return arrays.map((values) => values.slice());
}

/**
 * @param {readonly Float32Array[]} to
 * @param {readonly Float32Array[]} from
 */
function copyAll(to, from) {
  for (let k = 0; k < to.length; k++) copy(to[k], 0, from[k], 0, to[k].length);
}
