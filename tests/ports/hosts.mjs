// Serves the function on each host, with the seeded values in its key-value store.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");

/** Serves; `pid` is the process that does the work, `stop` ends it and removes what it kept. */
export async function host(name, origin) {
  const dir = mkdtempSync(join(tmpdir(), "venditor-ports-"));
  const kv = join(dir, "kv.db");
  const seeded = JSON.parse(execFileSync(join(target, "debug/examples/seed"), [kv], { maxBuffer: 1 << 28 }));
  const served = await { workers, spin }[name](dir, kv, origin, seeded.entries);
  const stop = async () => {
    await served.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  return { ...served, stop, sha256: seeded.sha256 };
}

// Gives the request the `cf` that its header says: nothing here comes through Cloudflare.
const WITH_CF = `import entry from "./entry.js";
export * from "./entry.js";
export default {
  fetch(request, env, ctx) {
    const cf = request.headers.get("x-test-cf");
    return entry.fetch(cf === null ? request : new Request(request, { cf: JSON.parse(cf) }), env, ctx);
  },
};`;

async function workers(_dir, _kv, origin, entries) {
  const { Miniflare } = await import("miniflare");
  const build = join(root, "tests/ports/build");
  const module = (type, file) => ({ type, path: join(build, file), contents: readFileSync(join(build, file)) });
  const before = children();
  const miniflare = new Miniflare({
    host: "127.0.0.1",
    port: await freePort(),
    cf: false,
    workers: [
      {
        name: "ports",
        compatibilityDate: "2026-04-26",
        modulesRoot: build,
        modules: [
          { type: "ESModule", path: join(build, "with-cf.js"), contents: WITH_CF },
          module("ESModule", "entry.js"),
          module("ESModule", "index.js"),
          module("CompiledWasm", "index_bg.wasm"),
        ],
        bindings: { PORTS_ORIGIN: origin },
        kvNamespaces: ["KV"],
        durableObjects: { SQL: { className: "Database", useSQLite: true } },
        ratelimits: { FLOOD: { simple: { limit: 3, period: 60 } } },
        unsafeDirectSockets: [{ host: "127.0.0.1", port: await freePort() }],
      },
    ],
  });
  const base = (await miniflare.unsafeGetDirectURL("ports")).origin;
  const namespace = await miniflare.getKVNamespace("KV", "ports");
  // A copy each: Buffer.from may give a view of a pool.
  for (const { key, value } of entries) await namespace.put(key, Uint8Array.from(Buffer.from(value, "base64")));
  const pid = children().find((pid) => !before.includes(pid) && name(pid).includes("workerd"));
  return { base, pid, stop: () => miniflare.dispose() };
}

async function spin(dir, kv, origin) {
  const port = await freePort();
  const manifest = join(dir, "spin.toml");
  const runtime = join(dir, "runtime.toml");
  writeFileSync(manifest, `spin_manifest_version = 2
[application]
name = "ports"
version = "0.0.0"
[[trigger.http]]
route = "/..."
component = "ports"
[component.ports]
source = "${join(target, "wasm32-wasip2/release/ports.wasm")}"
key_value_stores = ["ports"]
sqlite_databases = ["ports"]
allowed_outbound_hosts = ["${origin}"]
[component.ports.variables]
ports_origin = "${origin}"
`);
  writeFileSync(runtime, `[key_value_store.ports]
type = "spin"
path = "${kv}"
[sqlite_database.ports]
type = "spin"
path = "${join(dir, "sql.db")}"
`);
  const args = ["up", "--from", manifest, "--listen", `127.0.0.1:${port}`, "--state-dir", dir, "--runtime-config-file", runtime];
  const command = process.env.SPIN_BIN ?? join(target, "debug/spin-host");
  // A group of its own, as `spin up` may do its work in a child.
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (log = (log + chunk).slice(-4000)));
  const gone = new Promise((done) => child.once("exit", done));
  const base = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${command} ended:\n${log}`);
    if (await fetch(`${base}/.well-known/spin/health`).then((answer) => answer.ok, () => false)) break;
    await new Promise((done) => setTimeout(done, 100));
  }
  const stop = async () => {
    process.kill(-child.pid, "SIGTERM");
    const killed = setTimeout(() => process.kill(-child.pid, "SIGKILL"), 10_000);
    await gone;
    clearTimeout(killed);
  };
  return { base, pid: children(child.pid).at(-1) ?? child.pid, stop };
}

/** The largest that a process has been in memory, in bytes; undefined where there is no /proc. */
export function peak(pid) {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
  } catch {
    return undefined;
  }
}

function children(of = process.pid) {
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  const parent = (pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    } catch {
      return -1; // gone
    }
  };
  return pids.filter((pid) => parent(pid) === of).map(Number);
}

const name = (pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8");

async function freePort() {
  for (let port = 19420; port < 19500; port++) {
    const free = await new Promise((done) => {
      const server = createServer().once("error", () => done(false));
      server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
    });
    if (free && !given.has(port)) {
      given.add(port);
      return port;
    }
  }
  throw new Error("no free port from 19420 to 19499");
}
const given = new Set();
