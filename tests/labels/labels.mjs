// From an order to a verified label: mint, sign, publish, read the pictures, ask the running host. See ./run.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { readOptions } from "../../scripts/node/options.mjs";
import jsqr from "jsqr";

const { values: options } = readOptions(import.meta.url, {
  options: { dir: { type: "string" }, venditor: { type: "string" }, python: { type: "string" } },
});
const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const sample = readJson(join(options.dir, "sample.json"));
const out = join(options.dir, "labels");
rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "records"), { recursive: true });

let passed = 0;
let failed = 0;
function check(what, good, detail) {
  if (good) {
    passed += 1;
  } else {
    failed += 1;
    console.log(`FAIL ${what}${detail === undefined ? "" : `: ${detail}`}`);
  }
}
function same(what, found, wanted) {
  check(what, found === wanted, `${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
}

function run(program, args) {
  const done = spawnSync(program, args, { encoding: "utf8", timeout: 120_000 });
  if (done.error) throw done.error;
  return done;
}
function must(program, args) {
  const done = run(program, args);
  if (done.status !== 0) throw new Error(`${program} ${args.join(" ")}: exit ${done.status}\n${done.stderr}`);
  return done;
}
const venditor = (...args) => must(options.venditor, ["--keys", sample.keys, ...args]);

/** Mints `order` ([primary, quantity, batch] each) for `host`; returns the rows of codes.csv and what was said. */
function mint(name, order, host, scheme) {
  const [csv, dir] = [join(out, `${name}.csv`), join(out, name)];
  writeFileSync(csv, ["primary,quantity,batch", ...order].join("\n"));
  const { stderr } = venditor(
    "mint", "--csv", csv, "--host", host, "--scheme", scheme, "--out", dir, "--images", "svg,png", "--pdf",
  );
  const [header, ...lines] = readFileSync(join(dir, "codes.csv"), "utf8").trim().split("\n");
  const columns = header.split(","); // no value in it has a comma or a quote
  const codes = lines.map((line) => Object.fromEntries(line.split(",").map((value, at) => [columns[at], value])));
  check(`${name}: labels.pdf`, readFileSync(join(dir, "labels.pdf")).subarray(0, 5).toString() === "%PDF-");
  for (const code of codes) check(`${name}: ${code.svg}`, statSync(join(dir, code.svg)).size > 0);
  return { codes, dir, stderr };
}

/** What the three readers find in each picture: [reader, text] pairs, in the order of `codes`. */
function read({ codes, dir }) {
  const pictures = codes.map((code) => join(dir, code.png));
  const zxing = JSON.parse(must(options.python, ["tests/labels/read.py", ...pictures]).stdout);
  return pictures.map((png) => {
    const { texts, width, height } = zxing[png];
    const pixels = readFileSync(`${png}.rgba`);
    return [
      ["zbar", run("zbarimg", ["--raw", "-q", png]).stdout.replace(/\n$/, "")],
      ["zxing-cpp", texts.join("\n")], // more than one would not be equal to the URL
      ["jsQR", jsqr(new Uint8ClampedArray(pixels), width, height)?.data],
    ];
  });
}

/** The record of a piece or, for tea, of its batch: the development sample's words, for this code. Returns its file. */
function signRecord(code) {
  const ai = code.primary.split("/")[0];
  const text = { "01": "tea", 8004: "jade", 253: "certificate" }[ai];
  const record = readJson(`scripts/venditor/sample/${text}.json`);
  record.batch = code.batch;
  record.primary = code.primary;
  if (ai !== "01") record.counter = Number(code.counter);
  record.inspection.inspected_on = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10);
  const file = join(out, "records", ai === "01" ? code.batch : `${code.batch}-${code.counter}`);
  writeFileSync(`${file}.json`, JSON.stringify(record));
  venditor("record", "sign", "--record", `${file}.json`, "--key", "dev-record-1", "--out", `${file}.dsse.json`);
  return `${file}.dsse.json`;
}

async function ask(url, device) {
  // As a browser opens a page: programs are answered and not counted. Node's own fetch would say `cors`.
  const headers = { accept: "application/json", "user-agent": device, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) =>
      text(response).then((body) => resolve({ status: response.statusCode, ...JSON.parse(body) })).catch(reject))
      .setTimeout(30_000, () => reject(new Error(`${url}: no answer within 30 s`)))
      .once("error", reject)
      .end();
  });
}

// A batch is minted once for ever; another run against the same host needs other names.
const batch = (name) => `DEV-LABEL-${name}-${Math.floor(Date.now() / 1000)}`;
const order = [
  `01/09506000134352,5,${batch("TEA")}`,
  `8004/950600013437,2,${batch("JADE")}`,
  `253/9506000134376,1,${batch("CERT")}`,
];
const labels = mint("minted", order, new URL(sample.urls.tea).host, "http");
same("codes", labels.codes.length, 8);
const records = labels.codes.map(signRecord);
// On Spin as to a deployment of it, into the store of the running host.
const dev = join(options.dir, "dev.json");
const spin = readJson(dev).host === "spin";
const to = spin ? ["--spin", join(options.dir, "state/spin/runtime.toml")] : ["--local", "--dev", dev];
venditor("publish", ...to, sample.keyset, labels.dir, join(out, "records"));

for (const [at, readings] of read(labels).entries()) {
  const code = labels.codes[at];
  for (const [reader, text] of readings) same(`${code.png}: ${reader}`, text, code.url);
  const url = readings[0][1];
  if (url !== code.url) continue; // said above; nothing to ask for

  const manifest = join(labels.dir, `manifest-${code.batch}.dsse.json`);
  const documents = ["--manifest", manifest, "--record", records[at]];
  const offline = run(options.venditor, ["--keys", sample.keys, "verify", url, ...documents]);
  check(`${url}: offline`, offline.status === 0, `exit ${offline.status} ${offline.stdout}${offline.stderr}`);

  const devices = [["this label's first phone", "authentic_first_scan"], ["another phone", "authentic_seen_before"]];
  for (const [index, [device, outcome]] of devices.entries()) {
    const answer = await ask(url, device);
    same(`${url}: ${device}, status`, answer.status, 200);
    same(`${url}: ${device}, outcome`, answer.outcome, outcome);
    same(`${url}: ${device}, count`, answer.scans?.count, index + 1);
  }
}

// A host so long that the symbol grows: the operator is warned, and the label reads all the same.
const long = mint("long", [`01/09506000134352,2,${batch("LONG")}`], "TRACE.VERIFY.EXAMPLE.COM.CN", "https");
same("long host: codes", long.codes.length, 2);
check("long host: warning", /warning: .* needs 33×33 modules/.test(long.stderr), long.stderr);
for (const [at, readings] of read(long).entries()) {
  const code = long.codes[at];
  check("long host: url", code.url.startsWith("HTTPS://TRACE.VERIFY.EXAMPLE.COM.CN/01/"), code.url);
  for (const [reader, text] of readings) same(`long host: ${code.png}: ${reader}`, text, code.url);
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
