//! Who an address belongs to: ranges of operators of crawlers, as they publish them, and of classes of networks.
//!
//! ```text
//! magic      4 bytes, "VSN1"
//! counts     u32 each, little-endian: groups; ranges of operators in IPv4, in IPv6; of classes in IPv4, in IPv6
//! groups     24 bytes each: kind u8, 3 unused, day u32, then begin u32 and length u32 of the code and of the agents,
//!            both in the pool; agents are lines
//! operators  IPv4: 10 bytes each, first u32, last u32, group u16; IPv6: 34 bytes each, first u128, last u128, group u16
//! classes    the same
//! pool       texts
//! ```
//!
//! Ranges of one kind ascend and do not overlap, so at most one of them holds an address, and it is found by halving.
//! A range of an operator may lie within one of a class. Opening looks at the groups alone; [`Ranges::check`] looks at
//! everything, when a pack is taken. Of bytes that were not checked an answer may be wrong, but there is one.

use std::net::IpAddr;

use crate::program::take;

/// What the bytes begin with.
pub const MAGIC: &[u8; 4] = b"VSN1";
/// The most groups.
pub const MOST_GROUPS: usize = 1000;
/// The most ranges.
pub const MOST_RANGES: usize = 400_000;

/// What a group of ranges is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// Whoever runs crawlers from there.
    Operator,
    /// What kind of network it is.
    Class,
}

/// A group of ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group<'p> {
    /// Its code: `googlebot`, `data_centre`.
    pub code: &'p str,
    /// What it is.
    pub kind: Kind,
    /// When its ranges were read where they are published, in days since 1970-01-01.
    pub day: u32,
    /// The names of its operator's agents, as lines.
    pub agents: &'p str,
}

impl Group<'_> {
    /// Whether it is of the operator of an agent.
    pub fn runs(&self, agent: &str) -> bool {
        self.kind == Kind::Operator && self.agents.lines().any(|name| name == agent)
    }
}

/// What an address says of the name that an agent has given itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The address is one of the agent's operator.
    Verified,
    /// The operator says which addresses are its own, and this is none of them.
    Impostor,
    /// Nobody can tell.
    Claimed,
}

/// Groups and their ranges, in their bytes.
#[derive(Clone, Copy, Debug)]
pub struct Ranges<'p> {
    groups: &'p [[u8; 24]],
    operators: Table<'p>,
    classes: Table<'p>,
    pool: &'p [u8],
}

/// The ranges of a kind.
#[derive(Clone, Copy, Debug)]
struct Table<'p> {
    v4: &'p [[u8; 10]],
    v6: &'p [[u8; 34]],
}

/// A range as it was read: first and last address, and the group.
type Entry = (u128, u128, u16);

impl<'p> Ranges<'p> {
    /// No groups, no ranges: nobody is verified, and nobody an impostor.
    pub const EMPTY: Ranges<'static> =
        Ranges { groups: &[], operators: Table::EMPTY, classes: Table::EMPTY, pool: &[] };

    /// Opens ranges; `None` if their bytes are too short for what they say, a group is none, or there are too many.
    pub fn open(bytes: &'p [u8]) -> Option<Ranges<'p>> {
        Ranges::reopen(bytes).filter(|ranges| ranges.groups().count() == ranges.groups.len())
    }

    /// Opens ranges that [`Ranges::open`] has opened before: the groups are not looked at again.
    pub fn reopen(bytes: &'p [u8]) -> Option<Ranges<'p>> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (counts, rest) = rest.split_first_chunk::<20>()?;
        let mut counts = counts.as_chunks::<4>().0.iter().map(|count| u32::from_le_bytes(*count) as usize);
        let mut next = || counts.next().unwrap_or_default();
        let groups = next();
        let each = [next(), next(), next(), next()];
        let all = each.iter().try_fold(0_usize, |sum, count| sum.checked_add(*count))?;
        if groups > MOST_GROUPS || all > MOST_RANGES {
            return None;
        }
        let [operators4, operators6, classes4, classes6] = each;
        let (groups, rest) = take::<24>(rest, groups)?;
        let (operators, rest) = Table::take(rest, operators4, operators6)?;
        let (classes, pool) = Table::take(rest, classes4, classes6)?;
        Some(Ranges { groups, operators, classes, pool })
    }

    /// Whether both its groups and all of its ranges are what they should be: looked at when a pack is taken.
    pub fn is_sound(&self) -> bool {
        self.groups().count() == self.groups.len() && self.check()
    }

    /// Looks at all of it: ranges ascend, none is upside down or overlaps the next, each has a group of its kind; codes
    /// are different, operators have agents and classes none.
    pub fn check(&self) -> bool {
        let codes: std::collections::BTreeSet<&str> = self.groups().map(|group| group.code).collect();
        let named = |group: &Group<'_>| {
            let has = group.agents.lines().next().is_some();
            !group.code.is_empty() && has == (group.kind == Kind::Operator)
        };
        codes.len() == self.groups.len()
            && self.groups().all(|group| named(&group))
            && self.operators.check(|group| self.group(group).is_some_and(|group| group.kind == Kind::Operator))
            && self.classes.check(|group| self.group(group).is_some_and(|group| group.kind == Kind::Class))
    }

