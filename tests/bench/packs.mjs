// What published policy packs cost trace-verify: a warm request, an instance's first request, one request every two seconds,
// memory, and the way from publishing to the first answer under it; beside the bundled pack on the same host in the same
// run. Prints figures; asserts nothing about them.
//
//   node tests/bench/packs.mjs [--host workers|spin]… [--rounds N] [--seconds N]
//
// Packs are padded with texts that nothing asks for, in the one section of words: the largest section is nearly the whole.
import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readOptions } from "../../scripts/node/options.mjs";
import { freePort, pause, root, startHost as hostOf, target } from "../refund/hosts.mjs";
import { cpuSeconds, residentBytes, stop } from "../refund/processes.mjs";

const { values: options } = readOptions(import.meta.url, {
  options: {
    host: { type: "string", multiple: true, default: ["workers", "spin"] },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
  },
});
const rounds = Number(options.rounds);
const standIn = join(target, "release/spin-host");
if (existsSync(standIn)) process.env.SPIN_BIN ??= standIn;

const KB = 1000;
const packs = [["bundled", 0], ["50 KB", 50 * KB], ["4 MB", 4000 * KB], ["5 MB", 5000 * KB], ["20 MB", 20_000 * KB]];
const refused = "/01/09506000134352/21/81ZZZZZZZZZZZZZZZZ";
const secret = () => randomBytes(32).toString("base64url");
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** A folder of rules whose pack has about so many bytes. */
function padded(folder, bytes) {
  cpSync(join(root, "functions/trace-verify/policy"), folder, { recursive: true });
  const text = "x".repeat(480);
  const own = 36 * KB;
  let lines = "\n[filler]\n";
  for (let n = 0; n * 1010 < bytes - own; n++) lines += `t${n} = { zh = "${text}", en = "${text}" }\n`;
  appendFileSync(join(folder, "messages.toml"), lines);
}

async function measure(host, name, bytes) {
  const dir = mkdtempSync(join(tmpdir(), "venditor-packs-"));
  const log = { text: "" };
  const run = (...args) => execFileSync(join(target, "debug/venditor"), args, { cwd: dir, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  run("keys", "new", "--use", "root", "--kid", "root-1");
  run("keys", "new", "--use", "policy", "--kid", "policy-1", "--owner-zh", "规则", "--owner-en", "Rules");
  const variables = {
    TRACE_ROOT_KEY: JSON.parse(run("keys", "list", "--json")).roots,
    TRACE_MAC_KEYS: `1:${secret()}`,
    TRACE_DEVICE_SECRET: secret(),
  };
  let at;
  const begin = async () => {
    const port = await freePort();
    at = await hostOf({ host, name: "trace-verify", variables: { ...variables, TRACE_HOSTS: `127.0.0.1:${port}` }, dir, log, port });
    if (host === "spin") writeFileSync(join(dir, "dev.json"), JSON.stringify({ host, state: join(dir, "state") }));
  };
  const ask = async () => {
    const began = performance.now();
    const answer = await fetch(`${at.base}${refused}`, { headers: { accept: "application/json", connection: "close" } });
    const { policy } = await answer.json();
    if (answer.status !== 200) throw new Error(`${answer.status}\n${log.text.slice(-2000)}`);
    return { ms: performance.now() - began, policy };
  };
  const result = { host, name };
  try {
    await begin();
    if (bytes > 0) {
      padded(join(dir, "trace-verify"), bytes);
      const { policy, sections } = JSON.parse(run("policy", "build", "trace-verify", "--out", "p.pack", "--json"));
      result.bytes = sections.reduce((sum, section) => sum + section.bytes, 0);
      run("policy", "sign", "p.pack", "--key", "policy-1", "--out", "s.dsse.json");
      await ask();
      run("publish", ".venditor/keys/keyset.dsse.json", "p.pack", "s.dsse.json", "--local", "--dev", "dev.json");
      const published = performance.now();
      while ((await ask()).policy !== policy) {
        if (performance.now() - published > 90_000) throw new Error(`${name} is not adopted:\n${log.text.slice(-2000)}`);
        await pause(200);
      }
      result.adopted = performance.now() - published;
    }
    await load(at, 1);
    const loads = [];
    for (let n = 0; n < rounds; n++) loads.push(await load(at, Number(options.seconds)));
    result.rate = median(loads.map(({ rate }) => rate));
    result.cpu = median(loads.map(({ cpu }) => cpu));
    result.memory = residentBytes(at.child);
    result.spaced = [];
    for (let n = 0; n < 5; n++) {
      await pause(2000);
      result.spaced.push((await ask()).ms);
    }
    [result.first, result.second] = [[], []];
    for (let n = 0; n < 5; n++) {
      await stop(at.child);
      await begin(); // asks after its health: the instance is up, and has not judged anything
      result.first.push((await ask()).ms);
      result.second.push((await ask()).ms);
    }
  } finally {
    await stop(at?.child);
    rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
  return result;
}

// Not at once: the host's events must be read meanwhile, or it waits for that.
async function load({ base, child }, seconds) {
  const before = cpuSeconds(child);
  const args = ["-t1", "-c16", `-d${seconds}s`, "-H", "accept: application/json", `${base}${refused}`];
  const { stdout: text } = await promisify(execFile)("wrk", args);
  if (text.includes("Non-2xx")) throw new Error(text);
  const requests = Number(/(\d+) requests in/.exec(text)[1]);
  return { rate: requests / seconds, cpu: (1e6 * (cpuSeconds(child) - before)) / requests };
}

for (const host of options.host) {
  console.log(`\n${host}: refused code; medians of ${rounds} runs of ${options.seconds} s, of 5 first and 5 spaced requests`);
  console.log("  pack      bytes      req/s   CPU us/req  (more)  first ms  second ms  every 2 s ms  memory MB  published to first ms");
  let bundled;
  for (const [name, bytes] of packs) {
    const r = await measure(host, name, bytes);
    bundled ??= r;
    const figures = [
      String(r.bytes ?? "").padStart(9), r.rate.toFixed(0).padStart(10), r.cpu.toFixed(0).padStart(11), `(${(r.cpu - bundled.cpu).toFixed(0)})`.padStart(8),
      median(r.first).toFixed(1).padStart(8), median(r.second).toFixed(1).padStart(10), median(r.spaced).toFixed(1).padStart(13),
      (r.memory / 1e6).toFixed(0).padStart(10), (r.adopted === undefined ? "" : r.adopted.toFixed(0)).padStart(15),
    ];
    console.log(`  ${name.padEnd(8)}${figures.join(" ")}`);
  }
}
