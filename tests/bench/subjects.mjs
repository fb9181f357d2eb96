// What is measured, on each host, and the empty functions beside it.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import * as listing from "./listing.mjs";
import * as quote from "./quote.mjs";
import { largePack, serveValues } from "./rules.mjs";
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

/** `only`: the functions that are measured; all of them if it is left out. `large`: also bot-screen with a large pack. */
export function workersSubjects(dir, { only, large }) {
  const base = 9300 + (process.pid % 80) * 13;
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
    writeFileSync(file, capnp(port, worker, extra.services));
    const url = `http://127.0.0.1:${port}${extra.path ?? refused}`;
    return { name, url, status: 200, headers: json, command: [workerd(), "serve", file], ...extra };
  };
  const ours = (name, what, port, extra = {}) => {
    if (only && !only.includes(name)) return undefined;
    const files = build(name);
    const values = { ...variables(port, name), ...extra.variables };
    const bindings = Object.entries(values).map(([n, v]) => `(name = "${n}", text = ${JSON.stringify(v)})`);
    if (extra.kv) bindings.push(`(name = "KV", kvNamespace = "kv")`);
    const worker = `(modules = [${module("entry.js", "esModule", join(files, "entry.js"))}, ${module("./index.js", "esModule", join(files, "index.js"))}, ${wasmModule(files)}],
      ${date}, bindings = [${bindings}, (name = "SQL", durableObjectNamespace = "Database")],
      durableObjectNamespaces = [(className = "Database", uniqueKey = "bench", enableSql = true)],
      durableObjectStorage = (${extra.kv ? `localDisk = "objects"` : "inMemory = void"}))`;
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
  // Inline: on the way to an origin, beside a Worker that does nothing but pass requests on. The origin is an empty one.
  const inline = { path: screen.view, request: screen.browser, services: LOOPBACK };
  const origin = `http://127.0.0.1:${base + 8}`;
  const passes = `export default { fetch(request) { const { pathname, search } = new URL(request.url); return fetch("${origin}" + pathname + search, request); } };`;
  writeFileSync(join(dir, "passes.js"), `${passes}\n`);
  const onward = !same.length ? [] : [
    emptyJs("origin", base + 8),
    subject("pass-through JavaScript", base + 9, `(modules = [${module("entry.js", "esModule", join(dir, "passes.js"))}], ${date})`, inline),
    ours("bot-screen", "inline", base + 10, { ...inline, variables: { SCREEN_ORIGIN: origin }, base: ["pass-through JavaScript"] }),
  ];
  // What is in memory has no SQL, without which no pack is adopted.
  const objects = join(dir, "objects");
  mkdirSync(objects, { recursive: true });
  const published = large && same.length ? [largeScreen(dir, base + 11, (extra) =>
    ours("bot-screen", "page view, large pack", base + 12, {
      ...view,
      status: 204,
      ...extra,
      kv: true,
      services: `(name = "kv", external = (address = "127.0.0.1:${base + 11}", http = ())), (name = "objects", disk = (path = "${objects}", writable = true)),`,
      base: ["bot-screen, page view"],
    }))] : [];
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
    ...published,
    ...onward,
  ];
}

/** bot-screen with a pack that is published to it: measured once it answers by it. */
function largeScreen(dir, port, ours) {
  const pack = largePack(join(dir, "large"));
  if (port) serveValues(pack.values, port);
  const subject = ours({ variables: pack.variables }, pack);
  return { ...subject, ready: () => answersBy(subject, pack.policy) };
}

async function answersBy(subject, policy) {
  for (const began = performance.now(); performance.now() - began < 90_000; ) {
    const answer = await fetch(subject.url, { headers: subject.request().headers });
    if (answer.headers.get("venditor-policy") === policy) return;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`${subject.name}: its pack is not adopted`);
}

/** Without it workerd fetches from no address of this machine. */
const LOOPBACK = `(name = "internet", network = (allow = ["public", "private"])),`;

const date = `compatibilityDate = "2026-04-01"`;

function capnp(port, worker, services = "") {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [${services} (name = "main", worker = .subject)],
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

export function spinSubjects(dir, { only, large }) {
  const base = 10_400 + (process.pid % 80) * 8;
  const wasm = (name) => join(target, "wasm32-wasip2/release", `${name}.wasm`);
  const subject = (name, port, component, wasmFile, extra) => {
    if (only && component !== "empty" && !only.includes(component)) return undefined;
    const place = `${component}${extra.place ?? ""}`;
    const manifest = join(dir, `${place}.toml`);
    const values = component === "empty" ? {} : { ...variables(port, component), ...extra.variables };
    writeFileSync(manifest, spinToml(component, wasmFile, Object.keys(values)));
    const env = Object.fromEntries(Object.entries(values).map(([n, v]) => [`SPIN_VARIABLE_${n}`, v]));
    const state = join(dir, `state-${place}`);
    mkdirSync(state, { recursive: true });
    writeFileSync(join(state, "runtime.toml"), execFileSync(join(root, "scripts/spin-runtime"), [state]));
    const command = spinUp(manifest, port, state);
    const url = `http://127.0.0.1:${port}${extra.path ?? refused}`;
    extra.publish?.(join(state, "runtime.toml"));
    return { name, url, status: 200, headers: json, command, env, wasm: wasmFile, ...extra };
  };
  const view = { path: "/v1/screen", request: screen.request, status: 204 };
  const screened = !only || only.includes("bot-screen");
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
    ...(screened ? [subject("empty component, page view", base + 5, "empty", wasm("empty"), { ...view, status: 200, wasm: undefined })] : []),
    subject("bot-screen, page view", base + 4, "bot-screen", wasm("bot_screen"), {
      ...view,
      base: ["empty component", "empty component, page view"],
    }),
    ...(large && screened ? [largeScreen(dir, undefined, ({ variables }, pack) =>
      subject("bot-screen, page view, large pack", base + 6, "bot-screen", wasm("bot_screen"), {
        ...view,
        variables,
        place: "-large",
        publish: pack.intoSpin,
        base: ["bot-screen, page view"],
      }))] : []),
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
