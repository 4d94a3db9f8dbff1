/** The library needs nothing but the language: no Node, no page, no eval. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

import { build } from "esbuild";
import { compile, decode, generate, load, stateToBytes, toBytes } from "rnnspec";

import { bytesOf, tokenNet } from "./support.js";

/**
 * Some entries in a new context, which has the objects of ECMAScript alone: no TextDecoder, fetch, console, Buffer,
 * process; and this one makes no code from strings, as under a strict Content-Security-Policy.
 *
 * @param {string[]} entries
 */
async function alone(...entries) {
  const bundle = await build({
    stdin: {
      contents: entries.map((entry) => `export * from "./${entry}";`).join("\n"),
      resolveDir: fileURLToPath(new URL("../src", import.meta.url)),
    },
    bundle: true,
    format: "iife",
    globalName: "rnnspec",
    platform: "neutral", // any import of Node's would fail
    write: false,
  });
  const bare = vm.createContext({}, { codeGeneration: { strings: false, wasm: false } });
  vm.runInContext(bundle.outputFiles[0]?.text ?? "", bare);
  return bare;
}

const text = "ab\u00e9\u{1f600}".repeat(3);
const net = tokenNet();
Object.assign(net.vocabularies.letters, { unit: "byte", tokens: [0x61, 0xf0, 0x9f, 0x80] });
const files = [tokenNet(), net].flatMap((document) => {
  const model = load(bytesOf(document));
  return [toBytes(model), toBytes(model, { encoding: "msgpack" })];
});

for (const entries of [["index.js"], ["index/run.js", "index/text.js"]]) {
  test(`${entries.join(" and ")} runs where there is nothing but the language`, async () => {
    const bare = await alone(...entries);
    for (const bytes of files) {
      const plan = compile(load(bytes));
      const expected = [...generate(plan, [0], { count: 20, topK: 3 })];
      const words = decode(/** @type {any} */ (plan.model.inputVocabulary), expected);
      const script = `(() => {
        const model = rnnspec.load(Uint8Array.from([${bytes}]));
        const plan = rnnspec.compile(model);
        new rnnspec.Session(plan).step([1]);
        const text = [...rnnspec.generateText(plan, [0], { count: 20, topK: 3 })].join("");
        return [[...rnnspec.generate(plan, [0], { count: 20, topK: 3 })], text];
      })()`;
      const [ids, got] = vm.runInContext(script, bare);
      assert.deepEqual([...ids], expected);
      assert.equal(got, words);
    }
    const encoded = vm.runInContext(
      `rnnspec.encode(rnnspec.load(Uint8Array.from([${files[0]}])).inputVocabulary, ${JSON.stringify(text)})`,
      bare,
    );
    assert.deepEqual([...encoded], [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
  });
}

test("so does what only the full entry has", async () => {
  const bare = await alone("index.js");
  const script = `(() => {
    const model = rnnspec.load(Uint8Array.from([${files[0]}]));
    const plan = rnnspec.compile(model);
    rnnspec.load(rnnspec.toBytes(model, { numbers: "decimal" }));
    rnnspec.fingerprint(model);
    rnnspec.selftest(plan);
    const state = rnnspec.run(plan, [[1]]).state;
    return rnnspec.stateToBytes(rnnspec.loadState(rnnspec.stateToBytes(state, { encoding: "json" })));
  })()`;
  const plan = compile(load(/** @type {Uint8Array} */ (files[0])));
  const { run } = await import("rnnspec");
  const saved = stateToBytes(run(plan, [[1]]).state);
  assert.deepEqual([...vm.runInContext(script, bare)], [...saved]);
});

test("the light entry tells code, place and values, and points to the words", async () => {
  const bare = await alone("index/run.js");
  const message = vm.runInContext(
    `(() => {
      try { rnnspec.load(Uint8Array.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x31, 0x7d])); } catch (error) { return error.message; }
    })()`,
    bare,
  );
  assert.match(message, /^VERSION_MISSING at .*1\.0-draft\.3.*"rnnspec"/);
  const hostile = bytesOf({ rnnspec: "1.0-draft.3", "\u202e\u001b": 1 });
  const messages = vm.runInContext(
    `(() => {
      try { rnnspec.load(Uint8Array.from([${hostile}])); } catch (error) { return error.issues.map((issue) => issue.message).join(); }
    })()`,
    bare,
  );
  assert.match(messages, /STRUCTURE_UNKNOWN_KEY at .*202e.*1b/);
  assert.doesNotMatch(messages, /\p{C}/u);
});
