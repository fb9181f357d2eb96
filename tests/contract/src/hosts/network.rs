//! The network of the native platform: loopback, where the test gateways listen.

use std::net::SocketAddr;

use shared::http::Headers;
use shared::platform::{OutboundError, OutboundRequest, OutboundResponse};

use crate::client::{self, Message};

/// One exchange. A server that goes away without an answer is a transport fault, as on the other hosts.
pub fn send(request: OutboundRequest) -> Result<OutboundResponse, OutboundError> {
    let rest = request.url.strip_prefix("http://").ok_or(OutboundError::Refused)?;
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, target) = rest.split_at(at);
    let address: SocketAddr = authority.parse().map_err(|_| OutboundError::Refused)?;
    let mut headers = vec![("host".to_owned(), authority.to_owned())];
    headers.extend(request.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let message = Message {
        method: request.method.as_str().to_owned(),
        target: if target.is_empty() { "/".to_owned() } else { target.to_owned() },
        headers,
        body: (!request.body.is_empty()).then_some(request.body),
    };
    let answer = client::exchange(address, &message).map_err(|_| OutboundError::Transport)?;
    if answer.body.len() > request.max_bytes {
        return Err(OutboundError::TooLarge);
    }
    let mut headers = Headers::default();
    for (name, value) in &answer.headers {
        headers.push(name, value);
    }
    Ok(OutboundResponse { status: answer.status, headers, body: answer.body })
}
