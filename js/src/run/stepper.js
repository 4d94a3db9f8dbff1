/**
 * One time step of all rows at a call.
 *
 * @import { Stepper } from "../kernel.js"
 * @import { Plan } from "../plan.js"
 */

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
  const output = data.subarray(0, width);
  return {
    step: (values, from, out) => {
      copy(state, before);
      for (let n = 0; n < N; n++) {
        if (!machine.step(n, values, from + n, 1) || !machine.finish(n, 1)) {
          copy(before, state);
          return false;
        }
        out.set(output, n * width);
      }
      return true;
    },
    read: () => copied(state),
    write: (arrays) => copy(arrays, state),
  };
}

/** @param {readonly Float32Array[]} arrays */
function copied(arrays) {
  return arrays.map((values) => values.slice());
}

/**
 * @param {readonly Float32Array[]} from
 * @param {readonly Float32Array[]} to
 */
function copy(from, to) {
  for (let k = 0; k < from.length; k++) to[k].set(from[k]);
}
