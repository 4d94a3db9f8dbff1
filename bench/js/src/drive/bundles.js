/** What the page is served, made by esbuild in memory: the libraries as a page would have them. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = new URL("../../", import.meta.url);

/** @type {Promise<Record<"rnnspec" | "tf" | "page", Uint8Array>> | undefined} */
let made;

/** The bundles by name, minified. */
export function bundles() {
  made ??= make();
  return made;
}

async function make() {
  const [rnnspec, tf, page] = await Promise.all([
    bundle('export * from "../../js/src/index/run.js";'),
    // Layers and operations, and the two back ends: what @tensorflow/tfjs has less the graphics card.
    bundle(`
      export * from "@tensorflow/tfjs-core";
      export * from "@tensorflow/tfjs-layers";
      export { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
      import "@tensorflow/tfjs-backend-cpu";
      export const version = { tfjs: "${await versionOf("@tensorflow/tfjs")}" };
    `),
    bundle('import "./src/hosts/page.js";'),
  ]);
  return { rnnspec, tf, page };
}

/**
 * @param {string} contents
 * @returns {Promise<Uint8Array>}
 */
async function bundle(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(HERE) },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
    logLevel: "error",
    write: false,
  });
  return outputFiles[0].contents;
}

/**
 * The folder of a package that is installed here.
 *
 * @param {string} name
 */
export function folderOf(name) {
  return new URL(`node_modules/${name}/`, HERE);
}

/** @param {string} name */
export async function versionOf(name) {
  return JSON.parse(await readFile(new URL("package.json", folderOf(name)), "utf8")).version;
}
