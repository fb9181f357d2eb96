//! Recalls by the command line: refused where they would hit nothing, never replaced by a later one, read back through the
//! function; heads; keys that were stolen.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/edge.rs"]
mod edge;
mod support;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpListener;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use shared::platform::native::{self, Native};
use support::Desk;
use trace_verify::handler::TraceVerify;
use trace_verify::store;

const RECALL: &str = "status recall --reason-zh 缘由 --reason-en why --key status-1 --out s.dsse.json";
const TEA: &str = "01/09506000134352";

/// Keys, and two batches of tea: counters 0 to 19, and 4096 to 4195.
fn minted() -> Desk {
    let desk = Desk::with_keys();
    desk.write("order.csv", &format!("primary,quantity,batch\n{TEA},20,A-1\n{TEA},100,A-2\n"));
    desk.ok("mint --csv order.csv --host t.example.cn --out out --images none");
    desk
}

/// What is to be published, as `publish --bulk` writes it.
fn bulk(desk: &Desk, paths: &str) -> BTreeMap<String, Vec<u8>> {
    desk.ok(&format!("publish {paths} --bulk bulk.json --unread"));
    let entries: Vec<Value> = serde_json::from_slice(&desk.read("bulk.json")).unwrap();
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    entries.iter().map(|one| (text(one, "key"), STANDARD.decode(text(one, "value")).unwrap())).collect()
}

#[test]
fn nothing_is_silently_void() {
    let desk = minted();
    let refused = |what: &str| desk.fails(1, &format!("{RECALL} {what}"));
    assert!(refused("--batch A-3").contains("known: A-1, A-2"));
    assert!(refused("--product 01/00614141123452").contains(TEA));
    let said = refused("--batch A-2 --counters 0");
    assert!(
        said.contains("4096 to 4195") && said.contains("Pieces 1 to 1 of the batch are --counters 4096-4096"),
        "{said}"
    );
    assert!(refused("--batch A-2 --counters 4195-4196").contains("4195-4196"));
    assert!(!desk.path("s.dsse.json").exists() && !desk.path(".venditor/keys/statements").exists());
    // Elsewhere nobody knows what was minted: a manifest says it, or the operator answers for it.
    let other = Desk::with_keys();
    other.write("manifest.dsse.json", &desk.text("out/manifest-A-2.dsse.json"));
    assert!(other.fails(1, &format!("{RECALL} --batch A-2")).contains("--minted"));
    assert!(
        other.fails(1, &format!("{RECALL} --batch A-2 --minted manifest.dsse.json")).contains("manifest.dsse.json")
    );
    other.ok(&format!("{RECALL} --batch A-2 --product {TEA} --unchecked"));

    let said = desk.ok(&format!("{RECALL} --batch A-2 --counters 4096-4098,4098 --dry-run"));
    assert!(said.contains("(01)09506000134352(21)") && said.contains("3 pieces would be hit"), "{said}");
    assert!(desk.ok(&format!("{RECALL} --product {TEA} --dry-run")).contains("… and 100 more\n120 pieces"));
    assert!(!desk.path("s.dsse.json").exists(), "a dry run writes nothing");
}

/// What helps a holder is in what is signed, and what no page should offer is refused before.
#[test]
fn a_recall_says_whom_to_call_and_where_to_give_back() {
    let desk = minted();
    let refused = |what: &str| desk.fails(1, &format!("{RECALL} --batch A-1 {what}"));
    for (what, why) in [
        ("--telephone 12", "/telephone: bad_telephone"),
        ("--telephone tel:400", "/telephone: bad_telephone"),
        ("--return-url http://a.cn", "/return_url: bad_url"),
        ("--return-url https://u@a.cn", "/return_url: bad_url"),
        // In the right form, and no browser opens it.
        ("--return-url https://xn--a.cn/", "/return_url: "),
        ("--product-name-zh a\u{3164}b --product-name-en b", "/product_name/zh: bad_character"),
        ("--advice-zh a\u{ad}b --advice-en b", "/advice/zh: bad_character"),
    ] {
        assert!(refused(what).contains(why), "{what}");
    }
    desk.fails(2, &format!("{RECALL} --batch A-1 --product-name-zh 茶"));
    let said = desk.run(&format!("{RECALL} --batch A-1 --dry-run"));
    assert!(String::from_utf8_lossy(&said.stderr).contains("--telephone"));
    desk.ok(&format!(
        "{RECALL} --batch A-1 --product-name-zh 茶 --product-name-en Tea --advice-zh 退货 --advice-en Return-it \
         --telephone 400-820-8820 --return-url https://recall.example.cn/tea?n=1"
    ));
    let codes = desk.text("out/codes.csv");
    let url = codes.lines().nth(1).unwrap().split(',').nth(1).unwrap();
    let said = desk.fails(1, &format!("verify {url} --lang en"));
    for told in
        ["Recalled: stop using", "! Tea", "! Return-it", "! 400-820-8820", "! https://recall.example.cn/tea?n=1"]
    {
        assert!(said.contains(told), "{told}: {said}");
    }
}

