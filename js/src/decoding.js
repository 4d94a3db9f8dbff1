/**
 * Texts that go on (SPEC 15).
 *
 * @import { StateLike } from "./model/state.js"
 * @import { Decoding, Vocabulary } from "./model.js"
 * @import { Plan } from "./plan.js"
 * @import { RunInput } from "./run/arguments.js"
 * @import { FloatArray } from "./tensor/arrays.js"
 */

import { RUN_DECODING, RUN_NONFINITE, RUN_PRIME } from "./codes.js";
import { greedy, Sampler } from "./decoding/choose.js";
import { failure } from "./issue.js";
import { VECTOR_FUNCTIONS } from "./layout.js";
import { checkInteger, wrongOption } from "./limits.js";
import { checkInput } from "./run/arguments.js";
import { runRows } from "./run/rows.js";
import { initialState, readState } from "./run/states.js";
import { stepperOf } from "./run/stepper.js";
import { checkId, decode, encode, TextStream } from "./vocabulary.js";

const { fround } = Math;

const LOWEST_TEMPERATURE = 2 ** -7;
const HIGHEST_TEMPERATURE = 2 ** 7;
const LOWEST_TOP_P = 2 ** -20;
const LARGEST_INTEGER = 2 ** 31 - 1;
const LARGEST_SEED = 2 ** 32 - 1;

/**
 * @typedef {object} GenerateOptions
 * @property {number | undefined} [count] how many tokens at most; as many as the caller takes unless given
 * @property {"greedy" | "sample" | undefined} [mode] else the model's, else `greedy`
 * @property {number | undefined} [temperature] for `sample`: 2^-7 to 2^7; else the model's
 * @property {number | undefined} [topK] for `sample`: how many of the likeliest tokens are kept; else the model's
 * @property {number | undefined} [topP] for `sample`: 2^-20 to 1, how much of the probability is kept; else the model's
 * @property {number | undefined} [seed] for `sample`: an integer from 0 to 2^32 - 1, 0 unless given
 * @property {StateLike | undefined} [state] where to start, of one row: as another call, or an encoder, gave it
 */

/**
 * Generates tokens, each when it is asked for. The arguments are checked at once.
 *
 * @param {Plan} plan of a forward net that reads tokens and gives scores for the tokens it reads
 * @param {Iterable<number> | string} [prime] ids or a text, read before the first token. The vocabulary's `start` id
 *   is read before it, unless there are both a state and a prime
 * @param {GenerateOptions} [options]
 * @returns {Generator<number, void, undefined>} ids
 * @throws {import("./issue.js").RnnspecError} RUN_DECODING, RUN_OPTION, RUN_TEXT, RUN_TOKEN, RUN_PRIME,
 *   RUN_STATE, RUN_NONFINITE_INPUT; and RUN_NONFINITE, when a token is asked for
 */
export function generate(plan, prime = [], { count, seed = 0, state, ...wishes } = {}) {
  const vocabulary = generatingVocabulary(plan, wishes.mode);
  const choose = chooser(plan.model.decoding, wishes, seed, vocabulary.size);
  if (count !== undefined) checkInteger("count", count, 0, LARGEST_INTEGER);
  const ids = typeof prime === "string" ? encode(vocabulary, prime) : [...prime];
  for (const id of ids) checkId(vocabulary.size, id, "prime");
  const { end, start } = vocabulary;
  if (start !== undefined && (ids.length === 0 || state === undefined)) ids.unshift(start);
  if (ids.length === 0) throw failure(RUN_PRIME, "prime");
  const arrays = state === undefined ? initialState(plan, 1) : readState(plan, 1, state);
  const stepper = stepperOf(plan, arrays, 1, logitsOf(plan));
  const logits = new Float32Array(vocabulary.size);
  /** @param {number[]} unread */
  const next = (unread) => {
    for (let k = 0; k < unread.length; k++) {
      if (!stepper.step(unread, k, logits)) throw failure(RUN_NONFINITE, "prime");
    }
    return choose(logits);
  };
  return tokens(ids, count ?? Infinity, end, next);
}

/**
 * Generates text, piece by piece: each as soon as it is complete, so that no character comes in halves.
 *
 * @param {Plan} plan as for `generate`
 * @param {Iterable<number> | string} [prime]
 * @param {GenerateOptions} [options]
 * @returns {Generator<string, void, undefined>} pieces, none of them empty: together the text of the tokens
 * @throws {import("./issue.js").RnnspecError} as `generate`
 */
export function generateText(plan, prime, options) {
  return pieces(generate(plan, prime, options), generatingVocabulary(plan, options?.mode));
}

/**
 * @param {Iterable<number>} ids
 * @param {Vocabulary} vocabulary
 * @returns {Generator<string, void, undefined>}
 */
function* pieces(ids, vocabulary) {
  const stream = new TextStream(vocabulary);
  for (const id of ids) {
    const piece = stream.piece(id);
    if (piece !== "") yield piece;
  }
  const rest = stream.end();
  if (rest !== "") yield rest;
}

