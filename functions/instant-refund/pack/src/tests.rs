use std::path::Path;

use decision_table::check::{self, FlawKind};
use decision_table::{Rule, Table, TableView, Value, read};
use pack_source::{Finding, section};

use super::*;

fn files() -> Files {
    Files::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy")).unwrap()
}

/// The folder with something in a file replaced, which must be there once.
fn with(file: &str, from: &str, to: &str) -> Files {
    let mut files = files();
    let text = files.text(file, &Findings::new()).unwrap().to_owned();
    assert_eq!(text.matches(from).count(), 1, "{from} in {file}");
    files.put(file, text.replace(from, to));
    files
}

/// What is wrong besides what is wrong with the bundled folder, without lines.
fn said(files: &Files) -> Vec<String> {
    let findings = compile(files).findings.into_iter();
    let known = "tables/self_mail_tariff.csv: warning: pays more than posting costs";
    let said = findings.map(|finding| Finding { line: 0, column: 0, ..finding }.to_string());
    said.filter(|said| !said.starts_with(known)).collect()
}

fn changed(before: &Files, after: &Files) -> Vec<(String, String)> {
    let pack = |files: &Files| compile(files).pack(&KIND).unwrap();
    let told = changes::between(&pack(before), &pack(after));
    told.into_iter().map(|change| (change.zh, change.en)).collect()
}

/// The press reports this route: Heilongjiang to Yiwu pays 13 yuan, and costs 8. It is the only one.
#[test]
fn the_bundled_folder_is_a_pack_with_one_arbitrage() {
    let findings: Vec<String> = compile(&files()).findings.iter().map(ToString::to_string).collect();
    let [warning] = findings.as_slice() else { panic!("{findings:?}") };
    assert!(warning.contains("from=northeast, to=yangtze") && warning.contains("1300 fen for 800"), "{warning}");
    let pack = compile(&files()).pack(&KIND).unwrap();
    let names: Vec<&str> = pack.manifest.sections.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["figures", "holidays", "tables", "words"]);
    let figures = section(&pack, "figures");
    assert_eq!(figures.ints("freight_insurance").len(), 2);
    assert_eq!(figures.int("freight_insurance/1/self_mail_fixed_fen"), Some(1000));
    assert_eq!(section(&pack, "words").len(), TEXTS.len() * 2);
    let tables = section(&pack, "tables");
    assert!(tables::EXPECTED.iter().all(|table| tables.ints(table.name).len() > 0));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let cases: [(&str, &str, &str, &str); 12] = [
        (
            "policy.toml",
            "no_reason_days = { value = 7",
            "no_reason_days = { value = 6",
            "policy.toml: error: [law] (no. 1).no_reason_days.value = 6: an integer from 7 to 365 is wanted",
        ),
        (
            "policy.toml",
            "fault_days =",
            "fault_day =",
            "policy.toml: error: [law] (no. 1).fault_day: no such name here; did you mean fault_days?",
        ),
        (
            "policy.toml",
            "effective_from = \"2024-01-01\"",
            "effective_from = \"2018-01-01\"",
            "policy.toml: error: [freight_insurance] (no. 2).effective_from: editions must follow each other in time",
        ),
        (
            "policy.toml",
            "unsecured_fen = { value = 200000",
            "unsecured_fen = { value = 1000000000",
            "policy.toml: error: [fund] (no. 1).unsecured_fen = 1000000000: not below total_limit_fen = 1000000000",
        ),
        (
            "tables/self_mail_tariff.csv",
            "yangtze.far_west,yangtze,far_west,-,1000,800,2500",
            "yangtze.far_west,yangtze,far_wset,-,1000,800,2500",
            "tables/self_mail_tariff.csv: error: to: \"far_wset\" is not in the column's domain; did you mean far_west?",
        ),
        (
            "tables/self_mail_tariff.csv",
            "yangtze.far_west,yangtze,far_west,-,1000,800,2500\n",
            "",
            "tables/self_mail_tariff.csv: error: no rule hits: from=yangtze, to=far_west, weight_kg=1..20 (20 cases in all)",
        ),
        (
            "tables/instant_caps.csv",
            "# monotone",
            "# monoton",
            "tables/instant_caps.csv: error: monoton: no such header line; did you mean monotone?",
        ),
        (
            "tables/region_groups.csv",
            "northeast,210000|220000|230000,northeast",
            "northeast,210000|220000|230000,north",
            "tables/region_groups.csv: error: no region leads to the group northeast of tables/self_mail_tariff.csv",
        ),
        (
            "tables/instant_caps-2026.csv",
            "2026-01-01",
            "2024-01-01",
            "tables/instant_caps.csv: error: in force from the same day as tables/instant_caps-2026.csv",
        ),
        (
            "holidays.csv",
            "2024-02-04,2024-02-04,work,春节",
            "2024-02-05,2024-02-05,work,春节",
            "holidays.csv: error: an adjusted working day is a Saturday or Sunday",
        ),
        (
            "holidays.csv",
            "2025-01-01,2025-01-01,rest",
            "2025-01-01,2025-01-01,rset",
            "holidays.csv: error: \"rset\": rest or work is wanted",
        ),
        (
            "messages.toml",
            "[waiting]\nmerchant_answer",
            "[waiting]\nmerchant_anser",
            "messages.toml: error: [waiting] merchant_answer is missing",
        ),
    ];
    for (file, from, to, expected) in cases {
        let said = said(&with(file, from, to));
        assert!(said.iter().any(|said| said == expected), "{to}: {said:#?}");
    }
    let mut missing = files();
    missing.put("tables/lateness_exta.csv", "");
    assert_eq!(said(&missing), ["tables/lateness_exta.csv: error: no such file in this pack"]);
}

