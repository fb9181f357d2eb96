//! A changed threshold, from the folder to the store and back; and what is refused on the way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;

use instant_refund::case::Case;
use instant_refund::decide;
use instant_refund::policy::Rules;
use serde_json::json;
use shared::platform::native::{Native, block_on};
use shared::policy::{Packs, Policies};
use support::Desk;
use trace_verify::policy::SPEC;

/// Keys, and the bundled rules of trace-verify in `policy`.
fn desk() -> Desk {
    let desk = Desk::with_keys();
    desk.ok("keys new --use policy --kid policy-1 --owner-zh 规则 --owner-en Rules");
    copy(&desk, "trace-verify", &["policy.toml", "messages.toml"]);
    desk
}

/// The bundled rules of a function, below its name.
fn copy(desk: &Desk, function: &str, names: &[&str]) {
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions").join(function).join("policy");
    for name in names {
        let to = desk.path(&format!("{function}/policy/{name}"));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(bundled.join(name), to).unwrap();
    }
}

fn edit(desk: &Desk, from: &str, to: &str) {
    replace(desk, "trace-verify/policy/policy.toml", from, to);
}

fn replace(desk: &Desk, file: &str, from: &str, to: &str) {
    let text = desk.text(file);
    assert!(text.contains(from), "{from}");
    desk.write(file, &text.replace(from, to));
}

