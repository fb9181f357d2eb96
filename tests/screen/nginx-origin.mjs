// nginx, and a small server that counts bytes, as the origins behind bot-screen: what they answer through it is what they
// answer directly, and the host's memory stays flat while something large passes.
//
//   node tests/screen/nginx-origin.mjs --dir DIR [options]
//
//   --dir DIR     the folder of a running scripts/dev, whose host and keys are used
//   --large N     bytes of the large answer (1073741824)
//   --upload N    bytes of the large uploads (94371840)
//   --help        this
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, openSync, closeSync, ftruncateSync, statSync, writeFileSync, writeSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { front } from "./front.mjs";
import { FLAT, down, up } from "./large.mjs";
import { startNginx } from "./nginx-process.mjs";
import { CHROME, ask, check, conclude, memoryOf, same } from "./tools.mjs";

const { values: options } = readOptions(import.meta.url, {
  options: {
    dir: { type: "string" },
    large: { type: "string", default: String(1 << 30) },
    upload: { type: "string", default: String(90 << 20) },
  },
});
if (!options.dir) wrong("--dir is wanted");
const [large, upload] = [Number(options.large), Number(options.upload)];
const BROWSER = { "user-agent": CHROME, accept: "*/*", "accept-language": "en" };
const END = "the end of it";
const TEXT = Array.from({ length: 4000 }, (_, i) => `${i}: 西湖龙井, spring tea from the hills\n`).join("");

/** Counts what it is sent, and keeps nothing of it. */
const counting = createServer(async (request, response) => {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const part of request) {
    hash.update(part);
    bytes += part.length;
  }
  response.end(JSON.stringify({ bytes, sha256: hash.digest("hex"), length: request.headers["content-length"] ?? null }));
});
await new Promise((done) => counting.listen(0, "127.0.0.1", done));

function configure(folder, port) {
  mkdirSync(join(folder, "root"));
  const file = openSync(join(folder, "root/large.bin"), "w");
  ftruncateSync(file, large - END.length); // sparse: it takes no room on the disk
  writeSync(file, END, large - END.length);
  closeSync(file);
  writeFileSync(join(folder, "root/page.txt"), TEXT);
  return `error_log stderr crit;
events {}
http {
  access_log off;
  types { text/plain txt; application/octet-stream bin; }
  gzip on;
  gzip_types text/plain;
  gzip_proxied any;
  client_max_body_size 200m;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    root ${folder}/root;
    location /kept/ { dav_methods PUT; create_full_put_path on; }
    location /counted/ { proxy_pass http://127.0.0.1:${counting.address().port}; proxy_http_version 1.1; proxy_request_buffering off; }
    location /moved { return 301 /page.txt; }
    location /made { add_header X-Made yes always; return 404 "not here"; }
    location /cookies { add_header Set-Cookie "a=1; Path=/"; add_header Set-Cookie "b=2; Path=/"; return 204; }
  }
}
`;
}

const nginx = await startNginx(configure, "/page.txt");
const shop = await front({ dir: options.dir, origin: nginx.base });

const KEPT = ["content-type", "content-length", "content-range", "content-encoding", "etag", "last-modified", "accept-ranges", "vary", "location", "set-cookie", "x-made"];

/** Asks through the function and directly, and compares status, body and fields. */
async function alike(what, path, asked = {}, { unlike = [] } = {}) {
  const settings = { ...asked, headers: { ...BROWSER, ...asked.headers } };
  const [through, direct] = await Promise.all([shop.base, nginx.base].map((base) => ask(base, path, settings)));
  // The host it was asked at stands in what nginx makes of a short location.
  const own = ({ headers, body }) => [
    KEPT.filter((name) => !unlike.includes(name)).map((name) => [name, String(headers[name] ?? "").replace(/^http:\/\/[^/]+/, "")]),
    createHash("sha256").update(body).digest("hex"),
  ];
  same(`${what}: status`, through.status, direct.status);
  same(`${what}: fields and body`, own(through), own(direct));
  return through;
}

async function untouched() {
  const page = await alike("a page", "/page.txt");
  const { etag, "last-modified": modified } = page.headers;
  same("a page is whole", String(page.body), TEXT);
  const kept = [
    ["its tag is known", { "if-none-match": etag }],
    ["one of its tags is known", { "if-none-match": `"other", ${etag}` }],
    ["it is known weakly", { "if-none-match": `W/${etag}` }],
    ["anything is known", { "if-none-match": "*" }],
    ["it has not changed since", { "if-modified-since": modified }],
  ];
  for (const [what, headers] of kept) {
    const answer = await alike(what, "/page.txt", { headers });
    same(`${what}: nothing comes`, [answer.status, answer.body.length, answer.headers.etag], [304, 0, etag]);
  }
  same("another tag is known", (await alike("another", "/page.txt", { headers: { "if-none-match": '"other"' } })).status, 200);
  same("it must be another", (await alike("a condition", "/page.txt", { headers: { "if-match": '"other"' } })).status, 412);
  same("it must be the same", (await alike("a condition", "/page.txt", { headers: { "if-match": etag } })).status, 200);
  const head = await alike("HEAD", "/large.bin", { method: "HEAD" });
  same("HEAD says how long it is", [head.status, head.headers["content-length"], head.body.length], [200, `${large}`, 0]);
  for (const path of ["/moved", "/made", "/cookies", "/none", "/kept"]) await alike(path, path);
}

