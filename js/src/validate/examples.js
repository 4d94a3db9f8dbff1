/**
 * Examples ([agree-9], and [agree-4] and [agree-5] for what they refer to).
 *
 * @import { Report } from "../issue.js"
 * @import { Node } from "../model.js"
 * @import { Members } from "./agreement.js"
 * @import { TensorReferences } from "./references.js"
 */

import { EXAMPLE_INPUT, LAYER_UNKNOWN, STATE_INCOMPLETE } from "../codes.js";
import { quote, quoteAll } from "../issue.js";
import { STATE_ARRAYS } from "../layout.js";
import { checkCount, checkId } from "./agreement.js";
import { child } from "./findings.js";

/**
 * What examples need to know of the net.
 *
 * @typedef {object} Net
 * @property {boolean} readsTokens
 * @property {number | null} inputSize V or the number of features
 * @property {Node} output its last layer
 * @property {Map<string, Map<string, number | null>>} states recurrent layer → array → size; null where two
 *   layers have the name
 */

/**
 * @param {Report} report
 * @param {Members} example
 * @param {Net} net
 * @param {TensorReferences} references
 * @param {string} at
 */
export function checkExample(report, example, net, references, at) {
  const [N, T] = checkInput(report, example.get("input"), net, references, `${at}/input`);
  const lengths = example.get("lengths");
  if (T !== null && checkCount(report, lengths, N, `${at}/lengths`)) {
    for (const [n, length] of lengths.entries())
      checkId(report, length, T + 1, `${at}/lengths/${n}`);
  }
  /** @param {string} member */
  const state = (member) => {
    const layers = example.get(member);
    if (layers !== undefined) checkState(report, layers, N, net, references, `${at}/${member}`);
  };
  const { hasTime, width } = net.output;
  state("state");
  const rows = hasTime === null ? null : N; // then nothing is known
  const shape = hasTime ? [rows, T, width] : [rows, width];
  references.use(example.get("output"), `${at}/output`, shape, "float32");
  state("final_state");
}

/**
 * @param {Report} report
 * @param {string | number[][]} input
 * @param {Net} net
 * @param {TensorReferences} references
 * @param {string} at
 * @returns {(number | null)[]} N and T, as far as the input tells
 */
function checkInput(report, input, { inputSize, readsTokens }, references, at) {
  if (typeof input === "string") {
    if (readsTokens) {
      report(EXAMPLE_INPUT, at, { expected: "lists of ids", got: quote(input) });
      // It is a reference to a tensor all the same; nothing says of which shape.
      references.use(input, at, [null]);
      return [null, null];
    }
    const shape = references.tensors.get(input)?.get("shape") ?? [];
    const [N, T] = shape.length === 3 ? shape : ["N", "T"];
    references.use(input, at, [N, T, inputSize], "float32");
    return shape.length === 3 ? [N, T] : [null, null];
  }
  if (!readsTokens) {
    report(EXAMPLE_INPUT, at, { expected: "the name of a tensor", got: "a list" });
    return [null, null];
  }
  const T = input[0].length;
  for (const [n, row] of input.entries()) {
    if (row.length !== T) {
      report(EXAMPLE_INPUT, `${at}/${n}`, { expected: `${T} ids`, got: row.length });
    } else {
      for (const [t, id] of row.entries()) checkId(report, id, inputSize, `${at}/${n}/${t}`);
    }
  }
  return [input.length, T];
}

/**
 * @param {Report} report
 * @param {Map<string, Members>} state
 * @param {number | null} N
 * @param {Net} net
 * @param {TensorReferences} references
 * @param {string} at
 */
function checkState(report, state, N, { states }, references, at) {
  const expected = quoteAll(states.keys());
  for (const [name, arrays] of state) {
    const layerAt = child(at, name);
    const sizes = states.get(name);
    if (sizes === undefined) report(LAYER_UNKNOWN, layerAt, { got: quote(name), expected });
    for (const array of STATE_ARRAYS) {
      const tensor = arrays.get(array);
      const quoted = quote(`${name}.${array}`);
      const values = { got: quoted, name: quoted, expected: quoteAll(sizes?.keys() ?? []) };
      if (tensor === undefined) {
        if (sizes?.has(array)) report(STATE_INCOMPLETE, layerAt, values);
        continue;
      }
      const isKnown = sizes?.has(array);
      if (sizes && !isKnown) report(LAYER_UNKNOWN, `${layerAt}/${array}`, values);
      const shape = [isKnown ? N : null, sizes?.get(array) ?? null];
      references.use(tensor, `${layerAt}/${array}`, shape, "float32");
    }
  }
  for (const name of states.keys()) {
    if (!state.has(name)) report(STATE_INCOMPLETE, at, { name: quote(name), expected });
  }
}
