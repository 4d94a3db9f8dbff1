/** Runs the net in the page, in a Worker and on the audio thread, one after the other, and shows what each gave. */

import { golden } from "./golden.js";

/** @import { Found } from "./golden.js" */

/** @type {Record<string, (bytes: ArrayBuffer, tokens: string) => Promise<Found>>} */
const PLACES = {
  page: async (bytes, tokens) => golden(bytes, tokens),
  Worker: (bytes, tokens) =>
    new Promise((resolve, reject) => {
      const worker = new Worker("worker.js", { type: "module" });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage({ bytes, tokens });
    }),
  AudioWorklet: async (bytes, tokens) => {
    const context = new OfflineAudioContext(1, 128, 48_000);
    await context.audioWorklet.addModule("worklet.js");
    const node = new AudioWorkletNode(context, "rnnspec", { processorOptions: { bytes, tokens } });
    node.connect(context.destination);
    /** @type {Promise<Found>} */
    const found = new Promise((resolve, reject) => {
      node.port.onmessage = ({ data }) => resolve(data);
      node.onprocessorerror = () => reject(new Error("the processor failed"));
    });
    await context.startRendering();
    return found;
  },
};

/**
 * @param {string} selector
 * @returns {HTMLElement}
 */
function element(selector) {
  return /** @type {HTMLElement} */ (document.querySelector(selector));
}

/**
 * @param {string} place
 * @param {Found} found
 */
function show(place, { all, kernel, text, tokens, why }) {
  const row = document.createElement("tr");
  for (const [k, value] of [place, kernel, `${tokens}`, all.slice(0, 16), text, why].entries()) {
    const cell = document.createElement(k === 0 ? "th" : "td");
    if (k === 0) cell.setAttribute("scope", "row");
    cell.textContent = value;
    row.append(cell);
  }
  element("tbody").append(row);
}

async function main() {
  const bytes = await (await fetch("../example/austen.rnn")).arrayBuffer();
  const tokens = await (await fetch("../example/thousand.txt")).text();
  /** @type {Record<string, Found>} */
  const results = {};
  for (const [place, run] of Object.entries(PLACES)) {
    results[place] = await run(bytes, tokens);
    show(place, results[place]);
  }
  element("output").textContent = "done";
  return results;
}

/** What main.js waits for. */
/** @type {any} */ (globalThis).results = main().catch((error) => {
  element("output").textContent = String(error);
  throw error;
});
