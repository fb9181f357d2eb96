// The control server of the development host: seeds and inspects what production keeps in KV and Durable Objects.
// Loopback only, and only for who knows the token.
import { createServer } from "node:http";
import { timingSafeEqual } from "node:crypto";

/**
 * POST /kv        [{ "key", "value", "base64": true? }]   as `wrangler kv bulk put` takes it; a null value deletes
 * GET  /kv/<key>                                          the value, or 404
 * POST /sql       { "function", "shard", "sql", "params" } the rows
 * POST /scheduled?function=NAME                           a cron trigger fires
 * `?function=NAME` picks the Worker whose KV is meant; trace-verify by default.
 */
export async function serveControl(miniflare, functions, token, port) {
  const server = createServer(async (request, response) => {
    try {
      const presented = Buffer.from(request.headers.authorization ?? "");
      const expected = Buffer.from(`Bearer ${token}`);
      const known = presented.length === expected.length && timingSafeEqual(presented, expected);
      const [status, body] = known ? await answer(request) : [401, "bearer token wanted\n"];
      response.writeHead(status).end(body);
    } catch (error) {
      response.writeHead(500).end(`${error.message}\n`);
    }
  });

  async function answer(request) {
    const { pathname, searchParams } = new URL(request.url, "http://control");
    const kv = () => miniflare.getKVNamespace("KV", searchParams.get("function") ?? "trace-verify");
    if (request.method === "POST" && pathname === "/kv") {
      const entries = JSON.parse(await text(request));
      const namespace = await kv();
      for (const { key, value, base64 } of entries) {
        if (value === null) await namespace.delete(key);
        else await namespace.put(key, base64 ? Uint8Array.from(Buffer.from(value, "base64")) : value); // not a view of a pool
      }
      return [200, `${entries.length}\n`];
    }
    if (request.method === "GET" && pathname.startsWith("/kv/")) {
      const value = await (await kv()).get(decodeURIComponent(pathname.slice(4)), "arrayBuffer");
      return value === null ? [404, ""] : [200, Buffer.from(value)];
    }
    if (request.method === "POST" && pathname === "/sql") {
      const { function: name = "trace-verify", shard, sql, params = [] } = JSON.parse(await text(request));
      if (!functions.includes(name)) return [404, `${name} is not served\n`];
      const namespace = await miniflare.getDurableObjectNamespace("SQL", name);
      const stub = namespace.get(namespace.idFromName(shard));
      const rows = await stub.fetch("https://sql.invalid/", { method: "POST", body: JSON.stringify({ sql, params }) });
      return [rows.status, await rows.text()];
    }
    if (request.method === "POST" && pathname === "/scheduled") {
      const name = searchParams.get("function");
      if (!functions.includes(name)) return [404, `${name} is not served\n`];
      const { outcome } = await (await miniflare.getWorker(name)).scheduled();
      return [outcome === "ok" ? 200 : 500, `${outcome}\n`];
    }
    return [404, "POST /kv, GET /kv/<key>, POST /sql or POST /scheduled\n"];
  }

  await new Promise((listening, failed) => server.once("error", failed).listen(port, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.closeAllConnections() || server.close() };
}

async function text(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
