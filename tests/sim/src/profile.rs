//! The kinds of gateway that are simulated: what each promises, and how it really behaves. Promises are kept by all; what
//! a gateway does beyond them is what makes it hard.

use instant_refund::gateway::Semantics;

/// One kind.
#[derive(Debug)]
pub struct Profile {
    /// Its name.
    pub name: &'static str,
    /// What its adapter says that it promises.
    pub semantics: Semantics,
    /// Whether the same key is the same refund, while it is remembered.
    pub idempotent: bool,
    /// How long it remembers a key.
    pub forgets_after_ms: Option<i64>,
    /// Whether it answers a refusal again to the same key.
    pub keeps_refusals: bool,
    /// Whether it may deny what it did, against no promise of its.
    pub may_deny: bool,
}

const USUAL: Semantics = Semantics {
    key_lifetime_ms: None,
    new_key_after_refusal: false,
    absence_is_proof: true,
    settle_ms: 30_000,
    min_interval_ms: 0,
    max_refunds: 50,
    window_ms: i64::MAX,
};

/// Keys for good; refunds are taken on, and notified.
pub static WECHAT_LIKE: Profile = Profile {
    name: "wechat-like",
    semantics: Semantics { min_interval_ms: 60_000, max_refunds: 3, ..USUAL },
    idempotent: true,
    forgets_after_ms: None,
    keeps_refusals: false,
    may_deny: true,
};

/// Keys for good; its "no such refund" proves nothing.
pub static ALIPAY_LIKE: Profile = Profile {
    name: "alipay-like",
    semantics: Semantics { absence_is_proof: false, settle_ms: 10_000, ..USUAL },
    idempotent: true,
    forgets_after_ms: None,
    keeps_refusals: false,
    may_deny: true,
};

/// Keys for a day, refusals kept under them; afterwards the same key is a new refund.
pub static STRIPE_LIKE: Profile = Profile {
    name: "stripe-like",
    semantics: Semantics { key_lifetime_ms: Some(86_400_000), new_key_after_refusal: true, settle_ms: 60_000, ..USUAL },
    idempotent: true,
    forgets_after_ms: Some(86_400_000),
    keeps_refusals: true,
    may_deny: false,
};

/// Every request pays, whatever its key (localstripe); queries see at once what there is.
pub static NAIVE: Profile = Profile {
    name: "naive",
    semantics: Semantics { settle_ms: 0, ..USUAL },
    idempotent: false,
    forgets_after_ms: None,
    keeps_refusals: false,
    may_deny: false,
};

/// Every request pays, and queries see it only after a while.
pub static NAIVE_AND_SLOW: Profile = Profile {
    name: "naive-and-slow",
    semantics: Semantics { settle_ms: 45_000, ..USUAL },
    idempotent: false,
    forgets_after_ms: None,
    keeps_refusals: false,
    may_deny: false,
};

/// One refund of a payment and no more.
pub static ONCE: Profile = Profile {
    name: "once",
    semantics: Semantics { max_refunds: 1, ..USUAL },
    idempotent: true,
    forgets_after_ms: None,
    keeps_refusals: false,
    may_deny: false,
};

/// Keys for a day, and an absence that proves nothing: what may have been paid a day ago is for people.
pub static UNHELPFUL: Profile = Profile {
    name: "unhelpful",
    semantics: Semantics { key_lifetime_ms: Some(86_400_000), absence_is_proof: false, ..USUAL },
    idempotent: true,
    forgets_after_ms: Some(86_400_000),
    keeps_refusals: false,
    may_deny: true,
};

/// What an adapter would say that does not know that [`UNHELPFUL`] forgets.
pub static FORGETFUL_UNSAID: Semantics = Semantics { absence_is_proof: false, ..USUAL };

/// All of them.
pub static ALL: [&Profile; 6] = [&WECHAT_LIKE, &ALIPAY_LIKE, &STRIPE_LIKE, &NAIVE, &NAIVE_AND_SLOW, &UNHELPFUL];
