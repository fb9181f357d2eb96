//! `policy/tables/*.csv`: reads each edition of each table, proves it, and writes it as constants.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use calendar::{parse_date, start_of_day};
use decision_table::compare::{Excess, excesses};
use decision_table::{Domain, HitPolicy, Output, Table, Test, check, read};

/// The tables that the code asks, with the columns that it asks them by. Columns are named because `src/tables.rs`
/// reads them by place.
const EXPECTED: [(&str, HitPolicy, &[&str], &[&str]); 6] = [
    ("instant_caps", HitPolicy::Unique, &["level"], &["cap_fen", "per_year"]),
    (
        "lateness",
        HitPolicy::Unique,
        &["paid_fen", "promise", "hours_late"],
        &["fixed_fen", "permille", "min_fen", "max_fen"],
    ),
    ("lateness_extra", HitPolicy::CollectSum, &["promise", "hours_late"], &["extra_fen"]),
    ("real_freight", HitPolicy::Unique, &["from", "to", "weight_kg"], &["first_fen", "next_fen"]),
    ("region_groups", HitPolicy::Unique, &["region"], &["group"]),
    ("self_mail_tariff", HitPolicy::Unique, &["from", "to", "weight_kg"], &["first_fen", "next_fen", "most_fen"]),
];

/// Most lines of warnings that a build prints; the compiled report has them all.
const MOST_WARNINGS: usize = 10;

/// Editions of one table, by their first day.
type Editions = BTreeMap<i64, (String, Table)>;

/// Reads, proves and writes `tables.rs`.
pub fn compile(policy: &Path, out: &Path) {
    let mut all: BTreeMap<String, Editions> = BTreeMap::new();
    let folder = policy.join("tables");
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            let (file, table) = prove(&path);
            let from = parse_date(table.effective_from)
                .unwrap_or_else(|| panic!("{file}: effective_from: {} is no day", table.effective_from));
            let editions = all.entry(table.name.to_owned()).or_default();
            if let Some((other, _)) = editions.insert(from, (file.clone(), table)) {
                panic!("{file}: in force from the same day as {other}");
            }
        }
    }
    for (name, ..) in EXPECTED {
        assert!(all.contains_key(name), "{}: {name}.csv is missing", folder.display());
    }
    // Groups that no tariff knows, or tariffs that no group leads to, would be gaps between tables.
    for (file, groups) in all["region_groups"].values() {
        for tariff in ["self_mail_tariff", "real_freight"] {
            for (other, table) in all[tariff].values() {
                for input in &table.inputs[..2] {
                    same_groups(file, groups, other, input.domain);
                }
            }
        }
    }
    let warnings = arbitrage(&all["self_mail_tariff"], &all["real_freight"]);
    for warning in warnings.iter().take(MOST_WARNINGS) {
        println!("cargo:warning={warning}");
    }
    if warnings.len() > MOST_WARNINGS {
        println!(
            "cargo:warning=… and {} more; tables::compiled::ARBITRAGE has them all",
            warnings.len() - MOST_WARNINGS
        );
    }
    std::fs::write(out.join("tables.rs"), write(&all, &warnings)).expect("OUT_DIR is writable");
}

/// One file: its name for messages, and its table without flaws.
fn prove(path: &Path) -> (String, Table) {
    let file = format!("policy/tables/{}", path.file_name().and_then(|name| name.to_str()).expect("names are UTF-8"));
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{file}: {e}"));
    let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("names are UTF-8");
    let name = stem.split_once('-').map_or(stem, |(name, _)| name);
    let table = read::table(name, &text).unwrap_or_else(|error| panic!("{file}:{error}"));
    let Some((_, policy, inputs, outputs)) = EXPECTED.iter().find(|(known, ..)| *known == name) else {
        panic!("{file}: no code asks a table {name}");
    };
    assert!(table.policy == *policy, "{file}: hit policy {:?} is wanted", policy);
    assert!(table.inputs.iter().map(|c| c.name).eq(inputs.iter().copied()), "{file}: inputs {inputs:?} are wanted");
    assert!(table.outputs.iter().map(|c| c.name).eq(outputs.iter().copied()), "{file}: outputs {outputs:?} are wanted");
    let flaws: Vec<String> = check::all(&table).iter().map(|flaw| format!("{file}: {flaw}")).collect();
    assert!(flaws.is_empty(), "{}", flaws.join("\n"));
    (file, table)
}

