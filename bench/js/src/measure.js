/**
 * What one process does, in Node as in a page: load every contender, compare the outputs, take turns.
 *
 * @import { Contender } from "./contender.js"
 * @import { Libraries } from "./contenders.js"
 * @import { Mode, Net, Read } from "./nets.js"
 * @import { Path } from "./peers/rnnspec.js"
 * @import { Pace } from "./turns.js"
 */

import { contendersBeside } from "./contenders.js";
import { CALLS, COMPARED, readExpected, readInput, readNets } from "./nets.js";
import { PATHS } from "./peers/rnnspec.js";
import { median, PACES, takeTurns } from "./turns.js";

/** More than that apart, and it is another net: bench/README.md. */
const FAR = 2e-4;

/**
 * A time of one process.
 *
 * @typedef {object} Measured
 * @property {string} peer
 * @property {string} path
 * @property {boolean} native
 * @property {string} net
 * @property {Mode} mode
 * @property {string} dtype
 * @property {number} us_per_step
 * @property {number} compared the largest difference to our output
 * @property {Record<string, string>} versions
 */

/** A path of ours that a host does not have. @typedef {{ path: Path, missing: string }} Missing */

/**
 * All modes of one net, with one of our paths.
 *
 * @param {Libraries} libraries
 * @param {Read} read
 * @param {{ net: string, path: Path, quick: boolean }} options
 * @returns {Promise<{ measured: Measured[], leftOut: string[] }>} and who was left out, and why
 */
export async function measureNet(libraries, read, { net: name, path, quick }) {
  const contenders = await contendersBeside(libraries, path);
  const net = (await readNets(read)).find((each) => each.name === name);
  if (!net) throw new Error(`no net ${name} in build/bench: make bench-nets`);
  const pace = quick ? PACES.quick : PACES.full;
  const measured = [];
  const leftOut = [];
  for (const mode of net.modes) {
    const taking = [];
    for (const contender of contenders) {
      const why = contender.leftOut(net, mode);
      if (why === undefined) taking.push(contender);
      else leftOut.push(`${mode} without ${contender.peer} (${contender.path}): ${why}`);
    }
    measured.push(...(await measure(taking, net, mode, read, pace)));
  }
  return { measured, leftOut };
}

/**
 * Paths of ours that this host does not have.
 *
 * @param {Libraries} libraries
 * @returns {Promise<Missing[]>}
 */
export async function missingPaths(libraries) {
  const { kernel, why } = (await libraries.rnnspec()).runtime();
  const there = PATHS.slice(PATHS.indexOf(kernel));
  return PATHS.filter((path) => !there.includes(path)).map((path) => ({ path, missing: `${why}` }));
}

/**
 * @param {Contender[]} contenders
 * @param {Net} net
 * @param {Mode} mode
 * @param {Read} read
 * @param {Pace} pace
 * @returns {Promise<Measured[]>}
 * @throws {Error} where outputs differ
 */
export async function measure(contenders, net, mode, read, pace) {
  const input = await readInput(net, mode, read);
  const expected = await readExpected(net, read);
  const runners = [];
  /** @type {number[]} */
  const differences = [];
  const about = [];
  const { N, T } = CALLS[mode];
  for (const contender of contenders) {
    const { peer, path, dtype } = contender;
    const files = await Promise.all(contender.files(net).map(read));
    const runner = (await contender.load(net, files)).prepare(mode, input);
    const start = performance.now();
    const difference = furthest(await runner.first(), expected);
    about.push((performance.now() - start) / Math.ceil(COMPARED / T));
    const allowed = peer === "rnnspec" ? 0 : FAR;
    if (!(difference <= allowed)) {
      throw new Error(
        `${peer} (${path}, ${dtype}) gives another output for ${net.name}, mode ${mode}: ` +
          `${difference} apart, ${allowed} is allowed`,
      );
    }
    runners.push(runner);
    differences.push(difference);
  }
  const times = await takeTurns(runners, about, pace);
  return contenders.map(({ peer, path, native, dtype, versions }, k) => ({
    peer,
    path,
    native,
    net: net.name,
    mode,
    dtype,
    us_per_step: (median(times[k]) * 1000) / (N * T),
    compared: differences[k],
    versions,
  }));
}

/**
 * @param {Float32Array} found
 * @param {Float32Array} expected
 * @returns {number} NaN if any is
 */
function furthest(found, expected) {
  // Math.max gives NaN where any is.
  return expected.reduce((most, value, k) => Math.max(most, Math.abs(found[k] - value)), 0);
}
