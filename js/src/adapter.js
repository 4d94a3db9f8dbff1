/**
 * The adapter: the process through which the conformance suite drives this runtime (SPEC 17). It
 * reads a request a line from standard input and writes an answer a line to standard output.
 */

import { Buffer } from "node:buffer";
import process from "node:process";

import { exp, log, sigmoid, tanh } from "./activation.js";
import { runs, steps } from "./adapter/runs.js";
import { arrayIn, arrayOut, inputIn, stateIn, stateOut } from "./adapter/values.js";
import {
  compile,
  ctc,
  decode,
  encode,
  fingerprint,
  generate,
  load,
  loadState,
  RnnspecError,
  selftest,
  stateToBytes,
  structure,
  TextStream,
  toBytes,
  validate,
  validateState,
  version,
} from "./index.js";
import { choose } from "./kernel.js";
import { VERSIONS } from "./validate/version.js";

/** @import { Issue, Vocabulary } from "./index.js" */
/** @import { KernelName } from "./kernel.js" */
/** @import { Plan } from "./plan.js" */
/** @import { Json } from "./adapter/values.js" */

const FEATURES = [
  "json",
  "msgpack",
  "float16",
  "extensions",
  "try_anyway",
  "byte",
  "token",
  "embedding",
  "one_hot",
  "elman",
  "lstm",
  "gru",
  "dense",
  "affine",
  "activations",
  "softmax",
  "log_softmax",
  "final",
  "last_step",
  "initial_state",
  "lengths",
  "state",
  "saved_state",
  "step",
  "decoding",
  "top_k_top_p",
  "functions",
  "convert",
  "selftest",
  "bfloat16",
  "int8",
  "inputs",
  "layer_norm",
  "add",
  "multiply",
  "concat",
  "clip",
  "cell_clip",
  "peephole",
  "coupled",
  "projection",
  "reverse",
  "bidirectional",
  "time_reverse",
  "probe",
  "state_given",
  "ctc",
];

/** What shall compute: one that is not there ends the process, and says why. */
const kernel = /** @type {KernelName | undefined} */ (process.env.RNNSPEC_KERNEL || undefined);
choose(kernel);

/** @type {ReadonlyMap<string, import("./activation.js").Sweep>} */
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
    ["ctc", answerCtc],
    ["evaluate", evaluate],
    ["convert", convert],
    ["selftest", ({ document }) => selftest(planOf(document))],
    ["encode", ({ text, ...request }) => ({ ids: encode(vocabularyOf(request), text) })],
    ["text", answerText],
    ["read_state", readState],
    ["write_state", writeState],
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
    formats: VERSIONS,
    classes: ["player", "validator", "complete"],
    levels: ["exact"],
    features: FEATURES,
  };
}

/** @param {Json} request */
function answerValidate({ document, limits, try_anyway: tryAnyway }) {
  const bytes = bytesOf(document);
  const options = { limits, tryAnyway };
  const issues = validate(bytes, options);
  const findings = findingsOf(issues);
  if (issues.some(({ severity }) => severity === "error")) return { findings };
  const model = load(bytes, options);
  return { findings, structure: structure(model), fingerprint: fingerprint(model) };
}

/** @param {readonly Issue[]} issues */
function findingsOf(issues) {
  return issues.map(({ code, stage, severity, place }) => ({ code, stage, severity, place }));
}

/** @param {Json} request */
function answerRun({ document, chunks, state, probe, interface: way = "run" }) {
  const plan = planOf(document);
  if (way === "step") return { chunks: steps(plan, chunks, state) };
  return { chunks: runs(plan, chunks, state, probe) };
}

/** @param {Json} request */
function answerDecode({ document, prime, top_k: topK, top_p: topP, ...options }) {
  const plan = planOf(document);
  const { count, mode, temperature, seed } = options;
  const state = stateIn(options.state);
  const ids = [...generate(plan, prime, { count, mode, temperature, topK, topP, seed, state })];
  const { outputVocabulary } = plan.model;
  return { ids, text: outputVocabulary === undefined ? "" : decode(outputVocabulary, ids) };
}

/** @param {Json} request */
function answerCtc({ document, input, lengths, state, blank }) {
  return ctc(planOf(document), inputIn(input), { lengths, state: stateIn(state), blank });
}

/** @param {Json} request */
function evaluate({ function: name, input }) {
  const compute = FUNCTIONS.get(name);
  if (compute === undefined) throw new TypeError(`there is no function ${name}`);
  const { shape, data } = arrayIn(input);
  const values = Float32Array.from(data);
  compute(values, 0, values.length);
  return { output: arrayOut({ shape, data: values }) };
}

/** @param {Json} request */
function convert({ document, encoding }) {
  return { document: base64Of(toBytes(load(bytesOf(document)), { encoding })) };
}

/** @param {Json} request */
function answerText({ ids, stream = false, ...request }) {
  const vocabulary = vocabularyOf(request);
  if (!stream) return { text: decode(vocabulary, ids) };
  const pieces = new TextStream(vocabulary);
  let text = "";
  for (const id of ids) text += pieces.piece(id);
  return { text: text + pieces.end() };
}

/** @param {Json} request */
function readState({ document, limits, try_anyway: tryAnyway }) {
  const bytes = bytesOf(document);
  const options = { limits, tryAnyway };
  const issues = validateState(bytes, options);
  const findings = findingsOf(issues);
  if (issues.some(({ severity }) => severity === "error")) return { findings };
  return { findings, state: stateOut(loadState(bytes, options)) };
}

/** @param {Json} request */
function writeState({ state, encoding, structure: digest }) {
  return { document: base64Of(stateToBytes(stateIn(state), { encoding, structure: digest })) };
}

// --- documents --------------------------------------------------------------------------------

/** Plans of the last documents: the suite sends the same one often. @type {Map<string, Plan>} */
const plans = new Map();
const MOST_PLANS = 4;

/** @param {string} document */
function planOf(document) {
  const plan = plans.get(document) ?? compile(load(bytesOf(document)), { kernel });
  plans.delete(document);
  plans.set(document, plan);
  for (const oldest of plans.keys()) if (plans.size > MOST_PLANS) plans.delete(oldest);
  return plan;
}

/**
 * @param {Json} request
 * @returns {Vocabulary}
 */
function vocabularyOf({ document, vocabulary: name }) {
  const vocabulary = planOf(document).model.vocabularies?.get(name);
  if (vocabulary === undefined) throw new TypeError(`there is no vocabulary ${name}`);
  return vocabulary;
}

/** @param {string} document base64 */
function bytesOf(document) {
  return new Uint8Array(Buffer.from(document, "base64"));
}

/** @param {Uint8Array} bytes */
function base64Of(bytes) {
  return Buffer.from(bytes).toString("base64");
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
