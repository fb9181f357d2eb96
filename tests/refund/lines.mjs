// Lines, pieces and freight of an order, asked for at once under different keys, over HTTP: together they give back what was
// paid, and no piece twice.
import assert from "node:assert/strict";
import { caseAt, refund, refundId, send } from "./client.mjs";

/** Asks for all at once, each under a key and for a buyer of its own, until each is paid or not: the answers. */
export async function asked(at, name, cases) {
  const { base, key } = at;
  const of = (one, n) => ({ ...one, buyer: { ...one.buyer, buyer_id: `buyer-${name}-${n}`, quota_fen: 1_000_000 } });
  await Promise.all(cases.map((one, n) => refund(base, of(one, n), `${name}-${n}`, key)));
  for (let tries = 0; ; tries++) {
    const ids = cases.map((_, n) => refundId(key.caller, `${name}-${n}`));
    const now = await Promise.all(ids.map((id) => send(base, { method: "GET", path: `/v1/refunds/${id}` }, key)));
    const answers = now.map((answer) => JSON.parse(answer.text));
    if (answers.every(({ state }) => state === "posted" || state === "void")) return answers;
    assert(tries < 60, answers.map(({ state }) => state).join());
    await at.sweep(base);
    await new Promise((done) => setTimeout(done, 1000));
  }
}

const posted = (answers) => answers.filter(({ state }) => state === "posted");
const total = (answers) => posted(answers).reduce((sum, answer) => sum + answer.total_fen, 0);

/** An order of two lines of one piece each, unshipped, paid by Stripe, which takes refunds as they come. */
function order(at, name, lines, freight = 0) {
  const one = caseAt(at.text("unshipped"), `ch_x.ok.${name}`);
  const [line] = one.order.lines;
  one.order.payment.gateway = "stripe";
  one.order.lines = lines.map(([line_id, quantity, paid_fen]) => ({ ...line, line_id, quantity, paid_fen }));
  one.order.outbound_freight_fen = freight;
  one.order.payment.paid_fen = freight + lines.reduce((sum, [, , fen]) => sum + fen, 0);
  return (...wanted) => ({
    ...one,
    request: { ...one.request, lines: wanted.map(([line_id, quantity, amount_fen]) => ({ line_id, quantity, amount_fen })) },
  });
}

const times = (n, one) => Array.from({ length: n }, () => one);

export async function lines(at) {
  const two = order(at, "two-lines", [["A", 1, 5000], ["B", 1, 4900]]);
  const both = await asked(at, "two-lines", [...times(20, two(["A", 1, 5000])), ...times(20, two(["B", 1, 4900]))]);
  assert.deepEqual([posted(both.slice(0, 20)).length, posted(both.slice(20)).length], [1, 1]);
  at.told("two lines of one piece, each under 20 keys at once: each is paid once");

  const thirds = order(at, "thirds", [["A", 3, 100]]);
  const some = await asked(at, "thirds", [...times(20, thirds(["A", 1, 34])), ...times(20, thirds(["A", 1, 33]))]);
  assert(total(some) <= 100 && posted(some).length <= 3, `${total(some)}`);
  const left = 100 - total(some);
  const refused = some.find(({ state }) => state === "void");
  const codes = refused.reasons.map(({ code }) => code);
  assert(codes.some((code) => ["line_over_refund", "pieces_already_refunded", "over_refund"].includes(code)), codes.join());
  assert(left <= 32 || posted(some).length === 3, `${left} left`);
  at.told(`thirds of a 100-fen line under 40 keys at once: ${posted(some).length} pieces, ${total(some)} fen, never 102`);

  const freight = order(at, "last-piece", [["A", 1, 5000]], 800);
  const last = await asked(at, "last-piece", times(20, freight(["A", 1, 5000])));
  assert.deepEqual([posted(last).length, total(last)], [1, 5800]);
  at.told("the last piece under 20 keys at once: once, with its freight once");

  const part = order(at, "reduced", [["A", 1, 9900]]);
  const reduced = await asked(at, "reduced", [...times(10, part(["A", 1, 4000])), ...times(10, part(["A", 1, 9900]))]);
  assert([8000, 9900].includes(total(reduced)), `${total(reduced)}`);
  const paid = await (await fetch(`${at.origin}/_control/paid`)).json();
  assert.equal(paid["ch_x.ok.reduced"].reduce((sum, fen) => sum + fen, 0), total(reduced));
  at.told("price differences and the whole piece under 20 keys at once: never more than was paid for it");
}
