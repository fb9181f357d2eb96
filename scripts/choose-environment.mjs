// The default environment of wrangler.toml. It has no Worker: each function is an environment of its own.
import { readdirSync } from "node:fs";

const functions = readdirSync(new URL("../functions/", import.meta.url));
console.error(`choose an environment: --env ${functions.join(" | ")}`);
process.exit(1);
