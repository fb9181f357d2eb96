// Writes build/entry.js: what wrangler.toml deploys, in place of worker-build's own default export.
//
// That default export wraps the entry point, and every instance of it, in a Proxy; a request that needs no I/O spends a
// tenth of its time there. The raw handlers recover from a trap by themselves: wasm-bindgen's glue makes a fresh
// instance at the next call. Durable Object classes keep their Proxy, which rebuilds objects of the old instance.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const build = process.argv[2];
const shim = readFileSync(join(build, "index.js"), "utf8");
const events = ["fetch", "scheduled"].filter((name) => new RegExp(`\\.prototype\\.${name}\\s*=\\s*function`).test(shim));
if (!events.includes("fetch")) throw new Error(`${build}/index.js: worker-build's shim has no fetch handler`);

const method = (name) => `  ${name}(event, env, ctx) { return ${name}.call({ env, ctx }, event); },\n`;
writeFileSync(
  join(build, "entry.js"),
  `import Worker from "./index.js";
export * from "./index.js";
const { ${events.join(", ")} } = Worker.prototype;
export default {
${events.map(method).join("")}};
`,
);
