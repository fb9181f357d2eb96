// Proxies that hand on what bot-screen answers (`/v1/forward`), with the samples of the documentation, between the sample
// shop and bot-screen as scripts/dev serves both: Caddy and HAProxy.
//
//   node tests/screen/proxies.mjs --dir DIR
//
//   --dir DIR   the folder of a running scripts/dev
//   --help      this
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { freePort } from "../refund/hosts.mjs";
import { CHROME, ask, check, conclude, same, served, work } from "./tools.mjs";

const { values: options } = readOptions(import.meta.url, { options: { dir: { type: "string" } } });
if (!options.dir) wrong("--dir is wanted");
const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const { functions, origin } = served(options.dir);
const venditor = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/venditor");
const key = execFileSync(venditor, ["--keys", join(options.dir, "keys"), "keys", "token", "--kid", "dev-edge"], { encoding: "utf8" }).trim();

/** A sample of the documentation, with this machine's ports and nothing else changed. */
function sample(name, changes) {
  let text = readFileSync(join(root, "functions/bot-screen", name), "utf8");
  for (const [from, to] of changes) {
    check(`${name} says ${from}`, text.includes(from));
    text = text.replaceAll(from, to);
  }
  return text;
}

const PROXIES = {
  caddy(folder, port, screen) {
    const file = join(folder, "Caddyfile");
    const text = sample("Caddyfile", [["127.0.0.1:8080", new URL(origin).host], ["127.0.0.1:8787", screen], [":8081 {", `http://127.0.0.1:${port} {`]]);
    writeFileSync(file, `{\n\tadmin off\n\tauto_https off\n\tlog {\n\t\tlevel ERROR\n\t}\n}\n${text}`);
    const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, VENDITOR_KEY: key };
    return spawn("caddy", ["run", "--config", file, "--adapter", "caddyfile"], { env, stdio: ["ignore", "ignore", "ignore"] });
  },
  haproxy(folder, port, screen) {
    const [file, script] = [join(folder, "haproxy.cfg"), join(folder, "venditor.lua")];
    writeFileSync(script, sample("haproxy.lua", [["127.0.0.1:8787", screen]]));
    writeFileSync(file, sample("haproxy.cfg", [["127.0.0.1:8080", new URL(origin).host], ["127.0.0.1:8787", screen], ["bind :8081", `bind 127.0.0.1:${port}`], ["/etc/haproxy/venditor.lua", script]]));
    return spawn("haproxy", ["-db", "-f", file], { env: { ...process.env, VENDITOR_KEY: key }, stdio: ["ignore", "ignore", "ignore"] });
  },
};

