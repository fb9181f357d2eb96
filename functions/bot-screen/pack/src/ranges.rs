//! `ranges.toml` and the files of addresses that it names, compiled to the bytes that [`screen_rules::ranges`] reads.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use pack_source::toml::{Document, Table, Value};
use pack_source::{Change, Files, Finding, Findings, Map, MapWriter, csv, nearest};
use screen_rules::Ranges;
use screen_rules::ranges::{Group, Kind, MOST_GROUPS, MOST_RANGES, Range, bytes};

/// The file of groups.
pub const FILE: &str = "ranges.toml";
/// Where their ranges are.
const FOLDER: &str = "ranges/";
const KINDS: [&str; 2] = ["operator", "class"];
/// What a network can be.
const CLASSES: [&str; 2] = ["data_centre", "consumer"];
/// No range has more addresses than this leaves: a slip such as `0.0.0.0/0` would verify everybody.
const LEAST_PREFIX: [u8; 2] = [8, 16];
/// Agents by their names.
const AGENTS: &str = include_str!("../../../../shared/agents/agents.csv");

/// Whether a path is one of the files that [`compile`] looks at.
pub fn is_file(path: &str) -> bool {
    path == FILE || path.starts_with(FOLDER) && path.ends_with(".csv")
}

/// A group as it grows: several entries can have one code.
struct Grown {
    code: String,
    kind: Kind,
    agents: Vec<String>,
    day: u32,
}

/// A range, and where it stands.
struct Placed<'f> {
    range: Range,
    file: &'f str,
    line: u32,
    text: &'f str,
}

/// Compiles them: the table under `table`.
pub fn compile(files: &Files, findings: &Findings) -> Option<Vec<u8>> {
    let document = Document::parse(files, FILE, findings)?;
    let root = document.root();
    root.only(["group"]);
    let names = known_agents();
    let mut groups: Vec<Grown> = Vec::new();
    let mut placed: Vec<Placed<'_>> = Vec::new();
    let mut named = BTreeSet::new();
    for row in root.want("group")?.list()? {
        let Some(table) = row.table() else { continue };
        // The file is read even if something else of the entry is wrong, so that all faults are told at once.
        let file = table.want("file").and_then(|value| file(&value, files, &mut named));
        let group = read(&table, &names).and_then(|group| join(&mut groups, group, &table));
        if let Some(file) = file {
            read_ranges(files, file, group, findings, &mut placed);
        }
    }
    for path in files.paths().filter(|path| path.starts_with(FOLDER) && is_file(path) && !named.contains(path)) {
        findings.error(path, 0, 0, format!("no group of {FILE} has this file"));
    }
    if groups.len() > MOST_GROUPS || placed.len() > MOST_RANGES {
        findings.error(FILE, 0, 0, format!("there are at most {MOST_GROUPS} groups and {MOST_RANGES} ranges"));
        return None;
    }
    let ranges = merged(placed, &groups, findings);
    if findings.has_errors() {
        return None;
    }
    let agents: Vec<String> = groups.iter().map(|group| group.agents.join("\n")).collect();
    let groups: Vec<Group<'_>> = groups
        .iter()
        .zip(&agents)
        .map(|(Grown { code, kind, day, .. }, agents)| Group { code, kind: *kind, day: *day, agents })
        .collect();
    let mut map = MapWriter::new();
    map.bytes("table", bytes(&groups, &ranges)?);
    map.finish()
}

/// The names of agents, each once.
pub fn known_agents() -> BTreeSet<&'static str> {
    // Nothing before the name has quotes around it: the table's own build looks at that.
    let name = |line: &'static str| line.split(',').nth(4).filter(|name| !name.is_empty());
    AGENTS.lines().skip(1).filter_map(name).collect()
}

fn read(table: &Table<'_>, names: &BTreeSet<&'static str>) -> Option<Grown> {
    table.only(["code", "kind", "agents", "source", "copy", "date", "file"]);
    let kind = table.want("kind").and_then(|value| value.one_of(&KINDS));
    let code = table.want("code").and_then(|value| match kind {
        Some("class") => value.one_of(&CLASSES),
        _ => code(&value),
    });
    let source = table.text("source");
    let copy = table.get("copy").map(|value| value.text());
    let day = table.want("date").and_then(|value| day(&value));
    let (kind, agents) = match kind? {
        "class" => {
            if let Some(value) = table.get("agents") {
                value.refuse(format!("{}: a class of networks has no agents", value.name()));
            }
            (Kind::Class, Some(Vec::new()))
        }
        _ => (Kind::Operator, table.want("agents").and_then(|value| known(&value, names))),
    };
    // They are for whoever reads the file, and must be there all the same.
    source?;
    if copy == Some(None) {
        return None;
    }
    Some(Grown { code: code?.to_owned(), kind, agents: agents?, day: day? })
}

