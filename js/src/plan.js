/**
 * A model made ready to run: parameters as float32 arrays after T, widths worked out.
 *
 * @import { Layer, Model } from "./model.js"
 */

import { layoutOf } from "./layout.js";
import { tinyAll } from "./tensor.js";

/**
 * The parameters of a layer, row-major; those that its type does not have are empty, and an absent
 * bias is +0 ([layer-3]).
 *
 * @typedef {Readonly<{E: Float32Array, W: Float32Array, R: Float32Array, b: Float32Array}>} Parameters
 */

/**
 * @typedef {object} PlanLayer
 * @property {string} name
 * @property {Layer["type"]} type
 * @property {Layer["function"]} function
 * @property {number} inputs I, or V where the layer reads tokens
 * @property {number} width of the output; H for a recurrent layer
 * @property {Parameters} parameters
 */

/** What runs. Immutable: any number of sessions share it. Made by `compile`. */
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
    const name = layer.parameters.get(role);
    if (name !== undefined) return tinyAll(model.tensor(name).toFloat32Array());
    const [length] = roles.get(role)?.shape(inputs, width) ?? [0];
    return new Float32Array(length ?? 0);
  };
  const parameters = Object.freeze({
    E: parameter("E"),
    W: parameter("W"),
    R: parameter("R"),
    b: parameter("b"),
  });
  const { name, type } = layer;
  return Object.freeze({ name, type, function: layer.function, inputs, width, parameters });
}
