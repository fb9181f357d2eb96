//! Keys, signed documents, publishing, offline checks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use support::{Desk, tree};

const SAMPLE: &str = "sample --host 127.0.0.1:8787 --scheme http --dir .venditor --json";
const PUBLISH: &str = "publish .venditor/keys/keyset.dsse.json .venditor/sample";

fn sampled() -> (Desk, Value) {
    let desk = Desk::empty();
    let summary = desk.json(SAMPLE);
    (desk, summary)
}

fn url(summary: &Value, name: &str) -> String {
    summary["urls"][name].as_str().unwrap().to_owned()
}

fn files(batch: &str) -> String {
    format!("--manifest .venditor/sample/manifest-{batch}.dsse.json --record .venditor/sample/record-{batch}.dsse.json")
}

/// Changes what a signed document says and leaves its signature.
fn tamper(desk: &Desk, name: &str, from: &str, to: &str) {
    let mut envelope: Value = serde_json::from_slice(&desk.read(name)).unwrap();
    let payload = String::from_utf8(STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap()).unwrap();
    assert!(payload.contains(from));
    envelope["payload"] = STANDARD.encode(payload.replace(from, to)).into();
    desk.write(name, &envelope.to_string());
}

#[test]
fn secrets_stay_secret_and_keys_are_never_replaced() {
    let desk = Desk::with_keys();
    let mut said = String::new();
    said += &desk.fails(1, "keys new --use mac --kid 7");
    said += &desk.fails(1, "keys new --use record --kid record-1 --owner-zh 甲 --owner-en A");
    said += &desk.fails(1, "keys new --use mac --kid 256");
    said += &desk.fails(1, "keys new --use mac --kid 07");
    said += &desk.fails(1, "keys new --use record --kid a/b --owner-zh 甲 --owner-en A");
    said += &desk.fails(1, "keys new --use record --kid x");
    said += &desk.fails(1, "keys revoke nobody --reason ceased");
    said += &desk.ok("keys list --json");
    said += &desk.ok("keys list");
    said += &desk.ok("keys export-env --format workers --out dev.vars");
    said += &desk.ok("keys export-env --format spin --out spin.toml");
    let mode = |name: &str| fs::metadata(desk.path(name)).unwrap().permissions().mode() & 0o777;
    let mut secrets = 0;
    for (name, bytes) in tree(&desk.path(".venditor/keys")).into_iter().filter(|(name, _)| name.ends_with(".key")) {
        let secret: Value = serde_json::from_slice(&bytes).unwrap();
        assert!(!said.contains(secret["secret"].as_str().unwrap()), "{name} was printed");
        assert_eq!(mode(&format!(".venditor/keys/{name}")), 0o600, "{name}");
        secrets += 1;
    }
    assert_eq!((secrets, mode("dev.vars"), mode("spin.toml"), mode(".venditor/keys")), (6, 0o600, 0o600, 0o700));

    let vars = desk.text("dev.vars");
    for name in ["TRACE_ROOT_KEY=\"root-1:", "TRACE_MAC_KEYS=\"7:", "TRACE_DEVICE_SECRET=\""] {
        assert!(vars.contains(name), "{name}");
    }
    // Both hosts get the same values, each time.
    let values = |text: &str| text.lines().map(|l| l.split_once('=').unwrap().1.trim().to_owned()).collect::<Vec<_>>();
    assert_eq!(values(&vars), values(&desk.text("spin.toml")));
    desk.ok("keys export-env --format workers --out dev.vars");
    assert_eq!(desk.text("dev.vars"), vars);
}

