/**
 * What a step of ours allocates on the heap of JavaScript, over many steps.
 *
 * @import { Libraries } from "./contenders.js"
 * @import { Read } from "./nets.js"
 */

import { PerformanceObserver } from "node:perf_hooks";
import { contendersOf } from "./contenders.js";
import { readInput, readNets } from "./nets.js";
import { median } from "./turns.js";

/** Before that, the compilers of V8 allocate. */
const WARM = 200_000;
/** The steps are counted in parts, between which the collector is called, so that it comes at no other time. */
const PARTS = 10;

/**
 * @typedef {object} Allocation
 * @property {string} peer
 * @property {string} path
 * @property {string} dtype
 * @property {number} bytes a step, the median of the parts: what V8 allocates once is in one of them
 */

/**
 * @param {Libraries} libraries
 * @param {Read} read
 * @param {{ contender: string, net: string, steps: number }} options
 * @returns {Promise<Allocation>}
 * @throws {Error} without `--expose-gc`, or where the collector came by itself
 */
export async function allocation(libraries, read, { contender: name, net: wanted, steps }) {
  const { gc } = globalThis;
  if (!gc) throw new Error("start node with --expose-gc");
  const [contender] = await contendersOf(libraries, [name]);
  const net = (await readNets(read)).find((each) => each.name === wanted);
  if (!net) throw new Error(`no net ${wanted} in build/bench: make bench-nets`);
  const files = await Promise.all(contender.files(net).map(read));
  const runner = (await contender.load(net, files)).prepare(
    "step",
    await readInput(net, "step", read),
  );
  runner.turn(WARM);
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  const bytes = [];
  for (let part = 0; part < PARTS; part++) {
    gc();
    await told();
    observer.observe({ entryTypes: ["gc"] });
    const first = process.memoryUsage().heapUsed;
    const before = process.memoryUsage().heapUsed; // asking allocates too
    runner.turn(steps / PARTS);
    const after = process.memoryUsage().heapUsed;
    bytes.push((after - before - (before - first)) / (steps / PARTS));
    await told();
    observer.disconnect();
  }
  if (collections > 0) throw new Error("the steps allocate so much that it was collected");
  const { peer, path, dtype } = contender;
  return { peer, path, dtype, bytes: Number(Math.max(0, median(bytes)).toFixed(3)) };
}

/** What an observer is told comes later. */
const told = () => new Promise((resolve) => setTimeout(resolve, 20));
