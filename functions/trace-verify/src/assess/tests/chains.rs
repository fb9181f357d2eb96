#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
//! Chains and heads: statements add up, and what is missing is noticed.
use serde_json::{Value, json};
use shared::dsse::Envelope;

use super::*;

const HOUR: i64 = 3_600_000;

/// An issuer's desk: signs statements one after the other, and heads.
struct Desk {
    kid: &'static str,
    seed: u8,
    chain: Vec<Vec<u8>>,
}

impl Desk {
    fn new() -> Desk {
        Desk { kid: "desk", seed: 4, chain: Vec::new() }
    }

    fn digest(&self, sequence: usize) -> String {
        Envelope::parse(&self.chain[sequence - 1]).unwrap().digest()
    }

    /// Adds a statement on some counters.
    fn state(&mut self, state: &str, counters: Value, lifts: &[usize]) -> &mut Desk {
        self.state_at(NOW - DAY, state, counters, lifts)
    }

    fn state_at(&mut self, at: i64, state: &str, counters: Value, lifts: &[usize]) -> &mut Desk {
        let previous = (!self.chain.is_empty()).then(|| self.digest(self.chain.len()));
        let lifts: Vec<String> = lifts.iter().map(|sequence| self.digest(*sequence)).collect();
        let statement = json!({
            "issuer": "desk", "product": "01/09506000134352", "sequence": self.chain.len() + 1,
            "previous": previous, "lifts": lifts, "scope": BATCH, "counters": counters, "state": state,
            "reason": text("because"), "issued_at": at,
        });
        self.push(&statement)
    }

    fn push(&mut self, statement: &Value) -> &mut Desk {
        self.chain.push(dsse::sign(dsse::STATEMENT, statement, self.kid, &signer(self.seed)).unwrap());
        self
    }

    fn head(&self, edit: impl Fn(&mut Value)) -> Lookup {
        let mut head = json!({
            "issuer": "desk", "keyset": 1, "issued_at": NOW - HOUR, "expires_at": NOW + 23 * HOUR,
            "products": {"01/09506000134352": [self.chain.len(), self.digest(self.chain.len())]},
        });
        edit(&mut head);
        Lookup::Found(dsse::sign(dsse::HEAD, &head, "clock", &signer(5)).unwrap())
    }
}

fn joined(chain: &[Vec<u8>]) -> Lookup {
    Lookup::Found([b"[".as_slice(), &chain.join(b",".as_slice()), b"]"].concat())
}

/// The world with a key for heads of the desk.
fn headed() -> World {
    World::with(|w| {
        let mut key = w.keyset["keys"][2].clone();
        (key["kid"], key["use"], key["issuer"]) = (json!("clock"), json!(["head"]), json!("desk"));
        key["x"] = super::x(5).into();
        w.keyset["keys"].as_array_mut().unwrap().push(key);
    })
}

fn judge(world: &World, chain: Lookup, head: Lookup) -> Assessment {
    let mut documents = world.documents();
    documents.issuers = vec![Published { issuer: "desk".into(), chain, head }];
    assess(&super::code(), &documents, &super::roots(), NOW)
}

fn told(chain: Lookup) -> String {
    line(&judge(&World::new(), chain, Lookup::Missing))
}

#[test]
fn statements_add_up_and_end_by_name_alone() {
    let mine = json!([[COUNTER, COUNTER]]);
    let other = json!([[4096, 4098]]);
    let mut desk = Desk::new();
    desk.state("recalled", mine.clone(), &[]).state("recalled", other.clone(), &[]);
    assert_eq!(told(joined(&desk.chain)), "recalled", "a second recall does not replace the first");
    desk.state("withdrawn", mine.clone(), &[]);
    assert_eq!(told(joined(&desk.chain)), "recalled");
    desk.state("active", Value::Null, &[2]);
    assert_eq!(told(joined(&desk.chain)), "recalled", "another was lifted");
    desk.state("active", Value::Null, &[1]);
    assert_eq!(told(joined(&desk.chain)), "withdrawn", "only what was named");
    desk.state("active", Value::Null, &[3]);
    let assessment = judge(&World::new(), joined(&desk.chain), Lookup::Missing);
    assert_eq!((line(&assessment).as_str(), assessment.status.unwrap().payload.state), ("genuine", State::Active));
    assert_eq!(told(Lookup::Missing), "genuine");
    // A lift that was a mistake is lifted itself: what it took back is in force again.
    desk.state("active", Value::Null, &[5]);
    assert_eq!(told(joined(&desk.chain)), "recalled");
    let mut wider = Desk::new();
    wider.state("recalled", other, &[]).state("recalled", mine, &[1]);
    assert_eq!(told(joined(&wider.chain)), "recalled");
}

