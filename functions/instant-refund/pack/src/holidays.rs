//! `holidays.csv`: the State Council's rest days and adjusted working days (调休), by year. Under `spans`: first day, last
//! day (both counted from 1970-01-01) and whether they are rest days, of each span in order; under `source/2026`: the notice.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{date, parse_date, start_of_day, weekday, year};
use pack_source::csv::{Cell, lines};
use pack_source::{Change, Files, Findings, Map, MapWriter};

const FILE: &str = crate::HOLIDAYS;
const HEADER: &str = "from,to,kind,name";
/// Longest span, days.
const LONGEST: i64 = 16;
/// Holidays of a year: New Year, Spring Festival, Qingming, Labour Day, Dragon Boat, and Mid-Autumn with or apart from
/// National Day (Regulation on Public Holidays, art. 2).
const A_YEAR: std::ops::RangeInclusive<usize> = 6..=7;

struct Span {
    from: i64,
    to: i64,
    rest: bool,
}

/// Compiles the file.
pub(crate) fn compile(files: &Files, findings: &Findings) -> Option<Vec<u8>> {
    let text = files.text(FILE, findings)?;
    let mut sources: BTreeMap<i64, &str> = BTreeMap::new();
    let mut spans: Vec<Span> = Vec::new();
    for line in lines(text) {
        let refuse = |column, reason: String| findings.error(FILE, line.number, column, reason);
        if let Some(comment) = line.comment() {
            let source = comment.strip_prefix("source ").and_then(|rest| rest.split_once(": "));
            match source.and_then(|(year, source)| Some((year.parse().ok()?, source))) {
                Some((year, source)) => drop(sources.insert(year, source)),
                None => refuse(1, "`# source YEAR: …` is wanted".to_owned()),
            }
        } else if line.text != HEADER {
            match span(&line.cells(), &sources, spans.last()) {
                Ok(span) => spans.push(span),
                Err((column, reason)) => refuse(column, reason),
            }
        }
    }
    if sources.is_empty() {
        findings.error(FILE, 0, 0, "`# source YEAR: …` is missing");
    }
    let years: Vec<i64> = sources.keys().copied().collect();
    for (year, next) in years.iter().zip(years.iter().skip(1)) {
        if year.saturating_add(1) != *next {
            findings.error(FILE, 0, 0, format!("there is no year between {year} and {next}"));
        }
    }
    for wanted in &years {
        let rests = spans.iter().filter(|span| span.rest && year(span.from) == *wanted).count();
        if !A_YEAR.contains(&rests) {
            findings.error(FILE, 0, 0, format!("{wanted} has {rests} holidays, 6 or 7 are wanted"));
        }
    }
    let mut map = MapWriter::new();
    map.ints("spans", spans.iter().flat_map(|span| [span.from, span.to, span.rest.into()]));
    for (year, source) in sources {
        map.text(format!("source/{year}"), source);
    }
    map.finish()
}

/// The span of a line, or where in it what is wrong.
fn span(cells: &[Cell<'_>], sources: &BTreeMap<i64, &str>, last: Option<&Span>) -> Result<Span, (u32, String)> {
    let [from, to, kind, name] = cells else { return Err((0, "four cells are wanted".to_owned())) };
    let day = |cell: &Cell<'_>| {
        parse_date(cell.text).ok_or_else(|| (cell.column, format!("{:?} is no day, YYYY-MM-DD", cell.text)))
    };
    let (first, end) = (day(from)?, day(to)?);
    if end < first || end.saturating_sub(first) >= LONGEST {
        return Err((to.column, format!("a span of 1 to {LONGEST} days is wanted")));
    }
    if name.text.is_empty() {
        return Err((name.column, "the name is missing".to_owned()));
    }
    if let Some(day) = (first..=end).find(|day| !sources.contains_key(&year(*day))) {
        return Err((from.column, format!("{} has no `# source` line above", year(day))));
    }
    if last.is_some_and(|last| last.to >= first) {
        return Err((from.column, "not behind the line above".to_owned()));
    }
    let rest = match kind.text {
        "rest" => true,
        "work" => false,
        other => return Err((kind.column, format!("{other:?}: rest or work is wanted"))),
    };
    if !rest && (first..=end).any(|day| weekday(day) < 6) {
        return Err((from.column, "an adjusted working day is a Saturday or Sunday".to_owned()));
    }
    Ok(Span { from: first, to: end, rest })
}

/// What changed: days that become rest days or working days, and years that are known now.
pub(crate) fn changes(before: Map<'_>, after: Map<'_>) -> Vec<Change> {
    let (was, is) = (days(before), days(after));
    let all: BTreeSet<i64> = was.keys().chain(is.keys()).copied().collect();
    let years = |map: Map<'_>| map.under("source/").map(|(key, _)| key.to_owned()).collect::<BTreeSet<_>>();
    let (known, known_now) = (years(before), years(after));
    let year = |key: &str| key.trim_start_matches("source/").to_owned();
    let added = known_now.difference(&known).map(|key| {
        let (year, source) = (year(key), after.text(key).unwrap_or_default());
        Change::new(
            format!("新增{year}年节假日（{source}）"),
            format!("The holidays of {year} are known now ({source})"),
        )
    });
    let removed = known.difference(&known_now).map(|key| {
        let year = year(key);
        Change::new(format!("删去{year}年节假日"), format!("The holidays of {year} are no longer known"))
    });
    let mut told: Vec<Change> = added.chain(removed).collect();
    for day in all {
        // Of a year that is new or gone, the line above says all.
        let key = format!("source/{}", calendar::year(day));
        let (was, is) = (was.get(&day).copied(), is.get(&day).copied());
        if was == is || known.contains(&key) != known_now.contains(&key) {
            continue;
        }
        let rest = is.unwrap_or_else(|| weekday(day) >= 6);
        let date = date(start_of_day(day));
        let (zh, en) = if rest { ("休息日", "a rest day") } else { ("工作日", "a working day") };
        told.push(Change::new(format!("{date} 改为{zh}"), format!("{date} becomes {en}")));
    }
    told
}

fn days(map: Map<'_>) -> BTreeMap<i64, bool> {
    let values: Vec<i64> = map.ints("spans").collect();
    let spans = values.as_chunks::<3>().0.iter();
    // A pack from elsewhere may claim spans without end.
    let days = |[from, to, rest]: &[i64; 3]| {
        let to = (*to).min(from.saturating_add(LONGEST));
        (*from..=to).map(move |day| (day, *rest != 0)).collect::<Vec<_>>()
    };
    spans.flat_map(days).collect()
}
