/**
 * What each type of layer is made of (SPEC 8): its members, its parameters and their shapes, the arrays of its
 * state. Here and nowhere else.
 */

/**
 * The shapes stand in the letters of SPEC 8, a size or a product each: `I BH` is [I, B × H]. `K` is the number
 * of blocks of a peephole, B - 1.
 *
 * @typedef {object} Layout
 * @property {string} [members] those that not every layer has; `?` marks one that may be absent
 * @property {Readonly<Record<string, string>>} [roles] role → shape, in the order of the specification
 */

/** Every recurrent layer has these. */
const RECURRENT = { W: "I BH", R: "P BH", b: "BH" };

/** @type {Readonly<Record<string, Layout>>} */
export const LAYOUTS = {
  embedding: { members: "size", roles: { E: "I size" } },
  one_hot: {},
  elman: { members: "hidden_size activation clip?", roles: { ...RECURRENT, h0: "P" } },
  lstm: {
    members: "hidden_size peephole? coupled? cell_clip? projection_size? clip?",
    roles: { ...RECURRENT, p: "K H", Q: "H P", qb: "P", h0: "P", c0: "H" },
  },
  gru: { members: "hidden_size reset clip?", roles: { ...RECURRENT, rb: "H", h0: "P" } },
  dense: { members: "size", roles: { W: "I size", b: "size" } },
  affine: { roles: { s: "I", t: "I" } },
  layer_norm: { members: "epsilon", roles: { gamma: "I", beta: "I" } },
  activation: {},
  add: {},
  multiply: {},
  concat: {},
  last_step: {},
  time_reverse: {},
};

/** The roles that a layer may leave out: biases and initial states. */
export const OPTIONAL_ROLES = ["b", "rb", "h0", "c0", "qb"];

/** The layers that read token ids, and read nothing else. */
export const READERS = ["embedding", "one_hot"];

/** The layers of two inputs or more. */
export const JOINTS = ["add", "multiply", "concat"];

/** The layers that can read what has no time ([layer-5]). */
export const TIMELESS = ["dense", "affine", "layer_norm", "activation", ...JOINTS];

/** The largest `size`, `hidden_size`, `projection_size` and width of a `concat`. */
export const LARGEST_SIZE = 65_536;

/** The directions of a recurrent layer; the first is the default. */
export const DIRECTIONS = ["forward", "reverse", "bidirectional"];

/** Behind the roles and arrays of a bidirectional layer's other direction ([layer-8]). */
export const REVERSE = "_reverse";

/** The members of `activations`. @type {Readonly<Record<string, readonly string[]>>} */
export const ACTIVATIONS = {
  lstm: ["gates", "candidate", "output"],
  gru: ["gates", "candidate"],
};

/** The arrays of a layer in a state, in order. */
export const STATE_ARRAYS = ["h", "c", `h${REVERSE}`, `c${REVERSE}`];

/**
 * The elementwise functions of an activation, and the members that each asks for (SPEC 12.6).
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const FUNCTIONS = {
  linear: [],
  tanh: [],
  sigmoid: [],
  relu: [],
  leaky_relu: ["alpha"],
  elu: ["alpha"],
  softplus: [],
  softsign: [],
  hard_sigmoid: ["alpha", "beta"],
  hard_tanh: [],
  thresholded_relu: ["alpha"],
  scaled_tanh: ["alpha", "beta"],
};

/**
 * Which last layer asks for which kind of output ([agree-7]); these functions stand in layers alone.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const VECTOR_FUNCTIONS = {
  softmax: "probabilities",
  log_softmax: "log_probabilities",
};

/**
 * A list, and behind it the same for the other direction of a bidirectional layer ([layer-8]).
 *
 * @param {readonly string[]} names roles or arrays
 * @param {ReadonlyMap<string, any>} layer of a document
 */
export function doubled(names, layer) {
  const isDouble = layer.get("direction") === "bidirectional";
  return isDouble ? [...names, ...names.map((name) => name + REVERSE)] : names;
}

/**
 * The sizes of a layer, by the letters of SPEC 8.
 *
 * @param {ReadonlyMap<string, any>} layer of a document
 * @param {number | null} I the width of its input, V for tokens; null where it is not known
 * @returns {Record<string, any>} `size` is the width that the layer itself tells; undefined where it tells none
 */
export function sizesOf(layer, I) {
  const H = layer.get("hidden_size");
  const P = layer.get("projection_size") ?? H;
  const blocks = { lstm: 4, gru: 3 }[String(layer.get("type"))] ?? 1;
  const B = layer.has("coupled") ? blocks - 1 : blocks;
  const size = layer.get("size") ?? (layer.get("merge") === "concat" ? 2 * P : P);
  return { I, H, P, size, BH: B * H, K: B - 1, KH: (B - 1) * H };
}

/**
 * The shape of a parameter, null standing for a size that is not known.
 *
 * @param {ReadonlyMap<string, any>} layer of a document
 * @param {string} role
 * @param {number | null} I as for `sizesOf`
 * @returns {(number | null)[]}
 */
export function shapeOf(layer, role, I) {
  const own = role.replace(REVERSE, "");
  const isFull = own === "p" && layer.get("peephole") === "full";
  const letters = isFull ? "H KH" : (LAYOUTS[layer.get("type")].roles?.[own] ?? "");
  const sizes = sizesOf(layer, I);
  return letters.split(" ").map((letter) => sizes[letter]);
}

/**
 * The arrays of a layer's state and their sizes; none where it has no state ([run-2]).
 *
 * @param {ReadonlyMap<string, any>} layer of a document
 * @returns {Map<string, number>}
 */
export function stateOf(layer) {
  const { H, P } = sizesOf(layer, null);
  const arrays = layer.get("type") === "lstm" ? ["h", "c"] : ["h"];
  const names = H === undefined ? [] : doubled(arrays, layer);
  return new Map(names.map((name) => [name, name.startsWith("c") ? H : P]));
}
