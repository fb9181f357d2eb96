// What hosts make of Expect, of informational answers, of trailers and of what breaks off, on raw sockets through bot-screen.
// Each expectation is what that host does today; README.md has them as a table.
//
//   node tests/screen/wire.mjs --dir DIR
//
//   --dir DIR   the folder of a running scripts/dev, whose host and keys are used
//   --help      this
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { front } from "./front.mjs";
import { BRIEFLY, exchange, rawOrigin } from "./raw.mjs";
import { CHROME, check, conclude, same } from "./tools.mjs";

const { values: options } = readOptions(import.meta.url, { options: { dir: { type: "string" } } });
if (!options.dir) wrong("--dir is wanted");

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const HINTS = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload; as=style\r\n\r\n";
const later = []; // answers that the test gives once it has seen enough
const origin = await rawOrigin({
  "/hints": (write) => write(HINTS + OK),
  "/hints-twice": (write) => write(HINTS + HINTS + OK),
  "/continue": (write) => write(`HTTP/1.1 100 Continue\r\n\r\n${OK}`),
  "/processing": (write) => write(`HTTP/1.1 102 Processing\r\n\r\n${OK}`),
  "/switches": (write) => write("HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\nconnection: upgrade\r\n\r\n"),
  "/trailers": (write) => write("HTTP/1.1 200 OK\r\ntrailer: x-check\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-check: 1\r\n\r\n"),
  "/cut-sized": (write, _, socket) => write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello") && socket.end(),
  "/cut-chunked": (write, _, socket) => write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n") && socket.end(),
  "/hint-later": (write) => later.push(write) && write(HINTS),
});
const shop = await front({ dir: options.dir, origin: origin.origin });
const on = (workers, spin) => ({ workers, spin })[shop.host];

const FIELDS = `host: shop.example\r\nuser-agent: ${CHROME}\r\naccept-language: en\r\n`;
const get = (path, fields = "") => `GET ${path} HTTP/1.1\r\n${FIELDS}${fields}\r\n`;
const post = (path, fields, agent = FIELDS) => `POST ${path} HTTP/1.1\r\n${agent}${fields}\r\n`;
const seenOf = (path) => origin.seen.filter(({ line }) => line.split(" ")[1] === path);
const PROGRAM = "host: shop.example\r\nuser-agent: curl/8\r\n";
const EXPECT = "expect: 100-continue\r\n";
const isAsked = (text) => /^HTTP\/1\.1 100 /.test(text);

/** Waits until something holds, or gives up: then what follows says so. */
async function eventually(holds) {
  for (let tries = 0; !holds() && tries < 2000; tries++) await new Promise((done) => setTimeout(done, 10));
}

/** Asks, and asks once more on the connection to the origin that is kept by then. */
async function then(pieces, settings) {
  const told = await exchange(shop.port, pieces, settings);
  const after = await exchange(shop.port, get("/then"));
  return { ...told, then: after.status };
}

/** Answers before the answer. */
async function informational() {
  for (const path of ["/hints", "/hints-twice", "/continue", "/processing"]) {
    const told = await then(get(path));
    same(`${path}: what comes of it`, [told.status, told.informational, told.then], on([502, [], 200], [200, [], 200]));
    same(`${path}: it arrived once`, seenOf(path).length, 1);
  }
  // The hint is there long before the answer.
  const asked = exchange(shop.port, get("/hint-later"));
  await eventually(() => later.length > 0);
  later[0]?.(OK);
  const told = await asked;
  same("a hint, and the answer later", [told.status, told.informational], on([502, []], [200, []]));
  const switched = await then(get("/switches"));
  same("an origin that switches protocols unasked", [switched.status, switched.then], [502, 200]);
}

