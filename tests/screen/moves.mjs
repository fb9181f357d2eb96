// How shoppers move: to another network, back and forward, to a tab that was open before, in several tabs at once, in a
// private window, with a wrong clock, without JavaScript.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { CHROMIUM_FLAGS } from "../browser/tools.mjs";
import { CHALLENGED, arrived, executablePath, heading, holdWork, launch, suspect, within } from "./chromium.mjs";
import { ask, check, same, work } from "./tools.mjs";

const isChallenge = (page) => page.locator("#challenge").count();
const passes = async (context) => (await context.cookies()).filter(({ name }) => name === "venditor-pass").length;

/** The address changes between a challenge and its answer: from Wi-Fi to a mobile network, from IPv4 to IPv6. */
async function networks(browser, way) {
  for (const [what, before, after] of [
    ["Wi-Fi to mobile", "203.0.113.7", "198.51.100.77"],
    ["IPv4 to IPv6", "203.0.113.8", "2001:db8:1:2::8"],
    ["IPv6 to IPv4", "2001:db8:1:3::9", "203.0.113.9"],
    ["one IPv6 network to another", "2001:db8:1:4::1", "2001:db8:ffff:4::1"],
  ]) {
    const url = way.base + CHALLENGED(what);
    await within(browser, suspect(browser), async (page, context) => {
      way.from(before);
      const release = await holdWork(page);
      same(`${what}: challenged`, (await page.goto(url)).status(), 403);
      way.from(after);
      release();
      await arrived(page);
      same(`${what}: it goes on`, page.url(), url);
      same(`${what}: with one pass`, await passes(context), 1);
      way.from("192.0.2.99");
      same(`${what}: which is good from a third address`, (await page.goto(way.base + CHALLENGED("third"))).status(), 200);
    });
    await within(browser, { ...suspect(browser), javaScriptEnabled: false }, async (page) => {
      way.from(before);
      same(`${what}, without JavaScript: challenged`, (await page.goto(url)).status(), 403);
      way.from(after);
      await page.waitForSelector('input[name="q"]', { timeout: 30_000 });
      same(`${what}, without JavaScript: it goes on`, page.url(), url);
    });
  }
}

/** Back and forward never lead to a challenge that is solved, whether the browser keeps pages that were left or not. */
async function history(browser, way, kept) {
  const what = kept ? "kept pages" : "pages asked for anew";
  way.from("192.0.2.30");
  await within(browser, suspect(browser), async (page) => {
    const url = way.base + CHALLENGED("history");
    await page.goto(`${way.base}/`);
    same(`${what}: challenged`, (await page.goto(url)).status(), 403);
    await arrived(page);
    await page.goto(`${way.base}/p/celadon-teapot`);
    for (const [how, where] of [["goBack", url], ["goBack", `${way.base}/`], ["goForward", url]]) {
      await page[how]();
      await arrived(page);
      same(`${what}: ${how}`, page.url(), where);
    }
    same(`${what}: no challenge`, await isChallenge(page), 0);
  });
  // Without JavaScript the challenge is a page of its own in the history; its address is the one that it leads to.
  way.from("192.0.2.31");
  await within(browser, { ...suspect(browser), javaScriptEnabled: false }, async (page) => {
    const url = way.base + CHALLENGED("waiting");
    await page.goto(`${way.base}/`);
    same(`${what}, without JavaScript: challenged`, (await page.goto(url)).status(), 403);
    await page.waitForSelector('input[name="q"]', { timeout: 30_000 });
    await page.goto(`${way.base}/p/celadon-teapot`);
    // Until it is begun: a page that is kept is not loaded again.
    await page.goBack({ waitUntil: "commit" });
    await page.waitForSelector('input[name="q"]');
    same(`${what}, without JavaScript: back`, [page.url(), await isChallenge(page)], [url, 0]);
    await page.goBack({ waitUntil: "commit" });
    await page.waitForSelector("main");
    same(`${what}, without JavaScript: back again`, await isChallenge(page), 0);
  });
}