#[test]
fn a_dry_run_counts_scans() {
    let desk = minted();
    let database = rusqlite::Connection::open(desk.path("trace.db")).unwrap();
    native::prepare(&database, store::SCHEMA).unwrap();
    let codes = desk.text("out/codes.csv");
    let url = codes.lines().nth(1).unwrap().split(',').find(|field| field.contains("/21/")).unwrap();
    let item = url.trim_matches('"').split_once("/01/").unwrap().1;
    let row = format!(
        "INSERT INTO scan (item, first_at, first_place, first_device, last_at, count, repeat, places, devices) VALUES ('01/{item}', 0, '', '', 0, 1, 0, '', '')"
    );
    database.execute(&row, []).unwrap();
    let said = desk.ok(&format!("{RECALL} --batch A-1 --dry-run --scans trace.db"));
    assert!(said.contains("20 pieces would be hit; 1 of them scanned"), "{said}");
}

#[test]
fn statements_add_up_and_an_older_file_is_refused() {
    let desk = minted();
    desk.ok(&format!("{RECALL} --batch A-1 --counters 0-2"));
    std::fs::copy(desk.path("s.dsse.json"), desk.path("old.dsse.json")).unwrap();
    desk.ok(&format!("{RECALL} --batch A-1 --counters 4-6"));
    assert!(
        desk.ok(&format!("{RECALL} --batch A-1 --counters 4-6"))
            .contains("in force of status-1 on 01/09506000134352: 1, 2")
    );
    let chain: Vec<Value> = serde_json::from_slice(&desk.read("s.dsse.json")).unwrap();
    assert_eq!(chain.len(), 2, "the same is not stated twice");
    let said = desk.fails(1, "publish old.dsse.json --bulk b.json");
    assert!(said.contains("a recall would be lost"), "{said}");
    assert!(bulk(&desk, "s.dsse.json").contains_key("statements/status-1/01/09506000134352"));

    let lift = RECALL.replace("recall", "lift");
    assert!(desk.fails(1, &format!("{lift} --batch A-1")).contains("1, 2"));
    assert!(desk.fails(1, &format!("{lift} --batch A-1 --lifts 7")).contains("--lifts 7"));
    assert!(desk.ok(&format!("{lift} --batch A-1 --lifts 1")).contains("in force of status-1 on 01/09506000134352: 2"));
    assert!(desk.fails(1, &format!("{lift} --batch A-1 --lifts 1")).contains("lifted already"));
    let said = desk.ok("status show");
    assert!(said.contains("recalled") && said.contains("(lifted)"), "{said}");
}

#[test]
fn an_older_key_set_is_refused() {
    let desk = Desk::with_keys();
    std::fs::copy(desk.path(".venditor/keys/keyset.dsse.json"), desk.path("old.dsse.json")).unwrap();
    desk.ok("keys revoke record-1 --reason ceased");
    let said = desk.fails(1, "publish old.dsse.json --bulk b.json");
    assert!(said.contains("edition 5 is older than 6"), "{said}");
    // Also where only the store knows of the newer one.
    desk.write(
        "runtime.toml",
        &format!("[key_value_store.trace-verify]\ntype = \"spin\"\npath = \"{}\"\n", desk.path("kv.db").display()),
    );
    desk.ok("publish .venditor/keys/keyset.dsse.json --spin runtime.toml");
    std::fs::copy(desk.path("old.dsse.json"), desk.path(".venditor/keys/keyset.dsse.json")).unwrap();
    assert!(desk.fails(1, "publish old.dsse.json --spin runtime.toml").contains("older than 6"));
}

