//! Publishing to a Spin deployment, and its variables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use rusqlite::Connection;
use support::Desk;

const SAMPLE: &str = "sample --host 127.0.0.1:8787 --scheme http --dir .venditor --json";
const PUBLISH: &str = "publish .venditor/keys/keyset.dsse.json .venditor/sample";

fn sampled() -> Desk {
    let desk = Desk::empty();
    desk.ok(SAMPLE);
    desk
}

fn config(desk: &Desk, table: &str) {
    desk.write("runtime.toml", &format!("[key_value_store.trace-verify]\n{table}\n"));
}

/// The store as Spin opens it: a connection of its own, kept open, without any pragma.
fn as_spin_does(file: &Path) -> Connection {
    let connection = Connection::open(file).unwrap();
    let table = "CREATE TABLE IF NOT EXISTS spin_key_value (
        store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))";
    connection.execute(table, []).unwrap();
    connection
}

fn keyset(spin: &Connection) -> Option<Vec<u8>> {
    let mut select = spin
        .prepare_cached("SELECT value FROM spin_key_value WHERE store = 'trace-verify' AND key = 'keyset'")
        .unwrap();
    select.query_map([], |row| row.get(0)).unwrap().next().transpose().unwrap()
}

#[test]
fn a_running_spin_sees_what_is_published() {
    let desk = sampled();
    let file = desk.path("kv.db");
    config(&desk, &format!("type = 'spin'\npath = '{}'", file.display()));
    let spin = as_spin_does(&file);
    assert_eq!(keyset(&spin), None);
    let said = desk.ok(&format!("{PUBLISH} --spin runtime.toml"));
    assert!(said.contains(&format!("12 entries into {}", file.display())), "{said}");
    assert_eq!(keyset(&spin), Some(desk.read(".venditor/keys/keyset.dsse.json")));

    // Somebody else is writing: the publisher waits.
    let (locked, is_locked) = mpsc::channel();
    let writer = std::thread::spawn(move || {
        let mut other = Connection::open(file).unwrap();
        let transaction = other.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
        transaction.execute("DELETE FROM spin_key_value", []).unwrap();
        locked.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(300));
        transaction.commit().unwrap();
    });
    is_locked.recv().unwrap();
    desk.ok(&format!("{PUBLISH} --spin runtime.toml"));
    writer.join().unwrap();
    let count: i64 = spin.query_row("SELECT count(*) FROM spin_key_value", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 12);
}

#[test]
fn what_cannot_be_written_is_refused_with_a_remedy() {
    let desk = sampled();
    let publish = format!("{PUBLISH} --spin runtime.toml");
    for (table, remedy) in [
        ("type = 'spin'\npath = 'kv.db'", "relative; give an absolute one"),
        ("type = 'spin'", "in memory"),
        ("type = 'redis'\nurl = 'redis://u:s3cret@h'", "redis-cli -u URL --pipe"),
        ("type = 'azure_cosmos'\nkey = 's3cret'", "publish with --bulk FILE"),
        ("type = 'spin'\npath = 's3cret", "at line 3"),
    ] {
        config(&desk, table);
        let said = desk.fails(1, &publish);
        assert!(said.contains(remedy) && said.contains("runtime.toml") && !said.contains("s3cret"), "{table}: {said}");
        assert!(!desk.path("kv.db").exists());
    }
    let said = desk.fails(1, &format!("{publish} --store other"));
    assert!(said.contains("runtime.toml"), "{said}");
    config(&desk, "type = 'spin'");
    let said = desk.fails(1, &format!("{publish} --store other"));
    assert!(said.contains("no [key_value_store.other]; there are: trace-verify"), "{said}");
    desk.write("kv.db", "this is no database, and long enough to be taken for one");
    config(&desk, &format!("type = 'spin'\npath = '{}'", desk.path("kv.db").display()));
    assert!(desk.fails(1, &publish).contains("not a database"));
    assert!(desk.fails(1, &format!("{PUBLISH} --spin nowhere.toml")).contains("nowhere.toml"));
}

#[test]
fn redis_gets_every_entry_in_one_transaction() {
    let desk = sampled();
    desk.ok(&format!("{PUBLISH} --redis commands --unread"));
    let bytes = desk.read("commands");
    let commands = commands(&bytes);
    assert_eq!(commands.first().unwrap(), &[b"MULTI".to_vec()]);
    assert_eq!(commands.last().unwrap(), &[b"EXEC".to_vec()]);
    assert_eq!(commands.len(), 14);
    let set = vec![b"SET".to_vec(), b"keyset".to_vec(), desk.read(".venditor/keys/keyset.dsse.json")];
    assert!(commands.contains(&set));
}

/// Redis' protocol: arrays of strings.
fn commands(mut bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
    fn number(bytes: &mut &[u8], mark: u8) -> usize {
        let end = bytes.windows(2).position(|two| two == b"\r\n").unwrap();
        assert_eq!(bytes[0], mark);
        let number = std::str::from_utf8(&bytes[1..end]).unwrap().parse().unwrap();
        *bytes = &bytes[end + 2..];
        number
    }
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let parts = number(&mut bytes, b'*');
        let part = |bytes: &mut &[u8]| {
            let length = number(bytes, b'$');
            let part = bytes[..length].to_vec();
            assert_eq!(&bytes[length..length + 2], b"\r\n");
            *bytes = &bytes[length + 2..];
            part
        };
        found.push((0..parts).map(|_| part(&mut bytes)).collect());
    }
    found
}

#[test]
fn variables_are_a_toml_table_of_strings() {
    let desk = sampled();
    assert!(desk.fails(1, "keys export-env --format spin --out spin.vars").contains("call it .toml"));
    desk.ok("keys export-env --format spin --out spin.toml");
    // As Spin reads it: strings and nothing else.
    let variables: BTreeMap<String, String> = toml::from_str(&desk.text("spin.toml")).unwrap();
    let names: Vec<&str> = variables.keys().map(String::as_str).collect();
    let functions = [
        "listing_callers",
        "listing_root_key",
        "refund_callers",
        "refund_log_secret",
        "refund_receipt_key",
        "refund_root_key",
        "screen_callers",
        "screen_pass_keys",
        "screen_root_key",
    ];
    assert_eq!(
        names,
        [
            &functions[..],
            &["trace_cookie_keys", "trace_device_secret", "trace_mac_keys", "trace_operators", "trace_root_key"]
        ]
        .concat()
    );
    assert!(variables["refund_callers"].starts_with("[{\"caller\":"));
    assert_eq!(fs::metadata(desk.path("spin.toml")).unwrap().permissions().mode() & 0o777, 0o600);
}
