/** A model file, looked at before anything plays. */

import { compile, load, RnnspecError } from "rnnspec/plain";

import { hertz } from "./show.js";

/**
 * @typedef {object} Net
 * @property {ArrayBuffer} bytes
 * @property {number | undefined} rate steps a second that it was trained at
 * @property {string[]} knobs the names of what it reads besides the sound
 * @property {string} title
 */

/**
 * @param {string} name of the file
 * @param {ArrayBuffer} bytes
 * @returns {Net}
 * @throws {Error} if it is no sound file, or no amplifier
 */
export function readNet(name, bytes) {
  const plan = compiled(name, bytes);
  const { input, layers } = plan.model;
  if (input.kind !== "features" || plan.width !== 1)
    throw new Error(`${name} is no amplifier: sound has to go in, and one number a step come out.`);
  const knobs = Array.from(
    { length: input.size - 1 },
    (_, k) => input.names?.[k + 1] ?? `Knob ${k + 1}`,
  );
  const cells = layers.filter((layer) => layer.hiddenSize !== undefined);
  const title = [
    name,
    ...cells.map((cell) => `${cell.type.toUpperCase()}\u00a0${cell.hiddenSize}`),
    input.sampleRate ? `trained at ${hertz(input.sampleRate)}` : "of an unknown sample rate",
    `${Math.ceil(bytes.byteLength / 1000)}\u00a0kB`,
  ].join(" · ");
  return { bytes, rate: input.sampleRate, knobs, title };
}

/**
 * @param {string} name
 * @param {ArrayBuffer} bytes
 */
function compiled(name, bytes) {
  try {
    return compile(load(bytes));
  } catch (error) {
    if (!(error instanceof RnnspecError)) throw error;
    throw new Error(
      `${name} is no sound .rnn file (${error.code}). If it comes from another system, rnnspec import ${name} -o amp.rnn makes one of it.`,
    );
  }
}
