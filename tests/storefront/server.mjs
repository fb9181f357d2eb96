// A sample storefront: the origin behind bot-screen, for newcomers and for browser tests. README.md says what it has.
//
//   node tests/storefront/server.mjs [options]
//
//   --port N          where to listen, on 127.0.0.1 (PORT in the environment, or 8790; 0 takes a free one)
//   --public-url URL  how the shop is reached, for sitemap and feed (else http:// and the request's Host)
//   --verbose         a line of JSON to stderr for each request
//   --help            this
//
// Prints one line of JSON when it listens.
import { createServer, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { Refusal, cookie, cookiesOf, sendJson, whole } from "./http.mjs";
import { ROUTES, sendPage } from "./routes.mjs";
import { Shop, countOf, readCart } from "./shop.mjs";
import { STREAMS } from "./streams.mjs";
import { note } from "./views.mjs";
import { serveWebSocket } from "./websocket.mjs";
import { WORDS, chooseLanguage } from "./words.mjs";

const MOST_PATHS = 10_000; // that are counted apart

// Path, or what stands before its last segment and a *, to what answers each method.
const table = new Map();
for (const [methods, path, handler] of [...ROUTES, ...STREAMS]) {
  const entry = table.get(path) ?? new Map();
  for (const method of methods) entry.set(method, handler);
  table.set(path, entry);
}

function route(path) {
  if (table.has(path) && !path.endsWith("*")) return { entry: table.get(path) };
  const at = path.lastIndexOf("/") + 1;
  const entry = at < path.length ? table.get(`${path.slice(0, at)}*`) : undefined;
  if (!entry) return {};
  try {
    return { entry, rest: decodeURIComponent(path.slice(at)) };
  } catch {
    throw new Refusal(400, "bad_request");
  }
}

function urlOf(request) {
  try {
    // Absolute, as a proxy may send it; or a path, in which `//` is no host.
    return new URL(/^https?:/i.test(request.url) ? request.url : `http://localhost${request.url}`);
  } catch {
    throw new Refusal(400, "bad_request");
  }
}

/** Who asks, in which language, with which cart: all that handlers and pages need. */
function visitOf(request, response, url, { shop, publicUrl, seen }) {
  const cookies = cookiesOf(request);
  const asked = url.searchParams.get("lang");
  const lang = chooseLanguage(asked, cookies.get("lang"), request.headers["accept-language"]);
  const lines = readCart(cookies.get("cart"));
  const session = cookies.get("session");
  const host = /^[\w.:[\]-]+$/.test(request.headers.host ?? "") ? request.headers.host : "localhost";
  return {
    request,
    response,
    url,
    shop,
    seen,
    lang,
    lines,
    session,
    words: WORDS[lang],
    query: (url.searchParams.get("q") ?? "").trim().slice(0, 80),
    // A page that answers a POST has no address of its own to be shown again at.
    here: request.method === "GET" || request.method === "HEAD" ? url.pathname + url.search : "/",
    count: countOf(lines),
    account: shop.sessions.get(session),
    hasCoupon: cookies.get("coupon") === "yes",
    base: publicUrl ?? `http://${host}`,
    cookies: asked === lang ? [cookie("lang", lang)] : [], // so that links need not carry it
  };
}

function refuse(visit, { status, code, headers }) {
  const { request, response, url, words } = visit;
  const wantsPage = /text\/html/.test(request.headers.accept ?? "") || !/^\/(api|stream|hooks)\//.test(url.pathname);
  if (wantsPage)
    sendPage(visit, status, note(visit, words.error_title, words[code]), { ...headers, "cache-control": "no-store" });
  else sendJson(response, status, { error: code, message: words[code] }, headers);
}

async function answer(request, response, state) {
  let url = new URL("http://localhost/");
  try {
    url = urlOf(request);
    const { stats } = state;
    const counted = Object.hasOwn(stats, url.pathname) || Object.keys(stats).length < MOST_PATHS ? url.pathname : "*";
    stats[counted] = (stats[counted] ?? 0) + 1;
    const { entry, rest } = route(url.pathname);
    if (!entry) throw new Refusal(404, "not_found");
    const handler = entry.get(request.method) ?? (request.method === "HEAD" ? entry.get("GET") : undefined);
    if (!handler) {
      const allow = [...entry.keys(), ...(entry.has("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
      if (request.method !== "OPTIONS") throw new Refusal(405, "method_not_allowed", { allow });
      response.writeHead(204, { allow }).end();
      return;
    }
    await handler(visitOf(request, response, url, state), rest);
  } catch (error) {
    if (request.errored || response.destroyed) return; // whoever asked is gone
    if (!(error instanceof Refusal)) console.error(error);
    if (response.headersSent) response.destroy();
    else
      refuse(visitOf(request, response, url, state), error instanceof Refusal ? error : new Refusal(500, "internal"));
  }
}

/**
 * Starts a shop of its own. `stats` counts requests by path, `seen` says what streams met: the most bytes that waited
 * for a reader, and the answers that were cut because the reader left.
 */
export function start({ port = 0, publicUrl, verbose = false } = {}) {
  const state = { shop: new Shop(), stats: Object.create(null), seen: { mostBuffered: 0, cut: 0 }, publicUrl };
  const taken = new Set();
  const serve = (request, response) => {
    if (verbose) {
      const began = Date.now();
      const { method, url } = request;
      response.on("close", () =>
        console.error(JSON.stringify({ method, url, status: response.statusCode, ms: Date.now() - began })),
      );
    }
    answer(request, response, state);
  };
  // Less than a stream may have waiting. A proxy keeps connections for about a minute: this end must not be the first
  // to close one, or a request may meet a closed connection.
  const server = createServer({ highWaterMark: 32 * 1024, keepAliveTimeout: 75_000 }, serve);
  server.on("upgrade", (request, socket, head) => {
    taken.add(socket);
    socket.on("close", () => taken.delete(socket));
    socket.on("error", () => socket.destroy());
    const path = request.url.split("?")[0];
    if (path === "/stream/ws") {
      state.stats[path] = (state.stats[path] ?? 0) + 1;
      serveWebSocket(request, socket, head);
      return;
    }
    // Anything else that a client would upgrade to (h2c) is not offered, and the request is answered as it is. A body
    // can no longer be read here, so only what has none.
    if (request.method !== "GET" && request.method !== "HEAD") {
      socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.on("finish", () => socket.end());
    serve(request, response);
  });
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
      for (const socket of taken) socket.destroy();
    });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const { port: at } = server.address();
      resolve({
        url: `http://127.0.0.1:${at}`,
        port: at,
        close,
        stats: state.stats,
        seen: state.seen,
        shop: state.shop,
      });
    });
  });
}

async function main() {
  const { values } = readOptions(import.meta.url, {
    options: {
      port: { type: "string" },
      "public-url": { type: "string" },
      verbose: { type: "boolean", default: false },
    },
  });
  const port = whole(values.port ?? process.env.PORT, 0, 65_535, 8790);
  if (port === undefined) wrong("a port is a number up to 65535");
  let publicUrl;
  if (values["public-url"] !== undefined) {
    if (!/^https?:$/.test(URL.canParse(values["public-url"]) ? new URL(values["public-url"]).protocol : ""))
      wrong("--public-url is not an http address");
    publicUrl = new URL(values["public-url"]).origin;
  }
  // At once, and even while it starts: nothing here is worth keeping.
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(0));
  try {
    const { url, port: at } = await start({ port, publicUrl, verbose: values.verbose });
    console.log(JSON.stringify({ listening: url, port: at }));
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
