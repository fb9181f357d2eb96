// A tariff is changed, shadowed, promoted and rolled back on a running instant-refund, under load, with the operator's own
// command line and nothing else. Every answer must be of one policy, whole; a refund that is open keeps its own.
//
//   node tests/policy/tariff.mjs --host workers|spin
//
// Needs the built functions (scripts/build), `venditor`, `gateways` and, for Spin, `spin-host` (or SPIN_BIN).
//
//   --help    this
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readOptions } from "../../scripts/node/options.mjs";
import { caseAt, refund, send } from "../refund/client.mjs";
import { freePort, pause, root, startGateways, startHost as hostOf, target } from "../refund/hosts.mjs";
import { stop } from "../refund/processes.mjs";

const { values: options } = readOptions(import.meta.url, { options: { host: { type: "string" } } });
const dir = mkdtempSync(join(tmpdir(), "venditor-tariff-"));
const log = { text: "" };
const secret = () => randomBytes(32).toString("base64url");
const key = { caller: "live", kid: "live", alg: "hmac-sha256", key: secret(), scopes: ["refunds", "events", "operations"] };

/** An instance looks every 20 s; what it finds then is in force at once. */
const LOOK = 21_000;

// ---- the operator

const venditor = (...args) => execFileSync(join(target, "debug/venditor"), args, { cwd: dir, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const owner = ["--owner-zh", "规则", "--owner-en", "Rules"];
venditor("keys", "new", "--use", "root", "--kid", "root-1");
for (const kid of ["policy-1", "policy-2"]) venditor("keys", "new", "--use", "policy", "--kid", kid, ...owner);

/** What a command signed once is signed by the other key too, and published. */
function publish(...packs) {
  venditor("policy", "sign", "s.dsse.json", "--key", "policy-2", "--out", "s.dsse.json");
  venditor("publish", ".venditor/keys/keyset.dsse.json", ...packs, "s.dsse.json", "--local", "--dev", "dev.json");
}

const folder = join(dir, "instant-refund");
cpSync(join(root, "functions/instant-refund/policy"), folder, { recursive: true });
const before = JSON.parse(venditor("policy", "build", folder, "--out", "before.pack", "--json")).policy;
const tariff = readFileSync(join(folder, "tables/self_mail_tariff.csv"), "utf8");
const row = "yangtze.far_west,yangtze,far_west,-,1000,800,2500";
const changed = tariff.replace("effective_from: 2024-01-01", "effective_from: 2026-01-01").replace(row, row.replace("1000", "1200"));
assert(changed.includes("1200,800,2500") && changed.includes("2026-01-01"));
writeFileSync(join(folder, "tables/self_mail_tariff-2026.csv"), changed);
const after = JSON.parse(venditor("policy", "build", folder, "--out", "after.pack", "--json")).policy;
const pays = { [before]: 1000, [after]: 1200 };

// ---- the host, and buyers who ask

let host;
const gateways = await startGateways(dir, log);
const variables = {
  REFUND_CALLERS: JSON.stringify([key]),
  REFUND_RECEIPT_KEY: `live:${secret()}`,
  REFUND_LOG_SECRET: secret(),
  REFUND_NOTIFY_ORIGIN: "https://refunds.example",
  REFUND_ROOT_KEY: JSON.parse(venditor("keys", "list", "--json")).roots,
  ...gateways.variables,
};

async function startHost() {
  host = await hostOf({ host: options.host, name: "instant-refund", variables, dir, log, port: await freePort() });
  if (options.host === "spin") writeFileSync(join(dir, "dev.json"), JSON.stringify({ host: "spin", state: join(dir, "state") }));
}

const text = (name) => readFileSync(join(root, `tests/vectors/instant-refund/cases/${name}.json`), "utf8");
const route = { from_region: "330000", to_region: "650000", weight_g: 800 };

/** A return by self-mail from Zhejiang to Xinjiang, of an order paid just now. */
function returned() {
  const one = caseAt(text("insured-return"));
  Object.assign(one.return.parcels[0], route, { freight_fen: undefined });
  return one;
}

const insured = ({ legs }) => legs.find(({ payer }) => payer === "insurer")?.amount_fen;

let seen, stopping;
async function load() {
  while (!stopping) {
    const answer = await send(host.base, { method: "POST", path: "/v1/refunds/quote", body: JSON.stringify(returned()) }, key);
    assert.equal(answer.status, 200, answer.text);
    const quote = JSON.parse(answer.text);
    assert.equal(insured(quote), pays[quote.policy], `an answer of ${quote.policy} is that policy's, whole`);
    seen.push([Date.now(), quote.policy]);
    await pause(20);
  }
}

/** Lets time pass under load: the policies that were answered by, at the end of it, and when the change came. */
async function pass(ms) {
  [seen, stopping] = [[], false];
  const began = Date.now();
  const loads = Array.from({ length: 4 }, load);
  await pause(ms);
  stopping = true;
  await Promise.all(loads);
  const end = new Set(seen.filter(([at]) => at > began + ms - 1500).map(([, policy]) => policy));
  return { all: [...new Set(seen.map(([, policy]) => policy))], end: [...end], began };
}

/** How long after publishing the first answer came by the new policy, and the last by the old one. */
function took(policy, { began }) {
  const times = (which) => seen.filter(([, named]) => which(named)).map(([at]) => at - began);
  const [first, last] = [Math.min(...times((named) => named === policy)), Math.max(0, ...times((named) => named !== policy))];
  return `${seen.length} answers, none failed, none mixed; the first under it after ${first} ms, the last before it after ${last} ms`;
}

const read = async (id) => JSON.parse((await send(host.base, { method: "GET", path: `/v1/refunds/${id}` }, key)).text);
async function tell(id, event) {
  const body = JSON.stringify({ event_id: event.type, at: Date.now() - 1000, ...event });
  const answer = await send(host.base, { method: "POST", path: `/v1/refunds/${id}/events`, body }, key);
  assert([200, 202].includes(answer.status), answer.text);
  return JSON.parse(answer.text);
}

/** A refund that waits for the parcel, and has one announced. */
async function open(name) {
  const one = caseAt(text("return-to-come"), `4200.ok.${name}`);
  // A policy pays once.
  one.insurance.policy_no = `P-${name}`;
  const answer = JSON.parse((await refund(host.base, one, name, key)).text);
  assert.equal(answer.state, "waiting", JSON.stringify(answer));
  const parcel = { carrier: "sf", waybill: `SF${name}`, method: "self_mail", ...route };
  return tell(answer.refund_id, { type: "parcel_added", parcel });
}

let checks = 0;
const told = (what) => console.log(`ok ${++checks} ${options.host}: ${what}`);

try {
  await startHost();
  assert.deepEqual((await pass(2000)).all, [before]);
  const early = await open("early");
  assert.deepEqual([early.policy, insured(early)], [before, 1000]);
  told("nothing published: the bundled pack decides, and the command line builds the same one");

  venditor("policy", "sign", "after.pack", "--role", "shadow", "--key", "policy-1", "--out", "s.dsse.json");
  publish("after.pack");
  assert.deepEqual((await pass(LOOK + 4000)).all, [before]);
  const shadows = log.text.split("\n").filter((line) => line.includes("venditor.shadow.v1"));
  const details = shadows.map((line) => JSON.parse(line.slice(line.indexOf("{"))).details);
  assert(details.length > 0, "no event says what the shadow would have decided");
  assert(details.every((one) => one.shadow === after && one.would_total_fen - one.total_fen === 200), JSON.stringify(details[0]));
  told(`shadowed: no answer changed; ${details.length} events say 2 yuan more`);

  const replayed = JSON.parse(venditor("policy", "replay", "after.pack", "--from", decisions(await exported()), "--json"));
  assert.deepEqual([replayed.judged, replayed.changed], [1, 1]);
  told("replayed: of the one decision so far, the one that is about this route would be another");

  assert(venditor("policy", "promote", "--key", "policy-1", "--out", "s.dsse.json").includes("0.1 of instant-refund"));
  publish("after.pack");
  const promoted = await pass(LOOK + 4000);
  assert.deepEqual(promoted.end, [after]);
  told(`promoted under load: ${took(after, promoted)}`);

  const scanned = await tell(early.refund_id, { type: "parcel_scanned", waybill: "SFearly", weight_g: 800 });
  assert.deepEqual([scanned.policy, insured(scanned)], [before, 1000]);
  const late = await open("late");
  assert.deepEqual([late.policy, insured(late)], [after, 1200]);
  told("a refund that was open goes on by the pack that decided it; a new one by the new pack");

  assert(venditor("policy", "rollback", "--function", "instant-refund", "--key", "policy-1", "--out", "s.dsse.json").includes("0.2 of"));
  publish("before.pack");
  const back = await pass(LOOK + 4000);
  assert.deepEqual(back.end, [before]);
  told(`rolled back under load: ${took(before, back)}`);

  await stop(host.child);
  rmSync(join(dir, "state/instant-refund.kv.db"), { force: true });
  await startHost();
  assert.deepEqual((await pass(3000)).all, [before]);
  const { waiting } = late;
  const again = await tell(late.refund_id, { type: "parcel_scanned", waybill: "SFlate", weight_g: 800 });
  assert.deepEqual([again.policy, insured(again)], [after, 1200]);
  assert.equal((await read(late.refund_id)).policy, after);
  assert(waiting.until > Date.now(), "the deadline was promised");
  told("started anew, on Spin without its store: the packs of open refunds are still read");

  const sums = venditor("policy", "status", "--function", "instant-refund");
  assert(sums.includes("current    0.2") && sums.includes("shadow     0.1"), sums);
  told("the record says what was signed");
} catch (error) {
  console.error(log.text.slice(-3000));
  throw error;
} finally {
  stopping = true;
  await stop(host?.child);
  await stop(gateways.child);
  rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** All pages of the cases with what was decided. */
async function exported() {
  const all = [];
  for (let after; ; ) {
    const query = after === undefined ? "" : `after=${after}`;
    const answer = await send(host.base, { method: "GET", path: "/v1/refunds/decisions", query }, key);
    assert.equal(answer.status, 200, answer.text);
    const page = JSON.parse(answer.text);
    all.push(...page.decisions);
    if (page.next === undefined) return all;
    after = page.next;
  }
}

function decisions(all) {
  writeFileSync(join(dir, "decisions.ndjson"), all.map((one) => `${JSON.stringify(one)}\n`).join(""));
  return "decisions.ndjson";
}
