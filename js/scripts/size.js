// Prints what the package weighs in a page, as JSON: bundled, minified, gzipped.
// tools/sizes.py asks for it and holds the budgets.

import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import * as rnnspec from "../src/index.js";

/** The names that a page needs to run a model that is known to be good. */
const RUN_ONLY = ["load", "compile", "run", "Session", "generate"];

/**
 * @param {string} source - an entry that imports from the package
 * @returns {Promise<{ minified: number, gzipped: number }>} sizes in bytes
 */
async function weigh(source) {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: new URL("../src", import.meta.url).pathname },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("esbuild wrote nothing");
  return { minified: file.contents.length, gzipped: gzipSync(file.contents, { level: 9 }).length };
}

const missing = RUN_ONLY.filter((name) => !(name in rnnspec));
if (missing.length > 0) {
  throw new Error(`src/index.js does not export ${missing.join(", ")}: see RUN_ONLY in size.js`);
}
console.log(
  JSON.stringify({
    runOnly: await weigh(`export { ${RUN_ONLY.join(", ")} } from "./index.js";`),
    everything: await weigh('export * from "./index.js";'),
  }),
);
