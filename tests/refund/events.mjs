// What happens to refunds, over HTTP: many events, and a request that its buyer takes back, while others look after it.
import assert from "node:assert/strict";
import { caseAt, refund, refundId, send } from "./client.mjs";
import { asked } from "./lines.mjs";

const tell = ({ base, key }, id, event) =>
  send(base, { method: "POST", path: `/v1/refunds/${id}/events`, body: JSON.stringify({ at: Date.now(), ...event }) }, key);

/** Until it is neither being worked on nor cut off. */
async function told(at, id, event) {
  for (let tries = 0; ; tries++) {
    const answer = await tell(at, id, event).catch(() => undefined);
    if (answer && ![409, 503].includes(answer.status)) return answer;
    if (answer?.status === 409 && !answer.text.includes("in-progress")) return answer;
    assert(tries < 60, answer?.text);
    await new Promise((done) => setTimeout(done, 500));
  }
}

export async function events(at) {
  await manyScans(at);
  at.told("300 scans under ids of their own: they fold, and the arrival and the merchant's consent still count");
  await corrected(at);
  at.told("what was paid is told wrong first: 20 right requests at once are void; corrected, exactly those that fit are paid");
  await withdrawn(at);
  at.told("20 requests taken back while 20 sweeps run: each is declined, or was paid before; none is paid afterwards");
}

async function manyScans(at) {
  const { base, key, text } = at;
  const one = caseAt(text("return-to-come"), "4200.ok.scans");
  one.buyer.buyer_id = "buyer-scans";
  const first = await refund(base, one, "scans", key);
  const id = refundId(key.caller, "scans");
  assert.equal(JSON.parse(first.text).state, "waiting", first.text);
  const parcel = { carrier: "sf", waybill: "SFSCANS1", method: "self_mail", from_region: "330000", to_region: "440000", weight_g: 900 };
  assert.equal((await told(at, id, { event_id: "p", type: "parcel_added", parcel })).status < 300, true);
  const scannedAt = Date.now();
  for (let n = 0; n < 300; n += 10) {
    const some = Array.from({ length: 10 }, (_, i) =>
      told(at, id, { event_id: `s-${n + i}`, at: scannedAt, type: "parcel_scanned", waybill: "SFSCANS1" }));
    for (const answer of await Promise.all(some)) assert(answer.status < 300, answer.text);
  }
  await told(at, id, { event_id: "r", type: "parcel_received", waybill: "SFSCANS1" });
  const agreed = await told(at, id, { event_id: "a", type: "merchant_accepted" });
  assert(agreed.status < 300, agreed.text);
  for (let tries = 0; ; tries++) {
    const now = JSON.parse((await send(base, { method: "GET", path: `/v1/refunds/${id}` }, key)).text);
    if (now.state === "posted") break;
    assert(tries < 30, JSON.stringify(now));
    await at.sweep(base);
    await new Promise((done) => setTimeout(done, 1000));
  }
}

/** The freight of 800 is forgotten first. Of 10000 for the line, four times 2500 fit, one of them the wrong one. */
async function corrected(at) {
  const { key, text } = at;
  const one = caseAt(text("unshipped"), "ch_x.ok.corrected");
  one.order.payment.gateway = "stripe";
  one.order.lines[0].quantity = 4;
  one.request.lines[0] = { line_id: "L-1", quantity: 1, amount_fen: 2500 };
  const wrong = structuredClone(one);
  wrong.order.outbound_freight_fen = 0;
  wrong.order.payment.paid_fen = 10000;
  const first = await asked(at, "corrected", [wrong]);
  assert.equal(first[0].state, "posted", JSON.stringify(first[0]));
  const right = async (round) => {
    const all = await asked(at, `corrected-${round}`, Array.from({ length: 20 }, () => one));
    return all.filter(({ state }) => state === "posted").length;
  };
  assert.equal(await right("before"), 0);
  const id = refundId(key.caller, "corrected-0");
  const event = { event_id: "c", type: "payment_corrected", paid_fen: 10800, outbound_freight_fen: 800 };
  const answers = await Promise.all(Array.from({ length: 5 }, () => told(at, id, { ...event, at: 1_790_000_000_000 })));
  for (const answer of answers) assert(answer.status < 300, answer.text);
  assert.equal(await right("after"), 3);
}

async function withdrawn(at) {
  const { base, key, text } = at;
  const names = Array.from({ length: 20 }, (_, n) => `withdrawn-${n}`);
  for (const name of names) {
    const one = caseAt(text("unshipped"), `4200.ok.${name}`);
    one.buyer.level = 0;
    // Outside of business hours or within: the merchant has time left.
    const answer = await refund(base, one, name, key);
    assert.equal(JSON.parse(answer.text).state, "waiting", answer.text);
  }
  const back = names.map((name) => told(at, refundId(key.caller, name), { event_id: "w", type: "request_withdrawn" }));
  const agreed = names.map((name) => told(at, refundId(key.caller, name), { event_id: "m", type: "merchant_accepted" }));
  const sweeps = names.map(() => at.sweep(base).catch(() => undefined));
  const [answers] = await Promise.all([Promise.all(back), Promise.all(agreed), Promise.all(sweeps)]);
  const paid = await (await fetch(`${at.origin}/_control/paid`)).json();
  for (const [n, name] of names.entries()) {
    const now = JSON.parse((await send(base, { method: "GET", path: `/v1/refunds/${refundId(key.caller, name)}` }, key)).text);
    if (answers[n].status === 409) continue; // paid first
    assert.equal(now.state, "declined", JSON.stringify(now));
    assert.equal(now.reasons[0].code, "request_withdrawn");
    assert.equal(paid[`4200.ok.${name}`], undefined);
  }
}
