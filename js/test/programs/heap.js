// Run by heap.test.js: what the heap is after many steps, as JSON, for sessions of one row and of three.

import { PerformanceObserver } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { compile, load, Session } from "rnnspec";

import { bytesOf, tokenNet } from "../support.js";

const steps = Number(process.argv[2]);
let collections = 0;
const observer = new PerformanceObserver((list) => {
  collections += list.getEntries().length;
});
observer.observe({ entryTypes: ["gc"] });

const plan = compile(load(bytesOf(tokenNet())));
for (const batch of [1, 3]) {
  const session = new Session(plan, { batch });
  const out = new Float32Array(batch * plan.width);
  const x = new Int32Array(batch);
  /** @param {number} count */
  const step = (count) => {
    for (let k = 0; k < count; k++) {
      x[0] = k & 3;
      session.step(x, out);
    }
  };
  step(50_000); // what the compiler takes
  await setTimeout(50);
  globalThis.gc?.();
  await setTimeout(50);
  collections = 0;
  const before = process.memoryUsage().heapUsed;
  step(steps);
  const bytes = process.memoryUsage().heapUsed - before;
  await setTimeout(50);
  console.log(JSON.stringify({ batch, kernel: plan.kernel, collections, bytes }));
}
