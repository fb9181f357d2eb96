//! What a function *is*, as one trait, and everything around it once: health, configuration, routes, problems in the
//! caller's language, storage faults.
//!
//! A function names itself, its tables, its configuration and its routes, and answers one routed call at a time. Hosts
//! call it through one entry line each (`workers_entry!`, `spin_entry!`); tests and tools call [`handle`].
//!
//! In scope: what every request goes through, whatever the function. Out of scope: who calls ([`crate::callers`]), what
//! a host is ([`crate::platform`]), any rule of one function.

mod call;
mod failure;
mod handle;
mod route;

use std::future::Future;

use formats::origin::Origin;

use crate::config::ConfigError;
use crate::health::Notice;
use crate::http::{Head, HeaderSet};
use crate::lang::Lang;
use crate::platform::{Answer, Host, Schema, StorageError, Variables};
use crate::policy::{Pack, Policies, Spec, Trust};
use crate::problem::Problem;

pub use call::{Call, expect_media};
pub use failure::{Failure, log_storage_fault};
pub(crate) use handle::finish;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub(crate) use handle::policies;
pub use handle::{Handled, handle};
pub use route::{Params, Route, Segment};

/// One function: its name, its tables, its configuration, its routes and its answers.
///
/// Deliberately absent: the host. An implementation sees ports, never a platform.
pub trait Function: Sized + 'static {
    /// Its name: of its folder, its health path, its store and its database, its events.
    const NAME: &'static str;
    /// Its version, as its health answers it: `env!("CARGO_PKG_VERSION")`.
    const VERSION: &'static str;
    /// Its tables; empty if it keeps nothing.
    const SCHEMA: Schema = Schema::NONE;
    /// Whether nearly every answer of it takes all header fields of the request: a host that can hands them over with the
    /// head then.
    const READS_HEADERS: bool = false;
    /// Whether it answers on sites of others, for which it sets no policy.
    const ON_SITES_OF_OTHERS: bool = false;
    /// Its resources, the more specific before the more general: the first whose segments fit decides.
    const ROUTES: &'static [Route<Self::Action>];

    /// Its rules: the bundled pack, and how others are taken. A function with rules that keeps tables adds
    /// [`crate::policy::store::TABLES`] to them, as a step of its own.
    const POLICY: Option<&'static Spec> = None;
    /// The sections of a pack that [`Function::fault_page`] reads.
    const PAGE_SECTIONS: &'static [&'static str] = &[];

    /// What a route asks for: usually an enum without data.
    type Action: Copy + 'static;
    /// Its configuration, parsed once an instance.
    type Config: Send + Sync + 'static;

    /// Reads and parses the configuration.
    ///
    /// # Errors
    /// The first key at fault.
    fn configure(variables: &impl Variables) -> impl Future<Output = Result<Self::Config, ConfigError>>;

    /// Where it may send. On Spin the manifest lists the origins instead, and the host enforces it.
    fn origins(_config: &Self::Config) -> Vec<Origin> {
        Vec::new()
    }

    /// Whom it believes when a pack is published; `None`: nobody, the bundled pack is the only one.
    fn trust(_config: &Self::Config) -> Option<&Trust> {
        None
    }

    /// Whether it takes this request at all, before a route is looked for.
    ///
    /// # Errors
    /// The problem to answer with.
    fn admit(_config: &Self::Config, _head: &Head) -> Result<(), Problem> {
        Ok(())
    }

    /// Answers one routed call: with an answer of its own, or an origin's that passes through.
    ///
    /// # Errors
    /// A problem for the caller, or a storage fault, which is logged once and answered as [`Function::unavailable`]
    /// says.
    fn act<H: Host>(
        call: &Call<'_, Self, H>,
        action: Self::Action,
        params: Params<'_>,
        body: H::Body,
    ) -> impl Future<Output = Result<Answer<H::Stream>, Failure>>;

    /// The problem for a caller when storage does not answer. What a newer build stored has a problem of its own, the
    /// same for every function ([`Problem::database_newer`]).
    fn unavailable(_error: &StorageError, _action: Self::Action) -> Problem {
        failure::unavailable()
    }

    /// A problem as a page, for a client that prefers one. `None`: as RFC 9457 says.
    fn fault_page(
        _config: Option<&Self::Config>,
        _pack: &Pack,
        _head: &Head,
        _lang: Lang,
        _problem: &Problem,
    ) -> Option<Page> {
        None
    }

    /// The sections of a pack that [`Function::notices`] looks at; none: there are no notices.
    const NOTICE_SECTIONS: &'static [&'static str] = &[];

    /// What the rules in force have to tell operators, in its health answer: a table that ends, say.
    fn notices(_pack: &Pack, _now_ms: i64) -> Vec<Notice> {
        Vec::new()
    }

    /// What the host's scheduler calls (Workers: the cron trigger).
    fn scheduled<H: Host>(_host: &H, _config: &Self::Config, _policies: &Policies<'_, H>) -> impl Future<Output = ()> {
        async {}
    }

    /// The wake-up that was set for a shard by [`crate::platform::Wake`]. At least once, perhaps late: it does what is
    /// due in the shard's tables, and sets the next one.
    ///
    /// # Errors
    /// [`StorageError`]: the host tries again.
    fn wake<H: Host>(
        _host: &H,
        _config: &Self::Config,
        _policies: &Policies<'_, H>,
        _shard: &str,
    ) -> impl Future<Output = Result<(), StorageError>> {
        async { Ok(()) }
    }
}

/// A page: the headers of its kind, and its bytes.
pub struct Page {
    /// The fixed headers.
    pub fixed: HeaderSet,
    /// The whole body.
    pub body: Vec<u8>,
}
