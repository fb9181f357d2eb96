// Many devices scan one code at the same moment: one gets the answer of the first scan, and each is counted once.
//
//   node tests/race/race.mjs --base http://127.0.0.1:PORT --path /01/…/21/… [--host localhost:PORT]
//                            [--devices 200] [--seen 0]
//
// --seen N: so many were counted before, by an earlier run; then nobody is the first, and counting goes on from there.
import { request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { readOptions } from "../../scripts/node/options.mjs";

const { values: options } = readOptions(import.meta.url, {
  options: {
    base: { type: "string" },
    path: { type: "string" },
    host: { type: "string" },
    devices: { type: "string", default: "200" },
    seen: { type: "string", default: "0" },
  },
});
if (!options.base || !options.path) {
  console.error("usage: race.mjs --base URL --path PATH [--host NAME] [--devices N] [--seen N]");
  process.exit(2);
}
const base = new URL(options.base);
const [devices, seen] = [Number(options.devices), Number(options.seen)];
const host = options.host ?? `localhost:${base.port}`; // the labels' host, by name

const open = () =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(base.port), base.hostname, () => resolve(socket)).once("error", reject);
  });

const scan = (socket, device) =>
  new Promise((resolve, reject) => {
    const headers = {
      host, accept: "application/json", "user-agent": `phone ${device}`, connection: "close",
      "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", // as a browser opens a page: that is what counts
    };
    request({ path: options.path, headers, createConnection: () => socket }, (response) =>
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject))
      .setTimeout(60_000, () => socket.destroy(new Error("no answer within a minute")))
      .once("error", reject)
      .end();
  });

// All connections are open before the first request goes out, so that the requests meet in the host.
const sockets = await Promise.all(Array.from({ length: devices }, open));
const settled = await Promise.allSettled(sockets.map((socket, at) => scan(socket, seen + at + 1)));
const errors = settled.filter(({ reason }) => reason).map(({ reason }) => reason.message);
const answered = settled.filter(({ value }) => value).map(({ value }) => value);
errors.push(...answered.filter(({ status }) => status !== 200).map(({ status, body }) => `${status} ${body}`));
const answers = answered.filter(({ status }) => status === 200).map(({ body }) => JSON.parse(body));

let failed = 0;
let passed = 0;
function check(what, good, detail) {
  good ? (passed += 1) : (failed += 1);
  if (!good) console.log(`FAIL ${what}: ${JSON.stringify(detail)}`);
}
const counts = answers.map((answer) => answer.scans?.count).sort((a, b) => a - b);
const firsts = answers.filter((answer) => answer.outcome === "authentic_first_scan");
check("every device is answered", errors.length === 0 && answers.length === devices, errors.slice(0, 3));
check("exactly one is the first", firsts.length === (seen === 0 ? 1 : 0), firsts.length);
check("the first is counted as 1", firsts.every((answer) => answer.scans.count === 1), firsts);
check(`the counts are ${seen + 1} to ${seen + devices}, each once`,
  counts.length === devices && counts.every((count, at) => count === seen + at + 1), counts);
check("each was counted", answers.every((answer) => answer.scans?.counted && !answer.scans.repeat),
  answers.find((answer) => !answer.scans?.counted || answer.scans.repeat));

const outcomes = {};
for (const { outcome } of answers) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
console.log(Object.entries(outcomes).map(([outcome, times]) => `${times} ${outcome}`).join(", "));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
