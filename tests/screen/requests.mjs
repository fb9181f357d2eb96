// Requests of a page's own scripts that are challenged: solved in place by the script that shops include, as `fetch` and as
// XMLHttpRequest, from this host and from another; and pages within pages.
import { createServer } from "node:http";
import { axeViolations, overflow, smallTargets } from "../browser/tools.mjs";
import { front, relay } from "./front.mjs";
import { CHALLENGED, holdWork, phone, shot, suspect, within } from "./chromium.mjs";
import { check, same } from "./tools.mjs";

const ITEM = JSON.stringify({ sku: "celadon-teapot", quantity: 1 });
const passes = async (page) => (await page.context().cookies()).filter(({ name }) => name === "venditor-pass").length;

/** Statuses of what a page's scripts asked of `path`, as they come. */
function statuses(page, path) {
  const seen = [];
  page.on("response", (response) => new URL(response.url()).pathname === path && seen.push(response.status()));
  return seen;
}

/** The sample shop's own button: nobody leaves the page. */
async function button(browser, way) {
  way.from("192.0.2.60");
  await within(browser, suspect(browser), async (page) => {
    await page.goto(`${way.base}/p/celadon-teapot`);
    const seen = statuses(page, "/api/cart/items");
    await page.locator('form[action="/cart/add"] button').first().click();
    await page.waitForFunction(() => document.querySelector("[data-count]").dataset.count === "1", undefined, { timeout: 30_000 });
    same("a script's request is challenged, solved and sent again once", seen, [403, 200]);
    same("nobody left the page", new URL(page.url()).pathname, "/p/celadon-teapot");
    same("its pass is kept", await passes(page), 1);
    same("nothing is left of what it said", await page.locator("#venditor-check").count(), 0);
  });
}

/** In the page: a request by XMLHttpRequest, and which of its events its script saw with which status. */
const byXhr = ([path, body, type]) =>
  new Promise((done) => {
    const xhr = new XMLHttpRequest();
    const events = [];
    xhr.open("POST", path);
    xhr.responseType = type;
    xhr.setRequestHeader("content-type", "application/json");
    xhr.onreadystatechange = () => xhr.readyState === 4 && events.push(`done ${xhr.status}`);
    xhr.onload = () => events.push(`load ${xhr.status}`);
    xhr.onerror = () => events.push("error");
    xhr.onloadend = () => done({ events: [...events, "loadend"], count: (type === "json" ? xhr.response : JSON.parse(xhr.responseText)).count });
    xhr.send(body);
  });

async function xhr(browser, way) {
  for (const type of ["json", ""]) {
    way.from("192.0.2.61");
    await within(browser, suspect(browser), async (page) => {
      await page.goto(`${way.base}/`);
      const seen = statuses(page, "/api/cart/items");
      const told = await page.evaluate(byXhr, ["/api/cart/items", ITEM, type]);
      same(`XMLHttpRequest (${type}): sent again once`, seen, [403, 200]);
      same("and its script sees the second answer alone", told, { events: ["done 200", "load 200", "loadend"], count: 1 });
    });
  }
}

/** Shapes of `fetch`: a request object with a body, several at once, one that is given up, one that no pass helps. */
async function fetches(browser, way) {
  way.from("192.0.2.62");
  await within(browser, suspect(browser), async (page) => {
    await page.goto(`${way.base}/`);
    const seen = statuses(page, "/api/cart/items");
    const solved = statuses(page, "/.venditor/solve");
    const told = await page.evaluate(async (body) => {
      const headers = { "content-type": "application/json" };
      const one = () => fetch(new Request("/api/cart/items", { method: "POST", headers, body })).then((response) => response.status);
      return Promise.all([one(), one(), one()]);
    }, ITEM);
    same("three at once", told, [200, 200, 200]);
    same("of which one solved for all", [solved.length, seen.filter((status) => status === 403).length], [1, 3]);
  });
  await within(browser, suspect(browser), async (page) => {
    const release = await holdWork(page);
    await page.goto(`${way.base}/`);
    const told = await page.evaluate(async (body) => {
      const gone = new AbortController();
      setTimeout(() => gone.abort(), 1500);
      const how = { method: "POST", headers: { "content-type": "application/json" }, body, signal: gone.signal };
      return fetch("/api/cart/items", how).then((response) => response.status, (error) => error.name);
    }, ITEM);
    same("a request that is given up is", told, "AbortError");
    release();
  });
  await within(browser, suspect(browser), async (page) => {
    await page.goto(`${way.base}/`);
    await page.route("**/.venditor/check*", async (route) => {
      await page.context().clearCookies();
      await route.continue();
    });
    const seen = statuses(page, "/api/cart/items");
    const told = await page.evaluate(async (body) => {
      const how = { method: "POST", headers: { "content-type": "application/json" }, body };
      const response = await fetch("/api/cart/items", how);
      return [response.status, (await response.json()).type.split("/").pop()];
    }, ITEM);
    same("without cookies its script gets what it got", told, [403, "challenge-required"]);
    same("and nothing is sent again", seen, [403]);
    same("and the page says why", await page.locator("#venditor-check p").first().innerText(), "Cookies are needed");
    await page.locator("#venditor-check button").click();
    same("until it is closed", await page.locator("#venditor-check").count(), 0);
  });
}

