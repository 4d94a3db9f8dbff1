/** What comes together ([merge-1], [direction-2]): sums, products and means, element by element. */

import { fround, tiny } from "./tensor.js";

/**
 * Elements and others, after T, in the place of the former.
 *
 * @param {string} how a word of `merge`, or a type of layer: all but `concat`, which computes nothing
 * @param {Float32Array} y
 * @param {number} to the first of them
 * @param {Float32Array} x
 * @param {number} from the first of the others
 * @param {number} count
 */
export function join(how, y, to, x, from, count) {
  for (let j = 0; j < count; j++) {
    const a = y[to + j];
    const b = x[from + j];
    const sum = fround(a + b);
    y[to + j] = tiny(how === "multiply" ? fround(a * b) : how === "average" ? sum / 2 : sum);
  }
}
