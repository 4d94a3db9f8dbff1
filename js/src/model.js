/**
 * A model: the document of SPEC 5, checked and frozen. The names are the specification's, in camel
 * case; an optional member that is absent is undefined.
 */

/**
 * @typedef {object} TokensInput
 * @property {"tokens"} kind
 * @property {string} vocabulary
 */

/**
 * @typedef {object} FeaturesInput
 * @property {"features"} kind
 * @property {number} size
 * @property {readonly string[] | undefined} names
 * @property {readonly string[] | undefined} units
 * @property {number | undefined} sampleRate
 */

/** @typedef {TokensInput | FeaturesInput} Input */

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {"embedding" | "one_hot" | "lstm" | "dense" | "activation"} type
 * @property {number | undefined} size
 * @property {number | undefined} hiddenSize
 * @property {"softmax" | "log_softmax" | undefined} function
 * @property {ReadonlyMap<string, string>} parameters role → name of a tensor
 */

/**
 * @typedef {object} Output
 * @property {"logits" | "log_probabilities" | "probabilities" | "values"} kind
 * @property {string | undefined} vocabulary
 * @property {readonly string[] | undefined} labels
 */

/**
 * @typedef {object} Decoding
 * @property {"greedy" | "sample"} mode
 * @property {number | undefined} temperature
 */

/** Layer → array (`h`, `c`) → name of a tensor. @typedef {ReadonlyMap<string, ReadonlyMap<string, string>>} ExampleState */

/**
 * @typedef {object} Example
 * @property {"exact" | "reference"} kind
 * @property {Readonly<{system: string, version: string}> | undefined} source
 * @property {number | undefined} tolerance
 * @property {readonly (readonly number[])[] | string} input N lists of T ids, or the name of a tensor
 * @property {readonly number[] | undefined} lengths
 * @property {ExampleState | undefined} state
 * @property {string} output
 * @property {ExampleState | undefined} finalState
 */

/**
 * @typedef {object} ModelParts
 * @property {string} rnnspec the version of the format
 * @property {string | undefined} $schema
 * @property {string | undefined} name
 * @property {string | undefined} version the model's own
 * @property {string | undefined} description
 * @property {string | undefined} license
 * @property {ReadonlyMap<string, unknown> | undefined} metadata objects as Map
 * @property {Input} input
 * @property {ReadonlyMap<string, Vocabulary> | undefined} vocabularies
 * @property {readonly Layer[]} layers
 * @property {Output} output
 * @property {Decoding | undefined} decoding
 * @property {readonly Example[] | undefined} examples
 * @property {ReadonlyMap<string, Tensor>} tensors
 */

/** A model. Made by `load`. */
export class Model {
  /** @param {ModelParts} parts */
  constructor(parts) {
    this.rnnspec = parts.rnnspec;
    this.$schema = parts.$schema;
    this.name = parts.name;
    this.version = parts.version;
    this.description = parts.description;
    this.license = parts.license;
    this.metadata = parts.metadata;
    this.input = parts.input;
    this.vocabularies = parts.vocabularies;
    this.layers = parts.layers;
    this.output = parts.output;
    this.decoding = parts.decoding;
    this.examples = parts.examples;
    this.tensors = parts.tensors;
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
   */
  constructor(dtype, shape, values) {
    this.dtype = dtype;
    this.shape = Object.freeze([...shape]);
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
 * @typedef {object} SpecialIds
 * @property {number | undefined} unknown
 * @property {number | undefined} start
 * @property {number | undefined} end
 * @property {number | undefined} padding
 */

/** A vocabulary (SPEC 7). */
export class Vocabulary {
  /** @type {Map<string, number> | null} */
  #ids = null;

  /**
   * @param {"codepoint"} unit
   * @param {readonly string[]} tokens
   * @param {SpecialIds} special
   */
  constructor(unit, tokens, special) {
    this.unit = unit;
    this.tokens = Object.freeze([...tokens]);
    this.unknown = special.unknown;
    this.start = special.start;
    this.end = special.end;
    this.padding = special.padding;
    Object.freeze(this);
  }

  /** V. */
  get size() {
    return this.tokens.length;
  }

  /**
   * The lowest id of a token, if there is one.
   *
   * @param {string} token
   * @returns {number | undefined}
   */
  idOf(token) {
    if (this.#ids === null) {
      this.#ids = new Map();
      for (let id = this.tokens.length - 1; id >= 0; id--) this.#ids.set(this.tokens[id], id);
    }
    return this.#ids.get(token);
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