#[test]
fn heads_name_the_last_statements() {
    let desk = minted();
    let new = "keys new --use head --kid head-1 --owner-zh 甲 --owner-en A";
    assert!(desk.fails(1, new).contains("--issuer"));
    assert!(desk.fails(1, &format!("{new} --issuer nobody")).contains("nobody"));
    desk.ok(&format!("{new} --issuer status-1"));
    desk.ok(&format!("{RECALL} --batch A-1"));
    let refresh = "status refresh --key head-1 --out head.dsse.json";
    assert!(desk.fails(1, &refresh.replace("head-1", "status-1")).contains("status-1"));
    assert!(desk.ok(refresh).starts_with("1 products with statements of status-1"));
    assert!(bulk(&desk, "head.dsse.json").contains_key("head/status-1"));
    desk.ok(&format!("{refresh} --hours 1"));
    let output = desk.run(refresh);
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("the last head had"),
        "a scheduler that sleeps is noticed"
    );
    // A machine without the book must not sign a head that forgets.
    std::fs::remove_dir_all(desk.path(".venditor/keys/statements")).unwrap();
    assert!(desk.fails(1, refresh).contains("not in the book"));
}

#[test]
fn a_stolen_key_leaves_its_recalls() {
    let desk = minted();
    desk.ok(&format!("{RECALL} --batch A-1"));
    desk.ok("keys new --use status --kid status-2 --issuer status-1 --owner-zh 甲 --owner-en A");
    assert!(desk.fails(1, "keys revoke status-1 --reason ceased --compromised-at 2026-01-01").contains("compromised"));
    assert!(desk.fails(1, "keys revoke status-1 --reason compromised --compromised-at soon").contains("soon"));
    let output = desk.run("keys revoke status-1 --reason compromised --compromised-at 2020-01-01");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && said.contains("statement 1 of status-1 (batch/A-1 recalled) no longer counts"),
        "{said}"
    );
    // The new key goes on in the same chain.
    let recall = RECALL.replace("--key status-1", "--key status-2");
    assert!(desk.ok(&format!("{recall} --batch A-1")).starts_with("statement 2 of status-1"));
    // The old recall stays in doubt beside it until it is taken back by name.
    assert!(desk.ok("status show").contains("(in doubt: its key was stolen)"));
    let lift = recall.replace("status recall", "status lift");
    assert!(desk.ok(&format!("{lift} --batch A-1 --lifts 1")).contains("in force of status-1 on 01/09506000134352: 2"));
    assert!(!desk.ok("status show").contains("in doubt"));
    assert!(desk.fails(1, &format!("{lift} --batch A-1 --lifts 1")).contains("lifted already"));
}

/// What a shopper sees, from the function itself with what was published.
#[test]
fn what_was_published_is_read_back() {
    let desk = minted();
    desk.ok(&format!("{RECALL} --batch A-2 --counters 4100-4103"));
    let store = bulk(&desk, ".venditor/keys/keyset.dsse.json out s.dsse.json");
    desk.ok("keys export-env --function trace-verify --format workers --out trace.vars");
    let vars = desk.text("trace.vars");
    let serve = |store: BTreeMap<String, Vec<u8>>| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (vars, host) = (vars.clone(), url.replace("http://", ""));
        std::thread::spawn(move || {
            let mut edge = Native::new(store::SCHEMA).unwrap();
            edge.variables = edge::variables(&vars);
            edge.variables.insert("TRACE_HOSTS".into(), host);
            edge.kv.replace(store);
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let (head, headers, body) = edge::request(&mut stream);
                assert_eq!(headers.get("sec-purpose"), Some("prefetch"), "nobody's scan");
                edge.headers = headers;
                edge.now_ms.set(now());
                let answer = native::handle::<TraceVerify>(&mut edge, &head, body).ours().unwrap();
                stream.write_all(&edge::wire(&answer)).unwrap();
            }
        });
        url
    };
    let url = serve(store.clone());
    let said = desk.ok(&format!("status check --url {url} --wait 0"));
    assert!(said.contains(": recalled (Recalled"), "{said}");
    // And how many of them were scanned, asked where the function is.
    let said = desk.ok(&format!("{RECALL} --batch A-2 --counters 4096-4098 --dry-run --scans {url}"));
    assert!(said.contains("3 pieces would be hit; 0 of them scanned"), "{said}");
    let mut without = store;
    without.retain(|key, _| !key.starts_with("statements/"));
    // Without an address nobody reads back, and that is said.
    for (target, first) in [("--bulk c.json", true), ("--redis c.redis", true)] {
        let output = desk.run(&format!("publish s.dsse.json {target} --unread"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && said.contains("not read back") && said.contains("status check --url"),
            "{said}"
        );
        assert_eq!(said.contains("once the file is in the store"), first, "{said}");
    }
    let url = serve(without);
    let said = desk.fails(1, &format!("status check --url {url} --wait 0"));
    assert!(said.contains("record_missing") && said.contains("NOT AS STATED"), "{said}");
    assert!(
        desk.ok(&format!(
            "publish s.dsse.json --bulk b.json --unread --check {}",
            serve(bulk(&desk, ".venditor/keys/keyset.dsse.json out s.dsse.json"))
        ))
        .contains(": recalled")
    );
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_millis().try_into().unwrap()
}

