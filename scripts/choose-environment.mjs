// The default environment of wrangler.toml. It has no Worker: each function is an environment of its own.
//
//   node scripts/choose-environment.mjs      names the environments, and fails
//
//   --help    this
import { existsSync, readdirSync } from "node:fs";
import { readOptions } from "./node/options.mjs";

readOptions(import.meta.url, { options: {} });
const folder = new URL("../functions/", import.meta.url);
const functions = readdirSync(folder).filter((name) => existsSync(new URL(`${name}/Cargo.toml`, folder)));
console.error(`choose an environment: --env ${functions.join(" | ")}`);
process.exit(1);