/** What it says while it works: both languages, narrow, with axe, by keyboard. */
async function looks(browser, way, out) {
  for (const [lang, title, cancel] of [["en", "One moment, please", "Cancel"], ["zh", "请稍候片刻", "取消"]]) {
    way.from("192.0.2.63");
    await within(browser, suspect(browser), async (page) => {
      const release = await holdWork(page);
      await page.goto(`${way.base}/p/celadon-teapot?lang=${lang}`);
      const what = `in place, ${lang}`;
      const told = page.evaluate(async (body) => {
        const how = { method: "POST", headers: { "content-type": "application/json" }, body };
        return (await fetch("/api/cart/items", how)).status;
      }, ITEM);
      const box = page.locator("#venditor-check");
      await box.waitFor();
      same(`${what}: title`, await box.locator("p").first().innerText(), title);
      check(`${what}: it is said to who cannot see it`, (await box.locator('[role="status"]').innerText()).length > 10);
      for (const width of [320, 375]) {
        await page.setViewportSize({ width, height: 700 });
        same(`${what}: wider than its window of ${width}`, await page.evaluate(overflow), 0);
      }
      same(`${what}: small targets`, (await page.evaluate(smallTargets)).filter((target) => target.includes?.(cancel)), []);
      same(`${what}: axe`, await axeViolations(page), []);
      await shot(page, out, `in-place-${lang}`);
      await box.locator("button", { hasText: cancel }).focus();
      await page.keyboard.press("Enter");
      same(`${what}: cancelled by keyboard, its script gets what it got`, await told, 403);
      same(`${what}: and nothing is left of it`, await box.count(), 0);
      release();
    });
  }
}

/** A page of another host that asks an API behind bot-screen: the configuration names its origin. */
async function elsewhere(browser, dir, origin) {
  const pages = createServer((asked, answer) => {
    const from = new URL(asked.url, "http://x");
    answer.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": `default-src 'none'; script-src 'self'; connect-src 'self' ${from.searchParams.get("api")}` });
    answer.end(`<!doctype html><html lang="en"><title>www</title><script src="/.venditor/fetch.js" data-origins="${from.searchParams.get("api")}"></script><h1>www</h1>`);
  });
  await new Promise((done) => pages.listen(0, "127.0.0.1", done));
  const own = { base: `http://127.0.0.1:${pages.address().port}` };
  let www;
  // The shop's own answers say who may read them, too: what is not ours is its affair.
  const api = await relay(origin, () => ({}), (status) => ({
    status: status === 404 || status === 405 ? 204 : status,
    fields: {
      "access-control-allow-origin": www, "access-control-allow-credentials": "true", "access-control-allow-headers": "content-type", "access-control-allow-methods": "POST",
    },
  }));
  const first = await front({ dir, origin: own.base });
  www = first.base;
  const second = await front({ dir, origin: api.base, more: { SCREEN_CORS_ORIGINS: `https://m.shop.example, ${www}` } });
  try {
    await within(browser, suspect(browser), async (page) => {
      await page.goto(`${www}/?api=${encodeURIComponent(second.base)}`);
      const seen = statuses(page, "/api/cart/items");
      const send = ([url, body]) =>
        fetch(url, { method: "POST", credentials: "include", headers: { "content-type": "application/json" }, body })
          .then(async (response) => [response.status, (await response.json()).count], (error) => [error.name]);
      same("from another host of the configuration", await page.evaluate(send, [`${second.base}/api/cart/items`, ITEM]), [200, 1]);
      same("and no preflight was challenged", seen.filter((status) => status >= 400), [403]);
      // Without the script, a page may still read why.
      const told = await page.evaluate(async (url) => {
        const response = await fetch(`${url}/.venditor/solve?token=none`, { headers: { accept: "application/json" } });
        return [response.status, (await response.json()).type.split("/").pop()];
      }, second.base);
      same("a page of it may read our problems", told, [403, "challenge-expired"]);
    });
    await within(browser, suspect(browser), async (page) => {
      // Another origin, though of the same machine.
      await page.goto(`${www.replace("127.0.0.1", "localhost")}/?api=${encodeURIComponent(second.base)}`);
      const read = (url) => fetch(url, { headers: { accept: "application/json" } }).then(() => "read", (error) => error.name);
      same("a page of no such host may not", await page.evaluate(read, `${second.base}/.venditor/solve?token=none`), "TypeError");
    });
  } finally {
    await second.stop();
    await first.stop();
    await api.close();
    pages.closeAllConnections();
    await new Promise((done) => pages.close(done));
  }
}

