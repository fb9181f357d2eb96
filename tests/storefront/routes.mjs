// The shop's routes: methods, path, what answers. HEAD goes where GET does; server.mjs says what a visit holds.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { CATEGORIES, PRODUCTS, product, search } from "./catalogue.mjs";
import { robots, rss, securityTxt, sitemap } from "./feeds.mjs";
import { Refusal, cookie, readAnything, readForm, readJson, send, sendJson, sendPublic, whole } from "./http.mjs";
import { icon, picture } from "./pictures.mjs";
import { MOST_EACH, countOf, sums, writeCart } from "./shop.mjs";
import * as views from "./views.mjs";

const asset = (name) => readFileSync(new URL(`assets/${name}`, import.meta.url));
const STYLE = asset("style.css");
const SCRIPT = asset("shop.js");
const ICON = icon();

// Everything comes from here, no script or style stands in a page, and nobody may frame one.
const CSP =
  "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export function sendPage(visit, status, page, headers = {}) {
  send(visit.response, status, "text/html; charset=utf-8", page, {
    "content-security-policy": CSP,
    "content-language": visit.words.tag,
    vary: "accept-language, cookie",
    // A page shows its reader's cart.
    "cache-control":
      visit.request.method === "GET" || visit.request.method === "HEAD" ? "private, no-cache" : "no-store",
    "referrer-policy": "strict-origin-when-cross-origin",
    ...headers,
    "set-cookie": [...visit.cookies, ...(headers["set-cookie"] ?? [])],
  });
}

/** To a page of this shop. The address is relative: what stands in front has another name. */
function goTo({ response, cookies: kept }, path, cookies = []) {
  response
    .writeHead(303, {
      location: path,
      "cache-control": "no-store",
      "content-length": 0,
      "set-cookie": [...kept, ...cookies],
    })
    .end();
}

const cartCookie = (lines) => cookie("cart", writeCart(lines));

function quantityOf(value) {
  const quantity = whole(value, 1, MOST_EACH, 1);
  if (quantity === undefined) throw new Refusal(422, "bad_quantity");
  return quantity;
}

function goodsOf(sku) {
  const goods = product(sku);
  if (!goods) throw new Refusal(422, "unknown_sku");
  return goods;
}

function addTo({ lines, shop }, sku, quantity) {
  const goods = goodsOf(sku);
  if (shop.left(sku) === 0) throw new Refusal(409, "out_of_stock");
  const after = new Map(lines);
  after.set(sku, Math.min(MOST_EACH, (after.get(sku) ?? 0) + quantityOf(quantity)));
  return { goods, after };
}

async function addByForm(visit) {
  const form = await readForm(visit.request);
  const { after } = addTo(visit, form.get("sku"), form.get("quantity"));
  goTo(visit, "/cart", [cartCookie(after)]);
}

async function addByJson(visit) {
  const { sku, quantity } = await readJson(visit.request);
  const { goods, after } = addTo(visit, sku, quantity);
  const { lang, words, response, hasCoupon } = visit;
  const count = countOf(after);
  const items = [...after].map(([id, n]) => ({ sku: id, quantity: n }));
  // Words come along, so that the script needs none of its own.
  const answer = {
    count,
    unit: words.pieces(count),
    message: words.added(goods.name[lang], count),
    items,
    total_fen: sums(after, hasCoupon).total,
  };
  sendJson(response, 200, answer, { "set-cookie": cartCookie(after) });
}

async function changeCart(visit) {
  const form = await readForm(visit.request);
  const after = new Map(visit.lines);
  const quantities = form.getAll("quantity");
  const removed = form.get("remove");
  // Who removes one thing may have left nonsense in the field of another.
  if (removed === null) {
    for (const [at, sku] of form.getAll("sku").entries())
      if (after.has(sku)) after.set(sku, quantityOf(quantities[at]));
  }
  after.delete(removed);
  goTo(visit, "/cart", [cartCookie(after)]);
}

const linesOf = (skus, quantities) => new Map(skus.map((sku, at) => [goodsOf(sku).id, quantityOf(quantities[at])]));

function showCheckout(visit) {
  const sku = visit.url.searchParams.get("sku");
  const lines = sku === null ? visit.lines : linesOf([sku], [visit.url.searchParams.get("quantity")]);
  sendPage(visit, 200, views.checkout(visit, lines, { form: randomUUID() }), { "cache-control": "no-store" });
}

async function takeOrder(visit) {
  const { request, lines: inCart, shop, hasCoupon, account } = visit;
  const sent = await readForm(request);
  const skus = sent.getAll("sku");
  const lines = skus.length > 0 ? linesOf(skus, sent.getAll("quantity")) : inCart;
  const form = /^[0-9a-f-]{36}$/.exec(sent.get("form") ?? "")?.[0];
  const filled = {
    name: (sent.get("name") ?? "").trim().slice(0, 200),
    address: (sent.get("address") ?? "").trim().slice(0, 200),
  };
  const missing = ["name", "address"].find((field) => filled[field] === "");
  if (missing || lines.size === 0) {
    sendPage(
      visit,
      422,
      views.checkout(visit, lines, { form: form ?? randomUUID(), filled, wrong: missing && `missing_${missing}` }),
    );
    return;
  }
  const { discount, total } = sums(lines, hasCoupon);
  const order = shop.order(lines, { account, total, ...filled }, form);
  // What was bought leaves the cart: all of it, or the one thing that was bought at once.
  const rest = new Map([...inCart].filter(([sku]) => !order.lines.has(sku)));
  visit.count = countOf(rest);
  const cookies = [cartCookie(rest), ...(discount > 0 ? [cookie("coupon", "", 0)] : [])];
  sendPage(visit, 200, views.ordered(visit, order), { "set-cookie": cookies });
}

