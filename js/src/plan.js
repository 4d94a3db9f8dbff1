/**
 * A model made ready to run: parameters as float32 arrays after T, functions bound, buffers shared out.
 *
 * @import { Parameters, Recurrent } from "./cells/elman.js"
 * @import { Layer, Model, Node } from "./model.js"
 */

import { bind } from "./activation/elementwise.js";
import { FUNCTIONS, REVERSE } from "./layout.js";
import { tinyAll } from "./tensor.js";

/**
 * A layer, made ready to run.
 *
 * @typedef {Recurrent & {node: Node, ways: readonly Parameters[], slot: number}} PlanLayer `ways`: the parameters
 *   of its directions, forward before reverse; `slot`: the buffer of its output
 */

/**
 * An array of a state, [N, size].
 *
 * @typedef {object} StateArray
 * @property {string} layer its name
 * @property {string} array
 * @property {number} size
 * @property {Float32Array | undefined} initial [size]; +0 where the file gives none ([run-2])
 */

/** What runs, made by `compile`. A Plan is immutable: share it between sessions. */
export class Plan {
  /**
   * @param {Model} model
   * @param {readonly PlanLayer[]} layers
   */
  constructor(model, layers) {
    const { input, inputVocabulary } = model;
    const { node } = layers[layers.length - 1];
    /** The model it was made from. */
    this.model = model;
    /** V for tokens, the number of features otherwise. */
    this.inputSize = input.kind === "features" ? input.size : (inputVocabulary?.size ?? 0);
    this.layers = Object.freeze(layers);
    /** The arrays of its states, in order. @type {readonly StateArray[]} */
    this.state = Object.freeze(layers.flatMap(stateArrays));
    /** The width of the output. */
    this.width = node.width;
    /** Whether the output has time ([layer-5]). */
    this.hasTime = node.hasTime;
    /** The first layer that needs a whole sequence; undefined for a forward net ([run-4]). */
    this.backward = model.layers.find(
      ({ direction = "forward", type }) => direction !== "forward" || type === "time_reverse",
    );
    Object.freeze(this);
  }

  /** Whether the input is token ids. */
  get readsTokens() {
    return this.model.input.kind === "tokens";
  }
}

/**
 * Makes a model ready to run.
 *
 * @param {Model} model
 * @returns {Plan}
 */
export function compile(model) {
  const slots = slotsOf(model.nodes);
  const layers = model.layers.map((layer, k) => {
    const node = model.nodes[k];
    const ways = ["", REVERSE].slice(0, layer.direction === "bidirectional" ? 2 : 1);
    return Object.freeze({
      layer,
      node,
      I: node.I,
      H: layer.hiddenSize ?? 0,
      functions: functionsOf(layer),
      limit: Math.fround(layer.clip ?? Infinity),
      ways: ways.map((suffix) => parametersOf(model, layer, suffix)),
      slot: slots[k],
    });
  });
  return new Plan(model, layers);
}

/**
 * Buffers for the outputs. That of a sequence is taken again when no layer reads it any more; what is written or
 * read when the steps are done stays till then.
 *
 * @param {readonly Node[]} nodes
 * @returns {number[]} the buffer of each layer
 */
function slotsOf(nodes) {
  const lastRead = nodes.map((_, k) => (k === nodes.length - 1 ? Infinity : 0));
  for (const [k, { hasTime, inputs, state }] of nodes.entries()) {
    const at = hasTime || state.size > 0 ? k : Infinity;
    for (const place of inputs) if (place >= 0) lastRead[place] = Math.max(lastRead[place], at);
  }
  /** @type {number[]} */
  const takenUntil = [];
  return nodes.map(({ hasTime }, k) => {
    const free = takenUntil.findIndex((until) => until < k);
    const slot = free < 0 ? takenUntil.length : free;
    takenUntil[slot] = hasTime ? lastRead[k] : Infinity;
    return slot;
  });
}

/**
 * @param {Model} model
 * @param {Layer} layer
 * @param {string} suffix of the roles
 * @returns {Parameters}
 */
function parametersOf(model, { parameters = new Map() }, suffix) {
  /** @type {Record<string, Float32Array>} */
  const arrays = {};
  for (const [role, name] of parameters) {
    const own = role.replace(REVERSE, "");
    if (own + suffix === role) arrays[own] = tinyAll(model.tensor(name).toFloat32Array());
  }
  return Object.freeze(arrays);
}

/**
 * @param {Layer} layer
 * @returns {Recurrent["functions"]}
 */
function functionsOf({ activation, activations = {}, alpha, beta, function: name = "linear" }) {
  const identity = { function: "linear" };
  const own = name in FUNCTIONS ? { function: name, alpha, beta } : identity;
  const { gates = identity, candidate = identity, output = identity } = activations;
  return {
    own: bind(activation ?? own),
    gates: bind(gates),
    candidate: bind(candidate),
    output: bind(output),
  };
}

/**
 * @param {PlanLayer} layer
 * @returns {StateArray[]}
 */
function stateArrays({ layer, node, ways }) {
  return [...node.state].map(([array, size]) => {
    const way = array.endsWith(REVERSE) ? 1 : 0;
    return { layer: layer.name, array, size, initial: ways[way][`${array.charAt(0)}0`] };
  });
}
