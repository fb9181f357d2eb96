//! Addresses of clients: how they are written, and what is counted as one line and as one network.

use std::net::IpAddr;

use crate::http::Headers;

/// An address as it is written, perhaps with a port; one of IPv4 that is mapped into IPv6 is that of IPv4.
pub fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse().ok().map(|with: std::net::SocketAddr| with.ip());
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(with_port).map(|address: IpAddr| behind_nat64(address.to_canonical()))
}

/// An address of IPv4 that a network of IPv6 alone translates (RFC 6052 §2.1) is that of IPv4.
fn behind_nat64(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => match six.octets() {
            [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d] => IpAddr::from([a, b, c, d]),
            _ => address,
        },
        IpAddr::V4(_) => address,
    }
}

/// What is counted as one client: an address of IPv4, or a /64 of IPv6, which is one line (RFC 6177).
pub fn line(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => prefix(address, 4),
    }
}

/// What is counted as one network: a /24 of IPv4, a /48 of IPv6, which is one site at most.
pub fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}")
        }
        IpAddr::V6(address) => prefix(address, 3),
    }
}

fn prefix(address: std::net::Ipv6Addr, groups: usize) -> String {
    let groups: Vec<String> = address.segments().iter().take(groups).map(|group| format!("{group:x}")).collect();
    groups.join(":")
}

/// The address of the client behind trusted hops: the last field values of `X-Forwarded-For` were written by those hops,
/// the one before them by nobody who is believed.
pub fn behind_hops(forwarded: &str, hops: usize) -> Option<&str> {
    let place = hops.checked_sub(1)?;
    forwarded.rsplit(',').map(str::trim).nth(place)
}

/// The address of a client behind so many proxies of one's own, by what they wrote; none without any, or if it is none.
pub fn forwarded(headers: &Headers, hops: usize) -> Option<String> {
    let forwarded = headers.combined("x-forwarded-for")?;
    behind_hops(&forwarded, hops).filter(|told| address(told).is_some()).map(str::to_owned)
}

/// How many proxies of one's own stand before a function, as configuration says it.
///
/// # Errors
/// What is wanted.
pub fn hops(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|hops| *hops <= 10).ok_or_else(|| "a number up to 10".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_is_one_client_however_it_is_spelt() {
        let key = |text: &str| line(address(text).unwrap());
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_eq!(key("2001:db8:1:2::1"), key("[2001:db8:1:2:ffff::9]"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        let net = |text: &str| network(address(text).unwrap());
        assert_eq!(net("2001:db8:1:2::1"), net("2001:db8:1:3::1"));
        assert_eq!(net("192.0.2.1"), net("192.0.2.255"));
        assert_eq!(key("192.0.2.1:1001"), key("192.0.2.1"));
        assert_eq!(key("[2001:db8:1:2::1]:44"), key("2001:db8:1:2::1"));
        assert_eq!(key("64:ff9b::c000:201"), key("192.0.2.1"));
        assert_eq!(address("unknown"), None);
    }

    #[test]
    fn only_hops_that_are_configured_are_believed() {
        let told = "203.0.113.9, 198.51.100.7 ,192.0.2.1";
        assert_eq!(behind_hops(told, 0), None);
        assert_eq!(behind_hops(told, 1), Some("192.0.2.1"));
        assert_eq!(behind_hops(told, 2), Some("198.51.100.7"));
        assert_eq!(behind_hops(told, 4), None);
        assert_eq!(hops("2"), Ok(2));
        assert!(hops("-1").is_err() && hops("11").is_err());
    }
}
