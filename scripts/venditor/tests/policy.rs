//! A changed threshold, from the folder to the store and back; and what is refused on the way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;

use shared::platform::native::{Native, block_on};
use shared::policy::{Packs, Policies};
use support::Desk;
use trace_verify::policy::SPEC;

/// Keys, and the bundled rules of trace-verify in `policy`.
fn desk() -> Desk {
    let desk = Desk::with_keys();
    desk.ok("keys new --use policy --kid policy-1 --owner-zh 规则 --owner-en Rules");
    fs::create_dir(desk.path("policy")).unwrap();
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions/trace-verify/policy");
    for name in ["policy.toml", "messages.toml"] {
        fs::copy(bundled.join(name), desk.path("policy").join(name)).unwrap();
    }
    desk
}

fn edit(desk: &Desk, from: &str, to: &str) {
    let text = desk.text("policy/policy.toml");
    assert!(text.contains(from), "{from}");
    desk.write("policy/policy.toml", &text.replace(from, to));
}

#[test]
fn a_fault_is_told_with_its_place() {
    let desk = desk();
    assert_eq!(desk.ok("policy check policy"), "sound\n");
    edit(&desk, "devices = 10", "devises = 10");
    let said = desk.fails(1, "policy check policy");
    assert!(said.contains("policy.toml:") && said.contains("devises") && said.contains("devices"), "{said}");
    let told: serde_json::Value = {
        let output = desk.run("policy check policy --json");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_eq!((&told["sound"], &told["findings"][0]["file"]), (&false.into(), &"policy.toml".into()));
    assert!(desk.fails(1, "policy build policy --out p.pack").contains("not sound"));
    assert!(desk.fails(1, "policy check policy --function other").contains("trace-verify"));
}

#[test]
fn from_edit_to_rollback() {
    let desk = desk();
    desk.ok("policy build policy --out old.pack");
    desk.ok("policy build policy --out again.pack");
    assert_eq!(desk.read("old.pack"), desk.read("again.pack"), "the same folder makes the same bytes");
    edit(&desk, "devices = 10", "devices = 8");
    desk.ok("policy build policy --out new.pack");
    let said = desk.ok("policy diff old.pack policy");
    assert!(said.contains("10") && said.contains('8') && said.contains("1 changes"), "{said}");
    assert!(desk.ok("policy diff old.pack new.pack --lang zh").contains("1 处变更"));
    assert_eq!(desk.json("policy diff old.pack new.pack --json")["changes"].as_array().unwrap().len(), 1);

    let sign = "--key policy-1 --out statement.dsse.json";
    assert!(desk.fails(1, &format!("policy sign new.pack {sign}")).contains("--pack-version"));
    desk.ok(&format!("policy sign new.pack --pack-version 1 {sign}"));
    let publish = "publish .venditor/keys/keyset.dsse.json new.pack old.pack statement.dsse.json --bulk store.json";
    desk.ok(publish);
    let (host, mut packs) = (Native::new(trace_verify::store::SCHEMA).unwrap(), Packs::new());
    let new = judged_by(&desk, &host, &packs);
    assert!(desk.ok("policy build policy --out new.pack").contains(&new), "what was built is what judges");

    // Back to the old one, by a statement of a higher version.
    desk.ok(&format!("policy sign old.pack --pack-version 2 {sign}"));
    desk.ok(publish);
    packs = Packs::new();
    assert_eq!(judged_by(&desk, &host, &packs), SPEC.bundled.digest);

    // A stolen key: the next epoch begins with its revocation, and versions count anew.
    desk.ok("keys new --use policy --kid policy-2 --owner-zh 规则 --owner-en Rules");
    desk.ok("keys revoke policy-1 --reason compromised");
    desk.fails(1, publish);
    let said = desk.ok("policy sign new.pack --pack-version 1 --key policy-2 --out statement.dsse.json");
    assert!(said.contains("current 1.1 of trace-verify"), "{said}");
    desk.ok(publish);
    assert_eq!(judged_by(&desk, &host, &Packs::new()), new);
}

/// What an instance judges by once it has looked into the store that was published.
fn judged_by(desk: &Desk, host: &Native, packs: &Packs) -> String {
    use base64::Engine as _;
    let entries: Vec<serde_json::Value> = serde_json::from_slice(&desk.read("store.json")).unwrap();
    for entry in entries {
        let value = base64::engine::general_purpose::STANDARD.decode(entry["value"].as_str().unwrap()).unwrap();
        host.kv.borrow_mut().insert(entry["key"].as_str().unwrap().to_owned(), value);
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    host.now_ms.set(i64::try_from(now.as_millis()).unwrap());
    let roots = desk.json("keys list --json")["roots"].as_str().unwrap().to_owned();
    let roots = shared::keyset::Roots::parse(&roots).unwrap();
    let trust = shared::policy::Trust { roots, signers: 1, minimum: (0, 0) };
    let request = || {
        let policies = block_on(Policies::begin(host, trace_verify::NAME, Some(&SPEC), Some(&trust), packs)).unwrap();
        let digest = policies.digest().to_owned();
        if let Some(later) = policies.later() {
            block_on(later.run(host, trace_verify::NAME, Some(&SPEC), Some(&trust), packs));
        }
        digest
    };
    request();
    request()
}
