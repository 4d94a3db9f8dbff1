/**
 * What each type of layer does (SPEC 13). The type is looked at once, when the buffers are made; the time loop
 * calls what is bound here.
 *
 * @import { PlanLayer } from "../plan.js"
 */

import { chain, logSoftmax, softmax } from "../activation.js";
import { layerNorm } from "../layer_norm.js";
import { join } from "../merge.js";
import { copy, fround, nonFiniteAt, tinyAll } from "../tensor.js";

/**
 * What a layer does over some steps of row n, or once for it if it has no time: it fills its buffer. `at` is the
 * place of the first of them in a whole batch.
 *
 * @typedef {(n: number, steps: number, at: number) => boolean} Work whether all of the state and of the output is
 *   finite ([finite-1])
 */

/** A buffer, and how wide a step in it is. @typedef {{data: Float32Array, width: number}} Buffer */

/**
 * The work of a layer without a state between its buffers.
 *
 * @param {PlanLayer} layer
 * @param {readonly Buffer[]} read
 * @param {Float32Array} y
 * @returns {Work}
 */
export function statelessWork(layer, read, y) {
  const { hasTime, width } = layer.node;
  const apply = applying(layer, read, y);
  return (_, steps) => {
    const count = hasTime ? steps : 1;
    for (let t = 0; t < count; t++) apply(t, t * width, steps - 1);
    return nonFiniteAt(y, count * width) < 0;
  };
}

/**
 * One step: t, whose output begins at `to`; `last` is the last one there is.
 *
 * @param {PlanLayer} layer
 * @param {readonly Buffer[]} read
 * @param {Float32Array} y
 * @returns {(t: number, to: number, last: number) => void}
 */
function applying({ functions, I, layer, node, ways }, read, y) {
  const [{ data: x }] = read;
  const { width } = node;
  const { E, W, s, t: shift, gamma, beta, b = new Float32Array(width) } = ways[0];
  switch (layer.type) {
    case "embedding":
      return (t, to) => copy(y, to, E, x[t] * width, width);
    case "one_hot":
      return (t, to) => {
        y.fill(0, to, to + width);
        y[to + x[t]] = 1;
      };
    case "dense": {
      const a = new Float32Array(width);
      return (t, to) => {
        a.set(b);
        chain(a, x, t * I, I, W, width);
        y.set(tinyAll(a), to);
      };
    }
    case "affine":
      return (_, to) => {
        for (let j = 0; j < width; j++) y[to + j] = fround(x[to + j] * s[j]) + shift[j];
        tinyAll(y, to, to + width);
      };
    case "layer_norm": {
      const epsilon = fround(layer.epsilon ?? 0);
      const squares = new Float32Array(width);
      return (_, to) => layerNorm(x, to, epsilon, gamma, beta, squares, y);
    }
    case "concat":
      return (t, to) => {
        let at = to;
        for (let i = 0; i < read.length; i++) {
          const { data, width: size } = read[i];
          copy(y, at, data, t * size, size);
          at += size;
        }
      };
    case "time_reverse":
      return (_, to, last) => copy(y, to, x, last * width - to, width);
    case "last_step":
      return (_, to, last) => (last < 0 ? y.fill(0) : copy(y, to, x, last * width, width));
    case "add":
    case "multiply": {
      return (_, to) => {
        copy(y, to, x, to, width);
        for (let i = 1; i < read.length; i++) join(layer.type, y, to, read[i].data, to, width);
      };
    }
    default:
      if (layer.function === "softmax") return (_, to) => softmax(x, to, width, y);
      if (layer.function === "log_softmax") return (_, to) => logSoftmax(x, to, width, y);
      return (_, to) => {
        copy(y, to, x, to, width);
        functions.own(y, to, to + width);
      };
  }
}
