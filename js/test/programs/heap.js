// Run by heap.test.js: what sessions leave on the heap, in bytes per step, as JSON, a line for each net and kernel:
//
//     node --expose-gc --min-semi-space-size=64 --max-semi-space-size=64 test/programs/heap.js 1000000

import { constants, PerformanceObserver } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { compile, load, Session } from "rnnspec";

import { bytesOf, LSTM, tensor, tokenNet } from "../support.js";

const WARM = 100_000; // steps, after which the compilers of V8 have mostly come
const MOST_WARM = 30; // times that
const I = 2;
const H = 3;

const { gates, candidate } = LSTM;
const cell = { name: "cell", hidden_size: H, parameters: { W: "W", R: "R" } };

/**
 * A net of features that goes through every layer a step can touch, around a cell.
 *
 * @param {any} own what makes the cell one of its type
 * @param {number} blocks
 * @param {any} last the activation of the output, and its kind
 */
function netOf(own, blocks, { kind, ...last }) {
  return {
    rnnspec: "1.0-draft.3",
    input: { kind: "features", size: I },
    layers: [
      { name: "scaled", type: "affine", parameters: { s: "s", t: "t" } },
      { ...cell, ...own },
      {
        name: "even",
        type: "layer_norm",
        epsilon: 1e-5,
        parameters: { gamma: "gamma", beta: "beta" },
      },
      { name: "more", type: "dense", size: H, inputs: ["scaled"], parameters: { W: "D" } },
      { name: "both", type: "add", inputs: ["even", "more"] },
      { name: "soft", type: "activation", function: "softplus" },
      { name: "all", type: "concat", inputs: ["soft", "cell"] },
      { name: "last", type: "activation", ...last },
    ],
    output: { kind },
    tensors: {
      s: tensor([I]),
      t: tensor([I]),
      W: tensor([I, blocks * H]),
      R: tensor([H, blocks * H]),
      gamma: tensor([H]),
      beta: tensor([H]),
      D: tensor([I, H]),
    },
  };
}

const SOFTMAX = { function: "softmax", kind: "probabilities" };
const LOG_SOFTMAX = { function: "log_softmax", kind: "log_probabilities" };
const GRU = { type: "gru", activations: { gates, candidate } };
const NETS = Object.entries({
  tokens: tokenNet(),
  lstm: netOf({ type: "lstm", activations: LSTM }, 4, LOG_SOFTMAX),
  "lstm with options": netOf(
    { type: "lstm", activations: LSTM, clip: 2, coupled: "input" },
    3,
    SOFTMAX,
  ),
  "gru, before": netOf({ ...GRU, reset: "before" }, 3, SOFTMAX),
  "gru, after": netOf({ ...GRU, reset: "after" }, 3, LOG_SOFTMAX),
  elman: netOf({ type: "elman", activation: candidate }, 1, SOFTMAX),
  token: tokenNet(),
});

const steps = Number(process.argv[2]);
/** The collection of young objects, when their space is full. The one that is called for below is over when counting begins. */
const { NODE_PERFORMANCE_GC_MINOR: minor } = constants;
let collections = 0;
const observer = new PerformanceObserver((list) => {
  /** @type {any[]} */
  const entries = list.getEntries();
  collections += entries.filter(({ detail }) => detail.kind === minor).length;
});
observer.observe({ entryTypes: ["gc"] });

/**
 * Steps until two rounds have left less than a byte a step. Code that is not compiled yet leaves numbers on the heap, and
 * the compilers have a thread of their own: on a busy machine they come late, with 5 MB left by then. What allocates in
 * each step never gets quiet, and is measured as it is.
 *
 * @param {(count: number) => void} step
 */
function warm(step) {
  for (let quiet = 0, rounds = 0; quiet < 2 && rounds < MOST_WARM; rounds++) {
    const before = process.memoryUsage().heapUsed;
    step(WARM);
    const left = process.memoryUsage().heapUsed - before; // below 0: a collection came between
    quiet = left >= 0 && left < WARM ? quiet + 1 : 0;
  }
}

for (const kernel of /** @type {const} */ (["plain", "simd128"])) {
  for (const [net, document] of NETS) {
    const plan = compile(load(bytesOf(document)), { kernel });
    const batch = net === "tokens" ? 3 : 1;
    const session = new Session(plan, { batch });
    const out = new Float32Array(batch * plan.width);
    const x = plan.readsTokens ? new Int32Array(batch) : new Float32Array(batch * I);
    /** @param {number} count */
    const step = (count) => {
      for (let k = 0; k < count; k++) {
        x[0] = plan.readsTokens ? k & 3 : (k & 15) / 16;
        session.step(x, out);
      }
    };
    warm(step);
    await setTimeout(50);
    // The other collection would take the nets before this one, and with them the code that was compiled for both.
    globalThis.gc?.({ type: "minor" });
    await setTimeout(50);
    collections = 0;
    const before = process.memoryUsage().heapUsed;
    step(steps);
    const bytes = (process.memoryUsage().heapUsed - before) / steps;
    await setTimeout(50);
    console.log(JSON.stringify({ net, batch, kernel, collections, bytes }));
  }
}
