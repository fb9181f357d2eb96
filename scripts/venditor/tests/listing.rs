//! Listings on the command line: what it says is what the function answers, byte for byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use http::Method;
use listing_check::ListingCheck;
use serde_json::{Value, json};
use shared::http::{Head, Headers, Target};
use shared::platform::Answer;
use shared::platform::native::{self, Native};
use support::Desk;

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn an_uploader_is_believed_until_its_key_is_withdrawn() {
    let desk = Desk::with_keys();
    desk.ok("keys new --use uploader --kid shop-1 --caller merchants");
    let token = desk.ok("keys token --kid shop-1");
    desk.ok("keys export-env --format workers --function listing-check --out listing.vars");
    let vars = desk.text("listing.vars");
    assert!(vars.contains("LISTING_CALLERS=") && !vars.contains(token.trim()), "digests alone are configured");
    desk.fails(1, "keys new --use uploader --kid shop-1 --caller merchants");
    desk.ok("keys revoke shop-1 --uploader --reason ceased");
    let said = desk.fails(1, "keys export-env --format workers --function listing-check --out listing.vars");
    assert!(said.contains("keys new --use uploader"), "{said}");
    desk.fails(1, "keys token --kid shop-1");
}

#[test]
fn verdicts_are_those_of_the_function() {
    let desk = Desk::with_keys();
    desk.ok("keys new --use uploader --kid shop-1 --caller merchants");
    let token = desk.ok("keys token --kid shop-1");
    desk.ok("keys export-env --format workers --function listing-check --out listing.vars");
    let callers = desk.text("listing.vars");
    let callers = callers.lines().find_map(|line| line.strip_prefix("LISTING_CALLERS=")).unwrap().trim_matches('\'');
    let listing =
        json!({ "id": "7", "title": "高仿手表 加wei信", "skus": [{ "name": "加v abc_12345", "price_fen": 1 }] });
    desk.write("one.ndjson", &format!("{listing}\n\nnot json\n{{\"title\":\"杯子\"}}\n"));
    let output = desk.run("listing check one.ndjson");
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "a line was no listing");
    let said_lines: Vec<&str> = said.lines().collect();
    assert_eq!(said_lines.len(), 3);
    assert_eq!(lines(&said)[1]["line"], 3);
    let mut host = Native::new(listing_check::store::SCHEMA).unwrap();
    host.variables.insert("LISTING_CALLERS".to_owned(), callers.to_owned());
    let mut headers = Headers::default();
    headers.push("authorization", &format!("Bearer {}", token.trim()));
    headers.push("content-type", "application/json");
    host.headers = headers;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    host.now_ms.set(now.as_millis() as i64);
    let head = Head {
        method: Method::POST,
        target: Target::new("t.example", "/v1/listings/check"),
        accept: String::new(),
        accept_language: String::new(),
        request_id: String::new(),
        traceparent: String::new(),
    };
    let Answer::Ours(response) = native::handle::<ListingCheck>(&mut host, &head, listing.to_string().into_bytes())
    else {
        panic!("an answer of its own")
    };
    assert_eq!(String::from_utf8(response.body).unwrap(), said_lines[0]);
}

#[test]
fn csv_is_read_by_its_columns() {
    let desk = Desk::empty();
    desk.write("some.csv", "id,title,description,unknown\n1,杯子,加薇abc_12345,x\n2,茶壶,,\n");
    let said = lines(&desk.ok("listing check some.csv --lang en"));
    assert_eq!((said[0]["id"].as_str(), said[0]["outcome"].as_str()), (Some("1"), Some("reject")));
    assert_eq!((said[1]["id"].as_str(), said[1]["outcome"].as_str()), (Some("2"), Some("accept")));
    desk.write("zh.csv", "\u{feff}编号,商品标题,详情,类目,规格\n1,杯子,,家居/杯,红|加薇abc_12345\n");
    let said = lines(&desk.ok("listing check zh.csv"));
    assert_eq!((said[0]["id"].as_str(), said[0]["outcome"].as_str()), (Some("1"), Some("reject")));
    assert_eq!(said[0]["findings"][0]["pointer"], "/skus/1/name");
    desk.write("bad.csv", "编号,品名\n1,杯子\n");
    let said = desk.fails(1, "listing check bad.csv");
    assert!(said.contains("bad.csv:1: no column `title` (or 标题); the header has: 编号, 品名"), "{said}");
}