async function start(name, screen) {
  const folder = mkdtempSync(join(tmpdir(), `venditor-${name}-`));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const child = PROXIES[name](folder, port, screen);
  for (let tries = 0; ; tries++) {
    try {
      await ask(base, "/robots.txt");
      break;
    } catch (error) {
      if (tries > 200 || child.exitCode !== null) throw error;
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  const stop = () => new Promise((done) => {
    child.once("exit", () => done(rmSync(folder, { recursive: true, force: true })));
    child.kill("SIGTERM");
  });
  return { base, stop };
}

const browser = { "user-agent": CHROME, accept: "text/html", "accept-language": "en", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "none" };

async function asks(name, base) {
  const is = (what, found, wanted) => same(`${name}: ${what}`, found, wanted);
  const home = await ask(base, "/", { headers: browser });
  const direct = await ask(origin, "/", { headers: browser });
  is("a page", [home.status, home.body.length], [200, direct.body.length]);
  check(`${name}: its visit gets back`, String(home.headers["set-cookie"]).includes("venditor-visit="), home.headers);
  const image = await ask(base, "/robots.txt", { headers: { "user-agent": CHROME } });
  is("what begins no visit gets no cookie", image.headers["set-cookie"], undefined);
  const sent = { "venditor-outcome": "verified", "venditor-signer": "x", venditor_agent: "x", "x-original-url": "/admin", "x-forwarded-uri": "/robots.txt", "x-real-ip": "203.0.113.9" };
  const seen = JSON.parse((await ask(base, "/stream/echo-headers?a=1", { headers: { ...browser, ...sent } })).body).headers;
  is("the outcome is ours", [seen["venditor-outcome"], seen["venditor-agent"], seen["venditor-action"]], ["allow", "browser", "browse"]);
  is("what a client says of itself is gone", [seen["venditor-signer"] ?? "", seen.venditor_agent, seen["x-original-url"], seen["x-real-ip"]], ["", undefined, undefined, undefined]);

  const json = { "user-agent": "curl/8.9.1", accept: "application/json", "accept-language": "en", "content-type": "application/json" };
  const order = { method: "POST", headers: json, body: '{"sku":"celadon-teapot","quantity":1}' };
  const refused = await ask(base, "/api/cart/items", order);
  const problem = JSON.parse(refused.body);
  is("a program is challenged", [refused.status, problem.type.split("/").at(-1), refused.headers["venditor-outcome"]], [403, "challenge-required", "challenge"]);
  check(`${name}: and told of the limits`, /"cart-address";q=60;w=60/.test(refused.headers["ratelimit-policy"]), refused.headers);
  const { token, work: task, solve } = problem.challenge;
  const solved = await ask(base, solve, { method: "POST", headers: json, body: JSON.stringify({ token, answer: work(task) }) });
  is("its work is taken", solved.status, 200);
  const { pass } = JSON.parse(solved.body);
  const gone = await ask(base, "/api/cart/items", { ...order, headers: { ...json, cookie: `${pass.cookie}=${pass.value}` } });
  check(`${name}: with the pass it goes on, body and all`, gone.status < 300 && JSON.parse(gone.body).items?.length > 0, [gone.status, String(gone.body)]);

  const form = { ...json, accept: "text/html", "content-type": "application/x-www-form-urlencoded", referer: `${base}/product/celadon-teapot?x=1` };
  const page = await ask(base, "/cart/add", { method: "POST", headers: form, body: "sku=celadon-teapot&quantity=2" });
  const html = page.body.toString();
  is("a form gets a page", [page.status, page.headers["content-type"]], [403, "text/html; charset=utf-8"]);
  const target = Buffer.from(/data-token="[^".]*\.([^".]*)/.exec(html)[1], "base64url").toString();
  check(`${name}: that leads back to its own page`, target.endsWith("/product/celadon-teapot?x=1") && html.includes('data-lost="lost"'), target);

  const crawler = { "user-agent": "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)" };
  const later = await ask(base, "/api/orders", { method: "POST", headers: { ...crawler, "content-type": "application/json" }, body: "{}" });
  is("a crawler that orders is told to come later", [later.status, later.headers["retry-after"]], [429, "30"]);
  is("and may look", (await ask(base, "/", { headers: crawler })).status, 200);
  const tagged = JSON.parse((await ask(base, "/stream/echo-headers", { headers: { "user-agent": "curl/8.9.1" } })).body).headers;
  is("labels reach the origin", [tagged["venditor-outcome"], tagged["venditor-labels"]], ["tag", "program"]);
  is("a payment notice is free", (await ask(base, "/hooks/payment", { method: "POST", headers: { "user-agent": "curl/8" }, body: "x" })).status, 200);
}

/** While bot-screen does not answer. */
async function alone(name, base) {
  const page = await ask(base, "/", { headers: { ...browser, "venditor-outcome": "allow" } });
  same(`${name}: a page is served unscreened`, page.status, 200);
  const seen = JSON.parse((await ask(base, "/stream/echo-headers", { headers: { ...browser, "venditor-outcome": "allow", "x-real-ip": "203.0.113.9" } })).body).headers;
  same(`${name}: and the origin is told nothing`, [seen["venditor-outcome"], seen["x-real-ip"]], [undefined, undefined]);
  for (const path of ["/checkout", "/cart/add", "/api/orders", "/en/login", "/wp-login.php", "/product/teapot"]) {
    same(`${name}: ${path} is refused`, (await ask(base, path, { method: "POST", headers: browser, body: "a=1" })).status, 503);
  }
}

for (const name of Object.keys(PROXIES)) {
  for (const [screen, asked] of [[new URL(functions).host, asks], ["127.0.0.1:9", alone]]) {
    const proxy = await start(name, screen);
    try {
      await asked(name, proxy.base);
    } finally {
      await proxy.stop();
    }
  }
}
conclude();
