//! The functions in process: the only file of this crate that names their Rust interface.

use shared::http::{Head, Response};
use shared::platform::Schema;
use shared::platform::native::{Native, block_on};

use crate::Result;

/// A function's tables.
pub fn schema(function: &str) -> Schema {
    match function {
        "instant-refund" => instant_refund::store::SCHEMA,
        "trace-verify" => trace_verify::store::SCHEMA,
        _ => Schema::NONE,
    }
}

/// A function's answer.
pub fn handle(function: &str, host: &mut Native, head: Head, body: Vec<u8>) -> Result<Response> {
    match function {
        "trace-verify" => Ok(block_on(async {
            let config = trace_verify::config::Config::read(host).await;
            trace_verify::handler::handle(host, config.as_ref(), &head, body).await
        })),
        "bot-screen" => Ok(bot_screen::answer(&head)),
        "instant-refund" => Ok(block_on(async {
            let config = instant_refund::config::Config::read(host).await;
            host.origins = config.as_ref().map(|config| config.origins.clone()).unwrap_or_default();
            instant_refund::handler::handle(host, config.as_ref(), &head, body).await
        })),
        "listing-check" => Ok(listing_check::answer(&head)),
        _ => Err("the adapter has no arm for this function".to_owned()),
    }
}
