//! Inspection records in bulk: from a table, from lines of JSON, with photos by folder; templates and the schema.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use support::Desk;

/// Keys, and three pieces of jade that have a record each.
fn desk() -> Desk {
    let desk = Desk::with_keys();
    desk.write("order.csv", "primary,quantity,batch\n01/09506000134352,2,TEA\n8004/950600013437,3,JADE\n");
    desk.ok("mint --csv order.csv --host t.example.cn --out out --images none");
    let text = |en: &str| json!({"zh": "文字", "en": en});
    let common = json!({
        "batch": "JADE", "primary": "8004/950600013437",
        "product": {"name": text("Pendant"), "brand": text("B")},
        "inspection": {
            "body": text("Body"), "certificate": "?", "method": text("M"), "standards": ["GB/T 16552-2017"],
            "results": [{"name": text("Mass"), "value": "?", "unit": "g"}],
            "inspected_on": "2026-01-02", "base": {"name": text("Base")}
        }
    });
    desk.write("jade.json", &common.to_string());
    desk
}

/// The rows of codes.csv of the jade: counter, url, serial.
fn pieces(desk: &Desk) -> Vec<(u32, String, String)> {
    let mut codes = csv::Reader::from_path(desk.path("out/codes.csv")).unwrap();
    let rows = codes.records().map(Result::unwrap).filter(|row| &row[5] == "JADE");
    rows.map(|row| (row[4].parse().unwrap(), row[1].to_owned(), row[3].to_owned())).collect()
}

fn payload(desk: &Desk, name: &str) -> Value {
    let envelope: Value = serde_json::from_slice(&desk.read(name)).unwrap();
    serde_json::from_slice(&STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap()).unwrap()
}

const SIGN: &str = "record sign --record jade.json --key record-1 --out records";

#[test]
fn one_record_a_piece_from_a_table() {
    let desk = desk();
    let pieces = pieces(&desk);
    let (first, last) = (pieces[0].0, pieces[2].0);
    let header =
        "\u{feff}url;Inspection.Certificate;inspection.results.0.value;inspection.standards;inspected;valid_until\n";
    let header = header.replace("inspected", "检验日期");
    let row = |n: usize| format!("{};C-{n};12.{n}0;GB 1；GB 2;2026/2/{};2027-01-31\n", pieces[n].1, n + 1);
    desk.write("pieces.csv", &format!("{header}{}{}{}", row(0), row(1), row(2)));
    assert!(desk.ok(&format!("{SIGN} --pieces pieces.csv")).contains("signed 3 records"));
    let record = payload(&desk, &format!("records/record-JADE-{last}.dsse.json"));
    assert_eq!(record["counter"], last);
    assert_eq!(record["inspection"]["certificate"], "C-2");
    assert_eq!(
        record["inspection"]["results"][0],
        json!({"name": {"zh": "文字", "en": "Mass"}, "value": "12.20", "unit": "g"})
    );
    assert_eq!(record["inspection"]["standards"], json!(["GB 1", "GB 2"]));
    assert_eq!(record["inspection"]["inspected_on"], "2026-02-03");
    assert_eq!(record["valid_until"], 1_801_411_199_999_i64, "the day's last instant in China");
    // Every piece has its record, so nobody is warned of jade.
    let output = desk.run("publish .venditor/keys/keyset.dsse.json out records --bulk b.json --unread");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("batch TEA has no") && !said.contains("JADE"), "{said}");

    // Faults: all of them, by line, and nothing is signed.
    fs::remove_dir_all(desk.path("records")).unwrap();
    let faults = [
        (format!("counter,inspection.certificate\n{first},C-1\n{first},C-2\n"), "pieces.csv:3: JADE-"),
        (format!("counter,inspection.certificate\n{first},9.5E+12\n"), "scientific notation"),
        (format!("counter,inspection.certificate\n{},C\n", last + 1), "batch JADE has"),
        ("counter,inspection.certificate\n1.5,C\n".to_owned(), "not a whole number"),
        (format!("counter,inspection.certficate\n{first},C-1\n"), "`inspection` has no member `certficate`; it has"),
        (format!("counter,product.name\n{first},C-1\n"), "name its members, as in `product.name.zh`"),
        (format!("counter,inspection.results.2.value\n{first},1\n"), "item 2 where there are 1"),
        (format!("counter,inspection.certificate\n{first},{}\n", "9".repeat(65)), "/inspection/certificate: too_long"),
        (format!("url,counter\n{},{last}\n", pieces[0].1), "the row names another"),
        ("url,batch\nHTTPS://T.EXAMPLE.CN/01/09506000134352/21/000000000000000000,JADE\n".to_owned(), "no label key"),
        ("counter,inspection.inspected_on\n1,10-Mar\n".to_owned(), "not a date"),
    ];
    for (table, wanted) in faults {
        desk.write("pieces.csv", &table);
        let said = desk.fails(1, &format!("{SIGN} --pieces pieces.csv"));
        assert!(said.contains(wanted) && !desk.path("records").exists(), "{wanted}: {said}");
    }
}

