//! Rules about more than a term: words near one another, patterns, and statements that must be there.

use std::collections::{BTreeMap, BTreeSet};

use pack_source::toml::{Table, Value};
use pack_source::{Finding, Findings, Severity, nearest};

use crate::heads::{self, Head, flag};
use crate::patterns::{self, Pattern};
use crate::{RULES, conditions, groups};

/// The most rules.
pub(crate) const MOST: usize = 500;
/// The most kinds of words that a combination asks for.
pub const PLACES: usize = 4;
/// The most rules that one list or group is asked for by: what a text full of its words costs.
const MOST_USES: usize = 64;
/// The farthest that words of a combination may stand apart, in characters.
const FARTHEST: i64 = 200;
/// What may be in a rule besides its head and conditions.
const NAMES: [&str; 6] = ["near", "within", "across", "without", "pattern", "duty"];

/// Words that a rule names: those of a list, or of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Member {
    List(u32),
    Group(u32),
}

impl Member {
    /// The group that it is of.
    pub(crate) fn group(self) -> Option<u32> {
        if let Member::Group(number) = self { Some(number) } else { None }
    }
}

/// What a rule looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// One of each, near one another.
    Near { places: Vec<Vec<Member>>, without: Vec<Member>, within: u16, across: bool },
    /// A stretch of text of a shape.
    Pattern(Pattern),
    /// A statement, whose absence is the finding.
    Duty(Vec<Member>),
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub head: Head,
    pub asks: Asks,
}

/// What rules may name.
struct Known<'k> {
    lists: &'k [String],
    groups: &'k [Head],
}

/// Reads the rules, in the order of their codes.
pub(crate) fn read(
    root: &Table<'_>,
    lists: &[String],
    groups: &[Head],
    language: &listing_engine::Language<'_>,
    findings: &Findings,
) -> Vec<Rule> {
    let known = Known { lists, groups };
    let mut rules = Vec::new();
    let tables = root.get("rule").and_then(|value| value.table());
    for (code, value) in tables.iter().flat_map(Table::entries) {
        let Some(table) = value.table() else { continue };
        table.only(heads::NAMES.into_iter().chain(heads::TEXTS).chain(conditions::NAMES).chain(NAMES));
        let head = heads::read(code, &value, &table, "rule", flag::RULE);
        if known.groups.iter().any(|group| group.code == code) {
            value.refuse(format!("[group.{code}] has that code already"));
        }
        let asks = asks(&value, &table, &known, language);
        rules.extend(head.zip(asks).map(|(head, asks)| Rule { head, asks }));
    }
    if rules.len() > MOST {
        findings.error(RULES, 0, 0, format!("there are at most {MOST} rules"));
    }
    patterns::bounds(rules.iter().filter_map(|rule| rule.pattern().map(|pattern| (rule, pattern))), findings);
    uses(root, &rules, &known, findings);
    rules
}

impl Rule {
    fn pattern(&self) -> Option<&Pattern> {
        if let Asks::Pattern(pattern) = &self.asks { Some(pattern) } else { None }
    }

    /// All words that it names.
    pub(crate) fn members(&self) -> Vec<Member> {
        match &self.asks {
            Asks::Near { places, without, .. } => places.iter().flatten().chain(without).copied().collect(),
            Asks::Pattern(_) => Vec::new(),
            Asks::Duty(members) => members.clone(),
        }
    }
}

fn asks(
    value: &Value<'_>,
    table: &Table<'_>,
    known: &Known<'_>,
    language: &listing_engine::Language<'_>,
) -> Option<Asks> {
    let kinds = ["near", "pattern", "duty"].map(|kind| table.get(kind));
    let [near, pattern, duty] = match kinds {
        [None, None, None] => {
            value.refuse(format!("{}: a rule has one of near, pattern and duty; it has none", value.name()));
            return None;
        }
        kinds => kinds,
    };
    let also: Vec<&Value<'_>> = [&near, &pattern, &duty].into_iter().flatten().collect();
    if let [first, second, ..] = also.as_slice() {
        second.refuse(format!(
            "{}: a rule has one of near, pattern and duty; {} is there",
            second.name(),
            first.name()
        ));
        return None;
    }
    if near.is_none() {
        for name in ["within", "across", "without"] {
            if let Some(value) = table.get(name) {
                value.refuse(format!("{}: only a rule with near has it", value.name()));
            }
        }
    }
    match (near, pattern, duty) {
        (Some(near), ..) => combination(table, &near, known),
        (_, Some(pattern), _) => patterns::read(&pattern, language).map(Asks::Pattern),
        (.., Some(duty)) => {
            let members = known.members(&duty)?;
            if members.iter().any(|member| matches!(member, Member::Group(_))) {
                duty.refuse(format!("{}: a statement's words are those of a list", duty.name()));
            }
            Some(Asks::Duty(members))
        }
        _ => None,
    }
}