    /// How many ranges there are.
    pub fn len(&self) -> usize {
        [self.operators.v4.len(), self.operators.v6.len(), self.classes.v4.len(), self.classes.v6.len()]
            .iter()
            .fold(0_usize, |sum, count| sum.saturating_add(*count))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All groups, in the order of their numbers.
    pub fn groups(&self) -> impl Iterator<Item = Group<'p>> + use<'p> {
        let ranges = *self;
        (0..).take(self.groups.len()).filter_map(move |number| ranges.group(number))
    }

    /// All ranges of a group, as the first and the last address.
    pub fn of_group(&self, code: &str) -> impl Iterator<Item = (IpAddr, IpAddr)> + use<'p> {
        let number = (0..).zip(self.groups()).find(|(_, group)| group.code == code).map(|(number, _)| number);
        let v4 = self.operators.v4.iter().chain(self.classes.v4).map(read4).map(|entry| (entry, true));
        let v6 = self.operators.v6.iter().chain(self.classes.v6).map(read6).map(|entry| (entry, false));
        let address = |bits: u128, v4: bool| match u32::try_from(bits) {
            Ok(bits) if v4 => IpAddr::V4(bits.into()),
            _ => IpAddr::V6(bits.into()),
        };
        v4.chain(v6)
            .filter(move |((.., group), _)| Some(*group) == number)
            .map(move |((first, last, _), v4)| (address(first, v4), address(last, v4)))
    }

    /// Every group that holds an address: at most one operator, then at most one class. An IPv4 address within IPv6
    /// (`::ffff:0:0/96`) is one of IPv6 here.
    pub fn groups_of(&self, addr: IpAddr) -> impl Iterator<Item = Group<'p>> + use<'p> {
        let found = [self.operators.find(addr), self.classes.find(addr)];
        let ranges = *self;
        found.into_iter().flatten().filter_map(move |number| ranges.group(number))
    }

    /// What an address says of an agent's name. Nobody is an impostor by a copy of the operator's ranges that is older
    /// than so many days: the operator may have others by now.
    pub fn standing(&self, name: &str, addr: Option<IpAddr>, today_days: u32, most_days: u32) -> Standing {
        let Some(addr) = addr else { return Standing::Claimed };
        if self.groups_of(addr).any(|group| group.runs(name)) {
            return Standing::Verified;
        }
        // Of several groups the oldest copy counts.
        let day = self.groups().filter(|group| group.runs(name)).map(|group| group.day).min();
        match day {
            Some(day) if today_days.saturating_sub(day) <= most_days => Standing::Impostor,
            _ => Standing::Claimed,
        }
    }

    fn group(&self, number: u16) -> Option<Group<'p>> {
        let [kind, _, _, _, rest @ ..] = self.groups.get(usize::from(number))?;
        let kind = match *kind {
            kind if kind == Kind::Operator as u8 => Kind::Operator,
            kind if kind == Kind::Class as u8 => Kind::Class,
            _ => return None,
        };
        let mut numbers = rest.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes));
        let day = numbers.next()?;
        let mut text = || {
            let (begin, length) = (numbers.next()? as usize, numbers.next()? as usize);
            std::str::from_utf8(self.pool.get(begin..begin.checked_add(length)?)?).ok()
        };
        Some(Group { code: text()?, kind, day, agents: text()? })
    }
}

impl<'p> Table<'p> {
    const EMPTY: Table<'static> = Table { v4: &[], v6: &[] };

