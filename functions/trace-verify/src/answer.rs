//! The answer to a scan. JSON is this structure; the page is drawn from it: both say the same.

mod scans;
mod texts;

use std::borrow::Cow;

use serde::Serialize;
use sha2::{Digest, Sha256};
use shared::china_time;
use shared::hex::hex;
use shared::keyset::Opened;
use shared::lang::Lang;

pub use self::scans::Scans;
use self::scans::recognised;
use crate::assess::{About, Assessment};
use crate::digital_link::Link;
use crate::history::{History, Recognised, Visit};
use crate::manifest::Issue;
use crate::outcome::{Gravity, Ledger, Outcome, basis, decide};
use crate::policy::{Rules, Text, Words, texts as msg};
use crate::record::Record;
use crate::serial::Code;
use crate::visitor::Uncounted;

/// Everything that is said about one scan. Instants are milliseconds since the epoch (UTC).
#[derive(Serialize)]
pub struct Answer<'a> {
    /// The verdict's stable code.
    #[serde(serialize_with = "outcome_code")]
    pub outcome: Outcome,
    /// Its headline.
    pub title: Cow<'a, str>,
    /// Its sentence.
    pub summary: Cow<'a, str>,
    /// Copies are suspected for more than one person could have done.
    #[serde(skip)]
    pub grave: bool,
    /// Why, by stable codes.
    pub reasons: Vec<Reason<'a>>,
    /// The code that was scanned.
    pub code: Scanned,
    /// The scan history; absent for what has none.
    pub scans: Option<Scans>,
    /// The recall or withdrawal in force.
    pub notice: Option<Notice<'a>>,
    /// The inspection record, as its signer wrote it; absent unless it holds.
    pub record: Option<Signed<'a>>,
    /// What is proved, by whom, how old, and what it does not prove.
    pub evidence: Vec<Evidence<'a>>,
    /// The host to expect in a browser's address bar.
    pub official_host: &'a str,
    /// All hosts that labels may name, that one first.
    pub official_hosts: &'a [String],
    /// When this was checked.
    pub checked_at: i64,
    /// Digest of the policy pack.
    pub policy: &'a str,
    /// Digest of what went in: the same input, policy and state give the same id.
    pub decision_id: String,
}

/// One reason.
#[derive(Serialize)]
pub struct Reason<'a> {
    /// Stable code.
    pub code: &'static str,
    /// Stable code of what exactly is wrong with a document; for programs and support, not shown to people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<&'static str>,
    /// For a person.
    pub message: Cow<'a, str>,
}

/// The scanned code in its standard forms.
#[derive(Serialize)]
pub struct Scanned {
    /// Canonical GS1 Digital Link URI.
    pub digital_link: String,
    /// GS1 element string, human readable: `(01)…(21)…`. Only for codes of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element_string: Option<String>,
    /// The batch, where a manifest names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
}

/// A recall or a withdrawal.
#[derive(Serialize)]
pub struct Notice<'a> {
    /// `recalled` or `withdrawn`.
    pub state: &'static str,
    /// Why.
    pub reason: &'a str,
    /// What the product is called, by the statement.
    pub product_name: Option<&'a str>,
    /// What to do.
    pub advice: Option<&'a str>,
    /// Whom to call.
    pub telephone: Option<&'a str>,
    /// Where to give the product back.
    pub return_url: Option<&'a str>,
    /// The notice's number.
    pub reference: Option<&'a str>,
    /// Since when.
    pub issued_at: i64,
    /// Who says so.
    pub by: &'a str,
}

/// The record and its signature's facts.
#[derive(Serialize)]
pub struct Signed<'a> {
    /// Who signed it.
    pub by: &'a str,
    /// With which key.
    pub kid: &'a str,
    /// When.
    pub signed_at: i64,
    /// Whether its validity is over.
    pub expired: bool,
    /// What it was found on: this very `piece`, or the `batch`.
    pub covers: Covers,
    /// The document, in both languages, as signed.
    pub document: &'a Record,
}

/// What a record was found on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Covers {
    /// Pieces of the same batch.
    Batch,
    /// This very piece.
    Piece,
}

