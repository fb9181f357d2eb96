//! Outgoing HTTP of the guests: refused unless `allowed_outbound_hosts` lists the target, with the error code that Spin
//! uses (`crates/factor-outbound-http/src/wasi.rs`), and otherwise sent the way `wasmtime serve` sends it: one
//! connection a request, TLS by rustls with the Mozilla roots.

use std::sync::Arc;

use http_body_util::BodyExt as _;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

use crate::hosts::AllowedHosts;

pub struct Outbound(pub Arc<AllowedHosts>);

type IoResult = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Box<dyn Future<Output = Result<(http::Response<WasiBody>, IoResult), Error>> + Send>;

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        // What the guest thinks of the response; it is not reported.
        _: IoResult,
    ) -> Sent {
        if !self.0.allows(request.uri()) {
            return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
        }
        Box::new(async move {
            let (response, io) = default_send_request(request, options).await?;
            Ok((response.map(|body| body.boxed_unsync()), Box::new(io) as IoResult))
        })
    }
}
