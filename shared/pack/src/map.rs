//! A sorted map of UTF-8 keys to values, read in place.
//!
//! ```text
//! "VPM1"   4 bytes
//! count    u32, little-endian
//! ends     count pairs of u32, little-endian: where each key and each value ends, from the beginning of its area
//! keys     the keys, one behind the other, strictly ascending by their bytes
//! values   the values, one behind the other
//! ```
//!
//! **Invariant: reading is total.** Whatever the bytes are, a lookup ends with a value that lies within them or with
//! `None`; a map whose ends lie is merely a map in which nothing is found. Opening looks at the head alone, so that a
//! section of megabytes costs nothing before it is asked; [`Map::check`] looks at all of it.

use std::collections::BTreeMap;
use std::fmt;

const MAGIC: &[u8; 4] = b"VPM1";
const HEAD: usize = 8;

/// A map in its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Map<'a> {
    ends: &'a [[u8; 8]],
    keys: &'a [u8],
    values: &'a [u8],
}

/// The bytes are no map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes are no map of a policy pack")
    }
}

impl std::error::Error for Malformed {}

impl<'a> Map<'a> {
    /// The map without keys.
    pub const EMPTY: Map<'static> = Map { ends: &[], keys: &[], values: &[] };

    /// Opens a map: its head alone is looked at.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn open(bytes: &'a [u8]) -> Result<Map<'a>, Malformed> {
        let (head, rest) = bytes.split_at_checked(HEAD).ok_or(Malformed)?;
        let (magic, count) = head.split_at_checked(MAGIC.len()).ok_or(Malformed)?;
        let count = usize::try_from(number(count)?).map_err(|_| Malformed)?;
        if magic != MAGIC {
            return Err(Malformed);
        }
        let (ends, areas) = rest.split_at_checked(count.checked_mul(8).ok_or(Malformed)?).ok_or(Malformed)?;
        let (ends, _) = ends.as_chunks::<8>();
        let (keys_end, values_end) = ends.last().copied().map_or((0, 0), pair);
        let (keys, values) = areas.split_at_checked(keys_end).ok_or(Malformed)?;
        if values.len() != values_end {
            return Err(Malformed);
        }
        Ok(Map { ends, keys, values })
    }

    /// How many keys it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The key and the value at a place, from 0, in the order of the keys.
    pub fn at(&self, place: usize) -> Option<(&'a str, &'a [u8])> {
        let (keys, values) = self.span(place)?;
        Some((std::str::from_utf8(self.keys.get(keys)?).ok()?, self.values.get(values)?))
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&'a [u8]> {
        let place = self.lower_bound(key.as_bytes());
        let (keys, values) = self.span(place)?;
        (self.keys.get(keys)? == key.as_bytes()).then(|| self.values.get(values)).flatten()
    }

    /// The value of a key, as text.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        std::str::from_utf8(self.get(key)?).ok()
    }

    /// The value of a key, as one integer: eight bytes, little-endian.
    pub fn int(&self, key: &str) -> Option<i64> {
        Some(i64::from_le_bytes(self.get(key)?.try_into().ok()?))
    }

    /// The value of a key, as integers, eight bytes each, little-endian; a rest that is no integer is left out.
    pub fn ints(&self, key: &str) -> impl ExactSizeIterator<Item = i64> + use<'a> {
        let (integers, _) = self.get(key).unwrap_or_default().as_chunks::<8>();
        integers.iter().map(|bytes| i64::from_le_bytes(*bytes))
    }

    /// The value of a key, as lines of text; none if the text is empty.
    pub fn lines(&self, key: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.text(key).unwrap_or_default().lines()
    }

    /// Keys that begin with a text, and their values, in order.
    pub fn under<'p>(&self, prefix: &'p str) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a, 'p> {
        let map = *self;
        (self.lower_bound(prefix.as_bytes())..self.len())
            .map_while(move |place| map.at(place).filter(|(key, _)| key.starts_with(prefix)))
    }

    /// Looks at all of it: every key is UTF-8 and lies behind the one before, every value lies within the map.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn check(&self) -> Result<(), Malformed> {
        let mut before: Option<&str> = None;
        for place in 0..self.len() {
            let (key, _) = self.at(place).ok_or(Malformed)?;
            if before.is_some_and(|before| before >= key) {
                return Err(Malformed);
            }
            before = Some(key);
        }
        Ok(())
    }

    /// The first place whose key is not less.
    fn lower_bound(&self, key: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            // Neither sum can pass the number of keys, nor the difference go below zero.
            let middle = low.midpoint(high);
            let here = self.span(middle).and_then(|(keys, _)| self.keys.get(keys));
            if here.is_some_and(|here| here < key) { low = middle.saturating_add(1) } else { high = middle }
        }
        low
    }

    fn span(&self, place: usize) -> Option<(std::ops::Range<usize>, std::ops::Range<usize>)> {
        let (keys_end, values_end) = pair(*self.ends.get(place)?);
        let (keys_start, values_start) = match place.checked_sub(1) {
            Some(before) => pair(*self.ends.get(before)?),
            None => (0, 0),
        };
        Some((keys_start..keys_end, values_start..values_end))
    }
}

fn pair(bytes: [u8; 8]) -> (usize, usize) {
    let [a, b, c, d, e, f, g, h] = bytes;
    (u32::from_le_bytes([a, b, c, d]) as usize, u32::from_le_bytes([e, f, g, h]) as usize)
}

