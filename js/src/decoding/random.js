/** The generator of random numbers: xoshiro128** ([decode-3], [decode-4]). */

/** A stream of numbers that depends on the seed alone. */
export class Random {
  #s = new Uint32Array(4);

  /** @param {number} seed an integer from 0 to 2^32 - 1 */
  constructor(seed) {
    for (let i = 0; i < 4; i++) this.#s[i] = mix(seed + Math.imul(i + 1, 0x9e3779b9));
  }

  /**
   * The next 32 bits.
   *
   * @returns {number} 0 to 2^32 - 1
   */
  word() {
    const s = this.#s;
    const result = Math.imul(rotate(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11);
    return result;
  }

  /**
   * The next draw: 53 bits from two words.
   *
   * @returns {number} from 0, below 1
   */
  draw() {
    const hi = this.word();
    const lo = this.word();
    return ((hi >>> 5) * 2 ** 26 + (lo >>> 6)) * 2 ** -53;
  }
}

/** @param {number} value taken modulo 2^32 */
function mix(value) {
  let z = value | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}

/**
 * @param {number} word
 * @param {number} by
 */
function rotate(word, by) {
  return (word << by) | (word >>> (32 - by));
}