/** A page within a page: of this site it is solved there, of another it leads out. */
async function frames(browser, way, out) {
  const holder = createServer((asked, answer) => {
    answer.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    answer.end(`<!doctype html><html lang="en"><title>a page around another</title><h1>Around</h1><iframe title="shop" width="360" height="600" src="${new URL(asked.url, "http://x").searchParams.get("src")}"></iframe>`);
  });
  await new Promise((done) => holder.listen(0, "127.0.0.1", done));
  const { port } = holder.address();
  const inner = (page) => page.frames().find((frame) => frame !== page.mainFrame());
  const around = (host, use) =>
    within(browser, suspect(browser), async (page) => {
      const src = encodeURIComponent(way.base + CHALLENGED("frame"));
      // A frame that is not drawn at once never is.
      for (let tries = 0; tries < 6; tries++) {
        await page.goto(`http://${host}:${port}/?src=${src}`);
        const drawn = page.frameLocator("iframe").locator("h1").waitFor({ timeout: 6_000 });
        if (await drawn.then(() => true, () => false)) break;
      }
      return use(page, page.frameLocator("iframe"));
    });
  way.from("192.0.2.64");
  // The shop forbids to be framed, so what is there at last is its refusal, and no page of ours.
  await around("127.0.0.1", async (page) => {
    for (let tries = 0; tries < 100 && (await passes(page)) === 0; tries++) await page.waitForTimeout(200);
    same("a page within a page of this site is solved there", await passes(page), 1);
  });
  await around("localhost", async (page, frame) => {
    same("within a page of another it says so", await frame.locator("h1").innerText(), "One moment, please");
    const link = frame.locator("a");
    await shot(page, out, "frame-elsewhere");
    same("and leads out, to where it was going", [await link.getAttribute("href"), await link.getAttribute("target")], [CHALLENGED("frame"), "_blank"]);
    // A frame of another site may not be where the browser takes its clicks to be until it was drawn.
    let popup;
    for (let tries = 0; tries < 10 && !popup; tries++) {
      const opened = page.waitForEvent("popup", { timeout: 3_000 }).catch(() => undefined);
      await link.click();
      popup = await opened;
    }
    check("its link opens a page of its own", popup !== undefined);
    await popup.waitForSelector('input[name="q"]', { timeout: 30_000 });
    same("where it is solved", popup.url(), way.base + CHALLENGED("frame"));
    check("the frame is still there", inner(page) !== undefined);
  });
  holder.closeAllConnections();
  await new Promise((done) => holder.close(done));
}

export async function requests(browser, way, { dir, origin, out }) {
  await button(browser, way);
  await xhr(browser, way);
  await fetches(browser, way);
  await looks(browser, way, out);
  await elsewhere(browser, dir, origin);
  await frames(browser, way, out);
}
