/**
 * What is measured, part by part.
 *
 * @import { Missing } from "../measure.js"
 * @import { Line } from "../lines.js"
 * @import { Path } from "../peers/rnnspec.js"
 */

import { COLD } from "../contenders.js";
import { read } from "../hosts/node.js";
import { allocated, facts, missing, times } from "../lines.js";
import { readNets } from "../nets.js";
import { sizes } from "./sizes.js";

/** Nets that are started cold, and how many steps follow: the memory is that of a net which runs. */
const STARTED = { nets: ["lstm128", "lstm300"], steps: 200 };
/** What is allocated is asked of our paths, where a step is shortest. */
const ALLOCATED = { net: "audio16", steps: 1_000_000 };
/** A taste. */
const QUICK = { nets: ["lstm128", "gru128", "audio40"], steps: 100_000 };

/**
 * What runs a measurement in a new process of its own.
 *
 * @typedef {object} Host
 * @property {string} name with its version
 * @property {boolean} tellsAllocation
 * @property {(job: Job, options: object) => Promise<any>} ask
 * @property {() => void} close
 *
 * @typedef {"net" | "missing" | "cold" | "allocation"} Job
 */

/** @typedef {{ name: string, run: () => Promise<Line[]> }} Part */

/**
 * @param {Host} host
 * @param {{ quick: boolean, paths: readonly Path[], processes: number }} options
 * @returns {Promise<Part[]>}
 */
export async function partsOf(host, { quick, paths, processes }) {
  /** @type {Missing[]} */
  const lacking = await host.ask("missing", {});
  const has = (/** @type {string} */ name) => lacking.every(({ path }) => !name.startsWith(path));
  /** Asks new processes, one after the other. */
  const repeatedly = async (/** @type {Job} */ job, /** @type {object} */ options) => {
    const found = [];
    for (let k = 0; k < processes; k++) found.push(await host.ask(job, options));
    return found.filter((each) => each !== null);
  };

  /** @returns {Part} */
  const timed = (/** @type {string} */ net) => ({
    name: net,
    run: async () => {
      const lines = [];
      for (const path of paths.filter(has)) {
        const found = await repeatedly("net", { net, path, quick });
        for (const told of found[0].leftOut) process.stderr.write(`\n  ${told}`);
        lines.push(
          ...times(
            host.name,
            path,
            found.map(({ measured }) => measured),
          ),
        );
      }
      return lines;
    },
  });
  /** @returns {Part} */
  const started = (/** @type {string} */ net) => ({
    name: `start ${net}`,
    run: async () => {
      const lines = [];
      for (const contender of COLD.filter(has)) {
        const { steps } = STARTED;
        const found = await repeatedly("cold", { contender, net, steps });
        if (found.length) lines.push(...facts(host.name, net, found));
      }
      return lines;
    },
  });
  const { net } = ALLOCATED;
  /** @type {Part} */
  const allocation = {
    name: `allocation ${net}`,
    run: async () => {
      const lines = [];
      const steps = quick ? QUICK.steps : ALLOCATED.steps;
      for (const contender of paths.filter(has)) {
        const found = await host.ask("allocation", { contender, net, steps });
        lines.push(allocated(host.name, net, found));
      }
      return lines;
    },
  };

  const all = (await readNets(read)).map(({ name }) => name);
  const chosen = all.filter((name) => !quick || QUICK.nets.includes(name));
  return [
    { name: "paths", run: async () => missing(host.name, lacking) },
    ...chosen.map(timed),
    ...STARTED.nets.filter((name) => chosen.includes(name)).map(started),
    { name: "sizes", run: () => sizes(host.name) },
    ...(host.tellsAllocation ? [allocation] : []),
  ];
}
