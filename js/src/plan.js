/**
 * A model made ready to run: parameters as float32 arrays after T, activations bound, widths worked out.
 *
 * @import { Elementwise } from "./activation/elementwise.js"
 * @import { Layer, Model } from "./model.js"
 */

import { bind } from "./activation/elementwise.js";
import { endsTime, FUNCTIONS, layoutOf } from "./layout.js";
import { tinyAll } from "./tensor.js";

const ROLES = /** @type {const} */ (["E", "W", "R", "b", "rb", "h0", "c0", "s", "t"]);

/**
 * The parameters of a layer, row-major; those that its type does not have are empty, and an absent
 * bias or initial state is +0 ([layer-3], [run-2]).
 *
 * @typedef {Readonly<Record<typeof ROLES[number], Float32Array>>} Parameters
 */

/**
 * The functions of a layer: those that its type does not have are the identity; `own` is that of an
 * `elman` or of a layer `activation`.
 *
 * @typedef {Readonly<Record<"own" | "gates" | "candidate" | "output", Elementwise>>} Functions
 */

/**
 * @typedef {object} PlanLayer
 * @property {string} name
 * @property {Layer["type"]} type
 * @property {string | undefined} function of a layer `activation`
 * @property {Layer["reset"]} reset
 * @property {number} inputs I, or V where the layer reads tokens
 * @property {number} width of the output; H for a recurrent layer
 * @property {Parameters} parameters
 * @property {Functions} activations
 */

/** What runs, made by `compile`. A Plan is immutable: share it between sessions. */
export class Plan {
  /**
   * @param {Model} model
   * @param {number} inputSize
   * @param {readonly PlanLayer[]} layers
   */
  constructor(model, inputSize, layers) {
    /** The model it was made from. */
    this.model = model;
    /** V for tokens, the number of features otherwise. */
    this.inputSize = inputSize;
    this.layers = Object.freeze([...layers]);
    /** The layers that have a state, in order. */
    this.recurrent = Object.freeze(layers.filter(({ type }) => layoutOf(type).state.length > 0));
    /** The width of the output. */
    this.width = layers[layers.length - 1].width;
    /** The index of the layer behind which there is no time; -1 where the output has time ([layer-5]). */
    this.timeEnds = model.layers.findIndex(({ type, output }) => endsTime(type, output));
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
  const { input, inputVocabulary } = model;
  const inputSize = input.kind === "features" ? input.size : (inputVocabulary?.size ?? 0);
  const layers = [];
  let width = inputSize;
  for (const layer of model.layers) {
    const compiled = compileLayer(model, layer, width);
    layers.push(compiled);
    width = compiled.width;
  }
  return new Plan(model, inputSize, layers);
}

/**
 * @param {Model} model
 * @param {Layer} layer
 * @param {number} inputs
 * @returns {PlanLayer}
 */
function compileLayer(model, layer, inputs) {
  const size = layer.size ?? layer.hiddenSize;
  const width = size ?? inputs;
  const { roles } = layoutOf(layer.type);
  /** @param {string} role */
  const parameter = (role) => {
    const name = layer.parameters?.get(role);
    if (name !== undefined) return tinyAll(model.tensor(name).toFloat32Array());
    const [length] = roles.get(role)?.(inputs, width) ?? [0];
    return new Float32Array(length ?? 0);
  };
  const arrays = ROLES.map((role) => [role, parameter(role)]);
  /** @type {Parameters} */
  const parameters = Object.freeze(Object.fromEntries(arrays));
  const { name, type, reset, function: own } = layer;
  const activations = functionsOf(layer);
  return Object.freeze({
    name,
    type,
    function: own,
    reset,
    inputs,
    width,
    parameters,
    activations,
  });
}

/**
 * @param {Layer} layer
 * @returns {Functions}
 */
function functionsOf(layer) {
  const { activation, activations, function: name } = layer;
  const identity = { function: "linear" };
  const elementwise = name !== undefined && FUNCTIONS.has(name);
  return Object.freeze({
    own: bind(elementwise ? { ...layer, function: name } : (activation ?? identity)),
    gates: bind(activations?.gates ?? identity),
    candidate: bind(activations?.candidate ?? identity),
    output: bind(activations?.output ?? identity),
  });
}
