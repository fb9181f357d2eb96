// What the browser tests share: Chromium, and the sample shop behind bot-screen behind a proxy of the test's own, which says
// from which address a browser comes.
import { join } from "node:path";
import { chromium } from "playwright-core";
import { CHROMIUM_FLAGS, PHONE } from "../browser/tools.mjs";
import { front, relay } from "./front.mjs";
import { CHROME, ask, same } from "./tools.mjs";

export const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

/**
 * A browser of these tests. `kept`: it keeps pages that were left (bfcache), which the driver forbids otherwise. A frame of
 * another site is drawn by the process of the page around it: by one of its own, without a screen, it sometimes never is.
 */
export const launch = ({ kept = false } = {}) =>
  chromium.launch({
    executablePath, args: [...CHROMIUM_FLAGS, "--disable-site-isolation-trials"], ...(kept && { ignoreDefaultArgs: ["--disable-back-forward-cache"] }),
  });

/** A phone with the browser's true version: a user agent and client hints that contradict each other are challenged. */
export function phone(browser) {
  return { ...PHONE, userAgent: PHONE.userAgent.replace(/Chrome\/\d+/, `Chrome/${browser.version().split(".")[0]}`), locale: "en" };
}

/**
 * A phone whose browser says that it has no window: bot-screen asks it to solve a challenge before it puts something into a
 * cart, whatever others have done from its address.
 */
export const suspect = (browser) => ({ ...phone(browser), userAgent: phone(browser).userAgent.replace("Chrome/", "HeadlessChrome/") });

/** Where a suspect is challenged, and its number in the address, so that one knows that one came to the right place. */
export const CHALLENGED = (what) => `/search?q=${encodeURIComponent(what)}&add-to-cart=1`;

/** Uses a page of a new context, which has nothing of others: a private window. */
export async function within(browser, settings, use) {
  const context = await browser.newContext(settings);
  try {
    return await use(await context.newPage(), context);
  } finally {
    await context.close();
  }
}

export const shot = (page, out, name) => page.screenshot({ path: join(out, `${name}.png`), fullPage: true });
export const heading = (page) => page.locator("h1").innerText();
/** The shop's own page is there, and no challenge. */
export const arrived = (page) =>
  page.waitForFunction(() => !document.getElementById("challenge") && document.readyState === "complete", undefined, { timeout: 30_000 });

/** Keeps the work of challenges back until it is called: the pages stay as they are. */
export async function holdWork(scope) {
  const waiting = [];
  let open = false;
  await scope.route("**/.venditor/work.js", async (route) => {
    if (!open) await new Promise((go) => waiting.push(go));
    await route.continue().catch(() => {}); // its page may be gone
  });
  return () => {
    open = true;
    for (const go of waiting.splice(0)) go();
  };
}

/**
 * The shop behind bot-screen behind a proxy, at `base`. `from(address)` is where browsers come from hereafter. `hold(instead)`
 * keeps the work of challenges back until what it returns is called, and their pages have another status and fields, if it
 * says so. The shop answers nothing at /unreachable.
 */
export async function behindProxy(dir, origin) {
  let address = "192.0.2.1";
  const cut = await relay(origin, ({ url }) => (url.startsWith("/unreachable") ? undefined : {}));
  const shop = await front({ dir, origin: cut.base, more: { SCREEN_HOPS: "1" } });
  let held;
  const change = async ({ url }) => {
    if (url === "/.venditor/work.js") await held?.over;
    return { "x-forwarded-for": address };
  };
  const proxy = await relay(shop.base, change, (status) => (status === 403 ? held?.instead : undefined));
  const hold = (instead) => {
    const own = { instead };
    own.over = new Promise((done) => (own.release = done));
    held = own;
    return () => {
      held = undefined;
      own.release();
    };
  };
  const stop = async () => {
    await proxy.close();
    await shop.stop();
    await cut.close();
  };
  return { base: proxy.base, from: (next) => (address = next), hold, stop };
}

/** So many searches from this address that the next browser must show that it is one. */
async function crowd(base) {
  for (let i = 0; i < 60; i++) {
    const { status } = await ask(base, `/search?q=${i}`, { headers: { "user-agent": CHROME, accept: "text/html" } });
    if (status === 403) return;
  }
}

/** Opens a page from a crowded address; again where the crowd had gone by then. */
export async function crowded(base, page, url, what) {
  for (let tries = 0; ; tries++) {
    await crowd(base);
    const response = await page.goto(url);
    if (response.status() === 403 || tries === 10) return same(`${what} is challenged`, response.status(), 403);
  }
}