#[test]
fn gaps_forks_and_other_peoples_chains() {
    let other = json!([[4096, 4098]]);
    let mut desk = Desk::new();
    for _ in 0..3 {
        desk.state("recalled", other.clone(), &[]);
    }
    assert_eq!(told(joined(&desk.chain)), "genuine");
    let without = |n: usize| joined(&[&desk.chain[..n], &desk.chain[n + 1..]].concat());
    assert_eq!(told(without(0)), "unavailable status chain_gap");
    assert_eq!(told(without(1)), "unavailable status chain_gap");
    assert_eq!(told(without(2)), "genuine", "nobody can know without a head");
    let mut backwards = desk.chain.clone();
    backwards.reverse();
    backwards.push(backwards[0].clone());
    assert_eq!(told(joined(&backwards)), "genuine", "order and doubles in the store mean nothing");
    // Another second statement: two that claim one place, or one that follows another first.
    let mut fork = Desk::new();
    fork.state("recalled", other.clone(), &[]).state("withdrawn", other.clone(), &[]);
    assert_eq!(
        told(joined(&[desk.chain.clone(), vec![fork.chain[1].clone()]].concat())),
        "unavailable status chain_fork"
    );
    let mut elsewhere = Desk::new();
    elsewhere.state("withdrawn", other.clone(), &[]).state("withdrawn", other.clone(), &[]);
    assert_eq!(told(joined(&[desk.chain[0].clone(), elsewhere.chain[1].clone()])), "unavailable status chain_fork");
    // A recall that can be read is told whatever is wrong beside it.
    let mut recall = Desk::new();
    recall.state("withdrawn", other.clone(), &[]).state("recalled", Value::Null, &[]);
    assert_eq!(told(joined(&recall.chain[1..])), "recalled");
    for (edit, code) in [("issuer", "chain_of_another"), ("product", "chain_of_another"), ("sequence", "bad_range")] {
        let mut statement = json!({"issuer": "desk", "product": "01/09506000134352", "sequence": 1, "previous": null,
            "lifts": [], "scope": BATCH, "state": "recalled", "reason": text("because"), "issued_at": NOW - DAY});
        statement[edit] = match edit {
            "issuer" => json!("else"),
            "product" => json!("01/00614141123452"),
            _ => json!(0),
        };
        assert_eq!(told(joined(&Desk::new().push(&statement).chain)), format!("unavailable status {code}"));
    }
    for bytes in ["", "{}", "[", "[[[[[[]]]]]]"] {
        assert_eq!(told(Lookup::Found(bytes.into())), "unavailable status chain_malformed", "{bytes}");
    }
    assert_eq!(told(Lookup::Found(b"[{}]".to_vec())), "unavailable status envelope_malformed");
    assert_eq!(told(Lookup::Unavailable), "unavailable status unavailable");
    let alone = dsse::sign(dsse::STATUS, &status(BATCH, "recalled"), "desk", &signer(4)).unwrap();
    assert_eq!(told(joined(&[alone])), "unavailable status wrong_payload_type");
    let forged = Desk { seed: 9, ..Desk::new() }.state("recalled", Value::Null, &[]).chain.clone();
    assert_eq!(told(joined(&forged)), "unavailable status bad_signature");
    // And none of a chain is taken where statements stand alone.
    let mut documents = World::new().documents();
    documents.batch_status = Lookup::Found(desk.chain[0].clone());
    let assessment = assess(&super::code(), &documents, &super::roots(), NOW);
    assert_eq!(line(&assessment), "record_invalid status wrong_payload_type");
}

