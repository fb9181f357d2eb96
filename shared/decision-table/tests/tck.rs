//! The DMN TCK as an oracle for the decision-table engine; `dmn_tck/README.md` says what is restated and what is not.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests may fail by panicking")]

use decision_table::check::{self, FlawKind};
use decision_table::{Domain, HitPolicy, Output, Table, TableView, Value, read};

const HEAD: &str = "# title: DMN TCK\n# source: dmn-tck/tck\n# status: example\n# effective_from: 2024-01-01\n";

/// A case: its id, inputs and expected outputs.
type Case = (String, Vec<String>, String);

/// Each section: its original's name, its table, and its cases.
fn sections() -> Vec<(String, Table, Vec<Case>)> {
    let text = include_str!("dmn_tck/cases.txt");
    let list = |text: &str| text.split(',').map(|part| part.trim().to_owned()).collect();
    let section = |text: &str| {
        let (name, rest) = text.split_once('\n').unwrap();
        let (cases, table): (Vec<&str>, Vec<&str>) = rest.lines().partition(|line| line.starts_with("? "));
        let cases = cases.iter().map(|case| {
            let (id, case) = case.trim_start_matches("? ").split_once(": ").unwrap();
            let (inputs, expected) = case.split_once(" = ").unwrap();
            (id.to_owned(), list(inputs), expected.to_owned())
        });
        let table = read::table(name, &format!("{HEAD}{}", table.join("\n"))).unwrap_or_else(|e| panic!("{name}: {e}"));
        (name.to_owned(), table, cases.collect())
    };
    text.split("== ").filter(|text| !text.is_empty()).map(section).collect()
}

fn words(outputs: &[Output<'_>]) -> String {
    let word = |output: &Output<'_>| match output {
        Output::Int(value) => value.to_string(),
        Output::Text(text) => (*text).to_owned(),
    };
    outputs.iter().map(word).collect::<Vec<_>>().join(", ")
}

#[test]
fn the_engine_answers_as_the_tck_expects() {
    let mut asked = 0;
    for (name, table, cases) in sections() {
        let bytes = table.to_bytes().unwrap();
        let view = TableView::open(&bytes).unwrap();
        for (id, inputs, expected) in cases {
            let value = |(input, text): (&decision_table::Column, &'static str)| match input.domain {
                Domain::Ints(_) => Value::Int(text.parse().unwrap()),
                Domain::Texts(_) => Value::Text(text),
            };
            let texts: Vec<&'static str> = inputs.into_iter().map(|text| &*text.leak()).collect();
            let values: Vec<Value<'_>> = table.inputs.iter().zip(texts).map(value).collect();
            let outcome = view.evaluate(&values).unwrap_or_else(|e| panic!("{name} {id}: {e}"));
            let outcome = outcome.unwrap_or_else(|| panic!("{name} {id}: no hit"));
            let answer = match table.policy {
                HitPolicy::Collect => {
                    let row = |rule| words(&view.outputs_of(rule).unwrap());
                    outcome.rules().map(row).collect::<Vec<_>>().join("; ")
                }
                _ => words(outcome.outputs()),
            };
            assert_eq!(answer, expected, "{name} {id}");
            asked += 1;
        }
    }
    assert_eq!(asked, 30, "cases of ten tables, three each");
}

/// What the proofs say of the TCK's tables, as anyone can see by reading them.
#[test]
fn the_proofs_judge_the_tables_rightly() {
    for (name, table, _) in sections() {
        let found: Vec<(FlawKind, Vec<u32>)> = check::all(&table).into_iter().map(|f| (f.kind, f.lines)).collect();
        let expected: &[(FlawKind, Vec<u32>)] = match name.as_str() {
            // Nothing is said of High, of unaffordable, and of most of Low; of ages up to 0.
            "0108-first-hitpolicy" | "0111-first-hitpolicy-singleoutputcol" => &[(FlawKind::Gap, vec![])],
            _ => &[],
        };
        assert_eq!(found, expected, "{name}");
    }
}

/// What it costs is measured by `scripts/bench` (`tests/bench/decide`).
#[test]
fn each_of_500_rules_is_found() {
    let mut text = format!("{HEAD}# domain route: a|b|c|d|e\n# domain kg: 1..100\nU,route,kg,fen\n");
    for (place, route) in ["a", "b", "c", "d", "e"].iter().enumerate() {
        for kg in 1..=100 {
            text.push_str(&format!("r{place}.{kg},{route},{kg},{}\n", kg * 100));
        }
    }
    let table = read::table("large", &text).unwrap();
    assert_eq!(check::all(&table), []);
    let bytes = table.to_bytes().unwrap();
    let table = TableView::open(&bytes).unwrap();
    for (place, route) in ["a", "b", "c", "d", "e"].iter().enumerate() {
        for kg in 1..=100 {
            let outcome = table.evaluate(&[Value::Text(route), Value::Int(kg)]).unwrap().unwrap();
            assert_eq!(outcome.int(0), Some(kg * 100), "r{place}.{kg}");
        }
    }
}
