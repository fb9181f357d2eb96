//! What Spin does to a request before the guest sees it: `set_req_uri` in `crates/trigger-http/src/server.rs`, and
//! `prepare_request_headers` in `headers.rs` with `prepare_request` in `wasi.rs` of the same crate.
//!
//! The `spin-*` headers are **appended**: whatever the client sent under those names stays in front of them.

use std::net::SocketAddr;
use std::str::FromStr as _;

use http::header::{HOST, HeaderName, HeaderValue};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, Request, Uri};
use wasmtime::error::Context as _;
use wasmtime::{Result, bail};

use crate::routes::RouteMatch;

const PATH_INFO: HeaderName = HeaderName::from_static("spin-path-info");
const FULL_URL: HeaderName = HeaderName::from_static("spin-full-url");
const MATCHED_ROUTE: HeaderName = HeaderName::from_static("spin-matched-route");
const BASE_PATH: HeaderName = HeaderName::from_static("spin-base-path");
const RAW_COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-raw-component-route");
const COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-component-route");
const CLIENT_ADDR: HeaderName = HeaderName::from_static("spin-client-addr");

/// Spin keeps `*.spin.internal` for calls between components, so a client may not use it as a host.
pub fn strip_service_chaining_host(headers: &mut HeaderMap) {
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else {
        return;
    };
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if name.split_once('.').is_some_and(|(_, rest)| rest == "spin.internal") {
        headers.remove(HOST);
    }
}

/// Makes the request's URI absolute: the authority is the `Host` header or the target's own, and they may not differ.
pub fn set_uri<B>(request: &mut Request<B>) -> Result<()> {
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    let header: Option<Authority> = match request.headers().get(HOST) {
        Some(host) => {
            let host = host.to_str().context("the Host header is not text")?;
            let authority = Authority::from_str(host);
            Some(authority.context("the Host header is not an authority")?)
        }
        None => None,
    };
    parts.authority = match (header, parts.authority) {
        (None, None) => bail!("the request has no Host header"),
        (Some(header), Some(target)) if header != target => {
            bail!("the Host header and the request target name different hosts")
        }
        (header, target) => header.or(target),
    };
    parts.scheme = Some(Scheme::HTTP);
    *request.uri_mut() = Uri::from_parts(parts).context("request target cannot become a URI")?;
    Ok(())
}

/// Appends the `spin-*` headers, in Spin's order. Header values that are not UTF-8 fail the request, as in Spin.
pub fn append_spin_headers<B>(request: &mut Request<B>, route: &RouteMatch<'_>, client: SocketAddr) -> Result<()> {
    for value in request.headers().values() {
        std::str::from_utf8(value.as_bytes()).context("a header value is not UTF-8")?;
    }
    let host = match request.headers().get(HOST) {
        Some(host) => host.to_str().context("the Host header is not text")?,
        None => "localhost",
    };
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let full_url = format!("http://{host}{target}");

    let headers = request.headers_mut();
    let mut append = |name: HeaderName, value: Option<HeaderValue>| {
        if let Some(value) = value {
            headers.append(name, value);
        }
    };
    append(PATH_INFO, HeaderValue::from_str(&route.path_info).ok());
    append(FULL_URL, HeaderValue::try_from(full_url).ok());
    append(MATCHED_ROUTE, route.entry.matched_header.clone());
    append(BASE_PATH, Some(HeaderValue::from_static("/")));
    append(RAW_COMPONENT_ROUTE, route.entry.raw_header.clone());
    append(COMPONENT_ROUTE, route.entry.prefix_header.clone());
    append(CLIENT_ADDR, HeaderValue::try_from(client.to_string()).ok());
    for (name, value) in &route.named {
        let name = format!("spin-path-match-{}", name.replace('_', "-").to_ascii_lowercase());
        if let Ok(name) = HeaderName::try_from(name) {
            append(name, HeaderValue::from_str(value).ok());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::Router;

    fn request(target: &str, headers: &[(&str, &str)]) -> Request<()> {
        let mut builder = Request::builder().uri(target);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(()).unwrap()
    }

    #[test]
    fn ours_come_after_the_clients() {
        let router = Router::build([("/foo/:user_id/...", "c")]).unwrap();
        let route = router.find("/foo/42/bar").unwrap();
        let sent = [("host", "shop.test"), ("spin-client-addr", "6.6.6.6:1")];
        let mut request = request("/foo/42/bar?k=v", &sent);
        append_spin_headers(&mut request, &route, "127.0.0.1:8777".parse().unwrap()).unwrap();
        let all = |name: &str| -> Vec<_> {
            let values = request.headers().get_all(name).iter();
            values.map(|value| value.to_str().unwrap().to_owned()).collect()
        };
        assert_eq!(all("spin-client-addr"), ["6.6.6.6:1", "127.0.0.1:8777"]);
        assert_eq!(all("spin-full-url"), ["http://shop.test/foo/42/bar?k=v"]);
        assert_eq!(all("spin-path-info"), ["/bar"]);
        assert_eq!(all("spin-matched-route"), ["/foo/:user_id/..."]);
        assert_eq!(all("spin-raw-component-route"), ["/foo/:user_id/..."]);
        assert_eq!(all("spin-component-route"), ["/foo/:user_id"]);
        assert_eq!(all("spin-base-path"), ["/"]);
        assert_eq!(all("spin-path-match-user-id"), ["42"]);
    }

    #[test]
    fn the_authority_comes_from_the_host_header() {
        let mut relative = request("/a?b", &[("host", "shop.test:3000")]);
        set_uri(&mut relative).unwrap();
        assert_eq!(relative.uri(), "http://shop.test:3000/a?b");
        assert!(set_uri(&mut request("/a", &[])).is_err());
        assert!(set_uri(&mut request("http://x.test/a", &[("host", "y.test")])).is_err());
        set_uri(&mut request("http://x.test/a", &[("host", "x.test")])).unwrap();
    }

    #[test]
    fn the_chaining_domain_is_not_a_host() {
        for (host, kept) in [("a.spin.internal:80", false), ("spin.internal.test", true)] {
            let mut request = request("/", &[("host", host)]);
            strip_service_chaining_host(request.headers_mut());
            assert_eq!(request.headers().contains_key(HOST), kept, "{host}");
        }
    }
}
