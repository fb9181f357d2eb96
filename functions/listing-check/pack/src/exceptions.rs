//! Who may say a term all the same: a seller, or whoever sells in a category, until a day.

use calendar::{parse_date, start_of_day};
use pack_source::csv::lines;
use pack_source::{Files, Findings};

use crate::EXCEPTIONS;
use crate::terms::listed;

/// The most exceptions.
const MOST: usize = 20_000;

/// A term that does not count in some listings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The term, as its list writes it.
    pub(crate) term: String,
    /// The seller's id; empty: any.
    pub(crate) seller: String,
    /// A part of the category's path; empty: any.
    pub(crate) category: String,
    /// When it ends, in milliseconds since 1970.
    pub(crate) until: i64,
}

/// Reads `exceptions.csv`, if there is one: term, seller, category, the first day on which it no longer holds.
pub(crate) fn read(files: &Files, findings: &Findings) -> Vec<Exception> {
    let mut all = Vec::new();
    if files.bytes(EXCEPTIONS).is_none() {
        return all;
    }
    let Some(text) = files.text(EXCEPTIONS, findings) else { return all };
    let listed = listed(files);
    for line in lines(text).filter(|line| line.comment().is_none()) {
        let cells = line.cells();
        let [term, seller, category, until] = cells.as_slice() else {
            let said = "a row has 4 cells: term, seller, category, the first day on which it no longer holds";
            findings.error(EXCEPTIONS, line.number, 1, said);
            continue;
        };
        if !listed.contains(term.text) {
            findings.error(EXCEPTIONS, line.number, term.column, format!("no list has the term {}", term.text));
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
