/**
 * The binary32 numbers below the normal ones, by whole numbers: where the processor flushes them to 0, its own
 * conversions lose them.
 */

const SMALLEST_NORMAL = 2 ** -126;
const STEP = 2 ** -149; // the distance between two of them

/** Adding and subtracting it rounds to a whole number, ties to even. */
const WHOLE = 2 ** 52;

/**
 * Whether a number is below the normal binary32 numbers, and not 0.
 *
 * @param {number} value
 */
export function isSubnormal(value) {
  return value < SMALLEST_NORMAL && value > -SMALLEST_NORMAL && value !== 0;
}

/**
 * The bits of the binary32 nearest to such a number, ties to even.
 *
 * @param {number} value
 */
export function subnormalBits(value) {
  const steps = Math.abs(value) / STEP + WHOLE - WHOLE;
  return (value < 0 ? 0x80000000 : 0) + steps; // 2^23 steps are the smallest normal number, in bits too
}

/**
 * The number that bits of a subnormal binary32 stand for, or of a zero.
 *
 * @param {number} bits
 */
export function subnormalNumber(bits) {
  return (bits >= 0x80000000 ? -STEP : STEP) * (bits & 0x7fffffff);
}
