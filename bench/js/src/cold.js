/**
 * A cold start: what stands between a user and the first output. The first thing that a process or a
 * page does.
 *
 * @import { Libraries } from "./contenders.js"
 * @import { Read } from "./nets.js"
 */

import { contendersOf } from "./contenders.js";
import { readInput, readNets } from "./nets.js";

/**
 * Times in ms.
 *
 * @typedef {object} Cold
 * @property {string} peer
 * @property {string} path
 * @property {string} dtype
 * @property {Record<string, string>} versions
 * @property {number} start import, load, first output; the bytes were read before
 * @property {number} load from the bytes to a session that is ready
 * @property {number} first from the bytes to the first output
 * @property {number} [memory] the peak of the process in MB, where the host tells it
 */

/**
 * @param {Libraries} libraries
 * @param {Read} read
 * @param {object} options
 * @param {string} options.contender
 * @param {string} options.net
 * @param {number} options.steps to run afterwards, for the memory
 * @returns {Promise<Cold | undefined>} nothing where this host does not have it
 */
export async function cold(libraries, read, { contender: name, net: wanted, steps }) {
  const net = (await readNets(read)).find((each) => each.name === wanted);
  if (!net) throw new Error(`no net ${wanted} in build/bench: make bench-nets`);
  const input = await readInput(net, "step", read);

  const begun = performance.now();
  const [contender] = await contendersOf(libraries, [name]);
  if (!contender) return undefined;
  const imported = performance.now();
  const files = await Promise.all(contender.files(net).map(read));
  const given = performance.now();
  const loaded = await contender.load(net, files);
  const ready = performance.now();
  await loaded.prepare("step", input.slice(0, 1)).turn(1);
  const answered = performance.now();

  await loaded.prepare("step", input).turn(steps);
  const { peer, path, dtype, versions } = contender;
  return {
    peer,
    path,
    dtype,
    versions,
    start: imported - begun + answered - given,
    load: ready - given,
    first: answered - given,
  };
}
