/**
 * Layers at the stage structure (SPEC 8).
 *
 * @import { Layout } from "../layout.js"
 * @import { Check, Members } from "./checks.js"
 */

import { FUNCTIONS, LAYOUTS, OPTIONAL_ROLES, VECTOR_FUNCTIONS } from "../layout.js";
import { integer, name, number, object, oneOf, text, variant } from "./checks.js";
import { extensions } from "./free.js";

/** The largest `size` or `hidden_size` of a layer and `size` of an input. */
export const LARGEST_SIZE = 65_536;

const LARGEST_FACTOR = 1e38;

/**
 * The members of an activation of each function.
 *
 * @param {Members} others that the object has besides
 * @returns {[string, Members][]}
 */
function functions(others) {
  return [...FUNCTIONS].map(([word, factors]) => {
    const factor = number(-LARGEST_FACTOR, LARGEST_FACTOR);
    return [word, { ...others, ...Object.fromEntries(factors.map((key) => [key, factor])) }];
  });
}

const activation = variant("function", functions({}));

const own = { name, type: text, "extensions?": extensions };

const activationLayer = variant("function", [
  ...functions(own),
  ...[...VECTOR_FUNCTIONS.keys()].map((word) => /** @type {const} */ ([word, own])),
]);

/**
 * @param {Layout} layout
 * @param {readonly string[]} [forbidden] roles that are not allowed
 * @returns {Check}
 */
function layerOf({ sizeMember, roles, activations, resets, state }, forbidden = []) {
  /** @type {Record<string, Check>} */
  const members = { ...own };
  if (sizeMember !== null) members[sizeMember] = integer(1, LARGEST_SIZE);
  if (resets) members.reset = oneOf(["before", "after"]);
  if (activations[0] === "") members.activation = activation;
  else if (activations.length > 0) {
    members.activations = object(Object.fromEntries(activations.map((key) => [key, activation])));
  }
  if (state.length > 0) members["output?"] = oneOf(["sequence", "final"]);
  if (roles.size > 0) {
    const allowed = [...roles.keys()].filter((role) => !forbidden.includes(role));
    const checks = allowed.map((role) => [OPTIONAL_ROLES.includes(role) ? `${role}?` : role, text]);
    members.parameters = object(Object.fromEntries(checks));
  }
  return object(members);
}

/**
 * A gru has `rb` only with `reset` after ([layer-4]); without a sound `reset` its presence is not judged.
 *
 * @param {Layout} layout
 * @returns {Check}
 */
function resettingLayer(layout) {
  const after = layerOf(layout);
  const before = layerOf(layout, ["rb"]);
  return (findings, value, at) => {
    const reset = value instanceof Map ? value.get("reset") : undefined;
    (reset === "before" ? before : after)(findings, value, at);
  };
}

/** @param {[string, Layout]} entry @returns {[string, Check]} */
function checkOf([type, layout]) {
  if (type === "activation") return [type, activationLayer];
  return [type, layout.resets ? resettingLayer(layout) : layerOf(layout)];
}

/** A layer of any type. */
export const layer = variant("type", [...LAYOUTS].map(checkOf));
