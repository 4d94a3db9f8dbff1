/**
 * A model made ready to run: parameters as float32 arrays after T, functions bound, buffers shared out.
 *
 * @import { Parameters, Recurrent } from "./cells/elman.js"
 * @import { Engine, KernelName } from "./kernel.js"
 * @import { Layer, Model, Node, Tensor } from "./model.js"
 */

import { sweepOf } from "./activation/elementwise.js";
import { REVERSE } from "./layout.js";
import { fround, tinyAll } from "./tensor.js";

/**
 * A layer, made ready to run.
 *
 * @typedef {Recurrent & {node: Node, tensors: readonly Tensors[], ways: readonly Parameters[], slot: number}} PlanLayer
 *   `tensors` and `ways`: the parameters of its directions, forward before reverse, as stored and after T; of a plan
 *   with a kernel, which packs them, the former alone; `slot`: the buffer of its output
 */

/** By their roles. @typedef {Readonly<Record<string, Tensor>>} Tensors */

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
   * @param {((plan: Plan) => Engine) | undefined} engineOf
   */
  constructor(model, layers, engineOf) {
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
    /** What runs it in the stead of plain JavaScript. */
    this.engine = engineOf?.(this);
    /** What computes. @type {KernelName} */
    this.kernel = this.engine?.name ?? "plain";
    Object.freeze(this);
  }

  /** Whether the input is token ids. */
  get readsTokens() {
    return this.model.input.kind === "tokens";
  }
}

/**
 * Makes a model ready to run, by plain JavaScript.
 *
 * @param {Model} model
 * @returns {Plan}
 */
export function compile(model) {
  return planOf(model);
}

/**
 * @param {Model} model
 * @param {(plan: Plan) => Engine} [engineOf] what shall run it, if not plain JavaScript
 */
export function planOf(model, engineOf) {
  const slots = slotsOf(model.nodes);
  const layers = model.layers.map((layer, k) => {
    const node = model.nodes[k];
    const suffixes = ["", REVERSE].slice(0, layer.direction === "bidirectional" ? 2 : 1);
    const tensors = suffixes.map((suffix) => tensorsOf(model, layer, suffix));
    return Object.freeze({
      layer,
      node,
      I: node.I,
      H: layer.hiddenSize ?? 0,
      functions: functionsOf(layer),
      limit: fround(layer.clip ?? Infinity),
      tensors,
      ways: engineOf ? [] : tensors.map(parametersOf),
      slot: slots[k],
    });
  });
  return new Plan(model, layers, engineOf);
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
 * @returns {Tensors}
 */
function tensorsOf(model, { parameters = new Map() }, suffix) {
  /** @type {Record<string, Tensor>} */
  const tensors = {};
  for (const [role, name] of parameters) {
    const own = role.replace(REVERSE, "");
    if (own + suffix === role) tensors[own] = model.tensor(name);
  }
  return tensors;
}

/**
 * The values of tensors after T.
 *
 * @param {Tensors} tensors
 * @returns {Parameters}
 */
export function parametersOf(tensors) {
  /** @type {Record<string, Float32Array>} */
  const parameters = {};
  for (const role in tensors) parameters[role] = afterT(tensors[role]);
  return parameters;
}

/** @param {Tensor} tensor */
export function afterT(tensor) {
  return tinyAll(tensor.toFloat32Array());
}

/**
 * @param {Layer} layer
 * @returns {Recurrent["functions"]}
 */
function functionsOf(layer) {
  const { activation = layer, activations = {} } = layer;
  return {
    own: sweepOf(activation),
    gates: sweepOf(activations.gates),
    candidate: sweepOf(activations.candidate),
    output: sweepOf(activations.output),
  };
}

/**
 * @param {PlanLayer} layer
 * @returns {StateArray[]}
 */
function stateArrays({ layer, node, tensors }) {
  return [...node.state].map(([array, size]) => {
    const own = tensors[array.endsWith(REVERSE) ? 1 : 0];
    const initial = own[`${array.charAt(0)}0`];
    return { layer: layer.name, array, size, initial: initial && afterT(initial) };
  });
}
