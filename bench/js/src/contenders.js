/**
 * Who takes part, and of which library.
 *
 * @import { Contender } from "./contender.js"
 * @import { Dtype } from "./nets.js"
 * @import { Ort, Way as OrtWay } from "./peers/ort.js"
 * @import { Path, Rnnspec } from "./peers/rnnspec.js"
 * @import { Backend, Tf, Way as TfWay } from "./peers/tfjs.js"
 */

import { onnxruntime } from "./peers/ort.js";
import { rnnspec } from "./peers/rnnspec.js";
import { tensorflow } from "./peers/tfjs.js";

/**
 * How a host imports each library; one that it does not have is not there. One thread is set already.
 *
 * @typedef {object} Libraries
 * @property {() => Promise<Rnnspec>} rnnspec
 * @property {() => Promise<Ort>} ortWeb
 * @property {() => Promise<Ort>} [ortNode]
 * @property {() => Promise<Tf>} tf
 */

/** By the name that a cold process is told. @type {Record<string, (libraries: Libraries) => Promise<Contender> | undefined>} */
const CONTENDERS = {
  simd128: ours("simd128", "float32"),
  simd128Half: ours("simd128", "float16"),
  plain: ours("plain", "float32"),
  // Outputs that are given to it, onnxruntime-web does not write (1.30.0, WebAssembly).
  ortWeb: onWeb("outputs made"),
  ortNode: onNode("outputs made"),
  ortNodeGiven: onNode("outputs given"),
  tfOperations: onTf("wasm", "operations"),
  tfLayers: onTf("wasm", "layers"),
  tfCpu: onTf("cpu", "operations"),
};

/**
 * Who takes turns in a process with one of our paths. The paths have processes of their own: where the
 * one has run, V8 has compiled for both, and the other one is slower than a user would see it. Beside
 * the plain one there is ONNX Runtime alone, which is the fastest peer.
 *
 * @type {Record<Path, string[]>}
 */
const BESIDE = {
  simd128: ["simd128", "simd128Half", ...peersWith("")],
  plain: ["plain", ...peersWith("ort")],
};

/** Of each library one that is started cold. */
export const COLD = ["simd128", "simd128Half", "plain", "ortWeb", "ortNode", "tfOperations"];

/** @param {string} beginning */
function peersWith(beginning) {
  const ours = ["simd128", "simd128Half", "plain"];
  return Object.keys(CONTENDERS).filter(
    (name) => !ours.includes(name) && name.startsWith(beginning),
  );
}

/**
 * @param {Libraries} libraries
 * @param {Path} path
 * @returns {Promise<Contender[]>} our path, and the peers beside it
 */
export const contendersBeside = (libraries, path) => contendersOf(libraries, BESIDE[path]);

/**
 * @param {Libraries} libraries
 * @param {string[]} names
 * @returns {Promise<Contender[]>} those that this host has
 */
export async function contendersOf(libraries, names) {
  const made = names.map((name) => CONTENDERS[name](libraries));
  return (await Promise.all(made)).filter((contender) => contender !== undefined);
}

/**
 * @param {Path} path
 * @param {Dtype} dtype
 */
function ours(path, dtype) {
  return async (/** @type {Libraries} */ libraries) =>
    rnnspec(await libraries.rnnspec(), path, dtype);
}

/** @param {OrtWay} way */
function onWeb(way) {
  return async (/** @type {Libraries} */ { ortWeb }) => {
    const ort = await ortWeb();
    return onnxruntime(ort, "onnxruntime-web", `${ort.env.versions.web}`, way);
  };
}

/** @param {OrtWay} way */
function onNode(way) {
  return (/** @type {Libraries} */ { ortNode }) =>
    ortNode?.().then((ort) =>
      onnxruntime(ort, "onnxruntime-node", `${ort.env.versions.node}`, way),
    );
}

/**
 * @param {Backend} backend
 * @param {TfWay} way
 */
function onTf(backend, way) {
  return async (/** @type {Libraries} */ { tf }) => tensorflow(await tf(), backend, way);
}
