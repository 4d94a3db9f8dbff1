/**
 * The net at work: buffers, states, and one time step of one row. It checks nothing that it is given.
 *
 * @import { Plan, PlanLayer } from "../plan.js"
 */

import { chain, logSoftmax, softmax } from "../activation.js";
import { lstmStep } from "../cells/lstm.js";
import { nonFiniteAt, tiny } from "../tensor.js";

/**
 * The state of a recurrent layer.
 *
 * @typedef {{h: Float32Array, c: Float32Array}} Cell both [N, H]
 */

/** The net of a plan with the state of N rows. A step of a row allocates nothing. */
export class Machine {
  /**
   * @param {Plan} plan
   * @param {number} N rows
   */
  constructor(plan, N) {
    this.plan = plan;
    this.N = N;
    /** The token that the next step reads, if the net reads tokens. */
    this.id = 0;
    /** What the next step reads, if the net reads features. */
    this.features = new Float32Array(plan.readsTokens ? 0 : plan.inputSize);
    /** The output of every layer at the last step. */
    this.outputs = plan.layers.map(({ width }) => new Float32Array(width));
    /** The state of the recurrent layers, in order: +0 at first. @type {Cell[]} */
    this.cells = plan.recurrent.map(({ width }) => newCell(N * width));
    /** Scratch of each layer: the gates of an LSTM. */
    this.gates = plan.layers.map(
      ({ type, parameters }) => new Float32Array(type === "lstm" ? parameters.b.length : 0),
    );
  }

  /** The output of the last step. */
  get output() {
    return this.outputs[this.outputs.length - 1];
  }

  /** The logits of the last step (SPEC 15): what a last softmax reads. */
  get logits() {
    const { layers } = this.plan;
    const last = layers.length - 1;
    if (layers[last].type !== "activation") return this.outputs[last];
    return last === 0 ? this.features : this.outputs[last - 1];
  }

  /**
   * One time step of row n, over `id` or `features`.
   *
   * @param {number} n
   * @returns {boolean} whether every h, c and output is finite ([finite-1]); if not, the states of
   *   this row are spoilt
   */
  step(n) {
    const { layers } = this.plan;
    let x = this.features;
    let recurrent = 0;
    for (let k = 0; k < layers.length; k++) {
      const layer = layers[k];
      const y = this.outputs[k];
      if (layer.type === "lstm") {
        const { h, c } = this.cells[recurrent++];
        if (!lstmStep(layer, x, h, c, n, this.gates[k], y)) return false;
      } else {
        apply(layer, this.id, x, y);
        if (nonFiniteAt(y) >= 0) return false;
      }
      x = y;
    }
    return true;
  }

  /**
   * Takes over the states of another machine of equal size.
   *
   * @param {Machine} other
   */
  copyCells(other) {
    for (let k = 0; k < this.cells.length; k++) {
      this.cells[k].h.set(other.cells[k].h);
      this.cells[k].c.set(other.cells[k].c);
    }
  }
}

/**
 * A layer without a state.
 *
 * @param {PlanLayer} layer
 * @param {number} id the token, if the layer reads one
 * @param {Float32Array} x its input
 * @param {Float32Array} y its output
 */
function apply(layer, id, x, y) {
  const { inputs, parameters, width } = layer;
  switch (layer.type) {
    case "embedding":
      for (let j = 0; j < width; j++) y[j] = parameters.E[id * width + j];
      break;
    case "one_hot":
      y.fill(0);
      y[id] = 1;
      break;
    case "dense":
      y.set(parameters.b);
      chain(y, width, x, 0, inputs, parameters.W);
      for (let j = 0; j < width; j++) y[j] = tiny(y[j]);
      break;
    default:
      if (layer.function === "softmax") softmax(x, width, y);
      else logSoftmax(x, width, y);
  }
}

/** @param {number} size */
function newCell(size) {
  return { h: new Float32Array(size), c: new Float32Array(size) };
}
