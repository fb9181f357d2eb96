// Asks the sample shop through bot-screen and directly, and compares. README.md says what is checked.
//
//   node tests/screen/live.mjs --dir DIR [options]
//
//   --dir DIR     the folder of a running scripts/dev
//   --large N     bytes of the large answer (1073741824)
//   --upload N    bytes of the large upload (94371840)
//   --help        this
import { connect } from "node:net";
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { FLAT, down, up } from "./large.mjs";
import { CHROME, ask, check, conclude, memoryOf, same, served, work } from "./tools.mjs";

const { values: options } = readOptions(import.meta.url, {
  options: {
    dir: { type: "string" },
    large: { type: "string", default: String(1 << 30) },
    upload: { type: "string", default: String(90 << 20) },
  },
});
if (!options.dir) wrong("--dir is wanted");
const { host, shop, origin } = served(options.dir);
const BROWSER = { "user-agent": CHROME, accept: "text/html,*/*;q=0.8", "accept-language": "en" };

async function untouched() {
  for (const path of ["/", "/p/celadon-teapot", "/assets/style.css", "/robots.txt", "/feed.xml", "/no/such/page", "/search?q=tea"]) {
    const [through, direct] = await Promise.all([shop, origin].map((base) => ask(base, path, { headers: BROWSER })));
    same(`${path}: status`, through.status, direct.status);
    const without = (text) => text.toString().replaceAll(origin, "").replaceAll(shop, "");
    same(`${path}: body`, without(through.body), without(direct.body));
    for (const name of ["content-type", "etag", "cache-control", "content-language", "vary"]) {
      same(`${path}: ${name}`, through.headers[name], direct.headers[name]);
    }
    const cookies = (answer) => answer.headers["set-cookie"] ?? [];
    const [ours, theirs] = [true, false].map((own) => cookies(through).filter((cookie) => cookie.startsWith("venditor-") === own));
    same(`${path}: set-cookie`, theirs, cookies(direct));
    const page = through.headers["content-type"]?.startsWith("text/html");
    same(`${path}: a visit goes on with each page, and with nothing else`, ours.map((cookie) => cookie.split("=")[0]), page ? ["venditor-visit"] : []);
  }
  const whole = await ask(shop, "/stream/bytes?size=1000", { headers: BROWSER });
  same("the whole of a body", [whole.status, whole.body.length], [200, 1000]);
  const part = await ask(shop, "/stream/bytes?size=1000", { headers: { ...BROWSER, range: "bytes=10-19" } });
  same("a range", [part.status, part.headers["content-range"], part.body], [206, "bytes 10-19/1000", whole.body.subarray(10, 20)]);
  const beyond = await ask(shop, "/stream/bytes?size=1000", { headers: { ...BROWSER, range: "bytes=2000-" } });
  same("a range beyond the end", beyond.status, 416);
  const known = await ask(shop, "/stream/bytes?size=1000", { headers: { ...BROWSER, "if-none-match": whole.headers.etag } });
  same("what is known already", [known.status, known.body.length], [304, 0]);
  const head = await ask(shop, "/stream/bytes?size=1000", { method: "HEAD", headers: BROWSER });
  same("HEAD", [head.status, head.headers["content-length"], head.body.length], [200, "1000", 0]);
  const [zipped, direct] = await Promise.all([shop, origin].map((base) =>
    ask(base, "/stream/gzip", { headers: { ...BROWSER, "accept-encoding": "gzip" } })));
  same("a compressed body", [zipped.headers["content-encoding"], zipped.body.equals(direct.body)], ["gzip", true]);
}

async function events() {
  const began = Date.now();
  const at = [];
  const headers = { ...BROWSER, accept: "text/event-stream" };
  await ask(shop, "/stream/events?count=5&every=200", { headers, onData: () => at.push(Date.now() - began) });
  check("events come one by one", at.length >= 4 && at[0] < at.at(-1) - 400, at);
}

async function fields() {
  const told = JSON.parse((await ask(shop, "/stream/echo-headers", {
    headers: {
      ...BROWSER, "venditor-outcome": "verified", "Venditor-Score": "1", "x-original-url": "/admin", "x-rewrite-url": "/admin",
      "x-forwarded-for": "203.0.113.9", "x-custom": "kept", cookie: "a=b", connection: "x-hop, close", "x-hop": "1",
    },
  })).body).headers;
  same("the outcome is ours", told["venditor-outcome"], "allow");
  for (const name of ["venditor-score", "x-original-url", "x-rewrite-url"]) same(`${name} is gone`, told[name], undefined);
  for (const [name, value] of [["x-custom", "kept"], ["cookie", "a=b"], ["venditor-action", "browse"]]) same(name, told[name], value);
  check("the client's address is the one that the host sees", !told["x-forwarded-for"]?.includes("203.0.113.9"), told["x-forwarded-for"]);
  same("where it was asked for", told["x-forwarded-host"], new URL(shop).host);
}

