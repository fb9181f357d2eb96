//! What must hold in the end, once all is still; and of every answer, that it agrees with the ones before.

use std::collections::BTreeMap;

use instant_refund::case::Verdict;
use instant_refund::decision::{Hold, LegKind, Payer, Route};
use instant_refund::refund::{Refund, State, id_of_key};
use serde_json::Value;
use shared::platform::Row;
use shared::platform::Value::Text;

use crate::bank::{AT_CONSOLE, Move};
use crate::plan::{Intent, Plan};
use crate::run::Known;
use crate::world::{Violation, World};

fn violation(invariant: &'static str, detail: String) -> Violation {
    Violation { invariant, detail }
}

/// Checks an answer that a caller was given.
pub fn answer(
    world: &World,
    id: &str,
    known: &mut Known,
    (status, text): (u16, &str),
    in_order: bool,
) -> Result<(), Violation> {
    let mut answer: Value = serde_json::from_str(text).map_err(|e| violation("readable", e.to_string()))?;
    if answer["refund_id"].as_str() != Some(id) || !world.watch.refunds.contains_key(id) {
        return Err(violation("accepted_is_kept", format!("{id} was answered with {text}")));
    }
    known.taken = true;
    let state = answer["state"].as_str().unwrap_or_default().to_owned();
    let is_final = matches!(state.as_str(), "posted" | "void" | "declined" | "reversed");
    if is_final != (status == 200) {
        return Err(violation("status_says_final", format!("{status} for {state}")));
    }
    let legs = answer["legs"].as_array().map(|legs| legs.iter().filter_map(|leg| leg["amount_fen"].as_i64()).sum());
    if legs != answer["total_fen"].as_i64() {
        return Err(violation("total_is_the_sum", text.to_owned()));
    }
    // What the insurer pays later is owed before, and paid afterwards: in the receipt, and of a void refund in the answer.
    let booked = answer["follow_up"]["claim_booked"] == true || (state == "void" && answer["total_fen"] != 0);
    if let Some(members) = answer.as_object_mut() {
        members.remove("follow_up");
        members.insert("booked".to_owned(), booked.into());
    }
    let but_the_claim = |answer: &Value| {
        let mut answer = answer.clone();
        let claims = ["booked", "receipt", "legs", "total_fen"];
        let fixed = if answer["state"] == "void" { 4 } else { 2 };
        if let Some(members) = answer.as_object_mut() {
            claims.iter().take(fixed).for_each(|name| drop(members.remove(*name)));
        }
        answer
    };
    match &known.last_word {
        Some(word) if *word != answer => {
            let second_thoughts = word["state"] == "void" && state == "posted" && of(world, id).count() == 1;
            // In a bad time, an answer that was slow may come after one that was not.
            let before = state == "void" || state == "declined";
            let overtaken = !in_order && (!is_final || (word["state"] == "posted" && before));
            let owed_was_paid = but_the_claim(word) == but_the_claim(&answer)
                && word["booked"] != answer["booked"]
                && (booked || !in_order);
            // What was paid came back, or was said to have; then it may go another way.
            let disturbed = of(world, id).any(|moved| moved.taken_back || moved.against_its_word)
                || word["payment"]["status"] == "contested"
                || answer["payment"]["status"] == "contested"
                || answer["payment"]["way"].is_string()
                || world.watch.refunds.get(id).is_some_and(|refund| refund.reissues > 0);
            // The merchant agreed after it had refused.
            let agreed = word["state"] == "declined"
                && word["reasons"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|why| why["code"] == "merchant_rejected"))
                && world.watch.refunds.get(id).is_some_and(|refund| {
                    refund.case.merchant.answer.is_some_and(|answer| answer.verdict == Verdict::Accepted)
                });
            if !(second_thoughts || overtaken || owed_was_paid || disturbed || agreed) {
                return Err(violation("final_is_final", format!("{word} became {answer}")));
            }
        }
        _ => {}
    }
    if is_final {
        known.last_word = Some(answer);
    }
    Ok(())
}

fn of<'w>(world: &'w World, id: &str) -> impl Iterator<Item = &'w Move> {
    world.bank.moves.iter().filter(move |moved| id_of_key(&moved.key).is_some_and(|(of, _)| of == id))
}

