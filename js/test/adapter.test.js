/** The adapter as a process: what the conformance suite does not ask. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { bytesOf, featureNet, tokenNet } from "./support.js";

const ADAPTER = fileURLToPath(new URL("../src/adapter.js", import.meta.url));

/**
 * Sends all of a conversation in pieces of some bytes, and gives the answers and the exit code.
 *
 * @param {string} text
 * @param {number} piece
 * @returns {Promise<{answers: any[], code: number | null}>}
 */
async function converse(text, piece) {
  const child = spawn(process.execPath, [ADAPTER], { stdio: ["pipe", "pipe", "inherit"] });
  const bytes = bytesOf(text);
  for (let at = 0; at < bytes.length; at += piece)
    child.stdin.write(bytes.subarray(at, at + piece));
  child.stdin.end();
  const parts = [];
  for await (const part of child.stdout) parts.push(part);
  const code = await new Promise((resolve) => child.on("close", resolve));
  const lines = Buffer.concat(parts).toString("utf8").split("\n");
  assert.equal(lines.pop(), "");
  return { answers: lines.map((line) => JSON.parse(line)), code };
}

/** @param {any} document */
const base64 = (document) => Buffer.from(bytesOf(document)).toString("base64");
const features = base64(featureNet());
const tokens = base64(tokenNet());

test("a conversation", async () => {
  const x = { shape: [1, 2, 3], bits: "3f800000".repeat(6) };
  const requests = [
    { command: "start", protocol: 1 },
    { command: "run", document: features, chunks: [{ input: x }, { input: x }] },
    { command: "run", document: features, chunks: [{ input: x }, { input: x }], interface: "step" },
    { command: "run", document: features, chunks: [{ input: { shape: [1], bits: "" } }] },
    { command: "decode", document: tokens, prime: "\u2028", count: 1 },
    { command: "decode", document: tokens, prime: "é", count: 3, seed: 5 },
    { command: "evaluate", function: "exp", input: { shape: [2], bits: "000000007fc00000" } },
    { command: "evaluate", function: "sin", input: { shape: [1], bits: "00000000" } },
    { command: "convert", document: "e30=", encoding: "json" },
    { command: "dance" },
    { command: "stop" },
  ];
  const lines = requests.map((request, seq) => `${JSON.stringify({ seq, ...request })}\n`);
  lines.splice(9, 0, "no JSON\n");
  for (const piece of [7, 100_000]) {
    const { answers, code } = await converse(lines.join(""), piece);
    assert.equal(code, 0);
    assert.equal(answers.length, 12);
    const [hello, run, step, shape, text, ids, exp, sin, empty, broken, dance, stop] = answers;
    assert.ok(hello.result.features.includes("lstm"));
    assert.deepEqual(run.result, step.result);
    assert.match(run.result.chunks[0].output.bits, /^[0-9a-f]{32}$/);
    assert.notDeepEqual(run.result.chunks[0], run.result.chunks[1]);
    assert.equal(shape.result.chunks[0].code, "RUN_SHAPE");
    assert.deepEqual(text.error, { code: "RUN_TEXT" });
    assert.equal(ids.result.ids.length, 3);
    assert.deepEqual(exp.result.output, { shape: [2], bits: "3f8000007fc00000" });
    assert.match(sin.error.message, /sin/);
    assert.deepEqual(empty, { seq: 8, error: { code: "VERSION_MISSING" } });
    assert.equal(broken.seq, null);
    assert.match(dance.error.message, /dance/);
    assert.deepEqual(stop, { seq: 10, result: {} });
  }
});
