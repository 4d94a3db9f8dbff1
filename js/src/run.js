/**
 * Runs and sessions (SPEC 14).
 *
 * @import { State, StateLike } from "./model/state.js"
 * @import { Plan } from "./plan.js"
 * @import { RunInput, StepInput } from "./run/arguments.js"
 * @import { FloatArray } from "./tensor/arrays.js"
 */

import { RUN_NONFINITE } from "./codes.js";
import { failure, quoteAll } from "./issue.js";
import { checkInteger, wrongOption } from "./limits.js";
import { checkInput, checkStep, wrongShape } from "./run/arguments.js";
import { runRows } from "./run/rows.js";
import { initialState, readState, writeState } from "./run/states.js";
import { stepperOf } from "./run/stepper.js";

const LARGEST_BATCH = 2 ** 31 - 1;

/**
 * @typedef {object} RunOptions
 * @property {ArrayLike<number> | undefined} [lengths] the number of valid steps of each row
 * @property {StateLike | undefined} [state] where to start, as a run gave it
 * @property {readonly string[] | undefined} [probe] the names of layers whose outputs are wanted too
 */

/**
 * Runs a net over a batch of sequences.
 *
 * @param {Plan} plan
 * @param {RunInput} input for tokens N lists of T ids; for features `{shape: [N, T, size], data}`, or N lists of T
 *   lists of numbers, which are copied
 * @param {RunOptions} [options]
 * @returns {{output: FloatArray, state: State, probe: Map<string, FloatArray>}} the output [N, T, width], or
 *   [N, width] where it has no time (`final`, `last_step`); the state after it; and the outputs of the layers
 *   that `probe` names, likewise
 * @throws {import("./issue.js").RnnspecError} RUN_SHAPE, RUN_LENGTH, RUN_TOKEN, RUN_NONFINITE_INPUT,
 *   RUN_STATE ([run-5]); RUN_OPTION for a name in `probe`; RUN_NONFINITE ([finite-1])
 */
export function run(plan, input, { lengths, state, probe = [] } = {}) {
  const checked = checkInput(plan, input, lengths);
  const { N } = checked;
  const arrays = state === undefined ? initialState(plan, N) : readState(plan, N, state);
  const names = plan.model.layers.map(({ name }) => name);
  const places = probe.map((name) => {
    const place = names.indexOf(name);
    if (place < 0) throw wrongOption("probe", quoteAll(names), name);
    return place;
  });
  const last = names.length - 1;
  const outputs = runRows(plan, checked, arrays, [last, ...places]);
  /** @param {number} place */
  const outputOf = (place) => /** @type {FloatArray} */ (outputs.get(place));
  return {
    output: outputOf(last),
    state: writeState(plan, N, arrays),
    probe: new Map(probe.map((name, k) => [name, outputOf(places[k])])),
  };
}

/**
 * A net with a state that stays from call to call. A call that throws leaves the state as it was.
 * A Session belongs to one thread at a time: each Worker makes its own.
 */
export class Session {
  #stepper;

  /**
   * @param {Plan} plan
   * @param {{batch?: number}} [options] `batch`: the number of rows N, 1 unless given
   * @throws {import("./issue.js").RnnspecError} RUN_OPTION
   */
  constructor(plan, { batch = 1 } = {}) {
    checkInteger("batch", batch, 1, LARGEST_BATCH);
    this.plan = plan;
    this.batch = batch;
    const last = plan.layers.length - 1;
    this.#stepper = stepperOf(plan, initialState(plan, batch), batch, last);
  }

  /**
   * One time step of every row. Allocates nothing if `out` is given and `x` is flat.
   *
   * @param {StepInput} x for tokens the id of each row, [N]; for features [N, size], flat or as N lists
   * @param {Float32Array} [out] [N, width] receives the output; its content is of no use after an error
   * @returns {Float32Array} out
   * @throws {import("./issue.js").RnnspecError} RUN_DIRECTION for a net that is not forward ([run-7]); RUN_SHAPE,
   *   RUN_TOKEN, RUN_NONFINITE_INPUT, RUN_NONFINITE
   */
  step(x, out = new Float32Array(this.batch * this.plan.width)) {
    const values = checkStep(this.plan, this.batch, x, out);
    if (!this.#stepper.step(values, 0, out)) throw failure(RUN_NONFINITE, "x");
    return out;
  }

  /**
   * Goes on over whole sequences.
   *
   * @param {RunInput} input of `batch` rows
   * @param {{lengths?: ArrayLike<number> | undefined}} [options]
   * @returns {FloatArray} [N, T, width], or [N, width] where the output has no time
   * @throws {import("./issue.js").RnnspecError} as `run`
   */
  run(input, { lengths } = {}) {
    const checked = checkInput(this.plan, input, lengths);
    if (checked.N !== this.batch) {
      throw wrongShape("input", `${this.batch} rows`, `${checked.N} rows`);
    }
    const state = this.#stepper.read();
    const last = this.plan.layers.length - 1;
    const outputs = runRows(this.plan, checked, state, [last]);
    this.#stepper.write(state);
    return /** @type {FloatArray} */ (outputs.get(last));
  }

  /**
   * A copy of the state.
   *
   * @returns {State}
   */
  state() {
    return writeState(this.plan, this.batch, this.#stepper.read());
  }

  /**
   * Sets the state.
   *
   * @param {StateLike} state as `state` or `run` gave it, of a net with the same names and shapes
   * @throws {import("./issue.js").RnnspecError} RUN_STATE, RUN_NONFINITE_INPUT
   */
  restore(state) {
    this.#stepper.write(readState(this.plan, this.batch, state));
  }

  /** Goes back to the initial state: what the file gives, or +0. */
  reset() {
    this.#stepper.write(initialState(this.plan, this.batch));
  }

  /**
   * A second session with a copy of the state.
   *
   * @returns {Session}
   */
  fork() {
    const twin = new Session(this.plan, { batch: this.batch });
    twin.#stepper.write(this.#stepper.read());
    return twin;
  }
}
