/**
 * A net of TensorFlow.js' layers, as its users build one. Layers that carry their state know the
 * shape of a call, so there is a model for each mode.
 *
 * @import { Tensor } from "@tensorflow/tfjs"
 * @import { Input, Runner } from "../../contender.js"
 * @import { Mode, Net, Weight } from "../../nets.js"
 * @import { Tf } from "../tfjs.js"
 */

import { rowZero } from "../../contender.js";
import { CALLS, COMPARED } from "../../nets.js";

/**
 * @param {Tf} tf
 * @param {Net} net
 * @param {Map<string, Weight>} weights
 * @returns {(mode: Mode, input: Input[]) => Runner}
 */
export function layers(tf, net, weights) {
  return (mode, input) => {
    const { N, T } = CALLS[mode];
    const carried = mode === "step" || mode === "block";
    const model = build(tf, net, weights, N, T, carried);
    const shape = net.tokens === null ? [N, T, 1] : [N, T];
    let k = 0;
    const once = () => {
      const x = tf.tensor(input[k], shape);
      const y = /** @type {Tensor} */ (model.predict(x));
      k = (k + 1) % input.length;
      const data = y.dataSync();
      tf.dispose([x, y]);
      return data;
    };
    return {
      first: () => {
        if (carried) model.resetStates();
        k = 0;
        return rowZero({ steps: COMPARED, T, width: net.output, stride: net.output }, once);
      },
      turn: (count) => {
        for (let n = 0; n < count; n++) once();
      },
    };
  };
}

/**
 * @param {Tf} tf
 * @param {Net} net
 * @param {Map<string, Weight>} weights
 * @param {number} N
 * @param {number} T
 * @param {boolean} stateful
 */
function build(tf, net, weights, N, T, stateful) {
  const of = (/** @type {string[]} */ ...names) =>
    names.map((name) => {
      const { shape, values } = /** @type {Weight} */ (weights.get(name));
      return tf.tensor(values, shape);
    });
  const model = tf.sequential();
  const { kind, hidden: units, output, tokens } = net;
  if (tokens !== null) {
    model.add(
      tf.layers.embedding({
        inputDim: tokens,
        outputDim: net.input,
        batchInputShape: [N, T],
        weights: of("embedding.E"),
      }),
    );
  }
  for (let k = 1; k <= net.layers; k++) {
    const options = {
      units,
      stateful,
      returnSequences: true,
      // Otherwise it makes an orthogonal matrix, which takes long, and then ours replaces it.
      recurrentInitializer: "zeros",
      weights: of(`${kind}${k}.W`, `${kind}${k}.R`, `${kind}${k}.b`),
      ...(tokens === null && k === 1 && { batchInputShape: [N, T, 1] }),
    };
    model.add(
      kind === "lstm"
        ? tf.layers.lstm({ ...options, recurrentActivation: "sigmoid" })
        : tf.layers.simpleRNN(options),
    );
  }
  model.add(
    tf.layers.dense({
      units: output,
      activation: tokens === null ? "linear" : "softmax",
      weights: of("dense.W", "dense.b"),
    }),
  );
  return model;
}
