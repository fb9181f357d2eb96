//! Adoption on the native host: a store that lies, keys that are stolen, databases that are down.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod site;

use std::cell::RefCell;
use std::rc::Rc;

use ::pack::MapWriter;
use formats::policy::{MAX_VERSION, Role, section_key, statement_key};
use serde_json::{Value, json};

use super::*;
use crate::platform::native::block_on;
use site::*;

/// An instance that has adopted pack 1, version 7, and told so.
fn adopted() -> (Site, Packs, Vec<u8>) {
    let (site, packs) = (Site::new(), Packs::new());
    let statement = site.publish(&pack(1), Role::Current, (0, 7));
    assert_eq!(site.request(&packs), BUNDLED.digest, "the first answer waits for nothing");
    assert_eq!(site.request(&packs), digest(1));
    assert_eq!(site.told(), ["keyset adopted", "current adopted"]);
    (site, packs, statement)
}

#[test]
fn the_bundled_digest_is_its_manifests() {
    let manifest = ::pack::Manifest::of(FUNCTION, 1, BUNDLED.sections.iter().copied()).unwrap();
    assert_eq!(manifest.digest(), BUNDLED.digest);
}

#[test]
fn without_roots_no_store_is_asked_before_the_answer() {
    let (site, packs) = (Site::new(), Packs::new());
    site.host.sql_down.set(true);
    site.host.kv_down.set(true);
    let policies = block_on(Policies::begin(&site.host, FUNCTION, Some(&SPEC), None, &packs)).unwrap();
    assert_eq!(policies.digest(), BUNDLED.digest);
    assert!(block_on(policies.pack(&["figures"])).is_ok() && !policies.has_shadow());
}

#[test]
fn every_instance_follows_what_one_has_adopted_whatever_the_store_does() {
    let (site, packs, statement) = adopted();
    for withhold in [&|| site.host.kv.borrow_mut().clear(), &|| site.host.kv_down.set(true)] as [&dyn Fn(); 2] {
        withhold();
        assert_eq!(site.settled(&packs), digest(1));
        let new = Packs::new();
        assert_eq!(site.request(&new), digest(1), "from its first request on");
        assert_eq!(site.settled(&new), digest(1));
    }
    site.host.kv_down.set(false);
    site.put(&statement_key(FUNCTION, Role::Current), statement);
    assert_eq!(site.settled(&packs), digest(1));
}

#[test]
fn nothing_older_comes_back() {
    let (site, packs, old) = adopted();
    site.publish(&pack(2), Role::Current, (0, 8));
    assert_eq!(site.settled(&packs), digest(2));
    assert_eq!(site.told(), ["current adopted"]);
    site.put(&statement_key(FUNCTION, Role::Current), old);
    assert_eq!((site.settled(&packs), site.request(&Packs::new())), (digest(2), digest(2)));
    assert_eq!(site.told(), ["current refused older"], "one instance tells it");
    // Frozen for a week, and then what was withheld arrives.
    let withheld = site.publish(&pack(3), Role::Current, (0, 9));
    site.host.kv.borrow_mut().remove(&statement_key(FUNCTION, Role::Current));
    site.host.now_ms.set(NOW + 7 * DAY);
    assert_eq!(site.settled(&packs), digest(2));
    site.put(&statement_key(FUNCTION, Role::Current), withheld);
    assert_eq!(site.settled(&packs), digest(3));
}