#[test]
fn the_sample_is_made_once() {
    let (desk, summary) = sampled();
    let before = tree(&desk.path(".venditor"));
    assert_eq!(desk.json(SAMPLE), summary);
    let other = desk.json("sample --host t.example.cn --scheme https --dir .venditor --json");
    assert_eq!(url(&other, "tea"), url(&summary, "tea").replace("HTTP://127.0.0.1:8787", "HTTPS://T.EXAMPLE.CN"));
    assert_eq!(tree(&desk.path(".venditor")), before);
    assert_eq!(summary["tea"].as_array().unwrap().len(), 20);
    // A lost document comes back.
    fs::remove_file(desk.path(".venditor/sample/record-DEV-TEA-1.dsse.json")).unwrap();
    desk.ok(SAMPLE);
    desk.ok(&format!("{PUBLISH} --keys .venditor/keys --bulk bulk.json --unread"));
}

#[test]
fn verdicts_and_exit_codes() {
    let (desk, summary) = sampled();
    let tea = files("DEV-TEA-1");
    let good = desk.ok(&format!("verify {} {tea} --lang en", url(&summary, "tea")));
    assert!(good.contains("Does not prove") && good.contains("not checked: recalls"));
    assert!(desk.ok(&format!("verify {} {tea} --lang zh", url(&summary, "tea"))).contains("不能证明"));
    desk.ok(&format!("verify {} {}", url(&summary, "jade"), files("DEV-JADE-1")));
    desk.ok(&format!("verify {} {}", url(&summary, "certificate"), files("DEV-CERT-1")));

    let recalled = files("DEV-TEA-RECALLED");
    let status = "--status .venditor/sample/status-DEV-TEA-RECALLED.dsse.json";
    assert!(desk.fails(1, &format!("verify {} {recalled} {status}", url(&summary, "recalled"))).contains("Recalled"));
    for (name, documents) in
        [("forged", &tea), ("not_in_manifest", &tea), ("jade_without_record", &files("DEV-JADE-1"))]
    {
        desk.fails(1, &format!("verify {} {documents}", url(&summary, name)));
    }
    desk.fails(1, &format!("verify {}", url(&summary, "tea")));
    desk.fails(2, "verify nonsense");
    desk.fails(2, "verify");
    desk.fails(2, &format!("verify {} --record nowhere.json", url(&summary, "tea")));

    tamper(&desk, ".venditor/sample/record-DEV-TEA-1.dsse.json", "5.2", "4.2");
    let said = desk.fails(1, &format!("verify {} {tea}", url(&summary, "tea")));
    assert!(said.contains("bad_signature"), "{said}");
}

#[test]
fn without_mac_keys_the_documents_are_checked_and_the_label_is_not() {
    let (desk, summary) = sampled();
    desk.ok("keys export-env --format workers --out all.vars");
    let root = desk.text("all.vars").lines().next().unwrap().to_owned();
    desk.write("public.vars", &root);
    let arguments = format!("verify {} {}", url(&summary, "jade"), files("DEV-JADE-1"));
    desk.ok(&format!("{arguments} --env all.vars"));
    let said = desk.fails(1, &format!("{arguments} --env public.vars"));
    assert!(said.contains("record: validly signed") && said.contains("not checked: the label's tag"), "{said}");
}

#[test]
fn a_page_that_says_more_than_its_documents_is_found_out() {
    let (desk, summary) = sampled();
    let arguments = format!("verify {} {}", url(&summary, "jade"), files("DEV-JADE-1"));
    let page = desk.ok(&format!("{arguments} --json"));
    desk.write("page.json", &page);
    desk.ok(&format!("{arguments} --page page.json"));
    desk.write("page.json", &page.replace("12.34", "21.34"));
    let said = desk.fails(1, &format!("{arguments} --page page.json"));
    assert!(said.contains("/record/document/inspection/results/0/value"), "{said}");
}

#[test]
fn revoked_keys_void_what_they_signed() {
    let (desk, summary) = sampled();
    let arguments = format!("verify {} {}", url(&summary, "tea"), files("DEV-TEA-1"));
    desk.ok("keys revoke dev-record-1 --reason superseded");
    desk.ok(&arguments);
    desk.ok("keys revoke dev-record-1 --reason compromised");
    assert!(desk.fails(1, &arguments).contains("key_compromised"));
    assert!(desk.fails(1, &format!("{PUBLISH} --bulk b.json")).contains("compromised"));
    desk.ok("keys revoke 1 --mac --reason compromised");
    assert!(desk.fails(1, "keys revoke 1 --mac --reason ceased").contains("revoked already"));
}

