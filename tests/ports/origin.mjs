// An origin that does what origins do, and notes what it saw.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { gzipSync } from "node:zlib";

export const BIG = 100 << 20; // bytes of /big
export const GZIPPED = gzipSync("compressed once ".repeat(1000));
export const UTF8 = Buffer.from("\u8336").toString("latin1"); // a field value's bytes, as node writes them
const DRIPS = 12;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** What was seen of the newest request for each path. */
export const seen = new Map();

const routes = {
  "/echo": async (request, response, note) => {
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of request) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    Object.assign(note, { bytes, sha256: hash.digest("hex") });
    const { method, url, rawHeaders } = request;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ method, url, rawHeaders, ...note }));
  },
  // Answers at once, and reads nothing until it is asked to go on.
  "/reads-late": async (request, response, note) => {
    response.writeHead(200).flushHeaders();
    await new Promise((go) => (note.go = go));
    let received = 0;
    for await (const chunk of request) received += chunk.length;
    response.end(`${received}`);
  },
  "/headers": (_, response) => {
    response.writeHead(201, [
      ["connection", "x-hop"], ["x-hop", "1"], ["x-internal", "secret"], ["set-cookie", "a=1; Path=/"],
      ["set-cookie", "b=2; Expires=Thu, 01 Jan 2032 00:00:00 GMT"], ["etag", '"1"'], ["x-utf8", UTF8],
    ].flat());
    response.end("made");
  },
  // A byte or so at a time: longer than an idle instance is kept, and than most limits of one phase.
  "/drip": async (_, response, note) => {
    response.writeHead(200, { "content-type": "text/plain" });
    for (note.sent = 0; note.sent < DRIPS && !note.closed; ) {
      response.write(`drip ${note.sent++}\n`);
      await pause(300);
    }
    note.done = true;
    response.end();
  },
  "/drips-for-a-minute": async (_, response, note) => {
    response.writeHead(200, { "content-type": "text/plain" });
    for (note.sent = 0; note.sent < 300 && !note.closed; note.sent++) {
      response.write(".");
      await pause(200);
    }
    response.end();
  },
  "/big": async (_, response, note) => {
    response.writeHead(200, { "content-length": BIG });
    const chunk = Buffer.alloc(64 << 10, "x");
    let go;
    for (const event of ["drain", "close"]) response.on(event, () => go?.());
    for (note.sent = 0; note.sent < BIG && !note.closed; note.sent += chunk.length) {
      if (!response.write(chunk)) await new Promise((on) => (go = on));
    }
    response.end();
  },
  "/breaks-off": async (_, response) => {
    response.writeHead(200, { "content-length": 1000 });
    response.write("half of it");
    await pause(300);
    response.destroy();
  },
  "/never": () => {},
  "/nothing": (_, response) => response.writeHead(204).end(),
  "/not-modified": (_, response) => response.writeHead(304, { etag: '"1"' }).end(),
  "/moved": (_, response) => response.writeHead(302, { location: "/echo" }).end(),
  "/gzip": (_, response) =>
    response.writeHead(200, { "content-encoding": "gzip", "content-type": "text/plain", "content-length": GZIPPED.length }).end(GZIPPED),
  "/sized": (_, response) => response.writeHead(200, { "content-length": 5 }).end("sized"),
};

/** Serves on a free port; its origin. */
export async function serve() {
  const server = createServer(async (request, response) => {
    const path = request.url.split("?")[0];
    const note = { method: request.method };
    seen.set(path, note);
    response.on("close", () => (note.closed = true));
    const answer = routes[path] ?? ((_, response) => response.writeHead(404).end());
    try {
      await answer(request, response, note);
    } catch (error) {
      note.error = error;
    }
  });
  for (let port = 19400; ; port++) {
    server.listen(port, "127.0.0.1");
    const failed = await Promise.race([once(server, "listening").then(() => null), once(server, "error")]);
    if (failed === null) return { server, origin: `http://127.0.0.1:${port}` };
    if (port === 19499) throw failed[0];
  }
}