/// Refunds that are not final, nor waiting, nor rightly given up to people.
pub fn open(world: &World) -> Vec<String> {
    let open = |refund: &&Refund| {
        let given_up = refund.issuing.as_ref().and_then(|issuing| issuing.trouble.as_deref()) == Some("key_too_old")
            && world.bank.profiles[refund.case.order.payment.gateway.as_str()].name == "unhelpful";
        let untidy = refund.is_untidy();
        (refund.state == State::Issuing && !given_up) || untidy || refund.contested().is_some()
    };
    let open = world.watch.refunds.values().filter(open);
    open.map(|refund| format!("{} {:?} {:?}", refund.id, refund.state, refund.issuing)).collect()
}

/// Everything that does not hold.
pub fn judge(world: &World, plan: &Plan, known: &[Known]) -> Vec<Violation> {
    let mut broken = Vec::new();
    for (intent, known) in plan.intents.iter().zip(known) {
        let stored = stored(world, &intent.id);
        match (&stored, known.taken) {
            (None, true) => broken.push(violation("accepted_is_kept", format!("{} is gone", intent.id))),
            (None, false) => broken.push(violation("accepted_is_kept", format!("{} was never taken on", intent.id))),
            (Some(refund), _) => {
                for (told, (_, event)) in known.told.iter().zip(&intent.events) {
                    let name = event["event_id"].as_str().unwrap_or_default();
                    if *told && !refund.told.iter().any(|told| told.event_id == name) {
                        broken.push(violation("event_kept", format!("{name} of {}", intent.id)));
                    }
                }
                broken.extend(money(world, refund));
                broken.extend(claim(world, refund, intent));
                broken.extend(holds(world, refund));
                broken.extend(due(world, refund));
                let told = |(told, (_, event)): (&bool, &(i64, Value))| *told && event["type"] == "payment_corrected";
                if known.told.iter().zip(&intent.events).any(told) {
                    broken.extend(corrected(world, refund));
                }
            }
        }
    }
    broken.extend(withdrawn(world));
    broken.extend(many(world));
    broken.extend(outside(world));
    broken.extend(sums(world));
    broken.extend(lines(world));
    broken.extend(ledger(world));
    broken.extend(limits(world));
    broken
}

fn stored(world: &World, id: &str) -> Option<Refund> {
    let rows = world.ask("SELECT document FROM refund WHERE id = ?1", &[Text(id.to_owned())]).ok()?;
    serde_json::from_str(rows.first()?.text(0)?).ok()
}

/// What is open has a term, and its row is looked after by then.
fn due(world: &World, refund: &Refund) -> Option<Violation> {
    let rows = world.ask("SELECT due_at FROM refund WHERE id = ?1", &[Text(refund.id.clone())]).ok()?;
    let due_at = rows.first()?.integer(0);
    let next = refund.next_due()?;
    let detail = || format!("{} {:?} is due at {due_at:?}, and ought to be at {next}", refund.id, refund.state);
    let late = next.max(world.now + 600_000);
    due_at.is_none_or(|due| due > late).then(|| violation("stays_due", detail()))
}

/// What an operator has corrected is what its accounts go by.
fn corrected(world: &World, refund: &Refund) -> Option<Violation> {
    let order = &refund.case.order;
    let sql = "SELECT account, limit_fen FROM hold WHERE account IN (?1, ?2) AND refund = ?3 AND limit_fen <> ?4
               AND released_at IS NULL";
    let names = [format!("payment/{}", order.payment.key()), format!("order/{}", order.order_id), refund.id.clone()];
    let mut params: Vec<_> = names.into_iter().map(Text).collect();
    params.push(shared::platform::Value::Integer(order.payment.paid_fen));
    let wrong = world.ask(sql, &params).ok()?;
    (!wrong.is_empty()).then(|| violation("corrected_is_believed", format!("{}: {wrong:?}", refund.id)))
}

/// What was refunded at a console, and taken in, is counted: each once.
fn outside(world: &World) -> Vec<Violation> {
    let mut counted: BTreeMap<&str, i64> = BTreeMap::new();
    for (payment, fen, _) in world.watch.counted.values() {
        *counted.entry(payment).or_default() += fen;
    }
    let sql = "SELECT coalesce(sum(amount_fen), 0) FROM hold
               WHERE account LIKE 'payment/%:' || ?1 AND refund LIKE 'outside/%' AND released_at IS NULL";
    let held = |payment: &str| world.ask(sql, &[Text(payment.to_owned())]).ok()?.first()?.integer(0);
    let wrong = counted.iter().map(|(payment, fen)| (payment, fen, held(payment)));
    let wrong = wrong.filter(|(_, fen, held)| *held != Some(**fen));
    wrong.map(|wrong| violation("outside_is_counted", format!("{wrong:?}"))).collect()
}

