//! What was found in a listing, and the verdict that follows. Pure.

use std::collections::{BTreeMap, BTreeSet};

use listing_engine::step::Steps;
use listing_engine::{Found, Text, search};

use crate::code::{self, Code};
use crate::contact::{self, Contact, Kind};
use crate::listing::{Image, Listing};
use crate::passed::Around;
use crate::policy::{Force, Rules, Severity};
use crate::raw::Raw;
pub use crate::raw::Span;
pub use crate::rules::Part;
use crate::rules::scope::Scope;
use crate::rules::{Seen, Watch};
use crate::texts::{self, Field, Place};

/// The most findings that are told.
const MOST_TOLD: usize = 200;

/// Of one term in one text, so many findings are looked at one by one; the others count as they do.
const MOST_LOOKED: usize = MOST_TOLD;

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
    /// Words that a rule forbids together.
    Combination {
        /// The rule.
        rule: u16,
        /// The words, in the order of the listing.
        parts: Vec<Part>,
    },
    /// A stretch of the shape that a rule forbids.
    Pattern {
        /// The rule.
        rule: u16,
        /// What is read there.
        value: String,
    },
    /// That the listing does not state what a rule demands.
    Duty {
        /// The rule.
        rule: u16,
        /// The statement.
        states: String,
    },
    /// A picture that nobody has read.
    UnreadImage,
    /// A text with more readings than were tried.
    UnreadText,
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
    let mut scope = Scope::of(listing, rules);
    let mut watch = Watch::over(rules, &mut scope);
    for field in fields.iter().enumerate() {
        in_field(field, &mut scope, &mut watch, rules, of_contact, &mut findings);
    }
    watch.done(&mut findings);
    across_fields(&fields, rules, of_contact, &mut findings);
    led_by_the_text_before(&fields, rules, of_contact, &mut findings);
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
pub(crate) struct Findings {
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

    /// What a rule found. One in shadow is told in events alone.
    pub(crate) fn rule(&mut self, number: u16, shadow: bool, rules: &Rules<'_>, finding: Finding) {
        if shadow {
            self.shadow.insert(rules.name(number));
        } else {
            self.put(finding.severity, || finding);
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

fn in_field<'p>(
    (number, field): (usize, &Field<'_>),
    scope: &mut Scope<'_, 'p>,
    watch: &mut Watch<'p>,
    rules: &Rules<'p>,
    of_contact: Severity,
    findings: &mut Findings,
) {
    let raw = Raw::of(field);
    let text = Text::of(&field.text, &rules.language);
    if field.place == Place::Hidden {
        let severity = Severity::Review;
        findings.put(severity, || Finding {
            pointer: field.pointer.clone(),
            span: Some(raw.span(0, raw.len())),
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
    let searched = search(&text, &rules.language, &rules.lexicon, &rules.tuning, false);
    if !searched.complete {
        let (pointer, severity, steps) = (field.pointer.clone(), Severity::Review, Steps::NONE);
        findings.put(severity, || Finding { pointer, span: None, steps, severity, what: What::UnreadText });
    }
    let terms = searched.found;
    let mut reading = contact::find(&text, rules, &terms);
    findings.speaks |= reading.speaks;
    let mut contacts = std::mem::take(&mut reading.contacts);
    let of_contact =
        if field.place == Place::Code { of_code(field, &raw, scope, of_contact, &mut contacts) } else { of_contact };
    let (mut parts, mut terms): (Vec<Found>, Vec<Found>) = terms.into_iter().partition(|found| found.part);
    // The longest first: where it makes a combination, those within it make no other.
    parts.sort_by_key(|part| (part.start, std::cmp::Reverse(part.end), part.term));
    let around = Around { field, raw: &raw, contacts: &contacts, serves: &reading.serves, rules };
    let mut met: BTreeMap<u32, usize> = BTreeMap::new();
    terms.retain(|found| {
        let Some(term) = rules.lexicon.term(found.term) else { return false };
        // A text may be nothing but one term: what stands around it is looked at for so many as could be told, and one of
        // them has counted then.
        let before = met.entry(found.term).or_default();
        let counts = *before >= MOST_LOOKED || around.passes_over(found, scope).is_none();
        *before = before.saturating_add(usize::from(counts));
        let force = scope.force(term.group);
        if counts && force == Force::Shadow {
            findings.shadow.insert(rules.name(term.group));
        }
        counts && force == Force::Full
    });
    let told: Vec<(u32, u32, Severity)> = terms
        .iter()
        .filter_map(|found| {
            let term = rules.lexicon.term(found.term)?;
            Some((found.start, found.end, rules.severity(term.group)))
        })
        .collect();
    terms_and_contacts(field, &raw, contacts, terms, rules, of_contact, findings);
    watch.see(Seen { number, field, raw: &raw, text: &text, parts: &parts, told: &told }, findings);
}

/// Contacts of what a code says, by what it is, and what they do to the listing.
fn of_code(
    field: &Field<'_>,
    raw: &Raw<'_>,
    scope: &Scope<'_, '_>,
    of_contact: Severity,
    contacts: &mut Vec<Contact>,
) -> Severity {
    // What a batch or a serial says is judged as words are, if a word before it says that it is an account.
    let own = |contact: &Contact| contact.kind != Kind::Url && !contact.cue.is_empty();
    let (kind, severity) = match code::read(&field.text) {
        Code::Goods => {
            contacts.retain(own);
            return of_contact;
        }
        Code::Words | Code::GoodsLink(_) | Code::Leads(_) | Code::MayLead(_) if contacts.iter().any(own) => {
            return of_contact;
        }
        // Its host is somebody's, who may show there what they like: the marketplace is told, and unless it is of the very
        // goods that the listing names, a person looks.
        Code::GoodsLink(gtin) => {
            contacts.clear();
            let most = if scope.states(&gtin) { Severity::Warn } else { Severity::Review };
            (Kind::Url, of_contact.min(most))
        }
        Code::Words => return of_contact,
        Code::Leads(_) | Code::MayLead(_) if !contacts.is_empty() => return of_contact,
        Code::Leads(kind) => (kind, of_contact),
        Code::MayLead(kind) => (kind, of_contact.min(Severity::Review)),
    };
    let (value, cue) = (field.text.clone().into_owned(), String::new());
    contacts.push(Contact { kind, value, start: 0, end: raw.len(), steps: Steps::NONE, cue });
    severity
}

fn terms_and_contacts(
    field: &Field<'_>,
    raw: &Raw<'_>,
    contacts: Vec<Contact>,
    terms: Vec<Found>,
    rules: &Rules<'_>,
    of_contact: Severity,
    findings: &mut Findings,
) {
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
            findings.contact(of_contact, field, raw, contact);
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

/// Contacts of which one text ends with the word that says what they are, and the next holds them: an attribute called QQ,
/// and its number; 微信： at the end of a description, and an account in a picture.
fn led_by_the_text_before(fields: &[Field<'_>], rules: &Rules<'_>, of_contact: Severity, findings: &mut Findings) {
    let shown: Vec<&Field<'_>> = fields.iter().filter(|field| field.place == Place::Words).collect();
    for pair in shown.windows(2) {
        let [before, field] = pair else { continue };
        for contact in contact::across::led(&before.text, &field.text, rules) {
            findings.contact(of_contact, field, &Raw::of(field), contact);
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
