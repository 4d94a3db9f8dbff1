/**
 * The net at work: buffers, states, and one time step of one row. It checks nothing that it is given.
 *
 * @import { Plan, PlanLayer } from "../plan.js"
 */

import { VECTOR_FUNCTIONS } from "../layout.js";
import { workOf } from "./work.js";

/**
 * The state of a recurrent layer.
 *
 * @typedef {{h: Float32Array, c: Float32Array}} Cell both [N, H]; c is empty where the layer has none
 */

/** The net of a plan with the state of N rows. A step of a row allocates nothing. */
export class Machine {
  /**
   * @param {Plan} plan
   * @param {number} N rows
   */
  constructor(plan, N) {
    const { layers, recurrent, timeEnds } = plan;
    this.plan = plan;
    this.N = N;
    /** The token that the next step reads, if the net reads tokens. */
    this.token = { id: 0 };
    /** What the next step reads, if the net reads features. */
    this.features = new Float32Array(plan.readsTokens ? 0 : plan.inputSize);
    /** The output of every layer at the last step. */
    this.outputs = layers.map(({ width }) => new Float32Array(width));
    /** The state of the recurrent layers, in order. @type {Cell[]} */
    this.cells = recurrent.map((layer) => newCell(layer, N));
    this.reset();
    const works = layers.map((layer, k) => {
      const x = k === 0 ? this.features : this.outputs[k - 1];
      const cell = this.cells[recurrent.indexOf(layer)];
      return workOf(layer, this.token, x, cell, this.outputs[k]);
    });
    const split = timeEnds < 0 ? layers.length : timeEnds + 1;
    /** The layers with time, and those behind, which work once for each row. */
    this.timed = works.slice(0, split);
    this.untimed = works.slice(split);
  }

  /** The output of the last step. */
  get output() {
    return this.outputs[this.outputs.length - 1];
  }

  /** The logits of the last step (SPEC 15): what a last softmax reads. */
  get logits() {
    const { layers } = this.plan;
    const last = layers.length - 1;
    if (!VECTOR_FUNCTIONS.has(layers[last].function ?? "")) return this.outputs[last];
    return last === 0 ? this.features : this.outputs[last - 1];
  }

  /** Sets the initial state, in every row ([run-2]). */
  reset() {
    for (const [k, { parameters, width }] of this.plan.recurrent.entries()) {
      const { h, c } = this.cells[k];
      for (let at = 0; at < h.length; at += width) h.set(parameters.h0, at);
      for (let at = 0; at < c.length; at += width) c.set(parameters.c0, at);
    }
  }

  /**
   * One time step of row n, over `token` or `features`.
   *
   * @param {number} n
   * @returns {boolean} whether every h, c, u and output is finite ([finite-1]); if not, the states of this row
   *   are spoilt
   */
  step(n) {
    for (const work of this.timed) if (!work(n)) return false;
    return true;
  }

  /**
   * What has no time, after the last step of row n ([final-1], [last-step-1]). Without such layers nothing.
   *
   * @param {number} n
   * @param {boolean} stepped whether the row had a valid step
   * @returns {boolean} whether every output is finite
   */
  finish(n, stepped) {
    const { layers, recurrent, timeEnds } = this.plan;
    if (timeEnds < 0) return true;
    const y = this.outputs[timeEnds];
    if (!stepped) {
      const k = recurrent.indexOf(layers[timeEnds]);
      if (k < 0) y.fill(0);
      else y.set(this.cells[k].h.subarray(n * y.length, (n + 1) * y.length));
    }
    for (const work of this.untimed) if (!work(n)) return false;
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
 * @param {PlanLayer} layer
 * @param {number} N
 * @returns {Cell}
 */
function newCell({ parameters, width }, N) {
  const c = parameters.c0.length > 0 ? N * width : 0;
  return { h: new Float32Array(N * width), c: new Float32Array(c) };
}
