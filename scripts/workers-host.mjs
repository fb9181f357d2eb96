// Serves the built Workers on one local port, in the real runtime (workerd, through Miniflare), for development and for
// the contract tests. Bindings are what wrangler.toml declares; routes are those of spin.toml.
//
//   node scripts/workers-host.mjs [options]
//     --port N           where to serve; 0, the default, takes a free port
//     --control-port N   a second loopback port, to seed and inspect state: POST /kv, GET /kv/<key>, POST /sql
//     --only NAME        serve this function only; may be repeated
//     --everything NAME  serve this function only, at every path: as it stands before an origin
//     --state-dir DIR    keep KV and Durable Objects here; in memory without it
//     --vars-file FILE   NAME="value" lines (see workers-host/vars.mjs); each Worker is given the names with its prefix
//     --dev-file FILE    once ready, write the URLs and the control token here
//     --beside FILE      the development file of another such host: what is published here is published there, too
//     --contract         obey x-contract-* headers (see contract-entry.mjs), take variables from --vars-file only, and
//                        stop when standard input ends
//     --quiet            drop what the Workers print
//     --help             this
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import { readOptions } from "./node/options.mjs";
import { serveControl } from "./workers-host/control.mjs";
import { readVars } from "./workers-host/vars.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const { values: options } = readOptions(import.meta.url, {
  options: {
    port: { type: "string", default: "0" },
    "control-port": { type: "string", default: "0" },
    only: { type: "string", multiple: true },
    everything: { type: "string" },
    "state-dir": { type: "string" },
    "vars-file": { type: "string" },
    "dev-file": { type: "string" },
    beside: { type: "string" },
    contract: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
  },
});

const { everything } = options;
const routes = everything ? [["/...", everything]] : readRoutes(readFileSync(join(root, "spin.toml"), "utf8"));
const functions = options.only ?? [...new Set(routes.map(([, name]) => name))];
const given = options["vars-file"] ? readVars(options["vars-file"]) : {};

const miniflare = new Miniflare({
  host: "127.0.0.1", // Miniflare's own entrance. Unused: it rewrites URLs and headers on the way
  port: 0,
  cf: false,
  defaultPersistRoot: options["state-dir"] && resolve(options["state-dir"]),
  handleRuntimeStdio(stdout, stderr) {
    if (options.quiet) stdout.resume();
    else stdout.pipe(process.stdout, { end: false });
    stderr.pipe(process.stderr, { end: false });
  },
  workers: [router(), ...functions.map(worker)],
});

/** `[[trigger.http]]` tables of spin.toml, longest route first. */
function readRoutes(manifest) {
  const found = [...manifest.matchAll(/\[\[trigger\.http\]\]\s*route = "([^"]+)"\s*component = "([^"]+)"/g)];
  if (found.length === 0) throw new Error("spin.toml: no [[trigger.http]] with route and component");
  return found.map(([, route, name]) => [route, name]).sort(([a], [b]) => b.length - a.length);
}

/** The only Worker with a port. Reached straight from the socket, so that URL and headers stay as the client sent them. */
function router() {
  return {
    name: "router",
    compatibilityDate: "2026-04-26",
    modules: [
      { type: "ESModule", path: "router.mjs", contents: readFileSync(join(root, "scripts/workers-host/router.mjs")) },
    ],
    bindings: { ROUTES: routes, TRUST_CLIENT: options.contract },
    serviceBindings: Object.fromEntries(functions.map((name) => [name, name])),
    unsafeDirectSockets: [{ host: "127.0.0.1", port: Number(options.port) }],
  };
}

function worker(name) {
  const config = unstable_readConfig({ config: join(root, "wrangler.toml"), env: name }, { hideWarnings: true });
  const { workerOptions } = unstable_getMiniflareWorkerOptions({ ...config, secrets: undefined }, name, { envFiles: [] });
  // What it declares, and whatever else has its prefix (REFUND_…): secrets that it can do without.
  const declared = [...Object.keys(config.vars), ...(config.secrets?.required ?? [])];
  const prefixes = new Set(declared.map((key) => key.slice(0, key.indexOf("_") + 1)));
  const its = (key) => [...prefixes].some((prefix) => key.startsWith(prefix));
  const build = dirname(config.main);
  const module = (type, file) => ({ type, path: join(build, file), contents: readFileSync(join(build, file)) });
  const modules = [module("ESModule", "entry.js"), module("ESModule", "index.js"), module("CompiledWasm", "index_bg.wasm")];
  if (options.contract) {
    const contents = readFileSync(join(root, "scripts/workers-host/contract-entry.mjs"));
    modules.unshift({ type: "ESModule", path: join(build, "contract.js"), contents });
  }
  return {
    ...workerOptions,
    name,
    modulesRules: undefined,
    modulesRoot: build,
    modules,
    bindings: {
      ...(options.contract ? {} : workerOptions.bindings),
      ...Object.fromEntries(Object.entries(given).filter(([key]) => its(key))),
    },
  };
}

async function start() {
  const url = (await miniflare.unsafeGetDirectURL("router")).origin;
  const token = randomBytes(16).toString("hex");
  const control = await serveControl(miniflare, functions, token, Number(options["control-port"]));
  if (options["dev-file"]) {
    const file = resolve(options["dev-file"]);
    mkdirSync(dirname(file), { recursive: true });
    const beside = options.beside && resolve(options.beside);
    const told = { host: "workers", url, control: control.url, token, functions, beside };
    writeFileSync(`${file}.new`, JSON.stringify(told), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  console.error(`workers: ${functions.join(", ")} on ${url}`);
  return control;
}

async function stop(code) {
  if (options["dev-file"]) rmSync(options["dev-file"], { force: true });
  control?.close();
  await miniflare.dispose();
  process.exit(code);
}

let control;
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) {
  process.removeAllListeners(signal); // Miniflare's own would exit before the runtime has stopped
  process.once(signal, () => stop(0));
}
if (options.contract) process.stdin.resume().once("end", () => stop(0));
try {
  control = await start();
} catch (error) {
  console.error(`workers: ${error.message}`);
  await stop(1);
}
