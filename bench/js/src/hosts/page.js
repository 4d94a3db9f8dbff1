/**
 * A page as a host. The driver serves the libraries at their own addresses, each as it would be
 * downloaded, and calls what this module puts into `bench`.
 *
 * @import { Libraries } from "../contenders.js"
 * @import { Read } from "../nets.js"
 */

import { cold } from "../cold.js";
import { measureNet, missingPaths } from "../measure.js";

/** @type {Read} */
async function read(name) {
  const answer = await fetch(`/nets/${name}`);
  if (!answer.ok) throw new Error(`no file build/bench/${name}: make bench-nets`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** Not to be found by who bundles this file. @param {string} address */
const importFrom = (address) => import(/* @vite-ignore */ address);

/** @type {Libraries} */
const libraries = {
  rnnspec: () => importFrom("/libraries/rnnspec.js"),
  ortWeb: async () => {
    const ort = await importFrom("/ort/ort.wasm.min.mjs");
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = "/ort/";
    return ort;
  },
  tf: async () => {
    const tf = await importFrom("/libraries/tf.js");
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    tf.enableProdMode();
    tf.setWasmPaths("/tf/");
    return tf;
  },
};

// The jobs that the driver asks for, by name.
Object.assign(globalThis, {
  bench: {
    /** @param {Parameters<typeof measureNet>[2]} options */
    net: (options) => measureNet(libraries, read, options),
    /** @param {Parameters<typeof cold>[2]} options */
    cold: async (options) => (await cold(libraries, read, options)) ?? null,
    missing: () => missingPaths(libraries),
  },
});
