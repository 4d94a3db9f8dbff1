// The second half of make browser: the page of docs/guide/03-amplifier.md, as that guide builds it, in a real Chromium.
// The guide says which SHA-256 Python, Node and Java gave; here the audio thread gives it too. Then the page is played,
// and looked at: small and large, light and dark. `python tools/readme.py docs/guide/03-amplifier.md` goes before.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { withChromium } from "./chromium.js";
import { byCommand, serve } from "./serve.js";
import { containers, inFloat32, samplesOf } from "./wav_files.js";

/** @import { BrowserContext, Page } from "playwright-core" */

const ROOT = new URL("../../", import.meta.url);
const SHOTS = new URL("build/browser/", ROOT);
const TURN = 20_000; // ms that anything may take

/** @param {string} path below the root */
const file = (path) => fileURLToPath(new URL(path, ROOT));

const guide = readFileSync(new URL("docs/guide/03-amplifier.md", ROOT), "utf8");
const digests = new Set(guide.match(/(?<=^samples )[0-9a-f]{64}$/gm));
assert.equal(digests.size, 1, "the guide has one SHA-256, said by each language");
const [expected = ""] = digests;
const [command = ""] = guide.match(/^python -m http\.server .*$/m) ?? [];
const guitar = samplesOf(readFileSync(file("build/guitar.wav")));
mkdirSync(SHOTS, { recursive: true });

/**
 * @param {Page} page
 * @param {string} id
 */
const text = (page, id) => page.locator(`#${id}`).innerText();

/**
 * Works with a page, which must not complain of anything.
 *
 * @param {BrowserContext} context
 * @param {string} address
 * @param {(page: Page) => Promise<void>} work
 * @param {() => void} [script] what runs before the page's own
 */
async function on(context, address, work, script) {
  const page = await context.newPage();
  if (script) await page.addInitScript(script);
  page.setDefaultTimeout(TURN);
  /** @type {string[]} */
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // The empty icon keeps the browser from asking the server for one; our policies let no image in.
    if (!message.text().includes("the image 'data:,'")) complaints.push(message.text());
  });
  await page.goto(address);
  await page.locator("#play:enabled").waitFor();
  await work(page);
  assert.equal(await page.locator("#message").isVisible(), false, await text(page, "message"));
  await page.close();
  assert.deepEqual(complaints, []);
}

/** The SHA-256 of what is rendered. @param {Page} page */
async function rendered(page) {
  await page.locator("#render").click();
  await page.locator("#sha:not(:empty)").waitFor();
  return text(page, "sha");
}

/**
 * Plays until the page knows how long the audio thread takes.
 *
 * @param {Page} page
 * @param {string} source
 * @returns {Promise<string>} its share of the time
 */
async function played(page, source) {
  await page.getByLabel(source, { exact: true }).check();
  await page.locator("#play").click();
  await page.waitForFunction(() =>
    ["used-value", "level-in-value", "level-out-value"].every((id) =>
      /\d/.test(document.getElementById(id)?.textContent ?? ""),
    ),
  );
  const share = await text(page, "used-value");
  assert.ok(Number.parseFloat(share) > 0, `${source}: ${share}`);
  return share;
}

/**
 * The three places of a policy, and the server of the guide.
 *
 * @param {BrowserContext} context
 * @param {string} name
 * @param {string} address
 */
async function sameBits(context, name, address) {
  await on(context, address, async (page) => {
    assert.equal(await rendered(page), expected, name);
    const share = await played(page, "Guitar");
    const kernel = await text(page, "kernel");
    const plain = /^Plain JavaScript.* forbids WebAssembly/;
    assert.match(kernel, name === "strict" ? plain : /^WebAssembly SIMD$/);
    const path = kernel.split(":")[0];
    console.log(
      `${name.padEnd(7)} amplifier     ${path?.padEnd(16)} ${expected.slice(0, 16)} … as the guide; live ${share}`,
    );
  });
}

/** The other sounds. @param {Page} page */
async function sources(page) {
  await rendered(page);
  await played(page, "Test tone");
  await page.getByLabel("Live input").check();
  assert.equal(await text(page, "play"), "Play", "another sound stops the one before");
  await played(page, "Live input");
  await page.getByLabel("A file").check();
  assert.equal(await text(page, "sha"), "", "what was rendered is forgotten");
  await page.locator("#sound").setInputFiles(file("build/guitar.wav"));
  assert.equal(await rendered(page), expected, "a file of one's own");
  const saved = page.waitForEvent("download");
  await page.locator("#download").click();
  const path = await (await saved).path();
  assert.deepEqual(readFileSync(path), readFileSync(file("build/python.wav")), "Python's WAV file");
  const name = { name: "float.wav", mimeType: "audio/wav", buffer: inFloat32(guitar) };
  await page.locator("#sound").setInputFiles(name);
  assert.equal(await rendered(page), expected, "a file that the browser decodes");
}

/** Levels in and out. @param {Page} page */
const levels = async (page) => [
  await text(page, "level-in-value"),
  await text(page, "level-out-value"),
];

/**
 * Waits until a change is heard: `dB` in and out.
 *
 * @param {Page} page
 * @param {(string | undefined)[]} dB
 * @param {string} why
 */
async function heard(page, dB, why) {
  const until = Date.now() + TURN;
  while (`${await levels(page)}` !== `${dB}` && Date.now() < until) await page.waitForTimeout(50);
  assert.deepEqual(await levels(page), dB, why);
}