/// One claim.
#[derive(Serialize)]
pub struct Evidence<'a> {
    /// Stable code of what is proved.
    pub proof: &'static str,
    /// The same for a person.
    pub proves: &'a str,
    /// By whom; absent for the marketplace's own keys.
    pub by: Option<&'a str>,
    /// With which key.
    pub kid: &'a str,
    /// When it was signed; absent for a label's tag.
    pub signed_at: Option<i64>,
    /// How old the proof is, in whole days.
    pub age_days: Option<i64>,
    /// Stable code of what it leaves open.
    pub limit: &'static str,
    /// The same for a person.
    pub does_not_prove: &'a str,
}

const DAY_MS: i64 = 86_400_000;

impl<'a> Answer<'a> {
    /// For a code that is none of ours.
    pub fn bad_code(link: &Link, hosts: &'a [String], rules: Rules<'a>, lang: Lang, now_ms: i64) -> Answer<'a> {
        let (outcome, words) = (Outcome::BadCode, rules.words(lang));
        let digital_link = link.canonical();
        Answer {
            outcome,
            title: words.get(outcome.title()).into(),
            summary: words.get(outcome.summary()).into(),
            grave: false,
            reasons: vec![Reason { code: "bad_code", cause: None, message: words.get(msg::REASON_BAD_CODE).into() }],
            decision_id: decision_id(&digital_link, outcome, rules, now_ms, None),
            code: Scanned { digital_link, element_string: None, batch: None },
            scans: None,
            notice: None,
            record: None,
            evidence: Vec::new(),
            official_host: first(hosts),
            official_hosts: hosts,
            checked_at: now_ms,
            policy: rules.digest(),
        }
    }

    /// For a code of ours.
    pub fn new(
        code: &Code,
        assessment: &'a Assessment,
        ledger: &Ledger,
        hosts: &'a [String],
        rules: Rules<'a>,
        lang: Lang,
        now_ms: i64,
    ) -> Answer<'a> {
        let outcome = decide(assessment.verdict, ledger, rules, now_ms);
        let words = rules.words(lang);
        let history = if let Ledger::Known(history) = ledger { Some(history) } else { None };
        let digital_link = code.canonical();
        // Beside a verdict that says not to believe the documents, they are not shown.
        let shown = matches!(outcome.code(), "recalled" | "withdrawn") || outcome.rests_on_record();
        Answer {
            outcome,
            title: title(outcome, assessment, history, words),
            summary: summary(outcome, assessment, ledger, words),
            grave: history.is_some_and(|history| basis(history, rules, now_ms).is_grave(rules)),
            reasons: reasons(outcome, assessment, ledger, rules, words, now_ms),
            decision_id: decision_id(&digital_link, outcome, rules, now_ms, history),
            code: Scanned {
                digital_link,
                element_string: Some(code.element_string()),
                batch: assessment.manifest.as_ref().map(|m| m.payload.batch.clone()),
            },
            scans: scans::told(ledger),
            notice: notice(outcome, assessment, lang),
            record: assessment.record.as_ref().filter(|_| shown).map(|record| Signed {
                by: record.owner.get(lang),
                kid: &record.kid,
                signed_at: record.signed_at,
                expired: assessment.certificate_expired,
                covers: covers(assessment),
                document: &record.payload,
            }),
            evidence: evidence(assessment, words, now_ms),
            official_host: first(hosts),
            official_hosts: hosts,
            checked_at: now_ms,
            policy: rules.digest(),
        }
    }
}

impl Answer<'_> {
    /// How grave it is: a piece that only this device has scanned is as good as on its first scan, if the device is known
    /// and not only alike; an expired certificate is worth a second look; and what a griefer can do turns no piece red.
    pub fn gravity(&self) -> Gravity {
        let known = |scans: &Scans| scans.repeat && scans.recognised_by != Some(Recognised::Likeness.code());
        let alone = self.scans.as_ref().is_some_and(|scans| known(scans) && scans.count == 1);
        let expired = self.record.as_ref().is_some_and(|record| record.expired);
        match self.outcome.gravity() {
            Gravity::Caution if alone && self.outcome == Outcome::AuthenticSeenBefore && !expired => Gravity::Good,
            Gravity::Good if expired => Gravity::Caution,
            Gravity::Danger if self.outcome == Outcome::SuspectedClone && !self.grave => Gravity::Caution,
            gravity => gravity,
        }
    }
}

