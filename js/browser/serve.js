// The sources and the example, served on loopback under three policies: what a page may do is in the first folder of
// its address.

import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const SELF =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self'";

/** The first folder of an address → the Content-Security-Policy of everything below it. */
export const POLICIES = {
  open: "",
  strict: SELF, // compiling WebAssembly is forbidden
  wasm: SELF.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"),
};

/** What is behind the second folder of an address. @type {Record<string, string>} */
const FOLDERS = { page: "page/", src: "../src/", example: "../../examples/austen/" };

/** @type {Record<string, string>} */
const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".rnn": "application/octet-stream",
  ".txt": "text/plain; charset=utf-8",
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
