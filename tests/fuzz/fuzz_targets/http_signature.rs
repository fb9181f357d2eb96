//! Signed requests: whatever `Signature-Input` and `Signature` say, verifying does not panic, and only a signature that
//! was made with the key verifies. Whatever can be signed verifies.
//!
//! An input is lines: `Signature-Input`, `Signature`, the components that we are to sign (apart by spaces), and then
//! header fields.
#![no_main]

use std::sync::LazyLock;

use ed25519_dalek::SigningKey;
use http::Method;
use libfuzzer_sys::fuzz_target;
use sfv::{Dictionary, ListEntry, Parser};
use shared::http::{Head, Headers, Target};
use shared::http_signature::{self, Extent, Profile, SignatureKey, VerificationKey};
use shared::mac::{MacKey, Secret};

const NOW: i64 = 1_790_000_000_000;
const BODY: &[u8] = b"{}";
const REQUIRED: [&str; 4] = ["@method", "@path", "date", "content-digest"];

struct World {
    signing: SigningKey,
    mac: MacKey,
    verifying: [(&'static str, VerificationKey); 2],
    head: Head,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let signing = SigningKey::from_bytes(&[7; 32]);
    let mac = MacKey::new(&Secret::new([9; 32]));
    let head = Head { method: Method::POST, target: Target::new("r.example", "/v1/refunds?a=b"), ..Head::default() };
    let verifying =
        [("ed", VerificationKey::Ed25519(signing.verifying_key())), ("mac", VerificationKey::HmacSha256(mac.clone()))];
    World { signing, mac, verifying, head }
});

/// What we have signed: the same in every run, so that a seed can hold it.
static OURS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let headers = headers();
    let message = WORLD.head.message(&headers);
    let signed = WORLD.keys().map(|(id, key)| http_signature::sign(message, &REQUIRED, id, &key, NOW).expect("signed"));
    signed.iter().flat_map(|(_, signature)| byte_sequences(signature)).collect()
});

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let (input, signature) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let components: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    let mut headers = headers();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        headers.push(&name.to_ascii_lowercase(), value.trim());
    }
    WORLD.sign_and_verify(&headers, &components);

    headers.push("signature-input", input);
    headers.push("signature", signature);
    if WORLD.verify(&headers, &Profile::of(&REQUIRED)).is_ok() || WORLD.verify(&headers, &wide(&REQUIRED)).is_ok() {
        let sent = headers.combined("signature").unwrap_or_default();
        assert!(byte_sequences(&sent).iter().any(|bytes| OURS.contains(bytes)), "a forged signature verified");
    }
    let _ = http_signature::check_digest(&headers, BODY);
    let _ = http_signature::check_date(&headers, NOW);
});

impl World {
    fn keys(&self) -> [(&'static str, SignatureKey<'_>); 2] {
        [("ed", SignatureKey::Ed25519(&self.signing)), ("mac", SignatureKey::HmacSha256(&self.mac))]
    }

    fn verify(&self, headers: &Headers, profile: &Profile) -> Result<&'static str, impl std::fmt::Debug> {
        let find = |id: &str| self.verifying.iter().find(|(name, _)| *name == id).map(|(name, key)| (key, *name));
        http_signature::verify(self.head.message(headers), profile, find, NOW).map(|verified| verified.key)
    }

    fn sign_and_verify(&self, headers: &Headers, components: &[&str]) {
        if ["signature", "signature-input"].iter().any(|name| headers.get(name).is_some()) {
            return;
        }
        for (id, key) in self.keys() {
            let message = self.head.message(headers);
            let Ok((input, signature)) = http_signature::sign(message, components, id, &key, NOW) else { continue };
            let mut sent = headers.clone();
            sent.push("signature-input", &input);
            sent.push("signature", &signature);
            if input.len() <= 2048 {
                assert_eq!(self.verify(&sent, &wide(&[])).expect("what was signed verifies"), id);
            }
        }
    }
}

/// With every component that is read at all.
fn wide(required: &[&'static str]) -> Profile {
    Profile { extent: Extent::Parameters, ..Profile::of(required) }
}

fn headers() -> Headers {
    let mut headers = Headers::default();
    headers.push("date", "Mon, 21 Sep 2026 14:13:20 GMT");
    headers.push("content-digest", &http_signature::content_digest(BODY));
    headers
}

/// The byte sequences of a dictionary.
fn byte_sequences(text: &str) -> Vec<Vec<u8>> {
    let dictionary: Dictionary = Parser::new(text).parse().unwrap_or_default();
    let items = dictionary.values().filter_map(|entry| match entry {
        ListEntry::Item(item) => item.bare_item.as_byte_sequence().map(<[u8]>::to_vec),
        ListEntry::InnerList(_) => None,
    });
    items.collect()
}