impl Outcome {
    pub(crate) fn rests_on_record(self) -> bool {
        matches!(
            self,
            Outcome::AuthenticFirstScan
                | Outcome::AuthenticSeenBefore
                | Outcome::AuthenticUnscanned
                | Outcome::AuthenticHistoryUnavailable
                | Outcome::SuspectedClone
        )
    }
}

/// The host that people should see first.
fn first(hosts: &[String]) -> &str {
    hosts.first().map_or("", String::as_str)
}

/// What the record was found on: this piece, or others of its batch.
fn covers(assessment: &Assessment) -> Covers {
    match assessment.manifest.as_ref().map(|manifest| manifest.payload.records) {
        Some(Issue::Item) => Covers::Piece,
        Some(Issue::Batch) | None => Covers::Batch,
    }
}

/// The headline. The product is called genuine only where a record in force is of this very piece; else it is the code that
/// is. A certificate that has expired leads. A device that alone has scanned a piece, and comes back, gets a title of its
/// own, which should not alarm its owner.
fn title<'w>(outcome: Outcome, assessment: &Assessment, history: Option<&History>, words: Words<'w>) -> Cow<'w, str> {
    let recognised = history.and_then(recognised);
    let alone = history.is_some_and(|history| history.count == 1) && recognised.is_some();
    let text = match outcome {
        Outcome::AuthenticSeenBefore if recognised == Some(Recognised::Likeness) => msg::TITLE_AUTHENTIC_SIMILAR_DEVICE,
        Outcome::CheckIncomplete if lacks_recalls_alone(assessment) => msg::TITLE_RECALLS_UNCHECKED,
        Outcome::AuthenticSeenBefore if alone => msg::TITLE_AUTHENTIC_SAME_DEVICE,
        _ => outcome.title(),
    };
    let expired = assessment.certificate_expired;
    let of_piece = covers(assessment) == Covers::Piece && !expired;
    let claim = words.get(if of_piece { msg::CLAIM_PIECE } else { msg::CLAIM_CODE });
    let title = words.fill(text, &[("claim", claim)]);
    if expired && outcome.rests_on_record() && outcome != Outcome::SuspectedClone {
        return words.fill(msg::TITLE_CERTIFICATE_EXPIRED, &[("title", &title)]);
    }
    title
}

/// The code was issued; what cannot be checked is whether it was recalled.
fn lacks_recalls_alone(assessment: &Assessment) -> bool {
    let about = assessment.reason.map(|reason| reason.about);
    assessment.manifest.is_some() && matches!(about, Some(About::Status | About::Head | About::KeySet))
}

fn summary<'w>(outcome: Outcome, assessment: &Assessment, ledger: &Ledger, words: Words<'w>) -> Cow<'w, str> {
    let history = if let Ledger::Known(history) = ledger { Some(history) } else { None };
    let first = history.map_or_else(String::new, |h| china_time::minute(h.first_at));
    let count = history.map_or(0, |h| h.count).to_string();
    let stated = assessment.status.as_ref().map_or("", |status| status.payload.reason.get(words.lang));
    let text = match outcome {
        Outcome::AuthenticSeenBefore => match history.and_then(recognised) {
            Some(Recognised::Cookie | Recognised::App) => msg::SUMMARY_AUTHENTIC_SAME_DEVICE,
            Some(Recognised::Likeness) => msg::SUMMARY_AUTHENTIC_SIMILAR_DEVICE,
            None => outcome.summary(),
        },
        Outcome::AuthenticUnscanned if *ledger == Ledger::Empty(Uncounted::Unconfirmed) => {
            msg::SUMMARY_AUTHENTIC_UNCONFIRMED
        }
        Outcome::CheckIncomplete if lacks_recalls_alone(assessment) => msg::SUMMARY_RECALLS_UNCHECKED,
        _ => outcome.summary(),
    };
    let covers = words.get(match covers(assessment) {
        Covers::Batch => msg::COVERS_BATCH,
        Covers::Piece => msg::COVERS_PIECE,
    });
    words.fill(text, &[("first", &first), ("count", &count), ("reason", stated), ("covers", covers)])
}