fn code<'d>(value: &Value<'d>) -> Option<&'d str> {
    let text = value.text()?;
    if !pack_source::toml::is_code(text) {
        value.refuse(format!("{}: {text:?}: lower-case letters, digits, _ and - are wanted", value.name()));
        return None;
    }
    if CLASSES.contains(&text) {
        value.refuse(format!("{}: {text:?} is a class of networks", value.name()));
        return None;
    }
    Some(text)
}

fn day(value: &Value<'_>) -> Option<u32> {
    let text = value.text()?;
    let day = calendar::parse_date(text).and_then(|day| u32::try_from(day).ok());
    if day.is_none() {
        value.refuse(format!("{}: {text:?}: a day such as 2026-11-27 is wanted", value.name()));
    }
    day
}

fn known(value: &Value<'_>, names: &BTreeSet<&'static str>) -> Option<Vec<String>> {
    let list = value.list()?;
    if list.is_empty() {
        value.refuse(format!("{}: an agent at least is wanted", value.name()));
        return None;
    }
    let mut agents = Vec::new();
    for value in &list {
        let Some(text) = value.text() else { continue };
        if !names.contains(text) {
            let reason = format!("{}: {text:?} is the name of no agent of agents.csv", value.name());
            value.refuse_meaning(reason, nearest(text, names.iter().copied()));
        }
        if agents.iter().any(|known| known == text) {
            value.refuse(format!("{}: {text:?} occurs twice", value.name()));
        }
        agents.push(text.to_owned());
    }
    (agents.len() == list.len()).then_some(agents)
}

fn file<'f>(value: &Value<'_>, files: &'f Files, named: &mut BTreeSet<&'f str>) -> Option<&'f str> {
    let text = value.text()?;
    let paths = || files.paths().filter(|path| path.starts_with(FOLDER) && is_file(path));
    let Some(path) = paths().find(|path| *path == text) else {
        value.refuse_meaning(format!("{}: {text:?}: there is no such file", value.name()), nearest(text, paths()));
        return None;
    };
    if !named.insert(path) {
        value.refuse(format!("{}: an entry above has the file {text} already", value.name()));
        return None;
    }
    Some(path)
}

/// The number of a group: a new one, or of one with its code. Of several entries the oldest day counts.
fn join(groups: &mut Vec<Grown>, group: Grown, table: &Table<'_>) -> Option<u16> {
    let number = groups.iter().position(|known| known.code == group.code);
    match number.and_then(|number| groups.get_mut(number)) {
        Some(known) => {
            if known.agents != group.agents {
                table.refuse(format!("an entry above has the code {}, and other agents", group.code));
            }
            known.day = known.day.min(group.day);
        }
        None => groups.push(group),
    }
    u16::try_from(number.unwrap_or(groups.len().saturating_sub(1))).ok()
}

/// Reads a file; its ranges count if their group is one.
fn read_ranges<'f>(
    files: &'f Files,
    file: &'f str,
    group: Option<u16>,
    findings: &Findings,
    placed: &mut Vec<Placed<'f>>,
) {
    let Some(text) = files.text(file, findings) else { return };
    let mut empty = true;
    for line in csv::lines(text).filter(|line| line.comment().is_none()) {
        empty = false;
        let (number, cells) = (line.number, line.cells());
        let (cell, more) = match cells.as_slice() {
            [cell] => (cell, None),
            [cell, more, ..] => (cell, Some(more)),
            [] => continue,
        };
        let read = match more {
            None => network(cell.text).map_err(|wrong| (cell.column, wrong)),
            Some(more) => Err((more.column, Wrong { reason: "one range a line is wanted".to_owned(), meant: None })),
        };
        match (read, group) {
            (Ok((first, last)), Some(group)) => {
                placed.push(Placed { range: Range { first, last, group }, file, line: number, text: cell.text });
            }
            (Ok(_), None) => {}
            (Err((column, Wrong { reason, meant })), _) => {
                findings.push(Finding::error(file, number, column, reason).meant(meant));
            }
        }
    }
    if empty {
        findings.error(file, 0, 0, "there is no range in it");
    }
}

/// Why a text is no network.
struct Wrong {
    reason: String,
    meant: Option<String>,
}

/// The first and the last address of a network in CIDR.
fn network(text: &str) -> Result<(IpAddr, IpAddr), Wrong> {
    let of = |reason: String| Wrong { reason, meant: None };
    let no = || of(format!("{text:?}: a network such as 192.0.2.0/24 or 2001:db8::/32 is wanted"));
    let Some((address, prefix)) = text.split_once('/') else {
        let whole = text.parse::<IpAddr>().ok().map(|address| format!("{address}/{}", width(address)));
        return Err(Wrong { meant: whole, ..no() });
    };
    let address: IpAddr = address.parse().map_err(|_| no())?;
    let digits = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
    let prefix = prefix.parse::<u8>().ok().filter(|prefix| digits && *prefix <= width(address)).ok_or_else(no)?;
    let [least4, least6] = LEAST_PREFIX;
    let least = if address.is_ipv4() { least4 } else { least6 };
    if prefix < least {
        return Err(of(format!("{text}: nobody has so many addresses: /{least} at least is wanted")));
    }
    let host = u32::from(width(address).saturating_sub(prefix));
    let (first, last) = match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(host).unwrap_or(0);
            let (first, last) = (address.to_bits() & mask, address.to_bits() | !mask);
            (IpAddr::V4(Ipv4Addr::from_bits(first)), IpAddr::V4(Ipv4Addr::from_bits(last)))
        }
        IpAddr::V6(address) if address.to_ipv4_mapped().is_some() => {
            return Err(of(format!("{text}: this is IPv4, and is never looked for in IPv6")));
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(host).unwrap_or(0);
            let (first, last) = (address.to_bits() & mask, address.to_bits() | !mask);
            (IpAddr::V6(Ipv6Addr::from_bits(first)), IpAddr::V6(Ipv6Addr::from_bits(last)))
        }
    };
    if first != address {
        let reason = format!("{text}: bits of a host are set");
        return Err(Wrong { reason, meant: Some(format!("{first}/{prefix}")) });
    }
    Ok((first, last))
}

const fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Ranges in their order, with those of one group that overlap or touch made one. Those of two groups of one kind must
/// not overlap.
fn merged(mut placed: Vec<Placed<'_>>, groups: &[Grown], findings: &Findings) -> Vec<Range> {
    let group = |number: u16| groups.get(usize::from(number));
    // A wider range stands before those within it.
    placed.sort_by_key(|placed| (placed.range.first, std::cmp::Reverse(placed.range.last)));
    let mut all = Vec::new();
    for kind in [Kind::Operator, Kind::Class] {
        // The range that reaches farthest so far, and who stands at its end.
        let mut open: Option<(Range, &Placed<'_>)> = None;
        for next in placed.iter().filter(|next| group(next.range.group).is_some_and(|group| group.kind == kind)) {
            let Some((range, last)) = &mut open else {
                open = Some((next.range, next));
                continue;
            };
            let same = range.group == next.range.group;
            // All of IPv4 is less than all of IPv6.
            let overlap = next.range.first <= range.last;
            if overlap && !same {
                let code = |number: u16| group(number).map_or("", |group| group.code.as_str());
                findings.error(
                    next.file,
                    next.line,
                    1,
                    format!(
                        "{} of {} overlaps {} of {} ({}:{}): give both groups one code, or neither this range",
                        next.text,
                        code(next.range.group),
                        last.text,
                        code(range.group),
                        last.file,
                        last.line
                    ),
                );
            }
            if same && (overlap || after(range.last) == Some(next.range.first)) {
                if next.range.last > range.last {
                    (range.last, *last) = (next.range.last, next);
                }
            } else {
                all.push(*range);
                open = Some((next.range, next));
            }
        }
        all.extend(open.map(|(range, _)| range));
    }
    all
}

fn after(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => address.to_bits().checked_add(1).map(|bits| IpAddr::V4(Ipv4Addr::from_bits(bits))),
        IpAddr::V6(address) => address.to_bits().checked_add(1).map(|bits| IpAddr::V6(Ipv6Addr::from_bits(bits))),
    }
}

/// What changed, group by group.
pub fn changes(before: Map<'_>, after: Map<'_>) -> Vec<Change> {
    let open = |map: Map<'_>| map.get("table").and_then(Ranges::open).map_or_else(BTreeMap::new, told);
    let (was, is) = (open(before), open(after));
    let codes: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let change = |code: &String| match (was.get(code), is.get(code)) {
        (Some(was), Some(is)) if was != is => Some(Change::new(
            format!("地址段 {code}：由 {}改为 {}", was.zh(), is.zh()),
            format!("Ranges of {code}: {} become {}", was.en(), is.en()),
        )),
        (None, Some(is)) => {
            Some(Change::new(format!("新地址段 {code}：{}", is.zh()), format!("New ranges of {code}: {}", is.en())))
        }
        (Some(was), None) => Some(Change::new(
            format!("删去地址段 {code}：{}", was.zh()),
            format!("Ranges of {code} are removed: {}", was.en()),
        )),
        _ => None,
    };
    codes.into_iter().filter_map(change).collect()
}

/// A group, as a change tells it.
#[derive(PartialEq)]
struct Told {
    day: u32,
    agents: String,
    ranges: Vec<(IpAddr, IpAddr)>,
}

fn told(ranges: Ranges<'_>) -> BTreeMap<String, Told> {
    let told = |group: Group<'_>| {
        let agents = group.agents.lines().fold(String::new(), |all, name| format!("{all}, {name}"));
        (group.code.to_owned(), Told { day: group.day, agents, ranges: ranges.of_group(group.code).collect() })
    };
    ranges.groups().map(told).collect()
}

impl Told {
    fn date(&self) -> String {
        calendar::date(calendar::start_of_day(self.day.into()))
    }

    fn zh(&self) -> String {
        format!("{} 段（{}{}）", self.ranges.len(), self.date(), self.agents)
    }

    fn en(&self) -> String {
        format!("{} ({}{})", self.ranges.len(), self.date(), self.agents)
    }
}

#[cfg(test)]
mod tests;
