// Pages, pictures and files: what is only read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CATEGORIES, PRODUCTS, search } from "./catalogue.mjs";
import { ask } from "./client.mjs";
import { WORDS, chooseLanguage } from "./words.mjs";

const PAGES = [
  "/",
  "/c/tea",
  "/p/celadon-teapot",
  "/p/moon-sneaker",
  "/search?q=tea",
  "/search",
  "/cart",
  "/checkout",
  "/checkout?sku=oil-umbrella",
  "/login",
];
const FILES = {
  "/robots.txt": /^text\/plain/,
  "/sitemap.xml": /^application\/xml/,
  "/feed.xml": /^application\/rss\+xml/,
  "/.well-known/security.txt": /^text\/plain/,
  "/assets/style.css": /^text\/css/,
  "/assets/shop.js": /^text\/javascript/,
  "/favicon.ico": /^image\/x-icon/,
  "/img/oil-umbrella.svg": /^image\/svg\+xml/,
};

export function pages(at) {
  test("every page, in both languages, by HEAD too", async () => {
    for (const path of PAGES) {
      for (const [lang, { tag }] of Object.entries(WORDS)) {
        const answer = await ask(at, path, { headers: { "accept-language": tag } });
        assert.equal(answer.status, 200, path);
        assert.match(answer.headers["content-type"], /^text\/html/);
        assert.match(answer.headers["content-security-policy"], /default-src 'none'/);
        assert.equal(answer.headers["content-language"], tag);
        assert.ok(answer.text.includes(`<html lang="${tag}">`), path);
        assert.doesNotMatch(answer.text, /undefined|\[object|NaN/, path);
        // What a Chinese page says in Latin letters, and an English one in Chinese, is the link to the other.
        const words = answer.text
          .replace(/<head>.*<\/head>/s, "")
          .replace(/<a [^>]*hreflang.*?<\/a>/s, "")
          .replace(/<[^>]*>/g, " ");
        if (lang === "en") assert.doesNotMatch(words, /\p{Script=Han}/u, path);
        else assert.doesNotMatch(words.replace(/[a-z]+-[a-z]+|teapot|tea/g, ""), /[A-Za-z]{3}/, path);
        const head = await ask(at, path, { method: "HEAD", headers: { "accept-language": tag } });
        assert.equal(head.status, 200);
        assert.equal(head.raw.length, 0);
        if (!path.startsWith("/checkout?"))
          assert.equal(head.headers["content-length"], answer.headers["content-length"], path);
      }
    }
  });

  test("the catalogue: every product and category has its page, every product its picture", async () => {
    const home = await ask(at, "/");
    assert.equal(PRODUCTS.length, 12);
    for (const { id, name } of PRODUCTS) {
      assert.ok(home.text.includes(`href="/p/${id}"`) && home.text.includes(name.zh), id);
      const page = await ask(at, `/p/${id}?lang=en`);
      assert.ok(page.text.includes(name.en) && page.text.includes(`/img/${id}.svg`), id);
      const picture = await ask(at, `/img/${id}.svg`);
      assert.equal(picture.status, 200);
      assert.doesNotMatch(picture.text, /undefined|NaN/);
    }
    for (const id of Object.keys(CATEGORIES)) {
      const page = await ask(at, `/c/${id}`);
      for (const { category, id: product } of PRODUCTS)
        assert.equal(page.text.includes(`href="/p/${product}"`), category === id);
    }
  });

  test("languages: both have every word; the address comes first and is kept", async () => {
    assert.deepEqual(Object.keys(WORDS.zh).sort(), Object.keys(WORDS.en).sort());
    for (const word of Object.keys(WORDS.zh)) assert.equal(typeof WORDS.zh[word], typeof WORDS.en[word], word);
    const cases = [
      ["en", "zh", "zh", "en"],
      [null, "en", "zh", "en"],
      ["fr", "__proto__", undefined, "zh"],
      [null, undefined, "fr, en;q=0.5, zh;q=0.8", "zh"],
      [null, undefined, "en-GB,en;q=0.9,zh-CN;q=0.8", "en"],
      [null, undefined, "fr", "en"],
      [null, undefined, "*", "zh"],
      [null, undefined, "zh;q=0, en;q=0.1", "en"],
    ];
    for (const [asked, kept, accepted, lang] of cases)
      assert.equal(chooseLanguage(asked, kept, accepted), lang, JSON.stringify([asked, kept, accepted]));
    const asked = await ask(at, "/?lang=en");
    assert.equal(asked.cookies.get("lang"), "en");
    const next = await ask(at, "/cart", { headers: { cookie: "lang=en", "accept-language": "zh" } });
    assert.equal(next.headers["content-language"], "en");
    assert.ok(next.text.includes(`href="/cart?lang=zh"`));
  });

  test("search: either language, several words, nothing, and what must be escaped", async () => {
    assert.deepEqual(
      search("TEAPOT").map(({ id }) => id),
      ["celadon-teapot"],
    );
    assert.deepEqual(
      search("油纸").map(({ id }) => id),
      ["oil-umbrella"],
    );
    assert.deepEqual(
      search("canvas laptop").map(({ id }) => id),
      ["canvas-backpack"],
    );
    assert.deepEqual(search("  "), []);
    const page = await ask(at, `/search?lang=en&q=${encodeURIComponent('"><script>')}`);
    assert.ok(
      page.text.includes("0 results") &&
        page.text.includes("&quot;&gt;&lt;script&gt;") &&
        !page.text.includes("<script>"),
    );
  });

  test("files: type, tag, 304, HEAD", async () => {
    for (const [path, type] of Object.entries(FILES)) {
      const first = await ask(at, path);
      assert.equal(first.status, 200, path);
      assert.match(first.headers["content-type"], type);
      const { etag } = first.headers;
      for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
        const again = await ask(at, path, { headers: { "if-none-match": known } });
        assert.deepEqual([again.status, again.raw.length, again.headers.etag], [304, 0, etag], path);
      }
      assert.equal((await ask(at, path, { headers: { "if-none-match": '"x"' } })).status, 200);
      const head = await ask(at, path, { method: "HEAD" });
      assert.deepEqual(
        [head.status, head.raw.length, Number(head.headers["content-length"])],
        [200, 0, first.raw.length],
        path,
      );
    }
    const host = { headers: { host: "shop.example" } };
    assert.match((await ask(at, "/sitemap.xml", host)).text, /<loc>http:\/\/shop\.example\/p\/oil-umbrella<\/loc>/);
    assert.match((await ask(at, "/robots.txt", host)).text, /Sitemap: http:\/\/shop\.example\/sitemap\.xml/);
    assert.equal((await ask(at, "/feed.xml")).text.match(/<item>/g).length, PRODUCTS.length);
    const expires = /Expires: (.*)/.exec((await ask(at, "/.well-known/security.txt")).text)[1];
    assert.ok(new Date(expires) > Date.now() && new Date(expires) < Date.now() + 365 * 86_400_000);
    assert.deepEqual([...(await ask(at, "/favicon.ico")).raw.subarray(0, 6)], [0, 0, 1, 0, 1, 0]);
  });

  test("what is not there, or not taken so", async () => {
    for (const path of [
      "/nope",
      "/p/nope",
      "/c/__proto__",
      "/p/",
      "/p/a/b",
      "/img/oil-umbrella",
      "/img/nope.svg",
      "/p/*",
      "//p/oil-umbrella",
    ]) {
      const answer = await ask(at, path);
      assert.equal(answer.status, 404, path);
      assert.match(answer.headers["content-type"], /html/);
    }
    assert.equal((await ask(at, "/p/%E0%A4%A")).status, 400);
    const wrong = await ask(at, "/cart", { method: "DELETE" });
    assert.deepEqual([wrong.status, wrong.headers.allow], [405, "GET, POST, HEAD, OPTIONS"]);
    const options = await ask(at, "/api/orders", { method: "OPTIONS" });
    assert.deepEqual([options.status, options.headers.allow], [204, "POST, OPTIONS"]);
    assert.deepEqual((await ask(at, "/api/nope?lang=en")).json(), { error: "not_found", message: WORDS.en.not_found });
    assert.match((await ask(at, "/api/nope", { headers: { accept: "text/html" } })).headers["content-type"], /html/);
  });

  test("requests are counted by path", async () => {
    const before = at.stats["/c/desk"] ?? 0;
    await ask(at, "/c/desk?lang=en");
    await ask(at, "/c/desk", { method: "HEAD" });
    assert.equal(at.stats["/c/desk"], before + 2);
  });
}
