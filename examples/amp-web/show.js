/** What the page shows: elements by their id, meters, messages. */

/** @param {string} id */
export const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @param {string} id */
export const input = (id) => /** @type {HTMLInputElement} */ (element(id));
/** @param {string} id */
export const button = (id) => /** @type {HTMLButtonElement} */ (element(id));

/** @param {number | string} number */
export const signed = (number) => String(number).replace("-", "−");
/** @param {number} rate */
export const hertz = (rate) => `${rate.toLocaleString("en")}\u00a0Hz`;

/**
 * A handler that shows its errors in the page.
 *
 * @param {() => unknown} work
 * @param {() => unknown} [after] an error
 */
export function told(work, after) {
  return async () => {
    say("");
    try {
      await work();
    } catch (error) {
      await after?.();
      say(error instanceof Error ? error.message : String(error));
    }
  };
}

/** @param {string} text nothing, where all is well */
function say(text) {
  element("message").textContent = text;
  element("message").hidden = text === "";
}

/** @param {import("./amp.js").Ready} ready */
export function showKernel({ kernel, why }) {
  const reason = /Content.Security.Policy/i.test(why)
    ? "the Content-Security-Policy forbids WebAssembly"
    : why;
  element("kernel").textContent =
    kernel === "plain" ? `Plain JavaScript: ${reason}` : "WebAssembly SIMD";
}

/**
 * @param {number} rate of the context
 * @param {number | undefined} wanted by the net
 */
export function showRate(rate, wanted) {
  element("rate-value").textContent = hertz(rate);
  element("rate-warning").textContent =
    wanted !== undefined && wanted !== rate
      ? `This net was trained at ${hertz(wanted)} and runs at ${hertz(rate)}: it will sound different.`
      : "";
}

/**
 * @param {"in" | "out"} end
 * @param {number} peak from 0
 */
export function showLevel(end, peak) {
  const level = 20 * Math.log10(peak);
  meter(
    `level-${end}`,
    Math.max(-60, level),
    `${level < -60 ? "−∞" : signed(Math.round(level))}\u00a0dB`,
  );
}

/** @param {number | undefined} share of the audio thread's time, from 0 to 1 */
export function showUsed(share) {
  const percent = 100 * (share ?? 0);
  const text = `${percent < 10 ? percent.toFixed(1) : Math.round(percent)}\u00a0%`;
  meter("used", percent, share === undefined ? "–" : text);
}

/**
 * @param {string} id
 * @param {number} value
 * @param {string} text
 */
function meter(id, value, text) {
  /** @type {HTMLMeterElement} */ (element(id)).value = value;
  element(`${id}-value`).textContent = text;
}
