/**
 * Who reads whom, how wide every layer is and whether it has time (SPEC 8, [agree-3]).
 *
 * @import { Report } from "./issue.js"
 * @import { Node } from "./model.js"
 */

import { INPUT_UNKNOWN, INPUT_WIDTH, LAYER_INPUT, LAYER_UNUSED } from "./codes.js";
import { quote } from "./issue.js";
import { LARGEST_SIZE, READERS, sizesOf, stateOf, TIMELESS } from "./layout.js";

/** The place of the net's input: before the first layer. */
export const INPUT = -1;
const UNKNOWN = -2;

/**
 * The graph of layers whose structure is sound. What a finding leaves unknown is null.
 *
 * @param {readonly ReadonlyMap<string, any>[]} layers of a document
 * @param {boolean} tokens whether the net reads tokens
 * @param {number | null} size of its input: V, or the number of features
 * @param {Report} report
 * @returns {Node[]} one for each layer
 */
export function graphOf(layers, tokens, size, report) {
  /** @type {any[]} */
  const nodes = [];
  const places = new Map([["input", INPUT]]);
  for (const [k, layer] of layers.entries()) {
    const at = `/layers/${k}`;
    const type = layer.get("type");
    const inputs = placesOf(layer.get("inputs"), places, at, report) ?? [k - 1];
    const isKnown = !inputs.includes(UNKNOWN);
    const readsIds = tokens && inputs.includes(INPUT);
    const read = inputs.map((place) =>
      place === INPUT ? { width: size, hasTime: true } : nodes[place],
    );
    const times = read.map((node) => node?.hasTime ?? null);
    const widths = read.map((node) => node?.width ?? null);
    let hasTime = times.includes(null) ? null : !times.includes(false);
    let expected = "";
    if (READERS.includes(type) ? isKnown && !readsIds : readsIds) {
      expected = readsIds ? "an embedding" : "token ids";
    } else if (hasTime === false && (times.includes(true) || !TIMELESS.includes(type))) {
      expected = "inputs with time";
    }
    if (expected !== "") report(LAYER_INPUT, `${at}/type`, { got: type, expected });
    const fits = isKnown && expected === "";
    const I = fits && !widths.includes(null) ? joinedWidth(type, widths, at, report) : null;
    const state = stateOf(layer);
    if (!fits) hasTime = null;
    if (state.size > 0 || READERS.includes(type)) hasTime = layer.get("output") !== "final";
    if (type === "last_step") hasTime = false;
    nodes.push(Object.freeze({ inputs, I, width: sizesOf(layer, I).size ?? I, hasTime, state }));
    const name = layer.get("name");
    if (!places.has(name)) places.set(name, k); // of several layers of one name it means the first
  }
  if (nodes.every(({ inputs }) => !inputs.includes(UNKNOWN))) checkUse(layers, nodes, report);
  return nodes;
}

/**
 * @param {string[] | undefined} names
 * @param {Map<string, number>} places
 * @param {string} at
 * @param {Report} report
 * @returns {number[] | undefined}
 */
function placesOf(names, places, at, report) {
  return names?.map((name, i) => {
    const place = places.get(name) ?? UNKNOWN;
    if (place === UNKNOWN) report(INPUT_UNKNOWN, `${at}/inputs/${i}`, { got: quote(name) });
    return place;
  });
}

/**
 * The width of a layer's inputs together.
 *
 * @param {string} type
 * @param {number[]} widths
 * @param {string} at
 * @param {Report} report
 * @returns {number | null} null if they do not fit each other
 */
function joinedWidth(type, widths, at, report) {
  const isSum = type === "concat";
  const width = isSum ? widths.reduce((sum, more) => sum + more) : widths[0];
  const expected = isSum ? Math.min(width, LARGEST_SIZE) : width;
  const got = isSum ? width : (widths.find((other) => other !== width) ?? width);
  if (got === expected) return width;
  report(INPUT_WIDTH, `${at}/inputs`, { expected: `${isSum ? "at most " : ""}${expected}`, got });
  return null;
}

/**
 * Every layer must be read, through others or at once, by the last.
 *
 * @param {readonly ReadonlyMap<string, any>[]} layers
 * @param {readonly Node[]} nodes
 * @param {Report} report
 */
function checkUse(layers, nodes, report) {
  const used = new Set([nodes.length - 1]);
  for (let k = nodes.length - 1; k >= 0; k--) {
    if (used.has(k)) for (const place of nodes[k].inputs) used.add(place);
    else report(LAYER_UNUSED, `/layers/${k}`, { name: quote(layers[k].get("name")) });
  }
}
