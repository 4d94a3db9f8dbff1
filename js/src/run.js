/**
 * Runs and sessions (SPEC 14).
 *
 * @import { State, StateLike } from "./model/state.js"
 * @import { Plan } from "./plan.js"
 * @import { CheckedInput, RunInput, StepInput } from "./run/arguments.js"
 * @import { FloatArray } from "./tensor/arrays.js"
 */

import { RUN_NONFINITE } from "./codes.js";
import { failure } from "./issue.js";
import { checkInteger } from "./limits.js";
import { checkInput, checkStep, wrongShape } from "./run/arguments.js";
import { Machine } from "./run/machine.js";
import { readState, writeState } from "./run/states.js";
import { tiny } from "./tensor.js";

const LARGEST_BATCH = 2 ** 31 - 1;

/**
 * @typedef {object} RunOptions
 * @property {ArrayLike<number> | undefined} [lengths] the number of valid steps of each row
 * @property {StateLike | undefined} [state] where to start, as a run gave it
 */

/**
 * Runs a net over a batch of sequences.
 *
 * @param {Plan} plan
 * @param {RunInput} input for tokens N lists of T ids; for features `{shape: [N, T, size], data}`, or N lists of T
 *   lists of numbers, which are copied
 * @param {RunOptions} [options]
 * @returns {{output: FloatArray, state: State}} the output [N, T, width], or [N, width] where the net ends time
 *   (`final`, `last_step`), and the state after it
 * @throws {import("./issue.js").RnnspecError} RUN_SHAPE, RUN_LENGTH, RUN_TOKEN, RUN_NONFINITE_INPUT,
 *   RUN_STATE ([run-5]); RUN_NONFINITE ([finite-1])
 */
export function run(plan, input, { lengths, state } = {}) {
  const checked = checkInput(plan, input, lengths);
  const machine = new Machine(plan, checked.N);
  if (state !== undefined) readState(plan, checked.N, state, machine.cells);
  const output = runRows(machine, checked);
  return { output, state: writeState(plan, checked.N, machine.cells) };
}

/**
 * @param {Machine} machine its states are spoilt if this throws
 * @param {CheckedInput} input
 * @returns {FloatArray}
 */
function runRows(machine, { N, T, rows, features, lengths }) {
  const { inputSize, timeEnds, width } = machine.plan;
  const hasTime = timeEnds < 0;
  const shape = hasTime ? [N, T, width] : [N, width];
  const data = new Float32Array(hasTime ? N * T * width : N * width); // +0 past a row's length ([run-1])
  for (let n = 0; n < N; n++) {
    for (let t = 0; t < lengths[n]; t++) {
      if (rows.length > 0) machine.token.id = rows[n][t];
      else loadFeatures(machine, features, (n * T + t) * inputSize);
      if (!machine.step(n)) throw failure(RUN_NONFINITE, "input");
      if (hasTime) data.set(machine.output, (n * T + t) * width);
    }
    if (hasTime) continue;
    if (!machine.finish(n, lengths[n] > 0)) throw failure(RUN_NONFINITE, "input");
    data.set(machine.output, n * width);
  }
  return { shape, data };
}

/**
 * @param {Machine} machine
 * @param {ArrayLike<number>} x
 * @param {number} at where the features of the step start
 */
function loadFeatures(machine, x, at) {
  const { features } = machine;
  for (let k = 0; k < features.length; k++) features[k] = tiny(Math.fround(x[at + k]));
}

/**
 * A net with a state that stays from call to call. A call that throws leaves the state as it was.
 * A Session belongs to one thread at a time: each Worker makes its own.
 */
export class Session {
  #machine;
  /** Holds the states of before a call, and is the one that runs. */
  #spare;

  /**
   * @param {Plan} plan
   * @param {{batch?: number}} [options] `batch`: the number of rows N, 1 unless given
   * @throws {import("./issue.js").RnnspecError} RUN_OPTION
   */
  constructor(plan, { batch = 1 } = {}) {
    checkInteger("batch", batch, 1, LARGEST_BATCH);
    this.plan = plan;
    this.batch = batch;
    this.#machine = new Machine(plan, batch);
    this.#spare = new Machine(plan, batch);
  }

  /**
   * One time step of every row. Allocates nothing if `out` is given and `x` is flat.
   *
   * @param {StepInput} x for tokens the id of each row, [N]; for features [N, size], flat or as N lists
   * @param {Float32Array} [out] [N, width] receives the output; its content is of no use after an error
   * @returns {Float32Array} out
   * @throws {import("./issue.js").RnnspecError} RUN_SHAPE, RUN_TOKEN, RUN_NONFINITE_INPUT, RUN_NONFINITE
   */
  step(x, out = new Float32Array(this.batch * this.plan.width)) {
    const values = checkStep(this.plan, this.batch, x, out);
    const { inputSize, readsTokens } = this.plan;
    const machine = this.#spare;
    machine.copyCells(this.#machine);
    for (let n = 0; n < this.batch; n++) {
      if (readsTokens) machine.token.id = values[n];
      else loadFeatures(machine, values, n * inputSize);
      if (!machine.step(n) || !machine.finish(n, true)) throw failure(RUN_NONFINITE, "x");
      out.set(machine.output, n * this.plan.width);
    }
    this.#spare = this.#machine;
    this.#machine = machine;
    return out;
  }

  /**
   * Goes on over whole sequences.
   *
   * @param {RunInput} input of `batch` rows
   * @param {{lengths?: ArrayLike<number> | undefined}} [options]
   * @returns {FloatArray} [N, T, width], or [N, width] where the net ends time
   * @throws {import("./issue.js").RnnspecError} as `run`
   */
  run(input, { lengths } = {}) {
    const checked = checkInput(this.plan, input, lengths);
    if (checked.N !== this.batch) {
      throw wrongShape("input", `${this.batch} rows`, `${checked.N} rows`);
    }
    const machine = this.#spare;
    machine.copyCells(this.#machine);
    const output = runRows(machine, checked);
    this.#spare = this.#machine;
    this.#machine = machine;
    return output;
  }

  /**
   * A copy of the state.
   *
   * @returns {State}
   */
  state() {
    return writeState(this.plan, this.batch, this.#machine.cells);
  }

  /**
   * Sets the state.
   *
   * @param {StateLike} state as `state` or `run` gave it, of a net with the same names and shapes
   * @throws {import("./issue.js").RnnspecError} RUN_STATE, RUN_NONFINITE_INPUT
   */
  restore(state) {
    readState(this.plan, this.batch, state, this.#machine.cells);
  }

  /** Goes back to the initial state: what the file gives, or +0. */
  reset() {
    this.#machine.reset();
  }

  /**
   * A second session with a copy of the state.
   *
   * @returns {Session}
   */
  fork() {
    const twin = new Session(this.plan, { batch: this.batch });
    twin.#machine.copyCells(this.#machine);
    return twin;
  }
}
