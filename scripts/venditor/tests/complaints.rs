//! Complaints, from a shopper's form to the answer that is looked up, through the function itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/edge.rs"]
mod edge;
mod support;
#[path = "support/trace.rs"]
mod trace;

use serde_json::Value;
use support::Desk;

fn report(url: &str, code: &str, more: &str) -> Value {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
    let body = format!("code={}&reason=counterfeit{more}", code.replace('/', "%2F"));
    let request = agent.post(format!("{url}/report")).header("accept", "application/json");
    let mut answer = request.content_type("application/x-www-form-urlencoded").send(&body).unwrap();
    serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
}

#[test]
fn from_a_form_to_an_answer() {
    let desk = Desk::with_keys();
    let said = desk.fails(1, "complaints list --url http://127.0.0.1:9");
    assert!(said.contains("keys new --use operator --kid operator-1"), "{said}");
    desk.ok("keys export-env --function trace-verify --format workers --out before.vars");
    desk.ok("keys new --use operator --kid operator-1 --caller complaints-desk");
    desk.ok("keys export-env --function trace-verify --format workers --out trace.vars");
    let token = desk.ok("keys token --kid operator-1");
    assert!(desk.text("trace.vars").contains("TRACE_OPERATORS='") && !desk.text("trace.vars").contains(token.trim()));
    desk.write("order.csv", "primary,quantity,batch\n01/09506000134352,2,A\n");
    desk.ok("mint --csv order.csv --host t.example.cn --out out --images none");
    let label = desk.text("out/codes.csv").lines().nth(1).unwrap().split(',').nth(1).unwrap().to_owned();
    let label = label.split_once(".CN").unwrap().1.to_owned();

    let url = trace::serve(&desk.text("trace.vars"), &desk.path("kv.db"));
    let ours = report(&url, &label, "&description=%3DHYPERLINK(1)&bought_from=shop");
    report(&url, "/01/09506000134352/21/FAKE", "&lang=zh");
    let number = ours["complaint"].as_str().unwrap();
    let list = desk.ok(&format!("complaints list --url {url}"));
    assert!(list.contains(number) && list.contains("NOT OUR CODE") && list.contains("2 complaints"), "{list}");
    let answer = |zh: &str| {
        let typed = number.to_lowercase();
        let mut command = desk.command(&format!("complaints answer {typed} --url {url}"));
        command.args(["--zh", zh, "--en", "Taken down."]).output().unwrap()
    };
    assert!(answer("已下架").status.success());
    assert!(!answer(" ").status.success());
    assert!(desk.ok(&format!("complaints list --url {url}")).contains("1 complaints"));
    let all: Value = desk.json(&format!("complaints list --url {url} --state answered --json"));
    assert_eq!(
        (all[0]["answer"]["zh"].as_str(), all[0]["answered_by"].as_str()),
        (Some("已下架"), Some("complaints-desk"))
    );
    desk.ok(&format!("complaints export --url {url} --out all.csv"));
    let table = desk.text("all.csv");
    assert!(table.starts_with("\u{feff}number,") && table.contains("'=HYPERLINK(1)"), "no formula: {table}");
    desk.ok(&format!("complaints export --url {url} --out all.ndjson --state open"));
    assert_eq!(desk.text("all.ndjson").lines().count(), 1);

    // What builds before the list kept apart is asked for by each label and each day; here it is in the list already.
    let said = desk.ok(&format!("complaints gather --codes out/codes.csv --from 2026-11-01 --url {url}"));
    assert!(said.contains("1 complaints of earlier builds, 0 of them new"), "{said}");
    assert!(desk.fails(1, &format!("complaints gather --from 2026-13-01 --url {url}")).contains("YYYY-MM-DD"));
    desk.fails(2, &format!("complaints gather --url {url}"));

    // Whoever reported.
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
    let page = agent.get(format!("{url}/report?number={number}")).header("accept", "text/html");
    let page = page.header("accept-language", "zh-CN").call().unwrap().body_mut().read_to_string().unwrap();
    assert!(page.contains("已下架") && !page.contains("HYPERLINK"), "the answer, and nothing of the report");
    let said = desk.fails(1, &format!("complaints answer R-0000-0000-0000 --zh a --en b --url {url}"));
    assert!(said.contains("no complaint of this number"), "{said}");
    assert!(desk.fails(1, "complaints answer R-1 --zh a --en b --url http://127.0.0.1:9").contains("R-XXXX"));
    // A function that was not given the key, and one that was given another.
    let before = trace::serve(&desk.text("before.vars"), &desk.path("kv.db"));
    assert!(desk.fails(1, &format!("complaints list --url {before}")).contains("No key that may read complaints"));
}

/// More than a page.
#[test]
fn long_lists_have_pages() {
    let desk = Desk::with_keys();
    desk.ok("keys new --use operator --kid operator-1 --caller complaints-desk");
    desk.ok("keys export-env --function trace-verify --format workers --out trace.vars");
    let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450)
        INSERT INTO complaint (id, item, verified, at, reason, bought_from, description, lang)
        SELECT 'R-0000-0000-' || printf('%04d', i), '01/' || i, 1, i / 3, 'other', '', '', 'en' FROM n";
    let url = trace::serve_with(&desk.text("trace.vars"), &desk.path("kv.db"), sql);
    let all: Value = desk.json(&format!("complaints list --url {url} --json"));
    let numbers: std::collections::BTreeSet<&str> =
        all.as_array().unwrap().iter().map(|one| one["complaint"].as_str().unwrap()).collect();
    assert_eq!((all.as_array().unwrap().len(), numbers.len()), (450, 450));
}
