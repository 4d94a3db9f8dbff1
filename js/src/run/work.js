/**
 * What each type of layer does at a time step (SPEC 13). The type is looked at once, when the buffers are
 * made; the time loop calls what is bound here.
 *
 * @import { PlanLayer } from "../plan.js"
 * @import { Cell } from "./machine.js"
 */

import { chain, logSoftmax, softmax } from "../activation.js";
import { elmanStep } from "../cells/elman.js";
import { gruStep } from "../cells/gru.js";
import { lstmStep } from "../cells/lstm.js";
import { nonFiniteAt, tiny } from "../tensor.js";

const { fround } = Math;

/**
 * One step of one row.
 *
 * @typedef {(n: number) => boolean} Work whether all of the state and of the output is finite
 */

/**
 * The work of a layer between its buffers.
 *
 * @param {PlanLayer} layer
 * @param {{id: number}} token where the id stands that the net reads
 * @param {Float32Array} x its input
 * @param {Cell} cell its state, if it has one
 * @param {Float32Array} y its output
 * @returns {Work}
 */
export function workOf(layer, token, x, cell, y) {
  const { parameters } = layer;
  const scratch = () => new Float32Array(parameters.b.length);
  switch (layer.type) {
    case "elman": {
      const a = scratch();
      return (n) => elmanStep(layer, x, cell.h, n, a, y);
    }
    case "lstm": {
      const a = scratch();
      return (n) => lstmStep(layer, x, cell.h, cell.c, n, a, y);
    }
    case "gru": {
      const a = scratch();
      const d = scratch();
      return (n) => gruStep(layer, x, cell.h, n, a, d, y);
    }
    default: {
      const apply = functionOf(layer, token, x, y);
      return () => {
        apply();
        return nonFiniteAt(y) < 0;
      };
    }
  }
}

/**
 * A layer without a state.
 *
 * @param {PlanLayer} layer
 * @param {{id: number}} token
 * @param {Float32Array} x
 * @param {Float32Array} y
 * @returns {() => void}
 */
function functionOf({ activations, function: name, inputs, parameters, type, width }, token, x, y) {
  const { E, W, b, s, t } = parameters;
  const { own } = activations;
  switch (type) {
    case "embedding":
      return () => {
        const row = token.id * width;
        for (let j = 0; j < width; j++) y[j] = E[row + j];
      };
    case "one_hot":
      return () => {
        y.fill(0);
        y[token.id] = 1;
      };
    case "dense":
      return () => {
        y.set(b);
        chain(y, x, 0, inputs, W, width);
        for (let j = 0; j < width; j++) y[j] = tiny(y[j]);
      };
    case "affine":
      return () => {
        for (let j = 0; j < width; j++) y[j] = tiny(fround(fround(x[j] * s[j]) + t[j]));
      };
    case "last_step":
      return () => y.set(x);
    default:
      if (name === "softmax") return () => softmax(x, width, y);
      if (name === "log_softmax") return () => logSoftmax(x, width, y);
      return () => {
        for (let j = 0; j < width; j++) y[j] = own(x[j]);
      };
  }
}
