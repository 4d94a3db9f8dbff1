/**
 * ONNX Runtime: onnxruntime-web (WebAssembly SIMD, one thread) and onnxruntime-node (native), which
 * have the same interface.
 *
 * @import { InferenceSession, Tensor } from "onnxruntime-common"
 * @import { Contender, Input, Runner } from "../contender.js"
 * @import { Mode, Net } from "../nets.js"
 */

import { rowZero } from "../contender.js";
import { CALLS, COMPARED } from "../nets.js";

/** @typedef {typeof import("onnxruntime-common")} Ort */

/**
 * The two ways there are: each call makes the arrays of its outputs, or they are given to it.
 *
 * @typedef {"outputs made" | "outputs given"} Way
 */

/**
 * @param {Ort} ort
 * @param {"onnxruntime-web" | "onnxruntime-node"} peer
 * @param {string} version
 * @param {Way} way
 * @returns {Contender}
 */
export function onnxruntime(ort, peer, version, way) {
  const native = peer === "onnxruntime-node";
  return {
    peer,
    path: way,
    native,
    dtype: "float32",
    versions: { [peer]: version },
    leftOut: () => undefined,
    files: ({ name }) => [`${name}.onnx`],
    load: async (net, [bytes]) => {
      const session = await ort.InferenceSession.create(bytes, {
        executionProviders: [native ? "cpu" : "wasm"],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        graphOptimizationLevel: "all",
        logSeverityLevel: 3,
      });
      return { prepare: (mode, input) => prepare(ort, session, net, mode, input, way) };
    },
  };
}

/**
 * @param {Ort} ort
 * @param {InferenceSession} session
 * @param {Net} net
 * @param {Mode} mode
 * @param {Input[]} input
 * @param {Way} way
 * @returns {Runner}
 */
function prepare(ort, session, net, mode, input, way) {
  const { N, T } = CALLS[mode];
  const { hidden, output: width } = net;
  const carried = mode === "step" || mode === "block";
  const calls = input.map((values) => inputTensor(ort, net, values, N, T));
  const states = session.inputNames.filter((name) => name !== "input");
  const empty = (/** @type {number[]} */ shape) =>
    new ort.Tensor("float32", new Float32Array(shape.reduce((a, b) => a * b)), shape);
  const nextStates = carried ? states.map((name) => `${name}_next`) : [];
  /** Two sets, as what one call writes the next one reads. */
  const outputs = [0, 1].map(() => ({
    output: empty([T, N, width]),
    ...Object.fromEntries(nextStates.map((name) => [name, empty([1, N, hidden])])),
  }));
  const names = ["output", ...nextStates];
  const zeros = Object.fromEntries(states.map((name) => [name, empty([1, N, hidden])]));
  /** @type {Record<string, Tensor>} */
  const feeds = { ...zeros };
  let k = 0;
  const once = async () => {
    feeds.input = calls[k];
    const results = await session.run(feeds, way === "outputs given" ? outputs[k % 2] : names);
    if (carried) for (const name of states) feeds[name] = results[`${name}_next`];
    k = (k + 1) % calls.length;
    return /** @type {Float32Array} */ (results.output.data);
  };
  return {
    first: () => {
      Object.assign(feeds, zeros);
      k = 0;
      return rowZero({ steps: COMPARED, T, width, stride: N * width }, once);
    },
    turn: async (count) => {
      for (let n = 0; n < count; n++) await once();
    },
  };
}

/**
 * One call's input, time first.
 *
 * @param {Ort} ort
 * @param {Net} net
 * @param {Input} values [N, T]
 * @param {number} N
 * @param {number} T
 * @returns {Tensor}
 */
function inputTensor(ort, { tokens }, values, N, T) {
  if (tokens === null) return new ort.Tensor("float32", Float32Array.from(values), [T, N, 1]);
  const ids = new BigInt64Array(T * N);
  for (let n = 0; n < N; n++) {
    for (let t = 0; t < T; t++) ids[t * N + n] = BigInt(values[n * T + t]);
  }
  return new ort.Tensor("int64", ids, [T, N]);
}
