/**
 * Texts that go on (SPEC 15).
 *
 * @import { Decoding, Model, Vocabulary } from "./model.js"
 * @import { Plan } from "./plan.js"
 */

import { RUN_DECODING, RUN_NONFINITE, RUN_PRIME } from "./codes.js";
import { greedy, Sampler } from "./decoding/choose.js";
import { failure } from "./issue.js";
import { checkInteger, wrongOption } from "./limits.js";
import { Machine } from "./run/machine.js";
import { checkId, encode, TextStream } from "./vocabulary.js";

const { fround } = Math;

const LOWEST_TEMPERATURE = 2 ** -7;
const HIGHEST_TEMPERATURE = 2 ** 7;
const LOWEST_TOP_P = 2 ** -20;
const LARGEST_INTEGER = 2 ** 31 - 1;
const LARGEST_SEED = 2 ** 32 - 1;

/**
 * @typedef {object} GenerateOptions
 * @property {number | undefined} [count] how many tokens at most; as many as the caller takes unless given
 * @property {Decoding["mode"] | undefined} [mode] else the model's, else `greedy`
 * @property {number | undefined} [temperature] for `sample`: 2^-7 to 2^7; else the model's
 * @property {number | undefined} [topK] for `sample`: how many of the likeliest tokens are kept; else the model's
 * @property {number | undefined} [topP] for `sample`: 2^-20 to 1, how much of the probability is kept; else the model's
 * @property {number | undefined} [seed] for `sample`: an integer from 0 to 2^32 - 1, 0 unless given
 */

/**
 * Generates tokens, each when it is asked for. The arguments are checked at once.
 *
 * @param {Plan} plan of a net that reads tokens and gives scores for the tokens it reads
 * @param {Iterable<number> | string} [prime] ids or a text, read before the first token
 * @param {GenerateOptions} [options]
 * @returns {Generator<number, void, undefined>} ids
 * @throws {import("./issue.js").RnnspecError} RUN_DECODING, RUN_OPTION, RUN_TEXT, RUN_TOKEN, RUN_PRIME;
 *   and RUN_NONFINITE, when a token is asked for
 */
export function generate(plan, prime = [], { count, seed = 0, ...wishes } = {}) {
  const { model } = plan;
  const vocabulary = generatingVocabulary(model);
  const choose = chooser(model.decoding, wishes, seed, vocabulary.size);
  if (count !== undefined) checkInteger("count", count, 0, LARGEST_INTEGER);
  const ids = typeof prime === "string" ? encode(vocabulary, prime) : [...prime];
  for (const id of ids) checkId(vocabulary.size, id, "prime");
  if (vocabulary.start !== undefined) ids.unshift(vocabulary.start);
  if (ids.length === 0) throw failure(RUN_PRIME, "prime");
  return tokens(plan, ids, count ?? Infinity, vocabulary.end, choose);
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
  return pieces(generate(plan, prime, options), generatingVocabulary(plan.model));
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
 * @param {Plan} plan
 * @param {number[]} ids at least one
 * @param {number} count
 * @param {number | undefined} end
 * @param {(logits: Float32Array) => number} choose
 * @returns {Generator<number, void, undefined>}
 */
function* tokens(plan, ids, count, end, choose) {
  const machine = new Machine(plan, 1);
  let unread = ids;
  for (let made = 0; made < count; made++) {
    for (const id of unread) {
      machine.token.id = id;
      if (!machine.step(0) || !machine.finish(0, true)) throw failure(RUN_NONFINITE, "prime");
    }
    const id = choose(machine.logits);
    if (id === end) return;
    yield id;
    unread = [id];
  }
}

/**
 * The vocabulary of a net that can read what it gives ([decode-5]).
 *
 * @param {Model} model
 */
function generatingVocabulary({ inputVocabulary, outputVocabulary }) {
  if (inputVocabulary === undefined || outputVocabulary !== inputVocabulary) {
    throw failure(RUN_DECODING, "plan", { expected: "the same vocabulary for input and output" });
  }
  return inputVocabulary;
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
