/**
 * A model: the document of SPEC 5, checked and frozen. The names are the specification's, in camel
 * case; an optional member that is absent is undefined.
 */

import { madeOf } from "./model/members.js";

/**
 * @typedef {object} TokensInput
 * @property {"tokens"} kind
 * @property {string} vocabulary
 */

/**
 * @typedef {object} FeaturesInput
 * @property {"features"} kind
 * @property {number} size
 * @property {readonly string[] | undefined} [names]
 * @property {readonly string[] | undefined} [units]
 * @property {number | undefined} [sampleRate]
 */

/** @typedef {TokensInput | FeaturesInput} Input */

/** Name of an extension → anything; objects as Map. @typedef {ReadonlyMap<string, unknown>} Extensions */

/**
 * An activation (SPEC 12.6).
 *
 * @typedef {object} Activation
 * @property {string} function
 * @property {number | undefined} [alpha]
 * @property {number | undefined} [beta]
 */

/**
 * A layer (SPEC 8). What its type does not have is undefined.
 *
 * @typedef {object} Layer
 * @property {string} name
 * @property {"embedding" | "one_hot" | "elman" | "lstm" | "gru" | "dense" | "affine" | "layer_norm" | "activation" | "add" | "multiply" | "concat" | "last_step" | "time_reverse"} type
 * @property {readonly string[] | undefined} [inputs] names of earlier layers, or `input`; the layer before unless given
 * @property {number | undefined} [size]
 * @property {number | undefined} [hiddenSize]
 * @property {"before" | "after" | undefined} [reset]
 * @property {"diagonal" | "full" | undefined} [peephole]
 * @property {"input" | "forget" | undefined} [coupled] the gate that is computed from the other
 * @property {number | undefined} [clip]
 * @property {number | undefined} [cellClip]
 * @property {number | undefined} [projectionSize]
 * @property {number | undefined} [projectionClip]
 * @property {number | undefined} [epsilon] of a `layer_norm`
 * @property {"forward" | "reverse" | "bidirectional" | undefined} [direction]
 * @property {"concat" | "sum" | "multiply" | "average" | undefined} [merge] of a bidirectional layer
 * @property {string | undefined} [function] of a layer `activation`
 * @property {number | undefined} [alpha] of a layer `activation`
 * @property {number | undefined} [beta] of a layer `activation`
 * @property {Activation | undefined} [activation] of an `elman`
 * @property {Readonly<Record<string, Activation>> | undefined} [activations] of a `gru` (`gates`, `candidate`) or
 *   an `lstm` (`gates`, `candidate`, `output`)
 * @property {"sequence" | "final" | undefined} [output]
 * @property {ReadonlyMap<string, string> | undefined} [parameters] role → name of a tensor
 * @property {Extensions | undefined} [extensions]
 */

/**
 * A layer's place in the graph (SPEC 8).
 *
 * @typedef {object} Node
 * @property {readonly number[]} inputs the layers it reads, by their indexes; -1 for the net's input
 * @property {number} I the width of what it reads; V for token ids
 * @property {number} width of its output
 * @property {boolean} hasTime whether its output has time
 * @property {ReadonlyMap<string, number>} state the arrays of its state → their sizes
 */

/**
 * @typedef {object} Output
 * @property {"logits" | "log_probabilities" | "probabilities" | "values"} kind
 * @property {string | undefined} [vocabulary]
 * @property {readonly string[] | undefined} [labels]
 */

/**
 * @typedef {object} Decoding
 * @property {"greedy" | "sample" | "ctc"} mode
 * @property {number | undefined} [temperature]
 * @property {number | undefined} [topK]
 * @property {number | undefined} [topP]
 * @property {number | undefined} [blank] of `ctc`: a token id
 */

/** Layer → array (`h`, `c`, `h_reverse`, `c_reverse`) → name of a tensor. @typedef {ReadonlyMap<string, ReadonlyMap<string, string>>} ExampleState */

/**
 * @typedef {object} Example
 * @property {"exact" | "reference"} kind
 * @property {Readonly<{system: string, version: string}> | undefined} [source]
 * @property {number | undefined} [tolerance]
 * @property {readonly (readonly number[])[] | string} input N lists of T ids, or the name of a tensor
 * @property {readonly number[] | undefined} [lengths]
 * @property {ExampleState | undefined} [state]
 * @property {string} output
 * @property {ExampleState | undefined} [finalState]
 */

