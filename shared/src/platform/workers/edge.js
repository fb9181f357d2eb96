// The JavaScript half of the Workers platform. Each function here is one boundary crossing; between them no
// object is built twice. Nothing here decides anything.

const encoder = new TextEncoder();

// Method and URL, a line each, and behind them every header field, name and value a line each; or, if not `all`, the values
// of the four that every answer takes. Written into `buffer`: returns the bytes written, or minus the size to retry with if
// they do not fit.
export function readHead(request, buffer, all) {
  const headers = request.headers;
  let text = request.method + "\n" + request.url + "\n";
  if (all) {
    text += lines(headers);
  } else {
    text +=
      (headers.get("accept") ?? "") + "\n" + (headers.get("accept-language") ?? "") + "\n" +
      (headers.get("x-request-id") ?? "") + "\n" + (headers.get("traceparent") ?? "");
  }
  const { read, written } = encoder.encodeInto(text, buffer);
  return read === text.length ? written : -3 * text.length;
}

// Every header field: name and value, a line each.
export function readHeaders(request) {
  return lines(request.headers);
}

export function headerTemplate(block) {
  return new Headers(pairs(block));
}

export function respond(status, template, varying, body) {
  const response = new Response(body.length === 0 ? null : body, { status, headers: template });
  if (varying !== undefined) for (const [name, value] of pairs(varying)) response.headers.append(name, value);
  return response;
}

function pairs(block) {
  const lines = block.split("\n");
  const out = [];
  for (let i = 0; i + 1 < lines.length; i += 2) out.push([lines[i], lines[i + 1]]);
  return out;
}

// The same for the runtime as it takes them fastest, which is an object; pairs, if a name occurs twice.
function fields(block) {
  const lines = block.split("\n");
  const out = Object.create(null);
  for (let i = 0; i + 1 < lines.length; i += 2) {
    if (lines[i] in out) return pairs(block);
    out[lines[i]] = lines[i + 1];
  }
  return out;
}

// The body's bytes; null if it grew past `limit`. Rejects if the client breaks off.
export async function readBody(request, limit) {
  if (Number(request.headers.get("content-length") ?? 0) > limit) return null;
  if (request.body === null) return new Uint8Array(0);
  const chunks = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > limit) return null; // leaving the loop cancels the stream
    chunks.push(chunk);
  }
  const out = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.byteLength;
  }
  return out;
}

// "CC\nCity\nRegion", or "" where the runtime knows no place. `cf` is absent in tests and its fields on some plans.
export function place(request) {
  const { country, city, region, regionCode } = request.cf ?? {};
  if (typeof country !== "string" || country === "") return "";
  const known = (text) => (typeof text === "string" ? text.replaceAll("\n", " ") : "");
  return country + "\n" + known(city) + "\n" + (known(regionCode) || known(region));
}

// What the edge knows of the connection, in the order that signals.rs reads. Which fields there are differs by plan.
export function signals(request) {
  try {
    if (!request.cf) return "[]";
    const { asn, asOrganization, tlsVersion, tlsCipher, httpProtocol, verifiedBotCategory, botManagement } = request.cf;
    const { ja3Hash, ja4, score, verifiedBot } = botManagement ?? {};
    return JSON.stringify([
      asn, asOrganization, ja3Hash, ja4, tlsVersion, tlsCipher, httpProtocol, score, verifiedBot, verifiedBotCategory,
    ]);
  } catch {
    return "[]";
  }
}

export function variable(env, name) {
  const value = env[name];
  return typeof value === "string" ? value : undefined;
}

export async function kvGet(env, binding, key, cacheTtl) {
  const value = await env[binding].get(key, { type: "arrayBuffer", cacheTtl });
  return value === null ? undefined : new Uint8Array(value);
}

// One round trip to the Durable Object that holds `shard`: POST for a statement, PUT for its alarm.
export async function askObject(env, binding, shard, method, call) {
  const namespace = env[binding];
  const stub = namespace.get(namespace.idFromName(shard));
  const response = await stub.fetch("https://sql.invalid/", { method, body: call });
  const text = await response.text();
  if (response.status !== 200) throw Object.assign(new Error(text), { status: response.status });
  return text;
}

// A promise of whether `key` is within the limit; nothing if there is no such limiter, so that nobody waits for that.
export function limit(env, name, key) {
  return env[name]?.limit({ key }).then(({ success }) => success);
}

// Sends a request on, with the body of the one that is being answered, or with bytes. Status, header lines, and a body that is not
// read here, or the web socket that was opened. The deadline ends with the head: a signal that fired later would break off
// the body.
export async function forward(request, method, url, headers, timeoutMs) {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new DOMException("no answer", "TimeoutError")), timeoutMs);
  try {
    const body = request instanceof Uint8Array ? request : (request?.body ?? undefined);
    const response = await fetch(url, { method, headers: fields(headers), body, redirect: "manual", signal: deadline.signal });
    return [response.status, lines(response.headers), response.webSocket ?? response.body];
  } finally {
    clearTimeout(timer);
  }
}

export function respondStream(status, headers, body) {
  if (status === 101) return new Response(null, { status, headers: pairs(headers), webSocket: body });
  const bodiless = status === 204 || status === 205 || status === 304;
  return new Response(bodiless ? null : body, { status, headers: fields(headers) });
}

function lines(headers) {
  let block = "";
  headers.forEach((value, name) => {
    block += name + "\n" + value + "\n";
  });
  return block;
}

// A wait that can be ended early: whoever awaits it is let go either way, so nothing is held for ever.
export function wait(milliseconds) {
  let end;
  const over = new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    end = () => { clearTimeout(timer); resolve(); };
  });
  return [over, end];
}

// Runs `work` in a transaction of a Durable Object's database: what it did is taken back if it throws.
export function transactionSync(state, work) {
  state.storage.transactionSync(work);
}

// Status, header lines and body of an answer. The signal covers the body too. Redirects are not followed: their target may not be an allowed host.
export async function send(method, url, headers, body, timeoutMs, maxBytes) {
  const response = await fetch(url, {
    method,
    headers: pairs(headers),
    body: method === "GET" || method === "HEAD" ? undefined : body,
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
  });
  return [response.status, lines(response.headers), await readBody(response, maxBytes)];
}

export function waitUntil(context, work) {
  context.waitUntil(work);
}

/** The host's own digest: several times as fast as one in WebAssembly. It copies the bytes before it returns. */
export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
