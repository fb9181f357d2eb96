use super::*;
use crate::history::Traces;
use crate::policy::tests::changed;

const DAY: i64 = 86_400_000;

fn history(networks: usize, agents: usize, cities: usize, kin: Kin) -> History {
    let traces = (0..networks).map(|n| {
        let city = if n < cities { format!("CITY{n:02}") } else { "------".to_owned() };
        format!(",00100NETWRK{n:02}AGNT{:02}{city}", n % agents.max(1))
    });
    let traces = Traces::parse(&traces.collect::<String>());
    History { count: 2, traces, kin, ..History::default() }
}

fn outcome(history: History, rules: Rules<'_>) -> Outcome {
    decide(Verdict::Genuine, &Ledger::Known(history), rules, 101 * DAY)
}

#[test]
fn the_lesser_of_networks_and_browsers_decides() {
    let stranger =
        |networks, agents, cities| outcome(history(networks, agents, cities, Kin::Stranger), Rules::bundled());
    for (networks, agents, cities, suspected) in [
        (4, 4, 3, false),
        (4, 3, 4, true),
        (5, 2, 5, false),
        (15, 15, 3, false),
        (16, 16, 0, true),
        (16, 3, 0, true),
        (60, 1, 60, false), // one phone all over the country
        (3, 3, 3, false),
    ] {
        let is = stranger(networks, agents, cities) == Outcome::SuspectedClone;
        assert_eq!(is, suspected, "{networks} {agents} {cities}");
    }
}

#[test]
fn the_first_device_and_its_household_are_not_told_what_strangers_are() {
    let told = |networks, kin| outcome(history(networks, networks, networks, kin), Rules::bundled());
    assert_eq!(told(10, Kin::Stranger), Outcome::SuspectedClone);
    assert_eq!(told(10, Kin::Alike), Outcome::AuthenticSeenBefore);
    assert_eq!(told(10, Kin::Household), Outcome::AuthenticSeenBefore);
    assert_eq!(told(10, Kin::First), Outcome::AuthenticSeenBefore);
    assert_eq!(told(16, Kin::Household), Outcome::SuspectedClone);
    assert_eq!(told(60, Kin::First), Outcome::AuthenticSeenBefore);
}

/// Ten networks are within one person's reach: the warning of them is never red.
#[test]
fn what_a_griefer_can_do_is_not_grave() {
    let grave = |networks, kin| basis(&history(networks, networks, networks, kin), Rules::bundled(), 101 * DAY);
    for kin in Kin::ALL {
        for networks in 0..=15 {
            assert!(!grave(networks, kin).is_grave(Rules::bundled()), "{networks} {kin:?}");
        }
        assert_eq!(grave(16, kin).is_grave(Rules::bundled()), kin != Kin::First);
    }
}

#[test]
fn what_is_long_past_makes_no_sign() {
    let history = history(20, 20, 20, Kin::Stranger);
    assert_eq!(clone_signs(&history, Rules::bundled(), 101 * DAY), [CloneSign::ManyNetworks, CloneSign::ManyPlaces]);
    assert_eq!(clone_signs(&history, Rules::bundled(), 500 * DAY), []);
}

#[test]
fn what_builds_before_counted_is_judged_as_then() {
    let before = |before, places_before, kin| History {
        traces: Traces { before, places_before, ..Traces::default() },
        kin,
        ..History::default()
    };
    let bundled = |count, places| clone_signs(&before(count, places, Kin::Stranger), Rules::bundled(), 0);
    assert_eq!(bundled(9, 3), []);
    assert_eq!(bundled(10, 3), [CloneSign::ManyDevices]);
    assert_eq!(bundled(9, 4), [CloneSign::ManyPlaces]);
    for kin in [Kin::Stranger, Kin::Household, Kin::First] {
        assert_eq!(outcome(before(10, 1, kin), Rules::bundled()), Outcome::SuspectedClone);
        assert_eq!(outcome(before(4, 4, kin), Rules::bundled()), Outcome::SuspectedClone);
    }
    let stricter = changed("figures", "clone.devices", Some(&8_i64.to_le_bytes()));
    let signs = |count| clone_signs(&before(count, 1, Kin::Stranger), Rules::of(&stricter), 0);
    assert_eq!((signs(7), signs(8)), (vec![], vec![CloneSign::ManyDevices]));
}

#[test]
fn the_page_again_right_after_the_first_scan_says_first_scan() {
    let again = |by, by_first_device, count, later: i64| {
        let visit = Visit::Repeat { by, by_first_device };
        let history = History { count, visit, kin: Kin::First, ..History::default() };
        decide(Verdict::Genuine, &Ledger::Known(history), Rules::bundled(), later * 60_000)
    };
    for by in [Recognised::Cookie, Recognised::App] {
        assert_eq!(again(by, true, 1, 1), Outcome::AuthenticFirstScan);
        assert_eq!(again(by, true, 1, 31), Outcome::AuthenticSeenBefore);
        assert_eq!(again(by, true, 2, 1), Outcome::AuthenticSeenBefore);
        assert_eq!(again(by, false, 1, 1), Outcome::AuthenticSeenBefore);
    }
    assert_eq!(again(Recognised::Likeness, true, 1, 1), Outcome::AuthenticSeenBefore);
}
