// The WebSocket, by raw socket: Node 20 has no client, and none would send what is wrong here.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { test } from "node:test";
import { ask } from "./client.mjs";
import { acceptOf, frame, readServerFrame } from "./websocket.mjs";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const MASK = Buffer.from([1, 2, 3, 4]);
const sent = (code, payload, final) => frame(code, Buffer.from(payload), MASK, final);

function handshake(fields = {}, method = "GET") {
  const all = {
    Host: "shop.example",
    Connection: "keep-alive, Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
    ...fields,
  };
  const lines = Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} /stream/ws HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** Sends bytes behind a handshake, and reads frames until there are `count` of them or the end. */
async function talk(at, parts, count, first = handshake()) {
  const socket = connect(at.port, "127.0.0.1");
  socket.setNoDelay(true);
  socket.write(Buffer.concat([Buffer.from(first), parts[0] ?? Buffer.alloc(0)]));
  for (const part of parts.slice(1)) socket.write(part);
  let bytes = Buffer.alloc(0);
  let head;
  const frames = [];
  for await (const part of socket) {
    bytes = Buffer.concat([bytes, part]);
    const end = head === undefined ? bytes.indexOf("\r\n\r\n") : -1;
    if (end >= 0) {
      head = bytes.subarray(0, end).toString();
      bytes = bytes.subarray(end + 4);
    }
    if (head === undefined) continue;
    for (let next = readServerFrame(bytes); next; next = readServerFrame(bytes)) {
      frames.push([next.code, next.payload]);
      bytes = next.rest;
    }
    if (frames.length >= count) break;
  }
  socket.destroy();
  return { head, frames };
}

const closedWith = ({ frames }) => (frames.at(-1)?.[0] === 8 ? frames.at(-1)[1].readUInt16BE(0) : undefined);

export function sockets(at) {
  test("WebSocket: handshake and echo of text and binary, of every length", async () => {
    assert.equal(acceptOf(KEY), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); // RFC 6455 1.3
    const payloads = ["", "月上山头", "x".repeat(125), "x".repeat(126), "x".repeat(65_535), "x".repeat(65_536)];
    const { head, frames } = await talk(
      at,
      payloads.map((text) => sent(1, text)),
      payloads.length,
    );
    assert.match(head, /^HTTP\/1\.1 101 .*\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/s);
    assert.deepEqual(
      frames.map(([code, payload]) => [code, payload.toString()]),
      payloads.map((text) => [1, text]),
    );
    const binary = randomBytes(65_536);
    const {
      frames: [[code, payload]],
    } = await talk(at, [sent(2, binary)], 1);
    assert.ok(code === 2 && payload.equals(binary));
  });

  test("WebSocket: bytes that come one by one, fragments with a ping between", async () => {
    const bytes = Buffer.concat([sent(1, "hel", false), sent(9, "ping"), sent(0, "lo"), sent(8, [3, 232])]);
    const { frames } = await talk(
      at,
      Array.from(bytes, (byte) => Buffer.from([byte])),
      3,
    );
    assert.deepEqual(
      frames.map(([code, payload]) => [code, payload.toString("latin1")]),
      [
        [10, "ping"],
        [1, "hello"],
        [8, "\x03\xe8"],
      ],
    );
  });

  test("WebSocket: what is wrong ends it, and with which number", async () => {
    const reserved = sent(1, "x");
    reserved[0] |= 0x40;
    const huge = Buffer.from([0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4]);
    for (const [what, bytes, status] of [
      ["not masked", frame(1, Buffer.from("x")), 1002],
      ["a reserved bit", reserved, 1002],
      ["an unknown kind", sent(3, "x"), 1002],
      ["a continuation of nothing", sent(0, "x"), 1002],
      ["a message within another", Buffer.concat([sent(1, "x", false), sent(1, "x")]), 1002],
      ["a long ping", sent(9, "x".repeat(126)), 1002],
      ["a ping in parts", sent(9, "x", false), 1002],
      ["half a number", sent(8, [3]), 1002],
      ["a number that may not be sent", sent(8, [3, 237]), 1002],
      ["not UTF-8", sent(1, [0xff]), 1007],
      ["too long", sent(2, Buffer.alloc(65_537)), 1009],
      ["far too long", huge, 1009],
      ["too long in parts", Buffer.concat([sent(2, Buffer.alloc(60_000), false), sent(0, Buffer.alloc(6_000))]), 1009],
    ]) {
      assert.equal(closedWith(await talk(at, [bytes], 1)), status, what);
    }
  });

  test("WebSocket: what is no handshake", async () => {
    for (const [fields, status] of [
      [{ "Sec-WebSocket-Version": "8" }, 426],
      [{ "Sec-WebSocket-Key": "short" }, 400],
      [{ "Sec-WebSocket-Key": undefined }, 400],
      [{ Upgrade: "h2c" }, 426],
    ]) {
      const { head } = await talk(at, [], 1, handshake(fields));
      assert.ok(head.startsWith(`HTTP/1.1 ${status} `), head);
    }
    assert.match((await talk(at, [], 1, handshake({}, "POST"))).head, /^HTTP\/1\.1 405 /);
    const plain = await ask(at, "/stream/ws");
    assert.deepEqual([plain.status, plain.headers["sec-websocket-version"]], [426, "13"]);
  });

  test("WebSocket: Node's own client", { skip: typeof WebSocket !== "function" }, async () => {
    const socket = new WebSocket(`${at.url.replace("http", "ws")}/stream/ws`);
    const told = await new Promise((resolve, reject) => {
      socket.onerror = () => reject(new Error("no connection"));
      socket.onopen = () => socket.send("你好");
      socket.onmessage = ({ data }) => resolve(data);
    });
    assert.equal(told, "你好");
    const closed = new Promise((resolve) => {
      socket.onclose = resolve;
    });
    socket.close(1000);
    assert.equal((await closed).code, 1000);
  });
}
