//! What was found in a listing, and the verdict that follows. Pure.

use std::collections::BTreeSet;

use listing_engine::step::{Step, Steps};
use listing_engine::{Found, Text, find};

use crate::contact::{self, Contact, Kind};
use crate::context;
use crate::listing::{Image, Listing};
use crate::policy::{Force, Rules, Severity};
use crate::texts::{self, Field, Place};

/// How far before a contact the word stands that says what it is, in Unicode scalar values.
const CUE: i64 = 6;

/// The most findings that are told.
const MOST_TOLD: usize = 200;

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
    /// Words that nobody sees.
    Hidden,
}

/// A listing that was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The verdict.
    pub outcome: Outcome,
    /// What was found, in the order of the listing's texts; the first of it, if there is much.
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub left_out: usize,
    /// Codes of rules in shadow that would have been met, each once.
    pub shadow: Vec<String>,
}

/// Judges a listing.
pub fn judge(listing: &Listing, rules: &Rules<'_>) -> Judged {
    let mut findings = Findings::default();
    let fields = texts::of(listing);
    let of_contact = rules.contact().map_or(Severity::Review, |group| rules.severity(group));
    for field in &fields {
        in_field(field, listing, rules, of_contact, &mut findings);
    }
    across_fields(&fields, rules, of_contact, &mut findings);
    for (at, image) in listing.images.iter().enumerate() {
        let Some(severity) = unread(image) else { continue };
        findings.put(severity, || Finding {
            pointer: format!("/images/{at}"),
            span: None,
            steps: Steps::NONE,
            severity,
            what: What::UnreadImage,
        });
    }
    let outcome = match findings.gravest {
        None | Some(Severity::Warn) => Outcome::Accept,
        Some(Severity::Review) => Outcome::Review,
        Some(Severity::Reject) => Outcome::Reject,
    };
    let shadow = findings.shadow.into_iter().collect();
    Judged { outcome, findings: findings.told, left_out: findings.left_out, shadow }
}

/// What it does to a listing that something of a picture was not read; `None` if all was.
fn unread(image: &Image) -> Option<Severity> {
    match (&image.seen, &image.ocr_text, &image.qr_payloads) {
        (Some(seen), ..) if !seen.complete => Some(Severity::Review),
        // Codes are read from the bytes, words are not: the marketplace is told.
        (Some(_), None, _) => Some(Severity::Warn),
        (None, None, _) | (None, _, None) => Some(Severity::Review),
        _ => None,
    }
}

/// Findings: all of them count, the first of them are told.
#[derive(Default)]
struct Findings {
    told: Vec<Finding>,
    left_out: usize,
    gravest: Option<Severity>,
    shadow: BTreeSet<String>,
    /// Kinds of contacts that its texts speak of.
    speaks: u32,
}

