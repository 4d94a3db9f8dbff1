/** The library needs nothing but the language: no Node, no page, no eval. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

import { build } from "esbuild";
import { compile, generate, load, toBytes } from "rnnspec";

import { bytesOf, tokenNet } from "./support.js";

test("it runs where there is nothing but the language", async () => {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL("../src/index.js", import.meta.url))],
    bundle: true,
    format: "iife",
    globalName: "rnnspec",
    platform: "neutral", // any import of Node's would fail
    write: false,
  });
  // A new context has the objects of ECMAScript alone: no TextDecoder, fetch, console, Buffer,
  // process; and this one makes no code from strings, as under a strict Content-Security-Policy.
  const bare = vm.createContext({}, { codeGeneration: { strings: false, wasm: false } });
  vm.runInContext(bundle.outputFiles[0]?.text ?? "", bare);
  const model = load(bytesOf(tokenNet()));
  const files = [toBytes(model), toBytes(model, { encoding: "msgpack" })];
  const expected = [...generate(compile(model), { prime: "a", count: 20 })];
  for (const bytes of files) {
    const script = `(() => {
      const model = rnnspec.load(Uint8Array.from([${bytes}]));
      const plan = rnnspec.compile(model);
      rnnspec.load(rnnspec.toBytes(model, { numbers: "decimal" }));
      rnnspec.fingerprint(model);
      rnnspec.selftest(plan);
      new rnnspec.Session(plan).step([1]);
      return [...rnnspec.generate(plan, { prime: rnnspec.decode(plan.model.inputVocabulary, [0]), count: 20 })];
    })()`;
    assert.deepEqual([...vm.runInContext(script, bare)], expected);
  }
});