#[test]
fn a_fault_is_told_with_its_place() {
    let desk = desk();
    assert_eq!(desk.ok("policy check trace-verify/policy"), "sound\n");
    assert_eq!(desk.ok("policy --function trace-verify check trace-verify/policy"), "sound\n");
    assert!(desk.fails(1, "policy --function other check trace-verify/policy").contains("trace-verify"));
    edit(&desk, "devices = 10", "devises = 10");
    let said = desk.fails(1, "policy check trace-verify/policy");
    assert!(said.contains("policy.toml:") && said.contains("devises") && said.contains("devices"), "{said}");
    let told: serde_json::Value = {
        let output = desk.run("policy check trace-verify/policy --json");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_eq!((&told["sound"], &told["findings"][0]["file"]), (&false.into(), &"policy.toml".into()));
    assert!(desk.fails(1, "policy build trace-verify/policy --out p.pack").contains("not sound"));
    assert!(desk.fails(1, "policy check trace-verify/policy --function other").contains("trace-verify"));
    fs::create_dir(desk.path("elsewhere")).unwrap();
    let said = desk.fails(1, "policy check elsewhere");
    assert!(said.contains("--function bot-screen or instant-refund or listing-check or trace-verify"), "{said}");
}

#[test]
fn from_edit_to_rollback() {
    let desk = desk();
    desk.ok("policy build trace-verify/policy --out old.pack");
    desk.ok("policy build trace-verify/policy --out again.pack");
    assert_eq!(desk.read("old.pack"), desk.read("again.pack"), "the same folder makes the same bytes");
    edit(&desk, "devices = 10", "devices = 8");
    desk.ok("policy build trace-verify/policy --out new.pack");
    let said = desk.ok("policy diff old.pack trace-verify/policy");
    assert!(said.contains("10") && said.contains('8') && said.contains("1 change"), "{said}");
    assert!(desk.ok("policy diff old.pack new.pack --lang zh").contains("1 处变更"));
    assert_eq!(desk.json("policy diff old.pack new.pack --json")["changes"].as_array().unwrap().len(), 1);

    let sign = "--key policy-1 --out statement.dsse.json";
    let said = desk.ok(&format!("policy sign new.pack {sign}"));
    assert!(said.contains("current 0.1 of trace-verify"), "{said}");
    let publish =
        "publish .venditor/keys/keyset.dsse.json new.pack old.pack statement.dsse.json --bulk store.json --unread";
    desk.ok(publish);
    let (host, mut packs) = (Native::new(trace_verify::store::SCHEMA).unwrap(), Packs::new());
    let new = judged_by(&desk, &host, &packs);
    assert!(desk.ok("policy build trace-verify/policy --out new.pack").contains(&new), "what was built is what judges");

    // Back to the old one, by a statement of a higher version.
    let said = desk.ok(&format!("policy rollback --function trace-verify {sign}"));
    assert!(said.contains("becomes 10") && said.contains("current 0.2 of trace-verify"), "{said}");
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
    // Each time a while later: an instance that starts just after another has looked does not look as well.
    let later = host.now_ms.get() + shared::policy::REFRESH_MS;
    host.now_ms.set(later.max(i64::try_from(now.as_millis()).unwrap()));
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

/// Everything that `functions/instant-refund/policy` consists of, and a second policy key.
fn refunds() -> Desk {
    let desk = desk();
    desk.ok("keys new --use policy --kid policy-2 --owner-zh 规则 --owner-en Rules");
    let tables = ["instant_caps", "instant_caps-2026", "lateness", "lateness_extra", "real_freight", "region_groups"];
    let tables = tables.iter().chain(&["self_mail_tariff"]).map(|name| format!("tables/{name}.csv"));
    let names: Vec<String> =
        ["policy.toml", "messages.toml", "holidays.csv"].map(str::to_owned).into_iter().chain(tables).collect();
    copy(&desk, "instant-refund", &names.iter().map(String::as_str).collect::<Vec<_>>());
    desk
}

#[test]
fn a_changed_tariff_is_shadowed_promoted_and_rolled_back() {
    let desk = refunds();
    desk.ok("policy build instant-refund/policy --out 2026-11.pack");
    let tariff = desk.text("instant-refund/policy/tables/self_mail_tariff.csv");
    let row = "yangtze.far_west,yangtze,far_west,-,1000,800,2500";
    let changed =
        tariff.replace("2024-01-01", "2026-12-01").replace(row, "yangtze.far_west,yangtze,far_west,-,1200,800,2500");
    desk.write("instant-refund/policy/tables/self_mail_tariff-2026-12.csv", &changed);
    desk.ok("policy build instant-refund/policy --out 2026-12.pack");
    let said = desk.ok("policy diff 2026-11.pack 2026-12.pack");
    let told = "Return freight from Shanghai, Jiangsu, Zhejiang, Anhui to Tibet, Xinjiang: first kilogram 10.00 yuan becomes \
                12.00 yuan, for orders paid from 1 December 2026 on\n1 change:";
    assert!(said.starts_with(told), "{said}");

    let how = "--key policy-1 --out s.dsse.json";
    assert!(desk.fails(1, &format!("policy promote {how}")).contains("--role shadow"));
    assert!(desk.fails(1, &format!("policy rollback --function instant-refund {how}")).contains("nothing was signed"));
    let said = desk.ok(&format!("policy sign 2026-11.pack {how}"));
    assert!(said.contains("signed by 1 of 2") && said.contains("another key must sign it"), "{said}");
    let publish =
        "publish .venditor/keys/keyset.dsse.json 2026-11.pack 2026-12.pack s.dsse.json --bulk store.json --unread";
    assert!(desk.fails(1, publish).contains("s.dsse.json"));
    let again = "policy sign s.dsse.json --key policy-2 --out s.dsse.json";
    assert!(desk.fails(1, &format!("{again} --role shadow")).contains("leave --role"));
    let said = desk.ok(again);
    assert!(said.contains("current 0.1 of instant-refund") && said.contains("signed by 2 of 2"), "{said}");
    desk.ok(publish);

    desk.ok(&format!("policy sign 2026-12.pack --role shadow {how}"));
    let said = desk.ok(&format!("policy promote {how}"));
    assert!(said.contains("10.00 yuan becomes 12.00 yuan") && said.contains("current 0.2 of instant-refund"), "{said}");
    let said = desk.fails(1, &format!("policy promote {how}"));
    assert!(said.contains("is the current pack already"), "{said}");
    let said = desk.ok(&format!("policy rollback --function instant-refund {how}"));
    assert!(said.contains("12.00 yuan becomes 10.00 yuan") && said.contains("current 0.3 of instant-refund"), "{said}");

    let status = desk.json("policy status --json");
    let functions = status["functions"].as_array().unwrap();
    let refunds = functions.iter().find(|function| function["function"] == "instant-refund").unwrap();
    let ranks =
        |role: &str| refunds[role].as_array().unwrap().iter().map(|one| one["version"].clone()).collect::<Vec<_>>();
    assert_eq!((ranks("current"), ranks("shadow")), (vec![json!(3), json!(2), json!(1)], vec![json!(1)]));
    assert_eq!(refunds["current"][2]["signers"], json!(["policy-1", "policy-2"]));
    let said = desk.ok("policy status --function instant-refund");
    assert!(said.contains("current    0.3") && said.contains("before     0.1"), "{said}");
}

#[test]
fn replay_says_what_would_change_for_whom_and_for_how_much() {
    let desk = refunds();
    let case = include_bytes!("../../../tests/vectors/instant-refund/cases/unshipped.json");
    let now = 1_790_000_000_000;
    let case = Case::read(case, now).unwrap();
    let decision = decide::by(&Rules::bundled(), &case, now);
    let line = |refund: &str, policy: &str| {
        let mut decision = serde_json::to_value(&decision).unwrap();
        decision["policy"] = policy.into();
        json!({"refund": refund, "state": "posted", "decided_at": now, "case": case, "decision": decision}).to_string()
    };
    let (bundled, unknown) = (Rules::bundled().digest, "00000000000000000000000000000000");
    desk.write("decisions.ndjson", &format!("{}\n{}\n", line("rf_1", bundled), line("rf_2", unknown)));
    let replay = "policy replay instant-refund/policy --from decisions.ndjson";
    assert!(desk.ok(replay).starts_with(&format!("2 decisions judged by {bundled}: 0 would differ\n  1 compared as")));
    // The buyer's level is allowed less: the merchant is asked first.
    replace(
        &desk,
        "instant-refund/policy/tables/instant_caps-2026.csv",
        "trusted,[5..6],30000,10",
        "trusted,[5..6],9000,10",
    );
    let told = desk.json(&format!("{replay} --json"));
    assert_eq!((&told["judged"], &told["changed"]), (&json!(2), &json!(2)));
    assert_eq!(told["outcomes"], json!({"approved -> waiting": 2}));
    assert_eq!(told["by_payer"], json!({"merchant": -2 * decision.total_fen}));
    let said = desk.ok(replay);
    assert!(said.contains("rf_1 of") && said.contains("approved CNY 108.00 -> waiting CNY 0.00"), "{said}");
}

#[test]
fn replay_of_scans_says_which_would_be_suspected() {
    let desk = desk();
    let scan = |outcome: &str, scans: i64, places: i64| {
        let details =
            json!({"item": "01/1/21/2", "scans": scans, "places": places, "counted": true, "decision_id": "d"});
        json!({"schema": "venditor.scan.v1", "function": "trace-verify", "at": 5, "outcome": outcome, "policy": "p", "details": details}).to_string()
    };
    let lines = [
        scan("authentic_seen_before", 9, 1),
        scan("suspected_clone", 12, 1),
        scan("bad_code", 0, 0),
        "noise".to_owned(),
    ];
    desk.write("events.ndjson", &lines.join("\n"));
    edit(&desk, "devices = 10", "devices = 8");
    let told = desk.json("policy replay trace-verify/policy --from events.ndjson --json");
    assert_eq!((&told["judged"], &told["changed"], &told["items"]), (&json!(2), &json!(1), &json!({"01/1/21/2": 1})));
    let said = desk.ok("policy status --events events.ndjson --function trace-verify");
    assert!(said.contains("judged   p  3 events"), "{said}");
}