#[test]
fn a_head_shows_that_nothing_is_missing() {
    let other = json!([[4096, 4098]]);
    let mut desk = Desk::new();
    desk.state("recalled", other.clone(), &[]).state("recalled", other, &[]);
    let good = desk.head(|_| ());
    let assessment = judge(&headed(), joined(&desk.chain), good.clone());
    assert_eq!(line(&assessment), "genuine");
    assert_eq!(assessment.claims[3].proof, Proof::Head);
    assert_eq!(assessment.heads[0].alarm(NOW), None);
    assert_eq!(assessment.heads[0].alarm(NOW + 18 * HOUR), Some(("head_expiring", 5 * HOUR)));
    let line_of = |chain: Lookup, head: Lookup| line(&judge(&headed(), chain, head));
    assert_eq!(line_of(joined(&desk.chain[..1]), good.clone()), "unavailable status chain_behind_head");
    assert_eq!(line_of(Lookup::Missing, good.clone()), "unavailable status chain_behind_head");
    let newer = desk.head(|h| h["products"] = json!({}));
    assert_eq!(line_of(joined(&desk.chain), newer.clone()), "genuine", "a statement may be newer than the head");
    assert_eq!(line_of(Lookup::Missing, newer), "genuine", "what no head names has no statements");
    let of = |edit: &dyn Fn(&mut Value)| line_of(joined(&desk.chain), desk.head(edit));
    assert_eq!(of(&|h| h["products"]["01/09506000134352"][1] = "0".repeat(64).into()), "unavailable status chain_fork");
    assert_eq!(
        of(&|h| (h["issued_at"], h["expires_at"]) = (json!(NOW - 24 * HOUR - 1), json!(NOW - 1))),
        "unavailable head head_expired"
    );
    assert_eq!(of(&|h| h["issued_at"] = json!(NOW - 2 * HOUR)), "unavailable head bad_range", "longer than a day");
    assert_eq!(of(&|h| h["issuer"] = json!("else")), "unavailable head head_of_another");
    assert_eq!(of(&|h| h["keyset"] = json!(2)), "unavailable keyset stale");
    assert_eq!(of(&|h| h["more"] = json!(2)), "unavailable head payload_malformed");
    assert_eq!(line_of(joined(&desk.chain), Lookup::Missing), "unavailable head head_missing");
    assert_eq!(line_of(joined(&desk.chain), Lookup::Unavailable), "unavailable head unavailable");
    // By a status key: not its use.
    let head = dsse::sign(dsse::HEAD, &json!({}), "desk", &signer(4)).unwrap();
    assert_eq!(line_of(joined(&desk.chain), Lookup::Found(head)), "unavailable head key_wrong_use");
    // Never red for want of a head, and red where a recall can be read.
    let mut recall = Desk::new();
    recall.state("recalled", Value::Null, &[]);
    assert_eq!(line_of(joined(&recall.chain), Lookup::Missing), "recalled");
    // Whose owner has ceased publishes none; whose key was stolen, still does.
    let revoked = |reason: &str| {
        let mut world = headed();
        world.revoke("keys", 3, NOW - 2 * DAY, reason);
        line(&judge(&world, joined(&desk.chain), Lookup::Missing))
    };
    assert_eq!(revoked("ceased"), "genuine");
    assert_eq!(revoked("compromised"), "unavailable head head_missing");
}

