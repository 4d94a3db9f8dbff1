/** The WebAssembly kernel: that it is used, that it says why not, and that it gives the bits of plain JavaScript. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

import { build } from "esbuild";
import { compile, load, run, runtime, Session } from "rnnspec";

import { bitsOf, bytesOf, fails, featureNet, LSTM, tensor, tokenNet } from "./support.js";

test("the kernel is what computes here", () => {
  assert.deepEqual(runtime(), { kernel: "simd128", why: "" });
  for (const net of [tokenNet(), featureNet(), cellNet("gru", 5, {}), optionNet()]) {
    const model = load(bytesOf(net));
    assert.equal(compile(model).kernel, "simd128");
    assert.equal(compile(model, { kernel: "simd128" }).kernel, "simd128");
    assert.equal(compile(model, { kernel: "plain" }).kernel, "plain");
  }
});

test("a step and a run are calls of the kernel, of a plain plan none", () => {
  const calls = countingCalls(() => {
    const plan = compile(load(bytesOf(tokenNet())));
    new Session(plan).step([1]);
    run(plan, [[1, 2]]);
  });
  assert.equal(calls.get("rnn_lstm"), 2);
  assert.ok(calls.get("rnn_products") >= 2); // dense, and tokens that come for the first time
  assert.ok(calls.get("rnn_sweep") >= 2);
  const none = countingCalls(() => {
    const plan = compile(load(bytesOf(tokenNet())), { kernel: "plain" });
    new Session(plan).step([1]);
    run(plan, [[1, 2]]);
  });
  assert.deepEqual([...none], []);
});

test("a kernel that is not there is an error that says so", () => {
  const model = load(bytesOf(tokenNet()));
  fails(() => compile(model, { kernel: /** @type {any} */ ("avx2") }), "RUN_OPTION");
});