/** A challenge that was left open, and solved in another tab meanwhile. */
async function left(browser, way, kept) {
  const what = kept ? "a kept challenge" : "a challenge asked for anew";
  way.from("192.0.2.40");
  await within(browser, suspect(browser), async (page, context) => {
    const url = way.base + CHALLENGED("left");
    const shown = [];
    page.on("console", (message) => message.text().startsWith("shown ") && shown.push(message.text()));
    await page.addInitScript(() => addEventListener("pageshow", ({ persisted }) => console.log(`shown ${persisted}`)));
    // The page asks not to be kept, and Chromium keeps none with such a status: a browser that keeps it all the same is
    // played by the proxy, which takes both away.
    const release = way.hold(kept ? { status: 200, fields: { "cache-control": "no-cache" } } : undefined);
    await page.goto(url);
    same(`${what}: challenged`, await isChallenge(page), 1);
    await page.locator("#cancel").click(); // nothing runs any more: such a page is kept
    await page.goto(`${way.base}/robots.txt`);
    release();
    const other = await context.newPage();
    await other.goto(way.base + CHALLENGED("other"));
    await arrived(other);
    await page.goBack();
    await arrived(page);
    same(`${what}: back in its tab one is where one was going`, page.url(), url);
    if (kept) check(`${what}: it was kept`, shown.includes("shown true"), shown);
    // A page that still shows its challenge, in a tab that was not looked at.
    const asleep = await context.newPage();
    await context.clearCookies();
    const wake = await holdWork(asleep);
    await asleep.goto(way.base + CHALLENGED("asleep"));
    same(`${what}: without the pass, one is challenged`, await isChallenge(asleep), 1);
    await other.goto(way.base + CHALLENGED("other"));
    await arrived(other);
    wake();
    await arrived(asleep);
    same(`${what}: both tabs arrive, each at its own`, [asleep.url(), other.url()], ["asleep", "other"].map((q) => way.base + CHALLENGED(q)));
  });
}