impl Findings {
    fn put(&mut self, severity: Severity, finding: impl FnOnce() -> Finding) {
        self.gravest = self.gravest.max(Some(severity));
        if self.told.len() < MOST_TOLD {
            self.told.push(finding());
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    fn contact(&mut self, severity: Severity, field: &Field<'_>, raw: &Raw<'_>, contact: Contact) {
        self.put(severity, || {
            let span = Some(raw.span(contact.start, contact.end));
            let pointer = field.pointer.clone();
            Finding { pointer, span, steps: contact.steps, severity, what: What::Contact(contact) }
        });
    }
}

fn in_field(field: &Field<'_>, listing: &Listing, rules: &Rules<'_>, of_contact: Severity, findings: &mut Findings) {
    let raw = Raw::of(field);
    let text = Text::of(&field.text, &rules.language);
    if field.place == Place::Hidden {
        let (severity, end) = (Severity::Review, u32::try_from(raw.chars.len()).unwrap_or(u32::MAX));
        findings.put(severity, || Finding {
            pointer: field.pointer.clone(),
            span: Some(raw.span(0, end)),
            steps: Steps::NONE,
            severity,
            what: What::Hidden,
        });
    }
    if field.place == Place::Picture {
        let (span, severity) = (Some(raw.span(0, 1)), Severity::Review);
        let (pointer, steps) = (field.pointer.clone(), Steps::NONE);
        return findings.put(severity, || Finding { pointer, span, steps, severity, what: What::UnreadImage });
    }
    let mut terms = find(&field.text, &rules.language, &rules.lexicon, &rules.tuning, false);
    let mut reading = contact::find(&text, rules, &terms);
    findings.speaks |= reading.speaks;
    let mut contacts = std::mem::take(&mut reading.contacts);
    // What a code says is an address or an account, whatever else it is: it leads elsewhere.
    if field.place == Place::Code && contacts.is_empty() {
        let end = u32::try_from(raw.chars.len()).unwrap_or(u32::MAX);
        let (value, cue) = (field.text.clone().into_owned(), String::new());
        contacts.push(Contact { kind: Kind::Url, value, start: 0, end, steps: Steps::NONE, cue });
    }
    terms.retain(|found| {
        let Some(term) = rules.lexicon.term(found.term) else { return false };
        let open = found.steps.each().all(|step| step == Step::Symbol);
        let alone = open && rules.needs_cue(term.group) && !raw.leads(found);
        let family = rules.family(term.group);
        let seller = listing.seller.as_ref().map(|seller| seller.id.as_str());
        let alone = alone || found.steps.is_empty() && reading.serves.binary_search(&found.start).is_ok();
        let counts = !alone
            && !said(&contacts, found, family == "offsite")
            && !context::denied(&raw.chars, found, family, &contacts)
            && !rules.excepts(term.text(), seller, &listing.category);
        match rules.force(term.group) {
            Force::Full => counts,
            Force::Not => false,
            Force::Shadow => {
                if counts {
                    findings.shadow.insert(format!("{family}.{}", rules.code(term.group)));
                }
                false
            }
        }
    });
    // In the order of the text; both are.
    let (mut contacts, mut terms) = (contacts.into_iter().peekable(), terms.into_iter().peekable());
    loop {
        let contact = match (contacts.peek(), terms.peek()) {
            (None, None) => return,
            (Some(contact), Some(term)) => contact.start <= term.start,
            (contact, _) => contact.is_some(),
        };
        let pointer = || field.pointer.clone();
        if contact {
            let Some(contact) = contacts.next() else { return };
            findings.contact(of_contact, field, &raw, contact);
        } else if let Some(weighed) = terms.next()
            && let Some(term) = rules.lexicon.term(weighed.term)
        {
            let severity = rules.severity(term.group);
            findings.put(severity, || {
                let (span, steps) = (Some(raw.span(weighed.start, weighed.end)), weighed.steps);
                let what = What::Term { group: term.group, term: term.text().to_owned(), weighed };
                Finding { pointer: pointer(), span, steps, severity, what }
            });
        }
    }
}

/// Contacts that are told over several fields, and that no field tells alone.
fn across_fields(fields: &[Field<'_>], rules: &Rules<'_>, of_contact: Severity, findings: &mut Findings) {
    let said = |field: &&Field<'_>| {
        field.place == Place::Words && !field.pointer.ends_with("/name") || field.pointer.starts_with("/skus/")
    };
    let words: Vec<&Field<'_>> = fields.iter().filter(said).collect();
    let texts: Vec<&str> = words.iter().map(|field| field.text.as_ref()).collect();
    let skus: Vec<bool> = words.iter().map(|field| field.pointer.starts_with("/skus/")).collect();
    for across in contact::across::find(&texts, &skus, findings.speaks, rules) {
        let Some(field) = words.get(across.field) else { continue };
        findings.contact(of_contact, field, &Raw::of(field), across.contact);
    }
}

/// Whether a contact says it already: a term within its value, or the word before it that says what it is.
fn said(contacts: &[Contact], found: &Found, offsite: bool) -> bool {
    let next = contacts.partition_point(|contact| contact.start <= found.start);
    let within = next.checked_sub(1).and_then(|at| contacts.get(at)).is_some_and(|contact| found.end <= contact.end);
    let leads = |contact: &Contact| (0..=CUE).contains(&i64::from(contact.start).saturating_sub(found.end.into()));
    within || offsite && contacts.get(next).is_some_and(leads)
}

/// The source of a text: its characters, and where in it each character of the text stands.
type Source<'f> = (Vec<char>, &'f [(u32, u32)]);

/// A text as it is read, and the raw text that it was read of.
struct Raw<'f> {
    chars: Vec<char>,
    /// Of a text that was read of HTML: the source, and where each character stands in it.
    source: Option<Source<'f>>,
    /// Of the raw text, where each character begins in UTF-16 code units; one more at the end.
    utf16: Vec<u32>,
}

impl<'f> Raw<'f> {
    fn of(field: &'f Field<'_>) -> Raw<'f> {
        let chars: Vec<char> = field.text.chars().collect();
        let source = field.source.as_ref().map(|(source, places)| (source.chars().collect(), places.as_slice()));
        let raw: &[char] = source.as_ref().map_or(&chars, |(source, _): &(Vec<char>, _)| source);
        let mut utf16 = Vec::with_capacity(raw.len().saturating_add(1));
        let mut at = 0_u32;
        utf16.push(0);
        for c in raw {
            at = at.saturating_add(if *c as u32 > 0xFFFF { 2 } else { 1 });
            utf16.push(at);
        }
        Raw { chars, source, utf16 }
    }

    fn slice(chars: &[char], start: u32, end: u32) -> String {
        let end = (end as usize).min(chars.len());
        chars.get((start as usize).min(end)..end).unwrap_or_default().iter().collect()
    }

    /// A stretch of what is read, as a stretch of the raw text.
    fn span(&self, start: u32, end: u32) -> Span {
        let (raw, start, end) = match &self.source {
            None => (&self.chars, start, end),
            Some((source, places)) => {
                let first = places.get(start as usize).map_or(0, |place| place.0);
                let last = end.checked_sub(1).and_then(|last| places.get(last as usize)).map_or(first, |place| place.1);
                (source, first, last)
            }
        };
        let utf16 = |at: u32| self.utf16.get(at as usize).copied().unwrap_or_default();
        Span { scalars: (start, end), utf16: (utf16(start), utf16(end)), raw: Raw::slice(raw, start, end) }
    }

    /// Whether a word beside a term leads a reader to somebody: a messenger's name alone may say what a thing works with.
    fn leads(&self, found: &Found) -> bool {
        let around =
            Raw::slice(&self.chars, found.start.saturating_sub(10), found.end.saturating_add(10)).to_lowercase();
        LEADING.iter().any(|word| around.contains(word))
    }
}

/// Words that lead a reader to somebody.
const LEADING: [&str; 30] = [
    "加", "搜", "私", "找", "聊", "询", "扫", "联系", "添", "关注", "同名", "同号", "号", "群", "进店", "主页", "转账",
    "交易", "付款", "详情", "领取", "返现", "发我", "add", "contact", "search", "follow", "dm", "@", "+",
];