test("without WebAssembly, or where it proves wrong, it is plain, and told why", async () => {
  const text = await bundle();
  const file = bytesOf(tokenNet());
  const script = `(() => {
    const plan = rnnspec.compile(rnnspec.load(Uint8Array.from([${file}])));
    const out = new rnnspec.Session(plan).step([1]);
    let code;
    try { rnnspec.compile(plan.model, { kernel: "simd128" }); } catch (error) { code = error.code; }
    return [plan.kernel, rnnspec.runtime().why, [...new Uint32Array(out.buffer)], code];
  })()`;
  const expected = bitsOf(new Session(compile(load(file))).step([1]));
  /** @type {[string, string, boolean, RegExp][]} */
  const surroundings = [
    [text, "", false, /WebAssembly/], // as a Content-Security-Policy without wasm-unsafe-eval
    [text, "delete globalThis.WebAssembly", true, /WebAssembly/],
    [text.replace(/\bPROOF = (\d+)/, "PROOF = 1 + $1"), "", true, /other bits/],
    [text.replace(/\bWASM = "/, "$&\\0"), "", true, /./],
  ];
  for (const [source, before, wasm, reason] of surroundings) {
    const bare = vm.createContext({}, { codeGeneration: { strings: false, wasm } });
    vm.runInContext(before, bare);
    vm.runInContext(source, bare);
    const [kernel, why, bits, code] = vm.runInContext(script, bare);
    assert.equal(kernel, "plain");
    assert.match(why, reason);
    assert.deepEqual([...bits], expected);
    assert.equal(code, "RUN_OPTION");
  }
});

test("rnnspec/plain has no kernel", async () => {
  const { outputFiles } = await bundleOf("index/plain.js");
  assert.doesNotMatch(outputFiles[0]?.text ?? "", /WebAssembly|rnn_lstm/);
});

test("the bits are those of plain JavaScript: sizes, batches, lengths, directions", () => {
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  let compared = 0;
  for (const size of [1, 3, 4, 5, 16, 33, 70]) {
    for (const type of ["elman", "lstm", "gru"]) {
      for (const options of [{}, { direction: "reverse" }, BOTH, { reset: "before" }]) {
        const model = load(bytesOf(cellNet(type, size, options)));
        const plans = /** @type {const} */ (["plain", "simd128"]).map((kernel) =>
          compile(model, { kernel }),
        );
        for (const [N, T] of [
          [1, 1],
          [1, 150],
          [5, 9],
          [67, 3],
        ]) {
          const data = Float32Array.from({ length: N * T * 2 }, () => 4 * random() - 2);
          const lengths = Array.from({ length: N }, () => Math.floor(random() * (T + 1)));
          const [a, b] = plans.map((plan) => run(plan, { shape: [N, T, 2], data }, { lengths }));
          assert.deepEqual(bitsOf(b.output.data), bitsOf(a.output.data));
          assert.deepEqual(stateBits(b.state), stateBits(a.state));
          compared += a.output.data.length;
        }
      }
    }
  }
  assert.ok(compared > 100_000);
});

test("a session keeps its bits while the memory grows under it, and batches step like rows", () => {
  const model = load(bytesOf(featureNet()));
  const plan = compile(model);
  const session = new Session(plan);
  const twin = new Session(compile(model, { kernel: "plain" }));
  for (let k = 0; k < 6; k++) {
    const wide = new Session(plan, { batch: 10 ** k }); // 10^5 rows: some MiB
    const x = new Float32Array(3 * 10 ** k).fill(0.5);
    const all = wide.step(x);
    const first = new Session(compile(model, { kernel: "plain" })).step([0.5, 0.5, 0.5]);
    assert.deepEqual(bitsOf(all.subarray(all.length - 2)), bitsOf(first));
    assert.deepEqual(bitsOf(session.step([k, 1, -k])), bitsOf(twin.step([k, 1, -k])));
  }
  assert.deepEqual(stateBits(session.state()), stateBits(twin.state()));
});

test("a call that overflows leaves the state of a session as it was", () => {
  const net = featureNet();
  net.layers[1] = { name: "out", type: "affine", parameters: { s: "s", t: "t" } };
  net.output = { kind: "values" };
  Object.assign(net.tensors, { s: { ...tensor([2]), data: [3e38, 3e38] }, t: tensor([2]) });
  delete net.tensors.D;
  delete net.tensors.d;
  net.layers[0].activations.output = { function: "linear" };
  const session = new Session(compile(load(bytesOf(net)), { kernel: "simd128" }));
  session.step([0.01, 0, 0]);
  const before = stateBits(session.state());
  fails(() => {
    for (let k = 0; k < 50; k++) session.step([-5, 5, 5]);
  }, "RUN_NONFINITE");
  const after = stateBits(session.state());
  assert.notDeepEqual(after, before); // some steps were good
  fails(() => session.step([-5, 5, 5]), "RUN_NONFINITE");
  assert.deepEqual(stateBits(session.state()), after);
});

// --- nets ---------------------------------------------------------------------------------------

const BOTH = { direction: "bidirectional", merge: "sum" };

/**
 * @param {string} type
 * @param {number} H
 * @param {object} options
 * @returns {any}
 */
function cellNet(type, H, options) {
  const blocks = { elman: 1, gru: 3, lstm: 4 }[type] ?? 0;
  const { output: _, ...gru } = LSTM;
  const own = {
    elman: { activation: { function: "tanh" } },
    gru: { activations: gru, reset: "after" },
    lstm: { activations: LSTM },
  }[type];
  const { reset, ...rest } = /** @type {any} */ (options);
  const layer = { name: "cell", type, hidden_size: H, ...own, ...rest };
  if (reset && type === "gru") layer.reset = reset;
  const suffixes = rest.direction === "bidirectional" ? ["", "_reverse"] : [""];
  /** @type {Record<string, unknown>} */
  const tensors = {};
  for (const suffix of suffixes) {
    tensors[`W${suffix}`] = tensor([2, blocks * H]);
    tensors[`R${suffix}`] = tensor([H, blocks * H]);
    tensors[`b${suffix}`] = tensor([blocks * H]);
  }
  layer.parameters = Object.fromEntries(Object.keys(tensors).map((name) => [name, name]));
  return {
    rnnspec: "1.0-draft.3",
    input: { kind: "features", size: 2 },
    layers: [layer],
    output: { kind: "values" },
    tensors,
  };
}

/** A cell that is not one of the kernel's plain ones. */
function optionNet() {
  return cellNet("lstm", 4, { clip: 1 });
}

// --- helpers ------------------------------------------------------------------------------------

/** @param {any} state */
function stateBits(state) {
  return [...state].map(([name, arrays]) => [
    name,
    Object.entries(arrays).map(([array, { data }]) => [array, bitsOf(data)]),
  ]);
}

/**
 * The calls of exported functions by their names, of the kernels that are made meanwhile.
 *
 * @param {() => void} work
 * @returns {Map<string, any>}
 */
function countingCalls(work) {
  const { Instance } = WebAssembly;
  const calls = new Map();
  /** @param {WebAssembly.Module} module */
  function Counted(module) {
    /** @type {Record<string, any>} */
    const exports = {};
    for (const [name, member] of Object.entries(new Instance(module).exports)) {
      exports[name] = member;
      if (typeof member !== "function") continue;
      exports[name] = (/** @type {any[]} */ ...given) => {
        calls.set(name, (calls.get(name) ?? 0) + 1);
        return member(...given);
      };
    }
    return { exports };
  }
  WebAssembly.Instance = /** @type {any} */ (Counted);
  try {
    work();
  } finally {
    WebAssembly.Instance = Instance;
  }
  return calls;
}

/** @param {string} entry */
function bundleOf(entry) {
  return build({
    stdin: {
      contents: `export * from "./${entry}";`,
      resolveDir: fileURLToPath(new URL("../src", import.meta.url)),
    },
    bundle: true,
    format: "iife",
    globalName: "rnnspec",
    platform: "neutral",
    write: false,
  });
}

async function bundle() {
  const { outputFiles } = await bundleOf("index/run.js");
  return outputFiles[0]?.text ?? "";
}
