// A signed request for a quote: the decide-only endpoint of instant-refund, which stores nothing.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { caseAt, signed } from "../refund/client.mjs";

const root = resolve(import.meta.dirname, "../..");
const random = () => randomBytes(32).toString("base64url");
const key = { caller: "bench", kid: "bench", alg: "hmac-sha256", key: random(), scopes: ["refunds"] };

export function variables() {
  return {
    REFUND_CALLERS: JSON.stringify([key]),
    REFUND_RECEIPT_KEY: `bench:${random()}`,
    REFUND_LOG_SECRET: random(),
    REFUND_NOTIFY_ORIGIN: "https://refunds.example",
  };
}

// A return with a tariff and freight insurance, as the vectors have it.
const body = JSON.stringify(caseAt(readFileSync(join(root, "tests/vectors/instant-refund/cases/insured-return.json"), "utf8")));

/** Fresh each time: a signature is good for 300 seconds. */
export function request() {
  const request = { method: "POST", path: "/v1/refunds/quote", body };
  return { method: request.method, body, headers: signed(request, key) };
}
