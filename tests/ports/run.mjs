// Every check of tests/ports on one host.
//
//   node tests/ports/run.mjs --host workers|spin [--only TEXT]
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { checks } from "./checks.mjs";
import { forwarding } from "./forwarding.mjs";
import { host } from "./hosts.mjs";
import { serve } from "./origin.mjs";

const { values: options } = readOptions(import.meta.url, {
  options: { host: { type: "string" }, only: { type: "string", default: "" } },
});
if (!["workers", "spin"].includes(options.host)) {
  wrong("--host is workers or spin");
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