/** Bypass and mix. @param {Page} page */
async function dryAndWet(page) {
  await page.locator("#volume").fill("0");
  await played(page, "Test tone");
  const [before, wet] = await levels(page);
  assert.equal(before, "−12\u00a0dB", "a quarter of the full scale");
  assert.notEqual(wet, before, "the net does something");
  await page.locator("#bypass").click();
  await heard(page, [before, before], "bypass");
  await page.locator("#bypass").click();
  await heard(page, [before, wet], "no bypass");
  await page.locator("#mix").fill("0");
  await heard(page, [before, before], "dry");
}

/** A net with a knob: it adds the knob to the sound. @param {Page} page */
async function knob(page) {
  const sum = {
    rnnspec: /"rnnspec": "([^"]+)"/.exec(readFileSync(file("README.md"), "utf8"))?.[1],
    input: { kind: "features", size: 2, names: ["sound", "Offset"] },
    layers: [{ name: "sum", type: "dense", size: 1, parameters: { W: "W" } }],
    output: { kind: "values" },
    tensors: { W: { dtype: "float32", shape: [2, 1], data: [1, 1] } },
  };
  const buffer = Buffer.from(JSON.stringify(sum));
  const sent = { name: "sum.rnn.json", mimeType: "application/json", buffer };
  await page.locator("#model").setInputFiles(sent);
  await page.getByLabel("Offset").fill("0.25");
  const sums = new Uint8Array(guitar.map((sample) => sample + 0.25).buffer);
  assert.equal(await rendered(page), createHash("sha256").update(sums).digest("hex"));

  await page.locator("#volume").fill("0");
  await played(page, "Test tone");
  await heard(page, ["−12\u00a0dB", "−6\u00a0dB"], "0.25 of each");
  await page.getByLabel("Offset").fill("0.75");
  await heard(page, ["−12\u00a0dB", "0\u00a0dB"], "turned while it plays");
}

/** What goes wrong is said, and is forgotten. @param {Page} page */
async function mistakes(page) {
  const message = page.locator("#message");
  await page.getByLabel("A file").check();
  await page.locator("#play").click();
  await message.filter({ hasText: "Choose a sound file first" }).waitFor();
  for (const [path, words] of /** @type {const} */ ([
    ["examples/amp/amp.nam", "rnnspec import amp.nam"],
    ["examples/austen/austen.rnn", "no amplifier"],
  ])) {
    await page.locator("#model").setInputFiles(file(path));
    await message.filter({ hasText: words }).waitFor();
  }
  await page.context().clearPermissions();
  await page.getByLabel("Live input").check();
  await page.locator("#play").click();
  await message.filter({ hasText: "no input: Permission denied" }).waitFor();
  assert.equal(await text(page, "play"), "Play");
  await page.context().grantPermissions(["microphone"]);
  await page.getByLabel("A file").check();
  await page.locator("#sound").setInputFiles(file("README.md"));
  await page.locator("#render").click();
  await message.filter({ hasText: "README.md is no sound" }).waitFor();
  await page.getByLabel("Guitar").check();
}

/** A device that has 44,100 samples a second. */
function device() {
  globalThis.AudioContext = class extends AudioContext {
    /** @param {AudioContextOptions} options */
    constructor(options) {
      super({ sampleRate: 44_100, ...options });
    }
  };
}

/** The warning, and that the net's own rate is taken first. @param {Page} page */
async function rates(page) {
  await played(page, "Guitar");
  assert.equal(await text(page, "rate-value"), "48,000\u00a0Hz");
  assert.equal(await text(page, "rate-warning"), "");
  await page.locator("#rate").selectOption("device");
  await played(page, "Guitar");
  assert.equal(await text(page, "rate-value"), "44,100\u00a0Hz");
  assert.match(await text(page, "rate-warning"), /48,000.Hz and runs at 44,100.Hz/);
}

/** Everything is reached by Tab. @param {Page} page */
async function keyboard(page) {
  const reached = new Set();
  for (let k = 0; k < 12; k++) {
    await page.keyboard.press("Tab");
    reached.add(
      await page.evaluate(() => {
        const { id, name } = /** @type {HTMLInputElement} */ (document.activeElement);
        return id || name;
      }),
    );
  }
  const ids = "source play bypass drive mix volume rate render model".split(" ");
  assert.deepEqual(
    ids.filter((id) => !reached.has(id)),
    [],
  );
  await page.locator("#play").focus();
  await page.keyboard.press("Space");
  await page.locator("#play", { hasText: "Stop" }).waitFor();
}

/** Pictures, and nothing beyond the edge. @param {Page} page */
async function looks(page) {
  await played(page, "Guitar");
  await rendered(page);
  for (const width of [360, 1280])
    for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(300);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${wide} points wide in a window of ${width}`);
      const path = fileURLToPath(new URL(`amp-${width}-${colorScheme}.png`, SHOTS));
      await page.screenshot({ path, fullPage: true });
    }
}

containers();
const ours = await serve();
const theirs = await byCommand(command);
try {
  await withChromium(async (context) => {
    await context.grantPermissions(["microphone"]);
    for (const policy of ["open", "wasm", "strict"])
      await sameBits(context, policy, `${ours.origin}/${policy}/amp/index.html`);
    await sameBits(context, "guide", `${theirs.origin}/`);
    for (const work of [sources, dryAndWet, knob, mistakes, keyboard, looks])
      await on(context, `${ours.origin}/wasm/amp/index.html`, work);
    await on(context, `${ours.origin}/wasm/amp/index.html`, rates, device);
  });
} finally {
  ours.close();
  theirs.close();
}
