// Whole header sets of browsers, as the npm package `header-generator` (Apache-2.0) makes them after real ones: none of the
// true ones may be held up while browsing, and how many are told apart that have one field of another browser, or lack one,
// once they act. Prints a table; nothing of the package is kept here.
//
//   node tests/screen/headers.mjs --dir DIR [options]
//
//   --dir DIR      the folder of a running scripts/dev
//   --sets N       so many of each browser (150)
//   --package DIR  where the package is (fetched by npm into a temporary folder without it)
//   --help         this
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { ask, served } from "./tools.mjs";

const VERSION = "2.1.76";
const { values: options } = readOptions(import.meta.url, {
  options: { dir: { type: "string" }, sets: { type: "string", default: "150" }, package: { type: "string" } },
});
if (!options.dir) wrong("--dir is wanted");
const { functions } = served(options.dir);
const root = resolve(import.meta.dirname, "../..");
const venditor = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/venditor");
const key = execFileSync(venditor, ["--keys", join(options.dir, "keys"), "keys", "token", "--kid", "dev-edge"], { encoding: "utf8" }).trim();

function load() {
  const folder = options.package ?? mkdtempSync(join(tmpdir(), "header-generator-"));
  if (!options.package) execFileSync("npm", ["install", "--silent", "--no-save", "--prefix", folder, `header-generator@${VERSION}`]);
  return createRequire(join(folder, "package.json"))("header-generator").HeaderGenerator;
}

let address = 0;
async function outcome(method, url, fields) {
  address += 1; // each from a network of its own: this is about the fields alone
  const body = JSON.stringify({
    method, url, host: "shop.example", headers: fields, headers_in_order: true, client_address: `10.${(address >> 8) & 255}.${address & 255}.1`,
  });
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const { status, body: told } = await ask(functions, "/v1/screen", { method: "POST", headers, body });
  if (status !== 200) throw new Error(`${status} ${told}`);
  return JSON.parse(told).outcome;
}

const HeaderGenerator = load();
const kinds = [
  ["chrome", "desktop"], ["edge", "desktop"], ["firefox", "desktop"], ["safari", "desktop"], ["chrome", "mobile"], ["safari", "mobile"],
];
const sets = kinds.map(([name, device]) => {
  const operatingSystems = device === "mobile" ? (name === "safari" ? ["ios"] : ["android"]) : name === "safari" ? ["macos"] : ["windows", "macos", "linux"];
  const generator = new HeaderGenerator({ browsers: [{ name, httpVersion: "2" }], devices: [device], operatingSystems, locales: ["zh-CN", "en-US"] });
  const all = Array.from({ length: Number(options.sets) }, () => Object.entries(generator.getHeaders()).map(([field, value]) => [field.toLowerCase(), String(value)]));
  return { kind: `${name}, ${device}`, all };
});

const without = (fields, names) => fields.filter(([name]) => !names.includes(name));
const swapped = (fields, name, value) => (value === undefined ? fields : fields.map(([known, was]) => [known, known === name ? value : was]));
const valueOf = (fields, name) => fields.find(([known]) => known === name)?.[1];
const changes = [
  ["user agent of another browser", (fields, other) => swapped(fields, "user-agent", valueOf(other, "user-agent"))],
  ["without client hints", (fields) => without(fields, ["sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform"])],
  ["without fetch metadata", (fields) => fields.filter(([name]) => !name.startsWith("sec-fetch-"))],
  ["without either", (fields) => fields.filter(([name]) => !name.startsWith("sec-"))],
  ["version in the client hints", (fields) => swapped(fields, "sec-ch-ua", valueOf(fields, "sec-ch-ua")?.replaceAll(/v="\d+"/g, 'v="91"'))],
  ["platform in the client hints", (fields) => swapped(fields, "sec-ch-ua-platform", valueOf(fields, "sec-ch-ua-platform") === '"Windows"' ? '"Linux"' : '"Windows"')],
  ["order of the alphabet", (fields) => [...fields].sort(([a], [b]) => (a < b ? -1 : 1))],
  ["without accept-language", (fields) => without(fields, ["accept-language"])],
];

const held = (outcomes) => outcomes.filter((one) => one !== "allow" && one !== "tag").length;
const told = (outcomes) => outcomes.filter((one) => one !== "allow").length;
const rows = [];
for (const [at, { kind, all }] of sets.entries()) {
  const others = sets[(at + 2) % sets.length].all;
  const browse = await Promise.all(all.map((fields) => outcome("GET", "/p/48213", fields)));
  const act = await Promise.all(all.map((fields) => outcome("POST", "/checkout", fields)));
  const row = { browser: kind, browsing: `${held(browse)}, ${told(browse)}`, acting: `${held(act)}, ${told(act)}` };
  for (const [what, change] of changes) {
    const changed = all.map((fields, i) => change(fields, others[i])).filter((fields, i) => JSON.stringify(fields) !== JSON.stringify(all[i]));
    const outcomes = await Promise.all(changed.map((fields) => outcome("POST", "/checkout", fields)));
    const share = (count) => Math.round((100 * count) / changed.length);
    row[what] = changed.length ? `${share(held(outcomes))}, ${share(told(outcomes))}` : "-";
  }
  rows.push(row);
}
console.log(`header-generator ${VERSION}, ${options.sets} sets of each. Unchanged: how many are held up, and how many are told to the origin, those included; changed, and acting: in per cent\n`);
console.log(`| ${Object.keys(rows[0]).join(" | ")} |\n|${"---|".repeat(Object.keys(rows[0]).length)}`);
for (const row of rows) console.log(`| ${Object.values(row).join(" | ")} |`);
