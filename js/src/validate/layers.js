/**
 * Layers at the stage structure (SPEC 8).
 *
 * @import { Check, Rules } from "./checks.js"
 */

import {
  ACTIVATIONS,
  DIRECTIONS,
  FUNCTIONS,
  JOINTS,
  LARGEST_SIZE,
  LAYOUTS,
  OPTIONAL_ROLES,
  REVERSE,
  VECTOR_FUNCTIONS,
} from "../layout.js";
import { integer, list, markWith, name, number, object, oneOf, text, variant } from "./checks.js";
import { extensions } from "./free.js";

const LARGEST = 1e38;
const SMALLEST_POSITIVE = 2 ** -50;
const RESETS = ["before", "after"];

/**
 * An activation, or a layer of this type.
 *
 * @param {readonly string[]} words the functions that it can have
 * @param {Rules} others the members that the object has besides
 */
function activationOf(words, others) {
  const factor = number(-LARGEST, LARGEST);
  return variant("function", words, (word) => {
    const factors = FUNCTIONS[word] ?? [];
    return { ...others, ...Object.fromEntries(factors.map((key) => [key, factor])) };
  });
}

const elementwise = Object.keys(FUNCTIONS);
const activation = activationOf(elementwise, {});
const size = integer(1, LARGEST_SIZE);
const clip = number(SMALLEST_POSITIVE, LARGEST);
const source = list(1, 1, text);
const own = { name, type: text, "extensions?": extensions };

const activationLayer = activationOf([...elementwise, ...Object.keys(VECTOR_FUNCTIONS)], {
  ...own,
  "inputs?": source,
});

/** The members that only some types have. @type {Rules} */
const MEMBERS = {
  size,
  hidden_size: size,
  projection_size: size,
  activation,
  reset: oneOf(RESETS),
  peephole: oneOf(["diagonal", "full"]),
  coupled: oneOf(["input", "forget"]),
  clip,
  cell_clip: clip,
  epsilon: number(SMALLEST_POSITIVE, 1),
};
const direction = oneOf(DIRECTIONS);
const merge = oneOf(["concat", "sum", "multiply", "average"]);
const output = oneOf(["sequence", "final"]);

/**
 * The members of a layer, as they hang on each other ([layer-4], [layer-6] to [layer-8], [doc-6]).
 *
 * @param {string} type
 * @param {Map<string, any>} layer
 * @returns {Rules | Check}
 */
function rulesOf(type, layer) {
  if (type === "activation") return activationLayer;
  const { members = "", roles } = LAYOUTS[type];
  /** @type {Record<string, Check>} */
  const rules = { ...own };
  if (JOINTS.includes(type)) rules.inputs = list(2, Infinity, text);
  else rules["inputs?"] = source;
  for (const key of members.match(/\S+/g) ?? []) rules[key] = MEMBERS[key.replace("?", "")];
  const kinds = ACTIVATIONS[type];
  if (kinds)
    rules.activations = object(Object.fromEntries(kinds.map((kind) => [kind, activation])));

  if (roles === undefined) return rules;

  const recurs = "R" in roles;
  const way = recurs && layer.has("direction") ? layer.get("direction") : DIRECTIONS[0];
  const whereBoth = (/** @type {string} */ mark) =>
    markWith(DIRECTIONS, way, "bidirectional", mark);
  if (recurs) {
    rules["direction?"] = direction;
    rules[`merge${whereBoth("")}`] = merge;
    rules["output?"] = output;
  }
  const projects = layer.has("projection_size");
  if (projects && "Q" in roles) rules["projection_clip?"] = clip;
  /** @type {Record<string, Check>} */
  const parameters = {};
  for (const role of Object.keys(roles)) {
    let mark = OPTIONAL_ROLES.includes(role) ? "?" : "";
    if (role === "rb") mark = markWith(RESETS, layer.get("reset"), "after", mark);
    if (role === "p" ? !layer.has("peephole") : /^q/i.test(role) && !projects) mark = "!";
    parameters[role + mark] = text;
    parameters[role + REVERSE + whereBoth(mark)] = text;
  }
  rules.parameters = object(parameters);
  return rules;
}

/** A layer of any type. */
export const layer = variant("type", Object.keys(LAYOUTS), rulesOf);
