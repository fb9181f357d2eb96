// Bodies under /stream/: lengths, ranges, encodings, events, uploads, slow readers.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { ask } from "./client.mjs";
import { MOST_BUFFERED, bytesAt, readRange } from "./streams.mjs";

/** What /stream/bytes must hold from one position to another. */
function wanted(from, to) {
  const parts = [];
  for (let at = from; at <= to;) {
    parts.push(bytesAt(at, to - at + 1));
    at += parts.at(-1).length;
  }
  return Buffer.concat(parts);
}

async function until(holds) {
  for (let tries = 0; tries < 200 && !holds(); tries += 1) await sleep(10);
  assert.ok(holds(), String(holds));
}

export function streams(at) {
  test("bytes: lengths, tags, HEAD", async () => {
    for (const size of [0, 1, 65_521, 1_000_000]) {
      const answer = await ask(at, `/stream/bytes?size=${size}`);
      assert.deepEqual(
        [answer.status, Number(answer.headers["content-length"]), answer.headers["accept-ranges"]],
        [200, size, "bytes"],
      );
      assert.ok(answer.raw.equals(wanted(0, size - 1)));
      const { etag } = answer.headers;
      const known = await ask(at, `/stream/bytes?size=${size}`, {
        headers: { "if-none-match": etag, range: "bytes=0-0" },
      });
      assert.deepEqual([known.status, known.raw.length, known.headers.etag], [304, 0, etag]);
      const head = await ask(at, `/stream/bytes?size=${size}`, { method: "HEAD", headers: { range: "bytes=0-0" } });
      assert.deepEqual([head.status, Number(head.headers["content-length"]), head.raw.length], [200, size, 0]);
    }
    for (const size of ["-1", "x", "1e3", "99999999999999"])
      assert.equal((await ask(at, `/stream/bytes?size=${size}`)).status, 400, size);
  });

  test("bytes: ranges", async () => {
    const size = 200_000;
    const get = (range, more = {}) => ask(at, `/stream/bytes?size=${size}`, { headers: { range, ...more } });
    for (const [range, from, to] of [
      ["bytes=0-0", 0, 0],
      ["bytes=65500-131100", 65_500, 131_100],
      ["bytes=199999-", 199_999, 199_999],
      ["bytes=-5", 199_995, 199_999],
      ["bytes=-999999", 0, 199_999],
      ["bytes=5-999999", 5, 199_999],
    ]) {
      const answer = await get(range);
      assert.deepEqual([answer.status, answer.headers["content-range"]], [206, `bytes ${from}-${to}/${size}`], range);
      assert.ok(answer.raw.equals(wanted(from, to)), range);
    }
    for (const range of ["bytes=200000-", "bytes=-0"]) {
      const answer = await get(range);
      assert.deepEqual(
        [answer.status, answer.headers["content-range"], answer.raw.length],
        [416, `bytes */${size}`, 0],
        range,
      );
    }
    for (const range of ["bytes=5-4", "bytes=-", "bytes=0-1,5-6", "lines=0-1", "bytes=a-b"]) {
      assert.deepEqual([(await get(range)).status, readRange(range, size)], [200, undefined], range);
    }
    assert.equal((await get("bytes=0-1", { "if-range": `"bytes-${size}"` })).status, 206);
    assert.equal((await get("bytes=0-1", { "if-range": '"other"' })).status, 200);
    assert.equal(readRange("bytes=0-", 0), "none");
  });

  test("bytes: a slow reader holds the writer up, and one who leaves stops it", async () => {
    const { cut } = at.seen;
    const asked = request(`${at.url}/stream/bytes?size=4000000000`);
    asked.on("error", () => {});
    asked.end();
    const [response] = await once(asked, "response");
    response.on("error", () => {});
    response.once("data", () => response.pause());
    await sleep(300);
    assert.ok(at.seen.mostBuffered > 0 && at.seen.mostBuffered <= MOST_BUFFERED, String(at.seen.mostBuffered));
    response.destroy();
    await until(() => at.seen.cut === cut + 1);
  });

  test("gzip: encoded whatever is accepted, and whole", async () => {
    const answer = await ask(at, "/stream/gzip", { headers: { "accept-encoding": "identity" } });
    assert.deepEqual(
      [answer.status, answer.headers["content-encoding"], answer.headers["transfer-encoding"]],
      [200, "gzip", "chunked"],
    );
    assert.match(gunzipSync(answer.raw).toString(), /^line 0: .*\nline 1999: [^\n]*\n$/s);
    assert.equal((await ask(at, "/stream/gzip", { headers: { "if-none-match": answer.headers.etag } })).status, 304);
    const head = await ask(at, "/stream/gzip", { method: "HEAD" });
    assert.deepEqual([head.status, head.headers["content-encoding"], head.raw.length], [200, "gzip", 0]);
  });

  test("events: each by itself, in its time, going on from the last", async () => {
    const asked = request(`${at.url}/stream/events?count=3&every=60`);
    asked.end();
    const [response] = await once(asked, "response");
    assert.match(response.headers["content-type"], /^text\/event-stream/);
    const times = [];
    let text = "";
    for await (const part of response) {
      text += part;
      if (/^id:/m.test(String(part))) times.push(performance.now());
    }
    assert.deepEqual(
      text.match(/^data: .*$/gm).map((line) => JSON.parse(line.slice(6)).at),
      [1, 2, 3],
    );
    assert.ok(times.length === 3 && times[2] - times[0] > 80, "they do not come at once");
    const later = await ask(at, "/stream/events?count=3&every=0", { headers: { "last-event-id": "2" } });
    assert.deepEqual(later.text.match(/^id: .*$/gm), ["id: 3"]);
    assert.equal((await ask(at, "/stream/events?count=3", { headers: { "last-event-id": "3" } })).status, 204);
    assert.equal((await ask(at, "/stream/events?count=x")).status, 400);
    assert.equal((await ask(at, "/stream/events", { method: "HEAD" })).status, 200);
  });

  test("sink: an upload with a length and one in chunks", async () => {
    const body = randomBytes(3_000_000);
    const sha256 = createHash("sha256").update(body).digest("hex");
    for (const method of ["POST", "PUT"]) {
      assert.deepEqual((await ask(at, "/stream/sink", { method, body })).json(), { bytes: body.length, sha256 });
    }
    const asked = request(`${at.url}/stream/sink`, { method: "POST" });
    for (let from = 0; from < body.length; from += 100_000) asked.write(body.subarray(from, from + 100_000));
    asked.end();
    const [response] = await once(asked, "response");
    assert.deepEqual(JSON.parse(Buffer.concat(await response.toArray())), { bytes: body.length, sha256 });
    assert.equal((await ask(at, "/stream/sink")).status, 405);
  });

  test("echo-headers: any method, repeated fields, its own spelling", async () => {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const told = (
        await ask(at, "/stream/echo-headers?a=%2F&a=2", { method, headers: { "X-Two": ["1", "2"] } })
      ).json();
      assert.deepEqual(
        [told.method, told.url, told.headers["x-two"]],
        [method, "/stream/echo-headers?a=%2F&a=2", "1, 2"],
      );
      assert.deepEqual(
        told.fields.filter(([name]) => name === "X-Two"),
        [
          ["X-Two", "1"],
          ["X-Two", "2"],
        ],
      );
    }
    assert.equal((await ask(at, "/stream/echo-headers", { method: "HEAD" })).status, 200);
  });

  test("slow: waits, and stops when nobody does", async () => {
    const began = performance.now();
    assert.equal((await ask(at, "/stream/slow?ms=80")).text, "80\n");
    assert.ok(performance.now() - began >= 75);
    assert.equal((await ask(at, "/stream/slow?ms=60001")).status, 400);
    const { cut } = at.seen;
    const asked = request(`${at.url}/stream/slow?ms=30000`);
    asked.on("error", () => {});
    asked.end();
    await sleep(50);
    asked.destroy();
    await until(() => at.seen.cut === cut + 1);
  });

  test("a request that would upgrade to something else is answered as it is", async () => {
    const told = await ask(at, "/stream/echo-headers", {
      headers: { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABkAAQAAP__" },
    });
    assert.deepEqual([told.status, told.json().headers.upgrade], [200, "h2c"]);
    const posted = await ask(at, "/stream/sink", {
      method: "POST",
      body: "x",
      headers: { connection: "Upgrade", upgrade: "h2c" },
    });
    assert.equal(posted.status, 400);
  });

  test("an address as a proxy may send it", async () => {
    const socket = connect(at.port, "127.0.0.1");
    socket.end(
      "GET http://shop.example/stream/echo-headers HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n",
    );
    assert.match(
      Buffer.concat(await socket.toArray()).toString(),
      /^HTTP\/1\.1 200 .*"url":"http:\/\/shop\.example\/stream\/echo-headers"/s,
    );
  });
}
