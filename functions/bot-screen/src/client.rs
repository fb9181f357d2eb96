//! Where a client is: the class of its address, and the keys by which it is counted.

use std::net::IpAddr;

pub use shared::address::{address, line, network};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_one_client_and_what_is_not_told_is_none() {
        let of = |told: &str| Whence::of(Some(told));
        assert_eq!(of("unknown").line(), of("unix:, 192.0.2.1").line());
        assert_eq!(of("unknown").network().as_deref(), Some("unread"));
        assert_eq!((of(" ").line(), Whence::of(None).line()), (None, None));
        assert_eq!(of("192.0.2.1:80").line().as_deref(), Some("192.0.2.1"));
        assert_eq!(of("unknown").address(), None);
    }
}
