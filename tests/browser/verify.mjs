// Looks at the pages of a running host as a phone would. README.md says what is checked.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { readOptions, wrong } from "../../scripts/node/options.mjs";
import {
  CHROMIUM_FLAGS, PHONE, axeViolations, firstScreen, folds, getJson, hostRule, overflow, smallTargets, visibleText,
} from "./tools.mjs";

const { values: options } = readOptions(import.meta.url, {
  options: {
    base: { type: "string" },
    host: { type: "string" },
    scenarios: { type: "string" },
    out: { type: "string", default: "artifacts/browser" },
  },
});
if (!options.base || !options.scenarios) wrong("--base and --scenarios are wanted");

const LANGS = { zh: "zh-CN", en: "en" };
const MOST_BYTES = 20 * 1024; // of the document; photos come on top, when scrolled to
const address = new URL(options.base);
const base = options.host ? `http://${options.host}` : address.origin;
const scenarios = JSON.parse(readFileSync(options.scenarios, "utf8"));
mkdirSync(options.out, { recursive: true });

let passed = 0;
let failed = 0;
function check(what, good, detail) {
  if (good) {
    passed += 1;
  } else {
    failed += 1;
    console.log(`FAIL ${what}${detail === undefined ? "" : `: ${typeof detail === "string" ? detail : JSON.stringify(detail)}`}`);
  }
}
function same(what, found, wanted) {
  check(what, found === wanted, `${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [...CHROMIUM_FLAGS, ...(options.host ? [hostRule(options.host, address)] : [])],
});
const shot = (page, name) => page.screenshot({ path: join(options.out, `${name}.png`), fullPage: true });
const pathOf = (scenario, lang) => scenario.paths?.[lang] ?? scenario.path;
const urlOf = (scenario, lang) => `${base}${pathOf(scenario, lang)}?lang=${lang}`;
const withPage = async (scenario, settings, use) => {
  const context = await browser.newContext({ ...PHONE, ...settings, extraHTTPHeaders: scenario.headers ?? {} });
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
};

/** Collects what a browser complains about while `page` is used. */
function complaints(page) {
  const list = [];
  page.on("console", (message) => list.push(`console: ${message.text()} ${message.location().url}`));
  page.on("pageerror", (error) => list.push(`error: ${error.message}`));
  page.on("requestfailed", (request) => list.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(`${base}/`)) list.push(`foreign: ${request.url()}`);
  });
  return list;
}

/** As a consumer's phone, without JavaScript. */
async function asConsumer(scenario, lang) {
  const what = `${scenario.name}-${lang}`;
  await withPage(scenario, { javaScriptEnabled: false }, async (page) => {
    const heard = complaints(page);
    const response = await page.goto(urlOf(scenario, lang));
    const isProblem = scenario.problem !== undefined;
    check(`${what}: status`, isProblem ? response.status() >= 400 : response.status() === 200, response.status());
    same(`${what}: lang`, await page.getAttribute("html", "lang"), LANGS[lang]);
    const heading = await page.locator("h1").innerText();
    check(`${what}: title begins with the verdict`, (await page.title()).startsWith(heading), await page.title());
    if (!isProblem) {
      same(`${what}: outcome`, await page.getAttribute("[data-outcome]", "data-outcome"), scenario.expect);
    }
    const csp = response.headers()["content-security-policy"] ?? "";
    check(`${what}: strict CSP`, csp.includes("default-src 'none'") && !/unsafe|script-src|\*/.test(csp), csp);
    const weight = (await response.body()).length;
    check(`${what}: at most ${MOST_BYTES} bytes`, weight <= MOST_BYTES, String(weight));
    if (!isProblem) await firstScreens(page, scenario, what);
    await shot(page, what);
    for (const width of [375, 320]) {
      await page.setViewportSize({ width, height: 812 });
      for (const fold of ["closed", "open"]) {
        await folds(page, fold);
        same(`${what}: sideways scrolling at ${width}, ${fold}`, await page.evaluate(overflow), 0);
      }
      const small = await page.evaluate(smallTargets);
      check(`${what}: touch targets at ${width}`, small.length === 0, small);
    }
    await sameAsJson(page, scenario, lang, what);
    // A problem's own status is what the browser's console reports.
    const unexpected = heard.filter((line) => !(isProblem && line.startsWith("console: Failed to load resource")));
    check(`${what}: the browser complains of nothing`, unexpected.length === 0, unexpected);
  });
}

/** The same device again, so that neither visit changes anything: the page and the JSON must say the same. */
async function sameAsJson(page, scenario, lang, what) {
  await page.goto(urlOf(scenario, lang));
  await folds(page, "open");
  const text = await page.evaluate(visibleText);
  const jar = await page.context().cookies(urlOf(scenario, lang));
  const cookie = jar.map(({ name, value }) => `${name}=${value}`).join("; ");
  const headers = { ...scenario.headers, ...(cookie ? { cookie } : {}) };
  const json = await getJson(address, options.host, `${pathOf(scenario, lang)}?lang=${lang}`, headers);
  same(`${what}: JSON has the page's title`, json.title, await page.locator("h1").innerText());
  const told = [];
  if (scenario.problem !== undefined) {
    same(`${what}: problem`, json.type?.split("/").pop(), scenario.problem);
    told.push(scenario.problem, json.detail);
  } else {
    same(`${what}: JSON has the page's outcome`, json.outcome, await page.getAttribute("[data-outcome]", "data-outcome"));
    told.push(json.summary, json.official_host, json.code.digital_link, json.code.element_string, json.code.batch);
    told.push(...json.reasons.map((reason) => reason.message));
    told.push(...json.evidence.flatMap((claim) => [claim.proves, claim.does_not_prove]));
    const { notice, record } = json;
    if (notice) told.push(notice.reason, notice.advice, notice.reference, notice.by, notice.telephone);
    told.push(...json.official_hosts);
    if (record) {
      const { product, inspection } = record.document;
      told.push(product.name[lang], product.brand[lang], inspection.body[lang], inspection.certificate);
      told.push(...inspection.results.map((result) => result.value));
    }
  }
  const squeezed = text.replace(/\s+/g, " ");
  const missing = told.filter((part) => part && !squeezed.includes(part.replace(/\s+/g, " ").trim()));
  check(`${what}: the page says all that JSON says`, missing.length === 0, missing);
}

/** What a small phone shows before anybody scrolls, light and dark: the verdict, and whose photo, name and brand it is of. */
async function firstScreens(page, scenario, what) {
  const size = page.viewportSize();
  const viewport = { width: 375, height: 667 };
  await page.setViewportSize(viewport);
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(options.out, `first-${what}-${colorScheme}.png`) });
  }
  const seen = await page.evaluate(firstScreen);
  const parts = ["verdict", "piece", "name", "photo"].filter((part) => seen[part] !== undefined);
  const below = parts.filter((part) => seen[part] > viewport.height);
  check(`${what}: seen without scrolling`, below.length === 0 && seen.scrolled === 0, seen);
  check(`${what}: the photo is loaded`, seen.photo === undefined || seen.loaded === true, seen);
  const named = /^(authentic|suspected|recalled|withdrawn)/.test(scenario.expect);
  check(`${what}: names the product`, !named || seen.piece !== undefined, seen);
  await page.emulateMedia({ colorScheme: PHONE.colorScheme });
  await page.setViewportSize(size);
}

