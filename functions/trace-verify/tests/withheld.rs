//! A store that loses, delays, mixes and replays what was published, each key by itself, over 2,000 seeds: no piece that
//! is recalled reads authentic once the last head from before its recall has ended. And an honest store with a cache:
//! a recall is there within 180 seconds, and nothing else is held up.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use http::Method;
use serde_json::{Value, json};
use shared::dsse::{self, Envelope};
use shared::http::{Head, Target};
use shared::mac::Secret;
use shared::platform::native::{self, Native};
use trace_verify::digital_link::PrimaryKey;
use trace_verify::handler::TraceVerify;
use trace_verify::serial::{Code, MacKeys};
use trace_verify::{keys, store};

const SEEDS: u64 = 2_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// When the tale begins.
const START: i64 = 1_800_000_000_000;
const PRODUCT: &str = "01/09506000134352";
/// The desk is there from the beginning, the regulator comes later.
const ISSUERS: [&str; 2] = ["desk", "regulator"];
/// Pieces that are looked at.
const PIECES: i64 = 4;

#[test]
fn nobody_reads_authentic_what_was_recalled() {
    let halves: Vec<_> = (0..2)
        .map(|half| {
            std::thread::spawn(move || {
                (0..SEEDS)
                    .filter(|seed| seed % 2 == half)
                    .map(Tale::run)
                    .fold((0, 0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2))
            })
        })
        .collect();
    let sums = halves
        .into_iter()
        .map(|half| half.join().unwrap())
        .fold((0, 0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2));
    // The tales are worth something: recalls are withheld, and what is not recalled is still told to be authentic.
    assert!(sums.0 > 1_000 && sums.1 > 1_000 && sums.2 > 1_000, "{sums:?}");
}

/// A statement, as the one who made it knows it.
struct Made {
    at: i64,
    issuer: usize,
    pieces: (i64, i64),
    /// When it was taken back.
    until: i64,
    /// When the last head from before it ends.
    covered_until: i64,
}

/// What was published, and when: of each key all values that it ever had.
struct Tale {
    rng: u64,
    published: BTreeMap<String, Vec<(i64, Vec<u8>)>>,
    chains: [Vec<Vec<u8>>; 2],
    made: Vec<Made>,
    heads: Vec<(i64, i64)>,
    regulator_from: i64,
}

impl Tale {
    /// How often a recall was withheld in vain, was told, and a sound piece was told to be authentic.
    fn run(seed: u64) -> (u32, u32, u32) {
        let mut tale = Tale {
            rng: seed,
            published: BTreeMap::new(),
            chains: [Vec::new(), Vec::new()],
            made: Vec::new(),
            heads: Vec::new(),
            regulator_from: 0,
        };
        tale.publish_all();
        let mut tally = (0, 0, 0);
        let (mut edge, mut honest) = (edge(), edge());
        let mut times: Vec<i64> = (0..5).map(|_| START + tale.draw(4 * DAY)).collect();
        times.sort_unstable();
        for at in times {
            let piece = tale.draw(PIECES);
            let fresh = tale.draw(3) == 0;
            tale.lie(&edge, at);
            let outcome = scan(&mut edge, piece, at, fresh);
            if tale.in_force(piece, at).any(|made| at > made.covered_until) {
                assert!(!outcome.starts_with("authentic"), "seed {seed}, piece {piece} at {}: {outcome}", at - START);
                tally.0 += u32::from(outcome != "recalled");
            }
            tale.cache(&honest, at);
            let outcome = scan(&mut honest, piece, at, fresh);
            let settled = |made: &&Made| at - made.at > 3 * MINUTE;
            if tale.in_force(piece, at).any(|made| settled(&made)) {
                assert_eq!(outcome, "recalled", "seed {seed}, an honest store, piece {piece} at {}", at - START);
                tally.1 += 1;
            } else if tale.is_quiet(at) && tale.in_force(piece, at).next().is_none() {
                assert!(outcome.starts_with("authentic"), "seed {seed}, piece {piece} at {}: {outcome}", at - START);
                tally.2 += 1;
            }
        }
        tally
    }

