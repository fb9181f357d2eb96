// Bodies of every kind under /stream/: what stands in front must pass them through as they are, piece by piece.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { Refusal, isKnown, send, sendJson, tagOf, whole } from "./http.mjs";

export const MOST_BUFFERED = 64 * 1024; // that may wait for a reader
const PIECE = 16 * 1024;
const MOST_BYTES = 16 * 1024 ** 3;

// The byte at a position depends on the position alone, so that any range can be checked. The length is prime: pieces
// that come twice, or in the wrong order, do not fit.
const PATTERN = (() => {
  const bytes = Buffer.alloc(65_521);
  let state = 1;
  for (let at = 0; at < bytes.length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
})();
const LOOP = Buffer.concat([PATTERN, PATTERN.subarray(0, PIECE)]);

/** At most 16 KiB of the body of /stream/bytes, from a position on. */
export function bytesAt(position, length) {
  const at = position % PATTERN.length;
  return LOOP.subarray(at, at + Math.min(length, PIECE));
}

/** Writes what `pieces` yields, and waits while the reader is slow. True if all of it was taken. */
async function write(response, pieces, seen) {
  const left = new AbortController();
  response.once("close", () => left.abort());
  try {
    for await (const piece of pieces(left.signal)) {
      if (response.destroyed) throw new Error("gone");
      const goesOn = response.write(piece);
      seen.mostBuffered = Math.max(seen.mostBuffered, response.writableLength);
      // False from 32 KiB on (server.mjs), so with one more piece of 16 it stays below 64.
      if (!goesOn) await once(response, "drain", { signal: left.signal });
    }
    response.end();
  } catch {
    seen.cut += 1; // whoever read is gone: nothing more is made for them
    response.destroy();
  }
}

/** The body of an answer whose head is written; HEAD has none. */
async function writeBody(request, response, pieces, seen) {
  if (request.method === "HEAD") response.end();
  else await write(response, pieces, seen);
}

/** `bytes=…` of one range as [from, to], "none" if it cannot be had, undefined if it does not count. */
export function readRange(text, size) {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/.exec(text ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return undefined; // several ranges too: all of it is an answer
  const [first, last] = match.slice(1).map((digits) => (digits === "" ? undefined : Number(digits)));
  if (first === undefined) return last === 0 || size === 0 ? "none" : [Math.max(0, size - last), size - 1];
  if (last !== undefined && last < first) return undefined;
  return first >= size ? "none" : [first, Math.min(last ?? size - 1, size - 1)];
}

async function bytes({ request, response, url, seen }) {
  const size = whole(url.searchParams.get("size"), 0, MOST_BYTES, 1024);
  if (size === undefined) throw new Refusal(400, "bad_request");
  const tag = `"bytes-${size}"`;
  const head = { etag: tag, "accept-ranges": "bytes", "cache-control": "public, max-age=60" };
  if (isKnown(request, tag)) {
    response.writeHead(304, head).end();
    return;
  }
  const condition = request.headers["if-range"];
  const counts = request.method === "GET" && (condition === undefined || condition === tag);
  const range = counts ? readRange(request.headers.range, size) : undefined;
  if (range === "none") {
    response.writeHead(416, { ...head, "content-range": `bytes */${size}`, "content-length": 0 }).end();
    return;
  }
  const [from, to] = range ?? [0, size - 1];
  const further = range ? { "content-range": `bytes ${from}-${to}/${size}` } : {};
  response.writeHead(range ? 206 : 200, {
    ...head,
    ...further,
    "content-type": "application/octet-stream",
    "content-length": to - from + 1,
  });
  await writeBody(
    request,
    response,
    function* () {
      for (let at = from; at <= to;) {
        const piece = bytesAt(at, to - at + 1);
        yield piece;
        at += piece.length;
      }
    },
    seen,
  );
}

const LINES = Array.from({ length: 2000 }, (_, at) => `line ${at}: moon over the hill 月上山头\n`).join("");
const ZIPPED = gzipSync(LINES);
const ZIPPED_TAG = tagOf(ZIPPED);

/** Always encoded, whatever is accepted: the bytes and their Content-Encoding must arrive together. */
async function gzip({ request, response, seen }) {
  const head = { etag: ZIPPED_TAG, vary: "accept-encoding", "cache-control": "public, max-age=60" };
  if (isKnown(request, ZIPPED_TAG)) {
    response.writeHead(304, head).end();
    return;
  }
  // Without a length, so in chunks.
  response.writeHead(200, { ...head, "content-type": "text/plain; charset=utf-8", "content-encoding": "gzip" });
  await writeBody(
    request,
    response,
    function* () {
      for (let at = 0; at < ZIPPED.length; at += 1024) yield ZIPPED.subarray(at, at + 1024);
    },
    seen,
  );
}

async function events({ request, response, url, seen }) {
  const count = whole(url.searchParams.get("count"), 0, 1000, 5);
  const every = whole(url.searchParams.get("every"), 0, 10_000, 200);
  if (count === undefined || every === undefined) throw new Refusal(400, "bad_request");
  // A browser asks again when a stream ends, and says what it had last. 204 tells it that there is no more.
  const last = whole(request.headers["last-event-id"], 0, count, 0) ?? 0;
  if (last === count && count > 0) {
    response.writeHead(204).end();
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  response.flushHeaders();
  await write(
    response,
    async function* (signal) {
      yield ": ticks\nretry: 1000\n\n";
      for (let at = last + 1; at <= count; at += 1) {
        await sleep(every, undefined, { signal });
        yield `id: ${at}\nevent: tick\ndata: ${JSON.stringify({ at, of: count })}\n\n`;
      }
    },
    seen,
  );
}

/** Reads as fast as it comes and keeps nothing. */
async function sink({ request, response }) {
  const hash = createHash("sha256");
  let length = 0;
  for await (const part of request) {
    hash.update(part);
    length += part.length;
  }
  sendJson(response, 200, { bytes: length, sha256: hash.digest("hex") });
}

function echo({ request, response }) {
  const { method, url, httpVersion, headers, rawHeaders } = request;
  // `headers` is easy to ask; `fields` is what came, in its order, repeated ones and all.
  const fields = Array.from({ length: rawHeaders.length / 2 }, (_, at) => rawHeaders.slice(2 * at, 2 * at + 2));
  sendJson(response, 200, { method, url, http_version: httpVersion, headers, fields });
}

async function slow({ response, url, seen }) {
  const ms = whole(url.searchParams.get("ms"), 0, 60_000, 1000);
  if (ms === undefined) throw new Refusal(400, "bad_request");
  const left = new AbortController();
  response.once("close", () => left.abort());
  try {
    await sleep(ms, undefined, { signal: left.signal });
  } catch {
    seen.cut += 1;
    return;
  }
  send(response, 200, "text/plain; charset=utf-8", `${ms}\n`, { "cache-control": "no-store" });
}

const EVERY = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

export const STREAMS = [
  [["GET"], "/stream/bytes", bytes],
  [["GET"], "/stream/gzip", gzip],
  [["GET"], "/stream/events", events],
  [["POST", "PUT"], "/stream/sink", sink],
  [EVERY, "/stream/echo-headers", echo],
  [["GET"], "/stream/slow", slow],
  [
    ["GET"],
    "/stream/ws",
    () => {
      throw new Refusal(426, "upgrade_required", {
        upgrade: "websocket",
        connection: "upgrade",
        "sec-websocket-version": "13",
      });
    },
  ],
];
