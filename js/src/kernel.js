/**
 * What computes: plain JavaScript, or the kernel. The bits are the same.
 *
 * @import { FloatArray } from "./tensor/arrays.js"
 */

import { whyNot } from "./kernel/module.js";
import { wrongOption } from "./limits.js";

/** @typedef {"plain" | "simd128"} KernelName */

/**
 * One time step per call, with the state that it is at.
 *
 * @typedef {object} Stepper
 * @property {(values: ArrayLike<number>, from: number, out: Float32Array) => boolean} step one step of every row, from
 *   row `from` of what was checked; whether all of [finite-1] is finite: if not, the state is as it was
 * @property {() => Float32Array[]} read copies of the arrays of the state, in the order of the plan
 * @property {(arrays: readonly Float32Array[]) => void} write replaces them
 */

/**
 * A plan that a kernel made its own.
 *
 * @typedef {object} Engine
 * @property {KernelName} name
 * @property {(state: Float32Array[], N: number, place: number) => Stepper} stepper `place`: the layer
 *   whose output is asked for
 * @property {(input: {N: number, T: number, data: ArrayLike<number>, lengths: number[]}, state: readonly Float32Array[],
 *   outputs: Map<number, FloatArray>) => boolean} rows a batch: the state is replaced, and the outputs of the layers
 *   that are asked for are filled; false if a number of [finite-1] is not finite
 */

/**
 * What this runtime computes with where nothing else is asked for.
 *
 * @returns {{kernel: KernelName, why: string}} `why` it is plain; empty for a kernel
 */
export function runtime() {
  const why = whyNot();
  return { kernel: why ? "plain" : "simd128", why };
}

/**
 * @param {KernelName | undefined} wish the best that works, unless given
 * @returns {KernelName}
 * @throws {import("./issue.js").RnnspecError} RUN_OPTION for one that is not there: it says why
 */
export function choose(wish) {
  if (wish === "plain") return wish;
  const { kernel, why } = runtime();
  if (wish === undefined || wish === kernel) return kernel;
  throw wrongOption(
    "kernel",
    why ? `"plain", as there is no other: ${why}` : `"plain" or "${kernel}"`,
    wish,
  );
}
