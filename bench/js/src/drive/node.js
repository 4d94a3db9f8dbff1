/**
 * Node from outside: a new process for each measurement, on one CPU where the system lets one choose.
 *
 * @import { Host } from "./parts.js"
 */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const WORKER = fileURLToPath(new URL("../../worker.js", import.meta.url));
/** The collector comes when it is called, or after 512 MB. */
const COUNTING = ["--expose-gc", "--min-semi-space-size=512", "--max-semi-space-size=512"];
const LARGEST_ANSWER = 2 ** 24;

const started = promisify(execFile);

/** @returns {Promise<Host>} */
export async function nodeHost() {
  const [command, ...pinned] = [...(await pinning()), process.execPath];
  return {
    name: `Node ${process.versions.node}`,
    tellsAllocation: true,
    ask: async (job, options) => {
      const flags = job === "allocation" ? COUNTING : [];
      const job_ = JSON.stringify({ ...options, job });
      const { stdout } = await started(command, [...pinned, ...flags, WORKER, job_], {
        maxBuffer: LARGEST_ANSWER,
      });
      return JSON.parse(stdout);
    },
    close: () => undefined,
  };
}

/**
 * What goes before a command so that it stays on the last CPU which this process may use: the first
 * one has the interrupts.
 *
 * @returns {Promise<string[]>}
 */
async function pinning() {
  if (process.platform !== "linux") return [];
  try {
    const { stdout } = await started("taskset", ["-cp", `${process.pid}`]);
    const last = stdout.trim().match(/\d+$/);
    return last ? ["taskset", "-c", last[0]] : [];
  } catch {
    process.stderr.write("no taskset here: the processes are not kept on one CPU\n");
    return [];
  }
}
