/**
 * What each type of layer is made of (SPEC 8): roles, parameter shapes, order of blocks, states.
 * Here and nowhere else.
 */

/** The blocks of H columns in an LSTM's W, R and b ([layer-2]). */
export const LSTM_BLOCKS = Object.freeze({ i: 0, f: 1, g: 2, o: 3, count: 4 });

/**
 * A parameter's shape from I (V for a layer that reads tokens) and the layer's own size. A
 * dimension that is not known is null.
 *
 * @typedef {(inputs: number | null, size: number) => (number | null)[]} ShapeRule
 */

/**
 * @typedef {object} Role
 * @property {boolean} required
 * @property {ShapeRule} shape
 */

/**
 * @typedef {object} Layout
 * @property {boolean} readsTokens takes ids, so it comes first
 * @property {"size" | "hidden_size" | null} sizeMember the member that gives the width; where there
 *   is none, the output is as wide as the input
 * @property {ReadonlyMap<string, Role>} roles in the order of the specification
 * @property {readonly string[]} functions the words allowed for `function`
 * @property {readonly string[]} state the arrays of its state, each [N, H]
 */

/** @type {ReadonlyMap<string, Layout>} */
export const LAYOUTS = new Map([
  [
    "embedding",
    layout({
      readsTokens: true,
      sizeMember: "size",
      roles: new Map([["E", required((V, size) => [V, size])]]),
    }),
  ],
  ["one_hot", layout({ readsTokens: true })],
  [
    "lstm",
    layout({
      sizeMember: "hidden_size",
      roles: new Map([
        ["W", required((I, H) => [I, LSTM_BLOCKS.count * H])],
        ["R", required((_, H) => [H, LSTM_BLOCKS.count * H])],
        ["b", optional((_, H) => [LSTM_BLOCKS.count * H])],
      ]),
      state: ["h", "c"],
    }),
  ],
  [
    "dense",
    layout({
      sizeMember: "size",
      roles: new Map([
        ["W", required((I, size) => [I, size])],
        ["b", optional((_, size) => [size])],
      ]),
    }),
  ],
  ["activation", layout({ functions: ["softmax", "log_softmax"] })],
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
 * @param {Partial<Layout>} parts
 * @returns {Layout}
 */
function layout(parts) {
  const none = { readsTokens: false, sizeMember: null, roles: new Map(), functions: [], state: [] };
  return Object.freeze({ ...none, ...parts });
}

/**
 * @param {ShapeRule} shape
 * @returns {Role}
 */
function required(shape) {
  return Object.freeze({ required: true, shape });
}

/**
 * @param {ShapeRule} shape
 * @returns {Role}
 */
function optional(shape) {
  return Object.freeze({ required: false, shape });
}
