//! `policy/holidays.csv`: the State Council's rest days and adjusted working days (调休), by year.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use calendar::{date, parse_date, start_of_day, weekday, year};

/// Checks the file and writes `holidays.rs`.
pub fn compile(policy: &Path, out: &Path) {
    let path = policy.join("holidays.csv");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut sources: BTreeMap<i64, &str> = BTreeMap::new();
    let mut spans: Vec<(i64, i64, bool)> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let refuse = |reason: &str| -> ! { panic!("{}:{number}: {reason}: {line}", path.display()) };
        if let Some(comment) = line.strip_prefix('#') {
            let source = comment.trim().strip_prefix("source ").and_then(|rest| rest.split_once(": "));
            let Some((year, source)) = source else { refuse("`# source YEAR: …` is wanted") };
            sources.insert(year.parse().unwrap_or_else(|_| refuse("no year")), source);
            continue;
        }
        if line == "from,to,kind,name" || line.is_empty() {
            continue;
        }
        let cells: Vec<&str> = line.split(',').collect();
        let [from, to, kind, name] = cells[..] else { refuse("four cells are wanted") };
        let day = |text| parse_date(text).unwrap_or_else(|| refuse("no day"));
        let (from, to) = (day(from), day(to));
        if to < from || to - from > 15 || name.is_empty() {
            refuse("a span of 1 to 16 days with a name is wanted");
        }
        if !(from..=to).all(|day| sources.contains_key(&year(day))) {
            refuse("a day in a year without a source line");
        }
        if spans.last().is_some_and(|(_, before, _)| *before >= from) {
            refuse("not behind the line above");
        }
        let rest = match kind {
            "rest" => true,
            "work" => false,
            _ => refuse("kind is rest or work"),
        };
        if !rest && (from..=to).any(|day| weekday(day) < 6) {
            refuse("an adjusted working day is a Saturday or Sunday");
        }
        spans.push((from, to, rest));
    }
    let years: Vec<i64> = sources.keys().copied().collect();
    assert!(!years.is_empty(), "{}: no year", path.display());
    assert!(years.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{}: years have a gap: {years:?}", path.display());
    for year_wanted in &years {
        let rests = spans.iter().filter(|(from, _, rest)| *rest && year(*from) == *year_wanted).count();
        // New Year, Spring Festival, Qingming, Labour Day, Dragon Boat, and Mid-Autumn with or apart from National Day
        // (Regulation on Public Holidays, art. 2).
        assert!((6..=7).contains(&rests), "{}: {year_wanted}: {rests} holidays, 6 or 7 are wanted", path.display());
    }

    let mut rust = String::from("/// Years with their notices.\npub const SOURCES: &[(i64, &str)] = &[\n");
    for (year, source) in &sources {
        writeln!(rust, "    ({year}, {source:?}),").expect("writing to a string");
    }
    rust.push_str("];\n/// Spans of days, in order.\npub const SPANS: &[Span] = &[\n");
    for (from, to, rest) in &spans {
        writeln!(rust, "    Span {{ from: {from}, to: {to}, rest: {rest} }}, // {}", date(start_of_day(*from)))
            .expect("writing to a string");
    }
    rust.push_str("];\n");
    std::fs::write(out.join("holidays.rs"), rust).expect("OUT_DIR is writable");
}