/// A gateway made no more refunds of a payment than it takes.
fn many(world: &World) -> Vec<Violation> {
    let mut counts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for refund in
        world.watch.refunds.values().filter(|refund| refund.gateway_fen() > 0 && refund.state == State::Posted)
    {
        let payment = &refund.case.order.payment;
        *counts.entry((payment.gateway.as_str(), &payment.transaction_id)).or_default() += 1;
    }
    let contradicted = |payment: &str| world.bank.payments.get(payment).is_some_and(|paid| paid.contradicted);
    let over = counts.iter().filter(|((gateway, payment), count)| {
        **count > world.bank.profiles[*gateway].semantics.max_refunds && !contradicted(payment)
    });
    over.map(|(payment, count)| violation("keeps_the_gateways_count", format!("{payment:?}: {count}"))).collect()
}

/// What its buyer took back was not paid.
fn withdrawn(world: &World) -> Vec<Violation> {
    let paid = |refund: &&Refund| refund.decision.reasons.iter().any(|why| why.code == "request_withdrawn");
    let paid = world
        .watch
        .refunds
        .values()
        .filter(paid)
        .filter(|r| r.state != State::Declined || of(world, &r.id).count() > 0);
    paid.map(|refund| violation("withdrawn_is_not_paid", format!("{} {:?}", refund.id, refund.state))).collect()
}

/// What moved of each payment is what its posted refunds say.
fn sums(world: &World) -> Vec<Violation> {
    let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    let ours = |moved: &&Move| !moved.taken_back && !moved.key.starts_with(AT_CONSOLE);
    for moved in world.bank.moves.iter().filter(ours) {
        sums.entry(&moved.payment).or_default().0 += moved.amount_fen;
    }
    // One that is issuing yet was given up to people: whether it was paid is for them to find out.
    for refund in world.watch.refunds.values().filter(|refund| refund.state == State::Posted) {
        sums.entry(&refund.case.order.payment.transaction_id).or_default().1 += refund.gateway_fen();
    }
    let given_up = world.watch.refunds.values().any(|refund| refund.state == State::Issuing);
    let wrong = sums.iter().filter(|(_, (moved, posted))| moved != posted && !given_up);
    wrong.map(|(payment, sums)| violation("money_adds_up", format!("{payment}: moved and posted {sums:?}"))).collect()
}

/// No line gave back more than was paid for it, and no order its freight twice; unless a gateway contradicted itself.
fn lines(world: &World) -> Vec<Violation> {
    let mut sums: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    for refund in world.watch.refunds.values().filter(|refund| refund.state == State::Posted) {
        let order = &refund.case.order;
        let contradicted = world.bank.payments.get(&order.payment.transaction_id).is_some_and(|paid| paid.contradicted);
        let paid = |kind| refund.decision.sum_fen(|leg| leg.kind == kind);
        if contradicted {
            continue;
        }
        let freight = sums.entry((order.order_id.clone(), "freight".to_owned())).or_default();
        *freight = (freight.0 + paid(LegKind::OutboundFreight), freight.1.max(order.outbound_freight_fen));
        if paid(LegKind::GoodsRefund) == 0 {
            continue;
        }
        for asked in &refund.case.request.lines {
            let Some(line) = order.lines.iter().find(|line| line.line_id == asked.line_id) else { continue };
            let sum = sums.entry((order.order_id.clone(), line.line_id.clone())).or_default();
            *sum = (sum.0 + asked.amount_fen, sum.1.max(line.paid_fen));
        }
    }
    let over = sums.iter().filter(|(_, (paid, most))| paid > most);
    over.map(|(what, sums)| violation("lines_add_up", format!("{what:?}: {sums:?}"))).collect()
}

