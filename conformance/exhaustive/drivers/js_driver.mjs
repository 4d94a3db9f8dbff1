/**
 * Digests of exp, log, tanh and sigmoid over all 2^32 inputs, computed by the JavaScript runtime.
 * The format stands in ../README.md.
 *
 *     node js_driver.mjs | python3 ../check.py                                          all of it
 *     node js_driver.mjs --functions exp,tanh --chunks 62-64 | python3 ../check.py     some chunks
 *     node js_driver.mjs --listed | python3 ../check.py             the chunks of expected.json
 *     node js_driver.mjs --kernel --functions tanh,sigmoid | python3 ../check.py     WebAssembly's
 *
 * The kernel has exp and log inside other functions, so they have no digest there.
 * --threads N: worker threads, 2 unless given.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

import { exp, log, sigmoid, tanh } from "../../../js/src/activation.js";
import { instantiate, whyNot } from "../../../js/src/kernel/module.js";

const FUNCTIONS = { exp, log, tanh, sigmoid };
const CODES = { tanh: 1, sigmoid: 2 }; // of kernel.h
const CHUNKS = 256;
const CHUNK = 2 ** 24;
const NAN = 0x7fc00000;

/** The SHA-256 of the results for the inputs whose top byte is `chunk`. */
function digestChunk(compute, chunk) {
  const values = new Float32Array(CHUNK);
  const bits = new Uint32Array(values.buffer);
  const first = chunk * CHUNK;
  for (let k = 0; k < CHUNK; k++) bits[k] = first + k;
  compute(values, 0, CHUNK);
  for (let k = 0; k < CHUNK; k++) if (Number.isNaN(values[k])) bits[k] = NAN;
  return createHash("sha256").update(littleEndian(bits)).digest();
}

/** The same by the kernel, in place in its memory. */
function digestChunkOfKernel(code, chunk) {
  if (whyNot()) throw new Error(whyNot());
  const kernel = instantiate();
  const at = (kernel.__heap_base.value + 63) & ~63;
  kernel.memory.grow(Math.ceil((at + 4 * CHUNK) / 65536) - kernel.memory.buffer.byteLength / 65536);
  const bits = new Uint32Array(kernel.memory.buffer, at, CHUNK);
  for (let k = 0; k < CHUNK; k++) bits[k] = chunk * CHUNK + k;
  kernel.rnn_sweep(code, 1, 1, at, CHUNK, at, CHUNK, CHUNK, 1);
  for (let k = 0; k < CHUNK; k++) if ((bits[k] & 0x7fffffff) > 0x7f800000) bits[k] = NAN;
  return createHash("sha256").update(littleEndian(bits.slice())).digest();
}

/** The bytes of 32-bit words, the lowest first. */
function littleEndian(words) {
  const bytes = Buffer.from(words.buffer);
  const isLittle = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
  return isLittle ? bytes : bytes.swap32();
}

function sha256(parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Runs the jobs on worker threads: [{name, chunk}] → their digests, in order. */
function runJobs(jobs, threads) {
  const digests = new Array(jobs.length);
  let next = 0;
  const work = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url));
      const give = () => worker.postMessage(next < jobs.length ? { k: next, ...jobs[next++] } : null);
      worker.on("message", ({ k, digest }) => {
        digests[k] = Buffer.from(digest);
        give();
      });
      worker.on("error", reject);
      worker.on("exit", resolve);
      give();
    });
  return Promise.all(Array.from({ length: threads }, work)).then(() => digests);
}

async function main() {
  const { values: options } = parseArgs({
    options: {
      functions: { type: "string", default: Object.keys(FUNCTIONS).join(",") },
      chunks: { type: "string", default: `0-${CHUNKS - 1}` },
      listed: { type: "boolean", default: false },
      kernel: { type: "boolean", default: false },
      threads: { type: "string", default: "2" },
    },
  });
  const names = options.functions.split(",");
  const [from, to = from] = options.chunks.split("-").map(Number);
  const there = options.kernel ? CODES : FUNCTIONS;
  if (!names.every((name) => Object.hasOwn(there, name)) || !(from >= 0 && to < CHUNKS)) {
    throw new RangeError(`--functions ${Object.keys(there)}   --chunks A-B within 0-255`);
  }
  const expected = new URL("../expected.json", import.meta.url);
  const listed = options.listed ? JSON.parse(readFileSync(expected, "utf8")).chunks : null;
  const range = Array.from({ length: to - from + 1 }, (_, k) => from + k);
  const chunksOf = (name) => (listed === null ? range : Object.keys(listed[name]).map(Number));
  const jobs = names.flatMap((name) =>
    chunksOf(name).map((chunk) => ({ name, chunk, kernel: options.kernel })),
  );
  const digests = await runJobs(jobs, Number(options.threads));
  const byName = new Map(names.map((name) => [name, []]));
  for (const [k, { name }] of jobs.entries()) byName.get(name).push(digests[k]);
  if (jobs.length < names.length * CHUNKS) {
    for (const [k, { name, chunk }] of jobs.entries()) {
      console.log(`${name} ${chunk} ${digests[k].toString("hex")}`);
    }
    return;
  }
  const all = names.map((name) => sha256(byName.get(name)));
  for (const [k, name] of names.entries()) console.log(`${name} ${all[k].toString("hex")}`);
  const complete = Object.keys(FUNCTIONS).join() === names.join();
  if (complete) console.log(`all ${sha256(all).toString("hex")}`);
}

function digested({ name, chunk, kernel }) {
  return kernel ? digestChunkOfKernel(CODES[name], chunk) : digestChunk(FUNCTIONS[name], chunk);
}

if (isMainThread) {
  await main();
} else {
  parentPort.on("message", (job) => {
    if (job === null) parentPort.close();
    else parentPort.postMessage({ k: job.k, digest: digested(job) });
  });
}
