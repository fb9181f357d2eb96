//! A line of the ledger, as the function answers it and as its table holds it.

use serde::{Deserialize, Serialize};

/// In the order of the table's columns, which is the order of the export's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub refund: String,
    /// The movement that it belongs to.
    pub entry: String,
    /// Its place in the movement.
    pub line: i64,
    /// Milliseconds since the epoch.
    pub at: i64,
    pub account: String,
    pub leg: String,
    pub payer: String,
    pub debit_fen: i64,
    pub credit_fen: i64,
}