    fn publish_all(&mut self) {
        for (key, value) in base() {
            self.publish(START - DAY, key, value.clone());
        }
        self.regulator_from = START + self.draw(2 * DAY);
        self.publish(self.regulator_from, "keyset", keyset(2));
        // What happens, in order: 0 and 1: an issuer's head; 2 and 3: its statement.
        let mut happens: Vec<(i64, usize)> = vec![(START - HOUR, 0), (self.regulator_from, 1)];
        for issuer in 0..2 {
            let mut at = START;
            while at < START + 4 * DAY {
                at += 2 * HOUR + self.draw(20 * HOUR);
                happens.push((at, issuer));
            }
            for _ in 0..=self.draw(2) {
                let at = START + self.draw(3 * DAY);
                happens.push((at, 2 + issuer));
                if self.draw(2) == 0 {
                    happens.push((at, issuer));
                }
            }
        }
        happens.retain(|(at, what)| what % 2 == 0 || *at >= self.regulator_from);
        happens.sort_by_key(|(at, what)| (*at, usize::MAX - what));
        for (at, what) in happens {
            if what < 2 { self.head(what, at) } else { self.state(what - 2, at) }
        }
    }

    fn state(&mut self, issuer: usize, at: i64) {
        let chain = &self.chains[issuer];
        let name = |envelope: &Vec<u8>| Envelope::parse(envelope).unwrap().digest();
        let lifted = self.made.iter().position(|made| made.issuer == issuer && made.until > at).filter(|_| at % 3 == 0);
        let (first, more) = (at % PIECES, at / 7 % 2);
        let pieces = (first, (first + more).min(PIECES - 1));
        let mut statement = json!({
            "issuer": ISSUERS[issuer], "product": PRODUCT, "sequence": chain.len() + 1,
            "previous": chain.last().map(name), "lifts": [], "scope": "batch/B", "counters": [[pieces.0, pieces.1]],
            "state": "recalled", "reason": {"zh": "因", "en": "why"}, "issued_at": at,
        });
        if let Some(lifted) = lifted {
            // The place of a statement in its chain is its place among all that its issuer made, lifts included.
            let mine = self.made.iter().take(lifted + 1).filter(|made| made.issuer == issuer).count() - 1;
            statement["lifts"] = json!([name(&chain[mine])]);
            statement["state"] = json!("active");
            self.made[lifted].until = at;
        }
        self.chains[issuer].push(sign(dsse::STATEMENT, &statement, ISSUERS[issuer]));
        let array = [b"[".as_slice(), &self.chains[issuer].join(b",".as_slice()), b"]"].concat();
        let key = format!("statements/{}/{PRODUCT}", ISSUERS[issuer]);
        self.publish(at, &key, array);
        let covered_until = self.heads.iter().filter(|(issued, _)| *issued < at).map(|(_, ends)| *ends).max();
        let until = if lifted.is_some() { at } else { i64::MAX };
        self.made.push(Made { at, issuer, pieces, until, covered_until: covered_until.unwrap_or(at) });
    }

    fn head(&mut self, issuer: usize, at: i64) {
        let chain = &self.chains[issuer];
        let last = chain.last().map(|last| json!([chain.len(), Envelope::parse(last).unwrap().digest()]));
        let ends = at + DAY;
        let head = json!({
            "issuer": ISSUERS[issuer], "keyset": if at >= self.regulator_from { 2 } else { 1 }, "issued_at": at,
            "expires_at": ends, "products": last.map_or_else(|| json!({}), |last| json!({ PRODUCT: last })),
        });
        self.publish(at, &format!("head/{}", ISSUERS[issuer]), sign(dsse::HEAD, &head, &clock(issuer)));
        self.heads.push((at, ends));
    }

    fn publish(&mut self, at: i64, key: &str, value: Vec<u8>) {
        self.published.entry(key.to_owned()).or_default().push((at, value));
    }

    fn in_force(&self, piece: i64, at: i64) -> impl Iterator<Item = &Made> {
        let covers = move |made: &&Made| (made.pieces.0..=made.pieces.1).contains(&piece);
        self.made.iter().filter(covers).filter(move |made| made.at <= at && at < made.until)
    }

    /// Nothing was published in the last three minutes, and all heads are in force.
    fn is_quiet(&self, at: i64) -> bool {
        let fresh = |key: &str| self.published[key].iter().any(|(then, _)| (at - 23 * HOUR..=at).contains(then));
        let still =
            |values: &Vec<(i64, Vec<u8>)>| values.iter().all(|(then, _)| !(at - 3 * MINUTE..=at).contains(then));
        fresh("head/desk")
            && (at < self.regulator_from || fresh("head/regulator"))
            && self.published.values().all(still)
    }

