// Prints what each entry of the package weighs in a page, as JSON: bundled, minified, gzipped.
// tools/sizes.py asks for it and holds the budgets.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * @param {string[]} entries - files of src, together in one bundle
 * @returns {Promise<{ minified: number, gzipped: number }>} sizes in bytes
 */
async function weigh(...entries) {
  const { outputFiles } = await build({
    stdin: {
      contents: entries.map((entry) => `export * from "./${entry}";`).join("\n"),
      resolveDir: fileURLToPath(new URL("../src", import.meta.url)),
    },
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
  // The program gzip: what node:zlib makes hangs on the version of Node.
  const gzipped = execFileSync("gzip", ["-9nc"], { input: file.contents });
  return { minified: file.contents.length, gzipped: gzipped.length };
}

console.log(
  JSON.stringify({
    plain: await weigh("index/plain.js"),
    plainAndText: await weigh("index/text.js", "index/plain.js"),
    runOnly: await weigh("index/run.js"),
    runAndText: await weigh("index/text.js", "index/run.js"),
    runAndFetch: await weigh("index/fetch.js", "index/run.js"),
    everything: await weigh("index.js"),
  }),
);