async function ranges() {
  const end = await alike("the end", "/large.bin", { headers: { range: `bytes=-${END.length}` } });
  const from = large - END.length;
  same("the end is its end", [end.status, String(end.body), end.headers["content-range"]], [206, END, `bytes ${from}-${large - 1}/${large}`]);
  const whole = (await ask(shop.base, "/page.txt", { headers: BROWSER })).body;
  const part = await alike("a part", "/page.txt", { headers: { range: "bytes=1000-1999" } });
  same("a part is that part", [part.status, part.body.equals(whole.subarray(1000, 2000))], [206, true]);
  const beyond = await alike("beyond", "/page.txt", { headers: { range: `bytes=${whole.length}-` } });
  same("beyond its end there is nothing", [beyond.status, beyond.headers["content-range"]], [416, `bytes */${whole.length}`]);
  // The boundary between parts is made up anew each time.
  const parts = await ask(shop.base, "/page.txt", { headers: { ...BROWSER, range: "bytes=0-9,20-29" } });
  check("two parts", parts.status === 206 && /^multipart\/byteranges; boundary=/.test(parts.headers["content-type"]) &&
    parts.body.includes(whole.subarray(0, 10)) && parts.body.includes(whole.subarray(20, 30)), [parts.status, parts.headers]);
  const { etag } = part.headers;
  same("a part if it is the same", (await alike("if-range", "/page.txt", { headers: { range: "bytes=0-9", "if-range": etag } })).status, 206);
  same("all of it if it is not", (await alike("if-range", "/page.txt", { headers: { range: "bytes=0-9", "if-range": '"other"' } })).status, 200);
}

async function compressed() {
  const zipped = await alike("compressed", "/page.txt", { headers: { "accept-encoding": "gzip" } });
  same("compressed, it is the same", [zipped.headers["content-encoding"], String(gunzipSync(zipped.body))], ["gzip", TEXT]);
  same("its tag is a weak one", zipped.headers.etag?.startsWith("W/"), true);
  const known = await alike("compressed and known", "/page.txt", { headers: { "accept-encoding": "gzip", "if-none-match": zipped.headers.etag } });
  same("compressed and known, nothing comes", [known.status, known.body.length], [304, 0]);
  for (const accepted of ["identity", "br", "gzip;q=0", "deflate, gzip;q=0.5, *;q=0"]) {
    await alike(`accepting ${accepted}`, "/page.txt", { headers: { "accept-encoding": accepted } });
  }
}

async function heavy() {
  const memory = memoryOf(shop.port);
  const told = [];
  const answer = await down(shop.base, "/large.bin", BROWSER, memory);
  same("a large answer is whole", [answer.status, answer.headers["content-length"], answer.bytes], [200, `${large}`, large]);
  told.push(["a large answer", answer.more]);
  const from = large >> 1;
  const half = await down(shop.base, "/large.bin", { ...BROWSER, range: `bytes=${from}-` }, memory);
  same("half of it is half of it", [half.status, half.bytes], [206, large - from]);
  told.push(["half of it", half.more]);
  const octets = { ...BROWSER, "content-type": "application/octet-stream" };
  for (const [how, headers] of [["of a known length", { ...octets, "content-length": upload }], ["in chunks", octets]]) {
    const name = how.replaceAll(" ", "-");
    const sent = await up(shop.base, `/kept/${name}.bin`, upload, headers, memory);
    same(`an upload to nginx, ${how}`, sent.status, 201);
    const file = join(nginx.folder, `root/kept/${name}.bin`);
    same(`an upload to nginx, ${how}, is whole`, [statSync(file).size, await digest(file)], [upload, sent.sha256]);
    told.push([`an upload ${how}`, sent.more]);
    const counted = await up(shop.base, `/counted/${name}`, upload, headers, memory);
    const { bytes, sha256, length } = JSON.parse(counted.body);
    same(`an upload that is counted, ${how}`, [counted.status, bytes, sha256], [200, upload, counted.sha256]);
    same(`an upload that is counted, ${how}: its length`, length, how === "in chunks" ? null : `${upload}`);
    told.push([`a counted upload ${how}`, counted.more]);
  }
  for (const [what, more] of told) check(`memory is flat under ${what}`, more < FLAT, `${more >> 20} MiB more`);
  console.log(`memory: ${told.map(([what, more]) => `${more >> 20} MiB more under ${what}`).join(", ")}`);
}

async function digest(file) {
  const hash = createHash("sha256");
  for await (const part of createReadStream(file)) hash.update(part);
  return hash.digest("hex");
}

try {
  await untouched();
  await ranges();
  await compressed();
  await heavy();
} finally {
  await shop.stop();
  await nginx.stop();
  counting.close();
}
conclude();