fn combination(table: &Table<'_>, near: &Value<'_>, known: &Known<'_>) -> Option<Asks> {
    let listed = near.list()?;
    if listed.is_empty() || listed.len() > PLACES {
        near.refuse(format!(
            "{}: 1 to {PLACES} lists of words are wanted, such as [[\"list:one\"], [\"list:other\"]]",
            near.name()
        ));
    }
    let mut seen = BTreeSet::new();
    let mut places = Vec::new();
    for place in &listed {
        let members = known.members(place)?;
        if members.iter().any(|member| !seen.insert(*member)) {
            place.refuse(format!("{}: it names words that are asked for already", place.name()));
        }
        places.push(members);
    }
    let across = table.get("across").and_then(|value| value.flag()).unwrap_or(false);
    let without = match table.get("without") {
        None => Vec::new(),
        Some(value) => {
            let members = known.members(&value)?;
            if members.iter().any(|member| seen.contains(member)) {
                value.refuse(format!("{}: it names words that are asked for", value.name()));
            }
            members
        }
    };
    let within = match table.get("within") {
        Some(value) if across => {
            value.refuse(format!("{}: words that may stand anywhere (across = true) have no window", value.name()));
            0
        }
        None if across || places.len() == 1 && without.is_empty() => 0,
        _ => table.int("within", 1..=FARTHEST)?,
    };
    Some(Asks::Near { places, without, within: u16::try_from(within).unwrap_or_default(), across })
}

impl Known<'_> {
    /// The words that a list of names is about, such as `list:code` and `group:code`.
    fn members(&self, value: &Value<'_>) -> Option<Vec<Member>> {
        let listed = value.list()?;
        if listed.is_empty() {
            value.refuse(format!("{} is empty: no word can be found", value.name()));
        }
        let mut members = Vec::new();
        for entry in &listed {
            let text = entry.text()?;
            let Some(member) = self.member(text) else {
                let names = self.names();
                let bare = |name: &&String| name.split_once(':').is_some_and(|(_, code)| code == text);
                let meant = names.iter().find(bare).map(String::as_str);
                let meant = meant.or_else(|| nearest(text, names.iter().map(String::as_str)));
                entry.refuse_meaning(format!("{}: no list or group {text:?}", entry.name()), meant);
                return None;
            };
            if members.contains(&member) {
                entry.refuse(format!("{}: {text} occurs twice", entry.name()));
            }
            members.push(member);
        }
        (!members.is_empty()).then_some(members)
    }

    fn member(&self, text: &str) -> Option<Member> {
        let number = |place: Option<usize>| place.and_then(|place| u32::try_from(place).ok());
        match text.split_once(':')? {
            ("list", code) => number(self.lists.iter().position(|list| list == code)).map(Member::List),
            ("group", groups::CONTACT) => None,
            ("group", code) => number(self.groups.iter().position(|group| group.code == code)).map(Member::Group),
            _ => None,
        }
    }

    fn names(&self) -> Vec<String> {
        let groups = self.groups.iter().filter(|group| group.code != groups::CONTACT);
        let lists = self.lists.iter().map(|list| format!("list:{list}"));
        lists.chain(groups.map(|group| format!("group:{}", group.code))).collect()
    }
}

/// A list that no rule names is looked at; one that too many name is refused.
fn uses(root: &Table<'_>, rules: &[Rule], known: &Known<'_>, findings: &Findings) {
    let mut uses: BTreeMap<Member, usize> = BTreeMap::new();
    for member in rules.iter().flat_map(Rule::members) {
        *uses.entry(member).or_default() += 1;
    }
    for (member, count) in uses.iter().filter(|(_, count)| **count > MOST_USES) {
        let code = match member {
            Member::List(number) => known.lists.get(*number as usize).map(String::as_str),
            Member::Group(number) => known.groups.get(*number as usize).map(|group| group.code.as_str()),
        };
        let said = format!("{count} rules ask for the words of {}; at most {MOST_USES} may", code.unwrap_or_default());
        findings.error(RULES, 0, 0, said);
    }
    let tables = root.get("list").and_then(|value| value.as_table());
    for (number, code) in (0..).zip(known.lists) {
        let Some(value) = tables.as_ref().and_then(|tables| tables.get(code)) else { continue };
        // While rules have faults, what they name is not known.
        if !uses.contains_key(&Member::List(number)) && !findings.has_errors() {
            let (line, column) = value.position();
            let said = format!("no rule names list:{code}");
            let finding = Finding { severity: Severity::Warning, ..Finding::error(RULES, line, column, said) };
            findings.push(finding);
        }
    }
}

#[cfg(test)]
mod tests;
