// A WebSocket (RFC 6455) that sends back what it is sent: text and binary, messages of at most 64 KiB.
import { createHash } from "node:crypto";

const MOST = 64 * 1024;
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // of the RFC
const [MORE, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];

export const acceptOf = (key) =>
  createHash("sha1")
    .update(key + GUID)
    .digest("base64");

/** A frame, masked if there is a mask: clients must, servers must not. */
export function frame(code, payload, mask, final = true) {
  const { length } = payload;
  const size = length < 126 ? Buffer.alloc(2) : length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  size[0] = (final ? 0x80 : 0) | code;
  size[1] = (mask ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (size.length === 4) size.writeUInt16BE(length, 2);
  if (size.length === 10) size.writeBigUInt64BE(BigInt(length), 2);
  return mask ? Buffer.concat([size, mask, masked(payload, mask)]) : Buffer.concat([size, payload]);
}

function masked(payload, mask) {
  const bytes = Buffer.from(payload);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] ^= mask[at & 3];
  return bytes;
}

/** What the connection ends with. */
class Wrong extends Error {
  constructor(status) {
    super(`close ${status}`);
    this.status = status;
  }
}

/** The first frame of `bytes` and what is behind it; undefined while it is not all there. */
function readFrame(bytes, masks = true) {
  if (bytes.length < 2) return undefined;
  const code = bytes[0] & 0x0f;
  const final = (bytes[0] & 0x80) !== 0;
  let length = bytes[1] & 0x7f;
  let at = 2;
  if ((bytes[0] & 0x70) !== 0 || ((bytes[1] & 0x80) !== 0) !== masks) throw new Wrong(1002);
  if (code >= CLOSE && (!final || length > 125)) throw new Wrong(1002);
  if (length === 126) {
    if (bytes.length < 4) return undefined;
    length = bytes.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (bytes.length < 10) return undefined;
    const long = bytes.readBigUInt64BE(2);
    if (long > BigInt(MOST)) throw new Wrong(1009);
    length = Number(long);
    at = 10;
  }
  if (length > MOST) throw new Wrong(1009);
  const begin = at + (masks ? 4 : 0);
  if (bytes.length < begin + length) return undefined;
  const payload = bytes.subarray(begin, begin + length);
  return {
    code,
    final,
    payload: masks ? masked(payload, bytes.subarray(at, begin)) : Buffer.from(payload),
    rest: bytes.subarray(begin + length),
  };
}

/** For tests: reads a server's frame. */
export const readServerFrame = (bytes) => readFrame(bytes, false);

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function checkText(payload) {
  try {
    utf8.decode(payload);
  } catch {
    throw new Wrong(1007);
  }
}

// Those that a peer may send: RFC 6455 7.4, and the registry's later ones.
const mayClose = (status) =>
  (status >= 1000 && status <= 1014 && ![1004, 1005, 1006].includes(status)) || (status >= 3000 && status <= 4999);

/** What a handshake is refused with, or undefined. */
function refusal({ method, headers }) {
  if (method !== "GET") return "405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS";
  if (!/(^|,)\s*websocket\s*(,|$)/i.test(headers.upgrade ?? "")) return "426 Upgrade Required\r\nUpgrade: websocket";
  if (headers["sec-websocket-version"] !== "13")
    return "426 Upgrade Required\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13";
  const key = headers["sec-websocket-key"] ?? "";
  return Buffer.from(key, "base64").length === 16 && key.length === 24 ? undefined : "400 Bad Request";
}

/** Takes over a socket whose request wants to be a WebSocket. `head` is what came behind the request. */
export function serveWebSocket(request, socket, head) {
  socket.on("error", () => socket.destroy());
  const no = refusal(request);
  if (no) {
    socket.end(`HTTP/1.1 ${no}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    return;
  }
  socket.setNoDelay(true);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(request.headers["sec-websocket-key"])}\r\n\r\n`,
  );
  let waiting = Buffer.alloc(0);
  let message; // of several frames, until its last one comes
  let ended = false;

  const answer = (code, payload) => {
    // A peer that sends and does not read must not fill the memory.
    if (!socket.write(frame(code, payload))) {
      socket.pause();
      socket.once("drain", () => socket.resume());
    }
  };
  const close = (payload) => {
    ended = true;
    socket.end(frame(CLOSE, payload));
    socket.resume(); // what still comes is not looked at, but its end must be seen
    setTimeout(() => socket.destroy(), 1000).unref();
  };
  const closeWith = (status) => {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(status);
    close(payload);
  };
  const take = ({ code, final, payload }) => {
    if (code === PING) return answer(PONG, payload);
    if (code === PONG) return undefined;
    if (code === CLOSE) {
      if (payload.length === 1 || (payload.length > 1 && !mayClose(payload.readUInt16BE(0)))) throw new Wrong(1002);
      checkText(payload.subarray(2));
      return close(payload.subarray(0, 2));
    }
    if (code > BINARY || (code === MORE) !== (message !== undefined)) throw new Wrong(1002);
    message ??= { code, parts: [], length: 0 };
    message.parts.push(payload);
    message.length += payload.length;
    // Empty fragments cost memory too.
    if (message.length > MOST || message.parts.length > 4096) throw new Wrong(1009);
    if (!final) return undefined;
    const whole = Buffer.concat(message.parts);
    const kind = message.code;
    message = undefined;
    if (kind === TEXT) checkText(whole);
    return answer(kind, whole);
  };
  const read = (bytes) => {
    if (ended) return;
    waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes]);
    try {
      for (let next = readFrame(waiting); next && !ended; next = ended ? undefined : readFrame(waiting)) {
        waiting = next.rest;
        take(next);
      }
    } catch (error) {
      closeWith(error instanceof Wrong ? error.status : 1011);
    }
  };
  socket.on("data", read);
  socket.on("end", () => socket.end());
  if (head.length > 0) read(head);
}
