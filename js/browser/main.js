// make browser: the shipped net in a real Chromium, in the page, in a Worker and on the audio thread; with the kernel,
// and in plain JavaScript where the Content-Security-Policy forbids WebAssembly. Everywhere the bits of
// conformance/golden.json.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { withChromium } from "./chromium.js";
import { serve } from "./serve.js";

const ROOT = new URL("../../", import.meta.url);
const SHOTS = new URL("build/browser/", ROOT);

const golden = JSON.parse(readFileSync(new URL("conformance/golden.json", ROOT), "utf8"));
const expected = { open: "simd128", wasm: "simd128", strict: "plain" };
mkdirSync(SHOTS, { recursive: true });

const { origin, close } = await serve();
try {
  await withChromium(async (context) => {
    console.log(`Chromium ${context.browser()?.version() ?? ""}`);
    const texts = new Set();
    for (const [policy, kernel] of Object.entries(expected)) {
      const page = await context.newPage();
      /** @type {string[]} */
      const complaints = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(`${origin}/${policy}/page/index.html`);
      const results = await page.evaluate(() => /** @type {any} */ (globalThis).results);
      const shot = fileURLToPath(new URL(`${policy}.png`, SHOTS));
      await page.screenshot({ path: shot, fullPage: true });
      await page.close();
      assert.deepEqual(complaints, []);
      assert.deepEqual(Object.keys(results), ["page", "Worker", "AudioWorklet"]);
      for (const [place, found] of Object.entries(results)) {
        const { all, fingerprint, text, tokens, why } = /** @type {any} */ (found);
        assert.equal(found.kernel, kernel, `${policy}, ${place}: ${why}`);
        assert.equal(why === "", kernel === "simd128");
        assert.deepEqual({ all, fingerprint, tokens }, pick(golden), `${policy}, ${place}`);
        texts.add(text);
        console.log(
          `${policy.padEnd(7)} ${place.padEnd(13)} ${kernel.padEnd(8)} ${all.slice(0, 16)} … as golden`,
        );
      }
    }
    assert.equal(texts.size, 1, "the same text everywhere");
  });
} finally {
  close();
}

/** @param {{all: string, fingerprint: string, tokens: number}} record */
function pick({ all, fingerprint, tokens }) {
  return { all, fingerprint, tokens };
}
