//! The entry point on Spin. Its scheduler calls `POST /v1/refunds/sweep`.

use std::sync::{Arc, OnceLock};

use shared::platform::spin::{Component, read_request, refuse_head, respond};
use spin_sdk::wasip3::exports::http::handler::Guest;
use spin_sdk::wasip3::http::types::{ErrorCode, Request, Response};

use crate::config::Config;
use crate::{NAME, handler, store};

/// Parsed once an instance, which serves some hundred requests: that is how soon a changed variable is seen.
static CONFIG: OnceLock<Arc<Config>> = OnceLock::new();

struct InstantRefund;

spin_sdk::wasip3::http::service::export!(InstantRefund);

impl Guest for InstantRefund {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let Some((head, fields, body)) = read_request(request) else { return respond(refuse_head()) };
        let component = Component::new(NAME, store::SCHEMA, fields);
        let config = match CONFIG.get() {
            Some(config) => Ok(Arc::clone(config)),
            None => Config::read(&component).await.map(|config| Arc::clone(CONFIG.get_or_init(|| Arc::new(config)))),
        };
        respond(handler::handle(&component, config.as_deref(), &head, body).await)
    }
}
