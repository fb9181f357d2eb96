//! What was found in a listing, and the verdict that follows. Pure.

use std::collections::BTreeSet;

use listing_engine::step::{Step, Steps};
use listing_engine::{Found, Text, find};

use crate::contact::{self, Contact, Kind};
use crate::listing::Listing;
use crate::policy::{Rules, Severity};
use crate::texts::{self, Place};

/// How far before a contact the word stands that says what it is, in Unicode scalar values.
const CUE: i64 = 6;

/// The verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It may go on sale.
    Accept,
    /// A person must look.
    Review,
    /// It may not go on sale.
    Reject,
}

impl Outcome {
    /// Its name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Accept => "accept",
            Outcome::Review => "review",
            Outcome::Reject => "reject",
        }
    }
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where: RFC 6901, into the listing.
    pub pointer: String,
    /// The stretch of the raw text, if it is about one.
    pub span: Option<Span>,
    /// The steps from the raw text to what was found.
    pub steps: Steps,
    /// What it does to the listing.
    pub severity: Severity,
    /// What was found.
    pub what: What,
}

/// A stretch of raw text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where it begins and ends, in Unicode scalar values.
    pub scalars: (u32, u32),
    /// The same in UTF-16 code units.
    pub utf16: (u32, u32),
    /// What stands there.
    pub raw: String,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A term.
    Term {
        /// Its group.
        group: u16,
        /// The term.
        term: String,
        /// What made it count.
        weighed: Found,
    },
    /// A way to be reached elsewhere.
    Contact(Contact),
    /// A picture that nobody has read.
    UnreadImage,
}

/// A listing that was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The verdict.
    pub outcome: Outcome,
    /// What was found, in the order of the listing's texts.
    pub findings: Vec<Finding>,
}

/// Judges a listing.
pub fn judge(listing: &Listing, rules: &Rules<'_>) -> Judged {
    let mut findings = Vec::new();
    for field in texts::of(listing) {
        let text = Text::of(field.text, &rules.language);
        let contacts = contact::find(&text, &rules.language);
        let severity = rules.contact().map_or(Severity::Review, |group| rules.severity(group));
        let mut of_field: Vec<Finding> = Vec::new();
        for contact in contacts {
            let span = span(field.text, contact.start, contact.end);
            let steps = contact.steps;
            let what = What::Contact(contact);
            of_field.push(Finding { pointer: field.pointer.clone(), span: Some(span), steps, severity, what });
        }
        // What a code says is an address or an account, whatever else it is: it leads elsewhere.
        if field.place == Place::Code && of_field.is_empty() {
            let len = u32::try_from(field.text.chars().count()).unwrap_or(u32::MAX);
            let (value, cue) = (field.text.to_owned(), String::new());
            let contact = Contact { kind: Kind::Url, value, start: 0, end: len, steps: Steps::NONE, cue };
            let span = Some(span(field.text, 0, len));
            let what = What::Contact(contact);
            of_field.push(Finding { pointer: field.pointer.clone(), span, steps: Steps::NONE, severity, what });
        }
        for found in find(field.text, &rules.language, &rules.lexicon, &rules.tuning, false) {
            let Some(term) = rules.lexicon.term(found.term) else { continue };
            let open = found.steps.each().all(|step| step == Step::Symbol);
            if open && rules.needs_cue(term.group) && !leads(field.text, &found) {
                continue;
            }
            // One finding for one contact: a term within its value, or the word before it that says what it is, says
            // nothing more.
            let offsite = rules.family(term.group) == "offsite";
            let said = |finding: &Finding| {
                finding.span.as_ref().filter(|_| matches!(finding.what, What::Contact(_))).is_some_and(|span| {
                    let within = span.scalars.0 <= found.start && found.end <= span.scalars.1;
                    within || offsite && (0..=CUE).contains(&i64::from(span.scalars.0).saturating_sub(found.end.into()))
                })
            };
            if of_field.iter().any(said) {
                continue;
            }
            of_field.push(Finding {
                pointer: field.pointer.clone(),
                span: Some(span(field.text, found.start, found.end)),
                steps: found.steps,
                severity: rules.severity(term.group),
                what: What::Term { group: term.group, term: term.text.to_owned(), weighed: found },
            });
        }
        of_field.sort_by_key(|finding| finding.span.as_ref().map(|span| span.scalars));
        findings.extend(of_field);
    }
    for (at, _) in listing.images.iter().enumerate().filter(|(_, i)| i.ocr_text.is_none() || i.qr_payloads.is_none()) {
        let pointer = format!("/images/{at}");
        let severity = Severity::Review;
        findings.push(Finding { pointer, span: None, steps: Steps::NONE, severity, what: What::UnreadImage });
    }
    let severities: BTreeSet<Severity> = findings.iter().map(|finding| finding.severity).collect();
    let outcome = match severities.last() {
        None | Some(Severity::Warn) => Outcome::Accept,
        Some(Severity::Review) => Outcome::Review,
        Some(Severity::Reject) => Outcome::Reject,
    };
    Judged { outcome, findings }
}

/// Words that lead a reader to somebody.
const LEADING: [&str; 30] = [
    "加", "搜", "私", "找", "聊", "询", "扫", "联系", "添", "关注", "同名", "同号", "号", "群", "进店", "主页", "转账",
    "交易", "付款", "详情", "领取", "返现", "发我", "add", "contact", "search", "follow", "dm", "@", "+",
];

/// Whether a word beside a term leads a reader to somebody: a messenger's name alone may say what a thing works with.
fn leads(raw: &str, found: &Found) -> bool {
    let (from, len) = (found.start.saturating_sub(10), found.end.saturating_sub(found.start).saturating_add(20));
    let around: String = raw.chars().skip(from as usize).take(len as usize).collect();
    let around = around.to_lowercase();
    LEADING.iter().any(|word| around.contains(word))
}

fn span(raw: &str, start: u32, end: u32) -> Span {
    let (mut utf16, mut from, mut to, mut text) = (0_u32, 0, 0, String::new());
    for (at, c) in (0_u32..).zip(raw.chars()) {
        if at == start {
            from = utf16;
        }
        if at >= end {
            break;
        }
        if at >= start {
            text.push(c);
        }
        utf16 = utf16.saturating_add(if c as u32 > 0xFFFF { 2 } else { 1 });
        to = utf16;
    }
    Span { scalars: (start, end), utf16: (from, to), raw: text }
}