/** A browser that is started again: its pass is there still, and a challenge that was open is asked for anew. */
async function restored(browser, way) {
  way.from("192.0.2.50");
  const profile = mkdtempSync(join(tmpdir(), "venditor-profile-"));
  const start = () => chromium.launchPersistentContext(profile, { executablePath, args: CHROMIUM_FLAGS, ...suspect(browser) });
  try {
    let context = await start();
    let [page] = context.pages();
    await holdWork(page);
    const url = way.base + CHALLENGED("restored");
    same("before it is closed: challenged", (await page.goto(url)).status(), 403);
    await context.close();
    context = await start();
    [page] = context.pages();
    await page.goto(url);
    await arrived(page);
    same("an open challenge, restored, leads on", page.url(), url);
    await context.close();
    context = await start();
    [page] = context.pages();
    same("a pass outlives the browser", (await page.goto(url)).status(), 200);
    await context.close();
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}

/** Three challenges open at once, all solved. */
async function tabs(browser, way) {
  way.from("192.0.2.60");
  await within(browser, suspect(browser), async (first, context) => {
    const release = await holdWork(context);
    const open = [first, await context.newPage(), await context.newPage()];
    const urls = open.map((_, i) => way.base + CHALLENGED(`tab ${i}`));
    const statuses = await Promise.all(open.map(async (page, i) => (await page.goto(urls[i])).status()));
    same("three tabs are challenged", statuses, [403, 403, 403]);
    release();
    await Promise.all(open.map(arrived));
    same("three tabs arrive, each at its own", open.map((page) => page.url()), urls);
    same("with one pass that counts", await passes(context), 1);
  });
}

/** A private window has no pass of another's, and gives none away. */
async function privately(browser, way) {
  way.from("192.0.2.70");
  const url = way.base + CHALLENGED("private");
  await within(browser, suspect(browser), async (page, context) => {
    await page.goto(url);
    await arrived(page);
    await within(browser, suspect(browser), async (hidden, own) => {
      same("a private window has no pass", await passes(own), 0);
      same("and is challenged by itself", (await hidden.goto(url)).status(), 403);
      await arrived(hidden);
      same("and goes on", hidden.url(), url);
      const [mine, its] = await Promise.all([context, own].map(async (one) => (await one.cookies()).find(({ name }) => name === "venditor-pass")?.value));
      check("with a pass of its own", mine !== undefined && its !== undefined && mine !== its);
    });
  });
}

/** The time of the page is nobody's business: the server's clock decides. */
async function clocks(browser, way) {
  way.from("192.0.2.80");
  for (const days of [1, -1, 3650]) {
    await within(browser, suspect(browser), async (page) => {
      await page.addInitScript((ms) => {
        const True = Date;
        globalThis.Date = class extends True {
          constructor(...given) {
            super(...(given.length ? given : [True.now() + ms]));
          }
          static now = () => True.now() + ms;
        };
      }, days * 86_400_000);
      const url = way.base + CHALLENGED(`clock ${days}`);
      same(`a clock that is off by ${days} days: challenged`, (await page.goto(url)).status(), 403);
      check("the page believes its clock", Math.abs((await page.evaluate(() => Date.now())) - Date.now()) > 43_200_000);
      await arrived(page);
      same(`a clock that is off by ${days} days: it goes on`, page.url(), url);
    });
  }
}

/** An answer that was used, here or elsewhere, leads to a page that leads on. */
async function used(browser, way) {
  way.from("192.0.2.90");
  await within(browser, suspect(browser), async (page, context) => {
    const headers = { "user-agent": "curl/8", accept: "application/json", "content-type": "application/json" };
    const { body } = await ask(way.base, CHALLENGED("used"), { headers });
    const { token, work: task, solve } = JSON.parse(body).challenge;
    const answer = { method: "POST", headers, body: JSON.stringify({ token, answer: work(task) }) };
    same("a program solves it", (await ask(way.base, solve, answer)).status, 200);
    await page.goto(`${way.base}${solve}?token=${token}&answer=${work(task)}`);
    check("whoever comes with the same answer gets no pass", (await passes(context)) === 0, await heading(page));
    same("and is told what is missing", await heading(page), "Cookies are needed");
    await page.locator("a.button").click();
    await arrived(page);
    same("and goes on from there, by a challenge of their own", [page.url(), await passes(context)], [way.base + CHALLENGED("used"), 1]);
  });
}

/** A form that was challenged is sent once, wherever one goes afterwards. */
async function forms(browser, way) {
  way.from("192.0.2.95");
  for (const javaScriptEnabled of [true, false]) {
    const what = `a form ${javaScriptEnabled ? "with" : "without"} JavaScript`;
    await within(browser, { ...suspect(browser), javaScriptEnabled }, async (page, context) => {
      const sent = [];
      context.on("response", (response) => response.request().method() === "POST" && sent.push(response.status()));
      await page.goto(`${way.base}/p/celadon-teapot`);
      // As the page sends it without its own script.
      if (javaScriptEnabled) await page.evaluate(() => HTMLFormElement.prototype.submit.call(document.querySelector('form[action="/cart/add"]')));
      else await page.locator('form[action="/cart/add"] button').first().click();
      if (!javaScriptEnabled) {
        // Too early, one is challenged anew, and is to wait again.
        await page.waitForTimeout(1000 * Number(await page.getAttribute("#challenge", "data-seconds")) + 500);
        await page.locator("#button").click();
      }
      await page.waitForURL((at) => at.pathname === "/cart", { timeout: 30_000 });
      same(`${what}: it arrives`, sent.filter((status) => status === 303).length, 1);
      // The browser asks before it sends one again; here nobody says yes.
      await page.goBack().catch(() => {});
      await (await context.newPage()).goto(`${way.base}/cart`);
      same(`${what}: back, it is not sent again`, sent.filter((status) => status === 303).length, 1);
    });
  }
}

export async function moves(browser, way) {
    await networks(browser, way);
  await tabs(browser, way);
  await privately(browser, way);
  await clocks(browser, way);
  await used(browser, way);
  await forms(browser, way);
  await restored(browser, way);
  for (const kept of [false, true]) {
    const own = await launch({ kept });
    try {
      await history(own, way, kept);
      await left(own, way, kept);
    } finally {
      await own.close();
    }
  }
}
