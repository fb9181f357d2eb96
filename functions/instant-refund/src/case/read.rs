//! From bytes to a case of the right shape: strict JSON, every member known, and a pointer to whatever is wrong.

use shared::http::json::{self, Bounds, Unknown};
use shared::problem::Problem;

use super::Case;
use super::problems::BAD_CASE;

/// What a case may grow to. Nesting: body, `return`, `parcels`, a parcel, and one to spare. How many items an array may
/// have is for [`Case::check`], which says so of each.
pub const BOUNDS: Bounds = Bounds { bytes: 64 * 1024, depth: 6, items: usize::MAX };

impl Case {
    /// Reads a case of the right shape. Whether its facts fit together is for [`Case::check`].
    ///
    /// # Errors
    /// `400 not-json`, `413 body-too-large`, or `422 bad-case` with an RFC 6901 pointer to the first fault.
    pub fn parse(bytes: &[u8]) -> Result<Case, Problem> {
        json::read(bytes, BOUNDS, Unknown::Refuse).map_err(|unread| unread.problem(&BAD_CASE))
    }

    /// Reads a case and checks its facts at an instant. Carriers and waybills are first given their one
    /// name and spelling: `sf1001` is `SF1001`.
    ///
    /// # Errors
    /// Those of [`Case::parse`] and [`Case::check`].
    pub fn read(bytes: &[u8], now_ms: i64) -> Result<Case, Problem> {
        let mut case = Case::parse(bytes)?;
        case.spell_waybills();
        case.check(now_ms)?;
        Ok(case)
    }

    /// A waybill is one whatever the case of its letters and its hyphens, and a carrier whatever it is called.
    fn spell_waybills(&mut self) {
        for parcel in self.return_.iter_mut().flat_map(|return_| &mut return_.parcels) {
            parcel.spell();
        }
        self.order.outbound_waybills.iter_mut().for_each(|waybill| waybill.make_ascii_uppercase());
        if let Some(waybill) = self.insurance.as_mut().and_then(|insurance| insurance.bound_waybill.as_mut()) {
            waybill.make_ascii_uppercase();
        }
    }
}
