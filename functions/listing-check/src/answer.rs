//! Answers: a verdict in one language.

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use shared::hex::hex;
use shared::lang::Lang;

use crate::judge::{Finding, Judged, Part, Span, What};
use crate::listing::Listing;
use crate::policy::{Rules, Severity};

/// A verdict.
#[derive(Serialize)]
pub struct Verdict<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    outcome: &'static str,
    message: String,
    findings: Vec<FindingBody<'a>>,
    /// How many more findings there are.
    #[serde(skip_serializing_if = "is_zero")]
    left_out: usize,
    policy: &'a str,
    content: String,
}

impl Verdict<'_> {
    /// The codes of the rules that it is about, each once.
    pub fn rules(&self) -> Vec<String> {
        let rules: std::collections::BTreeSet<&String> = self.findings.iter().map(|finding| &finding.rule).collect();
        rules.into_iter().cloned().collect()
    }
}

#[derive(Serialize)]
struct FindingBody<'a> {
    rule: String,
    family: &'a str,
    severity: &'static str,
    pointer: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    term: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    steps: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<EvidenceBody<'a>>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cites: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<&'a str>,
}

#[derive(Serialize)]
struct SpanBody<'a> {
    start: u32,
    end: u32,
    utf16_start: u32,
    utf16_end: u32,
    raw: &'a str,
}

/// What made a finding count, in quarter bits.
#[derive(Serialize)]
#[serde(untagged)]
enum EvidenceBody<'a> {
    Term { literal: i32, term: i32, steps: i32, context: i32, gain: i32 },
    Cue { cue: &'a str },
    Parts { parts: Vec<PartBody<'a>> },
}

/// A word that a combination is made of.
#[derive(Serialize)]
struct PartBody<'a> {
    pointer: &'a str,
    span: SpanBody<'a>,
    term: &'a str,
    steps: Vec<&'static str>,
}

impl<'a> SpanBody<'a> {
    fn of(span: &'a Span) -> SpanBody<'a> {
        let ((start, end), (utf16_start, utf16_end)) = (span.scalars, span.utf16);
        SpanBody { start, end, utf16_start, utf16_end, raw: &span.raw }
    }
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The digest of what was judged: an edited listing is another. SHA-256 over the listing as it was understood, so white
/// space, the order of members and members that are not read do not matter; neither does the caller's `id`.
pub fn content_digest(listing: &Listing) -> String {
    let content = Listing { id: None, ..listing.clone() };
    hex(&Sha256::digest(serde_json::to_vec(&content).unwrap_or_default()))
}

/// A verdict in a language.
pub fn verdict<'a>(listing: &'a Listing, judged: &'a Judged, rules: &Rules<'a>, lang: Lang) -> Verdict<'a> {
    Verdict {
        id: listing.id.as_deref(),
        outcome: judged.outcome.name(),
        message: rules.text(&format!("outcome/{}", judged.outcome.name()), lang, &[]).into_owned(),
        findings: judged.findings.iter().map(|finding| body(finding, rules, lang)).collect(),
        left_out: judged.left_out,
        policy: rules.digest,
        content: content_digest(listing),
    }
}

