// People decide, over HTTP: an operator proposes, another agrees, many times at once.
import assert from "node:assert/strict";
import { caseAt, refund, refundId, send } from "./client.mjs";

/** `at.second`: the key of another operator. */
export async function people(at) {
  const { base, key, second, text, origin } = at;
  const one = caseAt(text("unshipped"), "ch_x.ok.people");
  one.order.payment.gateway = "stripe";
  one.buyer = { ...one.buyer, buyer_id: "buyer-people", level: 0 };
  one.merchant.answer = { verdict: "rejected", at: one.request.requested_at };
  const first = await refund(base, one, "people", key);
  assert.equal(JSON.parse(first.text).state, "declined", first.text);
  const path = `/v1/refunds/${refundId(key.caller, "people")}/events`;
  const tell = async (event, by) => {
    for (let tries = 0; ; tries++) {
      const body = JSON.stringify({ at: Date.now() - 1000, ...event });
      const answer = await send(base, { method: "POST", path, body }, by).catch(() => undefined);
      const busy = !answer || answer.status === 503 || answer.text.includes("in-progress");
      if (!busy) return answer;
      assert(tries < 60, answer?.text);
      await new Promise((done) => setTimeout(done, 500));
    }
  };
  const lines = [{ line_id: "L-1", quantity: 1, amount_fen: 4000 }];
  const proposed = await tell({ event_id: "p", type: "decision_proposed", lines, payer: "platform", reason: "seen" }, key);
  assert.equal(proposed.status, 200, proposed.text);
  const agree = (n, by) => tell({ event_id: `a-${n}`, type: "decision_approved", proposal: "p" }, by);
  const same = await Promise.all(Array.from({ length: 5 }, (_, n) => agree(`same-${n}`, key)));
  assert(same.every(({ status, text }) => status === 409 && text.includes("same_operator")), same[0].text);
  const others = await Promise.all(Array.from({ length: 20 }, (_, n) => agree(n, second)));
  assert(others.some(({ status }) => status < 300), others[0].text);
  assert(others.every(({ status }) => status < 300 || status === 409), others.map(({ text }) => text).join("\n"));
  for (let tries = 0; ; tries++) {
    const now = JSON.parse((await send(base, { method: "GET", path: path.replace("/events", "") }, key)).text);
    if (now.state === "posted") break;
    assert(tries < 60, JSON.stringify(now));
    await at.sweep(base);
    await new Promise((done) => setTimeout(done, 1000));
  }
  assert.deepEqual((await (await fetch(`${origin}/_control/paid`)).json())["ch_x.ok.people"], [4000]);
  at.told("what a merchant refused is proposed by one operator and agreed to by another 20 times at once: paid once; one alone moves nothing");
}
