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
/** In each step: the engine's own stay far below, one boxed number is 12 or 16. */
const MOST_BYTES = 4;

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
  const cells = ["tokens", "lstm", "lstm with options", "gru, before", "gru, after", "elman"];
  assert.deepEqual(
    lines.map(({ kernel, net }) => `${kernel} ${net}`),
    ["plain", "simd128"].flatMap((kernel) => cells.map((cell) => `${kernel} ${cell}`)),
  );
  for (const { kernel, net, collections, bytes } of lines) {
    const told = `${kernel} ${net}: ${bytes} bytes a step, ${collections} collections`;
    assert.ok(bytes < MOST_BYTES && collections <= 1, told);
  }
});