/// The steps of RECALLS.md for keys whose loss touches what is in the market.
#[test]
fn what_the_runbook_says_works() {
    let desk = minted();
    desk.ok(&format!("{RECALL} --batch A-1"));
    // The manifest key was stolen: the same codes are issued anew, by another key, from today.
    desk.ok("keys new --use manifest --kid manifest-2 --owner-zh 甲 --owner-en A");
    desk.ok("keys revoke manifest-1 --reason compromised");
    assert!(desk.fails(1, "publish out --bulk b.json").contains("compromised"));
    let codes = desk.text("out/codes.csv");
    let mut journal: Value = serde_json::from_slice(&desk.read("out/mint.json")).unwrap();
    journal["manifest_kid"] = "manifest-2".into();
    journal["minted_at"] = now().into();
    desk.write("out/mint.json", &journal.to_string());
    desk.ok("mint --csv order.csv --host t.example.cn --out out --images none");
    assert_eq!(desk.text("out/codes.csv"), codes);
    bulk(&desk, "out");
    // The status key is lost: another goes on in its chain.
    desk.ok("keys revoke status-1 --reason ceased");
    desk.ok("keys new --use status --kid status-2 --issuer status-1 --owner-zh 甲 --owner-en A");
    let lift = RECALL.replace("recall", "lift").replace("--key status-1", "--key status-2");
    assert!(desk.ok(&format!("{lift} --batch A-1 --lifts 1")).starts_with("statement 2 of status-1"));
    // The root is lost.
    std::fs::remove_file(desk.path(".venditor/keys/root/root-1.key")).unwrap();
    assert!(desk.fails(1, "keys revoke record-1 --reason ceased").contains("root-1.key"));
    desk.ok("keys new --use root --kid root-2 --root root-2");
    desk.ok("keys revoke record-1 --reason ceased");
    assert!(desk.ok("keys list").contains("signed by root-2"));
    // And the book, with the store to take it from.
    let store = bulk(&desk, ".venditor/keys/keyset.dsse.json s.dsse.json");
    std::fs::remove_dir_all(desk.path(".venditor/keys/statements")).unwrap();
    std::fs::create_dir_all(desk.path(".venditor/keys/statements/status-1")).unwrap();
    let book = desk.path(".venditor/keys/statements/status-1/01-09506000134352.dsse.json");
    std::fs::write(book, &store[&format!("statements/status-1/{TEA}")]).unwrap();
    assert!(desk.ok("status show").contains("2 active"));
}

/// The offline check takes chains and heads as the edge does.
#[test]
fn verify_reads_chains_and_heads() {
    let desk = Desk::empty();
    let summary = desk.json("sample --host 127.0.0.1:8787 --scheme http --dir .venditor --json");
    let url = summary["urls"]["tea"].as_str().unwrap().to_owned();
    let chain = ".venditor/sample/status-DEV-TEA-RECALLED.dsse.json";
    let files =
        "--manifest .venditor/sample/manifest-DEV-TEA-1.dsse.json --record .venditor/sample/record-DEV-TEA-1.dsse.json";
    let verify = format!("verify {url} {files} --status {chain}");
    assert!(!desk.ok(&verify).contains("not checked: recalls"));
    desk.ok("keys new --use head --kid head-1 --issuer dev-status-1 --owner-zh 甲 --owner-en A --keys .venditor/keys");
    assert!(desk.fails(1, &verify).contains("head_missing"));
    desk.ok("status refresh --key head-1 --out head.dsse.json");
    assert!(desk.ok(&format!("{verify} --head head.dsse.json --lang en")).contains("up to then is missing"));
    let jade = summary["urls"]["jade"].as_str().unwrap();
    assert!(desk.fails(2, &format!("verify {jade} --status {chain}")).contains("not what the label names"));
    // Without the label keys, the chain is read all the same.
    desk.ok("keys export-env --format workers --out all.vars");
    desk.write("public.vars", desk.text("all.vars").lines().next().unwrap());
    let said = desk.fails(1, &format!("{verify} --env public.vars"));
    assert!(said.contains("of dev-status-1: batch/DEV-TEA-RECALLED recalled"), "{said}");
}
