// What the pure decision costs in wasm, in V8: microseconds a decision, median of nine runs.
import { readFileSync } from "node:fs";

const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const imports = {};
for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
  if (kind !== "function") throw new Error(`${from} ${name}: a ${kind} is imported`);
  (imports[from] ??= {})[name] = () => {
    throw new Error(`${name} is called: the decision is not pure`);
  };
}
const { decide_times } = new WebAssembly.Instance(module, imports).exports;
const times = 20_000;
if (decide_times(times) !== times * 10_800) throw new Error("another decision than the vectors'");
const runs = Array.from({ length: 9 }, () => {
  const start = performance.now();
  decide_times(times);
  return (1000 * (performance.now() - start)) / times;
});
console.log(`\ninstant-refund, pure decision in wasm: ${runs.sort((a, b) => a - b)[4].toFixed(2)} us`);
