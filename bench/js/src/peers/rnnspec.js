/**
 * rnnspec itself, on one of its paths.
 *
 * @import { Session } from "../../../../js/src/index/run.js"
 * @import { Plan } from "../../../../js/src/plan.js"
 * @import { Contender, Input, Runner } from "../contender.js"
 * @import { Dtype, Mode } from "../nets.js"
 */

import { rowZero } from "../contender.js";
import { CALLS, COMPARED } from "../nets.js";

/** @typedef {typeof import("../../../../js/src/index/run.js")} Rnnspec */
/** @typedef {"simd128" | "plain"} Path */

/** The paths there are, the best one first. @type {Path[]} */
export const PATHS = ["simd128", "plain"];

/** Above that the plain path is not asked for batches. */
const PLAIN_LARGEST = 256;

/**
 * @param {Rnnspec} library
 * @param {Path} path
 * @param {Dtype} dtype
 * @returns {Contender}
 */
export function rnnspec(library, path, dtype) {
  const ending = dtype === "float32" ? "rnn" : `${dtype}.rnn`;
  return {
    peer: "rnnspec",
    path,
    native: false,
    dtype,
    versions: {},
    leftOut: ({ modes, hidden }, mode) => {
      if (dtype === "float16" && modes.length === 1) return "the plot has float32 alone";
      if (path === "plain" && mode === "batch" && hidden > PLAIN_LARGEST)
        return "a call takes 10 s";
      return undefined;
    },
    files: ({ name }) => [`${name}.${ending}`],
    load: async (_net, [bytes]) => {
      const plan = library.compile(library.load(bytes), { kernel: path });
      const session = new library.Session(plan);
      return { prepare: (mode, input) => prepare(library, plan, session, mode, input) };
    },
  };
}

/**
 * @param {Rnnspec} library
 * @param {Plan} plan
 * @param {Session} session
 * @param {Mode} mode
 * @param {Input[]} input
 * @returns {Runner}
 */
function prepare(library, plan, session, mode, input) {
  const { N, T } = CALLS[mode];
  const { width } = plan;
  const out = new Float32Array(width);
  const runs = input.map((values) =>
    plan.readsTokens
      ? Array.from({ length: N }, (_, n) => values.subarray(n * T, (n + 1) * T))
      : { shape: [N, T, 1], data: Float32Array.from(values) },
  );
  const call = {
    step: () => session.step(input[k], out),
    block: () => session.run(runs[k]).data,
    whole: () => library.run(plan, runs[0]).output.data,
    batch: () => library.run(plan, runs[0]).output.data,
  }[mode];
  let k = 0;
  const once = () => {
    const output = call();
    k = k + 1 === input.length ? 0 : k + 1;
    return output;
  };
  return {
    first: () => {
      session.reset();
      k = 0;
      return rowZero({ steps: COMPARED, T, width, stride: width }, once);
    },
    turn: (count) => {
      for (let n = 0; n < count; n++) once();
    },
  };
}
