// Cart, checkout, sign-in, coupon, and what programs post.
import assert from "node:assert/strict";
import { test } from "node:test";
import { COUPON, product } from "./catalogue.mjs";
import { ask, form, post } from "./client.mjs";
import { start } from "./server.mjs";
import { readCart, writeCart } from "./shop.mjs";
import { WORDS } from "./words.mjs";

const english = { "accept-language": "en" };
const withCart = (cart, more = {}) => ({ ...english, cookie: `cart=${cart}`, ...more });
const orderIn = (text) => /data-order="(MH-[2-9A-Z]{4}-[2-9A-Z]{4})"/.exec(text)?.[1];

export function forms(at) {
  test("cart: by form, without a script", async () => {
    const added = await post(at, "/cart/add", form({ sku: "oil-umbrella", quantity: 2 }));
    assert.deepEqual(
      [added.status, added.headers.location, added.cookies.get("cart")],
      [303, "/cart", "oil-umbrella:2"],
    );
    const more = await post(at, "/cart/add", form({ sku: "oil-umbrella" }), withCart("oil-umbrella:2"));
    assert.equal(more.cookies.get("cart"), "oil-umbrella:3");
    const most = await post(at, "/cart/add", form({ sku: "oil-umbrella", quantity: 9 }), withCart("oil-umbrella:2"));
    assert.equal(most.cookies.get("cart"), "oil-umbrella:9");
    const page = await ask(at, "/cart", { headers: withCart("oil-umbrella:2.desk-clock:1") });
    assert.ok(page.text.includes(`¥${(2 * 22900 + 16800) / 100}`) && page.text.includes(`data-count="3"`));
    const fields = [
      ["sku", "oil-umbrella"],
      ["quantity", "5"],
      ["sku", "desk-clock"],
      ["quantity", "1"],
    ];
    const changed = await post(at, "/cart", form(fields), withCart("oil-umbrella:2.desk-clock:1"));
    assert.deepEqual([changed.status, changed.cookies.get("cart")], [303, "oil-umbrella:5.desk-clock:1"]);
    const removed = await post(
      at,
      "/cart",
      form([...fields, ["remove", "desk-clock"]]),
      withCart("oil-umbrella:2.desk-clock:1"),
    );
    assert.equal(removed.cookies.get("cart"), "oil-umbrella:2");
    for (const [fields, wrong] of [
      [{ sku: "nope" }, "unknown_sku"],
      [{}, "unknown_sku"],
      [{ sku: "desk-clock", quantity: 10 }, "bad_quantity"],
      [{ sku: "desk-clock", quantity: "1.5" }, "bad_quantity"],
    ]) {
      const answer = await post(at, "/cart/add", form(fields), english);
      assert.equal(answer.status, 422);
      assert.ok(answer.text.includes(WORDS.en[wrong]), wrong);
    }
  });

  test("cart: its cookie comes from outside", () => {
    for (const text of [
      undefined,
      "",
      "nope:1",
      "oil-umbrella",
      "oil-umbrella:0",
      "oil-umbrella:99",
      "__proto__:1",
      ".:.",
      "<:1",
    ])
      assert.equal(readCart(text).size, 0, text);
    assert.equal(writeCart(readCart("oil-umbrella:2.x:1.desk-clock:1")), "oil-umbrella:2.desk-clock:1");
  });

  test("cart: by JSON, as the script does", async () => {
    const added = await post(at, "/api/cart/items", { sku: "desk-clock", quantity: 2 }, withCart("oil-umbrella:1"));
    assert.equal(added.status, 200);
    assert.equal(added.cookies.get("cart"), "oil-umbrella:1.desk-clock:2");
    const { count, unit, message, total_fen } = added.json();
    assert.deepEqual([count, unit, total_fen], [3, "items", 22900 + 2 * 16800]);
    assert.equal(message, WORDS.en.added("Silent desk clock", 3));
    assert.equal((await post(at, "/api/cart/items", { sku: "nope" })).status, 422);
    assert.equal((await post(at, "/api/cart/items", { sku: ["desk-clock"] })).status, 422);
    assert.equal((await post(at, "/api/cart/items", "{", { "content-type": "application/json" })).status, 400);
    assert.equal((await post(at, "/api/cart/items", "[]", { "content-type": "application/json" })).status, 400);
    assert.equal((await post(at, "/api/cart/items", "{}", { "content-type": "text/plain" })).status, 415);
    const large = await post(at, "/api/cart/items", JSON.stringify({ sku: "x".repeat(70_000) }), {
      "content-type": "application/json",
    });
    assert.deepEqual([large.status, large.json().error], [413, "too_large"]);
  });

  test("checkout: one thing, the cart, twice, and what is missing", async () => {
    const who = { name: "Lin <b>", address: "1 Moon Road" };
    const one = await post(
      at,
      "/checkout",
      form({ ...who, sku: "thread-notebook" }),
      withCart("oil-umbrella:1.thread-notebook:2"),
    );
    assert.equal(one.status, 200);
    const id = orderIn(one.text);
    assert.equal(at.shop.orders.get(id).total, 3900);
    assert.ok(one.text.includes("Lin &lt;b&gt;"));
    assert.equal(one.cookies.get("cart"), "oil-umbrella:1");
    const all = await post(
      at,
      "/checkout",
      form(who),
      withCart("oil-umbrella:1.thread-notebook:2", { cookie: "cart=oil-umbrella:1.thread-notebook:2; coupon=yes" }),
    );
    assert.equal(at.shop.orders.get(orderIn(all.text)).total, 22900 + 2 * 3900 - COUPON.off);
    assert.deepEqual([all.cookies.get("cart"), all.cookies.get("coupon")], ["", ""]);
    const page = await ask(at, "/checkout", { headers: withCart("desk-clock:2") });
    const number = /name="form" value="([^"]+)"/.exec(page.text)[1];
    const sent = form({ ...who, form: number, sku: "desk-clock", quantity: 2 });
    const [first, again] = [await post(at, "/checkout", sent), await post(at, "/checkout", sent)];
    assert.ok(orderIn(first.text));
    assert.equal(orderIn(again.text), orderIn(first.text));
    const missing = await post(at, "/checkout", form({ name: "Lin", address: " ", sku: "desk-clock" }), english);
    assert.equal(missing.status, 422);
    assert.ok(
      missing.text.includes(WORDS.en.missing_address) &&
        missing.text.includes('value="Lin"') &&
        missing.text.includes('aria-invalid="true"'),
    );
    const nothing = await post(at, "/checkout", form(who), english);
    assert.deepEqual([nothing.status, nothing.text.includes(WORDS.en.nothing_to_pay)], [422, true]);
    assert.equal((await post(at, "/checkout", form({ ...who, sku: "nope" }))).status, 422);
    assert.equal((await ask(at, "/checkout?sku=nope")).status, 422);
  });

  test("orders by JSON, until what is limited is sold out", async () => {
    const shop = await start();
    try {
      const made = await post(shop, "/api/orders", { account: "lin", sku: "longjing-tin", quantity: 2 });
      assert.equal(made.status, 201);
      const { order, total_fen } = made.json();
      assert.deepEqual([shop.shop.orders.get(order).account, total_fen], ["lin", 25600]);
      for (const [body, error] of [
        [{ sku: "longjing-tin" }, "missing_account"],
        [{ account: "lin", sku: "x" }, "unknown_sku"],
        [{ account: "lin", sku: "longjing-tin", quantity: 0 }, "bad_quantity"],
      ]) {
        const answer = await post(shop, "/api/orders", body);
        assert.deepEqual([answer.status, answer.json().error], [422, error]);
      }
      const sku = "moon-sneaker";
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, n) => post(shop, "/api/orders", { account: `bot${n}`, sku, quantity: 1 })),
      );
      assert.equal(answers.filter(({ status }) => status === 201).length, product(sku).stock);
      assert.equal(answers.filter(({ status }) => status === 409).length, 10);
      assert.ok((await ask(shop, `/p/${sku}?lang=en`)).text.includes(WORDS.en.sold_out));
      assert.equal((await post(shop, "/cart/add", form({ sku }))).status, 409);
    } finally {
      await shop.close();
    }
  });

  test("sign-in: wrong, right, out", async () => {
    const wrong = await post(at, "/login", form({ account: 'l"in', password: "x" }), english);
    assert.equal(wrong.status, 401);
    assert.ok(
      wrong.text.includes(WORDS.en.login_wrong) && wrong.text.includes("l&quot;in") && !wrong.cookies.has("session"),
    );
    const right = await post(at, "/login", form({ account: "lin", password: "teapot" }));
    assert.deepEqual([right.status, right.headers.location], [303, "/"]);
    const cookie = `session=${right.cookies.get("session")}`;
    assert.ok((await ask(at, "/login", { headers: { ...english, cookie } })).text.includes("signed in as lin"));
    assert.ok((await ask(at, "/", { headers: { ...english, cookie } })).text.includes("Hello, lin"));
    await post(at, "/login", form({ out: 1 }), { cookie });
    assert.ok(!(await ask(at, "/", { headers: { ...english, cookie } })).text.includes("Hello"));
  });

  test("coupons: one each, until they are gone", async () => {
    const shop = await start();
    try {
      const { code, pieces } = COUPON;
      const first = await post(shop, "/coupons/claim", form({ code }), english);
      assert.deepEqual([first.status, first.cookies.get("coupon"), shop.shop.coupons], [200, "yes", pieces - 1]);
      await post(shop, "/coupons/claim", form({ code }), { cookie: "coupon=yes" });
      assert.equal(shop.shop.coupons, pieces - 1);
      assert.equal((await post(shop, "/coupons/claim", form({ code: "x" }))).status, 422);
      shop.shop.coupons = 0;
      assert.equal((await post(shop, "/coupons/claim", form({ code }))).status, 409);
    } finally {
      await shop.close();
    }
  });

  test("what banks and payment services send", async () => {
    const paid = await post(at, "/hooks/payment", '{"paid":true}', {
      "content-type": "application/json",
      "user-agent": "Payments/1",
    });
    assert.deepEqual([paid.status, paid.json()], [200, { received: true }]);
    assert.equal((await post(at, "/hooks/payment", "x".repeat(65_537))).status, 413);
    const back = await post(at, "/checkout/3ds-return", form({ MD: "ref<1>", PaRes: "eJx" }), {
      ...english,
      origin: "https://bank.example",
      "sec-fetch-site": "cross-site",
    });
    assert.equal(back.status, 200);
    assert.ok(back.text.includes("ref&lt;1&gt;"));
    assert.equal((await ask(at, "/checkout/3ds-return")).status, 405);
  });
}
