/**
 * The WebAssembly module for kernel/tests/wasm.py, which starts this and asks, one function after the other:
 *
 *     u32 length, JSON {name, args, sizes}, then the bytes of each array; an argument is a number, or
 *     {array, offset}: a place in one of the arrays
 *
 * The answer is u32 length, JSON of the result, then the arrays as they are afterwards.
 */

import { readSync, writeSync } from "node:fs";
import { instantiate, whyNot } from "../../js/src/kernel/module.js";

const ALIGNMENT = 64;
const PAGE = 65_536;
const [STDIN, STDOUT] = [0, 1];

const why = whyNot();
if (why) throw new Error(why);
const kernel = instantiate();

/** @param {Uint8Array} to */
function read(to) {
  for (let at = 0; at < to.length; ) {
    const count = readSync(STDIN, to, at, to.length - at, null);
    if (count === 0) process.exit();
    at += count;
  }
  return to;
}

/** @param {Uint8Array} from */
function write(from) {
  for (let at = 0; at < from.length; ) at += writeSync(STDOUT, from, at, from.length - at);
}

for (;;) {
  const length = new DataView(read(new Uint8Array(4)).buffer).getUint32(0, true);
  const { name, args, sizes } = JSON.parse(new TextDecoder().decode(read(new Uint8Array(length))));
  let top = kernel.__heap_base.value;
  const places = sizes.map((size) => {
    const at = Math.ceil(top / ALIGNMENT) * ALIGNMENT;
    top = at + size;
    return at;
  });
  const missing = top - kernel.memory.buffer.byteLength;
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / PAGE));
  const arrays = places.map((at, k) => new Uint8Array(kernel.memory.buffer, at, sizes[k]));
  for (const array of arrays) read(array);
  const given = args.map((arg) => (typeof arg === "object" ? places[arg.array] + arg.offset : arg));
  const result = new TextEncoder().encode(JSON.stringify(Number(kernel[name](...given) ?? 0)));
  write(new Uint8Array(Uint32Array.of(result.length).buffer));
  write(result);
  for (const array of arrays) write(array);
}
