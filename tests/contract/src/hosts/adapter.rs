//! The functions in process: the only file of this crate that names their Rust interface.

use shared::function::Function;
use shared::http::{Head, Response};
use shared::platform::Schema;
use shared::platform::native::{self, Native};

use crate::Result;

/// Every function: a line each.
const FUNCTIONS: &[Adapter] = &[
    adapter::<bot_screen::BotScreen>(),
    adapter::<instant_refund::handler::InstantRefund>(),
    adapter::<listing_check::ListingCheck>(),
    adapter::<trace_verify::handler::TraceVerify>(),
];

struct Adapter {
    name: &'static str,
    schema: Schema,
    handle: fn(&mut Native, &Head, Vec<u8>) -> Response,
}

const fn adapter<F: Function>() -> Adapter {
    Adapter { name: F::NAME, schema: F::SCHEMA, handle: native::handle::<F> }
}

fn find(function: &str) -> Result<&'static Adapter> {
    let found = FUNCTIONS.iter().find(|adapter| adapter.name == function);
    found.ok_or_else(|| format!("{function}: not linked in; add it to FUNCTIONS in {}", file!()))
}

/// A function's tables.
pub fn schema(function: &str) -> Result<Schema> {
    Ok(find(function)?.schema)
}

/// A function's answer.
pub fn handle(function: &str, host: &mut Native, head: &Head, body: Vec<u8>) -> Result<Response> {
    Ok((find(function)?.handle)(host, head, body))
}
