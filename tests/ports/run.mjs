// Every check of tests/ports on one host.
//
//   node tests/ports/run.mjs --host workers|spin [--only TEXT]
import { parseArgs } from "node:util";
import { checks } from "./checks.mjs";
import { forwarding } from "./forwarding.mjs";
import { host } from "./hosts.mjs";
import { serve } from "./origin.mjs";

const USAGE = "usage: run.mjs --host workers|spin [--only TEXT]   (tests/ports/run builds and calls it)";
const { values: options } = parseArgs({
  options: { host: { type: "string" }, only: { type: "string", default: "" }, help: { type: "boolean" } },
});
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
if (!["workers", "spin"].includes(options.host)) {
  console.error(USAGE);
  process.exit(2);
}

const { server, origin } = await serve();
const served = await host(options.host, origin);
let failed = 0;
let run = 0;
for (const [name, check] of Object.entries({ ...checks, ...forwarding })) {
  if (!name.includes(options.only)) continue;
  run++;
  try {
    await check({ ...served, host: options.host, origin });
    console.log(`ok    ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL  ${name}\n      ${String(error?.stack ?? error).replaceAll("\n", "\n      ")}`);
  }
}
await served.stop();
server.closeAllConnections();
server.close();
console.log(`${run} checks on ${options.host}, ${failed} failed`);
process.exit(failed > 0 || run === 0 ? 1 : 0);
