/**
 * Turns: every contender runs for a few milliseconds, then the next one, and so on in rounds.
 *
 * @import { Runner } from "./contender.js"
 */

/**
 * Times in ms.
 *
 * @typedef {object} Pace
 * @property {number} warm until the compilers of the language have done their work
 * @property {number} turn
 * @property {number} rounds
 * @property {number} budget for all turns of one contender
 */

/** @type {{ full: Pace, quick: Pace }} */
export const PACES = {
  full: { warm: 250, turn: 6, rounds: 31, budget: 1500 },
  quick: { warm: 60, turn: 3, rounds: 9, budget: 300 },
};

/**
 * @param {Runner[]} runners that have all made some calls
 * @param {number[]} about how many ms each of those calls took
 * @param {Pace} pace
 * @returns {Promise<number[][]>} of each runner the ms of one call, a number a turn
 */
export async function takeTurns(runners, about, { warm, turn, rounds, budget }) {
  const calls = [];
  const every = [];
  for (const [k, runner] of runners.entries()) {
    const single = about[k] > warm ? about[k] : await warmUp(runner, warm);
    calls.push(Math.max(1, Math.round(turn / single)));
    // What is slow takes fewer turns, spread over the rounds, and one at least.
    const turns = Math.min(rounds, Math.max(1, Math.floor(budget / Math.max(turn, single))));
    every.push(Math.ceil(rounds / turns));
  }
  const times = runners.map(() => /** @type {number[]} */ ([]));
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < runners.length; place++) {
      // Another one begins each time, so that none always follows the same.
      const k = (place + round) % runners.length;
      if (round % every[k] === 0) times[k].push((await time(runners[k], calls[k])) / calls[k]);
    }
  }
  return times;
}

/**
 * @param {Runner} runner
 * @param {number} ms
 * @returns {Promise<number>} about how many ms one call takes, afterwards
 */
async function warmUp(runner, ms) {
  let single = await time(runner, 1);
  for (let spent = single, calls = 2; spent < ms; calls *= 2) {
    const took = await time(runner, calls);
    spent += took;
    single = took / calls;
  }
  return Math.max(single, 1e-4);
}

/**
 * @param {Runner} runner
 * @param {number} calls
 */
async function time(runner, calls) {
  await runner.enter?.();
  // Brings back into the caches what the others threw out.
  if (calls > 1) await runner.turn(1);
  const start = performance.now();
  const done = runner.turn(calls);
  if (done) await done;
  return performance.now() - start;
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
