// The pages. Forms work without JavaScript; shop.js only spares a page load.
import { CATEGORIES, COUPON, PRODUCTS, product } from "./catalogue.mjs";
import { html } from "./html.mjs";
import { layout } from "./layout.mjs";
import { MOST_EACH, PASSWORD, sums } from "./shop.mjs";
import { yuan } from "./words.mjs";

const image = ({ id }, name, eager = false) =>
  html`<img src="/img/${id}.svg" width="800" height="600" alt="${name}"${!eager && html` loading="lazy"`}>`;

const onlyProducts = (lines) => [...lines].map(([sku, quantity]) => [product(sku), quantity]);

function card(visit, goods, level, eager) {
  const { lang, words, shop } = visit;
  const left = shop.left(goods.id);
  const name = goods.name[lang];
  const heading = level === 2 ? html`<h2>${name}</h2>` : html`<h3>${name}</h3>`;
  return html`<li class="card">
<a href="/p/${goods.id}">${image(goods, "", eager)}${heading}
<p class="price">${yuan(goods.fen)}${left !== undefined && html` <span class="mark">${left > 0 ? words.limited : words.sold_out}</span>`}</p></a>
<form method="post" action="/cart/add" data-add>
<input type="hidden" name="sku" value="${goods.id}"><input type="hidden" name="quantity" value="1">
<button aria-label="${words.add}: ${name}"${left === 0 && html` disabled`}>${words.add}</button>
</form>
</li>`;
}

// The first row is on the screen at once.
const grid = (visit, goods, level = 2) =>
  html`<ul class="grid">${goods.map((one, at) => card(visit, one, level, at < 4))}</ul>`;

export function home(visit) {
  const { words, hasCoupon } = visit;
  const body = html`<section class="hero" aria-labelledby="hero">
<div><h1 id="hero">${words.hero}</h1><p>${words.motto}</p></div>
<form method="post" action="/coupons/claim"><p><strong>${words.coupon_offer(yuan(COUPON.off), yuan(COUPON.from))}</strong><br>
${hasCoupon ? words.claimed : words.coupon_about}</p>
<input type="hidden" name="code" value="${COUPON.code}">${!hasCoupon && html`<button class="second">${words.claim}</button>`}</form>
</section>
${grid(visit, PRODUCTS)}`;
  return layout(visit, { title: words.hero, body, current: "/" });
}

export function category(visit, id) {
  const title = CATEGORIES[id][visit.lang];
  const goods = PRODUCTS.filter((one) => one.category === id);
  return layout(visit, { title, body: html`<h1>${title}</h1>${grid(visit, goods)}`, current: `/c/${id}` });
}

export function results(visit, goods) {
  const { words, query } = visit;
  const title = query === "" ? words.search_empty : words.found(goods.length, query);
  const body = html`<h1>${title}</h1>${goods.length > 0 ? grid(visit, goods) : html`<p>${words.nothing_found}</p>
<p><a class="button" href="/">${words.all}</a></p>`}`;
  return layout(visit, { title, body });
}

export function item(visit, goods) {
  const { lang, words, shop } = visit;
  const name = goods.name[lang];
  const left = shop.left(goods.id);
  const others = PRODUCTS.filter((one) => one.category === goods.category && one !== goods);
  const body = html`<nav class="path" aria-label="${words.where}"><ol>
<li><a href="/">${words.all}</a></li>
<li><a href="/c/${goods.category}">${CATEGORIES[goods.category][lang]}</a></li>
<li aria-current="page">${name}</li></ol></nav>
<article class="item">
${image(goods, name, true)}
<div>
<h1>${name}</h1>
<p class="price">${yuan(goods.fen)}${left !== undefined && html` <span class="mark">${words.left(left)}</span>`}</p>
<p>${goods.about[lang]}</p>
<form method="post" action="/cart/add" data-add>
<input type="hidden" name="sku" value="${goods.id}">
<p class="field"><label for="quantity">${words.quantity}</label>
<select id="quantity" name="quantity">${Array.from({ length: MOST_EACH }, (_, at) => html`<option>${at + 1}</option>`)}</select></p>
<p class="actions"><button${left === 0 && html` disabled`}>${words.add}</button>
${left !== 0 && html`<a class="button second" href="/checkout?sku=${goods.id}">${words.buy}</a>`}</p>
</form>
<h2>${words.details}</h2>
<dl>
<div><dt>${words.made}</dt><dd>${goods.made[lang]}</dd></div>
<div><dt>${words.category}</dt><dd>${CATEGORIES[goods.category][lang]}</dd></div>
<div><dt>${words.stock}</dt><dd>${left === undefined ? words.plenty : words.left(left)}</dd></div>
<div><dt>${words.number}</dt><dd><code>${goods.id}</code></dd></div></dl>
</div>
</article>
<section aria-labelledby="also"><h2 id="also">${words.also}</h2>${grid(visit, others, 3)}</section>`;
  return layout(visit, { title: name, body });
}

function total(visit, lines) {
  const { words, hasCoupon } = visit;
  const { subtotal, discount, total } = sums(lines, hasCoupon);
  return html`<dl class="sums">
${discount > 0 && html`<div><dt>${words.subtotal}</dt><dd>${yuan(subtotal)}</dd></div>
<div><dt>${words.discount}</dt><dd>−${yuan(discount)}</dd></div>`}
<div class="total"><dt>${words.total}</dt><dd>${yuan(total)}</dd></div></dl>`;
}

