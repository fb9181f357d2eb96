// Requests that servers read differently (smuggle.mjs sends them), and what each host answers: a status, "closed" without an
// answer, or "waits" for more. `sees(request, host)` must hold of the request that the origin gets, if it gets one.
import { CHROME } from "./tools.mjs";

const FIELDS = `host: shop.example\r\nuser-agent: ${CHROME}\r\naccept-language: en\r\n`;
// Screening refuses it: if the origin sees it, it came behind another's back.
const SMUGGLED = "POST /cart/add?smuggled HTTP/1.1\r\nhost: shop.example\r\nuser-agent: curl/8\r\ncontent-length: 0\r\n\r\n";
const HELLO = "5\r\nhello\r\n0\r\n\r\n";

const post = (fields, body, more = "") => `POST /api/notes HTTP/1.1\r\n${FIELDS}${fields}\r\n${body}${more}`;
const chunked = (body, more = SMUGGLED) => post("transfer-encoding: chunked\r\n", body, more);
// The body of one that is counted by fields of it is read before it goes on, and sent on anew.
const counted = (...given) => post(...given).replace("/api/notes", "/login/notes");
const get = (target, fields = "", version = "HTTP/1.1") => `GET ${target} ${version}\r\n${FIELDS}${fields}\r\n`;

const isHello = ({ content }) => String(content) === "hello";
const action = (wanted) => ({ all }) => all("venditor-action")[0] === wanted;
const hidden = (text) => `0\r\n\r\n${text}`;

