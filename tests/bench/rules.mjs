// A large pack of bot-screen, made, signed and published as an operator's is: 5,000 rules, of which 50 ask for nothing that
// they could be looked up by, and 200,000 ranges of addresses. None of them matches what screen.mjs asks about, so the
// answer is the same as by the bundled pack, and what the pack costs is looking for what matches.
import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const target = resolve(process.env.CARGO_TARGET_DIR ?? join(root, "target"));

const RULES = 5000;
const WITHOUT = 50;
const RANGES = 200_000;

/** What a rule asks for, by its number: the first cannot be looked up, the others can. */
function condition(n) {
  const name = n.toString(36).padStart(4, "0");
  if (n < WITHOUT) {
    return [
      `header("user-agent") contains "~${n % 10}"`,
      `header("x-bench-${name}")`,
      `asn > ${4_200_000_000 + n} and bot_score < 30`,
      `visit.pages > ${900 + n} and not hints.agree`,
      `not (path contains "/") and not (query == "${name}")`,
    ][n % 5];
  }
  return [
    `path == "/p/${name}"`,
    `path in ["/sale/${name}", "/coupon/${name}"] and method == "POST"`,
    `ja4 == "t13d1516h2_${name}"`,
    `agent.name == "Agent ${name}" and action in ["login", "checkout"]`,
    `host == "${name}.shop.example" and not header("accept")`,
    `header("user-agent") contains "Bot${name}"`,
    `path starts_with "/z${name}/"`,
    `path ends_with ".${name}"`,
    `asn == ${64_000 + n} and bot_score < 30`,
    `query contains "id=${name}"`,
  ][n % 10];
}

function folder(into) {
  cpSync(join(root, "functions/bot-screen/policy"), into, { recursive: true });
  const own = readFileSync(join(into, "rules.toml"), "utf8").match(/^\[\[rule\]\]$/gm).length;
  let rules = "";
  for (let n = 0; n < RULES - own; n++) {
    rules += `\n[[rule]]\ncode = "bench-${n}"\nwhen = '${condition(n)}'\nweight = 10\nzh = "规则"\nen = "A rule"\n`;
  }
  appendFileSync(join(into, "rules.toml"), rules);
  // Every second /28 from 11.0.0.0 on.
  let ranges = "";
  for (let n = 0; n < RANGES; n++) {
    const at = 0x0b000000 + n * 32;
    ranges += `${at >>> 24}.${(at >>> 16) & 255}.${(at >>> 8) & 255}.${at & 255}/28\n`;
  }
  writeFileSync(join(into, "ranges/bench.csv"), ranges);
  appendFileSync(
    join(into, "ranges.toml"),
    `\n[[group]]\ncode = "data_centre"\nkind = "class"\nsource = "made up"\ndate = "2026-01-01"\nfile = "ranges/bench.csv"\n`,
  );
}

/** Makes the pack in a folder: who signs it, its digest, its values, and how they come into a store of Spin. */
export function largePack(dir) {
  mkdirSync(dir, { recursive: true });
  const run = (...args) =>
    execFileSync(join(target, "debug/venditor"), args, { cwd: dir, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  run("keys", "new", "--use", "root", "--kid", "root-1");
  run("keys", "new", "--use", "policy", "--kid", "policy-1", "--owner-zh", "规则", "--owner-en", "Rules");
  folder(join(dir, "bot-screen"));
  const { policy, sections } = JSON.parse(run("policy", "build", "bot-screen", "--out", "p.pack", "--json"));
  run("policy", "sign", "p.pack", "--key", "policy-1", "--out", "s.dsse.json");
  const what = [".venditor/keys/keyset.dsse.json", "p.pack", "s.dsse.json"];
  run("publish", ...what, "--bulk", "values.json", "--unread");
  const values = JSON.parse(readFileSync(join(dir, "values.json"), "utf8"));
  return {
    policy,
    bytes: sections.reduce((sum, section) => sum + section.bytes, 0),
    variables: { SCREEN_ROOT_KEY: JSON.parse(run("keys", "list", "--json")).roots },
    values: new Map(values.map(({ key, value }) => [key, Buffer.from(value, "base64")])),
    intoSpin: (runtime) => run("publish", ...what, "--spin", runtime, "--store", "bot-screen"),
  };
}

/** Serves values to workerd, as its KV asks for them. */
export function serveValues(values, port) {
  const server = createServer((request, response) => {
    const key = decodeURIComponent(new URL(request.url, "http://kv").pathname.slice(1));
    const value = values.get(key);
    response.writeHead(value ? 200 : 404).end(value);
  });
  server.listen(port, "127.0.0.1");
  server.unref();
  return server;
}
