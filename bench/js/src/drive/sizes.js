/**
 * What a page downloads to run a net: minified, and gzipped as most servers send it.
 *
 * @import { Line } from "../lines.js"
 */

import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { bundles, folderOf, versionOf } from "./bundles.js";

const zipped = promisify(gzip);

/**
 * @param {string} host
 * @returns {Promise<Line[]>}
 */
export async function sizes(host) {
  const { rnnspec, tf } = await bundles();
  const ort = folderOf("onnxruntime-web");
  const wasm = folderOf("@tensorflow/tfjs-backend-wasm");
  const downloads = {
    rnnspec: { versions: {}, parts: [rnnspec] },
    "onnxruntime-web": {
      versions: { "onnxruntime-web": await versionOf("onnxruntime-web") },
      parts: await Promise.all(
        ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"].map(
          (file) => readFile(new URL(`dist/${file}`, ort)),
        ),
      ),
    },
    "tensorflow.js": {
      versions: { "@tensorflow/tfjs": await versionOf("@tensorflow/tfjs") },
      parts: [tf, await readFile(new URL("wasm-out/tfjs-backend-wasm-simd.wasm", wasm))],
    },
  };
  const lines = [];
  for (const [peer, { versions, parts }] of Object.entries(downloads)) {
    const compressed = await Promise.all(parts.map((part) => zipped(part, { level: 9 })));
    for (const [path, all] of Object.entries({ minified: parts, gzipped: compressed })) {
      const bytes = all.reduce((sum, part) => sum + part.length, 0);
      lines.push({
        language: "js",
        host,
        peer,
        path,
        fact: "size",
        unit: "MB",
        values: [Number((bytes / 1e6).toFixed(4))],
        versions,
      });
    }
  }
  return lines;
}
