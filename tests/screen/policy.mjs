// A pack that is published reaches bot-screen where it answers questions and where it stands before the sample shop; and it
// is rolled back to the one that is built in.
//
//   node tests/screen/policy.mjs --dir DIR
//
//   --dir DIR     the folder of a running scripts/dev
//   --help        this
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { operator } from "./packs.mjs";
import { check, conclude, same } from "./tools.mjs";

const { values: options } = readOptions(import.meta.url, { options: { dir: { type: "string" } } });
if (!options.dir) wrong("--dir is wanted");
const { rules, judgedBy, inForce, back, end } = operator(resolve(options.dir));
try {
  const [builtIn, atShop] = await judgedBy();
  same("both begin with the one that is built in", atShop, builtIn);
  const file = join(rules, "policy.toml");
  const figures = readFileSync(file, "utf8");
  const changed = figures.replace(/^(retry_after_seconds = )\d+/m, `$1${31 + (process.pid % 1000)}`);
  check("a figure is changed", changed !== figures);
  writeFileSync(file, changed);
  await inForce("a pack that is published reaches both");
  await back("and is rolled back to the one that is built in", builtIn);
} finally {
  end();
}
conclude();
