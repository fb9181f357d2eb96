//! The HTTP side: accepts connections, finds the component, prepares the request and passes it on, after Spin's
//! `crates/trigger-http/src/server.rs`.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;
use wasmtime::Result;
use wasmtime_wasi_http::handler::ProxyHandler;
use wasmtime_wasi_http::{Error, WasiBody};

use crate::contract::Contract;
use crate::handler::Instances;
use crate::headers;
use crate::routes::Router;

/// Paths that belong to Spin, whatever the routes say.
const WELL_KNOWN: &str = "/.well-known/spin/";

pub struct Server {
    pub router: Router,
    pub handlers: BTreeMap<String, ProxyHandler<Instances>>,
    pub contract: Option<Arc<Contract>>,
    pub stopping: Arc<AtomicBool>,
}

impl Server {
    /// Serves until it is dropped. Connections keep Nagle's algorithm, and nothing waits for requests in flight: both as
    /// in Spin.
    pub async fn run(self: Arc<Self>, listener: TcpListener) {
        loop {
            let (stream, client) = match listener.accept().await {
                Ok(accepted) => accepted,
                // Out of file descriptors, or the client has already gone: the next one may have more luck.
                Err(error) => {
                    eprintln!("cannot accept a connection: {error}");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            };
            let server = self.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let server = server.clone();
                    async move { server.answer(request, client).await }
                });
                // Broken connections are the client's business; there is nobody left to answer.
                _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    }

    /// An error closes the connection without an answer; that is what Spin does with a request without a clear host.
    async fn answer(&self, mut request: Request<Incoming>, client: SocketAddr) -> Result<Response<WasiBody>> {
        if let Some(contract) = &self.contract
            && let Err(message) = contract.take(request.headers_mut())
        {
            return Ok(plain(StatusCode::BAD_REQUEST, message));
        }
        headers::strip_service_chaining_host(request.headers_mut());

        // The path is needed while the request changes below.
        let path = request.uri().path().to_owned();
        if let Some(name) = path.strip_prefix(WELL_KNOWN) {
            return Ok(match name {
                "health" => plain(StatusCode::OK, "OK"),
                _ => plain(StatusCode::NOT_FOUND, ""),
            });
        }
        let Some(route) = self.router.find(&path) else {
            return Ok(plain(StatusCode::NOT_FOUND, ""));
        };
        headers::set_uri(&mut request)?;

        let component = &route.entry.component;
        let result = match headers::append_spin_headers(&mut request, &route, client) {
            Ok(()) => match self.handlers.get(component) {
                Some(handler) => {
                    let request = request.map(|body| body.map_err(Error::from).boxed_unsync());
                    handler.handle((), request).await
                }
                None => Err(wasmtime::format_err!("no such component")),
            },
            Err(error) => Err(error),
        };
        Ok(result.unwrap_or_else(|error| {
            eprintln!("component {component:?}: error processing request: {error:#}");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "")
        }))
    }
}

fn plain(status: StatusCode, text: impl Into<Bytes>) -> Response<WasiBody> {
    let body = Full::new(text.into()).map_err(|never: Infallible| match never {});
    let mut response = Response::new(body.boxed_unsync());
    *response.status_mut() = status;
    response
}