fn body<'a>(finding: &'a Finding, rules: &Rules<'a>, lang: Lang) -> FindingBody<'a> {
    let raw = finding.span.as_ref().map_or("", |span| span.raw.as_str());
    let steps: Vec<&'static str> = finding.steps.each().map(|step| step.name()).collect();
    let said: Vec<_> = steps.iter().map(|step| rules.text(&format!("step/{step}"), lang, &[])).collect();
    let said = said.join(lang.pick("、", ", "));
    let (group, rule, message) = match &finding.what {
        What::Term { group, term, .. } => {
            let what = rules.of_group(*group, "what", lang);
            let message = if steps.is_empty() {
                rules.text("finding/term", lang, &[("term", term), ("what", what)])
            } else {
                let values = [("raw", raw), ("steps", said.as_str()), ("term", term), ("what", what)];
                rules.text("finding/disguised", lang, &values)
            };
            (Some(*group), rules.name(*group), message)
        }
        What::Contact(contact) => {
            let code = contact.kind.code();
            let what = rules.text(&format!("contact/{code}"), lang, &[]);
            let message = rules.text("finding/contact", lang, &[("what", &what), ("value", &contact.value)]);
            (rules.contact(), format!("offsite.{code}"), message)
        }
        What::Combination { rule, parts } => {
            let terms: Vec<String> = parts.iter().map(|part| format!("“{}”", part.term)).collect();
            let terms = terms.join(lang.pick("、", ", "));
            let values = [("terms", terms.as_str()), ("what", rules.of_group(*rule, "what", lang))];
            (Some(*rule), rules.name(*rule), rules.text("finding/combination", lang, &values))
        }
        What::Pattern { rule, .. } => {
            let values = [("raw", raw), ("what", rules.of_group(*rule, "what", lang))];
            (Some(*rule), rules.name(*rule), rules.text("finding/pattern", lang, &values))
        }
        What::Duty { rule, states } => {
            let values = [("states", states.as_str()), ("what", rules.of_group(*rule, "what", lang))];
            (Some(*rule), rules.name(*rule), rules.text("finding/duty", lang, &values))
        }
        What::UnreadImage => {
            // A pack of before may lack the words for a picture whose codes were read.
            let words =
                Some(rules.text("finding/unread_words", lang, &[])).filter(|_| finding.severity == Severity::Warn);
            let words = words.filter(|words| !words.is_empty());
            let said = words.unwrap_or_else(|| rules.text("finding/unread_image", lang, &[]));
            (None, "image.unread".to_owned(), said)
        }
        What::UnreadText => (None, "text.unread".to_owned(), rules.text("finding/unread_text", lang, &[])),
        What::Hidden => (None, "html.hidden".to_owned(), rules.text("finding/hidden", lang, &[])),
    };
    let (term, value, evidence) = match &finding.what {
        What::Term { term, weighed, .. } => {
            let (literal, prior, steps) = (weighed.literal, weighed.prior, weighed.cost);
            let (context, gain) = (weighed.evidence, weighed.gain);
            (Some(term.as_str()), None, Some(EvidenceBody::Term { literal, term: prior, steps, context, gain }))
        }
        What::Contact(contact) => {
            let cue = Some(contact.cue.as_str()).filter(|cue| !cue.is_empty()).map(|cue| EvidenceBody::Cue { cue });
            (None, Some(contact.value.as_str()), cue)
        }
        What::Combination { parts, .. } => {
            let parts = parts.iter().map(part).collect();
            (None, None, Some(EvidenceBody::Parts { parts }))
        }
        What::Pattern { value, .. } => (None, Some(value.as_str()), None),
        What::Duty { states, .. } => (Some(states.as_str()), None, None),
        What::UnreadImage | What::UnreadText | What::Hidden => (None, None, None),
    };
    let of_group = |name| group.map(|group| rules.of_group(group, name, lang)).filter(|text| !text.is_empty());
    FindingBody {
        rule,
        family: match (&finding.what, group) {
            (_, Some(group)) => rules.family(group),
            (What::Hidden, None) => "hidden",
            (What::UnreadText, None) => "text",
            (_, None) => "image",
        },
        severity: finding.severity.name(),
        pointer: &finding.pointer,
        span: finding.span.as_ref().map(SpanBody::of),
        term,
        value,
        steps,
        evidence,
        message: message.into_owned(),
        cites: of_group("cites"),
        suggestion: of_group("suggestion"),
    }
}

fn part(part: &Part) -> PartBody<'_> {
    let steps = part.steps.each().map(|step| step.name()).collect();
    PartBody { pointer: &part.pointer, span: SpanBody::of(&part.span), term: &part.term, steps }
}
