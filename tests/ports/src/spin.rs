//! The entry point on Spin.

use shared::origin::Origin;
use shared::platform::Variables;
use shared::platform::spin::{Component, deliver, read_request, refuse_head, respond};
use spin_sdk::wasip3::exports::http::handler::Guest;
use spin_sdk::wasip3::http::types::{ErrorCode, Request, Response};

struct Exported;

spin_sdk::wasip3::http::service::export!(Exported);

impl Guest for Exported {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let Some((head, fields, body)) = read_request(request) else { return respond(refuse_head()) };
        let component = Component::new(crate::NAME, crate::SCHEMA, fields);
        let origin = component.variable("PORTS_ORIGIN").await.ok().flatten().unwrap_or_default();
        let Ok(origin) = Origin::parse(&origin) else { return respond(refuse_head()) };
        deliver(crate::handle(&component, &head, body, &origin).await)
    }
}
