/**
 * What each type of layer is made of (SPEC 8): roles, parameter shapes, order of blocks, states,
 * activations. Here and nowhere else.
 */

/** The blocks of H columns in an LSTM's W, R and b ([layer-2]). */
export const LSTM_BLOCKS = Object.freeze({ i: 0, f: 1, g: 2, o: 3, count: 4 });

/** The blocks of H columns in a GRU's W, R and b ([layer-4]). */
export const GRU_BLOCKS = Object.freeze({ r: 0, z: 1, n: 2, count: 3 });

/**
 * A parameter's shape from I (V for a layer that reads tokens) and the layer's own size. A
 * dimension that is not known is null.
 *
 * @typedef {(inputs: number | null, size: number) => (number | null)[]} ShapeRule
 */

/** The roles that a layer may leave out: biases and initial states. */
export const OPTIONAL_ROLES = Object.freeze(["b", "rb", "h0", "c0"]);

/** A vector as wide as the layer. @type {ShapeRule} */
const vector = (_, size) => [size];

/** A vector as wide as its input. @type {ShapeRule} */
const inputVector = (I) => [I];

/**
 * @typedef {object} Layout
 * @property {boolean} readsTokens takes ids, so it comes first
 * @property {boolean} worksWithoutTime so that it may stand behind `final` ([layer-5])
 * @property {"size" | "hidden_size" | null} sizeMember the member that gives the width; where there
 *   is none, the output is as wide as the input
 * @property {ReadonlyMap<string, ShapeRule>} roles in the order of the specification
 * @property {readonly string[]} activations the members of `activations`; `[""]` for one `activation`
 * @property {boolean} resets whether it has a `reset`
 * @property {readonly string[]} state the arrays of its state, each [N, H]
 */

/** @type {ReadonlyMap<string, Layout>} */
export const LAYOUTS = new Map([
  [
    "embedding",
    layout({
      readsTokens: true,
      sizeMember: "size",
      roles: new Map([["E", (V, size) => [V, size]]]),
    }),
  ],
  ["one_hot", layout({ readsTokens: true })],
  [
    "elman",
    layout({
      sizeMember: "hidden_size",
      roles: new Map([...recurrent(1), ["h0", vector]]),
      activations: [""],
      state: ["h"],
    }),
  ],
  [
    "lstm",
    layout({
      sizeMember: "hidden_size",
      roles: new Map([...recurrent(LSTM_BLOCKS.count), ["h0", vector], ["c0", vector]]),
      activations: ["gates", "candidate", "output"],
      state: ["h", "c"],
    }),
  ],
  [
    "gru",
    layout({
      sizeMember: "hidden_size",
      roles: new Map([...recurrent(GRU_BLOCKS.count), ["rb", vector], ["h0", vector]]),
      activations: ["gates", "candidate"],
      resets: true,
      state: ["h"],
    }),
  ],
  [
    "dense",
    layout({
      worksWithoutTime: true,
      sizeMember: "size",
      roles: new Map([
        ["W", (I, size) => [I, size]],
        ["b", vector],
      ]),
    }),
  ],
  [
    "affine",
    layout({
      worksWithoutTime: true,
      roles: new Map([
        ["s", inputVector],
        ["t", inputVector],
      ]),
    }),
  ],
  ["activation", layout({ worksWithoutTime: true })],
  ["last_step", layout({})],
]);

/**
 * The elementwise functions of an activation, and the members that each asks for (SPEC 12.6).
 *
 * @type {ReadonlyMap<string, readonly string[]>}
 */
export const FUNCTIONS = new Map([
  ["linear", []],
  ["tanh", []],
  ["sigmoid", []],
  ["relu", []],
  ["leaky_relu", ["alpha"]],
  ["elu", ["alpha"]],
  ["softplus", []],
  ["softsign", []],
  ["hard_sigmoid", ["alpha", "beta"]],
  ["hard_tanh", []],
  ["thresholded_relu", ["alpha"]],
  ["scaled_tanh", ["alpha", "beta"]],
]);

/** Which last layer asks for which kind of output ([agree-7]); these functions stand in layers alone. */
export const VECTOR_FUNCTIONS = new Map([
  ["softmax", "probabilities"],
  ["log_softmax", "log_probabilities"],
]);

/**
 * The layout of a type that is known to be one.
 *
 * @param {string} type
 * @returns {Layout}
 */
export function layoutOf(type) {
  return /** @type {Layout} */ (LAYOUTS.get(type));
}

/**
 * Whether a layer gives one vector for each row, without time ([layer-5]).
 *
 * @param {string} type
 * @param {string | undefined} output its member
 */
export function endsTime(type, output) {
  return type === "last_step" || output === "final";
}

/**
 * @param {Partial<Layout>} parts
 * @returns {Layout}
 */
function layout(parts) {
  return Object.freeze({
    readsTokens: false,
    worksWithoutTime: false,
    sizeMember: null,
    roles: new Map(),
    activations: [],
    resets: false,
    state: [],
    ...parts,
  });
}

/**
 * The parameters that every recurrent layer has.
 *
 * @param {number} blocks of H columns
 * @returns {[string, ShapeRule][]}
 */
function recurrent(blocks) {
  return [
    ["W", (I, H) => [I, blocks * H]],
    ["R", (_, H) => [H, blocks * H]],
    ["b", (_, H) => [blocks * H]],
  ];
}
