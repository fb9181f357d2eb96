//! What it means that an account is full.

use std::collections::BTreeSet;
use std::path::Path;

use instant_refund::decision::Account;
use instant_refund::policy::Rules;
use shared::lang::Lang;

/// One account of every kind.
pub fn every() -> Vec<Account> {
    let id = || "x".to_owned();
    vec![
        Account::Freight { order: id() },
        Account::Payment { payment: id() },
        Account::Order { order: id() },
        Account::Pieces { order: id(), line: id() },
        Account::Line { order: id(), line: id() },
        Account::BuyerQuota { buyer: id() },
        Account::BuyerYear { buyer: id() },
        Account::FundMerchant { merchant: id() },
        Account::Fund,
        Account::Claim { order: id() },
        Account::Compensation { order: id() },
        Account::Waybill { waybill: id() },
        Account::Policy { policy: id() },
    ]
}

/// Serde names every variant when it is given one that is none: a new kind fails this until it stands above.
#[test]
fn every_kind_is_listed() {
    let error = serde_json::from_str::<Account>(r#"{"type":"?"}"#).unwrap_err().to_string();
    let kinds: BTreeSet<String> = error.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    let listed =
        every().into_iter().map(|account| serde_json::to_value(account).unwrap()["type"].as_str().unwrap().to_owned());
    assert_eq!(listed.collect::<BTreeSet<_>>(), kinds, "{error}");
}

/// A full account says why in words, and a vector shows it on every host.
#[test]
fn a_full_account_has_words_and_a_vector() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/instant-refund");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let vectors: Vec<String> = files.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    for account in every() {
        let code = account.full();
        assert!(Rules::bundled().words.get("trouble", code, Lang::En).is_some(), "no words for {code}");
        let told = format!("\"code\": \"{code}\"");
        assert!(vectors.iter().any(|vector| vector.contains(&told)), "no vector tells {code}, of {account:?}");
    }
}
