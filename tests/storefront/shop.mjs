// What the shop remembers: carts in the visitor's own cookie, everything else in memory until the process ends.
import { randomInt, randomUUID } from "node:crypto";
import { COUPON, PRODUCTS, product } from "./catalogue.mjs";
import { Refusal } from "./http.mjs";

export const MOST_EACH = 9;
export const PASSWORD = "teapot"; // of every account, and the sign-in page says so
const MOST_KEPT = 10_000; // orders, sessions: a load test must not fill the memory

/** A map that forgets its oldest entry. */
function keep(map, key, value) {
  map.set(key, value);
  if (map.size > MOST_KEPT) map.delete(map.keys().next().value);
  return value;
}

/** `celadon-teapot:2.oil-umbrella:1` as lines of a cart. It comes from outside, so what does not fit is left out. */
export function readCart(text) {
  const lines = new Map();
  for (const part of (text ?? "").split(".").slice(0, PRODUCTS.length)) {
    const [sku, quantity] = part.split(":");
    if (product(sku) && /^[1-9]$/.test(quantity ?? "")) lines.set(sku, Number(quantity));
  }
  return lines;
}

export const writeCart = (lines) => [...lines].map(([sku, quantity]) => `${sku}:${quantity}`).join(".");

export const countOf = (lines) => [...lines.values()].reduce((sum, quantity) => sum + quantity, 0);

/** What lines come to, in fen. */
export function sums(lines, hasCoupon) {
  const subtotal = [...lines].reduce((sum, [sku, quantity]) => sum + product(sku).fen * quantity, 0);
  const discount = hasCoupon && subtotal >= COUPON.from ? COUPON.off : 0;
  return { subtotal, discount, total: subtotal - discount };
}

const SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"; // none that is easily taken for another
const signs = () => Array.from({ length: 4 }, () => SIGNS[randomInt(SIGNS.length)]).join("");

export class Shop {
  orders = new Map();
  sessions = new Map();
  stock = new Map(PRODUCTS.filter(({ stock }) => stock !== undefined).map(({ id, stock }) => [id, stock]));
  coupons = COUPON.pieces;
  #forms = new Map();

  /** How many are left; undefined if there are always enough. */
  left(sku) {
    return this.stock.get(sku);
  }

  /** Takes goods from stock, all lines or none. `form` is the number of the form it came with: sent again, it is the same order. */
  order(lines, further, form) {
    const before = form && this.#forms.get(form);
    if (before) return before;
    for (const [sku, quantity] of lines) {
      if ((this.left(sku) ?? quantity) < quantity) throw new Refusal(409, "out_of_stock");
    }
    for (const [sku, quantity] of lines) {
      if (this.stock.has(sku)) this.stock.set(sku, this.stock.get(sku) - quantity);
    }
    let id;
    do id = `MH-${signs()}-${signs()}`;
    while (this.orders.has(id));
    const order = keep(this.orders, id, { id, lines: new Map(lines), ...further });
    if (form) keep(this.#forms, form, order);
    return order;
  }

  claimCoupon(code) {
    if (code !== COUPON.code) throw new Refusal(422, "coupon_wrong");
    if (this.coupons === 0) throw new Refusal(409, "coupon_gone");
    this.coupons -= 1;
  }

  signIn(account, password) {
    if (account === "" || account.length > 64 || password !== PASSWORD) return undefined;
    const session = randomUUID();
    keep(this.sessions, session, account);
    return session;
  }
}