/**
 * @typedef {object} ModelParts
 * @property {string} rnnspec the version of the format
 * @property {string | undefined} [$schema]
 * @property {string | undefined} [name]
 * @property {string | undefined} [version] the model's own
 * @property {string | undefined} [description]
 * @property {string | undefined} [license]
 * @property {ReadonlyMap<string, unknown> | undefined} [metadata] objects as Map
 * @property {Input} input
 * @property {ReadonlyMap<string, Vocabulary> | undefined} [vocabularies]
 * @property {readonly Layer[]} layers
 * @property {Output} output
 * @property {Decoding | undefined} [decoding]
 * @property {readonly Example[] | undefined} [examples]
 * @property {Extensions | undefined} [extensions]
 * @property {readonly string[] | undefined} [extensionsRequired]
 * @property {ReadonlyMap<string, Tensor>} tensors
 * @property {readonly Node[]} nodes the graph of the layers, one for each; not a member of files
 */

/** A model, made by `load`. A Model is immutable: share it between sessions. */
export class Model extends /** @type {typeof madeOf<ModelParts>} */ (madeOf)() {
  /** @param {ModelParts} parts frozen all through */
  constructor(parts) {
    super(parts);
    Object.freeze(this);
  }

  /** The vocabulary of the input, if it is tokens. */
  get inputVocabulary() {
    return this.input.kind === "tokens" ? this.vocabularies?.get(this.input.vocabulary) : undefined;
  }

  /** The vocabulary of the output, if it has one. */
  get outputVocabulary() {
    const name = this.output.vocabulary;
    return name === undefined ? undefined : this.vocabularies?.get(name);
  }

  /**
   * A tensor that is known to be there.
   *
   * @param {string} name
   */
  tensor(name) {
    return /** @type {Tensor} */ (this.tensors.get(name));
  }
}

/**
 * @typedef {object} TensorParts
 * @property {string} dtype how it is stored: `float32`, `float16`, `bfloat16` or `int8`
 * @property {readonly number[]} shape
 * @property {number | undefined} [axis] of int8: 0 if each row has a scale, 1 if each column
 * @property {Float32Array | null | undefined} [scale] of int8; not copied
 * @property {Extensions | undefined} [extensions]
 */

/** A tensor (SPEC 6): its values, widened to float32. */
export class Tensor {
  #scale;
  #values;

  /**
   * @param {TensorParts} parts
   * @param {Float32Array} values row-major, exact in the dtype, finite; not copied
   */
  constructor({ dtype, shape, axis, scale, extensions }, values) {
    this.dtype = dtype;
    this.shape = Object.freeze([...shape]);
    this.axis = axis;
    this.extensions = extensions;
    this.#scale = scale;
    this.#values = values;
    Object.freeze(this);
  }

  /** A copy of the scale of an int8 tensor ([tensor-8]). */
  get scale() {
    return this.#scale?.slice();
  }

  /**
   * A copy of the values, row-major; T is not applied.
   *
   * @param {Float32Array} [to] receives them; a new array unless given
   * @returns {Float32Array} to
   */
  toFloat32Array(to = new Float32Array(this.#values.length)) {
    to.set(this.#values);
    return to;
  }
}

/**
 * @typedef {object} VocabularyParts
 * @property {"byte" | "codepoint" | "token"} unit
 * @property {readonly (string | number)[]} tokens numbers for bytes
 * @property {string | undefined} [separator]
 * @property {number | undefined} [unknown] the id for what the vocabulary lacks
 * @property {number | undefined} [start]
 * @property {number | undefined} [end]
 * @property {number | undefined} [padding]
 * @property {Extensions | undefined} [extensions]
 */

/** A vocabulary (SPEC 7). `encode` and `decode` go from text to ids and back. */
export class Vocabulary extends /** @type {typeof madeOf<VocabularyParts>} */ (madeOf)() {
  /** @param {VocabularyParts} parts frozen */
  constructor(parts) {
    super(parts);
    Object.freeze(this);
  }

  /** V. */
  get size() {
    return this.tokens.length;
  }

  /**
   * Whether an id is one of `unknown`, `start`, `end` and `padding`.
   *
   * @param {number} id
   */
  isSpecial(id) {
    return id === this.unknown || id === this.start || id === this.end || id === this.padding;
  }
}
