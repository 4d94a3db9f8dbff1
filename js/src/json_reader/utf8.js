/**
 * UTF-8, by hand: an AudioWorklet has neither TextDecoder nor TextEncoder, and a decoder that
 * replaces what it can't read would hide the place of the fault.
 */

/**
 * The offset of the first byte of the first ill-formed sequence (Unicode's table 3-7), or -1.
 *
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} end
 */
export function illFormedAt(bytes, start, end) {
  let at = start;
  while (at < end) {
    const first = bytes[at];
    if (first < 0x80) {
      at++;
      continue;
    }
    const length = sequenceLength(first);
    if (length === 0 || at + length > end) return at;
    const second = bytes[at + 1];
    if (second < lowestSecond(first) || second > highestSecond(first)) return at;
    for (let k = 2; k < length; k++) {
      if ((bytes[at + k] & 0xc0) !== 0x80) return at;
    }
    at += length;
  }
  return -1;
}

/**
 * The text of bytes that are known to be well-formed.
 *
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} end
 */
export function decodeUtf8(bytes, start, end) {
  let text = "";
  for (let at = start; at < end; ) {
    const first = bytes[at++];
    if (first < 0x80) {
      text += String.fromCharCode(first);
      continue;
    }
    let more = sequenceLength(first) - 1;
    let code = first & (0x3f >> more); // the bits of the first byte that are not its length
    for (; more > 0; more--) code = (code << 6) | (bytes[at++] & 0x3f);
    text += String.fromCodePoint(code);
  }
  return text;
}

/**
 * @param {string} text without lone surrogates
 * @returns {Uint8Array}
 */
export function encodeUtf8(text) {
  const bytes = new Uint8Array(3 * text.length); // two UTF-16 units take 4 bytes, one at most 3
  let at = 0;
  for (const character of text) {
    const code = /** @type {number} */ (character.codePointAt(0));
    if (code < 0x80) {
      bytes[at++] = code;
      continue;
    }
    let more = 1;
    if (code >= 0x800) more = code < 0x10000 ? 2 : 3;
    bytes[at++] = (0xff80 >> more) | (code >> (6 * more)); // as many 1 bits as bytes, then the code
    for (; more > 0; more--) bytes[at++] = 0x80 | ((code >> (6 * (more - 1))) & 0x3f);
  }
  return bytes.subarray(0, at);
}

/**
 * How many bytes a sequence has, or 0 where none starts so.
 *
 * @param {number} first its first byte, not below 80
 */
export function sequenceLength(first) {
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0; // a continuation, an overlong form (C0, C1) or beyond U+10FFFF (F5 and up)
}

/**
 * The lowest second byte of a sequence.
 *
 * @param {number} first
 */
export function lowestSecond(first) {
  if (first === 0xe0) return 0xa0; // below: overlong
  if (first === 0xf0) return 0x90; // below: overlong
  return 0x80;
}

/**
 * The highest second byte of a sequence.
 *
 * @param {number} first
 */
export function highestSecond(first) {
  if (first === 0xed) return 0x9f; // above: surrogates
  if (first === 0xf4) return 0x8f; // above: beyond U+10FFFF
  return 0xbf;
}
