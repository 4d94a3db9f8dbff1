/**
 * What takes part: one way of running a net, of ours or of a peer.
 *
 * @import { Dtype, Mode, Net } from "./nets.js"
 */

/** Ids or numbers, [N, T]: the rows one after the other. @typedef {Int32Array | Float32Array} Input */

/**
 * @typedef {object} Contender
 * @property {string} peer `rnnspec`, or the peer's name
 * @property {string} path of ours, or which way the peer is used
 * @property {boolean} native
 * @property {Dtype} dtype of the file
 * @property {Record<string, string>} versions
 * @property {(net: Net, mode: Mode) => string | undefined} leftOut why it does not take part there
 * @property {(net: Net) => string[]} files what it loads, of build/bench
 * @property {(net: Net, files: Uint8Array<ArrayBuffer>[]) => Promise<Loaded>} load from the bytes of
 *   its files to a session that is ready
 */

/**
 * @typedef {object} Loaded
 * @property {(mode: Mode, input: Input[]) => Runner} prepare the input of the calls, one after the other
 */

/**
 * @typedef {object} Runner
 * @property {() => Promise<Float32Array>} first from the initial state: the output of row 0 over the
 *   first steps, [COMPARED, output] or more
 * @property {() => Promise<void>} [enter] before a turn, not timed
 * @property {(calls: number) => Promise<void> | void} turn that many calls, the state carried on
 */

/**
 * The first steps of row 0 out of as many calls as it takes.
 *
 * @param {object} shape
 * @param {number} shape.steps how many are wanted
 * @param {number} shape.T of one call
 * @param {number} shape.width
 * @param {number} shape.stride from one step of row 0 to the next, in numbers
 * @param {() => Promise<ArrayLike<number>> | ArrayLike<number>} next the output of the next call
 */
export async function rowZero({ steps, T, width, stride }, next) {
  const found = new Float32Array(steps * width);
  for (let t = 0; t < steps; ) {
    const output = await next();
    for (let u = 0; u < T && t < steps; u++, t++) {
      for (let j = 0; j < width; j++) found[t * width + j] = output[u * stride + j];
    }
  }
  return found;
}
