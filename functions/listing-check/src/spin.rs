//! The entry point on Spin.

use shared::platform::spin::{read_request, refuse_head, respond};
use spin_sdk::wasip3::exports::http::handler::Guest;
use spin_sdk::wasip3::http::types::{ErrorCode, Request, Response};

struct Component;

spin_sdk::wasip3::http::service::export!(Component);

impl Guest for Component {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        respond(read_request(request).map_or_else(refuse_head, |(head, _, _)| crate::answer(&head)))
    }
}