/** Clients that ask before they send. */
async function expect() {
  const sized = `${EXPECT}content-length: 5\r\n`;
  const chunked = `${EXPECT}transfer-encoding: chunked\r\n`;
  const outcome = ({ status, waits }) => (waits ? "waits" : status);
  for (const [what, path, fields, body] of [
    ["a body of a known length", "/expect-sized", sized, "hello"],
    ["a body in chunks", "/expect-chunked", chunked, "5\r\nhello\r\n0\r\n\r\n"],
    ["a body that is counted by its fields", "/login/expect", sized, "a=b&c"],
  ]) {
    const told = await exchange(shop.port, [post(path, fields), isAsked, body], { patience: on(BRIEFLY, 20_000) });
    same(`Expect, ${what}`, [outcome(told), told.informational], on(["waits", []], [200, [100]]));
    const at = origin.seen.length;
    const impatient = await exchange(shop.port, post(path, fields) + body);
    same(`Expect, ${what}, of who does not wait`, impatient.status, 200);
    const its = origin.seen.slice(at).filter(({ line, content }) => line.includes(path) && content.length === 5);
    same(`Expect, ${what}: the origin gets it whole, once, without Expect`, its.map(({ all }) => all("expect")), [[]]);
  }
  // Who is refused is refused before the body is sent, where it need not be read.
  const compressed = `${EXPECT}content-encoding: gzip\r\ncontent-length: 5\r\n`;
  const refused = await exchange(shop.port, [post("/login/refused", compressed, PROGRAM), isAsked, "hello"]);
  same("Expect, refused without its body", [refused.status, refused.informational], [403, []]);
  const counted = await exchange(shop.port, [post("/cart/add/refused", sized, PROGRAM), isAsked, "a=b&c"], { patience: on(BRIEFLY, 20_000) });
  same("Expect, refused by what its body says", [outcome(counted), counted.informational], on(["waits", []], [403, [100]]));
  same("the origin saw none that was refused", origin.seen.filter(({ line }) => line.includes("refused")).length, 0);
  for (const [what, pieces] of [
    ["without a body", get("/expect-nothing", EXPECT)],
    ["of something else", `${post("/expect-tea", "expect: tea\r\ncontent-length: 5\r\n")}hello`],
    ["by HTTP/1.0", `${post("/expect-old", sized)}hello`.replace("HTTP/1.1", "HTTP/1.0")],
  ]) same(`Expect ${what}`, (await exchange(shop.port, pieces)).status, 200);
  const all = origin.seen.flatMap((request) => request.all("expect"));
  same("Expect never goes on", all, []);
  same("the next is answered", (await exchange(shop.port, get("/after"))).status, 200);
}

async function trailers() {
  for (const te of ["", "te: trailers\r\n"]) {
    const told = await then(get("/trailers", te));
    same(`an answer with trailers, ${te ? "asked for" : "unasked"}`, [told.status, String(told.last?.content), told.last?.trailers, told.last?.all("trailer")], [200, "hello", [], []]);
    // workerd leaves them on the connection that it keeps, and takes them for the next answer.
    same("and the next request", told.then, on(502, 200));
    same("which the origin has seen", seenOf("/then").length > 0, true);
    await exchange(shop.port, get("/then"));
  }
  const body = "5\r\nhello\r\n0\r\nx-check: 1\r\nvenditor-outcome: verified\r\n\r\n";
  const sent = "trailer: x-check, venditor-outcome\r\ntransfer-encoding: chunked\r\n";
  for (const path of ["/sent", "/login/sent"]) {
    const told = await then(post(path, sent) + body);
    same(`${path}: a request with trailers`, [told.status, told.then], [200, 200]);
    const [seen] = seenOf(path);
    same(`${path}: its body arrives`, String(seen?.content), "hello");
    same(`${path}: its trailers do not`, [seen?.trailers, seen?.all("trailer"), seen?.all("x-check")], [[], [], []]);
    check(`${path}: nor is one taken for ours`, seen?.all("venditor-outcome").every((value) => value !== "verified"));
  }
}

/** What is not whole is not shown as whole; workerd, with no function of ours too, does so with what comes in chunks. */
async function brokenOff() {
  const sized = await exchange(shop.port, get("/cut-sized"));
  same("an answer of a known length that breaks off", [sized.status, sized.closed], [undefined, true]);
  const chunked = await exchange(shop.port, get("/cut-chunked"));
  same("an answer in chunks that breaks off", [chunked.status, chunked.closed], on([200, false], [undefined, true]));
  for (const [what, path, fields, part] of [
    ["of a known length", "/left-sized", "content-length: 10\r\n", "hello"],
    ["in chunks", "/left-chunked", "transfer-encoding: chunked\r\n", "5\r\nhello\r\n"],
  ]) {
    await exchange(shop.port, get("/then"));
    // It leaves once the origin has what it sent.
    const until = eventually(() => origin.begun(path, "hello"));
    const told = await exchange(shop.port, post(path, fields) + part, { until });
    same(`a client that leaves, ${what}: nothing is answered`, told.status, undefined);
    // On a connection that it keeps, workerd ends the chunks of a body whose client has left.
    const wanted = on(what === "in chunks" ? 1 : 0, 0);
    await eventually(() => seenOf(path).length >= wanted);
    await exchange(shop.port, get("/then"));
    same(`a client that leaves, ${what}: requests that the origin takes for whole`, seenOf(path).length, wanted);
  }
}

try {
  await exchange(shop.port, get("/then"));
  await informational();
  await expect();
  await trailers();
  await brokenOff();
  check("the host still runs", shop.alive(), shop.log.text.slice(-1000));
} finally {
  await shop.stop();
  await origin.close();
}
conclude();