/** [name, answers of Workers/Spin, bytes, sees] */
const table = [
  ["what is smuggled, by itself", "403/403", SMUGGLED, () => false],

  // Two lengths: RFC 9112 §6.3 lets a server refuse, or believe Transfer-Encoding and close.
  ["length and chunks, the length shorter", "200/200", post("content-length: 4\r\ntransfer-encoding: chunked\r\n", HELLO, SMUGGLED), isHello],
  ["length and chunks, the length longer", "200/200", post(`content-length: ${hidden(SMUGGLED).length}\r\ntransfer-encoding: chunked\r\n`, hidden(SMUGGLED))],
  ["chunks and length", "200/200", post("transfer-encoding: chunked\r\ncontent-length: 4\r\n", HELLO, SMUGGLED), isHello],
  ["length and chunks of what is counted, the length shorter", "200/200", counted("content-length: 4\r\ntransfer-encoding: chunked\r\n", HELLO, SMUGGLED), isHello],
  ["length and chunks of what is counted, the length longer", "200/200", counted(`content-length: ${hidden(SMUGGLED).length}\r\ntransfer-encoding: chunked\r\n`, hidden(SMUGGLED))],
  ["no length of what is counted", "200/200", counted("", "", SMUGGLED)],
  ["a length of nothing of what is counted", "200/200", counted("content-length: 0\r\n", "", SMUGGLED)],
  ["a bad chunk of what is counted", "400/400", counted("transfer-encoding: chunked\r\n", "g\r\nhello\r\n0\r\n\r\n", SMUGGLED)],
  ["a length beyond what is counted", "413/413", counted(`content-length: ${1 << 20}\r\n`, "x".repeat(1 << 10))],
  ["chunks beyond what is counted", "413/413", counted("transfer-encoding: chunked\r\n", "10000\r\n" + `${"x".repeat(1 << 16)}\r\n10000\r\n`.repeat(8) + `${"x".repeat(1 << 16)}\r\n0\r\n\r\n`)],
  ["two lengths that differ", "500/400", post("content-length: 5\r\ncontent-length: 0\r\n", "hello", SMUGGLED)],
  ["two lengths that differ, the other way", "500/400", post("content-length: 0\r\ncontent-length: 5\r\n", "hello", SMUGGLED)],
  ["two lengths that agree", "500/200", post("content-length: 5\r\ncontent-length: 5\r\n", "hello"), isHello],
  ["two lengths in a list", "500/400", post("content-length: 5, 5\r\n", "hello"), isHello],
  ["two lengths in a list that differ", "500/400", post("content-length: 5, 0\r\n", "hello", SMUGGLED)],
  ...[
    ["+5", "500/400"], ["-1", "500/400"], ["0x5", "500/400"], ["5;0", "500/400"], ["5 0", "500/400"], ["", "200/400"],
    ["five", "500/400"], ["99999999999999999999999", "waits/400"],
  ].map(([length, answers]) =>
    [`a length of ${JSON.stringify(length)}`, answers, post(`content-length: ${length}\r\n`, "hello", SMUGGLED)]),
  ["a length with zeros before it", "200/200", post("content-length: 0005\r\n", "hello"), isHello],

  // Transfer codings that one reads as chunked and another does not.
  ["chunked in capitals", "200/200", post("transfer-encoding: CHUNKED\r\n", HELLO), isHello],
  ...[
    ["xchunked", "500/400"], ["chunked, identity", "500/400"], ["identity, chunked", "500/200"],
    ["gzip, chunked", "500/200"], ["\x0bchunked", "500/400"], ["\"chunked\"", "500/400"], ["chunked;q=1", "500/400"],
    ["identity", "500/400"], ["", "200/400"],
  ].map(([coding, answers]) =>
    [`a coding of ${JSON.stringify(coding)}`, answers, post(`content-length: 5\r\ntransfer-encoding: ${coding}\r\n`, HELLO, SMUGGLED)]),
  ["two codings", "500/400", post("transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n", HELLO, SMUGGLED)],
  ["two codings, the other way", "500/200", post("transfer-encoding: identity\r\ntransfer-encoding: chunked\r\n", HELLO, SMUGGLED)],
  ["chunked by HTTP/1.0", "200/400", post("transfer-encoding: chunked\r\n", HELLO, SMUGGLED).replace("HTTP/1.1", "HTTP/1.0")],
  ["chunks of a GET", "200/200", `GET /notes HTTP/1.1\r\n${FIELDS}transfer-encoding: chunked\r\n\r\n${HELLO}`],
  ["a GET with a length", "200/200", `GET /notes HTTP/1.1\r\n${FIELDS}content-length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`],

  // Chunks.
  ...[
    ["g", "200/502"], ["-5", "200/502"], ["0x5", "200/502"], ["", "200/502"], [" 5", "200/502"], ["5 ", "200/200"],
    ["+5", "200/502"], ["5_", "200/502"], ["fffffffffffffffff", "200/502"], ["5,5", "200/502"],
  ].map(([size, answers]) =>
    [`a chunk of ${JSON.stringify(size)}`, answers, chunked(`${size}\r\nhello\r\n0\r\n\r\n`)]),
  ["a chunk with an extension", "200/200", chunked(`5;name="value"\r\nhello\r\n0\r\n\r\n`, ""),
    // Where the runtime takes no chunk for what is wrong with it, it ends the body there (wire.mjs has the same of a client that leaves).
    ({ content }, host) => String(content) === (host === "workers" ? "" : "hello")],
  ["a chunk with a line feed in its extension", "200/502", chunked(`5;\nxx\r\nhello\r\n0\r\n\r\n`)],
  ["a chunk ended by a line feed", "200/502", chunked(`5\nhello\r\n0\r\n\r\n`)],
  ["a chunk with nothing behind it", "200/502", chunked(`5\r\nhello0\r\n\r\n`)],
  ["a chunk shorter than it says", "200/502", chunked(`6\r\nhello\r\n0\r\n\r\n`)],
  ["a chunk longer than it says", "200/502", chunked(`4\r\nhello\r\n0\r\n\r\n`)],
  ["64 KiB of an extension", "200/502", chunked(`5;${"x".repeat(64 << 10)}\r\nhello\r\n0\r\n\r\n`)],

  // Fields and lines.
  ["a folded field", "200/400", get("/page", "x-folded: a\r\n b\r\n")],
  ["a folded coding", "500/400", post("content-length: 5\r\ntransfer-encoding:\r\n chunked\r\n", HELLO, SMUGGLED)],
  ["a folded first field", "200/400", `GET /page HTTP/1.1\r\n x: y\r\n${FIELDS}\r\n`],
  ["a space before the colon of a coding", "200/400", post("content-length: 5\r\ntransfer-encoding : chunked\r\n", HELLO, SMUGGLED)],
  ["a space before the colon of a length", "200/400", post("content-length : 5\r\n", "hello", SMUGGLED)],
  ["a tab before the colon", "200/400", get("/page", "x-tab\t: 1\r\n")],
  ["no colon", "400/400", get("/page", "x-nothing\r\n")],
  ["no name", "400/400", get("/page", ": x\r\n")],
  ["bare line feeds", "200/200", get("/page").replaceAll("\r\n", "\n")],
  ["a bare line feed that hides a coding", "200/200", post("content-length: 5\r\nx-a: b\ntransfer-encoding: chunked\r\n", HELLO, SMUGGLED)],
  ["a bare carriage return in a value", "200/400", get("/page", "x-a: b\rtransfer-encoding: chunked\r\n")],
  ["a zero byte in a value", "400/400", get("/page", "x-a: b\0c\r\n")],
  ["a zero byte in a name", "400/400", get("/page", "x-a\0: b\r\n")],
  ["bytes that are not UTF-8 in a value", "200/500", get("/page", "x-a: \xff\xfe\r\n")],
  ["a name of our own with underscores", "200/200", get("/page", "venditor_outcome: verified\r\nx_forwarded_for: 203.0.113.9\r\n"),
    ({ fields }) => !fields.some(([name]) => name.includes("_"))],
  ["a name of our own that Connection takes away", "200/200", get("/page", "connection: venditor-outcome, x-forwarded-for\r\n")],

  // Whom it is for.
  ["an absolute target of another host", "500/closed", get("http://other.example/page")],
  ["an absolute target of this host", "500/200", get("http://shop.example/page"), ({ line }) => line === "GET /page HTTP/1.1"],
  ["an absolute target with a name in it", "500/closed", get("http://shop.example@other.example/page")],
  ["two hosts", "500/200", `GET /page HTTP/1.1\r\nhost: other.example\r\n${FIELDS}\r\n`],
  ["no host", "400/closed", "GET /page HTTP/1.1\r\nuser-agent: x\r\n\r\n"],
  ["an empty host", "400/closed", "GET /page HTTP/1.1\r\nhost:\r\nuser-agent: x\r\n\r\n"],
  ["a host with a path", "500/closed", "GET /page HTTP/1.1\r\nhost: shop.example/checkout\r\nuser-agent: x\r\n\r\n"],
  ["a target without a slash", "500/closed", get("page")],
  ["a target of a star", "500/200", `OPTIONS * HTTP/1.1\r\n${FIELDS}\r\n`],
  ["a tunnel", "500/closed", `CONNECT other.example:443 HTTP/1.1\r\n${FIELDS}\r\n`],
  ["TRACE", "200/200", `TRACE /page HTTP/1.1\r\n${FIELDS}\r\n`],
  ["a method of its own", "200/200", `PURGE /page HTTP/1.1\r\n${FIELDS}\r\n`],
  ["a method in small letters", "501/200", `get /page HTTP/1.1\r\n${FIELDS}\r\n`],
  ["HTTP/0.9", "waits/400", "GET /page\r\n"],
  ["HTTP/1.0", "200/200", get("/page", "", "HTTP/1.0")],
  ["HTTP/3.0", "200/400", get("/page", "", "HTTP/3.0")],
  ["the preface of HTTP/2", "501/waits", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["an upgrade to HTTP/2", "200/200", get("/page", "connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n")],
  ["spaces in the target", "200/400", get("/page one HTTP/1.1\r\nx: y")],
  ["bytes in the target", "200/400", get("/page\xff\x01")],
  ["no request", "501/waits", "\r\n\r\n\r\n"],

  // Paths that servers read differently: the strictest reading is the one that is judged.
  ["two slashes", "200/200", get("//checkout"), action("checkout")],
  ["two slashes and a host", "200/200", get("//other.example/checkout")],
  ["a way up", "200/200", get("/x/../checkout"), action("checkout")],
  ["an encoded way up", "200/200", get("/x/%2e%2e/checkout"), action("checkout")],
  ["a way up beyond the root", "200/200", get("/..%2f..%2fcheckout"), action("checkout")],
  ["an encoded slash", "200/200", get("/x%2f..%2fcheckout"), action("checkout")],
  ["twice encoded", "200/200", get("/x/%252e%252e/checkout"), action("checkout")],
  ["a parameter of a segment", "200/200", get("/checkout;x=1"), action("checkout")],
  ["a parameter that hides a way up", "200/200", get("/x/..;/checkout"), action("checkout")],
  ["a backslash", "200/200", get("/x\\..\\checkout"), action("checkout")],
  ["capitals", "200/200", get("/CheckOut"), action("checkout")],
  ["a fragment", "200/200", get("/robots.txt#/../checkout"),
    ({ line, all }) => all("venditor-action")[0] === (line.includes("checkout") ? "checkout" : "well_known")],
  ["a fragment behind what is not free", "403/403", "POST /cart/add#/x.css HTTP/1.1\r\nhost: shop.example\r\nuser-agent: curl/8\r\ncontent-length: 0\r\n\r\n", () => false],
  ["a free path with a way to another", "200/200", get("/assets/../checkout"), action("checkout")],

  // Sizes.
  ["a field of 20 KiB", "200/200", get("/page", `x-long: ${"x".repeat(20 << 10)}\r\n`)],
  ["a field of 1 MiB", "431/431", get("/page", `x-long: ${"x".repeat(1 << 20)}\r\n`)],
  ["a name of 64 KiB", "200/431", get("/page", `${"x".repeat(64 << 10)}: 1\r\n`)],
  ["a target of 20 KiB", "200/200", get(`/${"x".repeat(20 << 10)}`)],
  ["a target of 1 MiB", "431/431", get(`/${"x".repeat(1 << 20)}`)],
  ["90 fields", "200/200", get("/page", Array.from({ length: 90 }, (_, i) => `x-${i}: ${i}\r\n`).join(""))],
  ["300 fields", "200/431", get("/page", Array.from({ length: 300 }, (_, i) => `x-${i}: ${i}\r\n`).join(""))],
  ["20,000 fields", "431/431", get("/page", Array.from({ length: 20_000 }, (_, i) => `x-${i}: ${i}\r\n`).join(""))],
  ["a cookie of 64 KiB", "200/200", get("/page", `cookie: a=${"x".repeat(64 << 10)}\r\n`)],
  ["5,000 cookies in a field", "200/200", get("/page", `cookie: ${Array.from({ length: 5000 }, (_, i) => `c${i}=${i}`).join("; ")}\r\n`)],
  ["80 fields of cookies", "200/200", get("/page", Array.from({ length: 80 }, (_, i) => `cookie: c${i}=${i}\r\n`).join(""))],
  ["5,000 fields of cookies", "200/431", get("/page", Array.from({ length: 5000 }, (_, i) => `cookie: c${i}=${i}\r\n`).join(""))],
];

export const shapes = table.map(([name, answers, bytes, sees]) => {
  const [workers, spin] = answers.split("/");
  return { name, bytes, sees, answers: { workers, spin } };
});
