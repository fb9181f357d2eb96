//! The refunds' ledger: exported and proved, from a file and from the function.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/edge.rs"]
mod edge;
mod support;

use rusqlite::Connection;
use serde_json::{Value, json};
use support::Desk;

/// The function's own table, without the key that keeps lines from occurring twice.
const TABLE: &str = "CREATE TABLE ledger (refund TEXT, entry TEXT, line INTEGER, shard INTEGER, at INTEGER,
    account TEXT, leg TEXT, payer TEXT, debit_fen INTEGER, credit_fen INTEGER);";

const BALANCED: &str = "INSERT INTO ledger VALUES
    ('rf_b', 'payment', 0, 0, 1790000000000, 'merchant:m-1', 'goods_refund', 'merchant', 12800, 0),
    ('rf_b', 'payment', 1, 0, 1790000000000, 'gateway:wechat', 'goods_refund', 'merchant', 0, 12800),
    ('rf_a', 'payment', 0, 1, 1790000000001, 'fund:receivable:m-1', 'goods_refund', 'protection_fund', 500, 0),
    ('rf_a', 'payment', 1, 1, 1790000000001, 'gateway:wechat', 'goods_refund', 'protection_fund', 0, 500),
    ('rf_a', 'recourse:e,1', 0, 1, 1790000000002, 'merchant:m-1', 'goods_refund', 'protection_fund', 200, 0),
    ('rf_a', 'recourse:e,1', 1, 1, 1790000000002, 'fund:receivable:m-1', 'goods_refund', 'protection_fund', 0, 200);";

const CSV: &str = "\
refund,entry,line,at,account,leg,payer,debit_fen,credit_fen
rf_a,payment,0,1790000000001,fund:receivable:m-1,goods_refund,protection_fund,500,0
rf_a,payment,1,1790000000001,gateway:wechat,goods_refund,protection_fund,0,500
rf_a,\"recourse:e,1\",0,1790000000002,merchant:m-1,goods_refund,protection_fund,200,0
rf_a,\"recourse:e,1\",1,1790000000002,fund:receivable:m-1,goods_refund,protection_fund,0,200
rf_b,payment,0,1790000000000,merchant:m-1,goods_refund,merchant,12800,0
rf_b,payment,1,1790000000000,gateway:wechat,goods_refund,merchant,0,12800
";

const TRIAL_BALANCE: &str = "\
account                         debit            credit           balance
fund:receivable:m-1              5.00              2.00              3.00
gateway:wechat                   0.00            133.00           -133.00
merchant:m-1                   130.00              0.00            130.00
total                          135.00            135.00              0.00
lines: 6; refunds: 2; amounts in CNY
";

fn desk(sql: &str) -> Desk {
    let desk = Desk::empty();
    let database = Connection::open(desk.path("refund.db")).unwrap();
    database.execute_batch(TABLE).unwrap();
    database.execute_batch(sql).unwrap();
    desk
}

#[test]
fn a_ledger_that_holds() {
    let desk = desk(BALANCED);
    let output = desk.run("ledger --db refund.db");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), CSV);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), TRIAL_BALANCE);
    assert!(output.status.success());

    let ndjson = desk.ok("ledger --db refund.db --format ndjson");
    assert_eq!(
        ndjson.lines().next().unwrap(),
        r#"{"refund":"rf_a","entry":"payment","line":0,"at":1790000000001,"account":"fund:receivable:m-1","leg":"goods_refund","payer":"protection_fund","debit_fen":500,"credit_fen":0}"#
    );
    assert_eq!(ndjson.lines().count(), 6);

    let balance = desk.json("ledger --db refund.db --json --out lines.csv");
    assert_eq!(desk.text("lines.csv"), CSV);
    assert_eq!(
        balance["accounts"][0],
        json!({"account": "fund:receivable:m-1", "debit_fen": 500, "credit_fen": 200, "balance_fen": 300})
    );
    assert_eq!((&balance["balance_fen"], &balance["faults"]), (&json!(0), &json!([])));
}

#[test]
fn an_empty_ledger_holds() {
    let desk = desk("");
    assert_eq!(desk.ok("ledger --db refund.db"), CSV.lines().next().unwrap().to_owned() + "\n");
}

#[test]
fn faults_name_refund_and_entry() {
    let found = |sql: &str| {
        let desk = desk(&format!("{BALANCED}{sql}"));
        let output = desk.run("ledger --db refund.db --json");
        assert_eq!(output.status.code(), Some(1), "{sql}");
        let balance: Value = serde_json::from_slice(&output.stdout).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        balance["faults"].as_array().unwrap().iter().for_each(|fault| assert!(said.contains(fault.as_str().unwrap())));
        (balance["faults"].clone(), balance["balance_fen"].clone())
    };
    let unbalanced = "UPDATE ledger SET debit_fen = 12801 WHERE refund = 'rf_b' AND line = 0";
    assert_eq!(found(unbalanced), (json!(["rf_b payment: does not balance; debit 12801, credit 12800"]), json!(1)));
    // A whole entry doubled balances, and is found all the same.
    let doubled = "INSERT INTO ledger SELECT * FROM ledger WHERE refund = 'rf_b'";
    let twice = json!(["rf_b payment: line 0 occurs twice", "rf_b payment: line 1 occurs twice"]);
    assert_eq!(found(doubled), (twice, json!(0)));
    // Two faults that cancel out over the whole ledger.
    let crossed = "UPDATE ledger SET credit_fen = credit_fen + CASE refund WHEN 'rf_a' THEN 1 ELSE -1 END
        WHERE entry = 'payment' AND line = 1";
    let (faults, balance) = found(crossed);
    assert_eq!((faults.as_array().unwrap().len(), balance), (2, json!(0)));
    let neither = "UPDATE ledger SET debit_fen = 0, credit_fen = 0 WHERE refund = 'rf_b'";
    assert!(found(neither).0[0].as_str().unwrap().starts_with("rf_b payment: line 0 must have one amount above zero"));
}

#[test]
fn what_is_no_ledger() {
    let desk = Desk::empty();
    assert!(desk.fails(1, "ledger --db nowhere.db").contains("nowhere.db: no such file"));
    Connection::open(desk.path("other.db")).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
    assert!(desk.fails(1, "ledger --db other.db").contains("other.db: is it the file of instant-refund?"));
    desk.fails(2, "ledger --db other.db --url http://127.0.0.1:1");
}

/// More lines than a page holds, in more than one shard.
#[test]
fn page_by_page_from_the_function() {
    let desk = Desk::empty();
    desk.ok("sample --dir .venditor --json");
    desk.ok("keys export-env --format workers --out vars");
    let sql = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 699)
        INSERT INTO ledger SELECT 'rf_1', 'repaid:e.' || printf('%04d', i / 2), i % 2, CASE WHEN i < 600 THEN 3 ELSE 31 END,
            i, 'a' || (i % 2), 'goods_refund', 'merchant', 5 * (1 - i % 2), 5 * (i % 2) FROM n;";
    let url = edge::serve(&desk.text("vars"), sql);
    let balance = desk.json(&format!("ledger --url {url} --json --out lines.ndjson --format ndjson"));
    assert_eq!((&balance["lines"], &balance["balance_fen"]), (&json!(700), &json!(0)));
    assert_eq!(balance["debit_fen"], 1750);
    assert_eq!(desk.text("lines.ndjson").lines().count(), 700);
}
