/** From logits to a token ([decode-1], [decode-2], [decode-7]). */

import { exp } from "../activation.js";
import { Random } from "./random.js";

const { floor, fround } = Math;

const WEIGHT_ONE = 2 ** 31;

/**
 * The lowest id of those with the largest logit ([decode-1]).
 *
 * @param {Float32Array} logits
 * @returns {number}
 */
export function greedy(logits) {
  let best = 0;
  for (let k = 1; k < logits.length; k++) if (logits[k] > logits[best]) best = k;
  return best;
}

/**
 * Draws from the distribution of the logits, by integer weights and exact sums: the weights are at most
 * 2^31 and their number at most 2^21, so that every sum is below 2^53.
 */
export class Sampler {
  #weights;
  #powers;
  #ordered;

  /**
   * @param {number} V
   * @param {number} seed
   * @param {number} temperature a binary32
   * @param {number} topK how many ids are kept
   * @param {number} topP a binary32: how much of what is kept by then
   */
  constructor(V, seed, temperature, topK, topP) {
    this.random = new Random(seed);
    this.temperature = temperature;
    this.topK = topK;
    this.topP = topP;
    this.#weights = new Float64Array(V);
    this.#powers = new Float32Array(V);
    this.#ordered = new Float64Array(V);
  }

  /**
   * One draw ([decode-2]).
   *
   * @param {Float32Array} logits [V]
   * @returns {number} an id
   */
  choose(logits) {
    const weights = this.#weights;
    const powers = this.#powers;
    const m = logits[greedy(logits)];
    for (let k = 0; k < weights.length; k++) {
      powers[k] = fround(logits[k] - m) / this.temperature;
    }
    exp(powers, 0, powers.length);
    for (let k = 0; k < weights.length; k++) weights[k] = floor(powers[k] * WEIGHT_ONE);
    if (this.topK < weights.length || this.topP < 1) this.#keepTop();
    let S = 0;
    for (let k = 0; k < weights.length; k++) S += weights[k];
    const r = Math.min(floor(this.random.draw() * S), S - 1);
    let sum = 0;
    for (let k = 0; ; k++) {
      sum += weights[k];
      if (sum > r) return k;
    }
  }

  /**
   * Sets the weights of the ids that are not kept to 0 ([decode-7]). Those kept are the ones above the weight
   * of the last, and of those with just this weight the first.
   */
  #keepTop() {
    const weights = this.#weights;
    const ordered = this.#ordered;
    ordered.set(weights);
    ordered.sort(); // ascending, by number
    const V = weights.length;
    let kept = Math.min(this.topK, V);
    let Q = 0;
    for (let k = V - kept; k < V; k++) Q += ordered[k];
    let sum = 0;
    let prefix = 0;
    while (sum < this.topP * Q) sum += ordered[V - ++prefix];
    kept = Math.min(kept, prefix);
    const last = ordered[V - kept];
    let equals = kept; // how many of the last weight are kept
    for (let k = V - kept; k < V; k++) if (ordered[k] > last) equals--;
    for (let k = 0; k < V; k++) {
      if (weights[k] < last) weights[k] = 0;
      else if (weights[k] === last && equals-- <= 0) weights[k] = 0;
    }
  }
}
