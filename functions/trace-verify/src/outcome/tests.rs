use super::*;
use crate::history::Traces;
use crate::policy::tests::changed;

const DAY: i64 = 86_400_000;

/// In which there are so many.
fn history(networks: usize, agents: usize, provinces: usize, kin: Kin) -> History {
    let city = |n| if n < provinces { format!("CITY{n:02}REGI{n:02}") } else { "------------".to_owned() };
    written(networks, agents, kin, city)
}

/// In which there are so many blocks of addresses, and nothing is known of places.
fn unplaced(blocks: usize, agents: usize, kin: Kin) -> History {
    written(blocks, agents, kin, |_| "++++++------".to_owned())
}

fn written(networks: usize, agents: usize, kin: Kin, city: impl Fn(usize) -> String) -> History {
    let traces = (0..networks.max(agents)).map(|n| {
        let (network, agent) = (n % networks.max(1), n % agents.max(1));
        format!(",00100NETWRK{network:02}AGNT{agent:02}{}", city(network))
    });
    let traces = Traces::parse(&traces.collect::<String>());
    History { count: 2, traces, kin, ..History::default() }
}

fn outcome(history: History, rules: Rules<'_>) -> Outcome {
    decide(Verdict::Genuine, &Ledger::Known(history), rules, 101 * DAY)
}

#[test]
fn networks_phones_and_provinces_are_added_up() {
    let stranger = |networks, agents, provinces| {
        outcome(history(networks, agents, provinces, Kin::Stranger), Rules::bundled()) == Outcome::SuspectedClone
    };
    for (networks, agents, provinces, suspected) in [
        (4, 4, 2, false), // 16 points
        (4, 4, 3, true),
        (4, 3, 3, false),
        (5, 4, 2, true),
        (5, 3, 2, false),
        (6, 6, 0, true),
        (5, 5, 0, false),
        (60, 1, 30, false), // one phone all over the country
        (3, 3, 3, false),
        (4, 9, 2, false), // phones beyond one a network
        (3, 30, 3, false),
    ] {
        assert_eq!(stranger(networks, agents, provinces), suspected, "{networks} {agents} {provinces}");
    }
}

/// A host that knows nothing of places warns too, and never in red: one person's ten networks are any number of blocks.
#[test]
fn blocks_of_addresses_warn_and_are_never_grave() {
    let signs = |blocks, agents| clone_signs(&unplaced(blocks, agents, Kin::Stranger), Rules::bundled(), 101 * DAY);
    assert_eq!((signs(4, 4), signs(5, 2), signs(60, 1)), (vec![], vec![], vec![]));
    assert_eq!((signs(5, 3), signs(4, 4 + 1)), (vec![CloneSign::ManyBlocks], vec![]));
    for kin in Kin::ALL {
        for blocks in 0..=64 {
            let history = unplaced(blocks, blocks, kin);
            let basis = basis(&history, Rules::bundled(), 101 * DAY);
            assert!(!basis.is_grave(Rules::bundled()), "{blocks} {kin:?}");
            let told = outcome(history, Rules::bundled()) == Outcome::SuspectedClone;
            assert_eq!(told, kin == Kin::Stranger && blocks >= 5, "{blocks} {kin:?}");
        }
    }
}

#[test]
fn the_first_device_and_its_household_are_not_told_what_strangers_are() {
    let told = |networks, kin| outcome(history(networks, networks, networks, kin), Rules::bundled());
    assert_eq!(told(10, Kin::Stranger), Outcome::SuspectedClone);
    assert_eq!(told(10, Kin::Alike), Outcome::AuthenticSeenBefore);
    assert_eq!(told(10, Kin::Household), Outcome::AuthenticSeenBefore);
    assert_eq!(told(10, Kin::First), Outcome::AuthenticSeenBefore);
    assert_eq!(told(18, Kin::Household), Outcome::SuspectedClone);
    assert_eq!(told(60, Kin::First), Outcome::AuthenticSeenBefore);
}

/// Ten networks are within one person's reach: the warning of them is never red.
#[test]
fn what_a_griefer_can_do_is_not_grave() {
    let grave = |networks, kin| basis(&history(networks, networks, networks, kin), Rules::bundled(), 101 * DAY);
    for kin in Kin::ALL {
        for networks in 0..=17 {
            assert!(!grave(networks, kin).is_grave(Rules::bundled()), "{networks} {kin:?}");
        }
        assert_eq!(grave(18, kin).is_grave(Rules::bundled()), kin != Kin::First);
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
