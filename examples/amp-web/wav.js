/**
 * WAV files of 16 bits: to the bit what Python's `wave` and Java's `javax.sound.sampled` read. A browser's own
 * `decodeAudioData` scales, and resamples, as it likes.
 */

/**
 * The first channel of a WAV file of 16 bits, or null if it is something else.
 *
 * @param {ArrayBuffer} bytes
 * @returns {{rate: number, samples: Float32Array<ArrayBuffer>} | null} samples from −1 to 1
 */
export function readWav(bytes) {
  const view = new DataView(bytes);
  const name = (/** @type {number} */ at) => String.fromCharCode(...new Uint8Array(bytes, at, 4));
  if (bytes.byteLength < 12 || name(0) !== "RIFF" || name(8) !== "WAVE") return null;
  let format = null;
  for (let at = 12; at + 8 <= bytes.byteLength; ) {
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name(at) === "fmt " && start + 16 <= bytes.byteLength) {
      const kind = view.getUint16(start, true);
      if (kind !== 1 || view.getUint16(start + 14, true) !== 16) return null;
      format = { channels: view.getUint16(start + 2, true), rate: view.getUint32(start + 4, true) };
    } else if (name(at) === "data" && format && format.channels > 0) {
      const frames = Math.floor(Math.min(size, bytes.byteLength - start) / (2 * format.channels));
      const step = 2 * format.channels;
      const samples = Float32Array.from(
        { length: frames },
        (_, k) => view.getInt16(start + step * k, true) / 32768,
      );
      return { rate: format.rate, samples };
    }
    at = start + size + (size % 2);
  }
  return null;
}

/**
 * A WAV file of one channel and 16 bits. What is beyond −1 to 1 is clipped.
 *
 * @param {Float32Array} samples
 * @param {number} rate
 */
export function writeWav(samples, rate) {
  const size = 2 * samples.length;
  const view = new DataView(new ArrayBuffer(44 + size));
  /** @type {(at: number, text: string) => void} */
  const name = (at, text) => {
    for (let k = 0; k < 4; k++) view.setUint8(at + k, text.charCodeAt(k));
  };
  name(0, "RIFF");
  view.setUint32(4, 36 + size, true);
  name(8, "WAVE");
  name(12, "fmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // whole numbers
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  name(36, "data");
  view.setUint32(40, size, true);
  for (const [k, value] of samples.entries())
    view.setInt16(44 + 2 * k, Math.max(-32768, Math.min(32767, value * 32768)), true);
  return view.buffer;
}
