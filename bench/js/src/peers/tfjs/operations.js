/**
 * A net of TensorFlow.js' operations, one time step of all layers after the other. (The products with
 * the input of a whole sequence at once are slower: a slice of them reads all of them back.)
 *
 * @import { Tensor } from "@tensorflow/tfjs"
 * @import { Input, Runner } from "../../contender.js"
 * @import { Mode, Net, Weight } from "../../nets.js"
 * @import { Tf } from "../tfjs.js"
 */

import { rowZero } from "../../contender.js";
import { CALLS, COMPARED } from "../../nets.js";

/** A layer's [h] or [h, c], each [N, H]. @typedef {Tensor[]} State */

/** One time step of a layer: x [N, size]. @typedef {(x: Tensor, state: State) => State} Cell */

/** A layer's parameters by role. @typedef {Record<"W" | "R" | "b" | "rb", any>} Parameters */

/**
 * @param {Tf} tf
 * @param {Net} net
 * @param {Map<string, Weight>} weights
 * @returns {(mode: Mode, input: Input[]) => Runner}
 */
export function operations(tf, net, weights) {
  const { kind, hidden, output: width, tokens } = net;
  const tensors = new Map(
    [...weights].map(([name, { shape, values }]) => [name, tf.tensor(values, shape)]),
  );
  const of = (/** @type {string} */ name) => /** @type {any} */ (tensors.get(name));
  const make = { lstm, gru, elman }[kind];
  const cells = Array.from({ length: net.layers }, (_, k) => {
    const [W, R, b, rb] = ["W", "R", "b", "rb"].map((role) => of(`${kind}${k + 1}.${role}`));
    return make(tf, { W, R, b, rb });
  });
  const initial = (/** @type {number} */ N) =>
    cells.map(() => Array.from({ length: kind === "lstm" ? 2 : 1 }, () => tf.zeros([N, hidden])));

  /** One time step: the states after it. */
  const step = (/** @type {Input} */ values, /** @type {State[]} */ states) => {
    let x =
      tokens === null
        ? tf.tensor2d(values, [values.length, 1])
        : tf.gather(of("embedding.E"), tf.tensor1d(values, "int32"));
    return cells.map((cell, k) => {
      const state = cell(x, states[k]);
      [x] = state;
      return state;
    });
  };

  return (mode, input) => {
    const { N, T } = CALLS[mode];
    const carried = mode === "step" || mode === "block";
    const calls = input.map((values) => timeFirst(values, T));
    let states = initial(N);
    let k = 0;
    const once = () => {
      const steps = calls[k];
      k = (k + 1) % calls.length;
      const { output, after } = tf.tidy(() => {
        let now = states;
        const rows = steps.map((values) => {
          now = tf.tidy(() => step(values, now));
          return now[now.length - 1][0];
        });
        const h = T === 1 ? rows[0] : tf.concat(rows, 0); // [T * N, H]
        const sums = tf.fused.matMul({ a: h, b: of("dense.W"), bias: of("dense.b") });
        return { output: tokens === null ? sums : tf.softmax(sums), after: carried ? now : [] };
      });
      if (carried) {
        tf.dispose(states);
        states = after;
      }
      const data = output.dataSync();
      output.dispose();
      return data;
    };
    return {
      first: () => {
        tf.dispose(states);
        states = initial(N);
        k = 0;
        return rowZero({ steps: COMPARED, T, width, stride: N * width }, once);
      },
      turn: (count) => {
        for (let n = 0; n < count; n++) once();
      },
    };
  };
}

/**
 * @param {Tf} tf
 * @param {Parameters} parameters blocks i, f, g, o
 * @returns {Cell}
 */
function lstm(tf, { W, R, b }) {
  const both = tf.concat([W, R], 0);
  const [H] = R.shape;
  return (x, [h, c]) => {
    const sums = tf.fused.matMul({ a: tf.concat([x, h], 1), b: both, bias: b });
    const [i, f, , o] = tf.split(tf.sigmoid(sums), 4, 1);
    const g = tf.tanh(tf.slice(sums, [0, 2 * H], [-1, H]));
    const next = tf.add(tf.mul(f, c), tf.mul(i, g));
    return [tf.mul(o, tf.tanh(next)), next];
  };
}

/**
 * @param {Tf} tf
 * @param {Parameters} parameters blocks r, z, n; rb is a second bias of n
 * @returns {Cell}
 */
function gru(tf, { W, R, b, rb }) {
  const [H] = R.shape;
  const of = (
    /** @type {Tensor} */ sums,
    /** @type {number} */ from,
    /** @type {number} */ blocks,
  ) => tf.slice(sums, [0, from * H], [-1, blocks * H]);
  return (x, [h]) => {
    const products = tf.fused.matMul({ a: x, b: W, bias: b });
    const recurrent = tf.matMul(h, R);
    const gates = tf.sigmoid(tf.add(of(products, 0, 2), of(recurrent, 0, 2)));
    const [r, z] = tf.split(gates, 2, 1);
    const n = tf.tanh(tf.add(of(products, 2, 1), tf.mul(r, tf.add(of(recurrent, 2, 1), rb))));
    return [tf.add(n, tf.mul(z, tf.sub(h, n)))];
  };
}

/**
 * @param {Tf} tf
 * @param {Parameters} parameters
 * @returns {Cell}
 */
function elman(tf, { W, R, b }) {
  const both = tf.concat([W, R], 0);
  return (x, [h]) => [tf.tanh(tf.fused.matMul({ a: tf.concat([x, h], 1), b: both, bias: b }))];
}

/**
 * @param {Input} values [N, T]
 * @param {number} T
 * @returns {Input[]} T times [N]
 */
function timeFirst(values, T) {
  return Array.from({ length: T }, (_, t) => values.filter((_value, k) => k % T === t));
}
