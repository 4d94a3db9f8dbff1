/**
 * Recurrent layers over the steps of a block, in their directions (SPEC 13.13), and their final output ([final-1]).
 *
 * @import { PlanLayer } from "../../plan.js"
 * @import { Packed } from "../../plan/packed.js"
 * @import { Cell } from "./cells.js"
 * @import { Buffer, Space } from "./space.js"
 * @import { Work } from "./stateless.js"
 */

import { FLOAT } from "../../kernel/memory.js";
import { join } from "../../merge.js";
import { isPlainCell } from "../../plan/packed.js";
import { plainCell } from "./cells.js";
import { OPTION_CELLS } from "./options.js";
import { blockSteps, bufferOf, LINEAR, sweeping } from "./space.js";

/**
 * @param {Space} space
 * @param {PlanLayer} planned
 * @param {readonly Packed[]} packed
 * @param {Buffer} x
 * @param {readonly Buffer[]} state the arrays of all directions
 * @param {Buffer} y untouched where the output is the final one
 * @returns {Work}
 */
export function recurrentWork(space, planned, packed, x, state, y) {
  const { layer, node } = planned;
  const { rows, steps: most } = space;
  const arrays = state.length / packed.length;
  const isMerged = packed.length > 1;
  const directions = packed.map((own, way) => {
    const states = state.slice(way * arrays, (way + 1) * arrays);
    const isAlone = isMerged || !node.hasTime;
    const to = isAlone ? bufferOf(space, most * rows, states[0].width) : y;
    const cell = cellOf(space, planned, own, states, to);
    const products = productsOf(space, own, x);
    const isBack = way > 0 || layer.direction === "reverse";
    return {
      to,
      run: isBack ? backward(space, own, products, cell) : forward(space, products, cell),
    };
  });
  const [first, second] = directions;
  const join =
    isMerged && node.hasTime ? joining(space, layer.merge, first.to, second.to, y) : null;
  return (steps) => {
    for (const { run } of directions) if (!run(steps)) return false;
    return join === null || join(steps * rows);
  };
}

/**
 * @param {Space} space
 * @param {PlanLayer} planned
 * @param {Packed} packed
 * @param {readonly Buffer[]} state
 * @param {Buffer} y
 * @returns {Cell}
 */
function cellOf(space, planned, packed, state, y) {
  if (isPlainCell(planned)) return plainCell(space, planned, packed, state, y);
  const { memory, rows } = space;
  const [h] = state;
  const step = OPTION_CELLS[planned.layer.type](space, planned, packed, state);
  const size = rows * h.stride;
  return (to, a, steps) => {
    for (let t = 0; t < steps; t++) {
      if (!step(a + t * rows * packed.columns * FLOAT)) return false;
      memory.copy(y.at + (to + t) * size * FLOAT, h.at, size);
    }
    return true;
  };
}

/**
 * The products with W, from the bias on, of some steps: computed, or looked up.
 *
 * @param {Space} space
 * @param {Packed} packed
 * @param {Buffer} x
 * @returns {(from: number, steps: number) => number} the byte at which they begin
 */
function productsOf(space, { bias, columns, table, W }, x) {
  const { ids, kernel, memory, products: a, rows } = space;
  if (table === null) {
    const step = rows * x.stride * FLOAT;
    return (from, steps) => {
      kernel.rnn_products(a, bias, 0, x.at + from * step, x.stride, W, steps * rows);
      return a;
    };
  }
  const row = columns * FLOAT;
  return (from, steps) => {
    const count = steps * rows;
    const first = from * rows;
    if (count === 1) return table.rowOf(ids[first]);
    for (let n = 0; n < count; n++) memory.copy(a + n * row, table.rowOf(ids[first + n]), columns);
    return a;
  };
}

/**
 * @param {Space} space
 * @param {(from: number, steps: number) => number} products
 * @param {Cell} cell
 * @returns {Work}
 */
function forward({ rows }, products, cell) {
  const block = blockSteps(rows);
  return (steps) => {
    for (let t = 0; t < steps; t += block) {
      const some = Math.min(block, steps - t);
      if (!cell(t, products(t, some), some)) return false;
    }
    return true;
  };
}

/**
 * @param {Space} space
 * @param {Packed} packed
 * @param {(from: number, steps: number) => number} products
 * @param {Cell} cell
 * @returns {Work}
 */
function backward({ rows }, { columns }, products, cell) {
  const block = blockSteps(rows);
  const step = rows * columns * FLOAT;
  return (steps) => {
    for (let end = steps; end > 0; end -= block) {
      const start = Math.max(0, end - block);
      const a = products(start, end - start);
      for (let t = end - 1; t >= start; t--) if (!cell(t, a + (t - start) * step, 1)) return false;
    }
    return true;
  };
}

/**
 * [direction-2].
 *
 * @param {Space} space
 * @param {string | undefined} merge
 * @param {Buffer} first
 * @param {Buffer} second
 * @param {Buffer} y
 * @returns {(count: number) => boolean} of that many rows
 */
function joining(space, merge, first, second, y) {
  const { memory } = space;
  const { width } = first;
  const how = merge ?? "concat";
  if (how === "concat") {
    return (count) => {
      memory.copyRows(y.at, y.stride, first.at, first.stride, width, count);
      memory.copyRows(y.at + width * FLOAT, y.stride, second.at, second.stride, width, count);
      return true;
    };
  }
  const check = sweeping(space, LINEAR);
  return (count) => {
    const { floats } = memory;
    const size = count * y.stride; // rows of one stride
    memory.copy(y.at, first.at, size);
    join(how, floats, y.at / FLOAT, floats, second.at / FLOAT, size);
    return check(y, y, count);
  };
}

/**
 * [final-1].
 *
 * @param {Space} space
 * @param {PlanLayer} planned with `output` final
 * @param {readonly Buffer[]} state
 * @param {Buffer} y
 * @returns {Work}
 */
export function finalWork(space, { layer }, state, y) {
  const { memory, rows } = space;
  const [h] = state;
  if (layer.direction === "bidirectional") {
    const join = joining(space, layer.merge, h, state[state.length / 2], y);
    return () => join(rows);
  }
  return () => {
    memory.copy(y.at, h.at, rows * h.stride);
    return true;
  };
}
