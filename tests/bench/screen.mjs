// A page view of an ordinary browser, as a proxy asks about it: it is let through.
import { createHash, randomBytes } from "node:crypto";

const token = randomBytes(32).toString("base64url");
const key = createHash("sha256").update(token).digest("base64url");

export function variables() {
  return {
    SCREEN_CALLERS: JSON.stringify([{ caller: "bench", kid: "bench", alg: "bearer-sha256", key, scopes: ["screen"] }]),
    SCREEN_PASS_KEYS: `k1:${randomBytes(32).toString("base64url")}`,
  };
}

/** What the browser asks for. */
export const view = "/p/48213?utm_source=x";

export function request() {
  return {
    headers: {
      authorization: `Bearer ${token}`,
      "x-original-method": "GET",
      "x-original-uri": view,
      "x-original-host": "shop.example",
      "x-original-address": "192.0.2.7",
      ...browser().headers,
    },
  };
}

/** The same page view, by the browser itself. */
export function browser() {
  return {
    headers: {
      "sec-ch-ua": '"Chromium";v="140", "Google Chrome";v="140", "Not_A Brand";v="24"',
      "sec-ch-ua-mobile": "?0",
      "sec-ch-ua-platform": '"Windows"',
      "upgrade-insecure-requests": "1",
      "user-agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
      accept: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
      "sec-fetch-site": "same-origin",
      "sec-fetch-mode": "navigate",
      "sec-fetch-user": "?1",
      "sec-fetch-dest": "document",
      "accept-encoding": "gzip, deflate, br, zstd",
      "accept-language": "zh-CN,zh;q=0.9",
    },
  };
}
