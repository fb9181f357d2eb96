//! Where a client is: the class of its address, and the keys by which it is counted.

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
