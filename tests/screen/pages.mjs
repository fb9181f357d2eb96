// Every page of bot-screen's own, as a phone shows it: both languages, light and dark, 375 px and 320 px, axe, keyboard.
import { axeViolations, overflow, smallTargets } from "../browser/tools.mjs";
import { CHALLENGED, arrived, heading, holdWork, phone, shot, suspect, within } from "./chromium.mjs";
import { ask, check, same, work } from "./tools.mjs";

const CRAWLER = "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)";
const SCANNER = "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)";
const FORM = { "content-type": "application/x-www-form-urlencoded", "user-agent": "curl/8", accept: "text/html" };
const JSON_FORM = { ...FORM, accept: "application/json" };

/** A challenge as a program gets it. */
async function challenge(base, path = "/api/cart/items") {
  const { body } = await ask(base, path, { method: "POST", headers: JSON_FORM, body: "sku=celadon-teapot&quantity=1" });
  return JSON.parse(body).challenge;
}

/** Sends a form by itself, as a page would: the answer is the page's next document. */
async function send(page, base, enctype) {
  await page.goto(`${base}/robots.txt`);
  const moved = page.waitForNavigation();
  await page.evaluate((type) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action: "/cart/add", enctype: type });
    const field = Object.assign(document.createElement("input"), { name: "sku", value: "celadon-teapot" });
    form.append(field);
    document.body.append(form);
    form.submit();
  }, enctype);
  return moved;
}

/** name: how a browser comes there, with which status, and what its first heading says in English and Chinese. */
const PAGES = {
  challenge: {
    status: 403, title: ["One moment, please", "请稍候片刻"],
    open: (page, base) => page.goto(base + CHALLENGED("page")),
  },
  "challenge-form-kept": {
    status: 403, title: ["One moment, please", "请稍候片刻"],
    open: (page, base) => send(page, base, "application/x-www-form-urlencoded"),
    says: ["What you filled in is kept", "已保留"],
  },
  "challenge-form-lost": {
    status: 403, title: ["One moment, please", "请稍候片刻"],
    open: (page, base) => send(page, base, "text/plain"),
    says: ["please send it once more", "请再提交一次"],
  },
  cookies: {
    status: 403, title: ["Cookies are needed", "需要启用 Cookie"],
    open: async (page, base) => {
      const { token, work: task, solve } = await challenge(base);
      const { body } = await ask(base, solve, { method: "POST", headers: JSON_FORM, body: `token=${token}&answer=${work(task)}` });
      return page.goto(base + JSON.parse(body).check);
    },
  },
  held: {
    status: 429, title: ["This cannot go on now", "暂时不能继续"], agent: CRAWLER,
    open: (page, base) => page.goto(base + CHALLENGED("throttle")),
  },
  block: {
    status: 403, title: ["This request was blocked", "请求已被拦截"], agent: SCANNER,
    open: (page, base) => page.goto(base + CHALLENGED("block")),
  },
  expired: {
    status: 403, title: ["This page has expired", "页面已过期"],
    open: (page, base) => page.goto(`${base}/.venditor/solve?token=none`),
  },
  early: {
    status: 403, title: ["A moment more", "还需稍等"],
    open: async (page, base) => {
      for (let tries = 0; ; tries++) {
        const { token } = await challenge(base, "/login");
        const response = await page.goto(`${base}/.venditor/solve?token=${token}`);
        if (response.url().includes("/solve") || tries === 5) return response; // else its time was over by then
      }
    },
  },
  "fault-none": {
    status: 404, title: ["No such resource", "没有这个地址"],
    open: (page, base) => page.goto(`${base}/.venditor/none`),
  },
  "fault-origin": {
    status: 502, title: ["The origin does not answer", "源站没有响应"],
    open: (page, base) => page.goto(`${base}/unreachable`),
  },
};

async function looks(page, base, what, { status, title, says, open }, lang, out) {
  const response = await open(page, base);
  same(`${what}: status`, response.status(), status);
  same(`${what}: title`, await heading(page), title[lang]);
  check(`${what}: the window's title says so too`, (await page.title()).startsWith(title[lang]), await page.title());
  same(`${what}: language`, await page.getAttribute("html", "lang"), ["en", "zh-CN"][lang]);
  if (says) check(`${what}: what becomes of the form`, (await page.locator("main").innerText()).includes(says[lang]));
  const csp = response.headers()["content-security-policy"] ?? "";
  check(`${what}: strict CSP`, csp.includes("default-src 'none'") && !/unsafe|\*/.test(csp), csp);
  same(`${what}: nobody keeps it`, response.headers()["cache-control"], "no-store");
  for (const width of [320, 375]) {
    await page.setViewportSize({ width, height: 812 });
    same(`${what}: wider than its window of ${width}`, await page.evaluate(overflow), 0);
    same(`${what}: small targets at ${width}`, await page.evaluate(smallTargets), []);
  }
  await shot(page, out, what);
  same(`${what}: axe`, await axeViolations(page), []);
  if (lang === 0) await keyboard(page, what);
}

/** By the tab key one reaches all that can be used, in its order, and sees where one is. */
async function keyboard(page, what) {
  const usable = await page.evaluate(() => {
    const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden])")].filter((e) => e.getClientRects().length > 0);
    document.activeElement?.blur();
    return all.map((e) => e.textContent);
  });
  const reached = [];
  for (let i = 0; i < usable.length; i++) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(() => document.activeElement.textContent));
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    check(`${what}: the focus shows`, outline !== "none", outline);
  }
  same(`${what}: by keyboard`, reached, usable);
}

/** With the keyboard alone: cancelled, tried again, and gone on from where a page leads on. */
async function byKeyboard(browser, way) {
  way.from("192.0.2.20");
  await within(browser, suspect(browser), async (page) => {
    const release = await holdWork(page);
    const url = way.base + CHALLENGED("keys");
    await page.goto(url);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    same("by keyboard: cancelled, it says so", await page.locator("#says").innerText(), "Cancelled.");
    same("by keyboard: the focus is where one goes on", await page.evaluate(() => document.activeElement.id), "button");
    release();
    await page.keyboard.press("Enter");
    await arrived(page);
    same("by keyboard: tried again, it goes on", page.url(), url);
  });
  await within(browser, { ...suspect(browser), javaScriptEnabled: false }, async (page) => {
    await page.goto(`${way.base}/.venditor/solve?token=none`);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${way.base}/`);
    check("by keyboard: the page that has expired leads to the shop", (await page.locator("main").count()) > 0);
  });
}

export async function pages(browser, way, out) {
  let number = 0;
  for (const [name, about] of Object.entries(PAGES)) {
    for (const [lang, locale] of ["en", "zh-CN"].entries()) {
      for (const colorScheme of ["light", "dark"]) {
        number += 1;
        way.from(`198.51.100.${number}`);
        const settings = { ...suspect(browser), ...(about.agent && { userAgent: about.agent }), locale, colorScheme };
        await within(browser, settings, async (page) => {
          const release = await holdWork(page);
          await looks(page, way.base, `page-${name}-${locale}-${colorScheme}`, about, lang, out);
          release();
        });
      }
    }
  }
  await byKeyboard(browser, way);
  await within(browser, { ...phone(browser), javaScriptEnabled: false, colorScheme: "dark" }, async (page) => {
    await page.goto(`${way.base}/.venditor/check`);
    same("without JavaScript, cookies: wider than its window", await page.evaluate(overflow), 0);
    await shot(page, out, "page-cookies-no-script");
  });
}