fn same_groups(file: &str, groups: &Table, other: &str, domain: Domain) {
    let mut given: Vec<&str> = Vec::new();
    for rule in groups.rules {
        let Some(Output::Text(group)) = rule.outputs.first() else {
            panic!("{file}:{}: group:text is wanted", rule.line)
        };
        given.push(group);
    }
    let Domain::Texts(known) = domain else { panic!("{other}: regions are texts") };
    let mut known = known.to_vec();
    given.sort_unstable();
    given.dedup();
    known.sort_unstable();
    assert!(given == known, "{file} gives the groups {given:?}, {other} knows {known:?}");
}

/// Where the insurance pays more than posting costs, of editions that are in force at the same time.
fn arbitrage(payouts: &Editions, costs: &Editions) -> Vec<String> {
    let mut found: Vec<(i64, String)> = Vec::new();
    for (file, payout, ends) in periods(payouts) {
        for (cost_file, cost, cost_ends) in periods(costs) {
            let starts = |table: &Table| parse_date(table.effective_from).expect("read before");
            if starts(payout) >= cost_ends || starts(cost) >= ends {
                continue;
            }
            let all = excesses(payout, cost).unwrap_or_else(|error| panic!("{file}: {error}"));
            for Excess { payout_line, cost_line, region, paid, costs, at } in all {
                let text = format!(
                    "{file}:{payout_line}: pays more than posting costs ({cost_file}:{cost_line}): {region}; \
                     most at {at}: {paid} fen for {costs}"
                );
                found.push((costs - paid, text));
            }
        }
    }
    found.sort();
    found.into_iter().map(|(_, text)| text).collect()
}

/// Each edition with the day on which the next takes over.
fn periods(editions: &Editions) -> impl Iterator<Item = (&str, &Table, i64)> {
    let ends = editions.keys().copied().skip(1).chain([i64::MAX]);
    editions.values().zip(ends).map(|((file, table), end)| (file.as_str(), table, end))
}

fn write(all: &BTreeMap<String, Editions>, warnings: &[String]) -> String {
    let mut out = String::new();
    for (name, editions) in all {
        let constant = name.to_uppercase();
        for (number, (_, table)) in editions.values().enumerate() {
            writeln!(out, "static {constant}_{number}: Table = {};", expression(table)).expect("writing to a string");
        }
        let title = editions.values().next().map_or("", |(_, table)| table.title);
        write!(out, "/// {title}: its editions, by their first instant.\npub static {constant}: &[Edition] = &[")
            .expect("writing to a string");
        for (number, from) in editions.keys().enumerate() {
            write!(out, "Edition {{ from_ms: {}, table: &{constant}_{number} }}, ", start_of_day(*from))
                .expect("writing to a string");
        }
        out.push_str("];\n");
    }
    let doc = "Where the freight insurance pays more than posting costs: each region, the worst first.";
    writeln!(out, "/// {doc}\npub const ARBITRAGE: &[&str] = &{warnings:?};").expect("writing to a string");
    out
}

/// A table as a Rust expression. `Debug` prints all of it but the `&` before slices, which the hand-written parts add.
fn expression(table: &Table) -> String {
    let Table { name, title, source, effective_from, status, policy, inputs, outputs, rules, amount, cap, monotone } =
        table;
    let mut out = format!(
        "Table {{ name: {name:?}, title: {title:?}, source: {source:?}, effective_from: {effective_from:?}, \
         status: Status::{status:?}, policy: HitPolicy::{policy:?}, cap: {cap:?}, monotone: {monotone:?}, "
    );
    match amount {
        Some(amount) => write!(out, "amount: Some(Amount::{amount:?}), ").expect("writing to a string"),
        None => out.push_str("amount: None, "),
    }
    out.push_str("inputs: &[");
    for column in *inputs {
        let domain = match column.domain {
            Domain::Ints(interval) => format!("Domain::Ints({interval:?})"),
            Domain::Texts(texts) => format!("Domain::Texts(&{texts:?})"),
        };
        write!(out, "Column {{ name: {:?}, domain: {domain} }}, ", column.name).expect("writing to a string");
    }
    writeln!(out, "], outputs: &{outputs:?}, rules: &[").expect("writing to a string");
    for rule in *rules {
        write!(out, "    Rule {{ id: {:?}, line: {}, tests: &[", rule.id, rule.line).expect("writing to a string");
        for test in rule.tests {
            let test = match test {
                Test::Any => "Test::Any, ".to_owned(),
                Test::Ints(intervals) => format!("Test::Ints(&{intervals:?}), "),
                Test::Texts(mask) => format!("Test::Texts({mask:#x}), "),
            };
            out.push_str(&test);
        }
        out.push_str("], outputs: &[");
        for output in rule.outputs {
            write!(out, "Output::{output:?}, ").expect("writing to a string");
        }
        out.push_str("] },\n");
    }
    out.push_str("] }");
    out
}
