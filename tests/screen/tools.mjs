// What the tests of this folder share: where things are, challenges as a program solves them, and counting.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";

export const CHROME =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

/** Where `scripts/dev --dir DIR` serves: the functions, the shop behind bot-screen, and the shop itself. */
export function served(dir) {
  const read = (name) => JSON.parse(readFileSync(join(dir, name), "utf8"));
  const { host, url } = read("dev.json");
  return { host, functions: url, shop: read("shop-front.json").url, origin: read("shop.json").listening };
}

let passed = 0;
let failed = 0;
export function check(what, good, detail) {
  if (good) passed += 1;
  else {
    failed += 1;
    console.log(`FAIL ${what}${detail === undefined ? "" : `: ${typeof detail === "string" ? detail : JSON.stringify(detail)}`}`);
  }
}
export const same = (what, found, wanted) =>
  check(what, JSON.stringify(found) === JSON.stringify(wanted), `${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
export function conclude() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}

/** One exchange without a browser's or fetch's own ideas: status, raw header pairs, body. */
export function ask(base, path, { method = "GET", headers = {}, body, onData } = {}) {
  const url = new URL(base);
  return new Promise((resolve, reject) => {
    const asked = request({ host: url.hostname, port: url.port, path, method, headers, agent: false }, (response) => {
      const parts = [];
      response.on("data", (part) => (onData ? onData(part) : parts.push(part)));
      response.on("end", () => {
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) });
      });
      response.on("error", reject);
    });
    asked.on("error", (error) => reject(new Error(`${method} ${path}: ${error.message}`)));
    if (body?.pipe) body.pipe(asked);
    else asked.end(body);
  });
}

/** The answer to a challenge's work: a number for each part. */
export function work({ seed, parts, bits }) {
  const found = [];
  for (let part = 0; part < parts; part++) {
    for (let n = 0; ; n++) {
      const hash = createHash("sha256").update(`${seed}:${part}:${n}`).digest();
      if (Math.clz32(hash.readUInt32BE(0)) >= bits) {
        found.push(n);
        break;
      }
    }
  }
  return found.join(",");
}

/** The memory of whoever listens on a port of this machine, in bytes: of the process and all that it started. */
export function memoryOf(port) {
  const hex = Number(port).toString(16).toUpperCase().padStart(4, "0");
  const line = readFileSync("/proc/net/tcp", "utf8").split("\n").find((text) => new RegExp(`^ *\\d+: [0-9A-F]+:${hex} .* 0A `).test(text));
  const inode = line?.trim().split(/\s+/)[9];
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const holds = readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`);
      if (holds) return () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) * 1024;
    } catch {
      // Another's process, or one that has just ended.
    }
  }
  throw new Error(`nobody listens on port ${port}`);
}