/// A posted refund was paid once, to the fen; any other was not paid.
fn money(world: &World, refund: &Refund) -> Option<Violation> {
    let moved: Vec<&Move> = of(world, &refund.id).filter(|moved| !moved.taken_back).collect();
    let fen = refund.gateway_fen();
    let nameless = |moved: &Move| id_of_key(&moved.key).is_none() && !moved.key.starts_with(AT_CONSOLE);
    if world.bank.moves.iter().any(nameless) {
        // Keys that name no refund: the sums must do.
        return None;
    }
    match refund.state {
        State::Posted if fen > 0 => (moved.len() != 1 || moved[0].amount_fen != fen)
            .then(|| violation("posted_is_paid", format!("{} {moved:?}", refund.id))),
        State::Issuing if moved.len() <= 1 => None,
        _ => (!moved.is_empty())
            .then(|| violation("unposted_is_unpaid", format!("{} {:?} {moved:?}", refund.id, refund.state))),
    }
}

/// What the insurer said that it paid, of a leg that is its to pay, is booked.
fn claim(world: &World, refund: &Refund, intent: &Intent) -> Option<Violation> {
    let insured = refund.decision.legs.iter().any(|leg| leg.payer == Payer::Insurer);
    let told = |event: &Value| refund.told.iter().any(|told| event["event_id"] == told.event_id);
    let paid = intent.events.iter().any(|(_, event)| event["type"] == "claim_paid" && told(event));
    let sql = "SELECT count(*) FROM ledger WHERE refund = ?1 AND entry = 'claim'";
    let booked = world.ask(sql, &[Text(refund.id.clone())]).ok()?.first()?.integer(0)?;
    // Of a void one, what the insurer paid is a fact all the same.
    let ended = matches!(refund.state, State::Posted | State::Void) && insured;
    // And of one that an operator had paid another way, until no quota was left for that.
    let due = (ended || refund.state == State::Waiting) && paid && refund.aftermath.claim_booked;
    let unbooked = refund.state == State::Posted && insured && paid && !refund.aftermath.claim_booked;
    let right = !unbooked && booked == if due { 2 } else { 0 };
    (!right).then(|| violation("ledger_balanced", format!("{}: {booked} lines of the claim", refund.id)))
}

/// What a hold ought to be in the end.
fn ought_to_hold(refund: &Refund, hold: &Hold) -> bool {
    let aftermath = &refund.aftermath;
    match refund.state {
        State::Posted if hold.account.is_quota() => {
            let repaid = aftermath.clawed_back_at.is_some() && aftermath.repaid_fen == refund.given_back_fen();
            let given_up = aftermath.clawed_back_at.is_some() && aftermath.receivable_given_up_at.is_some();
            aftermath.returned_at.is_none() && aftermath.quota_freed_at.is_none() && !repaid && !given_up
        }
        State::Posted if hold.account.is_year() => aftermath.year_over_at.is_none(),
        State::Posted if hold.account.is_fund() => aftermath.written_off_at.is_none() && refund.fund_open_fen() > 0,
        State::Posted => true,
        // What did not go along the payment stays paid.
        State::Reversed => hold.account.is_once(),
        _ => false,
    }
}

fn holds(world: &World, refund: &Refund) -> Vec<Violation> {
    if refund.state == State::Issuing {
        return Vec::new();
    }
    let sql = "SELECT account, amount_fen FROM hold
               WHERE (refund = ?1 OR refund LIKE ?1 || '/%') AND released_at IS NULL";
    let rows = world.ask(sql, &[Text(refund.id.clone())]).unwrap_or_default();
    let held: BTreeMap<&str, i64> = rows.iter().filter_map(|row| Some((row.text(0)?, row.integer(1)?))).collect();
    // What an earlier decision had reserved when the quota gave out is kept, as far as it was reserved; and what was paid
    // by other ways stays so.
    let known = |held: &str| refund.kept.iter().chain(&refund.settled).any(|hold| hold.account.name() == held);
    if refund.state == State::Waiting && held.keys().all(|held| known(held)) {
        return Vec::new();
    }
    let ought = refund.decision.holds.iter().filter(|hold| ought_to_hold(refund, hold)).chain(&refund.settled);
    let ought: BTreeMap<String, i64> = ought.map(|hold| (hold.account.name(), hold.amount_fen)).collect();
    // A claim that the insurer paid before the refund was void stays claimed.
    let claimed = refund.state == State::Void && refund.aftermath.claim_booked;
    let claims = refund.decision.holds.iter().filter(|hold| claimed && hold.account.is_claim());
    let claims: Vec<String> = claims.map(|hold| hold.account.name()).collect();
    let held: BTreeMap<&str, i64> =
        held.into_iter().filter(|(account, _)| !claims.iter().any(|c| c == account)).collect();
    let same = held.len() == ought.len() && ought.iter().all(|(account, fen)| held.get(account.as_str()) == Some(fen));
    if same {
        return Vec::new();
    }
    let detail = format!("{} {:?} holds {held:?}, and ought to hold {ought:?}", refund.id, refund.state);
    vec![violation("holds_as_due", detail)]
}

