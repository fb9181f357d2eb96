//! What every rule is given, and the reasons that rules leave behind.

use crate::case::{Case, Line};
use crate::decision::{Input, LegKind, Reason, Scalar};
use crate::policy::Policy;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// One case being decided.
pub struct Facts<'a> {
    pub case: &'a Case,
    pub policy: &'a Policy<'a>,
    /// Now, milliseconds since the epoch.
    pub now: i64,
    pub reasons: Vec<Reason>,
}

impl<'a> Facts<'a> {
    pub fn new(case: &'a Case, policy: &'a Policy<'a>, now: i64) -> Facts<'a> {
        Facts { case, policy, now, reasons: Vec::with_capacity(8) }
    }

    /// Leaves a reason.
    pub fn say(&mut self, code: &'static str, leg: Option<LegKind>, article: &'static str, inputs: Vec<Input>) {
        self.reasons.push(Reason { code: code.into(), leg, article: article.into(), inputs });
    }

    /// The order's line of that id. A checked case has one for every requested line.
    pub fn line(&self, line_id: &str) -> Option<&'a Line> {
        self.case.order.lines.iter().find(|line| line.line_id == line_id)
    }

    /// Whether the cause is the merchant's doing: faulty, not as described, or wrong goods.
    pub fn at_fault(&self) -> bool {
        self.case.request.cause.is_the_merchants()
    }

    /// Whether a request for these lines alone takes the last pieces of the order that were paid for. A free gift is not
    /// one of them: nobody can ask money back for it, so it would keep the freight from the buyer for ever.
    pub fn takes_the_last(&self, granted: impl Fn(&str) -> bool) -> bool {
        self.case.order.lines.iter().all(|line| {
            if line.paid_fen == 0 {
                return true;
            }
            let asked = self.case.request.lines.iter().filter(|r| r.line_id == line.line_id && granted(&r.line_id));
            let asked = asked.fold(0i64, |sum, r| sum.saturating_add(r.quantity));
            line.refunded_quantity.saturating_add(asked) >= line.quantity
        })
    }
}

/// An instant so many hours later.
pub fn hours_after(at: i64, hours: i64) -> i64 {
    at.saturating_add(hours.saturating_mul(HOUR_MS))
}

/// An instant so many times 24 hours later.
pub fn days_after(at: i64, days: i64) -> i64 {
    at.saturating_add(days.saturating_mul(DAY_MS))
}

/// A figure.
pub fn int(name: &'static str, value: i64) -> Input {
    Input { name: name.into(), value: Scalar::Integer(value) }
}

/// The same of the second thing and further ones: `waybill`, `waybill_2`, `waybill_3`. Inputs become the members of one
/// object, so no two of a list may have one name.
pub fn numbered(input: Input, number: u32) -> Input {
    let name = if number <= 1 { input.name } else { format!("{}_{number}", input.name).into() };
    Input { name, ..input }
}

/// A name of ours.
pub fn word(name: &'static str, value: &'static str) -> Input {
    Input { name: name.into(), value: Scalar::Text(value.into()) }
}

/// A name of theirs.
pub fn text(name: &'static str, value: &str) -> Input {
    Input { name: name.into(), value: Scalar::Text(value.to_owned().into()) }
}