#[test]
fn what_is_refused_says_why_and_the_last_good_one_goes_on() {
    let (site, packs, _) = adopted();
    let both = [("p-2", 2), ("p-3", 3)];
    let cases: [(&str, &dyn Fn()); 12] = [
        ("too_few_signers", &|| _ = site.publish_until(&pack(2), Role::Current, (0, 8), NOW + DAY, &[("p-2", 2)])),
        ("bad_signature", &|| {
            site.publish_until(&pack(2), Role::Current, (0, 8), NOW + DAY, &[("p-2", 2), ("p-3", 4)]);
        }),
        ("expired", &|| _ = site.publish_until(&pack(2), Role::Current, (0, 8), NOW + 1, &both)),
        ("other_function", &|| _ = site.publish(&pack_of("trace-verify", 1, 2), Role::Current, (0, 8))),
        ("other_format", &|| _ = site.publish(&pack_of(FUNCTION, 2, 2), Role::Current, (0, 8))),
        ("other_role", &|| {
            let shadow = site.publish(&pack(2), Role::Shadow, (0, 8));
            site.host.kv.borrow_mut().remove(&statement_key(FUNCTION, Role::Shadow));
            site.put(&statement_key(FUNCTION, Role::Current), shadow);
        }),
        ("other_epoch", &|| _ = site.publish(&pack(2), Role::Current, (1, 1))),
        ("too_large", &|| {
            let large = PackFile::new(FUNCTION, 1, vec![("figures".to_owned(), vec![0; 3_000_001])]).unwrap();
            site.publish(&large, Role::Current, (0, 8));
        }),
        ("incomplete", &|| {
            let empty = MapWriter::new().finish().unwrap();
            let none = PackFile::new(FUNCTION, 1, vec![("figures".to_owned(), empty), ("x".to_owned(), Vec::new())]);
            site.publish(&none.unwrap(), Role::Current, (0, 8));
        }),
        ("section_missing", &|| {
            site.publish(&pack(2), Role::Current, (0, 8));
            site.host.kv.borrow_mut().remove(&section_key(&pack(2).manifest.sections[0].sha256));
        }),
        ("section_corrupt", &|| {
            site.publish(&pack(2), Role::Current, (0, 8));
            let cut = pack(2).sections[0][..9].to_vec();
            site.put(&section_key(&pack(2).manifest.sections[0].sha256), cut);
        }),
        ("section_corrupt", &|| {
            // The section of another version, of the very same length, in its place.
            site.publish(&pack(3), Role::Current, (0, 8));
            site.put(&section_key(&pack(3).manifest.sections[0].sha256), pack(1).sections[0].clone());
        }),
    ];
    for (code, publish) in cases {
        publish();
        assert_eq!(site.settled(&packs), digest(1), "{code}");
        assert_eq!(site.told(), [format!("current refused {code}")]);
    }
    for text in ["", "{}", "not a statement"] {
        site.put(&statement_key(FUNCTION, Role::Current), text);
        assert_eq!(site.settled(&packs), digest(1));
    }
    site.publish(&pack(2), Role::Current, (0, 8));
    assert_eq!(site.settled(&packs), digest(2), "and then a good one is adopted");
}

#[test]
fn the_jump_of_a_stolen_key_is_undone_by_its_revocation() {
    let (site, packs, _) = adopted();
    // Thieves of both keys jump as far as they can.
    site.publish(&pack(666), Role::Current, (0, MAX_VERSION));
    assert_eq!(site.settled(&packs), digest(666));
    // The root revokes one of the keys and raises the epoch; nothing new is published yet.
    let revoke = |document: &mut Value| {
        document["keys"][0]["revoked"] = json!({"at": NOW, "reason": "compromised"});
        document["policy_epoch"] = json!(1);
    };
    site.keyset(2, revoke);
    assert_eq!((site.settled(&packs), site.request(&Packs::new())), (BUNDLED.digest.into(), BUNDLED.digest.into()));
    // What the thieves signed is refused for good, also on instances that know nothing of it.
    assert_eq!(site.settled(&Packs::new()), BUNDLED.digest);
    // Versions count anew.
    site.publish_until(&pack(2), Role::Current, (1, 1), NOW + DAY, &[("p-3", 3), ("p-4", 4)]);
    assert_eq!((site.settled(&packs), site.request(&Packs::new())), (digest(2), digest(2)));
    // The set of before the revocation brings nothing back.
    site.keyset(1, |_| ());
    site.publish(&pack(666), Role::Current, (0, MAX_VERSION));
    site.told();
    assert_eq!((site.settled(&packs), site.settled(&Packs::new())), (digest(2), digest(2)));
    let told = site.told();
    assert!(
        told.contains(&"keyset refused older".to_owned()) && !told.iter().any(|t| t.contains("adopted")),
        "{told:?}"
    );
}