fn ledger(world: &World) -> Vec<Violation> {
    let mut broken = Vec::new();
    let sql = "SELECT refund, entry, sum(debit_fen), sum(credit_fen),
                 sum(CASE WHEN account LIKE 'gateway:%' THEN credit_fen - debit_fen ELSE 0 END), sum((debit_fen > 0) = (credit_fen > 0))
               FROM ledger GROUP BY refund, entry";
    let mut paid: BTreeMap<String, i64> = BTreeMap::new();
    for row in world.ask(sql, &[]).unwrap_or_default() {
        let (refund, entry) = (row.text(0).unwrap_or_default(), row.text(1).unwrap_or_default());
        if row.integer(2) != row.integer(3) || row.integer(5) != Some(0) {
            broken.push(violation("ledger_balanced", format!("{refund} {entry}: {row:?}")));
        }
        if entry.starts_with("payment") || entry.starts_with("reversal") {
            *paid.entry(refund.to_owned()).or_default() += row.integer(4).unwrap_or(-1);
        }
    }
    for refund in world.watch.refunds.values() {
        let booked = paid.remove(&refund.id);
        let posted = refund.state == State::Posted;
        let ours = refund.decision.legs.iter().any(|leg| leg.route != Route::InsuranceClaim);
        let right = match booked {
            Some(fen) if refund.state == State::Reversed || refund.reversals > 0 && !posted => fen == 0,
            Some(fen) => posted && fen == refund.gateway_fen(),
            None => !posted || !ours,
        };
        if !right {
            let detail = format!("{} {:?} booked {booked:?}", refund.id, refund.state);
            broken.push(violation("ledger_balanced", detail));
        }
        let sql = "SELECT count(DISTINCT entry) FROM ledger WHERE refund = ?1 AND entry IN ('claw_back', 'write_off')";
        let booked = world.ask(sql, &[Text(refund.id.clone())]).ok().and_then(|rows| rows.first()?.integer(0));
        if refund.reversals + refund.reissues > 0 {
            continue;
        }
        let aftermath = &refund.aftermath;
        let due = i64::from(aftermath.clawed_back_at.is_some() && refund.given_back_fen() > 0)
            + i64::from(aftermath.written_off_at.is_some());
        if booked != Some(due) {
            broken.push(violation("ledger_balanced", format!("{}: {booked:?} of {due} booked", refund.id)));
        }
    }
    broken
}

/// What is held stays within what may be held, unless a gateway has contradicted itself.
fn limits(world: &World) -> Vec<Violation> {
    let sql = "SELECT account, sum(amount_fen), max(limit_fen) FROM hold WHERE released_at IS NULL GROUP BY account";
    let rows = world.ask(sql, &[]).unwrap_or_default();
    let contradicted = world.bank.payments.values().any(|payment| payment.contradicted);
    // An insurer that pays for a refund that was void is a fact, whatever another refund has claimed since.
    let paid_for_void = |row: &&Row| {
        let mut void = world.watch.refunds.values().filter(|r| r.aftermath.claim_booked);
        void.any(|r| {
            r.decision
                .holds
                .iter()
                .chain(&r.settled)
                .any(|h| Some(h.account.name().as_str()) == row.text(0) && h.account.is_claim())
        })
    };
    // What was told of a payment may be less than was paid; and what goes to the buyer's account leaves room at the gateway.
    let outside = |row: &&Row| {
        let account = row.text(0).unwrap_or_default();
        let payment = world.watch.counted.values().find(|(payment, ..)| account.ends_with(&format!(":{payment}")));
        payment.and_then(|(payment, ..)| world.bank.payments.get(payment)).is_some_and(|known| {
            row.integer(1) <= Some(known.paid_fen) || world.watch.refunds.values().any(|refund| refund.reissues > 0)
        })
    };
    let over = rows.iter().filter(|row| row.integer(1) > row.integer(2) && !contradicted);
    let over = over.filter(|row| !paid_for_void(row) && !outside(row));
    over.map(|row| violation("holds_within_limits", format!("{row:?}"))).collect()
}
