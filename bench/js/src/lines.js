/**
 * What the processes found, as the lines of bench/README.md.
 *
 * @import { Allocation } from "./allocation.js"
 * @import { Cold } from "./cold.js"
 * @import { Measured, Missing } from "./measure.js"
 */

/** @typedef {Record<string, unknown>} Line */

/**
 * @param {string} host
 * @param {Missing[]} paths
 * @returns {Line[]}
 */
export const missing = (host, paths) =>
  paths.map((each) => ({ language: "js", host, peer: "rnnspec", ...each }));

/**
 * @param {string} host
 * @param {string} beside the path of ours that took turns there
 * @param {Measured[][]} processes of one net, the same contenders in each
 * @returns {Line[]}
 */
export function times(host, beside, processes) {
  const key = (/** @type {Measured} */ { peer, path, mode, dtype }) =>
    [peer, path, mode, dtype].join();
  return processes[0].map((first, k) => {
    const all = processes.map((found) => found[k]);
    if (all.some((each) => key(each) !== key(first))) {
      throw new Error(`the processes of ${first.net} had different contenders`);
    }
    return {
      language: "js",
      host,
      ...first,
      ...(first.peer !== "rnnspec" && { beside }),
      us_per_step: all.map(({ us_per_step }) => rounded(us_per_step)),
      compared: Math.max(...all.map(({ compared }) => compared)),
    };
  });
}

/** What a cold start measures, and its unit. */
const FACTS = /** @type {const} */ ({ start: "ms", load: "ms", first: "ms", memory: "MB" });

/**
 * @param {string} host
 * @param {string} net
 * @param {Cold[]} processes of one contender
 * @returns {Line[]}
 */
export function facts(host, net, processes) {
  const [{ peer, path, dtype, versions }] = processes;
  return Object.entries(FACTS).flatMap(([fact, unit]) => {
    const values = processes.flatMap(({ [/** @type {keyof typeof FACTS} */ (fact)]: value }) =>
      value === undefined ? [] : [rounded(value)],
    );
    const line = { language: "js", host, peer, path, fact, net, dtype, unit, values, versions };
    return values.length ? [line] : [];
  });
}

/**
 * @param {string} host
 * @param {string} net
 * @param {Allocation} found
 * @returns {Line}
 */
export function allocated(host, net, { bytes, ...of }) {
  return { language: "js", host, ...of, fact: "allocation", net, unit: "B", values: [bytes] };
}

/** To four digits: a time has no more that mean anything. @param {number} value */
function rounded(value) {
  return Number(value.toPrecision(4));
}
