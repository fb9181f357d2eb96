// Makes what a Worker consists of from the module that cargo built: entry.js, index.js, index_bg.wasm. The same steps as
// worker-build's, and the same bytes but for the names of functions, without building worker-build, whose helpers want downloads that many build
// machines cannot make.
import { spawnSync } from "node:child_process";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { entry } from "./entry.mjs";

const USAGE = `usage: node scripts/worker-bundle/bundle.mjs [options] MODULE.wasm OUT_DIR
Makes a Worker from the module that cargo built for wasm32-unknown-unknown: OUT_DIR/{entry.js,index.js,index_bg.wasm}.
Needs the built crate worker-bundle (cargo build --package worker-bundle) and the npm packages.

  --optimise LEVEL   what wasm-opt is given; -O3 by default
  --help             this`;

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");

// Explicit, as in worker-build: what rustc uses by default, and exceptions for wasm-bindgen's catching imports.
const FEATURES = [
  "mutable-globals",
  "sign-ext",
  "nontrapping-float-to-int",
  "bulk-memory",
  "multivalue",
  "reference-types",
  "exception-handling",
];

const { module, out, optimise } = parse(process.argv.slice(2));
rmSync(out, { recursive: true, force: true });
run(join(target, "debug/worker-bundle"), [module, out, sdkVersion()]);
const handlers = bundle();
writeFileSync(join(out, "entry.js"), entry(handlers));
optimiseModule();

function parse(args) {
  const wrong = (what) => {
    console.error(`error: ${what}\n${USAGE}`);
    process.exit(2);
  };
  const paths = [];
  let optimise = "-O3";
  while (args.length > 0) {
    const arg = args.shift();
    if (arg === "--help") {
      console.log(USAGE);
      process.exit(0);
    } else if (arg === "--optimise") optimise = args.shift() ?? wrong("--optimise wants a level");
    else if (arg.startsWith("-")) wrong(`unknown option ${arg}`);
    else paths.push(resolve(arg));
  }
  if (paths.length !== 2) wrong("a module and a folder are wanted");
  return { module: paths[0], out: paths[1], optimise };
}

/** The version of the `worker` crate, which must be the one that shim.js was written for. */
function sdkVersion() {
  const locked = /name = "worker"\nversion = "([^"]+)"/.exec(readFileSync(join(root, "Cargo.lock"), "utf8"))?.[1];
  const shim = /worker-build (\S+)/.exec(readFileSync(join(here, "shim.js"), "utf8"))?.[1];
  if (locked !== shim) {
    throw new Error(`shim.js is worker-build ${shim}'s and Cargo.lock has worker ${locked}: take over src/js/shim.js of worker-build ${locked}`);
  }
  return locked;
}

/** One file from wasm-bindgen's glue, its snippets and the shim. Returns the names of the module's handlers. */
function bundle() {
  const index = join(out, "index.js");
  const glue = readFileSync(index, "utf8");
  const names = (pattern) => [...glue.matchAll(pattern)].map(([, name, alias]) => name ?? alias);
  const system = ["__wbg_reset_state", "__worker_init_state"];
  const functions = names(/^export (?:async )?function\s*([^\s(]+)|^export \{[^}]* as (\w+)/gm).filter((name) => !system.includes(name));
  const methods = functions.map((name) =>
    ["fetch", "queue", "scheduled", "email", "connect"].includes(name)
      ? `Entrypoint.prototype.${name} = function ${name} (arg) {\n  return exports.${name}.call(this, arg, this.env, this.ctx);\n}\n`
      : `Entrypoint.prototype.${name} = exports.${name};\n`,
  );
  const classes = names(/^export class (\S+?)\s*\{/gm).map(
    (name) => `export const ${name} = new Proxy(exports.${name}, classProxyHooks);\n`,
  );
  const shim = join(out, "shim.js");
  writeFileSync(shim, readFileSync(join(here, "shim.js"), "utf8").replace("$HANDLERS", () => methods.join("")) + classes.join(""));
  buildSync({
    absWorkingDir: out,
    entryPoints: ["./shim.js"],
    outfile: "index.js",
    allowOverwrite: true,
    bundle: true,
    minify: true,
    format: "esm",
    external: ["./index_bg.wasm", "cloudflare:*"],
    logLevel: "warning",
  });
  // workerd hands over a compiled module for a plain import.
  writeFileSync(index, readFileSync(index, "utf8").replaceAll("import source ", "import "));
  rmSync(shim);
  rmSync(join(out, "snippets"), { recursive: true, force: true });
  return functions;
}

function optimiseModule() {
  const wasm = join(out, "index_bg.wasm");
  const better = join(out, "index_bg.opt.wasm");
  // A stack trace of a trap numbers functions; their names lie beside the module and are not sent along.
  const names = `--symbolmap=${join(out, "symbols.txt")}`;
  const features = FEATURES.map((feature) => `--enable-${feature}`);
  const tool = join(root, "node_modules/binaryen/bin/wasm-opt");
  run(process.execPath, [tool, wasm, "-o", better, optimise, ...features, names]);
  renameSync(better, wasm);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} failed`);
}
