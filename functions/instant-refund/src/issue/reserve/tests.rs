#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
use shared::platform::native::{Native, block_on};

use super::*;
use crate::case::Case;
use crate::config::Config;
use crate::decide::decide;
use crate::gateway::Settled;
use crate::policy::Rules;
use crate::refund::refund_id;
use crate::store::{self, Store, Watch};

const NOW: i64 = 1_790_000_000_000;

struct Desk {
    host: Native,
    config: Config,
}

fn desk() -> Desk {
    let mut host = Native::new(store::SCHEMA).unwrap();
    host.now_ms.set(NOW);
    let secret = "A".repeat(43);
    let callers = format!(r#"[{{"caller":"c","kid":"k","alg":"hmac-sha256","key":"{secret}","scopes":["refunds"]}}]"#);
    host.variables = [
        ("REFUND_CALLERS", callers),
        ("REFUND_RECEIPT_KEY", format!("r:{secret}")),
        ("REFUND_LOG_SECRET", secret),
        ("REFUND_NOTIFY_ORIGIN", "https://n.example".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let config = block_on(Config::read(&host)).unwrap();
    Desk { host, config }
}

/// All of the one payment, by a key of its own; on the books as its maker leaves it.
fn refund(desk: &Desk, key: &str) -> Refund {
    let case = include_bytes!("../../../../../tests/vectors/instant-refund/cases/unshipped.json");
    let case = Case::read(case, NOW).unwrap();
    let decision = decide(&case, &Rules::bundled().at(case.order.paid_at), NOW);
    let refund = Refund::new(refund_id("c", key), case, decision, NOW);
    assert!(refund.decision.holds.len() > 4, "the payment, the order, its freight and its line");
    let watch = Watch { due_at: None, holder: "h", held_until: 0 };
    block_on(Store { host: &desk.host }.insert(&refund, "f", watch, NOW)).unwrap();
    refund
}

/// What came of reserving: `held`, or why not.
fn reserve(desk: &Desk, refund: &Refund, version: i64) -> String {
    let quiet = |_: Notice<'_>| {};
    let issuer = Issuer { host: &desk.host, config: &desk.config, rules: Rules::bundled(), tell: &quiet };
    match block_on(issuer.reserve(refund, version, NOW)) {
        Ok(_) => "held".to_owned(),
        Err(Came::Full { account, .. }) => format!("full {}", account.name().split('/').next().unwrap()),
        Err(Came::Released) => "released".to_owned(),
        Err(Came::Later { trouble, .. }) => trouble.to_owned(),
        Err(Came::Report(_)) => "report".to_owned(),
    }
}

fn save(desk: &Desk, refund: Refund) {
    let store = Store { host: &desk.host };
    let mut stored = block_on(store.load(&refund.id)).unwrap().unwrap();
    assert!(
        block_on(store.save(&mut stored, refund, Watch { due_at: None, holder: "", held_until: 0 }, &[], NOW)).unwrap()
    );
}

/// The holds in the order of all refunds.
fn ordered(refund: &Refund) -> Vec<Hold> {
    let mut holds = refund.decision.holds.clone();
    holds.sort_by(|a, b| a.account.cmp(&b.account));
    holds
}

fn hold(desk: &Desk, hold: &Hold, refund: &Refund, version: i64) -> Held {
    let held = block_on(Store { host: &desk.host }.hold_all(&[hold], &refund.id, version, 0, NOW)).unwrap().held;
    held[0]
}

#[test]
fn of_two_that_each_got_one_of_two_accounts_one_gets_both() {
    let desk = desk();
    let (a, b) = (refund(&desk, "a"), refund(&desk, "b"));
    let (of_a, of_b) = (ordered(&a), ordered(&b));
    // Both asked for everything at once, and each was quicker at one account.
    assert_eq!(hold(&desk, &of_a[0], &a, 1), Held::Yes);
    assert_eq!(hold(&desk, &of_b[1], &b, 1), Held::Yes);
    // The one that has the first waits for the one that has the second, and keeps the first.
    assert_eq!(reserve(&desk, &a, 1), "contended");
    // The other is refused by the first, gives back the second, and waits.
    assert_eq!(reserve(&desk, &b, 1), "contended");
    assert_eq!(reserve(&desk, &a, 1), "held");
    // While the first may still fail, the second waits; once it is paid, there is no room.
    assert_eq!(reserve(&desk, &b, 1), "contended");
    let mut paid = a.clone();
    paid.issuing.as_mut().unwrap().reserved = true;
    save(&desk, paid);
    assert_eq!(reserve(&desk, &b, 1), "full freight");
}

#[test]
fn what_is_paid_already_refuses_at_once() {
    let desk = desk();
    let (mut a, b) = (refund(&desk, "a"), refund(&desk, "b"));
    assert_eq!(reserve(&desk, &a, 1), "held");
    a.post(Settled { refund_no: "1".to_owned(), at: None }, NOW);
    save(&desk, a);
    assert_eq!(reserve(&desk, &b, 1), "full freight");
}

#[test]
fn whoever_died_before_giving_back_makes_room_when_it_is_void() {
    let desk = desk();
    let (mut a, b) = (refund(&desk, "a"), refund(&desk, "b"));
    assert_eq!(hold(&desk, &ordered(&a)[0], &a, 1), Held::Yes);
    assert_eq!(reserve(&desk, &b, 1), "contended");
    a.void("over_refund", NOW);
    let released = a.releasing.clone();
    save(&desk, a.clone());
    assert_eq!(reserve(&desk, &b, 1), "contended", "it is about to release");
    for hold in &released {
        block_on(Store { host: &desk.host }.release(hold, (&a.id, 9), false, NOW)).unwrap();
    }
    assert_eq!(reserve(&desk, &b, 1), "held");
}

#[test]
fn what_a_void_refund_keeps_refuses_for_good() {
    let desk = desk();
    let (mut a, b) = (refund(&desk, "a"), refund(&desk, "b"));
    assert_eq!(reserve(&desk, &a, 1), "held");
    a.void("over_refund", NOW);
    // As with a claim that the insurer has paid by then: the void refund releases the others alone.
    let kept = a.releasing.remove(0);
    for hold in &a.releasing {
        block_on(Store { host: &desk.host }.release(hold, (&a.id, 9), false, NOW)).unwrap();
    }
    save(&desk, a);
    let expected = format!("full {}", kept.account.name().split('/').next().unwrap());
    assert_eq!(reserve(&desk, &b, 1), expected);
}

#[test]
fn a_slow_worker_gives_back_nothing_of_whoever_took_over() {
    let desk = desk();
    let (a, b) = (refund(&desk, "a"), refund(&desk, "b"));
    let store = Store { host: &desk.host };
    let first = &ordered(&a)[0];
    // Version 1 held; version 2 took the refund over and holds; then version 1's calls arrive late, in either order.
    assert_eq!((hold(&desk, first, &a, 1), hold(&desk, first, &a, 2)), (Held::Yes, Held::Yes));
    block_on(store.give_back(first, &a.id, 1)).unwrap();
    assert_eq!(hold(&desk, first, &a, 1), Held::Yes);
    block_on(store.give_back(first, &a.id, 1)).unwrap();
    assert_eq!(hold(&desk, first, &b, 1), Held::Full, "it is still held");
    block_on(store.give_back(first, &a.id, 2)).unwrap();
    assert_eq!(hold(&desk, first, &b, 1), Held::Yes);
    // What was released does not come back by giving back.
    block_on(store.release(first, (&b.id, 9), false, NOW)).unwrap();
    block_on(store.give_back(first, &b.id, 1)).unwrap();
    assert_eq!(hold(&desk, first, &b, 1), Held::Released);
}

#[test]
fn another_limit_of_a_pinned_account_refuses_only_while_its_holder_stays() {
    let desk = desk();
    let (a, mut b) = (refund(&desk, "a"), refund(&desk, "b"));
    for hold in &mut b.decision.holds {
        hold.amount_fen = 1;
        hold.limit_fen += 5_000_000;
    }
    assert_eq!(hold(&desk, &ordered(&a)[0], &a, 1), Held::Yes);
    assert_eq!(reserve(&desk, &b, 1), "contended");
    let mut paid = a;
    paid.issuing.as_mut().unwrap().reserved = true;
    save(&desk, paid);
    assert_eq!(reserve(&desk, &b, 1), "full freight");
}
