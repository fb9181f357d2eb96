// Streaming pass-through.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { call, eventually, start } from "./client.mjs";
import { peak } from "./hosts.mjs";
import { BIG, GZIPPED, UTF8, seen } from "./origin.mjs";

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const values = (raw, name) => raw.filter((_, at) => at % 2 === 1 && raw[at - 1].toLowerCase() === name);

// What sockets and hosts may hold between two ends: the kernel's buffers of two connections, and the hosts' own.
const IN_FLIGHT = 48 << 20;

/** Waits until a count stands still. */
async function still(count) {
  for (let before = -1, same = 0; same < 10; await pause(100)) {
    same = count() === before ? same + 1 : 0;
    before = count();
  }
  return count();
}

export const forwarding = {
  "forward: the request arrives with its own and with changed headers": async ({ base, origin, host }) => {
    const headers = {
      host: "shop.example", cookie: "a=b", connection: "x-hop", "x-hop": "1", te: "trailers", "x-own": "2",
      "accept-language": "zh-CN", ...(host === "spin" && { "spin-client-addr": "1.2.3.4:5" }),
    };
    const { status, body, headers: answered } = await call(base, "/ports/forward/a/../echo?x=%E8%8C%B6", { headers });
    assert.equal(status, 200);
    assert.equal(answered["x-seen-status"], "200");
    const { method, url, rawHeaders, bytes } = JSON.parse(body);
    assert.deepEqual([method, url, bytes], ["GET", "/echo?x=%E8%8C%B6", 0]);
    assert.deepEqual(values(rawHeaders, "host"), [new URL(origin).host]);
    assert.deepEqual(values(rawHeaders, "x-forwarded-by"), ["ports"]);
    assert.deepEqual(values(rawHeaders, "x-own"), ["2"]);
    assert.deepEqual(values(rawHeaders, "accept-language"), ["zh-CN"]);
    const gone = ["cookie", "connection", "te", "transfer-encoding", "content-length", "spin-client-addr", "spin-full-url"];
    // Spin takes `connection` away before anybody can read what it names.
    if (host !== "spin") gone.push("x-hop");
    for (const name of gone) assert.deepEqual(values(rawHeaders, name), [], name);
  },

  "forward: the answer comes with its own and with changed headers": async ({ base, host }) => {
    const { status, rawHeaders, body } = await call(base, "/ports/forward/headers");
    assert.equal(status, 201);
    assert.equal(`${body}`, "made");
    assert.deepEqual(values(rawHeaders, "set-cookie"), ["a=1; Path=/", "b=2; Expires=Thu, 01 Jan 2032 00:00:00 GMT"]);
    assert.deepEqual(values(rawHeaders, "etag"), ['"1"']);
    assert.deepEqual(values(rawHeaders, "x-utf8"), [UTF8]);
    assert.deepEqual(values(rawHeaders, "x-seen-status"), ["201"]);
    for (const name of host === "spin" ? ["x-internal"] : ["x-internal", "x-hop"]) {
      assert.deepEqual(values(rawHeaders, name), [], name);
    }
  },

  "forward: bodies of a known length keep it, others arrive whole": async ({ base }) => {
    const body = Buffer.alloc(300_000, "0123456789");
    const sha256 = createHash("sha256").update(body).digest("hex");
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const sized = await call(base, "/ports/forward/echo", { method, headers: { "content-length": body.length }, body });
      const got = JSON.parse(sized.body);
      assert.deepEqual([got.method, got.bytes, got.sha256], [method, body.length, sha256]);
      assert.deepEqual(values(got.rawHeaders, "content-length"), [`${body.length}`], method);
    }
    const chunked = await call(base, "/ports/forward/echo", { method: "POST", headers: { "transfer-encoding": "chunked" }, body });
    assert.equal(JSON.parse(chunked.body).sha256, sha256);
    // A body of GET stays here, and its length with it.
    const get = await call(base, "/ports/forward/echo", { headers: { "content-length": 5 }, body: "hello" });
    const { bytes, rawHeaders } = JSON.parse(get.body);
    assert.deepEqual([bytes, values(rawHeaders, "content-length"), values(rawHeaders, "transfer-encoding")], [0, [], []]);
    const empty = await call(base, "/ports/forward/echo", { method: "POST", headers: { "content-length": 0 } });
    assert.equal(JSON.parse(empty.body).bytes, 0);
  },

  "forward: the first drip arrives before the last is sent, and all do": async ({ base }) => {
    const response = await start(base, "/ports/forward/drip");
    const [first] = await once(response, "data");
    assert.match(`${first}`, /^drip 0\n/);
    assert.ok(!seen.get("/drip").done, "the origin was done before the client had the first byte");
    let rest = "";
    for await (const chunk of response) rest += chunk;
    assert.ok(response.complete);
    assert.match(rest, /drip 11\n$/);
  },

  "forward: a hundred megabytes down, at the client's pace and in little memory": async ({ base, pid }) => {
    await call(base, "/ports/forward/sized"); // warm
    const before = peak(pid);
    const response = await start(base, "/ports/forward/big");
    response.pause();
    const note = seen.get("/big");
    const ahead = await still(() => note.sent);
    assert.ok(ahead > 0 && ahead < IN_FLIGHT, `the origin is ${ahead} bytes ahead of a client that reads nothing`);
    let bytes = 0;
    for await (const chunk of response) bytes += chunk.length;
    assert.equal(bytes, BIG);
    assert.equal(response.headers["content-length"], `${BIG}`);
    const grown = peak(pid) - before;
    assert.ok(grown < IN_FLIGHT, `the host grew by ${grown} bytes`);
  },

  "forward: a hundred megabytes up, at the origin's pace and in little memory": async ({ base, pid }) => {
    const before = peak(pid);
    const chunk = Buffer.alloc(64 << 10, "x");
    let sent = 0;
    seen.delete("/reads-late");
    const answer = call(base, "/ports/forward/reads-late", {
      method: "POST",
      headers: { "content-length": BIG },
      body: async (request) => {
        for (; sent < BIG; sent += chunk.length) if (!request.write(chunk)) await once(request, "drain");
        request.end();
      },
    });
    const note = await eventually("the origin sees the request", () => seen.get("/reads-late")?.go && seen.get("/reads-late"));
    const ahead = await still(() => sent);
    assert.ok(ahead > 0 && ahead < IN_FLIGHT, `the client is ${ahead} bytes ahead of an origin that reads nothing`);
    note.go();
    const { status, body } = await answer;
    assert.deepEqual([status, `${body}`], [200, `${BIG}`]);
    const grown = peak(pid) - before;
    assert.ok(grown < IN_FLIGHT, `the host grew by ${grown} bytes`);
  },

  "forward: answers without a body": async ({ base }) => {
    for (const [path, status] of [["/nothing", 204], ["/not-modified", 304]]) {
      const answer = await call(base, `/ports/forward${path}`);
      assert.deepEqual([answer.status, answer.body.length, answer.complete], [status, 0, true], path);
    }
    const head = await call(base, "/ports/forward/sized", { method: "HEAD" });
    assert.deepEqual([head.status, head.body.length, head.complete], [200, 0, true]);
    assert.equal(head.headers["x-seen-status"], "200");
    assert.equal(seen.get("/sized").method, "HEAD");
  },

  "forward: redirects are passed back": async ({ base }) => {
    const { status, headers } = await call(base, "/ports/forward/moved");
    assert.deepEqual([status, headers.location], [302, "/echo"]);
  },

  "forward: a compressed body stays as it is": async ({ base }) => {
    const { headers, body } = await call(base, "/ports/forward/gzip", { headers: { "accept-encoding": "gzip" } });
    assert.equal(headers["content-encoding"], "gzip");
    assert.ok(body.equals(GZIPPED), `${body.length} bytes, not ${GZIPPED.length}`);
  },

  "forward: an origin without an answer in time, and one that is not allowed": async ({ base }) => {
    const late = await call(base, "/ports/forward/never", { headers: { "x-head-timeout": 1500 } });
    assert.deepEqual([late.status, JSON.parse(late.body)], [502, { error: "timeout" }]);
    await eventually("the origin's connection is closed", () => seen.get("/never").closed);
    const elsewhere = await call(base, "/ports/forward/elsewhere");
    assert.deepEqual([elsewhere.status, JSON.parse(elsewhere.body)], [502, { error: "refused" }]);
  },

  "forward: an answer that breaks off is not shown as whole": async ({ base }) => {
    const { status, complete, body } = await call(base, "/ports/forward/breaks-off");
    assert.deepEqual([status, complete, `${body}`], [200, false, "half of it"]);
  },

  "forward: a client that goes away ends the origin's work": async ({ base }) => {
    const response = await start(base, "/ports/forward/drips-for-a-minute");
    await once(response, "data");
    response.on("error", () => {}).destroy();
    const note = seen.get("/drips-for-a-minute");
    await eventually("the origin's connection is closed", () => note.closed);
    assert.ok(note.sent < 250, `${note.sent} drips`);
  },
};