#[test]
fn a_text_is_explained_and_rows_are_measured_on_terms_of_ones_own() {
    let desk = Desk::empty();
    let said = desk.ok("listing explain 加薇信abc_12345 --lang en");
    assert!(said.contains("counts") && said.contains("abc_12345") && said.contains("bits"), "{said}");
    for (text, why) in [("玳瑁猫明信片", "a part of another thing's name"), ("不含大麻", "denied or warned of")]
    {
        let said = desk.ok(&format!("listing explain {text} --lang en"));
        let passed = said.lines().any(|line| line.starts_with("passed over") && line.contains(why));
        assert!(passed, "{text}: {said}");
        assert!(!said.lines().any(|line| line.starts_with("counts")), "{text}: {said}");
    }
    let said = desk.ok("listing explain 茶 --lang en");
    assert!(said.contains("No term was read") && said.contains("none came near"), "{said}");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions/listing-check/policy");
    desk.write("terms.txt", "蓝鳍鱼肝\n");
    desk.write(
        "rows.jsonl",
        "{\"kind\":\"pinyin\",\"text\":\"有lanqiyugan卖\",\"term\":\"蓝鳍鱼肝\"}\n\
         {\"kind\":\"number\",\"text\":\"电话①③⑧00138000\",\"value\":\"13800138000\"}\n\
         {\"kind\":\"plain\",\"text\":\"不锈钢手冲壶\"}\n{\"kind\":\"plain\",\"text\":\"假烟灰缸\"}\n",
    );
    let rows = format!("listing eval rows.jsonl --json --terms terms.txt --policy {}", folder.display());
    let said = desk.json(&rows);
    assert_eq!(said["found"], json!({ "rows": 2, "found": 2 }));
    assert_eq!(said["false_hits"], json!({ "rows": 2, "found": 0 }));
    let said = desk.ok(&format!("listing eval rows.jsonl --curve --terms terms.txt --policy {}", folder.display()));
    assert!(said.contains("pinyin") && said.contains("false hits"), "{said}");
    desk.write("terms.csv", "类别,关键词\n海鲜,蓝鳍鱼肝\n,六合彩\n,六合彩\n");
    desk.write("one.ndjson", "{\"title\":\"蓝鳍鱼肝 六合彩\"}\n");
    let said = desk.ok(&format!("listing check one.ndjson --terms terms.csv --policy {}", folder.display()));
    let messages: Vec<&str> = lines(&said).remove(0)["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["rule"].as_str().unwrap())
        .map(|rule| if rule == "own.list" { "list" } else { "category" })
        .collect();
    assert_eq!(messages, ["category", "list"], "{said}");
    desk.write("rows.jsonl", "{\"kind\":\"plain\",\"text\":\"a\"}\n{\"kind\":\"plain\"}\n");
    assert!(desk.fails(1, "listing eval rows.jsonl").contains("rows.jsonl:2: /text This member is missing."));
    desk.write("rows.jsonl", "{\"kind\"\n");
    assert!(desk.fails(1, "listing eval rows.jsonl").contains("rows.jsonl:1: this line is no JSON object: "));
}

#[test]
fn rules_have_dates_shadows_and_exceptions() {
    let desk = Desk::with_keys();
    let from = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/listing-check/policy");
    let copied = std::process::Command::new("cp").args(["-r", from]).arg(desk.path("own")).status().unwrap();
    assert!(copied.success());
    let rules = desk.text("own/rules.toml");
    let weapons = "[group.weapons]\nfamily = \"forbidden\"\n";
    let drugs = "[group.drugs]\nfamily = \"forbidden\"\n";
    let dated = rules.replace(weapons, &format!("{weapons}from = \"2027-01-01\"\nuntil = \"2028-01-01\"\n"));
    desk.write("own/rules.toml", &dated.replace(drugs, &format!("{drugs}shadow = true\n")));
    desk.write("own/exceptions.csv", "象牙,museum,,2027-06-01\n虎骨,,教学标本,2027-06-01\n");
    let outcome = |listing: Value, now: &str| {
        desk.write("one.ndjson", &format!("{listing}\n"));
        let said = desk.ok(&format!("listing check one.ndjson --policy own --now {now}"));
        lines(&said)[0]["outcome"].as_str().unwrap().to_owned()
    };
    let gun = json!({ "title": "枪支" });
    assert_eq!(outcome(gun.clone(), "2026-12-31"), "accept", "not yet");
    assert_eq!(outcome(gun.clone(), "2027-01-01"), "reject");
    assert_eq!(outcome(gun, "2028-01-01"), "accept", "no longer");
    assert_eq!(outcome(json!({ "title": "大麻" }), "2027-01-01"), "accept", "a shadow is told to the operator alone");
    let ivory = |seller: &str| json!({ "title": "象牙 摆件", "seller": { "id": seller } });
    assert_eq!(outcome(ivory("museum"), "2027-05-31"), "accept");
    assert_eq!(outcome(ivory("museum"), "2027-06-01"), "reject", "the exception has ended");
    assert_eq!(outcome(ivory("other"), "2027-05-31"), "reject");
    let bones = |category: &str| json!({ "title": "虎骨 模型", "category": ["教具", category] });
    assert_eq!(outcome(bones("教学标本"), "2027-05-31"), "accept");
    assert_eq!(outcome(bones("药材"), "2027-05-31"), "reject");
}

#[test]
fn a_verdict_is_bound_to_what_goes_on_sale() {
    let desk = Desk::empty();
    // What was judged, and kept: as LISTINGS.md shows it.
    desk.write("submitted.ndjson", "{\"id\":\"7\",\"title\":\"杯子\"}\n{\"id\":\"8\",\"title\":\"高仿手表\"}\n");
    let verdicts = desk.ok("listing check submitted.ndjson --now 2026-11-01");
    desk.write("verdicts.ndjson", &verdicts);
    let own = lines(&desk.ok("listing digest submitted.ndjson"));
    for (digest, verdict) in own.iter().zip(lines(&verdicts)) {
        assert_eq!((&digest["content"], &digest["policy"]), (&verdict["content"], &verdict["policy"]));
    }
    let status = |file: &str, more: &str| {
        let output = desk.run(&format!("listing digest {file} --against verdicts.ndjson {more}"));
        let told = lines(&String::from_utf8(output.stdout).unwrap());
        let status: Vec<String> = told.iter().map(|one| one["status"].as_str().unwrap_or("-").to_owned()).collect();
        (output.status.code(), status.join(" "))
    };
    assert_eq!(status("submitted.ndjson", ""), (Some(1), "accept review".to_owned()));
    // Another id, members that are not read and another order of members are the same content; a space is another.
    desk.write("same.ndjson", "{\"shelf\":3,\"title\":\"杯子\",\"id\":\"9\"}\n");
    assert_eq!(status("same.ndjson", ""), (Some(0), "accept".to_owned()));
    desk.write("edited.ndjson", "{\"id\":\"7\",\"title\":\"杯子 \"}\nno json\n");
    assert_eq!(status("edited.ndjson", ""), (Some(1), "changed -".to_owned()));
    // Other rules: ask again.
    desk.write("terms.txt", "杯子\n");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/listing-check/policy");
    assert_eq!(
        status("same.ndjson", &format!("--policy {folder} --terms terms.txt")),
        (Some(1), "rules-changed".to_owned())
    );
}