fn number(bytes: &[u8]) -> Result<u32, Malformed> {
    bytes.try_into().map(u32::from_le_bytes).map_err(|_| Malformed)
}

/// Makes a map. The same keys and values make the same bytes, in whatever order they were put.
#[derive(Clone, Debug, Default)]
pub struct MapWriter {
    entries: BTreeMap<String, Vec<u8>>,
}

impl MapWriter {
    /// A map without keys.
    pub fn new() -> MapWriter {
        MapWriter::default()
    }

    /// Puts bytes under a key; what was there is replaced.
    pub fn bytes(&mut self, key: impl Into<String>, value: impl Into<Vec<u8>>) -> &mut MapWriter {
        self.entries.insert(key.into(), value.into());
        self
    }

    /// Puts a text under a key.
    pub fn text(&mut self, key: impl Into<String>, value: &str) -> &mut MapWriter {
        self.bytes(key, value)
    }

    /// Puts an integer under a key.
    pub fn int(&mut self, key: impl Into<String>, value: i64) -> &mut MapWriter {
        self.bytes(key, value.to_le_bytes())
    }

    /// Puts integers under a key.
    pub fn ints(&mut self, key: impl Into<String>, values: impl IntoIterator<Item = i64>) -> &mut MapWriter {
        self.bytes(key, values.into_iter().flat_map(i64::to_le_bytes).collect::<Vec<u8>>())
    }

    /// Puts lines of text under a key. A line must not have a line feed in it.
    pub fn lines<'l>(&mut self, key: impl Into<String>, lines: impl IntoIterator<Item = &'l str>) -> &mut MapWriter {
        self.bytes(key, lines.into_iter().collect::<Vec<_>>().join("\n"))
    }

    /// The map's bytes; `None` if it would be longer than its own offsets can say (4 GiB).
    pub fn finish(&self) -> Option<Vec<u8>> {
        let mut out = MAGIC.to_vec();
        out.extend(u32::try_from(self.entries.len()).ok()?.to_le_bytes());
        let (mut keys_end, mut values_end) = (0_u32, 0_u32);
        for (key, value) in &self.entries {
            keys_end = keys_end.checked_add(u32::try_from(key.len()).ok()?)?;
            values_end = values_end.checked_add(u32::try_from(value.len()).ok()?)?;
            out.extend(keys_end.to_le_bytes());
            out.extend(values_end.to_le_bytes());
        }
        self.entries.keys().for_each(|key| out.extend(key.as_bytes()));
        self.entries.values().for_each(|value| out.extend(value));
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut map = MapWriter::new();
        map.text("b", "zwei").int("a", -2).ints("c/1", [1, i64::MAX]).lines("c/2", ["x", "y"]).text("d", "");
        map.finish().unwrap()
    }

    #[test]
    fn what_is_put_is_found() {
        let bytes = sample();
        let map = Map::open(&bytes).unwrap();
        assert_eq!((map.len(), map.check()), (5, Ok(())));
        assert_eq!((map.int("a"), map.text("b"), map.text("d")), (Some(-2), Some("zwei"), Some("")));
        assert_eq!(map.ints("c/1").collect::<Vec<_>>(), [1, i64::MAX]);
        assert_eq!(map.lines("c/2").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(map.lines("d").count(), 0);
        assert_eq!(map.under("c/").map(|(key, _)| key).collect::<Vec<_>>(), ["c/1", "c/2"]);
        for absent in ["", "A", "aa", "c", "c/", "e"] {
            assert_eq!(map.get(absent), None, "{absent}");
        }
        assert_eq!(map.int("b"), None, "four bytes are no integer");
    }

    #[test]
    fn the_order_of_putting_makes_no_difference() {
        let (mut one, mut two) = (MapWriter::new(), MapWriter::new());
        one.int("a", 1).int("b", 2);
        two.int("b", 3).int("a", 1).int("b", 2);
        assert_eq!(one.finish(), two.finish());
    }

    #[test]
    fn the_empty_map() {
        let bytes = MapWriter::new().finish().unwrap();
        assert_eq!(bytes, b"VPM1\0\0\0\0");
        let map = Map::open(&bytes).unwrap();
        assert!(map.is_empty() && map.get("").is_none() && map.under("").next().is_none());
    }

    #[test]
    fn no_bytes_lead_out_of_the_map() {
        let bytes = sample();
        for length in 0..bytes.len() {
            assert!(Map::open(&bytes[..length]).is_err(), "cut at {length}");
        }
        // Every byte changed to every value: whatever opens can be looked through.
        for place in 0..bytes.len() {
            for value in 0..=255 {
                let mut bytes = bytes.clone();
                bytes[place] = value;
                let Ok(map) = Map::open(&bytes) else { continue };
                let _checked = map.check();
                for key in ["a", "b", "c/1", "c/2", "d", "x"] {
                    let (_int, _text, _many) = (map.int(key), map.text(key), map.ints(key).count());
                }
                let _under = map.under("c").count();
            }
        }
        let mut long = bytes;
        long.push(0);
        assert!(Map::open(&long).is_err(), "nothing may follow the values");
        assert!(Map::open(b"VPM1\xff\xff\xff\xff").is_err());
    }
}
