/**
 * Chromium from outside: a new process with a folder of its own for each measurement, and a server on
 * loopback that gives the page what it asks for. Nothing leaves the machine.
 *
 * @import { AddressInfo } from "node:net"
 * @import { BrowserContext } from "playwright-core"
 * @import { Host } from "./parts.js"
 */

import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { read } from "../hosts/node.js";
import { bundles, folderOf } from "./bundles.js";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>bench</title><link rel="icon" href="data:,">
<script type="module" src="/page.js"></script></html>`;

/** By the ending of an address. @type {Record<string, string>} */
const TYPES = {
  html: "text/html",
  js: "text/javascript",
  mjs: "text/javascript",
  wasm: "application/wasm",
};

/** By the first part of an address. @type {Record<string, (file: string) => Promise<Uint8Array>>} */
const FOLDERS = {
  nets: read,
  ort: (file) => readFile(new URL(`dist/${file}`, folderOf("onnxruntime-web"))),
  tf: (file) => readFile(new URL(`wasm-out/${file}`, folderOf("@tensorflow/tfjs-backend-wasm"))),
  libraries: async (file) => {
    const { rnnspec, tf } = await bundles();
    return file === "rnnspec.js" ? rnnspec : tf;
  },
};

/** @param {string} path */
async function answer(path) {
  if (path === "/") return new TextEncoder().encode(PAGE);
  if (path === "/page.js") return (await bundles()).page;
  const [, folder, file] = /** @type {RegExpMatchArray} */ (path.match(/^\/(\w+)\/([\w.-]+)$/));
  return FOLDERS[folder](file);
}

/** @returns {Promise<Host>} */
export async function chromiumHost() {
  if (!existsSync(EXECUTABLE)) {
    throw new Error(`no Chromium at ${EXECUTABLE}: install one, or CHROMIUM=/where/it/is`);
  }
  const { address, close } = await serve();
  return {
    name: `Chromium ${await inChromium(async (browser) => browser.browser()?.version())}`,
    tellsAllocation: false,
    ask: (job, options) =>
      inChromium(async (browser) => {
        const page = await browser.newPage();
        page.on("console", (message) => process.stderr.write(`\npage: ${message.text()}`));
        await page.goto(address);
        await page.waitForFunction("'bench' in globalThis");
        return page.evaluate(
          ([name, given]) => /** @type {any} */ (globalThis).bench[name](given),
          /** @type {const} */ ([job, options]),
        );
      }),
    close,
  };
}

/** @returns {Promise<{ address: string, close: () => void }>} */
async function serve() {
  const server = createServer(async ({ url = "/" }, response) => {
    try {
      const content = await answer(url);
      const ending = url === "/" ? "html" : `${url.split(".").pop()}`;
      response.writeHead(200, {
        "content-type": TYPES[ending] ?? "application/octet-stream",
        // Alone in its group of pages, a page has a clock of 5 µs instead of 100.
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
      });
      response.end(content);
    } catch (error) {
      response.writeHead(404).end(`${error}`);
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {AddressInfo} */ (server.address());
  return { address: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/**
 * Starts a Chromium, and ends it afterwards.
 *
 * @template Found
 * @param {(browser: BrowserContext) => Promise<Found>} work
 * @returns {Promise<Found>}
 */
async function inChromium(work) {
  const folder = await mkdtemp(join(tmpdir(), "rnnspec-bench-"));
  const browser = await chromium.launchPersistentContext(folder, {
    executablePath: EXECUTABLE,
    headless: true,
    args: FLAGS,
  });
  try {
    return await work(browser);
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
}
