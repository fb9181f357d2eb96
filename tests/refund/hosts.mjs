// One function on a host of this machine, as an operator would start it: Workers through scripts/workers-host.mjs, Spin
// from spin.toml with `spin-host` or SPIN_BIN.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { spawnGroup } from "./processes.mjs";

export const root = resolve(import.meta.dirname, "../..");
export const target = resolve(process.env.CARGO_TARGET_DIR ?? join(root, "target"));
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Variables without which Spin starts no component. */
const REQUIRED = [
  "TRACE_HOSTS", "TRACE_ROOT_KEY", "TRACE_MAC_KEYS", "TRACE_DEVICE_SECRET",
  "REFUND_CALLERS", "REFUND_RECEIPT_KEY", "REFUND_LOG_SECRET", "REFUND_NOTIFY_ORIGIN",
];

export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Starts a program in a group of its own; what it prints is added to `log.text`. */
export function start(command, args, log) {
  const child = spawnGroup(command, args, { cwd: root, stdio: ["pipe", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log.text += chunk));
  return child;
}

async function answers(url, child, log) {
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`the host ended:\n${log.text.slice(-2000)}`);
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2000) });
      await answer.arrayBuffer();
      return;
    } catch {
      await pause(100);
    }
  }
  throw new Error(`${url} does not answer:\n${log.text.slice(-2000)}`);
}

/** Starts a host, on the state that an earlier one has left in `dir`; on Workers `dir/dev.json` says how to control it. */
export async function startHost({ host, name, variables, dir, log, port }) {
  const state = join(dir, "state");
  mkdirSync(state, { recursive: true });
  let child;
  if (host === "workers") {
    const file = join(dir, "workers.vars");
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${JSON.stringify(value)}\n`);
    writeFileSync(file, lines.join(""), { mode: 0o600 });
    const args = [join(root, "scripts/workers-host.mjs"), "--only", name, "--port", `${port}`, "--vars-file", file];
    args.push("--state-dir", state, "--dev-file", join(dir, "dev.json"));
    child = start("node", args, log);
  } else {
    const given = { ...Object.fromEntries(REQUIRED.map((name) => [name, "x"])), ...variables };
    const lower = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]);
    const [file, runtime] = [join(dir, "variables.json"), join(state, "runtime.toml")];
    writeFileSync(file, JSON.stringify(Object.fromEntries(lower)), { mode: 0o600 });
    writeFileSync(runtime, execFileSync(join(root, "scripts/spin-runtime"), [state]));
    const args = ["up", "--from", join(root, "spin.toml"), "--listen", `127.0.0.1:${port}`, "--state-dir", state];
    args.push("--runtime-config-file", runtime, "--variable", `@${file}`);
    child = start(process.env.SPIN_BIN ?? join(target, "debug/spin-host"), args, log);
  }
  const base = `http://127.0.0.1:${port}`;
  await answers(`${base}/healthz/${name}`, child, log);
  return { child, base };
}

/** Starts the test gateways: the process, and the variables that lead a function to them. */
export async function startGateways(dir, log) {
  const vars = join(dir, "gateways.vars");
  const child = start(join(target, "debug/gateways"), ["--vars", vars], log);
  for (let tries = 0; ; tries++) {
    try {
      const lines = readFileSync(vars, "utf8").trim().split("\n").map((line) => /^(\w+)=(.*)$/.exec(line));
      const values = lines.map(([, name, value]) => [name, value.startsWith('"') ? JSON.parse(value) : value.replace(/^'|'$/g, "")]);
      return { child, variables: Object.fromEntries(values) };
    } catch {
      if (tries >= 300) throw new Error(`the gateways do not start:\n${log.text.slice(-2000)}`);
      await pause(100);
    }
  }
}