    /// Fills an edge's store as an honest one with a cache of a minute would, each key of its own age.
    fn cache(&mut self, edge: &Native, at: i64) {
        for key in self.published.keys().cloned().collect::<Vec<_>>() {
            let then = at - self.draw(MINUTE);
            let value = self.published[&key].iter().rfind(|(published, _)| *published <= then);
            put(edge, &key, value.map(|(_, value)| value.clone()));
        }
    }

    /// Fills an edge's store with lies: nothing, something old, another key's, something torn; at times the truth.
    fn lie(&mut self, edge: &Native, at: i64) {
        let keys: Vec<String> = self.published.keys().cloned().collect();
        for key in &keys {
            // What is like it is the likelier mistaken for it: another issuer's head, another's chain.
            let kind = key.split('/').next();
            let alike: Vec<&String> =
                keys.iter().filter(|other| *other != key && other.split('/').next() == kind).collect();
            let any = &keys[usize::try_from(self.draw(keys.len() as i64)).unwrap()];
            let other = if self.draw(4) == 0 { any } else { alike.first().copied().unwrap_or(any) };
            let (what, age) = (self.draw(10), self.draw(1_000));
            let of = |key: &str| -> Vec<&(i64, Vec<u8>)> {
                self.published[key].iter().filter(|(then, _)| *then <= at).collect()
            };
            let known = of(key);
            let old = known.get(usize::try_from(age).unwrap() % known.len().max(1));
            let value = match what {
                0 => None,
                1 => of(other).last().map(|(_, value)| value.clone()),
                2 => known.last().map(|(_, value)| value[..value.len() / 2].to_vec()),
                3..=6 => old.map(|(_, value)| value.clone()),
                _ => known.last().map(|(_, value)| value.clone()),
            };
            put(edge, key, value);
        }
    }

    /// A number below `most`.
    fn draw(&mut self, most: i64) -> i64 {
        self.rng = self.rng.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.rng ^ (self.rng >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        i64::try_from((mixed ^ (mixed >> 31)) % most.unsigned_abs()).unwrap()
    }
}

fn put(edge: &Native, key: &str, value: Option<Vec<u8>>) {
    let mut store = edge.kv.borrow_mut();
    match value {
        Some(value) => _ = store.insert(key.to_owned(), value),
        None => _ = store.remove(key),
    }
}

fn edge() -> Native {
    let mut edge = Native::new(store::SCHEMA).unwrap();
    let variables = [
        ("TRACE_HOSTS", "t.example".to_owned()),
        ("TRACE_ROOT_KEY", format!("root:{}", x("root"))),
        ("TRACE_MAC_KEYS", format!("7:{}", URL_SAFE_NO_PAD.encode([7; 32]))),
        ("TRACE_DEVICE_SECRET", URL_SAFE_NO_PAD.encode([8; 32])),
    ];
    edge.variables = variables.map(|(name, value)| (name.to_owned(), value)).into();
    edge
}

/// What a shopper is told. `fresh`: by an instance that has just started.
fn scan(edge: &mut Native, piece: i64, at: i64, fresh: bool) -> String {
    if fresh {
        edge.packs.forget();
    }
    edge.now_ms.set(at);
    let path = format!("/verify/{}", codes()[usize::try_from(piece).unwrap()]);
    let head = Head {
        method: Method::GET,
        target: Target::new("t.example", &path),
        accept: "application/json".into(),
        ..Head::default()
    };
    let answer = native::handle::<TraceVerify>(edge, &head, Vec::new()).ours().unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    answer["outcome"].as_str().unwrap().to_owned()
}

fn codes() -> &'static [String] {
    static CODES: OnceLock<Vec<String>> = OnceLock::new();
    CODES.get_or_init(|| {
        let mac = MacKeys::new(&[(7, Secret::new([7; 32]))]);
        let primary = PrimaryKey::parse(PRODUCT).unwrap();
        (0..u32::try_from(PIECES).unwrap()).map(|n| Code::mint(&primary, 7, n, &mac).unwrap().item()).collect()
    })
}

