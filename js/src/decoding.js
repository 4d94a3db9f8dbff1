/**
 * From logits to tokens, and texts that go on (SPEC 15).
 *
 * @import { Decoding, Model } from "./model.js"
 * @import { Plan } from "./plan.js"
 */

import { exp } from "./activation.js";
import { RUN_DECODING, RUN_NONFINITE, RUN_OPTION, RUN_PRIME } from "./codes.js";
import { Random } from "./decoding/random.js";
import { failure, quote } from "./issue.js";
import { Machine } from "./run/machine.js";
import { checkId, encode } from "./vocabulary.js";

const { floor, fround } = Math;

const LOWEST_TEMPERATURE = 2 ** -7;
const HIGHEST_TEMPERATURE = 2 ** 7;
const SEEDS = 2 ** 32;
const WEIGHT_ONE = 2 ** 31;

/**
 * @typedef {object} GenerateOptions
 * @property {Iterable<number> | string | undefined} [prime] ids or a text, read before the first token
 * @property {number | undefined} [count] how many tokens at most; as many as the caller takes unless given
 * @property {Decoding["mode"] | undefined} [mode] else the model's, else `greedy`
 * @property {number | undefined} [temperature] for `sample`; else the model's
 * @property {number | undefined} [seed] for `sample`: an integer from 0 to 2^32 - 1, 0 unless given
 */

/**
 * Generates tokens, each when it is asked for. The arguments are checked at once.
 *
 * @param {Plan} plan of a net that reads tokens and gives scores for the tokens it reads
 * @param {GenerateOptions} [options]
 * @returns {Generator<number, void, undefined>} ids; `decode` makes text of them
 * @throws {import("./issue.js").RnnspecError} RUN_DECODING, RUN_OPTION, RUN_TEXT, RUN_TOKEN, RUN_PRIME;
 *   and RUN_NONFINITE, then or when a token is asked for
 */
export function generate(plan, { prime = [], count = Infinity, mode, temperature, seed = 0 } = {}) {
  const { model } = plan;
  const vocabulary = generatingVocabulary(model);
  const choose = chooser(model.decoding, mode, temperature, seed);
  if (count !== Infinity) checkOption("count", count, 0, Infinity);
  const ids = typeof prime === "string" ? encode(vocabulary, prime) : [...prime];
  for (const id of ids) checkId(vocabulary.size, id, "prime");
  if (vocabulary.start !== undefined) ids.unshift(vocabulary.start);
  if (ids.length === 0) throw failure(RUN_PRIME, "prime");
  return tokens(plan, ids, count, vocabulary.end, choose);
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
      machine.id = id;
      if (!machine.step(0)) throw failure(RUN_NONFINITE, "prime");
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
function generatingVocabulary({ input, inputVocabulary, output }) {
  if (input.kind !== "tokens" || inputVocabulary === undefined) {
    throw failure(RUN_DECODING, "plan", { expected: "an input of tokens" });
  }
  if (output.vocabulary !== input.vocabulary) {
    const expected = `the output vocabulary ${quote(input.vocabulary)}`;
    throw failure(RUN_DECODING, "plan", { expected });
  }
  return inputVocabulary;
}

/**
 * How tokens are chosen: by the caller's wish, then by the model's.
 *
 * @param {Decoding | undefined} defaults
 * @param {string | undefined} wantedMode
 * @param {number | undefined} wantedTemperature
 * @param {number} seed
 * @returns {(logits: Float32Array) => number}
 */
function chooser(defaults, wantedMode, wantedTemperature, seed) {
  const mode = wantedMode ?? defaults?.mode ?? "greedy";
  if (mode !== "greedy" && mode !== "sample") {
    const values = { name: "mode", expected: '"greedy" or "sample"', got: quote(String(mode)) };
    throw failure(RUN_OPTION, "mode", values);
  }
  checkOption("seed", seed, 0, SEEDS - 1);
  const given = wantedTemperature ?? (mode === "sample" ? defaults?.temperature : undefined);
  const temperature = given === undefined ? NaN : fround(given);
  const sound = temperature >= LOWEST_TEMPERATURE && temperature <= HIGHEST_TEMPERATURE;
  if (!sound && (mode === "sample" || given !== undefined)) {
    const expected = `${LOWEST_TEMPERATURE} to ${HIGHEST_TEMPERATURE}`;
    throw failure(RUN_OPTION, "temperature", { name: "temperature", expected, got: String(given) });
  }
  if (mode === "greedy") return greedy;
  const random = new Random(seed);
  return (logits) => sample(logits, temperature, random);
}

/**
 * @param {string} name
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
function checkOption(name, value, least, most) {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const expected = `an integer, ${least} ${most === Infinity ? "or more" : `to ${most}`}`;
  throw failure(RUN_OPTION, name, { name, expected, got: String(value) });
}

/**
 * The lowest id of those with the largest logit ([decode-1]).
 *
 * @param {Float32Array} logits
 * @returns {number}
 */
export function greedy(logits) {
  let best = 0;
  for (let k = 1; k < logits.length; k++) if (logits[k] > logits[best]) best = k;
  return best;
}

/**
 * One draw from the distribution of the logits ([decode-2]), by integer weights and exact sums: the
 * weights are at most 2^31 and their number at most 2^21, so that every sum is below 2^53.
 *
 * @param {Float32Array} logits
 * @param {number} temperature a binary32
 * @param {Random} random
 * @returns {number} an id
 */
export function sample(logits, temperature, random) {
  const m = logits[greedy(logits)];
  /** @param {number} k */
  const weight = (k) => {
    const e = exp(fround(fround(logits[k] - m) / temperature));
    return floor(e * WEIGHT_ONE);
  };
  let S = 0;
  for (let k = 0; k < logits.length; k++) S += weight(k);
  const r = Math.min(floor(random.draw() * S), S - 1);
  let sum = 0;
  for (let k = 0; ; k++) {
    sum += weight(k);
    if (sum > r) return k;
  }
}
