//! Where a client is: the class of its address, and the keys by which it is counted.

use std::net::IpAddr;

/// Whose addresses these are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressClass {
    /// Not known.
    #[default]
    Unknown,
    /// Lines of people: at home, in an office, on a phone.
    Consumer,
    /// Machines: a data centre.
    DataCentre,
}

impl AddressClass {
    /// Its number in a pass.
    pub const fn code(self) -> u8 {
        match self {
            AddressClass::Unknown => 0,
            AddressClass::Consumer => 1,
            AddressClass::DataCentre => 2,
        }
    }

    /// Of its number.
    pub const fn of_code(code: u8) -> Option<AddressClass> {
        match code {
            0 => Some(AddressClass::Unknown),
            1 => Some(AddressClass::Consumer),
            2 => Some(AddressClass::DataCentre),
            _ => None,
        }
    }

    /// Its name in rules and answers.
    pub const fn name(self) -> &'static str {
        match self {
            AddressClass::Unknown => "unknown",
            AddressClass::Consumer => "consumer",
            AddressClass::DataCentre => "data_centre",
        }
    }

    /// Whether it is one of machines.
    pub const fn is_machine(self) -> bool {
        matches!(self, AddressClass::DataCentre)
    }
}

/// Where a request comes from, as far as one was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whence {
    /// Nobody said: it is counted by no address.
    #[default]
    Untold,
    /// Something was said that is no address. All these are one client, whom a proxy that tells them so makes: else
    /// whoever could make a proxy tell one would not be counted. What is over the limit of an address may show that it
    /// comes from a browser, and is then counted by its pass.
    Unread,
    /// From there.
    Address(IpAddr),
}

/// What is counted as the client, and the network, of all whose address cannot be read.
const UNREAD: &str = "unread";

impl Whence {
    /// As it was told.
    pub fn of(told: Option<&str>) -> Whence {
        match told.map(str::trim).filter(|told| !told.is_empty()) {
            None => Whence::Untold,
            Some(told) => address(told).map_or(Whence::Unread, Whence::Address),
        }
    }

    /// The address, if there is one.
    pub const fn address(self) -> Option<IpAddr> {
        if let Whence::Address(address) = self { Some(address) } else { None }
    }

    /// What is counted as one client: [`line`].
    pub fn line(self) -> Option<String> {
        self.counted(line)
    }

    /// What is counted as one network: [`network`].
    pub fn network(self) -> Option<String> {
        self.counted(network)
    }

    fn counted(self, by: impl Fn(IpAddr) -> String) -> Option<String> {
        match self {
            Whence::Untold => None,
            Whence::Unread => Some(UNREAD.to_owned()),
            Whence::Address(address) => Some(by(address)),
        }
    }
}

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
    fn what_cannot_be_read_is_one_client_and_what_is_not_told_is_none() {
        let of = |told: &str| Whence::of(Some(told));
        assert_eq!(of("unknown").line(), of("unix:, 192.0.2.1").line());
        assert_eq!(of("unknown").network().as_deref(), Some("unread"));
        assert_eq!((of(" ").line(), Whence::of(None).line()), (None, None));
        assert_eq!(of("192.0.2.1:80").line().as_deref(), Some("192.0.2.1"));
        assert_eq!(of("unknown").address(), None);
    }

    #[test]
    fn only_hops_that_are_configured_are_believed() {
        let told = "203.0.113.9, 198.51.100.7 ,192.0.2.1";
        assert_eq!(behind_hops(told, 0), None);
        assert_eq!(behind_hops(told, 1), Some("192.0.2.1"));
        assert_eq!(behind_hops(told, 2), Some("198.51.100.7"));
        assert_eq!(behind_hops(told, 4), None);
    }
}