#[test]
fn a_typing_mistake_in_a_cell_is_shown_where_it_is() {
    let files = with("tables/self_mail_tariff.csv", "south.far_west,south,far_west,", "south.far_west,suoth,far_west,");
    let findings = compile(&files).findings;
    let found = findings.iter().find(|finding| finding.reason.contains("suoth")).unwrap();
    assert_eq!((found.line > 11, found.column, found.suggestion.as_deref()), (true, 16, Some("south")));
}

#[test]
fn a_manager_reads_what_changed_and_for_which_orders() {
    // A new edition of the tariff.
    let mut after = files();
    let tariff = after.text("tables/self_mail_tariff.csv", &Findings::new()).unwrap();
    let from = "yangtze.far_west,yangtze,far_west,-,1000,800,2500";
    let tariff =
        tariff.replace("2024-01-01", "2026-12-01").replace(from, "yangtze.far_west,yangtze,far_west,-,1200,800,2500");
    after.put("tables/self_mail_tariff-2026.csv", tariff);
    assert_eq!(
        changed(&files(), &after),
        [(
            "退货运费赔付从上海、江苏、浙江、安徽至西藏、新疆：首重由10.00元改为12.00元，适用于2026年12月1日起付款的订单".to_owned(),
            "Return freight from Shanghai, Jiangsu, Zhejiang, Anhui to Tibet, Xinjiang: first kilogram 10.00 yuan becomes \
             12.00 yuan, for orders paid from 1 December 2026 on"
                .to_owned()
        )]
    );
    let en =
        |file, from, to| changed(&files(), &with(file, from, to)).into_iter().map(|(_, en)| en).collect::<Vec<_>>();
    assert_eq!(
        en("tables/instant_caps-2026.csv", "trusted,[5..6],30000,10", "trusted,[5..6],40000,10"),
        [
            "Instant refunds (buyer level 5 to 6): at most one refund of 300.00 yuan becomes 400.00 yuan, for orders paid \
          from 1 January 2026 on"
        ]
    );
    assert_eq!(
        en("policy.toml", "self_mail_fixed_fen = { value = 800", "self_mail_fixed_fen = { value = 900"),
        ["Fixed payout for self-mail: 8.00 yuan becomes 9.00 yuan, for orders paid from 1 January 2019 on and before \
          1 January 2024"]
    );
    assert_eq!(
        en("policy.toml", "opens_minute = { value = 540", "opens_minute = { value = 510"),
        ["Business begins: 09:00 becomes 08:30, for orders paid from 1 January 2019 on"]
    );
    assert_eq!(
        en("holidays.csv", "2024-06-10,2024-06-10", "2024-06-11,2024-06-11"),
        ["2024-06-10 becomes a working day", "2024-06-11 becomes a rest day"]
    );
    let other = en(
        "messages.toml",
        "merchant_answer = { zh = \"等待商家答复\", en = \"Waiting",
        "merchant_answer = { zh = \"等待商家答复\", en = \"It waits",
    );
    assert_eq!(other.len(), 1, "{other:?}");
    assert_eq!(changed(&files(), &files()), []);
}

/// The proofs notice what they are for: each rule is needed, and none may be there twice.
#[test]
fn a_rule_too_few_or_too_many_is_noticed() {
    let files = files();
    let mut looked_at = 0;
    for path in files.paths().filter(|path| tables::is_table(path)) {
        let table = read::table("t", files.text(path, &Findings::new()).unwrap()).unwrap();
        if !table.policy.wants_a_hit() {
            continue;
        }
        for (place, rule) in table.rules.iter().enumerate() {
            let with = |rules: Vec<Rule>| check::all(&Table { rules: rules.leak(), ..table });
            let mut fewer = table.rules.to_vec();
            fewer.remove(place);
            let found = with(fewer);
            assert!(found.iter().any(|flaw| flaw.kind == FlawKind::Gap), "{path} without {}: {found:?}", rule.id);
            let found = with([table.rules, &[*rule]].concat());
            let lines = vec![rule.line];
            let noticed = found.iter().any(|flaw| flaw.kind == FlawKind::Overlap && flaw.lines == lines);
            assert!(noticed, "{path} with {} twice: {found:?}", rule.id);
            looked_at += 1;
        }
    }
    assert!(looked_at > 100, "{looked_at}");
}

#[test]
fn the_example_in_the_readme_is_a_table() {
    let readme = include_str!("../../policy/tables/README.md");
    let example = readme.split("```csv\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let table = read::table("example", example).unwrap();
    assert_eq!(check::all(&table), []);
    let bytes = table.to_bytes().unwrap();
    let view = TableView::open(&bytes).unwrap();
    let inputs = [Value::Int(31_299), Value::Text("spot")];
    let outcome = view.evaluate(&inputs).unwrap().unwrap();
    assert_eq!(view.amount(&inputs, &outcome), Some(312));
}