async function large() {
  const memory = memoryOf(new URL(shop).port);
  await ask(shop, "/stream/bytes?size=1000000", { headers: BROWSER });
  const size = Number(options.large);
  const answer = await down(shop, `/stream/bytes?size=${size}`, BROWSER, memory);
  same("a large answer is whole", answer.bytes, size);
  check("memory is flat under a large answer", answer.more < FLAT, `${answer.more >> 20} MiB more`);
  const upload = Number(options.upload);
  const headers = { ...BROWSER, "content-type": "application/octet-stream", "content-length": upload };
  const sent = await up(shop, "/stream/sink", upload, headers, memory);
  const { bytes, sha256 } = JSON.parse(sent.body);
  same("a large upload is whole", [bytes, sha256], [upload, sent.sha256]);
  check("memory is flat under a large upload", sent.more < FLAT, `${sent.more >> 20} MiB more`);
  console.log(`memory: ${answer.more >> 20} MiB more under ${size >> 20} MiB down, ${sent.more >> 20} MiB more under ${upload >> 20} MiB up`);
}

/** A web socket by hand: one text frame there and back. */
function webSocket() {
  const { hostname, port, host: authority } = new URL(shop);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        `GET /stream/ws HTTP/1.1\r\nHost: ${authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nUser-Agent: ${CHROME}\r\n` +
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
      );
    });
    let received = Buffer.alloc(0);
    let sent = false;
    socket.setTimeout(10_000, () => socket.destroy(new Error("no answer")));
    socket.on("error", reject);
    socket.on("close", () => resolve({ status: 0, echo: "closed" }));
    socket.on("data", (data) => {
      received = Buffer.concat([received, data]);
      const end = received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const status = Number(received.subarray(9, 12));
      if (status !== 101) return resolve({ status }) ?? socket.end();
      const frames = received.subarray(end + 4);
      if (!sent) {
        sent = true;
        const text = Buffer.from("茶 echo");
        const mask = Buffer.from([1, 2, 3, 4]);
        socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length]), mask, text.map((byte, i) => byte ^ mask[i % 4])]));
      }
      if (frames.length >= 2 && frames.length >= 2 + frames[1]) {
        resolve({ status, echo: frames.subarray(2, 2 + frames[1]).toString() });
        socket.end();
      }
    });
  });
}

async function challenges() {
  const program = { "user-agent": "curl/8.9.1", accept: "application/json", "accept-language": "en" };
  const json = { ...program, "content-type": "application/json" };
  const order = { method: "POST", headers: json, body: JSON.stringify({ sku: "celadon-teapot", quantity: 1 }) };
  const refused = await ask(shop, "/api/cart/items", order);
  const problem = JSON.parse(refused.body);
  same("a program is challenged", [refused.status, problem.type?.split("/").at(-1)], [403, "challenge-required"]);
  const { token, work: task, solve } = problem.challenge;
  const answer = { method: "POST", headers: json, body: JSON.stringify({ token, answer: work(task) }) };
  const solved = await ask(shop, solve, answer);
  same("its work is taken", solved.status, 200);
  const { pass } = JSON.parse(solved.body);
  const again = await ask(shop, solve, answer);
  same("but once", again.status, 403);
  const cookie = `${pass.cookie}=${pass.value}`;
  const gone = await ask(shop, "/api/cart/items", { ...order, headers: { ...json, cookie } });
  check("with the pass it goes on", gone.status !== 403 && gone.headers["venditor-outcome"] === undefined, gone.status);
  const dearer = await ask(shop, "/api/orders", { ...order, headers: { ...json, cookie } });
  same("a pass is not worth more than it was earned for", dearer.status, 403);

  const form = { "user-agent": "curl/8.9.1", accept: "text/html", "accept-language": "en", "content-type": "application/x-www-form-urlencoded" };
  const page = await ask(shop, "/cart/add", { method: "POST", headers: form, body: "sku=celadon-teapot&quantity=2&note=%3Cb%3E%22" });
  const html = page.body.toString();
  const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  const kept = Object.fromEntries([...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [name, unescape(value)]));
  same("a form is kept", kept, { sku: "celadon-teapot", quantity: "2", note: '<b>"' });
  const action = unescape(/<form id="go-on" method="post" action="([^"]*)"/.exec(html)[1]);
  const seconds = Number(/data-seconds="(\d+)"/.exec(html)[1]);
  const early = await ask(shop, action, { method: "POST", headers: form, body: new URLSearchParams(kept).toString() });
  same("too early it is challenged again", early.status, 403);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000 + 200));
  const sent = await ask(shop, action, { method: "POST", headers: form, body: new URLSearchParams(kept).toString() });
  check("after the wait it is sent, with a pass", sent.status < 400 && String(sent.headers["set-cookie"]).includes("venditor-pass="), [sent.status, sent.headers]);
}

await untouched();
await events();
await fields();
await challenges();
same("a web socket", await webSocket(), host === "workers" ? { status: 101, echo: "茶 echo" } : { status: 501 });
await large();
conclude();
