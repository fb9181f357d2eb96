// Turns a variables file (see workers-host/vars.mjs) into one for `spin up --variable @FILE.json`, which its owner alone
// can read.
//
//   node scripts/spin-variables.mjs FILE OUT.json
//
//   --help    this
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { readOptions, wrong } from "./node/options.mjs";
import { readVars } from "./workers-host/vars.mjs";

const [file, out] = readOptions(import.meta.url, { options: {}, allowPositionals: true }).positionals;
if (!out?.endsWith(".json")) wrong("FILE OUT.json are wanted: Spin knows formats by the name's ending");
const lower = Object.entries(readVars(file)).map(([name, value]) => [name.toLowerCase(), value]);
const temporary = `${out}.tmp`;
rmSync(temporary, { force: true }); // a leftover may have other permissions
writeFileSync(temporary, `${JSON.stringify(Object.fromEntries(lower))}\n`, { mode: 0o600, flag: "wx" });
renameSync(temporary, out);
