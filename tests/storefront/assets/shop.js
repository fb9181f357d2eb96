// Adds to the cart without leaving the page. What bot-screen asks of its request is solved by that's own script. Whatever
// goes wrong, the form is sent as if there were no script: what stands in front of the shop may have a page that a person
// must see.
"use strict";

const status = document.querySelector("[data-status]");
const badge = document.querySelector("[data-count]");
let hiding;

const say = (text) => {
  status.textContent = text;
  clearTimeout(hiding);
  hiding = setTimeout(() => {
    status.textContent = "";
  }, 5000);
};

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-add]")) return;
  event.preventDefault();
  const fields = new FormData(form);
  const button = form.querySelector("button");
  // Not `disabled`: that would take the focus away from whoever uses a keyboard.
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    const response = await fetch("/api/cart/items", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ sku: fields.get("sku"), quantity: Number(fields.get("quantity")) }),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { count, unit, message } = await response.json();
    badge.dataset.count = count;
    badge.querySelector("[data-cart-count]").textContent = count;
    badge.querySelector("[data-cart-unit]").textContent = unit;
    say(message);
  } catch {
    form.submit();
  } finally {
    button.removeAttribute("aria-disabled");
  }
});

// A page from the browser's own store, by its back button, has an old count.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
