/** The declarations: built as for publishing, and a small strict program in TypeScript that uses them. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * Runs the compiler; gives what it prints about errors.
 *
 * @param {string} folder
 * @param {string[]} options
 */
function tsc(folder, ...options) {
  try {
    const compiler = join(ROOT, "node_modules/typescript/lib/tsc.js");
    execFileSync(process.execPath, [compiler, ...options], { cwd: folder, stdio: "pipe" });
    return "";
  } catch (error) {
    return String(/** @type {any} */ (error).stdout);
  }
}

test("a strict program compiles against the declarations of every entry", () => {
  const folder = mkdtempSync(join(tmpdir(), "rnnspec-types-"));
  try {
    const home = join(folder, "node_modules/rnnspec");
    mkdirSync(home, { recursive: true });
    assert.equal(tsc(ROOT, "-p", "tsconfig.build.json", "--outDir", join(home, "types")), "");
    cpSync(join(ROOT, "package.json"), join(home, "package.json"));
    symlinkSync(join(ROOT, "node_modules/@types"), join(folder, "node_modules/@types"));
    const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    assert.deepEqual(Object.keys(exports), [
      ".",
      "./run",
      "./plain",
      "./text",
      "./fetch",
      "./package.json",
    ]);
    writeFileSync(join(folder, "package.json"), '{"type": "module"}');
    const program = readFileSync(new URL("types/program.ts", import.meta.url), "utf8");
    const options = ["--strict", "--exactOptionalPropertyTypes", "--noEmit", "--target", "es2022"];
    options.push("--module", "nodenext", "--types", "", "--lib", "es2022,dom", "program.ts");
    writeFileSync(join(folder, "program.ts"), program);
    assert.equal(tsc(folder, ...options), "");
    // And the declarations say something: each of these lines is refused, in one run of the compiler.
    const wrong = [
      "model.name = 'x';",
      "session.step('a');",
      "const text: number = model.name ?? '';",
      "generate(plan, 'a', { topk: 1 });",
      "load('{}');",
      "model.layers.push(model.layers[0]!);",
    ];
    writeFileSync(join(folder, "program.ts"), `${program}\n${wrong.join("\n")}\n`);
    const printed = tsc(folder, ...options);
    const first = program.split("\n").length + 1;
    for (const [k, line] of wrong.entries()) {
      assert.match(printed, new RegExp(`program\\.ts\\(${first + k},`), line);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