/** With axe-core, which is a script and needs the policy out of its way. */
async function asAxe(scenario, lang, colorScheme) {
  await withPage(scenario, { bypassCSP: true, colorScheme }, async (page) => {
    await page.goto(urlOf(scenario, lang));
    await folds(page, "open");
    const violations = await axeViolations(page);
    check(`${scenario.name}-${lang}: axe, ${colorScheme}`, violations.length === 0, violations);
  });
}

/** By keyboard: the first stop is the skip link, it shows, and it leads past the header. */
async function asKeyboard(scenario) {
  await withPage(scenario, {}, async (page) => {
    await page.goto(urlOf(scenario, "en"));
    await page.keyboard.press("Tab");
    const link = page.locator(".skip");
    same("keyboard: the skip link comes first", await link.evaluate((e) => e === document.activeElement), true);
    check("keyboard: it shows", ((await link.boundingBox())?.y ?? -1) >= 0);
    await page.keyboard.press("Enter");
    same("keyboard: it reaches main", await page.evaluate(() => document.activeElement?.id), "main");
    await page.keyboard.press("Tab");
    same("keyboard: the next stop is within", await page.evaluate(() => document.activeElement?.closest("main")?.id), "main");
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    check("keyboard: the focus shows", outline !== "none", outline);
  });
}

