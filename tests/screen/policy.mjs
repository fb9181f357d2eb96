// A pack that is published reaches bot-screen where it answers questions and where it stands before the sample shop; and it
// is rolled back to the one that is built in.
//
//   node tests/screen/policy.mjs --dir DIR
//
//   --dir DIR     the folder of a running scripts/dev
//   --help        this
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { CHROME, ask, check, conclude, same, served } from "./tools.mjs";

const { values: options } = readOptions(import.meta.url, { options: { dir: { type: "string" } } });
if (!options.dir) wrong("--dir is wanted");
const dir = resolve(options.dir);
const { functions, shop } = served(dir);
const root = resolve(import.meta.dirname, "../..");
const venditor = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/venditor");
const own = mkdtempSync(join(tmpdir(), "venditor-policy-"));
const run = (...args) => execFileSync(venditor, ["--keys", join(dir, "keys"), ...args], { cwd: own, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const key = run("keys", "token", "--kid", "dev-edge").trim();

/** The digests that the two judge by. */
async function judgedBy() {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const told = await ask(functions, "/v1/screen", { method: "POST", headers, body: JSON.stringify({ method: "GET", url: "/" }) });
  const seen = await ask(shop, "/stream/echo-headers", { headers: { "user-agent": CHROME } });
  return [JSON.parse(told.body).policy, JSON.parse(seen.body).headers["venditor-policy"]];
}

/** Asks until both judge by a digest: hosts keep what they have read for a while. */
async function both(what, digest) {
  let seen;
  for (let tries = 0; tries < 120; tries++) {
    seen = await judgedBy();
    if (seen.every((one) => one === digest)) break;
    await new Promise((done) => setTimeout(done, 1000));
  }
  same(what, seen, [digest, digest]);
}

const publish = (...files) => run("publish", "--local", "--dev", join(dir, "dev.json"), ...files);
try {
  const [builtIn, atShop] = await judgedBy();
  same("both begin with the one that is built in", atShop, builtIn);
  const kid = `policy-${process.pid}`;
  run("keys", "new", "--use", "policy", "--kid", kid, "--owner-zh", "规则", "--owner-en", "Rules");
  cpSync(join(root, "functions/bot-screen/policy"), join(own, "bot-screen"), { recursive: true });
  const file = join(own, "bot-screen/policy.toml");
  const figures = readFileSync(file, "utf8");
  const changed = figures.replace(/^(retry_after_seconds = )\d+/m, `$1${31 + (process.pid % 1000)}`);
  check("a figure is changed", changed !== figures);
  writeFileSync(file, changed);
  const { policy } = JSON.parse(run("policy", "build", "bot-screen", "--out", "p.pack", "--json"));
  run("policy", "sign", "p.pack", "--key", kid, "--out", "s.dsse.json");
  const keyset = join(dir, "keys/keyset.dsse.json");
  publish(keyset, "p.pack", "s.dsse.json");
  await both("a pack that is published reaches both", policy);
  run("policy", "rollback", "--function", "bot-screen", "--to", builtIn, "--key", kid, "--out", "r.dsse.json");
  publish(keyset, "r.dsse.json");
  await both("and is rolled back to the one that is built in", builtIn);
} finally {
  rmSync(own, { recursive: true, force: true });
}
conclude();
