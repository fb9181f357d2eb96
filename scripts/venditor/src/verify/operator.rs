//! What the operator is told of a label: which piece it is, which file says what, what is missing, what mends it. The
//! shopper's words come below, where a language is named.

use trace_verify::answer::Answer;
use trace_verify::assess::{Assessment, Verdict};
use trace_verify::manifest::Issue;
use trace_verify::serial::Code;

use super::files::Inputs;
use super::search::shown;
use crate::keys::dir::KeyDir;
use crate::{mend, out};

pub fn tell(code: &Code, inputs: &Inputs, assessment: &Assessment, answer: &Answer<'_>, keys: &KeyDir) {
    let sources = &inputs.sources;
    out::line(format!("{:9} {} (a shopper sees \"{}\")", "verdict", word(assessment.verdict), answer.title));
    let batch = assessment.manifest.as_ref().map_or("?", |manifest| &manifest.payload.batch);
    out::line(format!(
        "{:9} {}: counter {} of MAC key {}, batch {batch}",
        "piece",
        code.element_string(),
        code.counter(),
        code.kid()
    ));
    let file = |path: Option<&std::path::PathBuf>| path.map_or("as named".to_owned(), |path| shown(path));
    match &assessment.manifest {
        Some(held) => out::line(format!(
            "{:9} {}: {} pieces from counter {}, signed by {}",
            "manifest",
            file(sources.manifest.as_ref()),
            held.payload.count,
            held.payload.first,
            held.kid
        )),
        None => out::line(format!("{:9} none holds that issued this code{}", "manifest", among(inputs))),
    }
    if let Some(held) = &assessment.record {
        let of = held.payload.counter.map_or("the batch".to_owned(), |counter| format!("piece {counter}"));
        let record = &held.payload;
        out::line(format!(
            "{:9} {}: of {of}, certificate {}, {} photos, signed by {}{}",
            "record",
            file(sources.record.as_ref()),
            record.inspection.certificate,
            record.photos.len(),
            held.kid,
            if assessment.certificate_expired { ", EXPIRED" } else { "" }
        ));
    } else if let Some(path) = &sources.record {
        out::line(format!("{:9} {}: does not hold", "record", shown(path)));
    }
    for path in &sources.statements {
        out::line(format!("{:9} {}", "statement", shown(path)));
    }
    if let Some(status) = &assessment.status {
        let (payload, by) = (&status.payload, &status.kid);
        out::line(format!("{:9} {}: {}, by {by}", "in force", payload.scope, payload.state.code()));
    }
    for reason in &answer.reasons {
        let cause = reason.cause.map_or_else(String::new, |cause| format!(" [{cause}]"));
        out::line(format!("{:9} {}{cause}", "because", reason.code));
    }
    if let Some(mend) = mends(code, assessment, keys) {
        out::line(format!("{:9} {mend}", "->"));
    }
}

fn among(inputs: &Inputs) -> String {
    match inputs.sources.of {
        Some(of) => format!(", among {of} signed documents: --in FOLDER looks elsewhere"),
        None => String::new(),
    }
}

fn mends(code: &Code, assessment: &Assessment, keys: &KeyDir) -> Option<String> {
    let manifest = assessment.manifest.as_ref().map(|held| &held.payload);
    match assessment.verdict {
        Verdict::RecordMissing => {
            let manifest = manifest?;
            let counter = (manifest.records == Issue::Item).then(|| code.counter());
            mend::no_record(keys, manifest, &[counter], 1).map(|(what, mend)| format!("{what}. {mend}"))
        }
        Verdict::RecordInvalid => {
            Some("correct the record and sign it anew with a record key that the manifest takes".into())
        }
        Verdict::KeyRevoked => Some("RECALLS.md, \"A key is lost or stolen\", says what to sign anew".into()),
        Verdict::Recalled | Verdict::Withdrawn => Some("`cargo venditor status show` says what is in force".into()),
        Verdict::NotInManifest | Verdict::Unavailable | Verdict::RecordUnavailable | Verdict::Genuine => None,
    }
}

/// What is wrong with a label whose tag no key here has made.
pub fn forged(inputs: &Inputs) {
    let kids: Vec<String> = inputs.mac_kids.iter().map(ToString::to_string).collect();
    out::line(format!("{:9} bad_code (a shopper sees \"Invalid code\")", "verdict"));
    out::line(format!(
        "{:9} no MAC key that is here ({}) made this tag: the label is forged, mistyped, or of a key that is kept elsewhere",
        "because",
        kids.join(", ")
    ));
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Recalled => "recalled",
        Verdict::KeyRevoked => "a key was revoked",
        Verdict::NotInManifest => "not issued",
        Verdict::Withdrawn => "withdrawn",
        Verdict::Unavailable => "cannot be told",
        Verdict::RecordMissing => "issued, without a record",
        Verdict::RecordInvalid => "issued, with a document that does not hold",
        Verdict::RecordUnavailable => "issued; no record was named",
        Verdict::Genuine => "genuine",
    }
}