#[test]
fn records_and_statuses_are_signed_by_the_edges_rules() {
    let desk = Desk::with_keys();
    let record = json!({
        "batch": "A-1", "primary": "01/09506000134352",
        "product": {"name": {"zh": "茶", "en": "Tea"}, "brand": {"zh": "牌", "en": "B"}},
        "inspection": {
            "body": {"zh": "所", "en": "Body"}, "certificate": "C-1", "method": {"zh": "法", "en": "M"},
            "inspected_on": "2026-01-02", "base": {"name": {"zh": "基地", "en": "Base"}}, "new_member": true
        }
    });
    let sign = "record sign --record record.json --key record-1 --out record.dsse.json";
    desk.write("record.json", &record.to_string());
    desk.ok(sign);
    let envelope: Value = serde_json::from_slice(&desk.read("record.dsse.json")).unwrap();
    let payload = STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
    assert!(String::from_utf8(payload).unwrap().contains("new_member"), "unknown members are signed too");
    let wrong = |pointer: &str, value: Value| {
        let mut record = record.clone();
        *record.pointer_mut(pointer).unwrap() = value;
        desk.write("record.json", &record.to_string());
        desk.fails(1, sign)
    };
    assert!(wrong("/inspection/certificate", json!("")).contains("/inspection/certificate: empty"));
    assert!(wrong("/inspection/method", json!(1)).contains("inspection.method"));
    assert!(wrong("/primary", json!("01/1")).contains("primary"));
    desk.write("record.json", "{\"batch\": \"A\", \"batch\": \"B\"}");
    assert!(desk.fails(1, sign).contains("record.json"));
    assert!(desk.fails(1, &sign.replace("record-1", "status-1")).contains("record.json"));

    desk.write("order.csv", "primary,quantity,batch\n01/09506000134352,20,A-1\n");
    desk.ok("mint --csv order.csv --host t.example.cn --out out --images none");
    let recall = "status recall --reason-zh 缘由 --reason-en why --key status-1 --out s.dsse.json";
    desk.ok(&format!("{recall} --batch A-1 --counters 0-9,11"));
    desk.ok(&format!("{recall} --product 01/09506000134352"));
    assert!(desk.fails(1, &format!("{recall} --product 01/09506000134352 --counters 1-2")).contains("/counters"));
    assert!(desk.fails(1, &format!("{recall} --batch a")).contains("--batch a"));
    assert!(
        desk.fails(1, &recall.replace("status-1", "record-1").replace("recall", "clear --batch A-1"))
            .contains("record-1")
    );
    desk.fails(2, recall);
}

#[test]
fn publishing_names_checks_and_repeats() {
    let (desk, _) = sampled();
    let publish = format!("{PUBLISH} --bulk bulk.json --unread");
    desk.ok(&publish);
    let bulk = desk.read("bulk.json");
    let entries: Vec<Value> = serde_json::from_slice(&bulk).unwrap();
    let keys: Vec<&str> = entries.iter().map(|entry| entry["key"].as_str().unwrap()).collect();
    for key in [
        "keyset",
        "manifest/1/1/0",
        "manifest/2/1/0",
        "record/DEV-TEA-1",
        "record/DEV-CERT-1/0",
        "statements/dev-status-1/01/09506000134352",
    ] {
        assert!(keys.contains(&key), "{key} in {keys:?}");
    }
    assert_eq!(keys.iter().filter(|key| key.starts_with("photo/")).count(), 2);
    let keyset = entries.iter().find(|entry| entry["key"] == "keyset").unwrap();
    assert_eq!(keyset["base64"], true);
    assert_eq!(
        STANDARD.decode(keyset["value"].as_str().unwrap()).unwrap(),
        desk.read(".venditor/keys/keyset.dsse.json")
    );
    desk.ok(&publish);
    assert_eq!(desk.read("bulk.json"), bulk);

    desk.fails(2, PUBLISH);
    desk.write("note.txt", "");
    assert!(desk.fails(1, "publish note.txt --bulk b.json").contains("note.txt"));
    tamper(&desk, ".venditor/sample/manifest-DEV-TEA-1.dsse.json", "\"count\":20", "\"count\":21");
    let said = desk.fails(1, &publish);
    assert!(said.contains("manifest-DEV-TEA-1.dsse.json") && said.contains("does not verify"), "{said}");
}

