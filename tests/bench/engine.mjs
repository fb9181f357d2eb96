// The text engine in wasm, in V8, beside a bare automaton over the same terms and text: millions of characters a second,
// the best of five runs. The folder is what the native measurement left (tests/bench/engine).
import { readFileSync } from "node:fs";

const [wasm, folder] = process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(wasm));
for (const name of ["ordinary", "disguised"]) {
  const { memory, part, open, bare, chain } = new WebAssembly.Instance(module, {}).exports;
  for (const file of ["language", "lexicon", "terms", name]) {
    const bytes = readFileSync(`${folder}/${file}`);
    const at = part(bytes.length);
    new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
  }
  const chars = open();
  const best = (run) => {
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now();
      run();
      return performance.now() - start;
    });
    return Math.min(...times);
  };
  const [automaton, engine] = [best(bare), best(chain)];
  const speed = (ms) => (chars / ms / 1000).toFixed(2);
  console.log(`wasm, ${name}: automaton ${speed(automaton)} M characters a second, engine ${speed(engine)} M, ${(automaton / engine).toFixed(3)} of it`);
}
