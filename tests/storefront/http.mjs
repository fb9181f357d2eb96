// What HTTP needs and node:http does not have: bodies with a limit, cookies, entity tags, answers of one shape.
import { createHash } from "node:crypto";

export const MOST_BODY = 64 * 1024; // of forms and JSON; an upload to /stream/sink is not kept, so it has no limit

/** An answer that is not what was asked for. `code` is a word of words.mjs. */
export class Refusal extends Error {
  constructor(status, code, headers = {}) {
    super(code);
    Object.assign(this, { status, code, headers });
  }
}

async function readBody(request) {
  // A body that is too large is not read to its end, so the connection cannot be used again.
  const tooLarge = () => new Refusal(413, "too_large", { connection: "close" });
  if (Number(request.headers["content-length"] ?? 0) > MOST_BODY) throw tooLarge();
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > MOST_BODY) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const typeOf = (request) => (request.headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();

/** The fields of a form. */
export async function readForm(request) {
  const type = typeOf(request);
  if (type === "multipart/form-data") {
    const body = await readBody(request);
    const form = await new Response(body, { headers: { "content-type": request.headers["content-type"] } }).formData().catch(() => {
      throw new Refusal(400, "bad_request");
    });
    return new URLSearchParams([...form].filter(([, value]) => typeof value === "string"));
  }
  if (type !== "application/x-www-form-urlencoded") throw new Refusal(415, "unsupported_type");
  return new URLSearchParams((await readBody(request)).toString());
}

/** A JSON object. Any other content type is refused: a page elsewhere cannot send this one without asking first. */
export async function readJson(request) {
  if (typeOf(request) !== "application/json") throw new Refusal(415, "unsupported_type");
  let value;
  try {
    value = JSON.parse((await readBody(request)).toString());
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(400, "bad_request");
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Refusal(400, "bad_request");
  return value;
}

/** Reads whatever was sent, and forgets it. */
export async function readAnything(request) {
  await readBody(request);
}

/** The first cookie of each name counts. */
export function cookiesOf(request) {
  const cookies = new Map();
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim();
    if (at > 0 && !cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim());
  }
  return cookies;
}

/** A cookie's line. No script needs to read one; `Lax` keeps other sites from posting with it. */
export const cookie = (name, value, age = 30 * 86400) =>
  `${name}=${value}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax`;

export const tagOf = (body) => `"${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`;

/** Whether If-None-Match names this tag, weakly compared. */
export function isKnown(request, tag) {
  const sent = request.headers["if-none-match"];
  if (sent === undefined) return false;
  return (
    sent.trim() === "*" || sent.split(",").some((one) => one.trim().replace(/^W\//, "") === tag.replace(/^W\//, ""))
  );
}

/** Answers. node:http leaves the body of an answer to HEAD out by itself. */
export function send(response, status, type, body, headers = {}) {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    "content-type": type,
    "content-length": bytes.length,
    "x-content-type-options": "nosniff",
    ...headers,
  });
  response.end(bytes);
}

export function sendJson(response, status, value, headers = {}) {
  send(response, status, "application/json; charset=utf-8", `${JSON.stringify(value)}\n`, {
    "cache-control": "no-store",
    ...headers,
  });
}

/** What is the same for everybody, and may be kept by an edge: with a tag, and 304 for whoever has it. */
export function sendPublic(request, response, type, body, headers = {}) {
  const tag = tagOf(body);
  const kept = { etag: tag, "cache-control": "public, max-age=300", ...headers };
  if (!isKnown(request, tag)) {
    send(response, 200, type, body, kept);
    return;
  }
  response.writeHead(304, kept);
  response.end();
}

/** A whole number between two others, `fallback` if it is absent; undefined if it is anything else. */
export function whole(text, least, most, fallback) {
  if (text === null || text === undefined || text === "") return fallback;
  if (!/^\d{1,15}$/.test(String(text))) return undefined;
  const number = Number(text);
  return number >= least && number <= most ? number : undefined;
}
