//! The tables of this function: those of the policies that it has adopted. Requests are not kept.

use shared::platform::{Schema, Step};
use shared::policy;

/// The tables, step by step (`shared::platform::Schema` says how to add one).
pub const SCHEMA: Schema = Schema::new(&[
    Step { number: 1, statements: policy::store::TABLES },
    Step { number: 2, statements: policy::store::TOLD },
]);
