/** Models from the network, with a server of our own: progress, aborts, limits and errors. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";

import { fetchModel, fingerprint, load, RnnspecError } from "rnnspec";
import * as light from "rnnspec/fetch";

import { bytesOf, featureNet } from "./support.js";

const file = bytesOf(featureNet());
let url = "";

const server = createServer((request, response) => {
  switch (request.url) {
    case "/model":
      response.setHeader("content-length", file.length);
      response.write(file.subarray(0, 100), () =>
        setTimeout(() => response.end(file.subarray(100)), 20),
      );
      break;
    case "/chunked":
      response.write(file.subarray(0, 100));
      response.end(file.subarray(100));
      break;
    case "/gzip":
      response.setHeader("content-encoding", "gzip");
      response.end(gzipSync(file));
      break;
    case "/slow":
      response.setHeader("content-length", file.length);
      response.write(file.subarray(0, 100));
      break; // and nothing more
    case "/claims":
      response.setHeader("content-length", 1e9);
      response.write(file);
      break;
    case "/endless": {
      const more = () => {
        if (!response.destroyed) response.write(new Uint8Array(65_536), more);
      };
      more();
      break;
    }
    default:
      response.statusCode = 404;
      response.end("<html>not here</html>");
  }
});

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

test("a model arrives, with progress", async () => {
  /** @type {any[]} */
  const seen = [];
  const model = await fetchModel(`${url}/model`, { onProgress: (progress) => seen.push(progress) });
  assert.equal(fingerprint(model), fingerprint(load(file)));
  assert.ok(seen.length >= 2);
  assert.deepEqual(seen.at(-1), { loaded: file.length, total: file.length });
  for (const [k, { loaded }] of seen.entries()) assert.ok(k === 0 || loaded > seen[k - 1].loaded);
  assert.ok(await light.fetchModel(new URL(`${url}/chunked`)));
});

test("the total is undefined where nobody tells it, or it is that of compressed bytes", async () => {
  for (const path of ["chunked", "gzip"]) {
    /** @type {any[]} */
    const seen = [];
    await fetchModel(`${url}/${path}`, { onProgress: (progress) => seen.push(progress) });
    assert.deepEqual(seen.at(-1), { loaded: file.length, total: undefined });
  }
});

test("the length of an encoded answer says nothing", async () => {
  const headers = { "content-encoding": "br", "content-length": `${2 * file.length}` };
  const fetch = async () => new Response(file, { headers });
  /** @type {any[]} */
  const seen = [];
  const limits = { size: file.length };
  await fetchModel("x:y", { fetch, limits, onProgress: (progress) => seen.push(progress) });
  assert.deepEqual(seen, [{ loaded: file.length, total: undefined }]);
});

test("an answer that is no success is an Error with status and url", async () => {
  await assert.rejects(fetchModel(`${url}/none`), (error) => {
    assert.ok(error instanceof Error && !(error instanceof RnnspecError));
    const { message, status, url: at } = /** @type {any} */ (error);
    assert.deepEqual([status, at], [404, `${url}/none`]);
    assert.match(message, /none: the server answered 404 Not Found$/);
    return true;
  });
});

test("a wrong file is an RnnspecError", async () => {
  const html = async () => new Response("<html>");
  await assert.rejects(fetchModel("x:y", { fetch: html }), { code: "BYTES_FOREIGN" });
  const empty = async () => new Response("");
  await assert.rejects(fetchModel("x:y", { fetch: empty }), { code: "BYTES_EMPTY" });
  await assert.rejects(fetchModel(url, { limits: { size: -1 } }), { code: "RUN_OPTION" });
});

test("an abort ends it with the reason given, before, during and between", async () => {
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  await assert.rejects(fetchModel(`${url}/model`, { signal }), reason);
  const controller = new AbortController();
  const slow = fetchModel(`${url}/slow`, { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 30);
  await assert.rejects(slow, reason);
  const late = new AbortController();
  let pulled = 0;
  // A stand-in for fetch that does not look at the signal itself.
  const deaf = async () => {
    const pull = (/** @type {ReadableStreamDefaultController} */ stream) => {
      if (++pulled === 3) late.abort(reason);
      stream.enqueue(new Uint8Array(10));
    };
    return new Response(new ReadableStream({ pull }));
  };
  await assert.rejects(fetchModel(url, { signal: late.signal, fetch: deaf }), reason);
  assert.ok(pulled < 10);
});

test("an error of the caller's stops the download", async () => {
  const reason = new Error("mine");
  const onProgress = () => {
    throw reason;
  };
  await assert.rejects(fetchModel(`${url}/endless`, { onProgress }), reason);
});

test("beyond the limit it is refused before all is read", async () => {
  const limits = { size: 1000 };
  /** @type {number[]} */
  const seen = [];
  const onProgress = (/** @type {{loaded: number}} */ { loaded }) => seen.push(loaded);
  await assert.rejects(fetchModel(`${url}/claims`, { limits, onProgress }), { code: "LIMIT_SIZE" });
  assert.deepEqual(seen, []); // its word was enough
  await assert.rejects(fetchModel(`${url}/endless`, { limits, onProgress }), {
    code: "LIMIT_SIZE",
  });
  assert.equal(seen.length, 1);
  await assert.rejects(fetchModel(`${url}/model`, { limits: { size: file.length - 1 } }), {
    code: "LIMIT_SIZE",
  });
  assert.ok(await fetchModel(`${url}/model`, { limits: { size: file.length } }));
});

test("tryAnyway goes through, and without fetch there is a clear error", async () => {
  const other = bytesOf({ ...featureNet(), rnnspec: "1.0-draft.9" });
  const fetch = async () => new Response(other);
  await assert.rejects(fetchModel("x:y", { fetch }), { code: "VERSION_UNSUPPORTED" });
  assert.equal((await fetchModel("x:y", { fetch, tryAnyway: true })).rnnspec, "1.0-draft.9");
  const platform = globalThis.fetch;
  try {
    Reflect.deleteProperty(globalThis, "fetch");
    await assert.rejects(fetchModel("x:y"), /there is none here/);
  } finally {
    globalThis.fetch = platform;
  }
});
