// The browser's settings, and what is asked inside a page.
import { request } from "node:http";
import { AxeBuilder } from "@axe-core/playwright";

export const CHROMIUM_FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** A phone. The user agent is part of what a device is recognised by: the JSON request below sends the same. */
export const PHONE = {
  viewport: { width: 375, height: 812 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  colorScheme: "light",
  reducedMotion: "reduce",
  userAgent:
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
};

/** Makes the browser resolve a host to an address. */
export function hostRule(host, address) {
  return `--host-resolver-rules=MAP ${host} ${address.hostname}:${address.port || 80}`;
}

/** The JSON answer, asked for by the same device as the phone. */
export function getJson(address, host, path, further = {}) {
  const headers = {
    ...further, accept: "application/json", "user-agent": PHONE.userAgent, host: host ?? address.host,
    "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "none",
  };
  return new Promise((resolve, reject) => {
    const asked = request({ hostname: address.hostname, port: address.port || 80, path, headers }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => {
        const { statusCode } = response;
        if (statusCode >= 300 && statusCode < 400) {
          const next = new URL(response.headers.location, `http://${headers.host}${path}`);
          getJson(address, host, next.pathname + next.search, further).then(resolve, reject);
          return;
        }
        const body = Buffer.concat(parts).toString();
        try {
          resolve(JSON.parse(body));
        } catch {
          reject(new Error(`${path}: not JSON (${statusCode}): ${body.slice(0, 200)}`));
        }
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}

/** Opens or closes what is folded. By clicks, which need no JavaScript; the form for reports by its own link. */
export async function folds(page, wanted) {
  const form = page.locator(".unfold");
  if ((await form.count()) === 1) {
    if (wanted === "open") await form.click();
    else if (new URL(page.url()).hash) await page.goto(page.url().replace(/#.*/, "#"));
  }
  for (const details of await page.locator("details").all()) {
    const open = (await details.getAttribute("open")) !== null;
    if (open !== (wanted === "open")) await details.locator("summary").click();
  }
}

/** Violations of all of axe-core's rules, best practices included, in short. */
export async function axeViolations(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join("; ")}`);
}

// What follows runs inside the page.

/** How far down the things are that a first screen must show: their lower edges, and whether the photo was loaded. */
export function firstScreen() {
  const bottom = (selector) => document.querySelector(selector)?.getBoundingClientRect().bottom;
  const photo = document.querySelector(".piece img");
  return {
    verdict: bottom("h1"), name: bottom(".piece .name"), piece: bottom(".piece"), photo: bottom(".piece img"),
    loaded: photo ? photo.complete && photo.naturalWidth > 0 : undefined, scrolled: window.scrollY,
  };
}

/** By how much the page is wider than its window. */
export function overflow() {
  const page = document.documentElement;
  return Math.max(0, page.scrollWidth - page.clientWidth, document.body.scrollWidth - page.clientWidth);
}

/** What can be touched and is lower or narrower than 44 px. */
export function smallTargets() {
  const targets = [...document.querySelectorAll("a, button, summary, select, input:not([type=hidden]), textarea")];
  return targets
    .map((target) => [target.outerHTML.slice(0, 80), target.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.height < 44 || box.width < 44))
    .map(([html, box]) => `${html} ${Math.round(box.width)}×${Math.round(box.height)}`);
}

/** All that can be read. */
export function visibleText() {
  return document.body.innerText;
}