#[test]
fn a_sale_outlives_the_statement_that_it_began_under() {
    let (site, packs) = (Site::new(), Packs::new());
    site.publish_until(&pack(1), Role::Current, (0, 1), NOW + DAY, &[("p-2", 2), ("p-3", 3)]);
    assert_eq!(site.settled(&packs), digest(1));
    site.told();
    site.host.now_ms.set(NOW + DAY + 1);
    assert_eq!((site.settled(&packs), site.settled(&Packs::new())), (digest(1), digest(1)));
    assert_eq!(site.told()[0], "current expired expired");
}

/// A store that gives nothing new for a week: what was adopted goes on, on new instances too, and its age is told.
#[test]
fn a_store_that_is_frozen_changes_nothing_and_is_noticed() {
    let (site, packs) = (Site::new(), Packs::new());
    let old = site.publish_until(&pack(1), Role::Current, (0, 1), NOW + 3 * DAY, &[("p-2", 2), ("p-3", 3)]);
    assert_eq!(site.settled(&packs), digest(1));
    let newer = site.publish(&pack(2), Role::Current, (0, 2));
    site.put(&statement_key(FUNCTION, Role::Current), old);
    site.told();
    for day in 1..=7 {
        site.host.now_ms.set(NOW + day * DAY);
        assert_eq!((site.settled(&packs), site.settled(&Packs::new())), (digest(1), digest(1)), "day {day}");
    }
    let told = site.told();
    assert!(told.len() >= 3 && told.iter().all(|told| told == "current expired expired"), "{told:?}");
    site.put(&statement_key(FUNCTION, Role::Current), newer);
    assert_eq!((site.settled(&packs), site.request(&Packs::new())), (digest(2), digest(2)));
}

/// On Spin an instance lives for seconds: the same is not told by each.
#[test]
fn what_one_instance_told_no_other_tells_within_the_hour() {
    let (site, packs, old) = adopted();
    site.publish(&pack(2), Role::Current, (0, 8));
    assert_eq!(site.settled(&packs), digest(2));
    site.put(&statement_key(FUNCTION, Role::Current), old);
    site.told();
    for _ in 0..5 {
        assert_eq!(site.settled(&Packs::new()), digest(2));
    }
    assert_eq!(site.told(), ["current refused older"]);
    site.host.now_ms.set(site.host.now_ms.get() + 3_600_000);
    assert_eq!(site.settled(&Packs::new()), digest(2));
    assert_eq!(site.told(), ["current refused older"], "an hour later it is told again");
}

#[test]
fn nothing_new_is_adopted_while_the_database_is_down() {
    let (site, packs, _) = adopted();
    site.publish(&pack(2), Role::Current, (0, 8));
    site.keyset(2, |_| ());
    site.host.sql_down.set(true);
    site.host.now_ms.set(site.host.now_ms.get() + REFRESH_MS);
    assert_eq!((site.request(&packs), site.request(&packs)), (digest(1), digest(1)));
    let told = site.told();
    assert!(told.contains(&"current unavailable storage_unavailable".to_owned()), "{told:?}");
    assert!(told.contains(&"keyset unavailable storage_unavailable".to_owned()), "{told:?}");
    // A new instance does not know what is in force: where money is at stake it does not guess.
    assert!(site.begin(&Packs::new()).is_err());
    site.host.sql_down.set(false);
    assert_eq!(site.settled(&packs), digest(2));
}

#[test]
fn of_two_operators_at_once_one_wins_on_every_instance() {
    let (site, packs, _) = adopted();
    let other = Packs::new();
    site.request(&other);
    // Both publish a version 8, and two edges see one of them each.
    site.publish(&pack(3), Role::Current, (0, 8));
    assert_eq!(site.settled(&packs), digest(3));
    site.told();
    site.publish(&pack(2), Role::Current, (0, 8));
    assert_eq!(
        (site.settled(&other), site.settled(&packs), site.request(&Packs::new())),
        (digest(3), digest(3), digest(3))
    );
    assert!(site.told().iter().all(|told| told == "current refused conflict"));
}