async function takeOrderByJson(visit) {
  const { account, sku, quantity } = await readJson(visit.request);
  if (typeof account !== "string" || account.trim() === "" || account.length > 64)
    throw new Refusal(422, "missing_account");
  const lines = linesOf([sku], [quantity]);
  const { total } = sums(lines, false);
  const order = visit.shop.order(lines, { account, total });
  sendJson(visit.response, 201, {
    order: order.id,
    account,
    items: [{ sku, quantity: lines.get(sku) }],
    total_fen: total,
  });
}

async function signIn(visit) {
  const { request, shop } = visit;
  const form = await readForm(request);
  if (form.has("out")) {
    shop.sessions.delete(visit.session);
    goTo(visit, "/login", [cookie("session", "", 0)]);
    return;
  }
  const account = (form.get("account") ?? "").trim();
  const session = shop.signIn(account, form.get("password"));
  if (session) goTo(visit, "/", [cookie("session", session)]);
  else sendPage(visit, 401, views.login({ ...visit, account: undefined }, { wrong: true, account }));
}

async function claim(visit) {
  const form = await readForm(visit.request);
  // Claimed twice is claimed once: no second piece goes.
  if (!visit.hasCoupon) visit.shop.claimCoupon(form.get("code"));
  const page = views.note({ ...visit, hasCoupon: true }, visit.words.coupon, visit.words.claimed);
  sendPage(visit, 200, page, { "set-cookie": [cookie("coupon", "yes")] });
}

/** A bank posts its customer back from its own site, so no cookie of this shop comes along. */
async function returned(visit) {
  const form = await readForm(visit.request);
  const reference = (form.get("MD") ?? form.get("reference") ?? "").slice(0, 64);
  sendPage(
    visit,
    200,
    views.note(visit, visit.words.returned, visit.words.returned_note, reference && [visit.words.reference, reference]),
  );
}

const known = (id, all) => {
  if (!Object.hasOwn(all, id)) throw new Refusal(404, "not_found");
  return id;
};
const byId = Object.fromEntries(PRODUCTS.map((goods) => [goods.id, goods]));
const text = "text/plain; charset=utf-8";
const open = ({ request, response }, type, body, headers) => sendPublic(request, response, type, body, headers);

/** `*` at the end of a path is one segment, which the handler gets. */
export const ROUTES = [
  [["GET"], "/", (visit) => sendPage(visit, 200, views.home(visit))],
  [["GET"], "/c/*", (visit, id) => sendPage(visit, 200, views.category(visit, known(id, CATEGORIES)))],
  [["GET"], "/p/*", (visit, id) => sendPage(visit, 200, views.item(visit, byId[known(id, byId)]))],
  [
    ["GET"],
    "/img/*",
    (visit, name) => {
      const id = known(name.replace(/\.svg$/, ""), byId);
      if (name === id) throw new Refusal(404, "not_found");
      open(visit, "image/svg+xml", picture(byId[id]), { "content-security-policy": "default-src 'none'" });
    },
  ],
  [["GET"], "/search", (visit) => sendPage(visit, 200, views.results(visit, search(visit.query)))],
  [["GET"], "/cart", (visit) => sendPage(visit, 200, views.cart(visit), { "cache-control": "no-store" })],
  [["POST"], "/cart", changeCart],
  [["POST"], "/cart/add", addByForm],
  [["POST"], "/api/cart/items", addByJson],
  [["GET"], "/checkout", showCheckout],
  [["POST"], "/checkout", takeOrder],
  [["POST"], "/checkout/3ds-return", returned],
  [["POST"], "/api/orders", takeOrderByJson],
  [["GET"], "/login", (visit) => sendPage(visit, 200, views.login(visit), { "cache-control": "no-store" })],
  [["POST"], "/login", signIn],
  [["POST"], "/coupons/claim", claim],
  [
    ["POST"],
    "/hooks/payment",
    async (visit) => {
      await readAnything(visit.request);
      sendJson(visit.response, 200, { received: true });
    },
  ],
  [["GET"], "/robots.txt", (visit) => open(visit, text, robots(visit.base))],
  [["GET"], "/sitemap.xml", (visit) => open(visit, "application/xml; charset=utf-8", sitemap(visit.base))],
  [
    ["GET"],
    "/feed.xml",
    (visit) =>
      open(visit, "application/rss+xml; charset=utf-8", rss(visit.base, visit.lang), {
        vary: "accept-language, cookie",
      }),
  ],
  [["GET"], "/.well-known/security.txt", (visit) => open(visit, text, securityTxt(visit.base))],
  [["GET"], "/assets/style.css", (visit) => open(visit, "text/css; charset=utf-8", STYLE)],
  [["GET"], "/assets/shop.js", (visit) => open(visit, "text/javascript; charset=utf-8", SCRIPT)],
  [["GET"], "/favicon.ico", (visit) => open(visit, "image/x-icon", ICON)],
];
