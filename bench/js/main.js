/**
 * rnnspec for JavaScript beside its peers: prints the lines of bench/README.md, one JSON object each,
 * on standard output; progress goes to standard error. `--help` says what can be asked for.
 *
 * Node stays on one CPU, if there is `taskset`. Chromium does not: it is many processes.
 */

import { parseArgs } from "node:util";
import { PATHS } from "./src/peers/rnnspec.js";

const HELP = `usage: node bench/js/main.js [--browser] [--quick] [--only REGEX] [--path PATH] [--processes N]

  --browser      in Chromium (the variable CHROMIUM says where it is) instead of Node
  --quick        a taste: one process, few nets, short turns
  --only REGEX   the parts whose names match: a net such as lstm128, "start NET", "sizes", "allocation NET"
  --path PATH    simd128 or plain alone
  --processes N  of which the medians are taken: 5

  node bench/js/main.js --only '^(lstm128|start)' --processes 3
`;

const OPTIONS = /** @type {const} */ ({
  help: { type: "boolean", short: "h", default: false },
  browser: { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
  only: { type: "string", default: "" },
  path: { type: "string" },
  processes: { type: "string" },
});

async function main() {
  const { values } = parseArgs({ options: OPTIONS });
  const { browser, quick } = values;
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const processes = Number(values.processes ?? (quick ? 1 : 5));
  if (!(processes >= 1)) throw new RangeError("--processes is a number from 1 on");
  const only = new RegExp(values.only);
  const paths = PATHS.filter((path) => path === (values.path ?? path));
  if (paths.length === 0) throw new RangeError(`--path is one of ${PATHS.join(", ")}`);

  // Not before: they import the packages, which may not be there.
  const { chromiumHost } = await import("./src/drive/chromium.js");
  const { nodeHost } = await import("./src/drive/node.js");
  const { partsOf } = await import("./src/drive/parts.js");
  const host = await (browser ? chromiumHost() : nodeHost());
  try {
    const all = await partsOf(host, { quick, paths, processes });
    const parts = all.filter(({ name }) => only.test(name));
    if (parts.length === 0) {
      throw new RangeError(`no part matches ${only}: ${all.map(({ name }) => name).join(", ")}`);
    }
    for (const [k, { name, run }] of parts.entries()) {
      const begun = performance.now();
      process.stderr.write(`${host.name}: ${name} (${k + 1} of ${parts.length}) …`);
      for (const line of await run()) console.log(JSON.stringify(line));
      process.stderr.write(` ${((performance.now() - begun) / 1000).toFixed(0)} s\n`);
    }
  } finally {
    host.close();
  }
}

try {
  await main();
} catch (error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
  const absent = code === "ERR_MODULE_NOT_FOUND";
  const help = absent ? "\nThe packages of bench/js: cd bench/js && npm ci --ignore-scripts" : "";
  process.stderr.write(`\nbench/js: ${message}${help}\n`);
  process.exitCode = 1;
}
