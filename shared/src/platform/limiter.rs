//! The host's own counter of requests, where it has one.

use std::future::Future;

/// A cheap limit on how often something may happen.
///
/// On Workers it is a binding, whose figures (requests in 10 or 60 seconds) stand in `wrangler.toml`:
/// `ratelimits = [{ name = "FLOOD", namespace_id = "1001", simple = { limit = 100, period = 60 } }]`. **It is
/// approximate and counts for each Cloudflare location by itself**: somebody who comes through ten locations gets ten
/// times as much, and the counters lag by some requests. It protects a function from floods; what must hold exactly
/// (money, attempts at a code) is a row in [`super::Sql`]. Spin has none: always [`Allowance::Unknown`].
pub trait Limiter {
    /// Counts one request against `key` under the limiter of this name (on Workers: of the binding). `key` says who,
    /// and should not be an address alone where many share one.
    fn limit(&self, name: &str, key: &str) -> impl Future<Output = Allowance>;
}

/// What a [`Limiter`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowance {
    /// Within the limit.
    Allowed,
    /// Over the limit.
    Limited,
    /// There is no such limiter, or it failed. The caller decides what that means; a limiter that protects cost alone
    /// lets pass.
    Unknown,
}
