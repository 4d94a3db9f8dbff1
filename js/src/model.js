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
 * @property {"embedding" | "one_hot" | "elman" | "lstm" | "gru" | "dense" | "affine" | "activation" | "last_step"} type
 * @property {number | undefined} [size]
 * @property {number | undefined} [hiddenSize]
 * @property {"before" | "after" | undefined} [reset]
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
 * @typedef {object} Output
 * @property {"logits" | "log_probabilities" | "probabilities" | "values"} kind
 * @property {string | undefined} [vocabulary]
 * @property {readonly string[] | undefined} [labels]
 */

/**
 * @typedef {object} Decoding
 * @property {"greedy" | "sample"} mode
 * @property {number | undefined} [temperature]
 * @property {number | undefined} [topK]
 * @property {number | undefined} [topP]
 */

/** Layer → array (`h`, `c`) → name of a tensor. @typedef {ReadonlyMap<string, ReadonlyMap<string, string>>} ExampleState */

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

/** A tensor (SPEC 6): its values as stored, widened to float32. */
export class Tensor {
  #values;

  /**
   * @param {string} dtype how it is stored: `float32` or `float16`
   * @param {readonly number[]} shape
   * @param {Float32Array} values row-major, exact in the dtype, finite; not copied
   * @param {Extensions | undefined} [extensions]
   */
  constructor(dtype, shape, values, extensions) {
    this.dtype = dtype;
    this.shape = Object.freeze([...shape]);
    this.extensions = extensions;
    this.#values = values;
    Object.freeze(this);
  }

  /**
   * A copy of the values, row-major; T is not applied.
   *
   * @returns {Float32Array}
   */
  toFloat32Array() {
    return this.#values.slice();
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
  /** @type {Map<string | number, number> | null} */
  #ids = null;

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
   * Each token that has text, or each byte, and its lowest id ([vocabulary-2]).
   *
   * @returns {ReadonlyMap<string | number, number>}
   */
  get ids() {
    if (this.#ids === null) {
      this.#ids = new Map();
      for (let id = this.size - 1; id >= 0; id--) {
        if (!this.isSpecial(id) && this.tokens[id] !== "") this.#ids.set(this.tokens[id], id);
      }
    }
    return this.#ids;
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
