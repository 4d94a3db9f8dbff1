/** Cutting a text into the longest tokens ([vocabulary-2], unit `token` without a separator). */

/** Tokens in order, so that those with a common start stand side by side. */
export class LongestMatch {
  #tokens;

  /** @param {Iterable<string>} tokens none of them empty, each once */
  constructor(tokens) {
    this.#tokens = [...tokens].sort(); // by UTF-16 units
  }

  /**
   * The tokens of a text; a character of its own where none fits.
   *
   * @param {string} text
   * @returns {Generator<string, void, undefined>}
   */
  *cut(text) {
    for (let at = 0; at < text.length; ) {
      const length = this.#longestAt(text, at) || characterLength(text, at);
      yield text.slice(at, at + length);
      at += length;
    }
  }

  /**
   * The length of the longest token that stands at a place, or 0. It narrows the range of tokens that go on as
   * the text does, one unit after the other: a token costs its length, however many others start like it.
   *
   * @param {string} text
   * @param {number} at
   */
  #longestAt(text, at) {
    let low = 0;
    let high = this.#tokens.length;
    let longest = 0;
    for (let k = 0; low < high; k++) {
      if (this.#tokens[low].length === k) {
        longest = k; // the shortest of the range stands first
        low++;
      }
      if (at + k >= text.length) break;
      const unit = text.charCodeAt(at + k);
      low = this.#firstFrom(low, high, k, unit);
      high = this.#firstFrom(low, high, k, unit + 1);
    }
    return longest;
  }

  /**
   * The first token of a range whose unit k is not below one given.
   *
   * @param {number} low
   * @param {number} high
   * @param {number} k
   * @param {number} unit
   */
  #firstFrom(low, high, k, unit) {
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#tokens[middle].charCodeAt(k) < unit) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * @param {string} text
 * @param {number} at
 */
function characterLength(text, at) {
  return /** @type {number} */ (text.codePointAt(at)) > 0xffff ? 2 : 1;
}