/// What does not change: manifest and record, and the first key set.
fn base() -> &'static [(&'static str, Vec<u8>)] {
    static BASE: OnceLock<Vec<(&str, Vec<u8>)>> = OnceLock::new();
    BASE.get_or_init(|| {
        let text = |en: &str| json!({"zh": "字", "en": en});
        let manifest = json!({"batch": "B", "primary": PRODUCT, "mac_kid": 7, "layout": 1, "first": 0, "count": 100,
            "minted_at": START - 3 * DAY, "records": "batch", "record_kids": ["base"]});
        let record = json!({"batch": "B", "primary": PRODUCT,
            "product": {"name": text("Tea"), "brand": text("B")},
            "inspection": {"body": text("I"), "certificate": "1", "method": text("M"),
                "inspected_on": "2026-12-01", "base": {"name": text("H")}},
            "issued_at": START - 2 * DAY});
        vec![
            ("keyset", keyset(1)),
            ("manifest/1/7/0", sign(dsse::MANIFEST, &manifest, "mint")),
            ("record/B", sign(dsse::RECORD, &record, "base")),
        ]
    })
}

fn keyset(version: usize) -> Vec<u8> {
    let key = |kid: &str, purpose: &str, issuer: Option<&str>| {
        let mut key = json!({"kid": kid, "alg": "Ed25519", "x": x(kid), "use": [purpose],
            "owner": {"zh": "字", "en": kid}, "not_before": 0, "not_after": START + 100 * DAY, "revoked": null});
        if let Some(issuer) = issuer {
            key["issuer"] = issuer.into();
        }
        key
    };
    let mut all = vec![key("mint", "manifest", None), key("base", "record", None)];
    for (place, issuer) in ISSUERS.into_iter().enumerate().take(version) {
        all.push(key(issuer, "status", None));
        all.push(key(&clock(place), "head", Some(issuer)));
    }
    let mac = json!([{"kid": 7, "not_before": 0, "not_after": START + 100 * DAY, "revoked": null}]);
    sign(dsse::KEYSET, &json!({"version": version, "issued_at": START - DAY, "keys": all, "mac_keys": mac}), "root")
}

fn clock(issuer: usize) -> String {
    format!("clock-{issuer}")
}

fn sign(kind: &str, value: &Value, kid: &str) -> Vec<u8> {
    dsse::sign(kind, value, kid, &signer(kid)).unwrap()
}

fn x(kid: &str) -> String {
    URL_SAFE_NO_PAD.encode(signer(kid).verifying_key().as_bytes())
}

fn signer(label: &str) -> SigningKey {
    let mut seed = [0; 32];
    seed[..label.len()].copy_from_slice(label.as_bytes());
    SigningKey::from_bytes(&seed)
}

/// The operator is told, once an hour, that a head is about to end, and that it has.
#[test]
fn a_head_that_is_not_signed_anew_is_told() {
    let mut tale = Tale {
        rng: 1,
        published: BTreeMap::new(),
        chains: [Vec::new(), Vec::new()],
        made: Vec::new(),
        heads: Vec::new(),
        regulator_from: i64::MAX,
    };
    for (key, value) in base() {
        tale.publish(START - DAY, key, value.clone());
    }
    tale.head(0, START);
    let mut edge = edge();
    tale.cache(&edge, START + HOUR);
    let mut told = |after: i64, fresh: bool| {
        edge.events.borrow_mut().clear();
        scan(&mut edge, 0, START + after, fresh);
        let alarms: Vec<String> =
            edge.events.borrow().iter().filter(|line| line.contains("venditor.head.v1")).cloned().collect();
        alarms
            .iter()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["outcome"].to_string())
            .collect::<String>()
    };
    assert_eq!(told(HOUR, true), "");
    assert_eq!(told(18 * HOUR - 1, false), "");
    assert_eq!(told(18 * HOUR, false), "\"head_expiring\"");
    assert_eq!(told(18 * HOUR + MINUTE, false), "");
    assert_eq!(told(18 * HOUR + MINUTE, true), "", "nor by another instance");
    assert_eq!(told(19 * HOUR + MINUTE, false), "\"head_expiring\"");
    assert_eq!(told(24 * HOUR + 1, false), "\"head_expired\"");
}

/// The names that the tale publishes under are those that the function reads.
#[test]
fn the_tale_uses_the_stores_names() {
    let primary = PrimaryKey::parse(PRODUCT).unwrap();
    assert_eq!(keys::statements("desk", &primary), format!("statements/desk/{PRODUCT}"));
    assert_eq!((keys::head("desk").as_str(), keys::KEYSET), ("head/desk", "keyset"));
}
