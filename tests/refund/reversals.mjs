// After the success, over HTTP: gateways take back what they paid. What is booked, what is held and what the buyer can do then.
import assert from "node:assert/strict";
import { caseAt, refund, refundId, send } from "./client.mjs";

/** A gateway's notification, made and signed by it, brought to the function. */
export async function notify(base, origin, gateway, key) {
  const made = await (await fetch(`${origin}/_control/notification?gateway=${gateway}&key=${key}&how=genuine`)).json();
  const headers = { ...Object.fromEntries(made.headers), connection: "close" };
  const body = Buffer.from(made.body, "base64");
  return fetch(`${base}/v1/gateways/${gateway}/notifications`, { method: "POST", headers, body });
}

/**
 * `at`: `{base, origin, key, text, sweep, agree, told}`: the function, the gateways, who calls, a case, and how the live tests
 * sweep, compare the ledger with the gateways, and say what they found.
 */
export async function reversals(at) {
  // WeChat Pay is believed a minute after the send at the earliest: all at once.
  const gateways = [["stripe", "ch_x.ok.reversed"], ["wechat", "4200.ok.reversed"]];
  await Promise.all([
    ...gateways.map(([gateway, payment]) => takenBack(at, gateway, payment)),
    ...gateways.map(([gateway, payment]) => anotherWay(at, gateway, `${payment}-2`)),
    falseAlarm(at),
    paidAfterAll(at),
  ]);
  at.told("Stripe and WeChat Pay take back what they paid: reversed, and paid again under one of 20 other keys at once");
  at.told("what they take back goes to the buyer's account once, whoever asks; nothing along the payment besides");
  at.told("news of a failure that the gateway denies: still posted, nothing released");
  at.told('a "failed" that had paid is asked again: 20 at once under other keys get nothing more of its payment');
  await at.agree(at.base);
  at.told("the ledger, with all that was booked back, agrees with the gateways");
}

async function posted({ base, key, text }, gateway, payment, name) {
  const one = caseAt(text("unshipped"), payment);
  one.order.payment.gateway = gateway;
  one.buyer.buyer_id = `buyer-${payment}`;
  const answer = await refund(base, one, name, key);
  assert.equal(JSON.parse(answer.text).state, "posted", answer.text);
  return one;
}

/** A refund, once a sweep has done what is due. */
async function settled({ base, key, sweep }, id, states) {
  for (let tries = 0; ; tries++) {
    const answer = await send(base, { method: "GET", path: `/v1/refunds/${id}` }, key);
    const now = JSON.parse(answer.text);
    if (states.includes(now.state) && now.payment?.status !== "contested") return now;
    assert(tries < 400, answer.text);
    await sweep(base);
    await new Promise((done) => setTimeout(done, 500));
  }
}

async function turn({ origin }, gateway, key, to) {
  const answer = await fetch(`${origin}/_control/turn?gateway=${gateway}&key=${key}&to=${to}`, { method: "POST" });
  assert.equal(answer.status, 200);
}

async function takenBack(at, gateway, payment) {
  const { base, origin, key } = at;
  const id = refundId(key.caller, payment);
  const one = await posted(at, gateway, payment, payment);
  await turn(at, gateway, id, "closed");
  // Sent again and again, as gateways do.
  const heard = await Promise.all(Array.from({ length: 5 }, () => notify(base, origin, gateway, id)));
  assert(heard.every((answer) => [200, 503].includes(answer.status)), `${heard[0].status}`);
  const reversed = await settled(at, id, ["reversed"]);
  assert.deepEqual([reversed.outcome, reversed.total_fen, reversed.legs], ["reversed", 0, []]);
  const others = Array.from({ length: 20 }, (_, n) => refund(base, one, `${payment}-again-${n}`, key));
  await Promise.all(others);
  const ids = Array.from({ length: 20 }, (_, n) => refundId(key.caller, `${payment}-again-${n}`));
  const ended = [];
  for (const id of ids) ended.push(await settled(at, id, ["posted", "void"]));
  assert.equal(ended.filter(({ state }) => state === "posted").length, 1, ended.map(({ state }) => state).join());
}

async function anotherWay(at, gateway, payment) {
  const { base, origin, key } = at;
  const id = refundId(key.caller, payment);
  const one = await posted(at, gateway, payment, payment);
  await turn(at, gateway, id, "closed");
  await notify(base, origin, gateway, id);
  await settled(at, id, ["reversed"]);
  const tell = (n) => {
    const body = JSON.stringify({ event_id: `o-${n}`, at: Date.now(), type: "pay_another_way" });
    return send(base, { method: "POST", path: `/v1/refunds/${id}/events`, body }, key);
  };
  const told = await Promise.all(Array.from({ length: 10 }, (_, n) => tell(n)));
  assert(told.every(({ status }) => [200, 202, 409].includes(status)), told[0].text);
  const paid = await settled(at, id, ["posted"]);
  assert.deepEqual([paid.total_fen, paid.payment.way], [10800, "account_credit"]);
  const more = await refund(base, one, `${payment}-more`, key);
  const ended = await settled(at, JSON.parse(more.text).refund_id, ["posted", "void"]);
  assert.equal(ended.state, "void", "it was paid another way");
}

async function falseAlarm(at) {
  const { base, origin, key } = at;
  const payment = "ch_x.ok.false-alarm";
  const id = refundId(key.caller, payment);
  await posted(at, "stripe", payment, payment);
  await turn(at, "stripe", id, "closed");
  const made = await (await fetch(`${origin}/_control/notification?gateway=stripe&key=${id}&how=genuine`)).json();
  await turn(at, "stripe", id, "paid");
  const headers = { ...Object.fromEntries(made.headers), connection: "close" };
  const body = Buffer.from(made.body, "base64");
  const answer = await fetch(`${base}/v1/gateways/stripe/notifications`, { method: "POST", headers, body });
  assert.equal(answer.status, 200);
  const still = await settled(at, id, ["posted"]);
  assert.deepEqual([still.total_fen, still.payment.status], [10800, "succeeded"]);
}

async function paidAfterAll(at) {
  const { base, key, text } = at;
  const payment = "ch_x.contradicts.live";
  const one = caseAt(text("unshipped"), payment);
  one.order.payment.gateway = "stripe";
  one.buyer.buyer_id = "buyer-contradicted";
  const first = await refund(base, one, payment, key);
  assert.equal(JSON.parse(first.text).state, "void", first.text);
  await Promise.all(Array.from({ length: 20 }, (_, n) => refund(base, one, `${payment}-${n}`, key)));
  const found = await settled(at, refundId(key.caller, payment), ["posted"]);
  assert.equal(found.payment.status, "succeeded");
  for (let n = 0; n < 20; n++) {
    const other = await settled(at, refundId(key.caller, `${payment}-${n}`), ["posted", "void"]);
    assert.equal(other.state, "void", `${n}`);
  }
}
