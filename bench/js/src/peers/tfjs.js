/**
 * TensorFlow.js: nets made by hand from the same weights, of its operations or of its layers, on its
 * back ends that need no graphics card.
 *
 * @import { Contender } from "../contender.js"
 * @import { Net } from "../nets.js"
 */

import { weightsOf } from "../nets.js";
import { layers } from "./tfjs/layers.js";
import { operations } from "./tfjs/operations.js";

/** @typedef {typeof import("@tensorflow/tfjs")} Tf */
/** @typedef {"wasm" | "cpu"} Backend */
/** @typedef {"operations" | "layers"} Way */

/** Above that the cpu back end, scalar JavaScript, is behind the other one in every mode. */
const CPU_LARGEST = 40;

/**
 * @param {Tf} tf
 * @param {Backend} backend
 * @param {Way} way
 * @returns {Contender}
 */
export function tensorflow(tf, backend, way) {
  const enter = async () => {
    if (!(await tf.setBackend(backend)))
      throw new Error(`tensorflow.js has no back end ${backend}`);
  };
  return {
    peer: "tensorflow.js",
    path: `${backend}, ${way}`,
    native: false,
    dtype: "float32",
    versions: { "@tensorflow/tfjs": tf.version.tfjs },
    leftOut: (net) => leftOut(net, backend, way),
    files: ({ name }) => [`${name}.weights.json`, `${name}.weights.f32`],
    load: async (net, [places, numbers]) => {
      await enter();
      const weights = weightsOf(places, numbers);
      const prepare = way === "layers" ? layers(tf, net, weights) : operations(tf, net, weights);
      return { prepare: (mode, input) => ({ ...prepare(mode, input), enter }) };
    },
  };
}

/**
 * @param {Net} net
 * @param {Backend} backend
 * @param {Way} way
 */
function leftOut({ kind, hidden }, backend, way) {
  if (kind === "gru" && way === "layers") return "its GRU layer has no reset after the product";
  if (backend === "cpu" && hidden > CPU_LARGEST) return "its cpu back end is behind wasm there";
  return undefined;
}
