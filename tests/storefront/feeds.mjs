// What programs read: robots.txt, sitemap, RSS, security.txt.
import { CATEGORIES, PRODUCTS } from "./catalogue.mjs";
import { escape } from "./html.mjs";
import { WORDS, yuan } from "./words.mjs";

export const robots = (base) =>
  `User-agent: *\nDisallow: /cart\nDisallow: /checkout\nDisallow: /login\nDisallow: /search\nDisallow: /api/\nDisallow: /stream/\nDisallow: /venditor-trap/\n\nSitemap: ${base}/sitemap.xml\n`;

export function sitemap(base) {
  const paths = ["/", ...Object.keys(CATEGORIES).map((id) => `/c/${id}`), ...PRODUCTS.map(({ id }) => `/p/${id}`)];
  const urls = paths.map((path) => {
    const address = escape(base + path);
    const alternates = Object.entries(WORDS).map(
      ([lang, { tag }]) => `<xhtml:link rel="alternate" hreflang="${tag}" href="${address}?lang=${lang}"/>`,
    );
    return `<url><loc>${address}</loc>${alternates.join("")}</url>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n${urls.join("\n")}\n</urlset>\n`;
}

export function rss(base, lang) {
  const words = WORDS[lang];
  const newest = [...PRODUCTS].sort((a, b) => b.added.localeCompare(a.added));
  const items = newest.map(({ id, name, about, fen, added }) => {
    const address = escape(`${base}/p/${id}`);
    return (
      `<item><title>${escape(name[lang])}</title><link>${address}</link><guid>${address}</guid>` +
      `<pubDate>${new Date(added).toUTCString()}</pubDate><description>${escape(`${about[lang]} ${yuan(fen)}`)}</description></item>`
    );
  });
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>` +
    `<title>${escape(words.shop)}</title><link>${escape(base)}/</link><description>${escape(words.feed_about)}</description><language>${words.tag}</language>` +
    `<atom:link rel="self" type="application/rss+xml" href="${escape(base)}/feed.xml"/>\n${items.join("\n")}\n</channel></rss>\n`
  );
}

/** RFC 9116 wants a date on which it ends, less than a year away. By day, so that its tag changes once a day only. */
export function securityTxt(base) {
  const day = 86_400_000;
  const expires = new Date((Math.floor(Date.now() / day) + 180) * day).toISOString();
  return `Contact: mailto:security@shop.example\nExpires: ${expires}\nPreferred-Languages: zh, en\nCanonical: ${base}/.well-known/security.txt\n`;
}