#[test]
fn a_request_is_judged_by_one_pack_to_its_end() {
    let (site, packs, _) = adopted();
    let slow = site.begin(&packs).unwrap();
    site.publish(&pack(2), Role::Current, (0, 8));
    assert_eq!(site.settled(&packs), digest(2));
    assert_eq!(slow.digest(), digest(1));
    let judged = block_on(slow.pack(&["figures"])).unwrap();
    assert_eq!(judged.map("figures").int("n"), Some(1));
}

#[test]
fn the_packs_of_old_decisions_stay_readable() {
    let (site, packs, _) = adopted();
    for n in 2..8 {
        site.publish(&pack(n), Role::Current, (0, 7 + u64::try_from(n).unwrap()));
        assert_eq!(site.settled(&packs), digest(n));
    }
    site.host.kv.borrow_mut().clear();
    let new = Packs::new();
    let policies = site.begin(&new).unwrap();
    let read = |digest: &str| block_on(policies.pack_of(digest, &["figures"])).unwrap();
    for n in 1..8 {
        assert_eq!(read(&digest(n)).unwrap().map("figures").int("n"), Some(n));
    }
    assert_eq!(read(BUNDLED.digest).unwrap().digest(), BUNDLED.digest);
    assert_eq!(read(SPEC.former[0].0).unwrap().digest(), BUNDLED.digest, "as an earlier build named it");
    assert!(read(&digest(99)).is_none() && read("").is_none() && read("../current").is_none());
    // A later build with another bundled pack reads this one's.
    let stored = block_on(store::manifest(&site.host, BUNDLED.digest)).unwrap();
    assert!(stored.is_some_and(|text| text.starts_with("venditor-policy 1 instant-refund\n")));
}

#[test]
fn the_configured_minimum_holds_whatever_the_database_says() {
    let (mut site, packs, _) = adopted();
    site.trust.minimum = (0, 8);
    assert_eq!((site.settled(&packs), site.request(&Packs::new())), (BUNDLED.digest.into(), BUNDLED.digest.into()));
    assert!(site.told().contains(&"current refused below_minimum".to_owned()));
    site.publish(&pack(2), Role::Current, (0, 8));
    assert_eq!(site.settled(&packs), digest(2));
}

#[test]
fn key_sets_only_grow() {
    let (site, packs, _) = adopted();
    let current = |packs: &Packs| {
        let policies = site.begin(packs).unwrap();
        let stored = site.host.kv.borrow().get(KEYSET_KEY).cloned();
        block_on(policies.keyset(Ok(stored.as_deref()))).map(|adopted| adopted.set.version())
    };
    site.keyset(5, |_| ());
    assert_eq!(current(&packs), Ok(5));
    for back in [4, 1] {
        site.keyset(back, |_| ());
        assert_eq!((current(&packs), current(&Packs::new())), (Ok(5), Ok(5)));
    }
    // Another set of the same version: the first one stands.
    site.keyset(5, |document| document["keys"][0]["not_after"] = json!(NOW));
    assert_eq!((current(&packs), current(&Packs::new())), (Ok(5), Ok(5)));
    let told = site.told();
    assert!(told.contains(&"keyset refused conflict".to_owned()), "{told:?}");
    // Withheld: what was adopted goes on. Down: nothing is adopted that this instance does not know.
    site.host.kv.borrow_mut().remove(KEYSET_KEY);
    assert_eq!(current(&Packs::new()), Ok(5));
    site.host.sql_down.set(true);
    let stored = current(&packs);
    assert_eq!(stored, Ok(5));
}

