/**
 * How long reading takes, and how much memory, against JSON.parse of the same text.
 *
 *     node bench/reading/read_js.mjs            makes files of 64 MiB: short and long numbers, base64, msgpack
 *     node bench/reading/read_js.mjs FILE …     takes files
 *
 * Every measurement is a process of its own, cold, the best of three; the peak is that of resident
 * memory, less that of a process that has loaded the library and reads nothing.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { load, toBytes } from "../../js/src/index.js";

const MIB = 2 ** 20;
const SIZE = 64 * MIB;
const ROUNDS = 3;
const INPUTS = 1024;
const SCRIPT = fileURLToPath(import.meta.url);

/** The measurements. Each gives milliseconds by name. */
const MEASUREMENTS = {
  idle: () => ({}),
  load: (bytes) => timed({ load: () => load(bytes) }),
  parse: (bytes) => {
    let text;
    return timed({
      decode: () => {
        text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      },
      parse: () => JSON.parse(text),
    });
  },
  copy: (bytes) => timed({ copy: () => new Uint8Array(bytes) }),
};

function timed(tasks) {
  const times = {};
  for (const [name, task] of Object.entries(tasks)) {
    const start = performance.now();
    task();
    times[name] = performance.now() - start;
  }
  return times;
}

/** One measurement in a process of its own, best of some. */
function measure(name, file) {
  const runs = Array.from({ length: ROUNDS }, () => {
    return JSON.parse(execFileSync(process.execPath, [SCRIPT, "--measure", name, file]));
  });
  const best = {};
  for (const key of Object.keys(runs[0])) best[key] = Math.min(...runs.map((run) => run[key]));
  return best;
}

/** The files, and how each is made: by a process of its own too, as memory is handed on. */
const FILES = {
  "short.rnn.json": () => makeDecimals(shortNumber),
  "long.rnn.json": () => makeDecimals(longNumber),
  "base64.rnn.json": () => makeBase64((SIZE / 4) * 3),
  "model.rnn": () => toBytes(load(Buffer.from(makeBase64(SIZE))), { encoding: "msgpack" }),
};

/** A net of one dense layer with so many weights. */
function makeJson(count, data) {
  return `{"rnnspec": "1.0-draft.2",
 "input": {"kind": "features", "size": ${INPUTS}},
 "layers": [{"name": "d", "type": "dense", "size": ${count / INPUTS}, "parameters": {"W": "W"}}],
 "output": {"kind": "values"},
 "tensors": {
  "W": {"dtype": "float32", "shape": [${INPUTS}, ${count / INPUTS}], "data": ${data}}}}
`;
}

function makeBase64(size) {
  return makeJson(size / 4, `"${makeBytes(size).toString("base64")}"`);
}

/** As many numbers as fill a file. */
function makeDecimals(spell) {
  const sample = Array.from({ length: 1000 }, spell).join(", ").length / 1000;
  const count = Math.floor(SIZE / sample / INPUTS) * INPUTS;
  return makeJson(count, `[${Array.from({ length: count }, spell).join(", ")}]`);
}

/** The bytes of weights. */
function makeBytes(size) {
  const values = Float32Array.from({ length: size / 4 }, () => Math.random() - 0.5);
  return Buffer.from(values.buffer);
}

/** The shortest decimal of most binary32 numbers: 6 to 9 digits. */
function shortNumber() {
  const value = Math.fround((Math.random() - 0.5) * 0.2);
  for (let digits = 6; ; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
}

/** A binary64 number as most writers spell it: 16 or 17 digits. */
function longNumber() {
  return String((Math.random() - 0.5) * 0.2);
}

function report(label, file) {
  const size = statSync(file).size;
  const idle = measure("idle", file).peak;
  const ours = measure("load", file);
  const rows = [`${label}: ${(size / MIB).toFixed(1)} MiB`];
  const memory = (ours.peak - idle) / size;
  rows.push(`  load        ${ours.load.toFixed(0)} ms, peak ${memory.toFixed(2)} × the file over idle`);
  if (file.endsWith(".json")) {
    const stock = measure("parse", file);
    const both = stock.decode + stock.parse;
    const stockMemory = (stock.peak - idle) / size;
    rows.push(`  JSON.parse  ${stock.parse.toFixed(0)} ms: load takes ${(ours.load / stock.parse).toFixed(2)} × as long`);
    rows.push(`  and decode  ${both.toFixed(0)} ms: load takes ${(ours.load / both).toFixed(2)} × as long; peak ${stockMemory.toFixed(2)} ×`);
  } else {
    const { copy } = measure("copy", file);
    rows.push(`  copying     ${copy.toFixed(0)} ms: load takes ${(ours.load / copy).toFixed(2)} × as long`);
  }
  console.log(rows.join("\n"));
}

function main(files) {
  for (const file of files) report(file, file);
  if (files.length > 0) return;
  const folder = mkdtempSync(join(tmpdir(), "rnnspec-"));
  try {
    for (const name of Object.keys(FILES)) {
      const file = join(folder, name);
      execFileSync(process.execPath, [SCRIPT, "--make", name, file]);
      report(name, file);
      rmSync(file);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [task, name, file] = process.argv.slice(2);
if (task === "--make") {
  writeFileSync(file, FILES[name]());
} else if (task === "--measure") {
  const times = MEASUREMENTS[name](name === "idle" ? undefined : readFileSync(file));
  console.log(JSON.stringify({ ...times, peak: process.resourceUsage().maxRSS * 1024 }));
} else {
  main(process.argv.slice(2));
}
