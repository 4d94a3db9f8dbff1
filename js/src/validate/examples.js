/**
 * Examples ([agree-9], and [agree-4] and [agree-5] for what they refer to).
 *
 * @import { Members, Net } from "./agreement.js"
 * @import { Findings } from "./findings.js"
 * @import { TensorReferences } from "./references.js"
 */

import {
  EXAMPLE_INPUT,
  ID_RANGE,
  LABELS_COUNT,
  LAYER_UNKNOWN,
  STATE_INCOMPLETE,
} from "../codes.js";
import { quote, quoteAll } from "../issue.js";
import { child } from "./findings.js";

/**
 * @param {Findings} findings
 * @param {Members[]} examples
 * @param {Net} net
 * @param {TensorReferences} references
 */
export function checkExamples(findings, examples, net, references) {
  for (const [k, example] of examples.entries()) {
    new ExampleCheck(findings, net, references, `/examples/${k}`).check(example);
  }
}

/** The judgement of one example. */
class ExampleCheck {
  /** Rows and steps, as far as the input tells. @type {number | null} */
  N = null;
  /** @type {number | null} */
  T = null;

  /**
   * @param {Findings} findings
   * @param {Net} net
   * @param {TensorReferences} references
   * @param {string} at
   */
  constructor(findings, net, references, at) {
    this.findings = findings;
    this.net = net;
    this.references = references;
    this.at = at;
  }

  /** @param {Members} example */
  check(example) {
    const input = example.get("input");
    if (typeof input === "string") this.#features(input, `${this.at}/input`);
    else this.#tokens(input, `${this.at}/input`);
    this.#lengths(example.get("lengths"), `${this.at}/lengths`);
    this.#state(example.get("state"), `${this.at}/state`);
    const { outputHasTime, outputWidth } = this.net;
    const shape = outputHasTime ? [this.N, this.T, outputWidth] : [this.N, outputWidth];
    this.references.use(example.get("output"), `${this.at}/output`, shape, "float32");
    this.#state(example.get("final_state"), `${this.at}/final_state`);
  }

  /**
   * @param {number[][]} rows
   * @param {string} at
   */
  #tokens(rows, at) {
    if (this.net.inputKind !== "tokens") {
      this.findings.add(EXAMPLE_INPUT, at, { expected: "the name of a tensor", got: "a list" });
      return;
    }
    this.N = rows.length;
    this.T = rows[0].length;
    for (const [n, row] of rows.entries()) {
      if (row.length !== this.T) {
        const values = { expected: `${this.T} ids`, got: row.length };
        this.findings.add(EXAMPLE_INPUT, `${at}/${n}`, values);
      } else {
        this.#ids(row, `${at}/${n}`);
      }
    }
  }

  /**
   * @param {number[]} ids
   * @param {string} at
   */
  #ids(ids, at) {
    const V = this.net.inputSize;
    if (V === null) return;
    for (const [t, id] of ids.entries()) {
      if (id >= V) this.findings.add(ID_RANGE, `${at}/${t}`, { expected: V - 1, got: String(id) });
    }
  }

  /**
   * @param {string} name
   * @param {string} at
   */
  #features(name, at) {
    if (this.net.inputKind !== "features") {
      this.findings.add(EXAMPLE_INPUT, at, { expected: "lists of ids", got: quote(name) });
      // It is a reference to a tensor all the same; nothing says of which shape.
      this.references.use(name, at, [null]);
      return;
    }
    const shape = this.references.shapeOf(name) ?? [];
    if (shape.length === 3) [this.N, this.T] = shape;
    this.references.use(name, at, [this.N ?? "N", this.T ?? "T", this.net.inputSize], "float32");
  }

  /**
   * @param {number[] | undefined} lengths
   * @param {string} at
   */
  #lengths(lengths, at) {
    if (lengths === undefined || this.N === null || this.T === null) return;
    if (lengths.length !== this.N) {
      this.findings.add(LABELS_COUNT, at, { expected: this.N, got: lengths.length });
      return;
    }
    for (const [n, length] of lengths.entries()) {
      if (length <= this.T) continue;
      this.findings.add(ID_RANGE, `${at}/${n}`, { expected: this.T, got: String(length) });
    }
  }

  /**
   * @param {Map<string, Members> | undefined} state
   * @param {string} at
   */
  #state(state, at) {
    if (state === undefined) return;
    const expected = quoteAll(this.net.recurrent.keys());
    for (const [name, arrays] of state) {
      const memberAt = child(at, name);
      const required = this.net.states.get(name);
      const shape = [this.N, this.net.recurrent.get(name) ?? null];
      if (required === undefined) {
        this.findings.add(LAYER_UNKNOWN, memberAt, { got: quote(name), expected });
      }
      for (const array of required ?? []) {
        if (arrays.has(array)) continue;
        const values = { name: quote(`${name}.${array}`), expected };
        this.findings.add(STATE_INCOMPLETE, memberAt, values);
      }
      for (const array of ["h", "c"]) {
        const tensor = arrays.get(array);
        if (tensor === undefined) continue;
        const arrayAt = `${memberAt}/${array}`;
        const known = required === undefined || required.includes(array);
        if (!known) {
          const values = { got: quote(`${name}.${array}`), expected: quoteAll(required) };
          this.findings.add(LAYER_UNKNOWN, arrayAt, values);
        }
        this.references.use(tensor, arrayAt, known ? shape : [null], "float32");
      }
    }
    for (const name of this.net.recurrent.keys()) {
      if (state.has(name)) continue;
      this.findings.add(STATE_INCOMPLETE, at, { name: quote(name), expected });
    }
  }
}
