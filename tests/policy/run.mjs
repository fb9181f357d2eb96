// Policy packs on a running host, under load: a pack is published, replaced and put back without a build, and a store that
// replays, tears, withholds or forges never gets an older or foreign one adopted. Every answer names the pack that judged
// it; a store and its statements are written here byte by byte, so that they can be wrong in every way.
//
//   node tests/policy/run.mjs --host workers|spin
//
// Needs the built trace-verify (scripts/build), `contract` (its build holds the bundled sections) and, for Spin, `spin-host`
// (or SPIN_BIN) and python3.
//
//   --help    this
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readOptions } from "../../scripts/node/options.mjs";
import { freePort, pause, startHost as hostOf, target } from "../refund/hosts.mjs";
import { stop } from "../refund/processes.mjs";

const { values: options } = readOptions(import.meta.url, { options: { host: { type: "string" } } });
const dir = mkdtempSync(join(tmpdir(), "venditor-policy-"));
const state = join(dir, "state");
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const log = { text: "" };

/** An instance looks every 20 s; what it finds then is in force at once. */
const LOOK = 21_000;

// ---- packs

/** The sections that are compiled in, from the newest native build. */
function bundled() {
  const build = join(target, "debug/build");
  const outs = readdirSync(build).filter((name) => name.startsWith("trace-verify-")).map((name) => join(build, name, "out"));
  const made = outs.filter((out) => existsSync(join(out, "figures.bin")));
  made.sort((a, b) => statSync(join(b, "figures.bin")).mtimeMs - statSync(join(a, "figures.bin")).mtimeMs);
  return { figures: readFileSync(join(made[0], "figures.bin")), words: readFileSync(join(made[0], "words.bin")) };
}

/** The figures with another threshold of devices. */
function withDevices(figures, devices) {
  const bytes = Buffer.from(figures);
  const count = bytes.readUInt32LE(4);
  const ends = (n) => [bytes.readUInt32LE(8 + 8 * n), bytes.readUInt32LE(12 + 8 * n)];
  const keys = 8 + 8 * count;
  const values = keys + ends(count - 1)[0];
  for (let n = 0; n < count; n++) {
    const [keyStart, valueStart] = n ? ends(n - 1) : [0, 0];
    if (bytes.toString("utf8", keys + keyStart, keys + ends(n)[0]) === "clone.devices") {
      bytes.writeBigInt64LE(BigInt(devices), values + valueStart);
      return bytes;
    }
  }
  assert.fail("the figures have no clone.devices");
}

function pack(sections) {
  const list = Object.keys(sections).sort().map((name) => ({ bytes: sections[name].length, name, sha256: sha256(sections[name]) }));
  const lines = list.map(({ name, bytes, sha256 }) => `${name} ${bytes} ${sha256}\n`).join("");
  const manifest = `venditor-policy 2 trace-verify\n${lines}`;
  return { sections, list, manifest, digest: sha256(manifest).slice(0, 32) };
}

// ---- keys and statements

const [rootKey, policyKey, stranger] = [0, 0, 0].map(() => generateKeyPairSync("ed25519"));
const x = ({ publicKey }) => publicKey.export({ format: "jwk" }).x;

