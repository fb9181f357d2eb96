//! Who may say a term all the same: a seller, or whoever sells in a category, until a day.

use std::collections::BTreeMap;

use calendar::{parse_date, start_of_day};
use pack_source::csv::lines;
use pack_source::{Files, Finding, Findings, MapWriter, nearest};

use crate::EXCEPTIONS;
use crate::heads::Head;
use crate::rules::Rule;
use crate::terms::listed;

/// The most exceptions.
const MOST: usize = 20_000;

/// A term that does not count in some listings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The term, as its list writes it; `rule:` and a rule's code.
    pub(crate) term: String,
    /// The seller's id; empty: any.
    pub(crate) seller: String,
    /// A part of the category's path; empty: any.
    pub(crate) category: String,
    /// When it ends, in milliseconds since 1970.
    pub(crate) until: i64,
}

/// Reads `exceptions.csv`, if there is one: term or rule, seller, category, the first day on which it no longer holds.
pub(crate) fn read(files: &Files, groups: &[Head], rules: &[Rule], findings: &Findings) -> Vec<Exception> {
    let mut all = Vec::new();
    if files.bytes(EXCEPTIONS).is_none() {
        return all;
    }
    let Some(text) = files.text(EXCEPTIONS, findings) else { return all };
    let listed = listed(files, groups);
    let codes: Vec<String> = rules.iter().map(|rule| format!("rule:{}", rule.head.code)).collect();
    for line in lines(text).filter(|line| line.comment().is_none()) {
        let cells = line.cells();
        let [term, seller, category, until] = cells.as_slice() else {
            let said = "a row has 4 cells: term, seller, category, the first day on which it no longer holds";
            findings.error(EXCEPTIONS, line.number, 1, said);
            continue;
        };
        if term.text.starts_with("rule:") {
            if !codes.iter().any(|code| code == term.text) {
                let meant = nearest(term.text, codes.iter().map(String::as_str));
                let said = format!("there is no {}", term.text);
                findings.push(Finding::error(EXCEPTIONS, line.number, term.column, said).meant(meant));
            }
        } else if !listed.contains(term.text) {
            let meant = nearest(term.text, listed.iter().copied());
            let said = format!("no group has the term {}", term.text);
            findings.push(Finding::error(EXCEPTIONS, line.number, term.column, said).meant(meant));
        }
        if seller.text.is_empty() && category.text.is_empty() {
            let said = "an exception is of a seller or of a category; a word for all belongs in allow.csv";
            findings.error(EXCEPTIONS, line.number, seller.column, said);
        }
        let Some(day) = parse_date(until.text) else {
            let said = format!("`{}` is no day: it is written 2026-01-31", until.text);
            findings.error(EXCEPTIONS, line.number, until.column, said);
            continue;
        };
        let (seller, category) = (seller.text.to_owned(), category.text.to_owned());
        all.push(Exception { term: term.text.to_owned(), seller, category, until: start_of_day(day) });
    }
    if all.len() > MOST {
        findings.error(EXCEPTIONS, 0, 0, format!("there are at most {MOST} exceptions"));
    }
    all
}

/// Puts them into the section `groups`: by term and number `except/<term>/n/seller`, `/category` and `/until`.
pub(crate) fn put(exceptions: &[Exception], map: &mut MapWriter) {
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    for exception in exceptions {
        let number = numbers.entry(&exception.term).or_default();
        let key = format!("except/{}/{number}", exception.term);
        map.text(format!("{key}/seller"), &exception.seller);
        map.text(format!("{key}/category"), &exception.category);
        map.int(format!("{key}/until"), exception.until);
        *number += 1;
    }
}
