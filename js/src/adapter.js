/**
 * The adapter: the process through which the conformance suite drives this runtime (SPEC 17). It
 * reads a request a line from standard input and writes an answer a line to standard output.
 */

import { Buffer } from "node:buffer";
import process from "node:process";

import { exp, log, sigmoid, tanh } from "./activation.js";
import { arrayIn, arrayOut, inputIn, stateIn, stateOut } from "./adapter/values.js";
import {
  compile,
  decode,
  fingerprint,
  generate,
  load,
  RnnspecError,
  run,
  Session,
  selftest,
  structure,
  toBytes,
  validate,
  version,
} from "./index.js";

/** @import { Plan } from "./plan.js" */
/** @import { FloatArray } from "./run/arguments.js" */
/** @import { Json } from "./adapter/values.js" */

const FORMATS = ["1.0-draft.1"];
const FEATURES = [
  "json",
  "msgpack",
  "float16",
  "embedding",
  "one_hot",
  "lstm",
  "dense",
  "softmax",
  "log_softmax",
  "lengths",
  "state",
  "step",
  "decoding",
  "functions",
  "convert",
  "selftest",
];

/** @type {ReadonlyMap<string, (x: number) => number>} */
const FUNCTIONS = new Map([
  ["exp", exp],
  ["log", log],
  ["tanh", tanh],
  ["sigmoid", sigmoid],
]);

/** What each command answers. */
const COMMANDS = new Map(
  /** @type {[string, (request: Json) => Json][]} */ ([
    ["start", start],
    ["validate", answerValidate],
    ["run", answerRun],
    ["decode", answerDecode],
    ["evaluate", evaluate],
    ["convert", convert],
    ["selftest", ({ document }) => selftest(planOf(document))],
    ["stop", () => ({})],
  ]),
);

/** @param {Json} request */
function start({ protocol }) {
  if (protocol !== 1) throw new TypeError(`this adapter speaks protocol 1, not ${protocol}`);
  return {
    name: "rnnspec",
    version,
    language: "JavaScript",
    formats: FORMATS,
    classes: ["player", "validator", "complete"],
    levels: ["exact"],
    features: FEATURES,
  };
}

/** @param {Json} request */
function answerValidate({ document, limits }) {
  const bytes = bytesOf(document);
  const issues = validate(bytes, limits);
  const findings = issues.map(({ code, stage, severity, place }) => {
    return { code, stage, severity, place };
  });
  if (issues.some(({ severity }) => severity === "error")) return { findings };
  const model = load(bytes, limits);
  return { findings, structure: structure(model), fingerprint: fingerprint(model) };
}

/** @param {Json} request */
function answerRun({ document, chunks, state, interface: way = "run" }) {
  const plan = planOf(document);
  return { chunks: way === "step" ? steps(plan, chunks, state) : runs(plan, chunks, state) };
}

/**
 * Each chunk by one call.
 *
 * @param {Plan} plan
 * @param {Json[]} chunks
 * @param {Json} given the state at the start, if any
 */
function runs(plan, chunks, given) {
  let state = given;
  return chunks.map(({ input, lengths }) => {
    const x = inputIn(input);
    const answer = attempt(() => {
      return run(plan, x, { lengths, state: state === undefined ? undefined : stateIn(state) });
    });
    if ("code" in answer) return { code: answer.code, state: state ?? initialState(plan, x) };
    state = stateOut(answer.value.state);
    return { output: arrayOut(answer.value.output), state };
  });
}

/**
 * Each step of each chunk by one call.
 *
 * @param {Plan} plan
 * @param {Json[]} chunks
 * @param {Json} given the state at the start, if any
 */
function steps(plan, chunks, given) {
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
  const output = new Float32Array(N * T * plan.width);
  for (let t = 0; t < T; t++) {
    const step = [];
    for (let n = 0; n < N; n++) {
      if (plan.readsTokens) step.push(x[n][t]);
      else step.push(...x.data.subarray((n * T + t) * size, (n * T + t + 1) * size));
    }
    const y = session.step(step);
    for (let n = 0; n < N; n++) {
      const row = y.subarray(n * plan.width, (n + 1) * plan.width);
      output.set(row, (n * T + t) * plan.width);
    }
  }
  return { shape: [N, T, plan.width], data: output };
}

/** @param {Json} request */
function answerDecode({ document, prime, count, mode, temperature, seed }) {
  const plan = planOf(document);
  const ids = [...generate(plan, { prime, count, mode, temperature, seed })];
  const { outputVocabulary } = plan.model;
  return { ids, text: outputVocabulary === undefined ? "" : decode(outputVocabulary, ids) };
}

/** @param {Json} request */
function evaluate({ function: name, input }) {
  const compute = FUNCTIONS.get(name);
  if (compute === undefined) throw new TypeError(`there is no function ${name}`);
  const { shape, data } = arrayIn(input);
  return { output: arrayOut({ shape, data: data.map((x) => compute(x)) }) };
}

/** @param {Json} request */
function convert({ document, encoding }) {
  const bytes = toBytes(load(bytesOf(document)), { encoding });
  return { document: Buffer.from(bytes).toString("base64") };
}

// --- documents and batches --------------------------------------------------------------------

/** Plans of the last documents: the suite sends the same one often. @type {Map<string, Plan>} */
const plans = new Map();
const MOST_PLANS = 4;

/** @param {string} document */
function planOf(document) {
  const plan = plans.get(document) ?? compile(load(bytesOf(document)));
  plans.delete(document);
  plans.set(document, plan);
  for (const oldest of plans.keys()) if (plans.size > MOST_PLANS) plans.delete(oldest);
  return plan;
}

/** @param {string} document base64 */
function bytesOf(document) {
  return new Uint8Array(Buffer.from(document, "base64"));
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

/** So that a wrong shape costs no memory. */
const MOST_ROWS = 65_536;

/**
 * The value of a call, or the code with which it failed.
 *
 * @template V
 * @param {() => V} call
 * @returns {{value: V} | {code: string}}
 */
function attempt(call) {
  try {
    return { value: call() };
  } catch (error) {
    if (error instanceof RnnspecError) return { code: error.code };
    throw error;
  }
}

// --- the conversation -------------------------------------------------------------------------

/**
 * @param {string} line
 * @returns {Json}
 */
function answer(line) {
  let seq = null;
  try {
    const request = JSON.parse(line);
    seq = request.seq;
    const command = COMMANDS.get(request.command);
    if (command === undefined) throw new TypeError(`there is no command ${request.command}`);
    return { seq, result: command(request) };
  } catch (error) {
    if (error instanceof RnnspecError) return { seq, error: { code: error.code } };
    return { seq, error: { message: String(error) } };
  }
}

/** The lines of standard input. By hand: node:readline ends lines at U+2028 too. */
async function* lines() {
  /** @type {Buffer[]} */
  let parts = [];
  for await (const chunk of process.stdin) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      yield Buffer.concat(parts).toString("utf8");
      parts = [];
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
  }
}

for await (const line of lines()) {
  const reply = answer(line);
  process.stdout.write(`${JSON.stringify(reply)}\n`);
  if ("result" in reply && JSON.parse(line).command === "stop") break;
}