/** A forgery's form is closed, opens by the link in the verdict, and takes the report. */
async function asForged(scenario, lang) {
  const what = `${scenario.name}-${lang}: the form`;
  await withPage(scenario, { javaScriptEnabled: false }, async (page) => {
    await page.goto(urlOf(scenario, lang));
    const form = page.locator("form[action='/report']");
    same(`${what} is folded`, await form.isVisible(), false);
    await page.locator(".verdict a[href='#report']").click();
    same(`${what} opens by its link`, await form.isVisible(), true);
    await shot(page, `report-${scenario.name}-${lang}`);
    await page.selectOption("select[name=reason]", "counterfeit");
    const [response] = await Promise.all([page.waitForNavigation(), form.locator("button").click()]);
    same(`${what} is taken`, response.status(), 201);
  });
}

/** Reports the product, once without JavaScript and once more for axe: the same words have the same number. */
async function asReporter(scenario, lang) {
  let code;
  const send = async (page) => {
    await page.goto(urlOf(scenario, lang));
    code = await page.inputValue("input[name=code]");
    await page.locator(".unfold").click();
    await page.selectOption("select[name=reason]", "mismatch");
    await page.fill("input[name=bought_from]", lang === "zh" ? "直播间" : "A live stream");
    await page.fill("textarea[name=description]", `browser test ${scenario.name}\n"颜色" <不一样>`);
    await shot(page, `report-form-${lang}`);
    const [response] = await Promise.all([page.waitForNavigation(), page.locator("form[action='/report'] button").click()]);
    same(`report-${lang}: status`, response.status(), 201);
    const id = (await page.locator("main").innerText()).match(/\bR(-[0-9A-Z]{4}){3}\b/)?.[0];
    check(`report-${lang}: has a number`, id !== undefined);
    same(`report-${lang}: lang`, await page.getAttribute("html", "lang"), LANGS[lang]);
    return id;
  };
  const id = await withPage(scenario, { javaScriptEnabled: false }, async (page) => {
    const heard = complaints(page);
    const id = await send(page);
    await shot(page, `reported-${lang}`);
    same(`report-${lang}: sideways scrolling`, await page.evaluate(overflow), 0);
    const answer = await page.locator("main a[href^='/report']").getAttribute("href");
    await page.locator("main a[href^='/verify']").click();
    same(`report-${lang}: the way back`, await page.inputValue("input[name=code]"), code);
    // Its answer is looked up by its number.
    await page.goto(new URL(answer, page.url()).href);
    check(`report-${lang}: is known by its number`, (await page.locator("main").innerText()).includes(id));
    await shot(page, `report-known-${lang}`);
    same(`report-${lang}: looked up, sideways scrolling`, await page.evaluate(overflow), 0);
    check(`report-${lang}: the browser complains of nothing`, heard.length === 0, heard);
    return id;
  });
  await withPage(scenario, { bypassCSP: true }, async (page) => {
    same(`report-${lang}: the same number again`, await send(page), id);
    const violations = await axeViolations(page);
    check(`report-${lang}: axe`, violations.length === 0, violations);
    for (const [what, query] of [["the form", ""], ["what is known", `&number=${id}`]]) {
      await page.goto(new URL(`/report?lang=${lang}${query}`, page.url()).href);
      const found = await axeViolations(page);
      check(`report-${lang}: axe on ${what}`, found.length === 0, found);
    }
  });
}

try {
  for (const scenario of scenarios) {
    for (const lang of Object.keys(LANGS)) {
      await asConsumer(scenario, lang);
      for (const colorScheme of ["light", "dark"]) {
        await asAxe(scenario, lang, colorScheme);
      }
    }
  }
  for (const scenario of scenarios.filter((s) => s.expect === "bad_code")) {
    for (const lang of Object.keys(LANGS)) await asForged(scenario, lang);
  }
  const one = scenarios.find((s) => s.expect?.startsWith("authentic")) ?? scenarios.find((s) => s.expect);
  if (one) {
    await asKeyboard(one);
    for (const lang of Object.keys(LANGS)) await asReporter(one, lang);
    await withPage(one, { javaScriptEnabled: false, colorScheme: "dark" }, async (page) => {
      await page.goto(urlOf(one, "zh"));
      await shot(page, `dark-${one.name}-zh`);
    });
  }
} catch (error) {
  check("the test itself", false, error.stack);
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