/// The day of a theft: what was stated before it stands, what is dated later does not, and nobody can take a recall
/// back with a stolen key and an old date.
#[test]
fn a_stolen_key_leaves_its_recalls_and_lifts_none() {
    let stolen = |kept: bool| {
        World::with(|w| {
            w.revoke("keys", 2, NOW, "compromised");
            if kept {
                w.keyset["keys"][2]["revoked"]["compromised_at"] = json!(NOW - 10 * DAY);
            }
            let mut next = w.keyset["keys"][2].clone();
            (next["kid"], next["x"], next["issuer"]) = (json!("desk-2"), super::x(6).into(), json!("desk"));
            next["revoked"] = Value::Null;
            w.keyset["keys"].as_array_mut().unwrap().push(next);
        })
    };
    let verdict = |world: &World, desk: &Desk| line(&judge(world, joined(&desk.chain), Lookup::Missing));
    let (early, late) = (NOW - 20 * DAY, NOW - 5 * DAY);
    let mut desk = Desk::new();
    desk.state_at(early, "recalled", Value::Null, &[]);
    assert_eq!(verdict(&stolen(true), &desk), "recalled");
    assert_eq!(verdict(&stolen(false), &desk), "unavailable status key_compromised", "nobody knows since when");
    // The thief takes it back, with a date of the time before, or states something new.
    desk.state_at(early, "active", Value::Null, &[1]);
    assert_eq!(verdict(&stolen(true), &desk), "recalled");
    let mut thief = Desk::new();
    thief.state_at(late, "recalled", Value::Null, &[]);
    assert_eq!(verdict(&stolen(true), &thief), "unavailable status key_compromised");
    // The new key goes on where the old one ended. What was taken back before the theft is so again once it has.
    (desk.kid, desk.seed) = ("desk-2", 6);
    desk.state_at(late, "recalled", json!([[4096, 4096]]), &[]);
    assert_eq!(verdict(&stolen(true), &desk), "genuine");
    // A warning that is void may be its owner's, from the very day of the theft: what it covers is in doubt, also once the new
    // key and a head have gone on from there, until the new key has taken it back by name or stated it anew.
    (thief.kid, thief.seed) = ("desk-2", 6);
    thief.state_at(late, "recalled", json!([[4096, 4096]]), &[]);
    assert_eq!(verdict(&stolen(true), &thief), "unavailable status key_compromised");
    let mut anew = Desk { kid: "desk-2", seed: 6, chain: thief.chain.clone() };
    anew.state_at(late, "recalled", Value::Null, &[]);
    assert_eq!(verdict(&stolen(true), &anew), "recalled");
    thief.state_at(late, "active", Value::Null, &[1]);
    assert_eq!(verdict(&stolen(true), &thief), "genuine");
    // What covers other pieces is no matter; and what is void takes nothing back and needs no naming.
    let mut elsewhere = Desk::new();
    elsewhere.state_at(late, "recalled", json!([[4096, 4096]]), &[]).state_at(late, "active", Value::Null, &[1]);
    (elsewhere.kid, elsewhere.seed) = ("desk-2", 6);
    elsewhere.state_at(late, "withdrawn", json!([[4097, 4097]]), &[]);
    assert_eq!(verdict(&stolen(true), &elsewhere), "genuine");
    // One that stands alone.
    let mut world = stolen(true);
    world.batch_status = status(BATCH, "recalled");
    world.batch_status.as_mut().unwrap()["issued_at"] = json!(early);
    assert_eq!(world.verdict(), "recalled");
    world.batch_status.as_mut().unwrap()["issued_at"] = json!(late);
    assert_eq!(world.verdict(), "record_invalid status key_compromised");
}

#[test]
fn a_statement_that_stands_alone_is_lifted_by_its_own_issuer() {
    let world = World::with(|w| w.batch_status = status(BATCH, "recalled"));
    let Lookup::Found(alone) = world.documents().batch_status else { panic!("it is there") };
    let name = Envelope::parse(&alone).unwrap().digest();
    let lift = |issuer: &str| {
        json!({"issuer": issuer, "product": "01/09506000134352", "sequence": 1, "previous": null, "lifts": [name],
            "scope": PRODUCT, "state": "active", "reason": text("because"), "issued_at": NOW - DAY})
    };
    let none = judge(&world, Lookup::Missing, Lookup::Missing);
    assert_eq!(line(&none), "recalled");
    let lifted = judge(&world, joined(&Desk::new().push(&lift("desk")).chain), Lookup::Missing);
    assert_eq!(line(&lifted), "genuine");
    let mut other = headed();
    other.batch_status.clone_from(&world.batch_status);
    let mut key = other.keyset["keys"][2].clone();
    (key["kid"], key["x"]) = (json!("else"), super::x(6).into());
    other.keyset["keys"].as_array_mut().unwrap()[3] = key;
    let chain = Desk { kid: "else", seed: 6, chain: Vec::new() }.push(&lift("else")).chain.clone();
    let mut documents = other.documents();
    documents.issuers = vec![Published { issuer: "else".into(), chain: joined(&chain), head: Lookup::Missing }];
    assert_eq!(line(&assess(&super::code(), &documents, &super::roots(), NOW)), "recalled");
}

/// A key set that is behind is no evidence against the goods.
#[test]
fn an_older_key_set_at_one_edge() {
    for place in [0, 1, 2] {
        let world = World::with(|w| {
            w.batch_status = status(BATCH, "active");
            w.keyset["keys"].as_array_mut().unwrap().remove(place);
        });
        assert!(world.verdict().starts_with("unavailable ") && world.verdict().ends_with(" key_unknown"), "{place}");
    }
}

#[test]
fn a_manifest_may_name_who_signs_its_records() {
    let named = |kids: Value| World::with(|w| w.manifest.as_mut().unwrap()["record_kids"] = kids.clone()).verdict();
    assert_eq!(named(json!(["other", "base"])), "genuine");
    assert_eq!(named(json!(["other"])), "record_invalid record record_key_not_named");
    assert_eq!(named(json!([])), "not_in_manifest manifest manifest_bad_record_kids");
}
