//! What happens to packs and key sets, as event lines: `venditor.policy.v1`.

use serde::Serialize;

use crate::event::EventLine;
use crate::platform::{Clock, Events};
use crate::trace::TraceContext;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Happening {
    /// `adopted`, `refused`, `expired`, `withdrawn`, `unavailable`.
    #[serde(skip)]
    pub outcome: &'static str,
    /// A stable code of the reason; empty of `adopted`.
    #[serde(skip)]
    pub code: &'static str,
    /// `current`, `shadow` or `keyset`.
    pub role: &'static str,
    /// The pack or the key set that it is about; empty if it could not be told.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// Its epoch, if it could be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// Its version, if it could be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// What is wrong, for the operator.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
}

impl Happening {
    /// Something about a role, nothing else known yet.
    pub fn new(outcome: &'static str, code: &'static str, role: &'static str) -> Happening {
        Happening { outcome, code, role, about: String::new(), epoch: None, version: None, why: String::new() }
    }

    /// About a pack or key set of this rank.
    pub fn about(self, digest: &str, (epoch, version): (u64, u64)) -> Happening {
        Happening { about: digest.to_owned(), epoch: Some(epoch), version: Some(version), ..self }
    }

    /// With what is wrong.
    pub fn because(self, why: impl ToString) -> Happening {
        Happening { why: why.to_string(), ..self }
    }

    /// What it is, apart from the words for the operator: the same thing seen by another instance has the same.
    pub fn what(&self) -> String {
        let (epoch, version) = (self.epoch.unwrap_or_default(), self.version.unwrap_or_default());
        [self.outcome, self.code, self.role, &self.about, &format!("{epoch}.{version}")].join(" ")
    }

    /// Writes the line. `in_force`: the digest of the pack that judges now.
    pub fn tell(&self, host: &(impl Clock + Events), function: &'static str, in_force: &str) {
        let trace = TraceContext::default();
        let reasons = [self.code];
        let mut event = EventLine::new("venditor.policy.v1", function, host.now_ms(), &trace, self.outcome, self);
        event.reasons = if self.code.is_empty() { &[] } else { &reasons };
        event.policy = in_force;
        host.emit(&event.line());
    }
}