#[test]
fn the_shadow_judges_after_the_answer_and_says_where_it_differs() {
    let (site, packs, _) = adopted();
    site.publish(&pack(2), Role::Shadow, (0, 1));
    let judged = Rc::new(RefCell::new(Vec::new()));
    let request = |packs: &Packs| {
        let policies = site.begin(packs).unwrap();
        let decided = policies.digest().to_owned();
        if policies.has_shadow() {
            let judged = Rc::clone(&judged);
            policies.judge_again(
                &["figures"],
                Box::new(move |shadow| {
                    judged.borrow_mut().push((decided, shadow.map("figures").int("n")));
                    None
                }),
            );
        }
        site.finish(policies, packs);
        judged.borrow_mut().drain(..).collect::<Vec<_>>()
    };
    assert_eq!(site.settled(&packs), digest(1));
    assert_eq!(site.told(), ["shadow adopted"]);
    assert_eq!(request(&packs), [(digest(1), Some(2))]);
    // The very first request of an instance is judged by the shadow, too: Spin may give it no second.
    assert_eq!(request(&Packs::new()), [(digest(1), Some(2))]);
    // Promoted: a shadow that is the pack in force has nothing to add.
    site.publish(&pack(2), Role::Current, (0, 8));
    assert_eq!(site.settled(&packs), digest(2));
    assert_eq!(request(&packs), []);
    // Taken away.
    site.host.kv.borrow_mut().remove(&statement_key(FUNCTION, Role::Shadow));
    site.publish(&pack(1), Role::Current, (0, 9));
    assert_eq!(site.settled(&packs), digest(1));
    assert_eq!(request(&packs), []);
}

#[test]
fn who_starts_while_another_has_just_looked_does_not_look_as_well() {
    let (site, packs, _) = adopted();
    site.publish(&pack(2), Role::Shadow, (0, 1));
    site.settled(&packs);
    let starts = |packs: &Packs| {
        let policies = site.begin(packs).unwrap();
        let (digest, shadow, later) = (policies.digest().to_owned(), policies.has_shadow(), policies.later());
        (digest, shadow, later.is_some())
    };
    // Nobody has looked for as long as it takes: this one does, and says so.
    site.host.now_ms.set(site.host.now_ms.get() + REFRESH_MS);
    let first = Packs::new();
    assert_eq!(starts(&first), (digest(1), true, true));
    site.request(&Packs::new());
    site.told();
    let looked = site.host.now_ms.get();
    let next = Packs::new();
    assert_eq!(starts(&next), (digest(1), true, false));
    // It looks when that is as long ago, and finds what was published meanwhile.
    site.publish(&pack(3), Role::Current, (0, 8));
    site.host.kv.borrow_mut().remove(&statement_key(FUNCTION, Role::Shadow));
    site.host.now_ms.set(looked + REFRESH_MS - 1);
    assert_eq!(site.request(&next), digest(1));
    site.host.now_ms.set(looked + REFRESH_MS);
    site.request(&next);
    assert_eq!(site.request(&next), digest(3));
    assert_eq!(starts(&Packs::new()), (digest(3), false, false));
    // A clock that went back, or another machine's that is ahead, is no reason not to look.
    site.host.now_ms.set(looked - 1);
    assert_eq!(starts(&Packs::new()), (digest(3), true, true));
}

#[test]
fn sections_of_megabytes_are_read_from_either_store() {
    let (site, packs) = (Site::new(), Packs::new());
    let mut figures = MapWriter::new();
    figures.int("n", 1).bytes("x", (0..2_500_000_u32).map(|n| (n % 251) as u8).collect::<Vec<_>>());
    let bytes = figures.finish().unwrap();
    let large = PackFile::new(FUNCTION, 1, vec![("figures".to_owned(), bytes.clone())]).unwrap();
    site.publish(&large, Role::Current, (0, 1));
    assert_eq!(site.settled(&packs), large.manifest.digest());
    let read = |packs: &Packs| {
        let pack = block_on(site.begin(packs).unwrap().pack(&["figures"])).unwrap();
        pack.bytes("figures") == Some(bytes.as_slice())
    };
    assert!(read(&packs) && read(&Packs::new()));
    site.host.kv.borrow_mut().retain(|key, _| !key.starts_with("chunks/"));
    assert!(read(&Packs::new()), "from the database, when a chunk is gone");
    site.host.kv.borrow_mut().clear();
    assert!(read(&Packs::new()));
}
