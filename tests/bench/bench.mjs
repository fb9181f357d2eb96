// Measures what our code adds: each function beside an empty one of the same host, in the same run, in alternation.
// Reports ratios, because the machine is shared and noisy; asserts nothing. Nothing but loopback, bounded in time.
// CPU is what the host and its child processes used for a request: on a busy machine it says more than requests per
// second do.
import { gzipSync } from "node:zlib";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { readOptions } from "../../scripts/node/options.mjs";
import { spinSubjects, workersSubjects } from "./subjects.mjs";
import { cpuSeconds, firstAnswer, start, stop } from "./process.mjs";

const { values: options } = readOptions(import.meta.url, {
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    connections: { type: "string", default: "16" },
    host: { type: "string", multiple: true, default: ["workers", "spin"] },
    function: { type: "string", multiple: true },
    large: { type: "boolean", default: false },
    json: { type: "string" },
  },
});
const rounds = Number(options.rounds);

const dir = mkdtempSync(join(tmpdir(), "venditor-bench-"));
const report = {};
try {
  for (const host of options.host) {
    const what = { only: options.function, large: options.large };
    const all = host === "workers" ? workersSubjects(dir, what) : spinSubjects(dir, what);
    const subjects = all.filter((subject) => subject !== undefined);
    report[host] = await measure(subjects);
    print(host, report[host]);
  }
  if (options.json) writeFileSync(options.json, JSON.stringify(report, null, 2));
} finally {
  rmSync(dir, { recursive: true, force: true });
}

async function measure(subjects) {
  const results = new Map(subjects.map((s) => [s.name, { subject: s, rates: [], cpu: [], p50: [], p99: [], start: [] }]));
  const running = [];
  try {
    for (const subject of subjects) {
      // One warm start first: hosts keep compiled code.
      for (let i = 0; i <= 5; i++) {
        const { child, ms } = await firstAnswer(subject);
        if (i > 0) results.get(subject.name).start.push(ms);
        await stop(child);
      }
      running.push(await start(subject));
      await subject.ready?.();
    }
    for (const [i, subject] of subjects.entries()) load(subject, running[i], 1);
    for (let round = 0; round < rounds; round++) {
      for (const [i, subject] of subjects.entries()) {
        const { rate, cpu, p50, p99 } = load(subject, running[i], Number(options.seconds));
        const result = results.get(subject.name);
        result.rates.push(rate);
        result.cpu.push(cpu);
        result.p50.push(p50);
        result.p99.push(p99);
      }
    }
  } finally {
    for (const child of running) await stop(child);
  }
  return [...results.values()].map(({ subject, ...r }) => ({
    name: subject.name,
    rounds: { rate: r.rates, cpu: r.cpu, p50: r.p50, p99: r.p99 },
    rate: median(r.rates),
    cpu: median(r.cpu),
    p50: median(r.p50),
    p99: median(r.p99),
    start: median(r.start),
    wasm: subject.wasm ? sizes(subject.wasm) : undefined,
    base: subject.base,
  }));
}

function load(subject, child, seconds) {
  const { headers = {}, method, body } = { headers: subject.headers, ...subject.request?.() };
  const fields = Object.entries(headers).flatMap(([n, v]) => ["-H", `${n}: ${v}`]);
  const args = ["-t1", `-c${options.connections}`, `-d${seconds}s`, "--latency", ...fields];
  if (method) {
    const script = join(dir, "request.lua");
    writeFileSync(script, `wrk.method = "${method}"\nwrk.body = ${luaText(body)}\n`);
    args.push("-s", script);
  }
  args.push(subject.url);
  const before = cpuSeconds(child);
  const text = execFileSync("wrk", args, { encoding: "utf8" });
  const cpu = cpuSeconds(child) - before;
  const bad = /Non-2xx or 3xx responses: (\d+)/.exec(text);
  if (bad) throw new Error(`${subject.name}: ${bad[1]} answers were neither 2xx nor 3xx`);
  const time = (label) => {
    const [, n, unit] = new RegExp(`${label}%\\s+([\\d.]+)(us|ms|s)`).exec(text);
    return Number(n) * { us: 1e-3, ms: 1, s: 1e3 }[unit];
  };
  const requests = Number(/(\d+) requests in/.exec(text)[1]);
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(text)[1]);
  return { rate, cpu: (1e6 * cpu) / requests, p50: time("50"), p99: time("99") };
}

// A long bracket that the text does not close.
function luaText(text) {
  let level = "";
  while (text.includes(`]${level}]`)) level += "=";
  return `[${level}[${text}]${level}]`;
}

function print(host, rows) {
  const by = new Map(rows.map((row) => [row.name, row]));
  console.log(`\n${host}: median of ${rounds} alternating runs of ${options.seconds} s, ${options.connections} connections`);
  console.log("  subject                        req/s  CPU us   p50 ms   p99 ms  start ms   of empty (req/s, CPU, p50, p99, start)");
  for (const row of rows) {
    const bases = (row.base ?? []).map((name) => {
      const base = by.get(name);
      // Of each round by itself, then the median: what else runs on the machine slows neighbours alike.
      const percent = (of) => `${Math.round(100 * median(row.rounds[of].map((value, round) => value / base.rounds[of][round])))} %`;
      const delta = `${row.start - base.start >= 0 ? "+" : ""}${(row.start - base.start).toFixed(0)} ms`;
      return `${["rate", "cpu", "p50", "p99"].map(percent).join(", ")}, ${delta} of ${name}`;
    });
    console.log(
      `  ${row.name.padEnd(28)} ${row.rate.toFixed(0).padStart(7)} ${row.cpu.toFixed(1).padStart(7)} ${row.p50.toFixed(2).padStart(8)} ` +
        `${row.p99.toFixed(2).padStart(8)} ${row.start.toFixed(0).padStart(9)}   ${bases.join("; ")}`,
    );
  }
  for (const row of rows) {
    if (row.wasm) console.log(`  ${row.name}: wasm ${row.wasm.raw} bytes, ${row.wasm.gzip} gzip`);
  }
}

function sizes(file) {
  const bytes = readFileSync(file);
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
