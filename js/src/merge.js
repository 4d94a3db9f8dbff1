/** What comes together ([merge-1], [direction-2]): sums, products and means, element by element. */

import { tiny } from "./tensor.js";

const { fround } = Math;

/** Of two binary32 a third, after T. @typedef {(a: number, b: number) => number} Join */

/** @type {Join} */
const sum = (a, b) => tiny(fround(a + b));

/**
 * By the words of `merge` and the types of layers; of `concat`, which computes nothing, there is none.
 *
 * @type {Readonly<Record<string, Join>>}
 */
export const JOINS = {
  add: sum,
  sum,
  multiply: (a, b) => tiny(fround(a * b)),
  average: (a, b) => tiny(fround(fround(a + b) * 0.5)),
};
