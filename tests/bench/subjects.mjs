// What is measured, on each host, and the empty functions beside it.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import * as listing from "./listing.mjs";
import * as quote from "./quote.mjs";
import * as screen from "./screen.mjs";

const root = resolve(import.meta.dirname, "../..");
const target = resolve(process.env.CARGO_TARGET_DIR ?? join(root, "target"));

// A well-formed label URL of a key that is ours (layout 1, key 1) with a tag that is not: the most expensive refusal there is.
const refused = "/01/09506000134352/21/81ZZZZZZZZZZZZZZZZ";
const json = { accept: "application/json", "user-agent": "bench" };

function variables(port, component = "trace-verify") {
  if (component === "instant-refund") return quote.variables();
  if (component === "listing-check") return listing.variables();
  if (component === "bot-screen") return screen.variables();
  const secret = () => randomBytes(32).toString("base64url");
  return {
    TRACE_HOSTS: `127.0.0.1:${port}`,
    // Any valid public key: the refusal path never uses it. This is the base point of Ed25519 (RFC 8032 §5.1).
    TRACE_ROOT_KEY: `bench:${Buffer.from("58" + "66".repeat(31), "hex").toString("base64url")}`,
    TRACE_MAC_KEYS: `1:${secret()}`,
    TRACE_DEVICE_SECRET: secret(),
  };
}

// ---- Workers: workerd itself, without Miniflare's proxy ------------------------------------------------------

/** `only`: the functions that are measured; all of them if it is left out. */
export function workersSubjects(dir, only) {
  const base = 9300 + (process.pid % 120) * 8;
  const empty = join(root, "tests/bench/empty/build");
  const build = (name) => join(root, "functions", name, "build");
  // Embedded files are named relative to the configuration, so they are copied beside it.
  const module = (name, kind, file) => {
    const copy = `${basename(resolve(file, "../.."))}-${basename(file)}`;
    copyFileSync(file, join(dir, copy));
    return `(name = "${name}", ${kind} = embed "${copy}")`;
  };
  const wasmModule = (build) => module("index_bg.wasm", "wasm", join(build, "index_bg.wasm"));
  writeFileSync(join(dir, "empty.js"), `export default { fetch() { return new Response("hello"); } };\n`);
  const subject = (name, port, worker, extra = {}) => {
    const file = join(dir, `${name.replaceAll(/\W+/g, "-")}.capnp`);
    writeFileSync(file, capnp(port, worker));
    const url = `http://127.0.0.1:${port}${extra.path ?? refused}`;
    return { name, url, status: 200, headers: json, command: [workerd(), "serve", file], ...extra };
  };
  const ours = (name, what, port, extra = {}) => {
    if (only && !only.includes(name)) return undefined;
    const files = build(name);
    const bindings = Object.entries(variables(port, name)).map(([n, v]) => `(name = "${n}", text = ${JSON.stringify(v)})`);
    const worker = `(modules = [${module("entry.js", "esModule", join(files, "entry.js"))}, ${module("./index.js", "esModule", join(files, "index.js"))}, ${wasmModule(files)}],
      ${date}, bindings = [${bindings}, (name = "SQL", durableObjectNamespace = "Database")],
      durableObjectNamespaces = [(className = "Database", uniqueKey = "bench", enableSql = true)],
      durableObjectStorage = (inMemory = void))`;
    return subject(`${name}, ${what}`, port, worker, { wasm: join(files, "index_bg.wasm"), base: ["empty Rust", "empty JavaScript"], ...extra });
  };
  const emptyJs = (name, port, extra) =>
    subject(name, port, `(modules = [${module("entry.js", "esModule", join(dir, "empty.js"))}], ${date})`, extra);
  const emptyRust = (name, port, extra) =>
    subject(name, port, `(modules = [${module("index.js", "esModule", join(empty, "index.js"))}, ${wasmModule(empty)}], ${date})`, {
      wasm: join(empty, "index_bg.wasm"),
      ...extra,
    });
  // A host takes longer over a request with a browser's header fields, whoever answers it: the empty ones are asked the same.
  const view = { path: "/v1/screen", request: screen.request };
  const same = only && !only.includes("bot-screen") ? [] : [
    emptyJs("empty JavaScript, page view", base + 6, view),
    emptyRust("empty Rust, page view", base + 7, { ...view, wasm: undefined, base: ["empty JavaScript, page view"] }),
  ];
  return [
    emptyJs("empty JavaScript", base),
    emptyRust("empty Rust", base + 1, { base: ["empty JavaScript"] }),
    ours("trace-verify", "refused code", base + 2),
    ours("instant-refund", "quote", base + 3, { path: "/v1/refunds/quote", request: quote.request }),
    ours("listing-check", "ordinary listing", base + 4, { path: "/v1/listings/check", request: listing.request }),
    ...same,
    ours("bot-screen", "page view", base + 5, {
      ...view,
      status: 204,
      base: ["empty Rust", "empty JavaScript", "empty Rust, page view", "empty JavaScript, page view"],
    }),
  ];
}

