//! One visit to the scan ledger: counted, or only looked at.

use shared::platform::{Sql, StorageError, Value};

use crate::cookie::Piece;
use crate::history::{History, Kin, Known, trace_text};
use crate::marks::{BLOCK, Marks, NO_CITY};
use crate::outcome::Ledger;
use crate::store;
use crate::visitor::{Uncounted, Visiting};

/// Whoever visits, as far as the ledger asks.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// What the visit is.
    pub visiting: Visiting,
    /// Its marks on the piece.
    pub marks: Marks,
    /// What it is known by.
    pub known: Known,
    /// What its cookie says.
    pub piece: Option<Piece>,
}

impl Visitor {
    /// Asks the ledger, once.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn ask(&self, sql: &impl Sql, item: &str, now_ms: i64) -> Result<Ledger, StorageError> {
        let marks = &self.marks;
        // Where no cities are known, the block of addresses is what is nearest to one.
        let city = match marks.city.as_str() {
            NO_CITY => "",
            BLOCK => marks.network.as_str(),
            city => city,
        };
        let Some(why) = self.uncounted() else {
            let cookie = match self.known.cookie {
                None => 0,
                Some(Kin::Stranger | Kin::Alike) => 1,
                Some(Kin::Household | Kin::First) => 2,
            };
            let browser = format!("{}{}", marks.network, marks.agent);
            let trace = trace_text(marks.day, &marks.network, &marks.agent, &marks.city, &marks.region);
            let params: [Value; 13] = [
                item.into(),
                now_ms.into(),
                marks.place.as_str().into(),
                marks.current.as_str().into(),
                marks.previous.as_str().into(),
                cookie.into(),
                marks.line.as_str().into(),
                marks.network.as_str().into(),
                browser.as_str().into(),
                trace.as_str().into(),
                city.into(),
                marks.model.as_str().into(),
                marks.region.as_str().into(),
            ];
            let rows = sql.query(item, &store::COUNT, &params).await?;
            let history = rows.first().and_then(|row| History::counted(row, self.known));
            return history.map(Ledger::Known).ok_or_else(odd);
        };
        let home = [item, marks.line.as_str(), city, marks.model.as_str(), marks.region.as_str()].map(Value::from);
        let rows = sql.query(item, &store::LOOK, &home).await?;
        match rows.first() {
            None => Ok(Ledger::Empty(why)),
            Some(row) => History::looked_at(row, why).map(Ledger::Known).ok_or_else(odd),
        }
    }

    /// Why the visit does not count, if it does not. A shopper whose browser is known needs to tell us nothing.
    fn uncounted(&self) -> Option<Uncounted> {
        match self.visiting {
            Visiting::Not(Uncounted::Unconfirmed) if self.known.cookie.is_some() => None,
            Visiting::Not(why) => Some(why),
            Visiting::Scan => None,
        }
    }
}

fn odd() -> StorageError {
    StorageError::sql("the ledger's row has another shape")
}