export function cart(visit) {
  const { lang, words, lines } = visit;
  if (lines.size === 0) {
    const body = html`<h1>${words.empty}</h1><p><a class="button" href="/">${words.keep}</a></p>`;
    return layout(visit, { title: words.empty, body, current: "/cart", wide: false });
  }
  const rows = onlyProducts(lines).map(
    ([goods, quantity]) => html`<li>
<a href="/p/${goods.id}">${image(goods, "")}<span>${goods.name[lang]}</span></a>
<p class="price">${yuan(goods.fen * quantity)}</p>
<input type="hidden" name="sku" value="${goods.id}">
<label class="hidden" for="q-${goods.id}">${words.quantity_of(goods.name[lang])}</label>
<input id="q-${goods.id}" name="quantity" type="number" inputmode="numeric" min="1" max="${MOST_EACH}" required value="${quantity}">
<button class="quiet" name="remove" value="${goods.id}" formnovalidate aria-label="${words.remove(goods.name[lang])}">${words.remove_short}</button>
</li>`,
  );
  // The first button of a form is what Enter presses, so the one that updates comes before those that remove.
  const body = html`<h1>${words.cart}</h1>
<form method="post" action="/cart"><button class="first" tabindex="-1" aria-hidden="true">${words.update}</button>
<ul class="lines">${rows}</ul>
<p class="end"><button class="second">${words.update}</button></p></form>
${total(visit, lines)}
<p class="actions end"><a href="/">${words.keep}</a><a class="button" href="/checkout">${words.checkout}</a></p>`;
  return layout(visit, { title: words.cart, body, current: "/cart", wide: false });
}

const summary = ({ lang }, lines) =>
  html`<ul class="lines short">${onlyProducts(lines).map(([goods, quantity]) => html`<li>${image(goods, "")}<span>${goods.name[lang]} × ${quantity}</span>
<span class="price">${yuan(goods.fen * quantity)}</span></li>`)}</ul>`;

/** `form` is its number, `filled` what was typed, `wrong` the word for what is missing. */
export function checkout(visit, lines, { form, filled = {}, wrong } = {}) {
  const { words } = visit;
  if (lines.size === 0) {
    const body = html`<h1>${words.checkout_title}</h1>
<p>${words.nothing_to_pay}</p>
<p><a class="button" href="/">${words.keep}</a></p>`;
    return layout(visit, { title: words.checkout_title, body, wide: false });
  }
  const field = (name, complete) => {
    const bad = wrong === `missing_${name}`;
    return html`<p class="field"><label for="${name}">${words[name]} <span class="soft">(${words.required})</span></label>
<input id="${name}" name="${name}" autocomplete="${complete}" required maxlength="200" value="${filled[name]}"${bad && html` aria-invalid="true" aria-describedby="wrong"`}></p>`;
  };
  const body = html`<h1>${words.checkout_title}</h1>
${wrong && html`<p class="wrong" id="wrong" role="alert">${words[wrong]}</p>`}
<section aria-labelledby="lines">
<h2 id="lines">${words.your_order}</h2>
${summary(visit, lines)}${total(visit, lines)}</section>
<form class="panel" method="post" action="/checkout">
<input type="hidden" name="form" value="${form}">
${[...lines].map(([sku, quantity]) => html`<input type="hidden" name="sku" value="${sku}">
<input type="hidden" name="quantity" value="${quantity}">`)}
${field("name", "name")}${field("address", "street-address")}
<p class="soft">${words.pay_note}</p><p><button>${words.order}</button></p>
</form>`;
  return layout(visit, { title: words.checkout_title, body, wide: false });
}

export function ordered(visit, order) {
  const { words } = visit;
  const body = html`<section class="panel good"><h1>${words.ordered}</h1>
<p>${words.order_number}</p><p class="big" data-order="${order.id}">${order.id}</p><p>${words.ordered_note}</p></section>
<section aria-labelledby="lines">
<h2 id="lines">${words.your_order}</h2>
${summary(visit, order.lines)}
<dl class="sums"><div class="total"><dt>${words.total}</dt><dd>${yuan(order.total)}</dd></div></dl>
<p>${words.deliver_to}: ${order.name}, ${order.address}</p></section>
<p><a class="button" href="/">${words.keep}</a></p>`;
  return layout(visit, { title: words.ordered, body, wide: false });
}

export function login(visit, { wrong, account = "" } = {}) {
  const { words } = visit;
  if (visit.account) {
    const body = html`<h1>${words.signed_in}</h1>
<p>${words.signed_in_as(visit.account)}</p>
<form method="post" action="/login"><p class="actions"><a class="button" href="/">${words.keep}</a>
<button class="second" name="out" value="1">${words.sign_out}</button></p></form>`;
    return layout(visit, { title: words.signed_in, body, current: "/login", wide: false });
  }
  const invalid = wrong && html` aria-invalid="true" aria-describedby="wrong"`;
  const body = html`<h1>${words.login}</h1>
${wrong && html`<p class="wrong" id="wrong" role="alert">${words.login_wrong}</p>`}
<form class="panel" method="post" action="/login">
<p class="field"><label for="account">${words.account_name}</label>
<input id="account" name="account" autocomplete="username" required maxlength="64" value="${account}"${invalid}></p>
<p class="field"><label for="password">${words.password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${invalid}></p>
<p class="soft">${words.login_note} <code>${PASSWORD}</code></p><p><button>${words.login}</button></p>
</form>`;
  return layout(visit, { title: words.login, body, current: "/login", wide: false });
}

/** A page that says one thing. */
export function note(visit, title, text, further) {
  const { words } = visit;
  const body = html`<h1>${title}</h1>
<p>${text}</p>${further && html`<p>${further[0]}: <code>${further[1]}</code></p>`}<p><a class="button" href="/">${words.back}</a></p>`;
  return layout(visit, { title, body, wide: false });
}
