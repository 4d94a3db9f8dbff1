// A Chromium of one's own: CHROMIUM names another than /usr/bin/chromium.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream", // a microphone that beeps
];

/**
 * Does something with a browser that knows nothing, and forgets it.
 *
 * @param {(context: import("playwright-core").BrowserContext) => Promise<void>} work
 */
export async function withChromium(work) {
  const folder = await mkdtemp(join(tmpdir(), "rnnspec-chromium-"));
  try {
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      headless: true,
      args: FLAGS,
      viewport: { width: 960, height: 640 },
    });
    try {
      await work(context);
    } finally {
      await context.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
