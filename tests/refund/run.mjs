// Refunds on a running host: many at once, a crash in the middle, gateways that others wrote. Money is counted where it is
// paid, at the gateway, and where it is booked, in the ledger; the two must agree.
//
//   node tests/refund/run.mjs --host workers|spin [--rounds N] [--stripe URL [--pays-twice]]
//
// --rounds: how often refunds compete for the room of a payment.
//
// Needs the built functions (scripts/build), `gateways` and, for Spin, `spin-host` (or SPIN_BIN): cargo build -p …
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readOptions } from "../../scripts/node/options.mjs";
import { caseAt, refund, refundId, send } from "./client.mjs";
import { events } from "./events.mjs";
import { lines } from "./lines.mjs";
import { freePort, pause, root, startGateways, startHost as hostOf } from "./hosts.mjs";
import { people } from "./people.mjs";
import { crash, stop } from "./processes.mjs";
import { reversals } from "./reversals.mjs";

const { values: options } = readOptions(import.meta.url, {
  options: { host: { type: "string" }, rounds: { type: "string", default: "5" }, stripe: { type: "string" }, "pays-twice": { type: "boolean", default: false } },
});

const dir = mkdtempSync(join(tmpdir(), "venditor-refund-"));
const secret = () => randomBytes(32).toString("base64url");
const key = { caller: "live", kid: "live", alg: "hmac-sha256", key: secret(), scopes: ["refunds", "events", "operations"] };
const second = { caller: "second", kid: "second", alg: "hmac-sha256", key: secret(), scopes: ["operations"] };
const text = (name) => readFileSync(join(root, `tests/vectors/instant-refund/cases/${name}.json`), "utf8");
const log = { text: "" };

// ---- processes

async function startHost(variables) {
  const port = await freePort();
  const started = await hostOf({ host: options.host, name: "instant-refund", variables, dir, log, port });
  return { ...started, cron: options.host === "workers" ? cron : undefined };
}

// ---- what is counted

async function ledger(base) {
  const lines = [];
  for (let after; ; ) {
    const query = after === undefined ? "" : `after=${encodeURIComponent(after)}`;
    const answer = await send(base, { method: "GET", path: "/v1/refunds/ledger", query }, key);
    assert.equal(answer.status, 200, answer.text);
    const page = JSON.parse(answer.text);
    lines.push(...page.lines);
    if (page.next === undefined) return lines;
    after = page.next;
  }
}

