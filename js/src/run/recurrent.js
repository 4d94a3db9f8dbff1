/**
 * Recurrent layers over steps, in their directions (SPEC 13.13), and their final output ([final-1]).
 *
 * @import { Step } from "../cells/elman.js"
 * @import { PlanLayer } from "../plan.js"
 * @import { Work } from "./work.js"
 */

import { elman } from "../cells/elman.js";
import { gru } from "../cells/gru.js";
import { lstm } from "../cells/lstm.js";
import { join } from "../merge.js";
import { copy, nonFiniteAt } from "../tensor.js";

/** @type {Readonly<Record<string, (layer: PlanLayer, parameters: any, h: Float32Array, c: Float32Array) => Step>>} */
const CELLS = { elman, gru, lstm };

/**
 * The steps of a layer: the forward direction first, then the other, whose outputs come to those of the first.
 *
 * @param {PlanLayer} planned
 * @param {Float32Array} x
 * @param {readonly Float32Array[]} state the arrays of all directions
 * @param {Float32Array} y untouched where the output is the final one
 * @returns {Work}
 */
export function recurrentWork(planned, x, state, y) {
  const { I, layer, node, ways } = planned;
  const { hasTime, width } = node;
  const { merge = "concat" } = layer;
  const isConcat = merge === "concat";
  const arrays = state.length / ways.length;
  const P = width / (isConcat ? ways.length : 1);
  const alone = new Float32Array(P); // the output of one step that does not go to y as it is
  const directions = ways.map((parameters, way) => {
    const [h, c] = state.slice(way * arrays);
    return {
      step: CELLS[layer.type](planned, parameters, h, c),
      isBack: way > 0 || layer.direction === "reverse",
      isAlone: !hasTime || (way > 0 && !isConcat),
      offset: way * P,
    };
  });
  return (n, steps) => {
    for (let way = 0; way < directions.length; way++) {
      const { step, isBack, isAlone, offset } = directions[way];
      for (let s = 0; s < steps; s++) {
        const t = isBack ? steps - 1 - s : s;
        const to = t * width;
        if (!isAlone) {
          if (!step(x, t * I, n, y, to + offset)) return false;
          continue;
        }
        if (!step(x, t * I, n, alone, 0)) return false;
        if (hasTime) join(merge, y, to, alone, 0, P);
      }
    }
    return !hasTime || isConcat || nonFiniteAt(y, steps * width) < 0;
  };
}

/**
 * @param {PlanLayer} planned with `output` final
 * @param {readonly Float32Array[]} state
 * @param {Float32Array} y
 * @returns {Work}
 */
export function finalWork({ layer, node, ways }, state, y) {
  const { merge = "concat" } = layer;
  const isConcat = merge === "concat";
  const P = node.width / (isConcat ? ways.length : 1);
  const other = state[state.length / 2];
  return (n) => {
    copy(y, 0, state[0], n * P, P);
    if (!isConcat) join(merge, y, 0, other, n * P, P);
    else if (ways.length > 1) copy(y, P, other, n * P, P);
    return nonFiniteAt(y, node.width) < 0;
  };
}
