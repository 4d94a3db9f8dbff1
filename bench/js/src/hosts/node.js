/**
 * Node as a host: its libraries, and the files of build/bench.
 *
 * @import { Libraries } from "../contenders.js"
 * @import { Read } from "../nets.js"
 */

import { readFile } from "node:fs/promises";

const FOLDER = new URL("../../../../build/bench/", import.meta.url);

/** @type {Read} */
export async function read(name) {
  try {
    return new Uint8Array(await readFile(new URL(name, FOLDER)));
  } catch (error) {
    throw new Error(`no file build/bench/${name}: make bench-nets`, { cause: error });
  }
}

/** @type {Libraries} */
export const libraries = {
  rnnspec: () => import("../../../../js/src/index/run.js"),
  ortWeb: async () => {
    const ort = await import("onnxruntime-web/wasm");
    ort.env.wasm.numThreads = 1;
    return ort;
  },
  ortNode: () => import("onnxruntime-node"),
  tf: async () => {
    const tf = await import("@tensorflow/tfjs");
    await import("@tensorflow/tfjs-backend-wasm");
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    tf.enableProdMode();
    return tf;
  },
};