#[test]
fn one_record_a_piece_from_lines_of_json() {
    let desk = desk();
    let pieces = pieces(&desk);
    let line = |n: usize| {
        let counter = pieces[n].0;
        json!({"counter": counter, "inspection": {"certificate": format!("N-{n}"), "standards": null}}).to_string()
    };
    desk.write("pieces.ndjson", &format!("{}\n\n{}\r\n", line(0), line(1)));
    desk.ok(&format!("{SIGN} --pieces pieces.ndjson"));
    let record = payload(&desk, &format!("records/record-JADE-{}.dsse.json", pieces[1].0));
    assert_eq!(
        (&record["inspection"]["certificate"], &record["inspection"]["standards"]),
        (&json!("N-1"), &Value::Null)
    );
    desk.write("pieces.ndjson", &format!("{}\n[1]\n{{\"counter\": 1.5}}\n", line(0)));
    let said = desk.fails(1, &format!("{SIGN} --pieces pieces.ndjson"));
    assert!(said.contains("pieces.ndjson:2: not an object") && said.contains("pieces.ndjson:3: "), "{said}");
}

#[test]
fn photos_by_folder() {
    let desk = desk();
    let pieces = pieces(&desk);
    let png = |n: u8| [b"\x89PNG\r\n\x1a\n".as_slice(), &[n]].concat();
    let put = |name: String, bytes: &[u8]| {
        let path = desk.path("photos").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    put(format!("{}/front.png", pieces[0].0), &png(1));
    put(format!("{}/back.PNG", pieces[0].0), &png(2));
    put(format!("{}-1.jpg", pieces[1].0), b"\xff\xd8\xff1");
    put(format!("{}.png", pieces[2].2), &png(3));
    put("777.png".to_owned(), &png(4));
    let rows: String = pieces.iter().map(|(counter, ..)| format!("{counter},C-{counter}\n")).collect();
    desk.write("pieces.csv", &format!("counter,inspection.certificate\n{rows}"));
    let output = desk.run(&format!("{SIGN} --pieces pieces.csv --photos photos --alt-en Side-{{n}}"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("nobody's photos: 777"), "{said}");
    let photos = |n: usize| payload(&desk, &format!("records/record-JADE-{}.dsse.json", pieces[n].0))["photos"].clone();
    assert_eq!(photos(0).as_array().unwrap().len(), 2);
    assert_eq!(photos(0)[1]["alt"], json!({"zh": "实物照片 2", "en": "Side-2"}));
    assert_eq!(photos(1)[0]["type"], "image/jpeg");
    assert_eq!(photos(2).as_array().unwrap().len(), 1, "by its serial");
    let keys = desk.ok("publish .venditor/keys/keyset.dsse.json out records photos --bulk b.json --unread");
    assert_eq!(keys.lines().filter(|key| key.starts_with("photo/")).count(), 4);
    put(format!("{}/no.png", pieces[0].0), b"no image");
    assert!(desk.fails(1, &format!("{SIGN} --pieces pieces.csv --photos photos")).contains("is no JPEG"));
    // Of a batch: what lies in the folder itself.
    let mut batch: Value = serde_json::from_slice(&desk.read("jade.json")).unwrap();
    (batch["batch"], batch["primary"]) = ("TEA".into(), "01/09506000134352".into());
    desk.write("tea.json", &batch.to_string());
    desk.ok("record sign --record tea.json --key record-1 --out tea.dsse.json --photos photos");
    assert_eq!(payload(&desk, "tea.dsse.json")["photos"].as_array().unwrap().len(), 3);
}

#[test]
fn templates_are_filled_in_before_they_are_signed() {
    let desk = desk();
    desk.ok("record template --batch TEA --out tea.json");
    let said = desk.fails(1, "record sign --record tea.json --key record-1 --out tea.dsse.json");
    assert!(said.contains("is still the template's"), "{said}");
    let filled = desk.text("tea.json").replace("<fill in>", "2026-01-02");
    desk.write("tea.json", &filled);
    desk.ok("record sign --record tea.json --key record-1 --out tea.dsse.json");
    assert!(desk.fails(1, "record template --batch TEA --out tea.json").contains("exists already"));
    assert!(desk.fails(1, "record template --batch X --out x.json").contains("(TEA, JADE were)"));
    desk.ok("record template --batch X --primary 01/09506000134352 --counter 3 --out x.json");

    desk.ok("record template --batch JADE --pieces --out jade");
    desk.write("jade/record.json", &desk.text("jade/record.json").replace("<fill in>", "文字"));
    let table = desk.text("jade/pieces.csv");
    assert_eq!(table.lines().count(), 4);
    desk.write("jade/pieces.csv", &table.replace(",,", ",C-1,2026-01-02").replace("\r\n", "\n"));
    desk.ok("record sign --record jade/record.json --pieces jade/pieces.csv --key record-1 --out records");
    assert_eq!(fs::read_dir(desk.path("records")).unwrap().count(), 3);
}

#[test]
fn the_schema_is_printed_as_it_is_published() {
    let desk = Desk::empty();
    let published = concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/trace-verify/record.schema.json");
    assert_eq!(desk.ok("record schema"), fs::read_to_string(published).unwrap());
}
