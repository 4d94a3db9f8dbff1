/**
 * Whole sequences.
 *
 * @import { Plan } from "../plan.js"
 * @import { FloatArray } from "../tensor/arrays.js"
 * @import { CheckedInput } from "./arguments.js"
 */

import { RUN_NONFINITE } from "../codes.js";
import { failure } from "../issue.js";
import { elementCount } from "../tensor.js";
import { Machine } from "./machine.js";

/**
 * Runs a batch. In plain JavaScript, row by row, a forward net goes step by step through all of its layers, any other
 * layer by layer through all steps.
 *
 * @param {Plan} plan
 * @param {CheckedInput} input
 * @param {readonly Float32Array[]} state in place; spoilt if this throws
 * @param {readonly number[]} places the layers whose outputs are asked for; INPUT for what the net reads
 * @returns {Map<number, FloatArray>} place → [N, T, width], +0 past a row's length ([run-1]), or [N, width]
 */
export function runRows(plan, input, state, places) {
  const { N, T, data, lengths } = input;
  /** @type {Map<number, FloatArray>} */
  const outputs = new Map();
  for (const place of places) {
    const source = { hasTime: true, width: plan.inputSize };
    const { hasTime, width } = plan.layers[place]?.node ?? source;
    const shape = hasTime ? [N, T, width] : [N, width];
    outputs.set(place, { shape, data: new Float32Array(elementCount(shape)) });
  }
  if (plan.engine) {
    check(plan.engine.rows(input, state, outputs));
    return outputs;
  }
  const longest = lengths.reduce((most, length) => Math.max(most, length), 1);
  const block = plan.backward ? longest : 1;
  const machine = new Machine(plan, state, block, outputs);
  for (let n = 0; n < N; n++) {
    let steps = 0;
    for (let t = 0; t < lengths[n]; t += steps) {
      steps = Math.min(block, lengths[n] - t);
      check(machine.step(n, data, n * T + t, steps));
    }
    check(machine.finish(n, steps));
  }
  return outputs;
}

/** @param {boolean} finite */
function check(finite) {
  if (!finite) throw failure(RUN_NONFINITE, "input");
}
