/**
 * UTF-8 byte by byte ([vocabulary-3], [vocabulary-5]). Not TextDecoder: an AudioWorklet has none.
 */

import { decodeUtf8, highestSecond, lowestSecond, sequenceLength } from "../json_reader/utf8.js";

const REPLACEMENT = "\ufffd";

/** Bytes that are held back until they are a character or can't become one. */
export class Utf8Stream {
  #held = new Uint8Array(4);
  #count = 0;
  #length = 0;

  /**
   * @param {number} byte
   * @returns {string} what is complete with it; U+FFFD for every maximal subpart of an ill-formed sequence
   */
  push(byte) {
    if (this.#count > 0) {
      if (this.#continues(byte)) return this.#take(byte);
      return this.end() + this.push(byte);
    }
    if (byte < 0x80) return String.fromCharCode(byte);
    this.#length = sequenceLength(byte);
    return this.#length === 0 ? REPLACEMENT : this.#take(byte);
  }

  /** @returns {string} what stands for the bytes that are held, if there are any */
  end() {
    const text = this.#count > 0 ? REPLACEMENT : "";
    this.#count = 0;
    return text;
  }

  /** @param {number} byte */
  #continues(byte) {
    if (this.#count > 1) return (byte & 0xc0) === 0x80;
    const first = this.#held[0];
    return byte >= lowestSecond(first) && byte <= highestSecond(first);
  }

  /** @param {number} byte */
  #take(byte) {
    this.#held[this.#count++] = byte;
    if (this.#count < this.#length) return "";
    this.#count = 0;
    return decodeUtf8(this.#held, 0, this.#length);
  }
}