const date = `compatibilityDate = "2026-04-01"`;

function capnp(port, worker) {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .subject)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const subject :Workerd.Worker = ${worker};
`;
}

function workerd() {
  const scope = join(root, "node_modules/@cloudflare");
  const platform = readdirSync(scope).find((name) => name.startsWith("workerd-"));
  return join(scope, platform, "bin/workerd");
}

// ---- Spin: the real one where SPIN_BIN names it, else the stand-in ----------------------------------------------

export function spinSubjects(dir, only) {
  const base = 9300 + 960 + (process.pid % 120) * 6;
  const wasm = (name) => join(target, "wasm32-wasip2/release", `${name}.wasm`);
  const subject = (name, port, component, wasmFile, extra) => {
    if (only && component !== "empty" && !only.includes(component)) return undefined;
    const manifest = join(dir, `${component}.toml`);
    const values = component === "empty" ? {} : variables(port, component);
    writeFileSync(manifest, spinToml(component, wasmFile, Object.keys(values)));
    const env = Object.fromEntries(Object.entries(values).map(([n, v]) => [`SPIN_VARIABLE_${n}`, v]));
    const state = join(dir, `state-${component}`);
    mkdirSync(state, { recursive: true });
    writeFileSync(join(state, "runtime.toml"), execFileSync(join(root, "scripts/spin-runtime"), [state]));
    const command = spinUp(manifest, port, state);
    const url = `http://127.0.0.1:${port}${extra.path ?? refused}`;
    return { name, url, status: 200, headers: json, command, env, wasm: wasmFile, ...extra };
  };
  return [
    subject("empty component", base, "empty", wasm("empty"), {}),
    subject("trace-verify, refused code", base + 1, "trace-verify", wasm("trace_verify"), { base: ["empty component"] }),
    subject("instant-refund, quote", base + 2, "instant-refund", wasm("instant_refund"), {
      base: ["empty component"],
      path: "/v1/refunds/quote",
      request: quote.request,
    }),
    subject("listing-check, ordinary listing", base + 3, "listing-check", wasm("listing_check"), {
      base: ["empty component"],
      path: "/v1/listings/check",
      request: listing.request,
    }),
    ...(only && !only.includes("bot-screen") ? [] : [
      subject("empty component, page view", base + 5, "empty", wasm("empty"), { path: "/v1/screen", request: screen.request, wasm: undefined }),
    ]),
    subject("bot-screen, page view", base + 4, "bot-screen", wasm("bot_screen"), {
      base: ["empty component", "empty component, page view"],
      path: "/v1/screen",
      request: screen.request,
      status: 204,
    }),
  ];
}

function spinUp(manifest, port, state) {
  const shared = ["up", "--listen", `127.0.0.1:${port}`, "--state-dir", state, "--quiet"];
  const runtime = ["--runtime-config-file", join(state, "runtime.toml")];
  if (process.env.SPIN_BIN) return [process.env.SPIN_BIN, ...shared, "--from", manifest, ...runtime];
  const standIn = join(target, "release/spin-host");
  if (!existsSync(standIn)) throw new Error(`${standIn} is not built: run scripts/bench`);
  return [standIn, ...shared, "--from", manifest, ...runtime];
}

function spinToml(component, wasm, names) {
  const lower = names.map((n) => n.toLowerCase());
  return `spin_manifest_version = 2
[application]
name = "bench"
version = "0.0.0"
[variables]
${lower.map((n) => `${n} = { required = true }`).join("\n")}
[[trigger.http]]
route = "/..."
component = "${component}"
[component.${component}]
source = "${wasm}"
${component === "empty" ? "" : `key_value_stores = ["${component}"]\nsqlite_databases = ["${component}"]`}
[component.${component}.variables]
${lower.map((n) => `${n} = "{{ ${n} }}"`).join("\n")}
`;
}