/** RFC 8785 for what is signed here: ASCII names, strings and whole numbers. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

function envelope(payloadType, payload, keyid, key) {
  const body = Buffer.from(canonical(payload));
  const pae = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `), body]);
  const sig = sign(null, pae, key.privateKey).toString("base64");
  return JSON.stringify({ payloadType, payload: body.toString("base64"), signatures: [{ keyid, sig }] });
}

const DAY = 86_400_000;
function keyset(version, members = {}) {
  const now = Date.now();
  const key = { kid: "policy-1", alg: "Ed25519", x: x(policyKey), use: ["policy"], owner: { zh: "规则", en: "Rules" } };
  const dated = { ...key, not_before: now - DAY, not_after: now + DAY, revoked: null };
  const document = { version, issued_at: now - 1000, keys: [dated], mac_keys: [], ...members };
  return envelope("application/vnd.venditor.keyset.v1+json", document, "root-1", rootKey);
}

function statement({ list }, version, { key = policyKey, kid = "policy-1", ...members } = {}) {
  const now = Date.now();
  const dates = { issued_at: now - 1000, not_before: now - 1000, expires_at: now + DAY };
  const payload = { function: "trace-verify", format: 3, sections: list, role: "current", epoch: 0, version, ...dates };
  return envelope("application/vnd.venditor.policy.v1+json", { ...payload, ...members }, kid, key);
}

// ---- the host and its store

const secret = () => randomBytes(32).toString("base64url");
const variables = {
  TRACE_HOSTS: "127.0.0.1",
  TRACE_ROOT_KEY: `root-1:${x(rootKey)}`,
  TRACE_MAC_KEYS: `1:${secret()}`,
  TRACE_DEVICE_SECRET: secret(),
};

async function startHost() {
  const port = await freePort();
  variables.TRACE_HOSTS = `127.0.0.1:${port}`;
  return hostOf({ host: options.host, name: "trace-verify", variables, dir, log, port });
}

const WRITE = `
import json, sqlite3, sys, base64
store = sqlite3.connect(sys.argv[1], timeout=30)
store.execute("CREATE TABLE IF NOT EXISTS spin_key_value (store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))")
for entry in json.load(sys.stdin):
    store.execute("DELETE FROM spin_key_value WHERE store = 'trace-verify' AND key = ?", (entry["key"],))
    if entry["value"] is not None:
        store.execute("INSERT INTO spin_key_value VALUES ('trace-verify', ?, ?)", (entry["key"], base64.b64decode(entry["value"])))
store.commit()
`;

/** Writes entries as they are; `null` takes one away. */
async function put(entries) {
  const list = Object.entries(entries).map(([key, value]) => {
    return { key, value: value === null ? null : Buffer.from(value).toString("base64"), base64: true };
  });
  if (options.host === "spin") {
    execFileSync("python3", ["-c", WRITE, join(state, "trace-verify.kv.db")], { input: JSON.stringify(list) });
    return;
  }
  const { control, token } = JSON.parse(readFileSync(join(dir, "dev.json"), "utf8"));
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${control}/kv`, { method: "POST", headers, body: JSON.stringify(list) });
  assert.equal(answer.status, 200, await answer.text());
}

const sections = (pack) => Object.fromEntries(pack.list.map(({ name, sha256 }) => [`policy/sections/${sha256}`, pack.sections[name]]));
const CURRENT = "policy/trace-verify/current";
const publish = (pack, statement) => put({ ...sections(pack), [`policy/trace-verify/packs/${pack.digest}`]: pack.manifest, [CURRENT]: statement });

// ---- load: scans of a code that is not ours, whose answers name the pack like any other

let host, seen, stopping;
async function load() {
  while (!stopping) {
    const answer = await fetch(`${host.base}/01/09506000134352/21/81ACDQQD26V9WCN41K`, { headers: { accept: "application/json" } });
    const body = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(body));
    seen.push([Date.now(), body.policy]);
    await pause(20);
  }
}

/** Lets time pass under load: the digests that were answered with at the end of it, and when each came first. */
async function pass(ms) {
  [seen, stopping] = [[], false];
  const began = Date.now();
  const loads = Array.from({ length: 4 }, load);
  await pause(ms);
  stopping = true;
  await Promise.all(loads);
  const end = seen.filter(([at]) => at > began + ms - 1500).map(([, policy]) => policy);
  return { began, all: [...new Set(seen.map(([, policy]) => policy))], end: [...new Set(end)] };
}

let checks = 0;
const told = (what) => console.log(`ok ${++checks} ${options.host}: ${what}`);

const plain = bundled();
const [base, a, b, c] = [10, 9, 8, 7].map((devices) => pack({ ...plain, figures: withDevices(plain.figures, devices) }));
host = await startHost();
try {
  assert.deepEqual((await pass(2000)).end, [base.digest], "the bundled pack is what the host was built with");
  told("nothing published: the bundled pack judges");

  const first = statement(a, 1);
  await put({ keyset: keyset(1) });
  await publish(a, first);
  const published = Date.now();
  const change = await pass(LOOK + 4000);
  assert.deepEqual(change.end, [a.digest]);
  assert(change.all.every((policy) => [base.digest, a.digest].includes(policy)));
  const times = seen.filter(([, policy]) => policy === a.digest).map(([at]) => at - published);
  const last = Math.max(0, ...seen.filter(([, policy]) => policy === base.digest).map(([at]) => at - published));
  told(`published under load: ${seen.length} answers, none failed; the first under it after ${Math.min(...times)} ms, the last before it after ${last} ms`);

  await publish(b, statement(b, 2));
  assert.deepEqual((await pass(LOOK + 4000)).end, [b.digest]);
  told("replaced by the next version");

  await put({ [CURRENT]: first });
  assert.deepEqual((await pass(LOOK + 4000)).all, [b.digest]);
  told("replayed: the version before does not come back");

  for (const [what, wrong] of [
    ["signed by a stranger", statement(c, 3, { key: stranger, kid: "policy-1" })],
    ["of another function", statement(c, 3, { function: "instant-refund" })],
    ["expired", statement(c, 3, { issued_at: Date.now() - DAY, not_before: Date.now() - DAY, expires_at: Date.now() - 1000 })],
    ["of an epoch that the key set does not know", statement(c, 1, { epoch: 7 })],
    ["torn", statement(c, 3).slice(0, 300)],
  ]) {
    await publish(c, wrong);
    assert.deepEqual((await pass(LOOK + 2000)).all, [b.digest], what);
    told(`refused: ${what}`);
  }

  await publish(c, statement(c, 3));
  const figures = c.list.find(({ name }) => name === "figures").sha256;
  await put({ [`policy/sections/${figures}`]: b.sections.figures });
  assert.deepEqual((await pass(LOOK + 2000)).all, [b.digest]);
  told("refused: a section of another version in the place of one");

  await put({ [CURRENT]: null, keyset: null, ...Object.fromEntries(Object.keys(sections(b)).map((key) => [key, null])) });
  await stop(host.child);
  host = await startHost();
  assert.deepEqual((await pass(3000)).all, [b.digest]);
  told("withheld, and started anew: from the first answer on it is the pack that was adopted");

  await put({ keyset: keyset(1) });
  await publish(a, statement(a, 4));
  assert.deepEqual((await pass(LOOK + 4000)).end, [a.digest]);
  told("rolled back by a statement of a higher version on the first pack");

  const jump = statement(c, 2 ** 53 - 1);
  await publish(c, jump);
  assert.deepEqual((await pass(LOOK + 4000)).end, [c.digest]);
  const clean = generateKeyPairSync("ed25519");
  const now = Date.now();
  const owner = { zh: "规则", en: "Rules" };
  const key = (kid, pair, revoked) => ({ kid, alg: "Ed25519", x: x(pair), use: ["policy"], owner, not_before: now - DAY, not_after: now + DAY, revoked });
  const keys = [key("policy-1", policyKey, { at: now, reason: "compromised" }), key("policy-2", clean, null)];
  await put({ keyset: keyset(2, { keys, policy_epoch: 1 }) });
  await publish(b, statement(b, 1, { epoch: 1, key: clean, kid: "policy-2" }));
  assert.deepEqual((await pass(LOOK + 4000)).end, [b.digest]);
  told("the jump of a stolen key is undone by its revocation: versions count anew in the next epoch");

  await put({ keyset: keyset(1), [CURRENT]: jump });
  assert.deepEqual((await pass(LOOK + 4000)).all, [b.digest]);
  told("the key set of before the revocation, and the jump, do not come back");

  const events = log.text.split("\n").filter((line) => line.includes("venditor.policy.v1"));
  for (const code of ["older", "bad_signature", "other_function", "expired", "other_epoch", "section_corrupt"]) {
    assert(events.some((line) => line.includes(`"${code}"`)), `no event says ${code}`);
  }
  told(`${events.length} events say what was adopted, and what was refused and why`);
} catch (error) {
  console.error(log.text.slice(-3000));
  throw error;
} finally {
  stopping = true;
  await stop(host.child);
  rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
