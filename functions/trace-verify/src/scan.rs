//! Gathers the facts on a code whose tag verified: documents from the key-value store, the history from the ledger.

use futures_util::future::{join, join_all, join3, join4};
use shared::platform::{Host, StorageError};
use shared::policy::{NoKeySet, Policies};

use crate::assess::{self, Assessment, Lookup, Published, Statuses};
use crate::keys;
use crate::ledger::Visitor;
use crate::outcome::Ledger;
use crate::serial::Code;

/// Two rounds: what decides whether the code was issued; then, at once, the statements of all issuers on the product, the
/// record and the history. A statement that stands alone is asked for as soon as its key is known.
/// The ledger is an error if a newer build wrote it: the visit cannot be counted, and would make a later one the first.
pub async fn scan<H: Host>(
    host: &H,
    visitor: &Visitor,
    code: &Code,
    policies: &Policies<'_, H>,
    now_ms: i64,
    fault: &impl Fn(&StorageError),
) -> (Assessment, Result<Ledger, StorageError>) {
    let lookup = |answer: Result<Option<Vec<u8>>, StorageError>| match answer {
        Ok(Some(bytes)) => Lookup::Found(bytes),
        Ok(None) => Lookup::Missing,
        Err(error) => {
            fault(&error);
            Lookup::Unavailable
        }
    };
    let manifest_key = keys::manifest_of(code);
    let product_key = keys::product_status(code.primary());
    let (keyset, manifest, product_status) =
        join3(host.get(keys::KEYSET), host.get(&manifest_key), host.get(&product_key)).await;
    let keyset = keyset.inspect_err(fault).map_err(drop);
    // Not simply what lies in the store: whoever can write there could bring back a set from before a revocation.
    let adopted = match policies.keyset(keyset.as_ref().map(Option::as_deref).map_err(drop)).await {
        Ok(adopted) => adopted,
        Err(none) => {
            let untrusted = assess::untrusted(code, assess::without_keyset(&none));
            return (untrusted, if let NoKeySet::Newer(error) = none { Err(error) } else { Ok(Ledger::NotAsked) });
        }
    };
    let keyset = &adopted.set;
    let membership = assess::membership(code, keyset, &lookup(manifest), now_ms);
    let issued = membership.manifest.as_ref().map(|manifest| manifest.payload.clone());

    let status_key = issued.as_ref().map(|manifest| keys::batch_status(&manifest.batch));
    let record_key = issued.as_ref().map(|manifest| keys::record_of(code, manifest));
    // Only what was issued, with a valid key, has a history: nothing is stored for anything else.
    let has_history = issued.is_some() && membership.problem.is_none();
    let history = async {
        if !has_history {
            return Ok(Ledger::NotAsked);
        }
        visitor.ask(host, &code.item(), now_ms).await.or_else(|error| {
            if error.is_newer() {
                return Err(error);
            }
            fault(&error);
            Ok(Ledger::Unavailable)
        })
    };
    let lookup = &lookup;
    let maybe = async |key: Option<&str>| match key {
        Some(key) => lookup(host.get(key).await),
        None => Lookup::Missing,
    };
    let maybe = &maybe;
    let issuers = join_all(keyset.issuers().into_iter().map(|issuer| {
        let chain_key = keys::statements(issuer.name, code.primary());
        let head_key = issuer.has_heads.then(|| keys::head(issuer.name));
        async move {
            let (chain, head) = join(maybe(Some(&chain_key)), maybe(head_key.as_deref())).await;
            Published { issuer: issuer.name.to_owned(), chain, head }
        }
    }));
    let (batch_status, record, issuers, ledger) =
        join4(maybe(status_key.as_deref()), maybe(record_key.as_deref()), issuers, history).await;

    let product_status = lookup(product_status);
    let statuses = Statuses { batch: &batch_status, product: &product_status, issuers: &issuers };
    let standing = assess::standing(code, keyset, issued.as_ref(), &statuses, now_ms);
    let evidence = issued.as_ref().map(|manifest| assess::evidence(code, keyset, manifest, &record, now_ms));
    (assess::combine(code, keyset, membership, standing, evidence, now_ms), ledger)
}