/** The cron trigger of Workers. */
async function cron() {
  const { control, token } = JSON.parse(readFileSync(join(dir, "dev.json"), "utf8"));
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${control}/scheduled?function=instant-refund`, { method: "POST", headers });
  assert.equal(answer.status, 200, await answer.text());
}

const sweep = async (base) => JSON.parse((await send(base, { method: "POST", path: "/v1/refunds/sweep" }, key)).text);

/** The ledger balances, and what it says went through a gateway is what the gateways paid. */
async function agree(base, paid) {
  const lines = await ledger(base);
  const sum = (lines, side) => lines.reduce((sum, line) => sum + line[side], 0);
  assert.equal(sum(lines, "debit_fen"), sum(lines, "credit_fen"), "the trial balance is zero");
  const along = lines.filter((line) => line.account.startsWith("gateway:"));
  const booked = sum(along, "credit_fen") - sum(along, "debit_fen");
  assert.equal(booked, paid, "what is booked is what was paid");
}

let checks = 0;
const told = (what) => console.log(`ok ${++checks} ${options.host}: ${what}`);

// ---- the tests

/** Asks until everything is decided. On a busy machine a gateway's or a lock's time runs out; then a sweep asks after it. */
async function settled(base, ask) {
  for (let tries = 0; tries < 30; tries++) {
    const answers = await Promise.all(ask());
    const open = answers.find((answer) => answer.status !== 200);
    if (open === undefined) return answers;
    assert([202, 409, 503].includes(open.status), open.text);
    await sweep(base);
    await pause(1000);
  }
  assert.fail("not decided after 30 sweeps");
}

async function many(base, gatewayOrigin) {
  const paidFor = async () => (await fetch(`${gatewayOrigin}/_control/paid`)).json();
  const total = async () => Object.values(await paidFor()).flat().reduce((sum, fen) => sum + fen, 0);

  const one = caseAt(text("unshipped"), "4200.ok.live");
  const all = await settled(base, () => Array.from({ length: 500 }, () => refund(base, one, "same-500", key)));
  assert.equal(new Set(all.map((answer) => answer.text)).size, 1, "500 equal answers");
  assert.equal(JSON.parse(all[0].text).state, "posted");
  assert.deepEqual((await paidFor())["4200.ok.live"], [10800]);
  const length = (answer) => Number(answer.headers.get("content-length") ?? -1);
  assert(all.every((answer) => length(answer) === Buffer.byteLength(answer.text)), "each answer says its length");
  told("500 identical requests at once: one payment, 500 equal answers, each with its length");

  // The first reply is lost: everybody has to wait; a sweep asks, and finds it paid.
  const lost = caseAt(text("unshipped"), "4200.drop-after.live");
  const first = await Promise.all(Array.from({ length: 100 }, () => refund(base, lost, "lost-100", key)));
  assert(first.every((answer) => answer.status === 202 || answer.status === 200), first[0].text);
  for (let tries = 0; tries < 30; tries++) {
    await sweep(base);
    const now = await refund(base, lost, "lost-100", key);
    if (now.status === 200) break;
    await pause(1000);
  }
  const after = await Promise.all(Array.from({ length: 100 }, () => refund(base, lost, "lost-100", key)));
  assert.equal(new Set(after.map((answer) => answer.text)).size, 1);
  assert.equal(JSON.parse(after[0].text).state, "posted", after[0].text);
  assert.deepEqual((await paidFor())["4200.drop-after.live"], [10800]);
  told("100 identical requests whose first reply was lost: asked, not sent again, one payment");

  for (let round = 0; round < Number(options.rounds); round++) await partial(base, paidFor, round);
  told(`60 partial refunds at once of a payment that covers 40: 40 paid, 20 void; ${options.rounds} rounds`);

  await agree(base, await total());
  told("the ledger balances and agrees with the gateway");
  return total;
}

/** 60 lawful partial refunds of a payment that pays for 40: whoever loses a race for its room tries again. */
async function partial(base, paidFor, round) {
  // WeChat Pay and Alipay take refunds of one payment some time apart; Stripe takes them as they come.
  const payment = `ch_x.ok.parts-${round}`;
  const parts = caseAt(text("unshipped"), payment);
  parts.order.payment.gateway = "stripe";
  parts.order.lines[0].quantity = 40;
  parts.order.outbound_freight_fen = 0;
  parts.order.payment.paid_fen = 10000;
  parts.request.lines[0] = { line_id: "L-1", quantity: 1, amount_fen: 250 };
  parts.buyer.quota_fen = 1_000_000;
  // Each for a buyer of its own: one alone may not have so many in a year.
  const of = (n) => ({ ...parts, buyer: { ...parts.buyer, buyer_id: `buyer-parts-${round}-${n}` } });
  const all = () => Array.from({ length: 60 }, (_, n) => refund(base, of(n), `part-${round}-${n}`, key));
  const some = await settled(base, all);
  const states = some.map((answer) => JSON.parse(answer.text).state);
  assert.equal(states.filter((state) => state === "posted").length, 40, states.join());
  assert.equal(states.filter((state) => state === "void").length, 20);
  assert.equal((await paidFor())[payment].length, 40);
}

/** A refund as it is now; a busy host may cut a connection. */
async function found(base, id) {
  for (let tries = 0; ; tries++) {
    try {
      return await send(base, { method: "GET", path: `/v1/refunds/${id}` }, key);
    } catch (error) {
      if (tries === 5) throw error;
      await pause(500);
    }
  }
}

/**
 * The host is killed while refunds are on their way. A kill that interrupts nothing proves nothing: then there is another,
 * at another moment, and after the last the test fails.
 */
async function killed(host, variables, total) {
  for (const [round, after] of [40, 15, 5, 1, 80].entries()) {
    const interrupted = await killOnce(host, variables, total, round, after);
    host = interrupted.host;
    if (interrupted.unanswered > 0 && interrupted.unfinished > 0) return host;
    console.log(`   killed after ${after} answers: nothing was interrupted, once more`);
  }
  assert.fail("no kill interrupted anything");
}

async function killOnce(host, variables, total, round, after) {
  const cases = Array.from({ length: 150 }, (_, n) => caseAt(text("unshipped"), `4200.ok.crash-${round}-${n}`));
  cases.forEach((one, n) => (one.buyer.buyer_id = `buyer-crash-${round}-${n}`));
  const name = (n) => `crash-${round}-${n}`;
  const before = await total();
  let answered = 0;
  const ask = async (one, n) => {
    const answer = await refund(host.base, one, name(n), key, { patience: 0 });
    answered++;
    return answer;
  };
  const asked = cases.map((one, n) => ask(one, n).catch(() => undefined));
  for (let tries = 0; answered < after && tries < 60_000; tries++) await pause(1);
  assert(answered >= after, "the refunds are under way");
  await crash(host.child);
  await assert.rejects(fetch(`${host.base}/healthz/instant-refund`), "nothing of the host is left");
  const seen = await Promise.all(asked);
  const accepted = seen.filter((answer) => answer && answer.status < 300).length;
  const unanswered = seen.filter((answer) => answer === undefined).length;
  host = await startHost(variables);
  // What the store holds, before anybody puts it right: intents without an answer, held by a process that is gone.
  const stored = await Promise.all(cases.map((_, n) => found(host.base, refundId(key.caller, name(n)))));
  assert(stored.every(({ status }) => [200, 202, 404].includes(status)), "the store can be read");
  const unfinished = stored.filter(({ text }, n) => seen[n] === undefined && JSON.parse(text).state === "issuing").length;
  // Whoever got an answer finds the same one; whoever got none asks again with the same key.
  let final = [];
  for (let tries = 0; tries < 100; tries++) {
    await (host.cron?.() ?? sweep(host.base));
    // A connection that breaks is no answer.
    const once = (one, n) => refund(host.base, one, name(n), key, { patience: 0 }).catch(() => undefined);
    final = await Promise.all(cases.map(once));
    if (final.every((answer) => answer?.status === 200)) break;
    await pause(2000);
  }
  const open = final.filter((answer) => answer?.status !== 200);
  assert.equal(open.length, 0, open[0]?.text);
  assert(final.every((answer) => JSON.parse(answer.text).state === "posted"));
  seen.forEach((answer, n) => answer?.status === 200 && assert.equal(answer.text, final[n].text, "an answer that was given stands"));
  assert.equal((await total()) - before, 150 * 10800, "each is paid once");
  await agree(host.base, await total());
  told(
    `killed with ${accepted} of 150 accepted, ${unanswered} unanswered and ${unfinished} of those found unfinished: after the restart ` +
      "each is paid once, and every answer stands",
  );
  return { host, unanswered, unfinished };
}

/** No secret, no id of a buyer or a waybill in anything that the host wrote. */
function nothingLeaks(variables) {
  const planted = [key.key, ...Object.entries(variables).filter(([name]) => !name.endsWith("ORIGIN")).map(([, value]) => value)];
  const parts = planted.flatMap((value) => value.match(/[\w+/=-]{20,}/g) ?? []);
  assert(parts.length > 10);
  for (const part of [...parts, "buyer-1", "buyer-parts", "buyer-crash", "SF1000000001", "order.4200"]) {
    assert(!log.text.includes(part), `the log holds ${part.slice(0, 6)}…`);
  }
  assert(log.text.includes("venditor.refund.v1"), "there are event lines at all");
  told(`${parts.length} planted secrets, buyers' and orders' ids: in no line of the log`);
}

/** Against a Stripe that others wrote. */
async function foreign(base, origin, paysTwice) {
  const stripe = async (method, path, form) => {
    const headers = { authorization: "Bearer sk_test_12345", "content-type": "application/x-www-form-urlencoded" };
    const answer = await fetch(`${origin}${path}`, { method, headers, body: form && new URLSearchParams(form) });
    const body = await answer.json();
    assert(answer.ok, JSON.stringify(body));
    return body;
  };
  const charge = { amount: "10800", currency: "cny", source: "tok_visa" };
  const id = paysTwice ? await localstripePayment(stripe) : (await stripe("POST", "/v1/charges", charge)).id;
  const one = caseAt(text("unshipped"), id);
  one.order.payment.gateway = "stripe";
  const all = await Promise.all(Array.from({ length: 50 }, () => refund(base, one, `stripe-50-${options.host}`, key)));
  assert.equal(new Set(all.map((answer) => answer.text)).size, 1, all[0].text);
  assert.equal(JSON.parse(all[0].text).state, "posted", all[0].text);
  const over = await refund(base, one, `stripe-over-${options.host}`, key);
  assert.equal(JSON.parse(over.text).state, "void", over.text);
  const { data } = await stripe("GET", `/v1/refunds?${paysTwice ? "payment_intent" : "charge"}=${id}`);
  assert.deepEqual(data.map((refund) => refund.amount), [10800]);
  told(`${paysTwice ? "localstripe (pays twice on one key, accepts over-refunds)" : "stripe-stateful-mock"}: paid once, the second refund is void`);
}

async function localstripePayment(stripe) {
  const card = { type: "card", "card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": "2040", "card[cvc]": "123" };
  const method = await stripe("POST", "/v1/payment_methods", card);
  const intent = { amount: "10800", currency: "cny", confirm: "true", payment_method: method.id };
  return (await stripe("POST", "/v1/payment_intents", intent)).id;
}

const gateways = await startGateways(dir, log);
const variables = {
  REFUND_CALLERS: JSON.stringify([key, second]),
  REFUND_RECEIPT_KEY: `live:${secret()}`,
  REFUND_LOG_SECRET: secret(),
  REFUND_NOTIFY_ORIGIN: "https://refunds.example",
  ...gateways.variables,
};
if (options.stripe) {
  variables.REFUND_STRIPE = JSON.stringify({ secret_key: "sk_test_12345", webhook_secrets: ["whsec_none"] });
  variables.REFUND_STRIPE_ORIGIN = options.stripe;
}
let host = await startHost(variables);
try {
  if (options.stripe) {
    await foreign(host.base, options.stripe, options["pays-twice"]);
  } else {
    const total = await many(host.base, gateways.variables.REFUND_WECHAT_ORIGIN);
    host = await killed(host, variables, total);
    const origin = gateways.variables.REFUND_WECHAT_ORIGIN;
    const both = async (base) => agree(base, await total());
    await events({ base: host.base, origin, key, text, sweep, told });
    await lines({ base: host.base, origin, key, text, sweep, told });
    await people({ base: host.base, origin, key, second, text, sweep, told });
    await reversals({ base: host.base, origin, key, text, sweep, agree: both, told });
    nothingLeaks(variables);
  }
} catch (error) {
  console.error(log.text.slice(-3000));
  throw error;
} finally {
  await Promise.all([stop(host.child), stop(gateways.child)]);
  rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
