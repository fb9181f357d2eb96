// A noon peak, measured: thousands of refunds whose merchants have said nothing are due at one instant. How long until all of
// them are decided, and how fast they are paid then. It asserts that each is decided and none is paid twice, and no time.
//
//   node tests/refund/noon.mjs --host workers|spin [--count N] [--lead SECONDS] [--minutes N]
//
// --lead: how long before the instant they are made, 0: as long as that should take; --minutes: how long payments are
// watched afterwards.
//
// Needs the built function (scripts/build), `gateways` and, for Spin, `spin-host` (or SPIN_BIN): cargo build -p …
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readOptions } from "../../scripts/node/options.mjs";
import { caseAt, refund, send } from "./client.mjs";
import { freePort, pause, root, startGateways, startHost } from "./hosts.mjs";
import { stop } from "./processes.mjs";

const { values: options } = readOptions(import.meta.url, {
  options: {
    host: { type: "string" },
    count: { type: "string", default: "10000" },
    lead: { type: "string", default: "0" },
    minutes: { type: "string", default: "2" },
  },
});
const count = Number(options.count);
const HOURS_48 = 48 * 3_600_000;

const dir = mkdtempSync(join(tmpdir(), "venditor-noon-"));
const secret = () => randomBytes(32).toString("base64url");
const key = { caller: "noon", kid: "noon", alg: "hmac-sha256", key: secret(), scopes: ["refunds", "operations"] };
const log = { text: "" };
const gateways = await startGateways(dir, log);
const variables = {
  REFUND_CALLERS: JSON.stringify([key]),
  REFUND_RECEIPT_KEY: `live:${secret()}`,
  REFUND_LOG_SECRET: secret(),
  REFUND_NOTIFY_ORIGIN: "https://refunds.example",
  ...gateways.variables,
};
const host = await startHost({ host: options.host, name: "instant-refund", variables, dir, log, port: await freePort() });

/** What happens each minute: the cron of Workers, or a scheduler's call. */
async function minute() {
  if (options.host === "workers") {
    const { control, token } = JSON.parse(readFileSync(join(dir, "dev.json"), "utf8"));
    await fetch(`${control}/scheduled?function=instant-refund`, { method: "POST", headers: { authorization: `Bearer ${token}` } });
    return;
  }
  for (let more = true; more; ) {
    const answer = await send(host.base, { method: "POST", path: "/v1/refunds/sweep" }, key);
    more = answer.status === 200 && JSON.parse(answer.text).more;
  }
}

/** The instants at which refunds came to a state, by its event lines. */
function came(state) {
  const at = new Map();
  // By form, not as JSON: the last line may not be whole yet.
  const line = new RegExp(`"venditor.refund.v1","at":(\\d+),[^\\n]*?"outcome":"${state}"[^\\n]*?"refund":"(rf_[0-9a-f]{40})"`, "g");
  for (const [, when, id] of log.text.matchAll(line)) at.set(id, Number(when));
  return [...at.values()].sort((a, b) => a - b);
}

const of = (n, due) => {
  const one = caseAt(readFileSync(join(root, "tests/vectors/instant-refund/cases/unshipped.json"), "utf8"), `ch_x.ok.noon-${n}`);
  one.order.payment.gateway = "stripe";
  one.buyer.buyer_id = `buyer-noon-${n}`;
  one.order.lines.forEach((line) => (line.shipped_quantity = line.quantity));
  // Shipped, and never arrived: the merchant has 48 hours to answer, to the millisecond.
  one.request = { ...one.request, cause: "not_received", requested_at: due - HOURS_48 };
  one.order.paid_at = due - HOURS_48 - 3_600_000;
  one.order.shipped_at = due - HOURS_48 - 60_000;
  return one;
};

try {
  const lead = Number(options.lead) || Math.ceil(count / 40) + 20;
  const due = Date.now() + lead * 1000;
  console.log(`making ${count}, due in ${lead} s`);
  const began = Date.now();
  let next = 0;
  const maker = async () => {
    for (let n = next++; n < count; n = next++) {
      const answer = await refund(host.base, of(n, due), `noon-${n}`, key);
      assert.equal(JSON.parse(answer.text).state, "waiting", answer.text);
    }
  };
  await Promise.all(Array.from({ length: 16 }, maker));
  console.log(`made in ${((Date.now() - began) / 1000).toFixed(1)} s`);
  assert(Date.now() < due, "they took longer to make than --lead");
  await pause(due - Date.now() + 5);
  const first = minute();
  const ticks = setInterval(() => minute().catch(() => {}), 60_000);
  for (let tries = 0; came("issuing").length < count; tries++) {
    assert(tries < 200, `${came("issuing").length} decided after ten minutes`);
    await pause(3000);
  }
  const decided = came("issuing");
  const seconds = (at) => ((at - due) / 1000).toFixed(1);
  console.log(`${options.host}: ${count} due at one instant: half decided after ${seconds(decided[count >> 1])} s, all after ${seconds(decided.at(-1))} s`);
  await Promise.race([first, pause(Number(options.minutes) * 60_000)]);
  await pause(Math.max(0, due + Number(options.minutes) * 60_000 - Date.now()));
  clearInterval(ticks);
  const paid = Object.entries(await (await fetch(`${gateways.variables.REFUND_STRIPE_ORIGIN}/_control/paid`)).json());
  assert(paid.every(([, amounts]) => amounts.length === 1), "each at most once");
  console.log(`${options.host}: ${paid.length} paid ${options.minutes} min after they were due`);
} catch (error) {
  console.error(log.text.slice(-3000));
  throw error;
} finally {
  await Promise.all([stop(host.child), stop(gateways.child)]);
  rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
