// The sources and the example, served on loopback under three policies: what a page may do is in the first folder of
// its address.

import { spawn } from "node:child_process";
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, extname, normalize } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** With the commands of .venv first, as in tools/readme.py. */
const ENVIRONMENT = { ...process.env, PATH: `${ROOT}.venv/bin${delimiter}${process.env.PATH}` };

const SELF =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self'";

/** The first folder of an address → the Content-Security-Policy of everything below it. */
export const POLICIES = {
  open: "",
  strict: SELF, // compiling WebAssembly is forbidden
  wasm: SELF.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"),
};

/** What is behind the second folder of an address. @type {Record<string, string>} */
const FOLDERS = {
  page: "page/",
  src: "../src/",
  example: "../../examples/austen/",
  amp: "../../build/amp-web/",
};

/** @type {Record<string, string>} */
const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".rnn": "application/octet-stream",
  ".txt": "text/plain; charset=utf-8",
  ".wav": "audio/wav",
};

/** @returns {Promise<{origin: string, close: () => void}>} */
export async function serve() {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://page").pathname;
    const [, policy = "", folder = "", rest = ""] = /^\/(\w+)\/(\w+)\/([\w./]+)$/.exec(path) ?? [];
    const base = FOLDERS[folder];
    const type = TYPES[extname(rest)];
    if (
      !(policy in POLICIES) ||
      !base ||
      !type ||
      normalize(rest) !== rest ||
      rest.startsWith(".")
    ) {
      response.writeHead(404).end();
      return;
    }
    const file = fileURLToPath(new URL(base + rest, import.meta.url));
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("Content-Type", type);
    const csp = POLICIES[/** @type {keyof POLICIES} */ (policy)];
    if (csp) response.setHeader("Content-Security-Policy", csp);
    createReadStream(file).pipe(response);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * A server that a page of the guide starts, on a free port in place of the one that stands last in the command.
 *
 * @param {string} command
 * @returns {Promise<{origin: string, close: () => void}>}
 */
export async function byCommand(command) {
  const port = await freePort();
  const [program = "", ...words] = command.replace(/ \d+$/, ` ${port}`).split(" ");
  const server = spawn(program, words, { cwd: ROOT, env: ENVIRONMENT, stdio: "ignore" });
  const origin = `http://127.0.0.1:${port}`;
  for (let turn = 0; ; turn++) {
    const answer = await fetch(origin).catch(() => undefined);
    if (answer?.ok) return { origin, close: () => server.kill() };
    if (turn === 100 || server.exitCode !== null) {
      server.kill();
      throw new Error(`no server: ${command}`);
    }
    await new Promise((later) => setTimeout(later, 100));
  }
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer();
  await new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await new Promise((closed) => server.close(closed));
  return port;
}
