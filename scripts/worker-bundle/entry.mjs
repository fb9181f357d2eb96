// What wrangler.toml deploys, in place of worker-build's own default export.
//
// That default export wraps the entry point, and every instance of it, in a Proxy; a request that needs no I/O spends a
// tenth of its time there. The raw handlers recover from a trap by themselves: wasm-bindgen's glue makes a fresh
// instance at the next call. Durable Object classes keep their Proxy, which rebuilds objects of the old instance.

/** The text of entry.js over the handlers that a module has. */
export function entry(handlers) {
  const events = ["fetch", "scheduled"].filter((name) => handlers.includes(name));
  if (!events.includes("fetch")) throw new Error("the module exports no fetch handler");
  const method = (name) => `  ${name}(event, env, ctx) { return ${name}.call({ env, ctx }, event); },\n`;
  return `import Worker from "./index.js";
export * from "./index.js";
const { ${events.join(", ")} } = Worker.prototype;
export default {
${events.map(method).join("")}};
`;
}