#[test]
fn a_large_batch_goes_under_each_of_its_blocks_and_its_pictures_stay() {
    let desk = Desk::with_keys();
    desk.write("order.csv", "primary,quantity,batch\n01/09506000134352,4097,A\n");
    desk.ok("mint --csv order.csv --host t.example.cn --out out --images none");
    fs::create_dir(desk.path("out/png")).unwrap();
    desk.write("out/png/1.png", "not even an image");
    let said = desk.ok("publish out --bulk b.json");
    assert!(said.contains("manifest/1/7/0\nmanifest/1/7/1\n2 entries"), "{said}");
}

#[test]
fn publishing_to_the_local_hosts() {
    let (desk, _) = sampled();
    let local = format!("{PUBLISH} --local --dev dev.json");
    assert!(desk.fails(1, &local).contains("dev.json"));

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    desk.write(
        "dev.json",
        &json!({"host": "workers", "control": format!("http://127.0.0.1:{port}"), "token": "t0"}).to_string(),
    );
    let server = std::thread::spawn(move || {
        loop {
            let (mut stream, _) = listener.accept().unwrap();
            let (head, body) = asked(&mut stream);
            if head.starts_with("POST") {
                stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
                return (head, body);
            }
            // The store is read first, and has nothing.
            stream.write_all(b"HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").unwrap();
        }
    });
    desk.ok(&local);
    let (head, body) = server.join().unwrap();
    assert!(
        head.starts_with("POST /kv?function=trace-verify HTTP/1.1")
            && head.to_lowercase().contains("authorization: bearer t0"),
        "{head}"
    );
    assert_eq!(serde_json::from_str::<Vec<Value>>(&body).unwrap().len(), 12);
    desk.write("dev.json", r#"{"host":"workers","control":"http://192.0.2.1:80","token":"t0"}"#);
    assert!(desk.fails(1, &local).contains("not an address of this machine"));

    desk.write("dev.json", r#"{"host":"spin","state":"kv"}"#);
    desk.ok(&local);
    desk.ok(&local);
    let database = rusqlite::Connection::open(desk.path("kv/trace-verify.kv.db")).unwrap();
    let query =
        "SELECT count(*), max(CASE key WHEN 'keyset' THEN value END) FROM spin_key_value WHERE store = 'trace-verify'";
    let (count, keyset): (i64, Vec<u8>) = database.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!((count, keyset), (12, desk.read(".venditor/keys/keyset.dsse.json")));
}

/// A request's head and body.
fn asked(stream: &mut TcpStream) -> (String, String) {
    let mut request = Vec::new();
    let mut buffer = [0; 65536];
    loop {
        let read = stream.read(&mut buffer).unwrap();
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            if read == 0 || length.map_or(0, |length| length.parse::<usize>().unwrap()) <= body.len() {
                return (head.to_owned(), body.to_owned());
            }
        }
    }
}

/// The device secret is 32 bytes in base64url, as the functions read it.
#[test]
fn the_device_secret_has_the_functions_form() {
    let (desk, _) = sampled();
    desk.ok("keys export-env --format workers --out vars");
    let text = desk.text("vars");
    let secret = text.lines().find_map(|line| line.strip_prefix("TRACE_DEVICE_SECRET=")).unwrap().trim_matches('"');
    assert_eq!(URL_SAFE_NO_PAD.decode(secret).unwrap().len(), 32);
}
