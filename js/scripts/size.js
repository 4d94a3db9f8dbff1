// Prints what each entry of the package weighs in a page, as JSON: bundled, minified, gzipped.
// tools/sizes.py asks for it and holds the budgets.

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
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
  return { minified: file.contents.length, gzipped: gzipSync(file.contents, { level: 9 }).length };
}

console.log(
  JSON.stringify({
    runOnly: await weigh("index/run.js"),
    runAndText: await weigh("index/text.js", "index/run.js"),
    runAndFetch: await weigh("index/fetch.js", "index/run.js"),
    everything: await weigh("index.js"),
  }),
);
