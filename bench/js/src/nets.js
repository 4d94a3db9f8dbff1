/**
 * The nets of the benchmarks and their input, as bench/nets.py wrote them into build/bench.
 *
 * @typedef {(name: string) => Promise<Uint8Array<ArrayBuffer>>} Read the bytes of a file of build/bench
 */

/** How many steps of our output bench/nets.py wrote. */
const WRITTEN = 128;
/** How many of them are compared. */
export const COMPARED = 100;
const ROWS = 32;
const STEPS = 1024;
const WHOLE = 1000;
const BLOCK = 128;

/**
 * @typedef {"step" | "whole" | "block" | "batch"} Mode
 * @typedef {"float32" | "float16"} Dtype
 */

/**
 * @typedef {object} Net
 * @property {string} name
 * @property {"lstm" | "gru" | "elman"} kind
 * @property {number} layers
 * @property {number} hidden
 * @property {number} input the width of what the first recurrent layer takes
 * @property {number} output
 * @property {number | null} tokens how many ids there are, of a net with tokens
 * @property {Mode[]} modes in which it is timed
 */

/**
 * @param {Read} read
 * @returns {Promise<Net[]>}
 */
export async function readNets(read) {
  const table = JSON.parse(new TextDecoder().decode(await read("nets.json")));
  return Object.entries(table).map(([name, net]) => ({ ...net, name }));
}

/** What one call is: N rows of T steps. @type {Record<Mode, { N: number, T: number }>} */
export const CALLS = {
  step: { N: 1, T: 1 },
  whole: { N: 1, T: WHOLE },
  block: { N: 1, T: BLOCK },
  batch: { N: ROWS, T: COMPARED },
};

/**
 * The input of as many calls as there are before it begins again: ids or numbers, [calls][N * T].
 *
 * @param {Net} net
 * @param {Mode} mode
 * @param {Read} read
 * @returns {Promise<(Int32Array | Float32Array)[]>}
 */
export async function readInput({ tokens }, mode, read) {
  const bytes = await read(tokens === null ? "audio.f32" : "tokens.i32");
  const all = tokens === null ? new Float32Array(bytes.buffer) : new Int32Array(bytes.buffer);
  const { N, T } = CALLS[mode];
  if (mode !== "batch") {
    const calls = mode === "whole" ? 1 : STEPS / T;
    return Array.from({ length: calls }, (_, k) => all.slice(k * T, (k + 1) * T));
  }
  const rows = all.slice(0, N * T);
  for (let n = 0; n < N; n++) rows.set(all.subarray(n * STEPS, n * STEPS + T), n * T);
  return [rows];
}

/**
 * What the first steps of row 0 must give, [COMPARED, output].
 *
 * @param {Net} net
 * @param {Read} read
 */
export async function readExpected({ name, output }, read) {
  const { buffer } = await read(`${name}.output.f32`);
  const expected = new Float32Array(buffer);
  if (expected.length !== WRITTEN * output) {
    throw new Error(`${name}.output.f32 is not [${WRITTEN}, ${output}]: make bench-nets`);
  }
  return expected.subarray(0, COMPARED * output);
}

/**
 * The weights by name, for whoever builds a net by hand.
 *
 * @param {Uint8Array} places the bytes of NET.weights.json
 * @param {Uint8Array<ArrayBuffer>} numbers those of NET.weights.f32
 * @returns {Map<string, Weight>}
 *
 * @typedef {{ shape: number[], values: Float32Array }} Weight
 */
export function weightsOf(places, numbers) {
  const all = new Float32Array(numbers.buffer, numbers.byteOffset, numbers.length >> 2);
  return new Map(
    JSON.parse(new TextDecoder().decode(places)).map(
      (
        /** @type {{ name: string, shape: number[], offset: number }} */ { name, shape, offset },
      ) => {
        const size = shape.reduce((a, b) => a * b);
        return [name, { shape, values: all.subarray(offset, offset + size) }];
      },
    ),
  );
}
