// What other sites' pages do to a code, and what a shopper's own browser does, on a host that is already running on
// localhost: the only address without https where browsers send fetch metadata.
//
//   node tests/browser/foreign.mjs --base http://localhost:PORT --path /01/…/21/… --path /01/…/21/…
//
//   --path   a label's path that nobody has scanned; the first is for other sites' pages, the second for a shopper
//   --help   this
import { createServer } from "node:http";
import { chromium } from "playwright-core";
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { CHROMIUM_FLAGS, PHONE, getJson } from "./tools.mjs";

const { values: options } = readOptions(import.meta.url, {
  options: { base: { type: "string" }, path: { type: "string", multiple: true } },
});
if (!options.base || options.path?.length !== 2) wrong("--base and two --path are wanted");
const address = new URL(options.base);
const [foreign, own] = options.path.map((path) => `/verify${path}`);

let passed = 0;
let failed = 0;
function same(what, found, wanted) {
  if (found === wanted) {
    passed += 1;
  } else {
    failed += 1;
    console.log(`FAIL ${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  }
}

// Another site: 127.0.0.1 is not the site of localhost.
const target = `${address.origin}${foreign}`;
const PAGES = {
  "/img": `<img src="${target}">`,
  "/iframe": `<iframe src="${target}"></iframe>`,
  "/css": `<div style="width:9px;height:9px;background:url('${target}')">.</div>`,
  "/fetch": `<script>fetch("${target}", { mode: "no-cors", credentials: "include" })</script>`,
  "/prefetch": `<link rel="prefetch" href="${target}">`,
  "/speculation": `<script type="speculationrules">{"prefetch":[{"source":"list","urls":["${target}"]}],`
    + `"prerender":[{"source":"list","urls":["${target}"]}]}</script>`,
  "/window": `<script>const w = open("${target}", "hidden", "width=1,height=1,left=9999"); w?.blur()</script>`,
  "/link": `<a href="${target}">to the code</a>`,
};
const site = createServer((request, response) => {
  response.writeHead(200, { "content-type": "text/html" }).end(`<!doctype html><meta charset="utf-8">${PAGES[request.url] ?? ""}`);
});
await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
const elsewhere = `http://127.0.0.1:${site.address().port}`;

// Chromium's new headless mode is the whole browser; its hint still says what it is, which a person's does not.
const hint = { "sec-ch-ua": '"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"' };
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: CHROMIUM_FLAGS });
const counted = async (path) => (await getJson(address, address.host, path, { purpose: "prefetch" })).scans.count;
const outcome = (page) => page.getAttribute("[data-outcome]", "data-outcome");
const heading = (page) => page.locator("h1").innerText();

try {
  for (const kind of Object.keys(PAGES).filter((kind) => kind !== "/link")) {
    const context = await browser.newContext({ ...PHONE, extraHTTPHeaders: hint });
    let asked = 0;
    context.on("request", (request) => { asked += Number(request.url() === target); });
    const page = await context.newPage();
    await page.goto(`${elsewhere}${kind}`);
    await page.waitForTimeout(1_000);
    // What the browser fetches ahead it does not tell Playwright of.
    if (!["/prefetch", "/speculation"].includes(kind)) same(`${kind}: the page is asked for`, asked > 0, true);
    same(`${kind}: takes nothing`, await counted(foreign), 0);
    await context.close();
  }

  // A window that a script opened may be a shopper's all the same: then a tap says so.
  const context = await browser.newContext({ ...PHONE, javaScriptEnabled: true, extraHTTPHeaders: hint });
  const page = await context.newPage();
  const [popup] = await Promise.all([context.waitForEvent("page"), page.goto(`${elsewhere}/window`)]);
  await popup.waitForLoadState();
  same("hidden window: unscanned", await outcome(popup), "authentic_unscanned");
  const tap = popup.locator(".verdict form button");
  same("hidden window: the button", await tap.count(), 1);
  await Promise.all([popup.waitForNavigation(), tap.click()]);
  same("tapped: first scan", await outcome(popup), "authentic_first_scan");
  same("tapped: counted", await counted(foreign), 1);
  await context.close();

  // A shopper who followed a link from a chat: a click is an act.
  const shopper = await browser.newContext({ ...PHONE, extraHTTPHeaders: hint });
  const code = await shopper.newPage();
  await code.goto(`${address.origin}${own}?lang=en`);
  same("own: first scan", await outcome(code), "authentic_first_scan");
  const [cookie] = await shopper.cookies(code.url());
  same("own: a cookie of this page", cookie?.path, own);
  same("own: not for scripts", [cookie?.httpOnly, cookie?.sameSite].join(), "true,Lax");
  same("own: another piece's page gets none", (await shopper.cookies(`${address.origin}${foreign}`)).length, 0);
  const said = await heading(code);
  await code.reload();
  same("reload: still the first scan", await outcome(code), "authentic_first_scan");
  same("reload: the same words", await heading(code), said);
  await Promise.all([code.waitForNavigation(), code.locator("header nav a").click()]);
  same("the other language: still the first scan", await outcome(code), "authentic_first_scan");
  same("the other language: counted once", await counted(own), 1);
  await shopper.clearCookies();
  await code.goto(`${address.origin}${own}?lang=en`);
  same("without the cookie: careful", await outcome(code), "authentic_seen_before");
  same("without the cookie: amber", await code.locator(".verdict.caution").count(), 1);
  same("without the cookie: counted once", await counted(own), 1);
  await shopper.close();

  const reader = await browser.newContext({ ...PHONE, extraHTTPHeaders: hint });
  const chat = await reader.newPage();
  await chat.goto(`${elsewhere}/link`);
  await Promise.all([chat.waitForNavigation(), chat.locator("a").click()]);
  same("a link that a person follows is no script's", await chat.locator(".verdict form button").count(), 0);
} catch (error) {
  failed += 1;
  console.log(`FAIL the test itself: ${error.stack}`);
} finally {
  await browser.close();
  site.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
