/**
 * A model from the network.
 *
 * @import { Limits } from "../limits.js"
 * @import { Model } from "../model.js"
 */

import { LIMIT_SIZE } from "../codes.js";
import { failure } from "../issue.js";
import { limitsWith } from "../limits.js";
import { load } from "../load.js";

/**
 * @typedef {object} FetchOptions
 * @property {AbortSignal | undefined} [signal] aborts the download; the promise is rejected with its reason
 * @property {((progress: {loaded: number, total: number | undefined}) => void) | undefined} [onProgress] called
 *   after each piece; `total` is undefined where the server does not tell the size or compresses
 * @property {Readonly<Partial<Limits>> | undefined} [limits] instead of the default ones (SPEC 16)
 * @property {boolean | undefined} [tryAnyway] as for `load`
 * @property {typeof globalThis.fetch | undefined} [fetch] in place of the platform's
 */

/**
 * Fetches a model and loads it. For browsers, Workers and Node.
 *
 * @param {string | URL} url
 * @param {FetchOptions} [options]
 * @returns {Promise<Model>}
 * @throws {Error} with `status` and `url`, where the server answers with an error; what `fetch` throws, where
 *   there is no answer; the reason of `signal`
 * @throws {import("../issue.js").RnnspecError} as `load`; LIMIT_SIZE before more than the limit is read
 */
export async function fetchModel(url, { signal, onProgress, limits, tryAnyway, fetch } = {}) {
  const { size } = limitsWith(limits);
  const get = fetch ?? globalThis.fetch;
  if (get === undefined) throw new TypeError("fetch: there is none here; give one, or use load");
  const response = await get(url, signal === undefined ? {} : { signal });
  const { body, headers, status } = response;
  if (!response.ok || body === null) {
    await body?.cancel();
    const message = `${url}: the server answered ${status} ${response.statusText}`.trimEnd();
    throw Object.assign(new Error(message), { status, url: String(url) });
  }
  const encoded = headers.has("content-encoding"); // then the length is that of the compressed bytes
  const length = Number((!encoded && headers.get("content-length")) || NaN);
  const reader = body.getReader();
  try {
    /** @type {Uint8Array[]} */
    const pieces = [];
    let loaded = 0;
    for (;;) {
      signal?.throwIfAborted();
      const got = Math.max(loaded, length || 0);
      if (got > size) throw failure(LIMIT_SIZE, 0, { limit: size, got });
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      loaded += value.length;
      // A server's word is no promise: compressed on the way, there may be more.
      onProgress?.({ loaded, total: loaded <= length ? length : undefined });
    }
    return load(joined(pieces, loaded), { limits, tryAnyway });
  } catch (error) {
    await reader.cancel(error).catch(() => undefined); // it may be in error itself
    throw error;
  }
}

/**
 * @param {Uint8Array[]} pieces
 * @param {number} length
 */
function joined(pieces, length) {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
