//! Without the MAC keys: the signed documents can be checked, the label cannot. So the answer is never "genuine".

use anyhow::{Result, anyhow};
use serde_json::json;
use shared::keyset::KeySet;
use trace_verify::assess::{Lookup, Published};
use trace_verify::chain::Chain;
use trace_verify::digital_link::{Link, PrimaryKey};
use trace_verify::manifest::Manifest;
use trace_verify::record::Record;
use trace_verify::status::Status;

use super::Command;
use super::files::Inputs;
use crate::document::{self, Document};
use crate::out;

const NOT_CHECKED: &str =
    "the label's tag, and with it which piece this is and whether a manifest issued it (needs TRACE_MAC_KEYS: --env)";

/// Says what holds; `false`, for the label is not shown to be genuine.
pub fn report(command: &Command, link: &Link, inputs: &Inputs, now: i64) -> Result<bool> {
    let Lookup::Found(keyset) = &inputs.documents.keyset else { return Err(anyhow!("no key set")) };
    let set = KeySet::verify_and_parse(keyset, &inputs.roots).map_err(|e| anyhow!("the key set: {e}"))?;
    let primary = PrimaryKey::new(link.ai(), link.primary_part())
        .map_err(|e| anyhow!("{}: {e}", command.url.as_deref().unwrap_or_default()))?;
    let of_product = |found: &PrimaryKey| {
        let this = if *found == primary { "of this product" } else { "OF ANOTHER PRODUCT" };
        format!("{this} ({found})")
    };
    let documents = &inputs.documents;
    let lines: Vec<(&str, Result<String>)> = [
        one::<Manifest>("manifest", &documents.manifest, &set, now, |m| {
            format!("batch {}, {}", m.batch, of_product(&m.primary))
        }),
        one::<Record>("record", &documents.record, &set, now, |r| {
            format!("batch {}, {}", r.batch, of_product(&r.primary))
        }),
        one::<Status>("batch status", &documents.batch_status, &set, now, |s| {
            format!("{} {}", s.scope, s.state.code())
        }),
        one::<Status>("product status", &documents.product_status, &set, now, |s| {
            format!("{} {}", s.scope, s.state.code())
        }),
    ]
    .into_iter()
    .flatten()
    .chain(documents.issuers.iter().map(|published| ("statements", chain(published, &primary, &set, now))))
    .collect();
    if command.json {
        let checked: Vec<_> = lines
            .iter()
            .map(|(what, result)| match result {
                Ok(says) => json!({"document": what, "valid": true, "says": says}),
                Err(e) => json!({"document": what, "valid": false, "says": format!("{e:#}")}),
            })
            .collect();
        out::json(&json!({"outcome": "label_not_checked", "documents": checked, "not_checked": [NOT_CHECKED]}))?;
        return Ok(false);
    }
    for (what, result) in &lines {
        match result {
            Ok(says) => out::line(format!("✓ {what}: validly signed, {says}")),
            Err(e) => out::line(format!("✗ {what}: {e:#}")),
        }
    }
    out::line(format!("not checked: {NOT_CHECKED}"));
    Ok(false)
}

/// What a chain of statements says, whatever piece this is.
fn chain(published: &Published, primary: &PrimaryKey, set: &KeySet, now: i64) -> Result<String> {
    let Lookup::Found(bytes) = &published.chain else { return Err(anyhow!("no chain")) };
    let chain = Chain::read(bytes, &published.issuer, primary, set, now);
    if let Some(problem) = chain.problem {
        return Err(anyhow!("{problem}"));
    }
    let stated = chain.in_force(None).map(|link| &link.statement.payload.status);
    let stated: Vec<String> = stated.map(|status| format!("{} {}", status.scope, status.state.code())).collect();
    Ok(format!("of {}: {}", published.issuer, stated.join(", ")))
}

fn one<D: Document>(
    what: &'static str,
    lookup: &Lookup,
    set: &KeySet,
    now: i64,
    says: impl Fn(&D) -> String,
) -> Option<(&'static str, Result<String>)> {
    let Lookup::Found(bytes) = lookup else { return None };
    let opened = document::opened::<D>(bytes, set, now);
    Some((what, opened.map(|opened| format!("{}, key {} ({})", says(&opened.payload), opened.kid, opened.owner.en))))
}
