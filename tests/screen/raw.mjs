// Bytes on sockets: a client that sends what no library would, and an origin that notes every request that reaches it and
// answers with what no library would.
import { connect, createServer } from "node:net";

const END = "\r\n\r\n";

/** A message's head: its first line, and its fields as they came. */
function headOf(text) {
  const [line, ...rest] = text.split("\r\n");
  const fields = rest.map((field) => [field.slice(0, field.indexOf(":")).toLowerCase(), field.slice(field.indexOf(":") + 1).trim()]);
  return { line, fields, all: (name) => fields.filter(([known]) => known === name).map(([, value]) => value) };
}

/** Chunks from `at` on: content, trailers and where they end; undefined while they are not whole. */
function chunks(bytes, at) {
  const parts = [];
  for (;;) {
    const eol = bytes.indexOf("\r\n", at);
    if (eol < 0) return undefined;
    const size = Number.parseInt(bytes.subarray(at, eol).toString("latin1"), 16);
    if (Number.isNaN(size)) throw new Error("no chunk");
    at = eol + 2;
    if (size === 0) {
      const none = bytes.subarray(at, at + 2).toString("latin1") === "\r\n";
      const end = none ? at : bytes.indexOf(END, at);
      if (end < 0 || bytes.length < at + 2) return undefined;
      const trailers = none ? [] : bytes.subarray(at, end).toString("latin1").split("\r\n");
      return { content: Buffer.concat(parts), trailers, end: none ? at + 2 : end + 4 };
    }
    if (bytes.length < at + size + 2) return undefined;
    parts.push(bytes.subarray(at, at + size));
    at += size + 2;
  }
}

/** The first message in `bytes`, or undefined. `bodiless(head)` says which have no body whatever their fields say. */
function messageIn(bytes, bodiless) {
  const at = bytes.indexOf(END);
  if (at < 0) return undefined;
  const head = headOf(bytes.subarray(0, at).toString("latin1"));
  const start = at + 4;
  if (bodiless(head)) return { ...head, content: Buffer.alloc(0), trailers: [], end: start };
  if (head.all("transfer-encoding").length > 0) {
    const rest = chunks(bytes, start);
    return rest && { ...head, ...rest };
  }
  const length = Number(head.all("content-length")[0] ?? 0);
  if (bytes.length < start + length) return undefined;
  return { ...head, content: bytes.subarray(start, start + length), trailers: [], end: start + length };
}

const OK = (body) => `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

/**
 * Notes in `seen` each request that arrives, and answers by the table `answers`, from a path without its query to
 * `(write, request) => …`; else with 200. Keeps connections, as proxies' origins do: what is smuggled behind a request
 * is read as the next one.
 */
export async function rawOrigin(answers = {}) {
  const seen = [];
  const sockets = new Map();
  const server = createServer((socket) => {
    sockets.set(socket, "");
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    let bytes = Buffer.alloc(0);
    socket.on("data", (data) => {
      bytes = Buffer.concat([bytes, data]);
      for (;;) {
        let message;
        try {
          message = messageIn(bytes, () => false);
        } catch (error) {
          seen.push({ line: `unreadable: ${error.message}: ${bytes.subarray(0, 200).toString("latin1")}`, fields: [], all: () => [] });
          return socket.destroy();
        }
        sockets.set(socket, bytes.toString("latin1"));
        if (!message) return;
        bytes = bytes.subarray(message.end);
        seen.push(message);
        const [, target] = message.line.split(" ");
        const answer = answers[target.split("?")[0]] ?? ((write) => write(OK("origin")));
        answer((text) => socket.write(text), message, socket);
      }
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  const close = () => {
    for (const socket of sockets.keys()) socket.destroy();
    return new Promise((done) => server.close(done));
  };
  /** Whether a request of which so much has arrived is not whole yet. */
  const begun = (...texts) => [...sockets.values()].some((bytes) => texts.every((text) => bytes.includes(text)));
  return { origin: `http://127.0.0.1:${port}`, port, seen, begun, close };
}

/** So long one waits where no answer is expected, in milliseconds; nothing depends on how long it is. */
export const BRIEFLY = 1500;

/**
 * Sends bytes on a connection of its own, piece by piece: a piece is text, or a function that is given what came back so
 * far and returns whether to go on. Ends with the final answer, with `until`, or when the other side closes, or, as it may wait for
 * more for ever, after `patience` milliseconds: then `waits` is true.
 */
export function exchange(port, pieces, { patience = 20_000, head = false, until } = {}) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let bytes = Buffer.alloc(0);
    let [closed, waits] = [false, false];
    const left = [].concat(pieces);
    const timer = setTimeout(() => ((waits = true), finish()), patience);
    until?.then(finish);
    function finish() {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ...answersIn(bytes, head), closed, waits });
    }
    function go() {
      while (left.length > 0) {
        if (typeof left[0] === "function") {
          if (!left[0](bytes.toString("latin1"))) return;
          left.shift();
        } else {
          socket.write(Buffer.from(left.shift(), "latin1"));
        }
      }
    }
    socket.on("connect", go);
    socket.on("data", (data) => {
      bytes = Buffer.concat([bytes, data]);
      go();
      if (answersIn(bytes, head).last) finish();
    });
    socket.on("error", () => {});
    socket.on("close", () => ((closed = true), finish()));
  });
}

/** Informational answers, and the final one once it is whole, in what a server sent. */
function answersIn(bytes, head) {
  const informational = [];
  for (;;) {
    const isInformational = ({ line }) => / 1\d\d( |$)/.test(line) && !/ 101( |$)/.test(line);
    let message;
    try {
      message = messageIn(bytes, (found) => head || isInformational(found) || / (204|304)( |$)/.test(found.line));
    } catch {
      return { informational };
    }
    if (!message) return { informational, rest: bytes.toString("latin1") };
    if (!isInformational(message)) return { informational, last: message, status: Number(message.line.split(" ")[1]) };
    informational.push(Number(message.line.split(" ")[1]));
    bytes = bytes.subarray(message.end);
  }
}
