// A signed request for a quote (RFC 9421, HMAC-SHA-256): the decide-only endpoint of instant-refund, which stores nothing.
import { createHash, createHmac, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const secret = randomBytes(32);

export function variables() {
  const random = () => randomBytes(32).toString("base64url");
  const key = { caller: "bench", kid: "bench", alg: "hmac-sha256", key: secret.toString("base64url"), scopes: ["refunds"] };
  return {
    REFUND_CALLERS: JSON.stringify([key]),
    REFUND_RECEIPT_KEY: `bench:${random()}`,
    REFUND_LOG_SECRET: random(),
    REFUND_NOTIFY_ORIGIN: "https://refunds.example",
  };
}

// A return with a tariff and freight insurance, as the vectors have it, with its instants moved to today.
const now = Date.now();
const case_ = JSON.parse(readFileSync(join(root, "tests/vectors/instant-refund/cases/insured-return.json"), "utf8"), (name, value) =>
  Number.isInteger(value) && value > 1e12 ? value - 1_790_000_000_000 + now - 60_000 : value,
);
const body = JSON.stringify(case_);

/** Fresh each time: a signature is good for 300 seconds. */
export function request() {
  const date = new Date().toUTCString();
  const digest = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
  const params = `("@method" "@path" "date" "content-digest");created=${Math.floor(Date.now() / 1000)};keyid="bench"`;
  const base = [
    `"@method": POST`,
    `"@path": /v1/refunds/quote`,
    `"date": ${date}`,
    `"content-digest": ${digest}`,
    `"@signature-params": ${params}`,
  ].join("\n");
  return {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      date,
      "content-digest": digest,
      "signature-input": `sig1=${params}`,
      signature: `sig1=:${createHmac("sha256", secret).update(base).digest("base64")}:`,
    },
  };
}
