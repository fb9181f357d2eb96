// What a shopper does, in Chromium, at the sample shop behind bot-screen. README.md says what is checked.
//
//   node tests/screen/browser.mjs --dir DIR [options]
//
//   --dir DIR   the folder of a running scripts/dev
//   --out DIR   where screenshots go (artifacts/screen)
//   --help      this
import { mkdirSync } from "node:fs";
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import { axeViolations, overflow, smallTargets } from "../browser/tools.mjs";
import { arrived, behindProxy, crowded, heading, launch, phone, shot as shotInto, within as withinOf } from "./chromium.mjs";
import { moves } from "./moves.mjs";
import { pages } from "./pages.mjs";
import { requests } from "./requests.mjs";
import { check, conclude, same, served } from "./tools.mjs";

const { values: options } = readOptions(import.meta.url, {
  options: { dir: { type: "string" }, out: { type: "string", default: "artifacts/screen" } },
});
if (!options.dir) wrong("--dir is wanted");
const { shop: base, origin } = served(options.dir);
mkdirSync(options.out, { recursive: true });
const browser = await launch();

const shot = (page, name) => shotInto(page, options.out, name);
const within = (settings, use) => withinOf(browser, { ...phone(browser), ...settings }, use);
const challenged = (page, url, what) => crowded(base, page, url, what);

/** Nobody who buys with a browser is stopped. */
async function buy() {
  await within({}, async (page) => {
    const seen = [];
    page.on("response", (response) => seen.push([response.status(), new URL(response.url()).pathname]));
    await page.goto(`${base}/`);
    await page.locator('a[href^="/p/"]').first().click();
    await page.waitForURL((at) => at.pathname.startsWith("/p/"));
    const added = page.waitForResponse((response) => response.request().method() === "POST");
    await page.locator('form[action="/cart/add"] button').first().click();
    same("it is put into the cart", (await added).status() < 400, true);
    await page.goto(`${base}/cart`);
    await page.locator('a[href="/checkout"]').click();
    await page.waitForURL((at) => at.pathname === "/checkout");
    await page.locator('input[name="name"]').fill("张三");
    await page.locator('[name="address"]').fill("西湖路 1 号");
    await page.locator('form[action="/checkout"] button').first().click();
    await page.waitForSelector("[data-order]");
    check("an order has a number", (await page.locator("[data-order]").innerText()).length > 0);
    same("nothing was refused", seen.filter(([status]) => status >= 400), []);
    await shot(page, "order");
  });
}

/** With JavaScript: the page goes on by itself to exactly where it was going. */
async function solved() {
  await within({}, async (page) => {
    const url = `${base}/search?q=${encodeURIComponent("茶")}&a=1&a=2#there`;
    await challenged(page, url, "a search from a crowded address");
    await arrived(page);
    same("and goes on to the very same address", page.url(), url);
    await page.goto(`${base}/`);
    await page.goBack();
    await arrived(page);
    same("back leads to the results", page.url(), url);
    const again = await page.goto(`${base}/search?q=again`);
    same("the pass is good for the next one", again.status(), 200);
  });
}

async function withoutScript() {
  await within({ javaScriptEnabled: false }, async (page) => {
    const url = `${base}/search?q=${encodeURIComponent("茶")}`;
    await challenged(page, url, "without JavaScript it");
    await shot(page, "challenge-no-script");
    await page.waitForURL((at) => at.pathname === "/search", { timeout: 1000 });
    await page.waitForSelector('input[name="q"]', { timeout: 20_000 });
    same("and goes on after a wait", page.url(), url);
  });
}

