/**
 * Layers without a state, in a kernel's memory (SPEC 13). Their rows are independent: all of a block at once.
 *
 * @import { PlanLayer } from "../../plan.js"
 * @import { Packed } from "../../plan/packed.js"
 * @import { Buffer, Space } from "./space.js"
 */

import { FLOAT } from "../../kernel/memory.js";
import { layerNorm } from "../../layer_norm.js";
import { join } from "../../merge.js";
import { LINEAR, sweeping } from "./space.js";

const { fround } = Math;

/**
 * What a layer does over the steps of a block, or when they are done: it fills its buffer, [steps, rows].
 *
 * @typedef {(steps: number) => boolean} Work whether all of the state and of the output is finite ([finite-1])
 */

/** The layers that end with T, and whose output may overflow: the kernel does the one and looks at the other. */
const COMPUTING = ["dense", "affine", "layer_norm", "add", "multiply"];

/**
 * @param {Space} space
 * @param {PlanLayer} planned
 * @param {readonly Packed[]} packed
 * @param {readonly Buffer[]} read
 * @param {Buffer} y
 * @returns {Work}
 */
export function statelessWork(space, planned, packed, read, y) {
  const { layer, node } = planned;
  const { rows } = space;
  /** @param {number} steps */
  const countOf = (steps) => (node.hasTime ? steps * rows : rows);
  const activation = { ...layer, function: layer.function ?? "" };
  if (layer.type === "activation") {
    const sweep = sweeping(space, activation);
    return (steps) => sweep(y, read[0], countOf(steps));
  }
  const fill = filling(space, planned, packed, read, y);
  const isComputing = COMPUTING.includes(layer.type);
  const check = sweeping(space, LINEAR);
  // Rows without gaps are one row for the kernel; what products leave in the padding is +0.
  const all = layer.type === "dense" ? { ...y, width: y.stride } : y;
  return (steps) => {
    const count = countOf(steps);
    fill(count, steps);
    return !isComputing || check(all, all, count);
  };
}

/**
 * @param {Space} space
 * @param {PlanLayer} planned
 * @param {readonly Packed[]} packed
 * @param {readonly Buffer[]} read
 * @param {Buffer} y
 * @returns {(count: number, steps: number) => void} `count` rows
 */
function filling(space, { layer }, [packed], read, y) {
  const { ids, kernel, memory, rows } = space;
  const [x] = read;
  const { at, stride, width } = y;
  const { s, t, gamma, beta } = packed.own;
  switch (layer.type) {
    case "embedding":
      return (count) => {
        for (let n = 0; n < count; n++) {
          memory.copy(at + n * stride * FLOAT, packed.E + ids[n] * stride * FLOAT, width);
        }
      };
    case "one_hot":
      return (count) => {
        const { floats } = memory;
        const start = at / FLOAT;
        floats.fill(0, start, start + count * stride);
        for (let n = 0; n < count; n++) floats[start + n * stride + ids[n]] = 1;
      };
    case "dense":
      return (count) => {
        kernel.rnn_products(at, packed.bias, 0, x.at, x.stride, packed.W, count);
      };
    case "affine":
      return (count) => {
        const { floats } = memory;
        for (let n = 0; n < count; n++) {
          const from = x.at / FLOAT + n * stride;
          const to = at / FLOAT + n * stride;
          for (let j = 0; j < width; j++) floats[to + j] = fround(floats[from + j] * s[j]) + t[j];
        }
      };
    case "layer_norm": {
      const epsilon = fround(layer.epsilon ?? 0);
      const squares = new Float32Array(width);
      return (count) => {
        memory.copy(at, x.at, count * stride);
        const { floats } = memory;
        for (let n = 0; n < count; n++) {
          layerNorm(floats, at / FLOAT + n * stride, epsilon, gamma, beta, squares, floats);
        }
      };
    }
    case "concat":
      return (count) => {
        let to = at;
        for (const part of read) {
          memory.copyRows(to, stride, part.at, part.stride, part.width, count);
          to += part.width * FLOAT;
        }
      };
    case "time_reverse":
      return (_, steps) => {
        const step = rows * stride;
        for (let k = 0; k < steps; k++) {
          memory.copy(at + k * step * FLOAT, x.at + (steps - 1 - k) * step * FLOAT, step);
        }
      };
    case "last_step":
      return (_, steps) => {
        const step = rows * stride;
        if (steps > 0) memory.copy(at, x.at + (steps - 1) * step * FLOAT, step);
        else memory.floats.fill(0, at / FLOAT, at / FLOAT + step);
      };
    default: {
      return (count) => {
        const { floats } = memory;
        const to = at / FLOAT;
        memory.copy(at, x.at, count * stride);
        for (let i = 1; i < read.length; i++) {
          join(layer.type, floats, to, floats, read[i].at / FLOAT, count * stride);
        }
      };
    }
  }
}
