// WAV files for amp.js, and what examples/amp-web/wav.js makes of those that other programs write.

import assert from "node:assert/strict";

import { readWav, writeWav } from "../../examples/amp-web/wav.js";

/** Samples as a WAV file of float32. @param {Float32Array} samples */
export function inFloat32(samples) {
  const header = Buffer.from(writeWav(new Float32Array(0), 48_000));
  const data = Buffer.from(samples.buffer);
  header.writeUInt32LE(36 + data.length, 4);
  header.writeUInt16LE(3, 20);
  header.writeUInt32LE(4 * 48_000, 28);
  header.writeUInt16LE(4, 32);
  header.writeUInt16LE(32, 34);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

/** Files as other programs write them: two channels, a chunk of another kind, no end, other bits. */
export function containers() {
  const header = Buffer.from(writeWav(new Float32Array(0), 44_100));
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(8, 40);
  const list = Buffer.from("LIST\x03\0\0\0abc\0", "latin1");
  const data = Buffer.from(Int16Array.of(16384, 1, -32768, 2).buffer);
  const whole = Buffer.concat([header.subarray(0, 36), list, header.subarray(36), data]);
  const left = { rate: 44_100, samples: Float32Array.of(0.5, -1) };
  assert.deepEqual(readWav(bytesOf(whole)), left);
  assert.deepEqual(readWav(bytesOf(whole.subarray(0, -1))), {
    ...left,
    samples: Float32Array.of(0.5),
  });
  for (let end = 0; end < whole.length - data.length; end++)
    assert.equal(readWav(bytesOf(whole.subarray(0, end))), null, `cut at ${end}`);
  assert.equal(readWav(bytesOf(inFloat32(left.samples))), null);
  const loud = Buffer.from(writeWav(Float32Array.of(2, -2, 0.75 / 32768), 8000));
  assert.deepEqual(
    [44, 46, 48].map((at) => loud.readInt16LE(at)),
    [32767, -32768, 0],
  );
}

/** @param {Buffer} buffer */
const bytesOf = (buffer) => Uint8Array.from(buffer).buffer;

/** What Python wrote, behind its 44 bytes of header. @param {Buffer} wav */
export function samplesOf(wav) {
  const length = (wav.length - 44) / 2;
  return Float32Array.from({ length }, (_, k) => wav.readInt16LE(44 + 2 * k) / 32768);
}