/**
 * @param {number[]} ids at least one
 * @param {number} count
 * @param {number | undefined} end
 * @param {(unread: number[]) => number} next reads, and chooses
 * @returns {Generator<number, void, undefined>}
 */
function* tokens(ids, count, end, next) {
  let unread = ids;
  for (let made = 0; made < count; made++) {
    const id = next(unread);
    if (id === end) return;
    yield id;
    unread = [id];
  }
}

/**
 * The vocabulary of a net that can read what it gives ([decode-5]).
 *
 * @param {Plan} plan
 * @param {Decoding["mode"] | undefined} mode of the caller
 */
function generatingVocabulary({ backward, model }, mode = model.decoding?.mode) {
  const { inputVocabulary, outputVocabulary } = model;
  let expected = "";
  if (inputVocabulary === undefined || outputVocabulary !== inputVocabulary) {
    expected = "the same vocabulary for input and output";
  } else if (backward) expected = "a forward net";
  else if (mode === "ctc") expected = "a mode other than ctc";
  else return inputVocabulary;
  throw failure(RUN_DECODING, "plan", { expected });
}

/**
 * The best path of a net that was trained with CTC ([decode-8]): at each step the likeliest token, of equal ones
 * side by side only the first, and no blanks.
 *
 * @param {Plan} plan of a net whose output has time and a vocabulary
 * @param {RunInput} input as for `run`
 * @param {{lengths?: ArrayLike<number> | undefined, state?: StateLike | undefined, blank?: number | undefined}} [options]
 *   `blank`: the id of the blank, else the model's
 * @returns {{ids: number[][], text: string[]}} of each row
 * @throws {import("./issue.js").RnnspecError} RUN_DECODING, RUN_OPTION, and those of `run`
 */
export function ctc(plan, input, { lengths, state, blank = plan.model.decoding?.blank } = {}) {
  const vocabulary = plan.model.outputVocabulary;
  if (vocabulary === undefined || !plan.hasTime) {
    throw failure(RUN_DECODING, "plan", { expected: "an output with time and a vocabulary" });
  }
  checkInteger("blank", blank, 0, vocabulary.size - 1);
  const checked = checkInput(plan, input, lengths);
  const { N, T } = checked;
  const arrays = state === undefined ? initialState(plan, N) : readState(plan, N, state);
  const place = logitsOf(plan);
  const { data } = /** @type {FloatArray} */ (runRows(plan, checked, arrays, [place]).get(place));
  const V = vocabulary.size;
  const ids = checked.lengths.map((length, n) => {
    const best = Array.from({ length }, (_, t) => {
      const at = (n * T + t) * V;
      return greedy(data.subarray(at, at + V));
    });
    return best.filter((id, t) => id !== best[t - 1] && id !== blank);
  });
  return { ids, text: ids.map((row) => decode(vocabulary, row)) };
}

/**
 * The layer whose output the logits are: of a last softmax or log_softmax its input (SPEC 15).
 *
 * @param {Plan} plan
 * @returns {number} perhaps INPUT
 */
function logitsOf({ layers }) {
  const last = layers.length - 1;
  const { layer, node } = layers[last];
  return (layer.function ?? "") in VECTOR_FUNCTIONS ? node.inputs[0] : last;
}

/**
 * How tokens are chosen: by the caller's wishes, then by the model's.
 *
 * @param {Decoding | undefined} model
 * @param {GenerateOptions} wishes
 * @param {number} seed
 * @param {number} V
 * @returns {(logits: Float32Array) => number}
 */
function chooser(model, wishes, seed, V) {
  const mode = wishes.mode ?? model?.mode ?? "greedy";
  if (mode !== "greedy" && mode !== "sample") {
    throw wrongOption("mode", '"greedy" or "sample"', mode);
  }
  checkInteger("seed", seed, 0, LARGEST_SEED);
  const samples = mode === "sample";
  const temperature = wishes.temperature ?? (samples ? model?.temperature : undefined);
  const topK = wishes.topK ?? model?.topK ?? LARGEST_INTEGER; // switched off, as 1 is for topP
  const topP = wishes.topP ?? model?.topP ?? 1;
  if (samples || temperature !== undefined) {
    checkNumber("temperature", temperature, LOWEST_TEMPERATURE, HIGHEST_TEMPERATURE);
  }
  checkInteger("topK", topK, 1, LARGEST_INTEGER);
  checkNumber("topP", topP, LOWEST_TOP_P, 1);
  if (!samples) return greedy;
  const sampler = new Sampler(V, seed, fround(Number(temperature)), topK, fround(topP));
  return (logits) => sampler.choose(logits);
}

/**
 * @param {string} name
 * @param {unknown} value judged after it is rounded to binary32
 * @param {number} least
 * @param {number} most
 */
function checkNumber(name, value, least, most) {
  const rounded = typeof value === "number" ? fround(value) : NaN;
  if (rounded >= least && rounded <= most) return;
  throw wrongOption(name, `a number, ${least} to ${most}`, value);
}
