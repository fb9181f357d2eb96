// nginx with functions/bot-screen/nginx.conf, between the sample shop and bot-screen as scripts/dev serves both. README.md
// says what is checked.
//
//   node tests/screen/nginx.mjs --dir DIR
//
//   --dir DIR   the folder of a running scripts/dev
//   --help      this
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { startNginx } from "./nginx-process.mjs";
import { CHROME, ask, check, conclude, same, served, work } from "./tools.mjs";

const { values: options } = readOptions(import.meta.url, { options: { dir: { type: "string" } } });
if (!options.dir) wrong("--dir is wanted");
const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const { functions, origin } = served(options.dir);

/** The configuration of the documentation, with this machine's ports and nothing else changed. */
function configure(folder, port) {
  const venditor = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/venditor");
  const key = execFileSync(venditor, ["--keys", join(options.dir, "keys"), "keys", "token", "--kid", "dev-edge"], { encoding: "utf8" });
  writeFileSync(join(folder, "venditor-key.conf"), `set $venditor_key "${key.trim()}";\n`, { mode: 0o600 });
  let text = readFileSync(join(root, "functions/bot-screen/nginx.conf"), "utf8");
  for (const [from, to] of [
    ["127.0.0.1:8080", new URL(origin).host],
    ["127.0.0.1:8787", new URL(functions).host],
    ["listen 8081;", `listen 127.0.0.1:${port};`],
    ["/etc/nginx/venditor-key.conf", join(folder, "venditor-key.conf")],
  ]) {
    check(`nginx.conf says ${from}`, text.includes(from));
    text = text.replaceAll(from, to);
  }
  return text;
}

async function asks(base) {
  const browser = { "user-agent": CHROME, accept: "text/html", "accept-language": "en" };
  const home = await ask(base, "/", { headers: browser });
  const direct = await ask(origin, "/", { headers: browser });
  same("a page", [home.status, home.body.length], [200, direct.body.length]);
  const told = JSON.parse((await ask(base, "/stream/echo-headers", {
    headers: { ...browser, "venditor-outcome": "verified", "venditor-agent": "x", "x-original-url": "/admin", "x-original-uri": "/robots.txt", "x-real-ip": "203.0.113.9" },
  })).body).headers;
  same("the outcome is ours", [told["venditor-outcome"], told["venditor-agent"], told["venditor-action"]], ["allow", "browser", "browse"]);
  same("fields that replace a path are gone", [told["x-original-url"], told["x-original-uri"], told["x-real-ip"]], [undefined, undefined, undefined]);

  const json = { "user-agent": "curl/8.9.1", accept: "application/json", "accept-language": "en", "content-type": "application/json" };
  const order = { method: "POST", headers: json, body: '{"sku":"celadon-teapot","quantity":1}' };
  const refused = await ask(base, "/api/cart/items", order);
  const problem = JSON.parse(refused.body);
  same("a program is challenged", [refused.status, problem.type.split("/").at(-1)], [403, "challenge-required"]);
  check("and told of the limits", /"cart-address";q=60;w=60/.test(refused.headers["ratelimit-policy"]), refused.headers);
  const { token, work: task, solve } = problem.challenge;
  const solved = await ask(base, solve, { method: "POST", headers: json, body: JSON.stringify({ token, answer: work(task) }) });
  same("its work is taken", solved.status, 200);
  const { pass } = JSON.parse(solved.body);
  const gone = await ask(base, "/api/cart/items", { ...order, headers: { ...json, cookie: `${pass.cookie}=${pass.value}` } });
  check("with the pass it goes on", gone.status < 300, gone.status);

  const form = { ...json, accept: "text/html", "content-type": "application/x-www-form-urlencoded" };
  const page = await ask(base, "/cart/add", { method: "POST", headers: form, body: "sku=celadon-teapot&quantity=2" });
  const html = page.body.toString();
  same("a form gets a page", [page.status, page.headers["content-type"]], [403, "text/html; charset=utf-8"]);
  check("and is kept", /<input type="hidden" name="sku" value="celadon-teapot">/.test(html));
  const action = /<form id="go-on" method="post" action="([^"]*)"/.exec(html)[1].replaceAll("&amp;", "&");
  const data = (name) => new RegExp(`data-${name}="([^"]*)"`).exec(html)[1];
  const answer = work({ seed: data("seed"), parts: Number(data("parts")), bits: Number(data("bits")) });
  const sent = await ask(base, `${action}&venditor-answer=${answer}`, { method: "POST", headers: form, body: "sku=celadon-teapot&quantity=2" });
  check("with its answer it is sent, and gets a pass", sent.status < 400 && String(sent.headers["set-cookie"]).includes("venditor-pass="), [sent.status, sent.headers]);

  const crawler = { "user-agent": "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)" };
  const later = await ask(base, "/api/orders", { method: "POST", headers: { ...crawler, "content-type": "application/json" }, body: "{}" });
  same("a crawler that orders is told to come later", [later.status, later.headers["retry-after"]], [429, "30"]);
  same("and may look", (await ask(base, "/", { headers: crawler })).status, 200);
  same("a payment notice is free", (await ask(base, "/hooks/payment", { method: "POST", headers: { "user-agent": "curl/8" }, body: "x" })).status, 200);
}

/** While bot-screen does not answer. */
async function alone(base) {
  const browser = { "user-agent": CHROME, accept: "text/html" };
  same("a page is served unscreened", (await ask(base, "/", { headers: { ...browser, "venditor-outcome": "allow" } })).status, 200);
  const told = JSON.parse((await ask(base, "/stream/echo-headers", { headers: { ...browser, "venditor-outcome": "allow", "x-real-ip": "203.0.113.9" } })).body).headers;
  same("and the origin is told nothing", [told["venditor-outcome"], told["x-real-ip"]], [undefined, undefined]);
  for (const path of ["/checkout", "/cart/add", "/api/orders", "/en/login", "/wp-login.php", "/product/teapot"]) {
    same(`${path} is refused`, (await ask(base, path, { method: "POST", headers: browser, body: "a=1" })).status, 500);
  }
}

for (const [configuration, asked] of [
  [configure, asks],
  [(folder, port) => configure(folder, port).replaceAll(new URL(functions).host, "127.0.0.1:9"), alone],
]) {
  const nginx = await startNginx(configuration, "/robots.txt");
  try {
    await asked(nginx.base);
  } finally {
    await nginx.stop();
  }
}
conclude();
