//! Why an action has no answer: the caller's fault, or a store's.

use serde::Serialize;

use super::Function;
use crate::config::ConfigError;
use crate::event::EventLine;
use crate::http::BodyError;
use crate::platform::{Clock, Events, StorageError};
use crate::problem::{Problem, STORAGE_UNAVAILABLE, text};
use crate::trace::TraceContext;

/// Why an action has no answer. Both kinds pass through `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The answer to the caller.
    Problem(Problem),
    /// A store did not answer: logged for the operator, and answered in general words.
    Storage(StorageError),
}

impl Failure {
    /// What a client is told of it. A store's fault is written to the operator's log.
    pub fn told<F: Function>(
        self,
        host: &(impl Clock + Events),
        trace: &TraceContext<'_>,
        action: F::Action,
    ) -> Problem {
        match self {
            Failure::Problem(problem) => problem,
            Failure::Storage(error) => {
                log_storage_fault(host, F::NAME, trace, &error);
                if error.is_newer() { Problem::database_newer() } else { F::unavailable(&error, action) }
            }
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::Problem(problem)
    }
}

impl From<BodyError> for Failure {
    fn from(error: BodyError) -> Failure {
        Failure::Problem(Problem::from(error))
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Failure {
        Failure::Storage(error)
    }
}

/// The problem for a storage fault, where the function has no words of its own.
pub(super) fn unavailable() -> Problem {
    let detail = text("存储暂时不可用，请稍后再试。", "Storage is unavailable right now; please try again.");
    Problem::new(&STORAGE_UNAVAILABLE, detail).retry_after(30)
}

/// Writes the event of a storage fault: for the operator's log, never for a caller.
pub fn log_storage_fault(
    host: &(impl Clock + Events),
    function: &'static str,
    trace: &TraceContext<'_>,
    error: &StorageError,
) {
    let details = FaultDetails { port: error.port.name(), error: &error.message };
    let at = host.now_ms();
    host.emit(&EventLine::new("venditor.fault.v1", function, at, trace, error.fault.name(), details).line());
}

/// Writes the event of a configuration that nobody can be answered with: its key and what is wanted, never its value.
pub(super) fn log_misconfigured(
    host: &(impl Clock + Events),
    function: &'static str,
    trace: &TraceContext<'_>,
    error: &ConfigError,
) {
    let details = FaultDetails { port: "configuration", error: &error.to_string() };
    let at = host.now_ms();
    host.emit(&EventLine::new("venditor.fault.v1", function, at, trace, error.fault.code(), details).line());
}

#[derive(Serialize)]
struct FaultDetails<'a> {
    port: &'static str,
    error: &'a str,
}