fn reason<'w>(code: &'static str, text: Text, words: Words<'w>, values: &[(&str, &str)]) -> Reason<'w> {
    Reason { code, cause: None, message: words.fill(text, values) }
}

fn reasons<'w>(
    outcome: Outcome,
    assessment: &'w Assessment,
    ledger: &Ledger,
    rules: Rules<'_>,
    words: Words<'w>,
    now_ms: i64,
) -> Vec<Reason<'w>> {
    let mut reasons = Vec::new();
    // A notice's reason is its own; the headline says already that it is in force.
    if let (Outcome::Recalled | Outcome::Withdrawn, Some(status)) = (outcome, &assessment.status) {
        let message = status.payload.reason.get(words.lang).into();
        reasons.push(Reason { code: outcome.code(), cause: None, message });
    }
    if let Some(why) = assessment.reason {
        let message = words.get(texts::fault(why)).into();
        reasons.push(Reason { code: why.about.code(), cause: Some(why.code), message });
    }
    reasons.extend(scans::reasons(outcome, ledger, rules, words, now_ms));
    if assessment.certificate_expired {
        let until = assessment.record.as_ref().and_then(|r| r.payload.valid_until).map(china_time::date);
        let until = until.unwrap_or_default();
        reasons.push(reason("certificate_expired", msg::REASON_CERTIFICATE_EXPIRED, words, &[("until", &until)]));
    }
    reasons
}

fn notice(outcome: Outcome, assessment: &Assessment, lang: Lang) -> Option<Notice<'_>> {
    let status: &Opened<_> = assessment.status.as_ref()?;
    matches!(outcome, Outcome::Recalled | Outcome::Withdrawn).then(|| Notice {
        state: status.payload.state.code(),
        reason: status.payload.reason.get(lang),
        product_name: status.payload.product_name.as_ref().map(|name| name.get(lang)),
        advice: status.payload.advice.as_ref().map(|advice| advice.get(lang)),
        telephone: status.payload.telephone.as_deref(),
        return_url: status.payload.return_url.as_deref(),
        reference: status.payload.reference.as_deref(),
        issued_at: status.signed_at,
        by: status.owner.get(lang),
    })
}

fn evidence<'a>(assessment: &'a Assessment, words: Words<'a>, now_ms: i64) -> Vec<Evidence<'a>> {
    let of = |claim| {
        let claim: &'a crate::assess::Claim = claim;
        Evidence {
            proof: claim.proof.code(),
            proves: words.get(texts::proof(claim.proof)),
            by: claim.by.owner.as_ref().map(|owner| owner.get(words.lang)),
            kid: &claim.by.kid,
            signed_at: claim.signed_at,
            age_days: claim.age_ms(now_ms).map(|age| age.div_euclid(DAY_MS)),
            limit: claim.limit.code(),
            does_not_prove: words.get(texts::limit(claim.limit)),
        }
    };
    assessment.claims.iter().map(of).collect()
}

pub(crate) fn decision_id(
    digital_link: &str,
    outcome: Outcome,
    rules: Rules<'_>,
    now_ms: i64,
    history: Option<&History>,
) -> String {
    let mut digest = Sha256::new();
    for part in [digital_link, outcome.code(), rules.digest()] {
        digest.update(part);
        digest.update([0]);
    }
    digest.update(now_ms.to_be_bytes());
    if let Some(history) = history {
        digest.update(history.count.to_be_bytes());
        digest.update(history.first_at.to_be_bytes());
        digest.update([history.visit.number()]);
    }
    hex(digest.finalize().get(..12).unwrap_or_default())
}

impl Visit {
    fn number(self) -> u8 {
        match self {
            Visit::First => 1,
            Visit::Further => 2,
            Visit::Repeat { by_first_device: false, .. } => 3,
            Visit::Repeat { by_first_device: true, .. } => 4,
            Visit::NotCounted(_) => 5,
        }
    }
}

fn outcome_code<S: serde::Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(outcome.code())
}
