/** A million steps allocate nothing. In a process of its own: its young generation is small, so that garbage shows. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const STEPS = 1_000_000;

test("a million steps of a session allocate nothing, in one row and in three", () => {
  const flags = ["--expose-gc", "--max-semi-space-size=1"];
  const program = fileURLToPath(new URL("programs/heap.js", import.meta.url));
  const printed = execFileSync(process.execPath, [...flags, program, `${STEPS}`], {
    encoding: "utf8",
  });
  const lines = printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ batch, kernel }) => `${batch} ${kernel}`),
    ["1 simd128", "3 simd128"],
  );
  for (const { collections, bytes } of lines) {
    // What a step left behind would fill the mebibyte of young space again and again.
    assert.ok(collections <= 1, `${collections} collections`);
    assert.ok(bytes < STEPS, `${bytes} bytes`); // the engine's own: less than a byte for each step
  }
});