/** A form that is challenged is not lost. Chromium without a window says so in its client hints. */
async function form(script, parts = false) {
  await within({ javaScriptEnabled: script, userAgent: undefined, isMobile: false }, async (page) => {
    await page.goto(`${base}/`);
    await page.locator('a[href^="/p/"]').nth(1).click();
    await page.waitForURL((at) => at.pathname.startsWith("/p/"));
    // As the page sends it without its own script.
    if (parts) {
      await page.evaluate(() => {
        const form = document.querySelector('form[action="/cart/add"]');
        form.enctype = "multipart/form-data";
        form.append(Object.assign(document.createElement("input"), { type: "file", name: "photo" }));
      });
    }
    if (script) await page.evaluate(() => HTMLFormElement.prototype.submit.call(document.querySelector('form[action="/cart/add"]')));
    else await page.locator('form[action="/cart/add"] button').first().click();
    await page.waitForSelector("#challenge", { timeout: 5000 }).catch(() => {});
    if (!script) {
      check("a form is kept", (await page.locator('#go-on input[name="sku"]').count()) === 1);
      await page.waitForTimeout(3500);
      await page.locator("#button").click();
    }
    await page.waitForURL((at) => at.pathname === "/cart", { timeout: 30_000 });
    check(`${script ? "with" : "without"} JavaScript a form ${parts ? "of parts " : ""}arrives`, (await page.locator("main").innerText()).length > 0);
    await page.goto(`${base}/cart`);
    same("its pass is there", (await page.context().cookies()).filter(({ name }) => name === "venditor-pass").length, 1);
  });
}

async function withoutCookies() {
  await within({}, async (page, context) => {
    // A browser that keeps none: it is gone before it can come back.
    await page.route("**/.venditor/check*", async (route) => {
      await context.clearCookies();
      await route.continue();
    });
    await challenged(page, `${base}/search?q=no-cookies`, "without cookies it");
    await page.waitForURL((at) => at.pathname === "/.venditor/check", { timeout: 30_000 });
    same("without cookies it stops and says why", await heading(page), "Cookies are needed");
    await shot(page, "no-cookies");
    same("no-cookies: axe", await axeViolations(page), []);
    await page.waitForTimeout(1500);
    same("and does not loop", new URL(page.url()).pathname, "/.venditor/check");
  });
}

/** The page itself, while its work is held up. */
async function looks() {
  for (const [locale, title] of [["en", "One moment, please"], ["zh-CN", "请稍候片刻"]]) {
    for (const colorScheme of ["light", "dark"]) {
      await within({ locale, colorScheme }, async (page) => {
        let release;
        await page.route("**/.venditor/work.js", (route) => new Promise((resolve) => (release = resolve)).then(() => route.abort()));
        const what = `challenge-${locale}-${colorScheme}`;
        await challenged(page, `${base}/search?q=looks`, what);
        same(`${what}: title`, await heading(page), title);
        same(`${what}: language`, await page.getAttribute("html", "lang"), locale);
        same(`${what}: wider than its window`, await page.evaluate(overflow), 0);
        same(`${what}: small targets`, await page.evaluate(smallTargets), []);
        same(`${what}: axe`, await axeViolations(page), []);
        await shot(page, what);
        await page.locator("#cancel").click();
        check(`${what}: cancelled, it can be tried again`, await page.locator("#button").isVisible());
        await shot(page, `${what}-cancelled`);
        release?.();
      });
    }
  }
  await within({}, async (page) => {
    await page.route("**/.venditor/work.js", (route) => route.abort());
    await challenged(page, `${base}/search?q=no-worker`, "without a worker it");
    await page.locator("#button").waitFor({ state: "visible", timeout: 10_000 });
    await page.locator("#button").click();
    await arrived(page);
    same("without a worker, waiting does as well", page.url(), `${base}/search?q=no-worker`);
  });
}

await buy();
await solved();
await withoutScript();
await form(true);
await form(false);
await form(true, true);
await withoutCookies();
await looks();
const way = await behindProxy(options.dir, origin);
try {
  await requests(browser, way, { dir: options.dir, origin, out: options.out });
  await pages(browser, way, options.out);
  await moves(browser, way);
} finally {
  await browser.close();
  await way.stop();
}
conclude();
