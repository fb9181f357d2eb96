// A client that shows a response as it arrives.
import { request as open } from "node:http";

const LIMIT = 60_000;

/** Sends; resolves once the head is there. */
export function start(base, path, { method = "GET", headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = open(base + path, { method, headers, agent: false }, resolve);
    request.setTimeout(LIMIT, () => request.destroy(new Error(`${path}: silence for a minute`)));
    request.on("error", reject);
    if (typeof body === "function") body(request);
    else request.end(body);
  });
}

/** The whole answer; `complete` says whether it was one. */
export async function call(base, path, options) {
  const response = await start(base, path, options);
  const chunks = [];
  try {
    for await (const chunk of response) chunks.push(chunk);
  } catch {
    // Broken off.
  }
  const { statusCode: status, headers, rawHeaders, complete } = response;
  return { status, headers, rawHeaders, complete, body: Buffer.concat(chunks) };
}

/** The JSON of a 200. */
export async function json(base, path, options) {
  const { status, body } = await call(base, path, options);
  if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
  return JSON.parse(body);
}

/** Waits until something holds. What it is worth is that it holds, not when. */
export async function eventually(what, holds) {
  for (let tries = 0; tries < 600; tries++) {
    const value = await holds();
    if (value) return value;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`never: ${what}`);
}