    fn take(bytes: &'p [u8], v4: usize, v6: usize) -> Option<(Table<'p>, &'p [u8])> {
        let (v4, rest) = take::<10>(bytes, v4)?;
        let (v6, rest) = take::<34>(rest, v6)?;
        Some((Table { v4, v6 }, rest))
    }

    fn find(&self, addr: IpAddr) -> Option<u16> {
        match addr {
            IpAddr::V4(addr) => find(self.v4, read4, u128::from(addr.to_bits())),
            IpAddr::V6(addr) => find(self.v6, read6, addr.to_bits()),
        }
    }

    fn check(&self, known: impl Fn(u16) -> bool) -> bool {
        sound(self.v4.iter().map(read4), &known) && sound(self.v6.iter().map(read6), &known)
    }
}

/// The group of the range that holds an address.
fn find<const N: usize>(table: &[[u8; N]], read: fn(&[u8; N]) -> Entry, addr: u128) -> Option<u16> {
    let behind = table.partition_point(|entry| read(entry).0 <= addr);
    let (_, last, group) = table.get(behind.checked_sub(1)?).map(read)?;
    (addr <= last).then_some(group)
}

fn sound(entries: impl Iterator<Item = Entry>, known: impl Fn(u16) -> bool) -> bool {
    let mut before: Option<u128> = None;
    for (first, last, group) in entries {
        if first > last || before.is_some_and(|before| before >= first) || !known(group) {
            return false;
        }
        before = Some(last);
    }
    true
}

fn read4([a, b, c, d, e, f, g, h, low, high]: &[u8; 10]) -> Entry {
    let (first, last) = (u32::from_le_bytes([*a, *b, *c, *d]), u32::from_le_bytes([*e, *f, *g, *h]));
    (first.into(), last.into(), u16::from_le_bytes([*low, *high]))
}

fn read6(bytes: &[u8; 34]) -> Entry {
    let [.., low, high] = bytes;
    let mut numbers = bytes.as_chunks::<16>().0.iter().map(|bytes| u128::from_le_bytes(*bytes));
    let mut next = || numbers.next().unwrap_or_default();
    (next(), next(), u16::from_le_bytes([*low, *high]))
}

/// A range on its way into bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// Its first address.
    pub first: IpAddr,
    /// Its last one, of the same version.
    pub last: IpAddr,
    /// The number of its group.
    pub group: u16,
}

/// The bytes of groups and of their ranges, which are sorted here; `None` if there are more than can be said. Whether
/// ranges overlap is the caller's business.
pub fn bytes(groups: &[Group<'_>], ranges: &[Range]) -> Option<Vec<u8>> {
    let mut ranges = ranges.to_vec();
    ranges.sort_unstable();
    let kind = |group: u16| groups.get(usize::from(group)).map(|group| group.kind);
    let mut pool = Vec::new();
    let mut records = Vec::new();
    for group in groups {
        records.extend([group.kind as u8, 0, 0, 0]);
        records.extend(group.day.to_le_bytes());
        for text in [group.code, group.agents] {
            records.extend(u32::try_from(pool.len()).ok()?.to_le_bytes());
            records.extend(u32::try_from(text.len()).ok()?.to_le_bytes());
            pool.extend(text.bytes());
        }
    }
    let mut counts = vec![u32::try_from(groups.len()).ok()?];
    let mut tables = Vec::new();
    for of in [Kind::Operator, Kind::Class] {
        let (mut v4, mut v6) = (0_u32, 0_u32);
        let mut second = Vec::new();
        for range in ranges.iter().filter(|range| kind(range.group) == Some(of)) {
            let (table, count) = match (range.first, range.last) {
                (IpAddr::V4(first), IpAddr::V4(last)) => {
                    tables.extend(first.to_bits().to_le_bytes());
                    tables.extend(last.to_bits().to_le_bytes());
                    (&mut tables, &mut v4)
                }
                (IpAddr::V6(first), IpAddr::V6(last)) => {
                    second.extend(first.to_bits().to_le_bytes());
                    second.extend(last.to_bits().to_le_bytes());
                    (&mut second, &mut v6)
                }
                _ => return None,
            };
            table.extend(range.group.to_le_bytes());
            *count = count.checked_add(1)?;
        }
        tables.append(&mut second);
        counts.extend([v4, v6]);
    }
    let counts = counts.into_iter().flat_map(u32::to_le_bytes);
    Some(MAGIC.iter().copied().chain(counts).chain(records).chain(tables).chain(pool).collect())
}

#[cfg(test)]
mod tests;
