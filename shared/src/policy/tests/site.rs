//! A marketplace in memory: one database, one key-value store, an operator who publishes, and as many instances as it
//! takes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use ::pack::MapWriter;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use formats::keyset::Roots;
use formats::policy::{Dates, Role, Statement, manifest_key, section_key, statement_key};
use formats::{chunks, dsse, jcs};
use serde_json::{Value, json};

use crate::platform::native::{Native, block_on};
use crate::platform::{Schema, Step};
use crate::policy::*;

pub const NOW: i64 = 1_800_000_000_000;
pub const DAY: i64 = 86_400_000;
pub const FUNCTION: &str = "instant-refund";
/// The empty map, and its digest by sha256sum over the manifest's text.
pub static BUNDLED: Bundled =
    Bundled { digest: "69adc98004b3ff289fa3fb139ca874ab", sections: &[("figures", b"VPM1\0\0\0\0")] };
pub static SPEC: Spec = Spec {
    format: 1,
    bundled: &BUNDLED,
    former: &[("00000000000000000000000000000001", "69adc98004b3ff289fa3fb139ca874ab")],
    max_bytes: 3_000_000,
    remembers: true,
    in_doubt: InDoubt::Refuse,
    check: |pack| pack.map("figures").int("n").map(drop).ok_or_else(|| "n".to_owned()),
};
pub const SCHEMA: Schema =
    Schema::new(&[Step { number: 1, statements: store::TABLES }, Step { number: 2, statements: store::TOLD }]);

pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub fn x(seed: u8) -> String {
    URL_SAFE_NO_PAD.encode(key(seed).verifying_key().to_bytes())
}

pub fn trust() -> Trust {
    Trust { roots: Roots::parse(&format!("root:{}", x(1))).unwrap(), signers: 2, minimum: (0, 0) }
}

/// A marketplace: one database, one key-value store, and as many instances as it takes.
pub struct Site {
    pub host: Native,
    pub trust: Trust,
}

impl Site {
    pub fn new() -> Site {
        let site = Site { host: Native::new(SCHEMA).unwrap(), trust: trust() };
        site.host.now_ms.set(NOW);
        site.keyset(1, |_| ());
        site
    }

    pub fn put(&self, key: &str, value: impl Into<Vec<u8>>) {
        self.host.kv.borrow_mut().insert(key.to_owned(), value.into());
    }

    pub fn keyset(&self, version: u64, edit: impl Fn(&mut Value)) {
        let key = |kid: &str, seed| {
            json!({
                "kid": kid, "alg": "Ed25519", "x": x(seed), "use": ["policy"], "owner": {"zh": "规则", "en": "Rules"},
                "not_before": NOW - 100 * DAY, "not_after": NOW + 100 * DAY, "revoked": null
            })
        };
        let mut document = json!({
            "version": version, "issued_at": NOW - DAY, "mac_keys": [],
            "keys": [key("p-2", 2), key("p-3", 3), key("p-4", 4)]
        });
        edit(&mut document);
        self.put(KEYSET_KEY, dsse::sign(dsse::KEYSET, &document, "root", &self::key(1)).unwrap());
    }

    /// Publishes as an operator's tool does: sections, manifest, statement.
    pub fn publish(&self, pack: &PackFile, role: Role, rank: (u64, u64)) -> Vec<u8> {
        self.publish_until(pack, role, rank, NOW + 30 * DAY, &[("p-2", 2), ("p-3", 3)])
    }

    pub fn publish_until(
        &self,
        pack: &PackFile,
        role: Role,
        rank: (u64, u64),
        until: i64,
        by: &[(&str, u8)],
    ) -> Vec<u8> {
        for (entry, bytes) in pack.manifest.sections.iter().zip(&pack.sections) {
            for (key, part) in chunks::write(&section_key(&entry.sha256), bytes, chunks::SMALL).unwrap() {
                self.put(&key, part);
            }
        }
        self.put(&manifest_key(FUNCTION, &pack.manifest.digest()), pack.manifest.text());
        let dates = Dates { issued_at: NOW, not_before: NOW, expires_at: until };
        let statement = signed(&Statement::on(&pack.manifest, role, rank, dates), by);
        self.put(&statement_key(FUNCTION, role), statement.clone());
        statement
    }

    /// One request of an instance and what follows it: the digest that it was judged by.
    pub fn request(&self, packs: &Packs) -> String {
        let policies = self.begin(packs).unwrap();
        let digest = policies.digest().to_owned();
        // What judges can be read.
        assert!(block_on(policies.pack(&["figures"])).unwrap().bytes("figures").is_some());
        self.finish(policies, packs);
        digest
    }

    pub fn begin<'a>(&'a self, packs: &'a Packs) -> Result<Policies<'a, Native>, crate::platform::StorageError> {
        block_on(Policies::begin(&self.host, FUNCTION, Some(&SPEC), Some(&self.trust), packs))
    }

    pub fn finish(&self, policies: Policies<'_, Native>, packs: &Packs) {
        if let Some(later) = policies.later() {
            block_on(later.run(&self.host, FUNCTION, Some(&SPEC), Some(&self.trust), packs));
        }
    }

    /// A while later, an instance that looks again: the digest of the request after that.
    pub fn settled(&self, packs: &Packs) -> String {
        self.host.now_ms.set(self.host.now_ms.get() + REFRESH_MS);
        self.request(packs);
        self.request(packs)
    }

    /// Outcomes and codes of the policy events since the last call.
    pub fn told(&self) -> Vec<String> {
        let lines = self.host.events.borrow_mut().drain(..).collect::<Vec<_>>();
        let short = |line: &String| {
            let event: Value = serde_json::from_str(line).unwrap();
            assert_eq!(event["schema"], "venditor.policy.v1");
            let code = event["reasons"][0].as_str().unwrap_or_default();
            format!("{} {} {code}", event["details"]["role"].as_str().unwrap(), event["outcome"].as_str().unwrap())
                .trim_end()
                .to_owned()
        };
        lines.iter().map(short).collect()
    }
}

pub fn signed(statement: &Statement, by: &[(&str, u8)]) -> Vec<u8> {
    let payload = jcs::canonical(&serde_json::to_value(statement).unwrap()).unwrap();
    let all: Vec<_> =
        by.iter().map(|(kid, seed)| dsse::seal(dsse::POLICY, payload.clone(), kid, &key(*seed))).collect();
    dsse::to_bytes(dsse::POLICY, &payload, &all)
}

pub fn pack(n: i64) -> PackFile {
    pack_of(FUNCTION, 1, n)
}

pub fn pack_of(function: &str, format: u32, n: i64) -> PackFile {
    let mut figures = MapWriter::new();
    figures.int("n", n);
    PackFile::new(function, format, vec![("figures".to_owned(), figures.finish().unwrap())]).unwrap()
}

pub fn digest(n: i64) -> String {
    pack(n).manifest.digest()
}
