/**
 * The command `run` ([protocol-3]): chunks, each by one call or one call a step.
 *
 * @import { Plan } from "../plan.js"
 * @import { FloatArray } from "../tensor/arrays.js"
 * @import { Json } from "./values.js"
 */

import { RnnspecError, run, Session } from "../index.js";
import { arrayOut, inputIn, stateIn, stateOut } from "./values.js";

/** So that a wrong shape costs no memory. */
const MOST_ROWS = 65_536;

/**
 * Each chunk by one call.
 *
 * @param {Plan} plan
 * @param {Json[]} chunks
 * @param {Json} given the state at the start, if any
 * @param {string[] | undefined} probe
 */
export function runs(plan, chunks, given, probe) {
  let state = given;
  return chunks.map(({ input, lengths }) => {
    const x = inputIn(input);
    const answer = attempt(() => {
      return run(plan, x, { lengths, state: stateIn(state), probe });
    });
    if ("code" in answer) return { code: answer.code, state: state ?? initialState(plan, x) };
    const { output, probe: probed } = answer.value;
    state = stateOut(answer.value.state);
    const chunk = { output: arrayOut(output), state };
    if (probe === undefined) return chunk;
    return { ...chunk, probe: Object.fromEntries([...probed].map(([k, y]) => [k, arrayOut(y)])) };
  });
}

/**
 * Each step of each chunk by one call.
 *
 * @param {Plan} plan
 * @param {Json[]} chunks
 * @param {Json} given the state at the start, if any
 * @throws {RnnspecError} RUN_DIRECTION if the net is not forward ([run-7])
 */
export function steps(plan, chunks, given) {
  if (plan.backward) new Session(plan).step([]);
  /** @type {Session | null} */
  let session = null;
  return chunks.map(({ input }) => {
    const x = inputIn(input);
    const answer = attempt(() => {
      if (session === null) {
        const first = new Session(plan, { batch: rowsOf(x) });
        if (given !== undefined) first.restore(stateIn(given));
        session = first;
      }
      return stepThrough(session, x);
    });
    const state = session === null ? (given ?? {}) : stateOut(session.state());
    if ("code" in answer) return { code: answer.code, state };
    return { output: arrayOut(answer.value), state };
  });
}

/**
 * @param {Session} session
 * @param {Json} x
 * @returns {FloatArray}
 */
function stepThrough(session, x) {
  const { batch: N, plan } = session;
  const T = plan.readsTokens ? x[0]?.length : x.shape?.[1];
  const size = plan.readsTokens ? 1 : plan.inputSize;
  const fits = plan.readsTokens
    ? Array.isArray(x) && x.length === N && x.every((row) => row.length === T)
    : `${x.shape}` === `${[N, T, size]}` && x.data.length === N * T * size;
  if (!fits) return session.run(x); // it can't be cut into steps: this says what is wrong with it
  const outputs = [];
  for (let t = 0; t < T; t++) {
    const step = [];
    for (let n = 0; n < N; n++) {
      if (plan.readsTokens) step.push(x[n][t]);
      else step.push(...x.data.subarray((n * T + t) * size, (n * T + t + 1) * size));
    }
    outputs.push(session.step(step));
  }
  return joined(outputs, N, plan);
}

/**
 * The outputs of steps as one array; without time, that of the last.
 *
 * @param {Float32Array[]} outputs [N, width] each
 * @param {number} N
 * @param {Plan} plan
 * @returns {FloatArray}
 */
function joined(outputs, N, { hasTime, width }) {
  const T = outputs.length;
  if (!hasTime) return { shape: [N, width], data: outputs[T - 1] };
  const data = new Float32Array(N * T * width);
  for (const [t, output] of outputs.entries()) {
    for (let n = 0; n < N; n++) {
      data.set(output.subarray(n * width, (n + 1) * width), (n * T + t) * width);
    }
  }
  return { shape: [N, T, width], data };
}

/**
 * @param {Plan} plan
 * @param {Json} x
 */
function initialState(plan, x) {
  return stateOut(new Session(plan, { batch: rowsOf(x) }).state());
}

/**
 * The rows of an input, as far as it has any.
 *
 * @param {Json} x
 */
function rowsOf(x) {
  const rows = Array.isArray(x) ? x.length : x?.shape?.[0];
  return Number.isSafeInteger(rows) && rows > 0 && rows <= MOST_ROWS ? rows : 1;
}

/**
 * The value of a call, or the code with which it failed.
 *
 * @template V
 * @param {() => V} call
 * @returns {{value: V} | {code: string | undefined}}
 */
function attempt(call) {
  try {
    return { value: call() };
  } catch (error) {
    if (error instanceof RnnspecError) return { code: error.code };
    throw error;
  }
}
