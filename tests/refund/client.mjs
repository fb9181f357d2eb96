// Signed requests (RFC 9421, HMAC-SHA-256) to instant-refund: for the live tests and the benchmark.
import { createHash, createHmac } from "node:crypto";

/**
 * Header fields of a signed request. `key` is an entry of REFUND_CALLERS with an HMAC secret; a signature is good for 300
 * seconds, so make it when it is needed.
 */
export function signed({ method, path, query = "", body, headers = {} }, key) {
  const fields = { ...headers, date: new Date().toUTCString() };
  if (body !== undefined) {
    fields["content-type"] = "application/json";
    fields["content-digest"] = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
  }
  const derived = { "@method": method, "@path": path, ...(query && { "@query": `?${query}` }) };
  const covered = [...Object.keys(derived), ...["date", "content-digest", "idempotency-key"].filter((name) => name in fields)];
  const params = `(${covered.map((name) => `"${name}"`).join(" ")});created=${Math.floor(Date.now() / 1000)};keyid="${key.kid}"`;
  const lines = covered.map((name) => `"${name}": ${derived[name] ?? fields[name]}`);
  const base = [...lines, `"@signature-params": ${params}`].join("\n");
  const signature = createHmac("sha256", Buffer.from(key.key, "base64url")).update(base).digest("base64");
  return { ...fields, "signature-input": `sig1=${params}`, signature: `sig1=:${signature}:` };
}

/**
 * One exchange: status, text of the body, header fields. On a connection of its own: one that is kept may be closed by the
 * host at the very moment that the next request goes out.
 */
export async function send(base, request, key) {
  const { method, path, query, body } = request;
  const url = `${base}${path}${query ? `?${query}` : ""}`;
  const answer = await fetch(url, { method, body, headers: { ...signed(request, key), connection: "close" } });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

/** The id of the refund of a caller's idempotency key. */
export function refundId(caller, idempotencyKey) {
  return `rf_${createHash("sha256").update(`venditor/refund/v1\0${caller}\0${idempotencyKey}`).digest("hex").slice(0, 40)}`;
}

/**
 * Asks for a refund until the answer is no longer "somebody is at it" or "no storage just now". While there is patience, it
 * also asks again where a connection broke: that is what the key is for.
 */
export async function refund(base, case_, idempotencyKey, key, { patience = 60_000 } = {}) {
  const request = {
    method: "POST",
    path: "/v1/refunds",
    body: JSON.stringify(case_),
    headers: { "idempotency-key": idempotencyKey },
  };
  const end = Date.now() + patience;
  for (;;) {
    const late = Date.now() >= end;
    const answer = await send(base, request, key).catch((error) => {
      if (late) throw error;
    });
    if (answer && (![409, 503].includes(answer.status) || late)) return answer;
    await new Promise((done) => setTimeout(done, 1000 * Number(answer?.headers.get("retry-after") ?? 1)));
  }
}

/** A case of the vectors, with its instants moved so that its "now" is a minute ago, and the payment given, of an order of its own. */
export function caseAt(text, transactionId) {
  const shift = Date.now() - 60_000 - 1_790_000_000_000;
  const moved = JSON.parse(text, (name, value) => (Number.isInteger(value) && value > 1e12 ? value + shift : value));
  if (transactionId) {
    moved.order.payment.transaction_id = transactionId;
    moved.order.order_id = `order.${transactionId}`;
  }
  return moved;
}
