/**
 * One process of the benchmark in Node: prints what it found as JSON. Started by main.js.
 *
 *     node worker.js '{"job": "net", "net": "lstm128", "quick": true}'
 */

import { resourceUsage } from "node:process";
import { allocation } from "./src/allocation.js";
import { cold } from "./src/cold.js";
import { libraries, read } from "./src/hosts/node.js";
import { measureNet, missingPaths } from "./src/measure.js";

/** What the process can be asked for. @type {Record<string, (options: any) => Promise<unknown>>} */
const JOBS = {
  net: (options) => measureNet(libraries, read, options),
  missing: () => missingPaths(libraries),
  cold: async (options) => {
    const found = await cold(libraries, read, options);
    return found && { ...found, memory: (resourceUsage().maxRSS * 1024) / 1e6 };
  },
  allocation: (options) => allocation(libraries, read, options),
};

const options = JSON.parse(process.argv[2]);
const found = await JOBS[options.job](options);
console.log(JSON.stringify(found ?? null));
