// Requests that servers read differently, on a raw socket to bot-screen before an origin that keeps its connections: however
// a host reads them, the origin gets one request at most, nothing past the screening, and the next client is answered.
//
//   node tests/screen/smuggle.mjs --dir DIR [options]
//
//   --dir DIR   the folder of a running scripts/dev, whose host and keys are used
//   --verbose   a line for each shape: what was answered, and what the origin saw
//   --help      this
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { front } from "./front.mjs";
import { FLAT } from "./large.mjs";
import { BRIEFLY, exchange, rawOrigin } from "./raw.mjs";
import { shapes } from "./shapes.mjs";
import { CHROME, check, conclude, memoryOf, same } from "./tools.mjs";

const { values: options } = readOptions(import.meta.url, {
  options: { dir: { type: "string" }, verbose: { type: "boolean", default: false } },
});
if (!options.dir) wrong("--dir is wanted");

const OWN = /^(venditor-|x-forwarded-|cf-|user-agent|accept|host|content-|transfer-)/;

const origin = await rawOrigin();
const shop = await front({ dir: options.dir, origin: origin.origin });
const asks = (path) => exchange(shop.port, `GET ${path} HTTP/1.1\r\nhost: shop.example\r\nuser-agent: ${CHROME}\r\n\r\n`);
let number = 0;
try {
  await asks("/first"); // from here on a connection to the origin is kept
  for (const { name, bytes, answers, sees } of shapes) {
    const before = origin.seen.length;
    const told = await exchange(shop.port, bytes, { patience: answers[shop.host] === "waits" ? BRIEFLY : 20_000 });
    const answered = told.status?.toString() ?? (told.closed ? "closed" : "waits");
    // A connection of its own, and perhaps the very one to the origin that the request before has used.
    number += 1;
    const next = `/next-${number}`;
    const after = await asks(next);
    const seen = origin.seen.slice(before);
    const its = seen.filter(({ line }) => line !== `GET ${next} HTTP/1.1`);
    if (options.verbose) {
      const lines = its.map(({ line, fields, content }) => {
        const further = fields.filter(([known]) => !OWN.test(known)).slice(0, 3);
        return `${line.slice(0, 80)} ${fields.find(([known]) => known === "venditor-action")?.[1]} ${JSON.stringify(further).slice(0, 120)} ${content?.length}`;
      });
      console.log(`${name}: ${answered}${lines.length ? `; ${lines.join(" | ")}` : ""}`);
    }
    same(`${name}: the next client is answered`, [after.status, String(after.last?.content)], [200, "origin"]);
    same(`${name}: and its request arrives once`, seen.length - its.length, 1);
    check(`${name}: the origin gets one request at most`, its.length <= 1, its.map(({ line }) => line));
    check(`${name}: nothing goes past the screening`, !its.some(({ line }) => /smuggled|unreadable/.test(line)), its.map(({ line }) => line));
    check(`${name}: every request was judged`, its.every(({ all }) => all("venditor-outcome").length === 1 && all("x-forwarded-for").length === 1));
    same(`${name}: ${shop.host} answers`, answered, answers[shop.host]);
    if (sees) check(`${name}: what the origin sees`, its.every((one) => sees(one, shop.host)), its.map(({ line, fields, content }) => [line, fields, String(content)]));
  }
  // What a runtime keeps for itself fills with the first of the largest; more and more of them fill nothing more.
  const large = shapes.filter(({ bytes }) => bytes.length > 16 << 10);
  const memory = memoryOf(shop.port);
  const all = async (rounds) => {
    for (let round = 0; round < rounds; round++) for (const { bytes } of large) await exchange(shop.port, bytes);
    return memory();
  };
  const settled = await all(10);
  const more = (await all(10)) - settled;
  if (options.verbose) console.log(`memory: ${more >> 20} MiB more`);
  check(`memory is flat under ${10 * large.length} large heads`, more < FLAT, `${more >> 20} MiB more`);
  check("the host still runs", shop.alive(), shop.log.text.slice(-1000));
} finally {
  await shop.stop();
  await origin.close();
}
conclude();
