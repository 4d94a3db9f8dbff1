/**
 * A million steps allocate nothing, whichever cell, layer or kernel. In a process of its own: its young generation has
 * room for what a fault would leave, and is looked at before it is collected.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const STEPS = 1_000_000;
const ROOM = 64; // MB
/** In each step. One boxed number is 12 or 16; the engine's own is less, the least where the kernel does it all. */
const MOST_BYTES = 4;
const MOST_OF_KERNEL = 1;

test("a million steps of a session allocate nothing, by the kernel and without", () => {
  const sizes = ["min", "max"].map((end) => `--${end}-semi-space-size=${ROOM}`);
  const program = fileURLToPath(new URL("programs/heap.js", import.meta.url));
  const printed = execFileSync(process.execPath, ["--expose-gc", ...sizes, program, `${STEPS}`], {
    encoding: "utf8",
  });
  const lines = printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const cells = [
    "tokens",
    "lstm",
    "lstm with options",
    "gru, before",
    "gru, after",
    "elman",
    "token",
  ];
  assert.deepEqual(
    lines.map(({ kernel, net }) => `${kernel} ${net}`),
    ["plain", "simd128"].flatMap((kernel) => cells.map((cell) => `${kernel} ${cell}`)),
  );
  for (const { kernel, net, collections, bytes } of lines) {
    const told = `${kernel} ${net}: ${bytes} bytes a step, ${collections} collections`;
    // No collection: what it takes away would be missing in the bytes.
    const isKernel = kernel === "simd128" && net.startsWith("token");
    assert.ok(bytes < (isKernel ? MOST_OF_KERNEL : MOST_BYTES) && collections === 0, told);
  }
});
