// What every page has around it. `visit` is who looks at it: see visitOf in server.mjs.
import { CATEGORIES } from "./catalogue.mjs";
import { html } from "./html.mjs";
import { WORDS } from "./words.mjs";

/** The same page in another language. */
function inLanguage(here, lang) {
  const url = new URL(here, "http://localhost");
  url.searchParams.set("lang", lang);
  return url.pathname + url.search;
}

export function layout(visit, { title, body, current, wide = true }) {
  const { lang, words, here, count, account, query } = visit;
  const mark = (path) => current === path && html` aria-current="page"`;
  return html`<!doctype html>
<html lang="${words.tag}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${words.shop}</title>
<meta name="description" content="${words.description}">
<meta name="theme-color" content="#1f4a42">
<link rel="stylesheet" href="/assets/style.css">
<link rel="icon" href="/favicon.ico">
<link rel="alternate" type="application/rss+xml" title="${words.feed}" href="/feed.xml">
${Object.entries(WORDS).map(([other, { tag }]) => html`<link rel="alternate" hreflang="${tag}" href="${inLanguage(here, other)}">`)}
<script src="/.venditor/fetch.js" defer></script>
<script src="/assets/shop.js" defer></script>
</head>
<body>
<a class="skip" href="#main">${words.skip}</a>
<header>
<div class="bar">
<a class="brand" href="/">
<svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
<circle cx="20" cy="10" r="6" class="moon"/><path d="M1 29c5-12 9-16 14-9 4-5 9-2 16 9z" class="hill"/></svg>
<span>${words.shop}</span></a>
<form class="search" role="search" action="/search">
<label class="hidden" for="q">${words.search_label}</label>
<input id="q" name="q" type="search" maxlength="80" placeholder="${words.search_hint}" value="${query}">
<button>${words.search}</button>
</form>
<nav class="tools" aria-label="${words.account}">
<a href="${inLanguage(here, words.other)}" lang="${words.other_tag}" hreflang="${words.other_tag}">${words.other_name}</a>
<a href="/login"${mark("/login")}><span class="who">${account ? words.you(account) : words.login}</span></a>
<a class="cart" href="/cart"${mark("/cart")}>${words.cart} <span class="badge" data-count="${count}"><span data-cart-count>${count}</span>
<span class="unit"> <span data-cart-unit>${words.pieces(count)}</span></span></span></a>
</nav>
</div>
<nav class="categories" aria-label="${words.categories}">
<a href="/"${mark("/")}>${words.all_short}</a>
${Object.entries(CATEGORIES).map(([id, name]) => html`<a href="/c/${id}"${mark(`/c/${id}`)}>${name[lang]}</a>`)}
</nav>
</header>
<main id="main" tabindex="-1"${!wide && html` class="narrow"`}>
${body}
<p class="status" role="status" data-status></p>
</main>
<footer>
<p>${words.sample}</p>
<nav aria-label="${words.footer}"><a href="/feed.xml">${words.feed}</a>
<a href="/sitemap.xml">${words.sitemap}</a>
<a href="/.well-known/security.txt">${words.security}</a></nav>
<a href="/venditor-trap/offers" rel="nofollow" tabindex="-1" hidden>${words.footer}</a>
</footer>
</body>
</html>
`.toString();
}
