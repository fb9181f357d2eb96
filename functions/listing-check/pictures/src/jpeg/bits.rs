//! Bits of a scan and the Huffman codes in them (ITU-T T.81, F.2.2).

use crate::Unread;

/// Huffman codes, of at most 16 bits.
#[derive(Clone)]
pub struct Table {
    /// By the next eight bits: length and symbol of the code that they begin with; no length if it is longer.
    short: [(u8, u8); 256],
    /// For each length: the first code that is not one of it, and what to add to a code for its place in `symbols`.
    ends: [(u32, i32); 17],
    symbols: Vec<u8>,
}

impl Table {
    /// From how many codes there are of each length, and their symbols in order (annex C). None if there are more codes
    /// than bits for them.
    pub fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Table> {
        let mut table = Table { short: [(0, 0); 256], ends: [(0, 0); 17], symbols: symbols.to_vec() };
        let (mut code, mut place) = (0u32, 0usize);
        for (length, count) in (1u8..).zip(counts) {
            let first = code;
            for symbol in symbols.get(place..place + usize::from(*count))? {
                if length <= 8 {
                    let (from, many) = (code << (8 - length), 1 << (8 - length));
                    let shorts = table.short.iter_mut().skip(usize::try_from(from).ok()?).take(many);
                    shorts.for_each(|short| *short = (length, *symbol));
                }
                code += 1;
            }
            if code > 1 << length {
                return None;
            }
            let end = table.ends.get_mut(usize::from(length))?;
            *end = (code, i32::try_from(place).ok()? - i32::try_from(first).ok()?);
            place += usize::from(*count);
            code <<= 1;
        }
        Some(table)
    }
}

/// Bits of a part of a scan, between restarts.
pub struct Bits<'a> {
    bytes: std::slice::Iter<'a, u8>,
    /// The next bits, from the top, and how many there are.
    next: u32,
    count: u32,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8]) -> Bits<'a> {
        Bits { bytes: bytes.iter(), next: 0, count: 0 }
    }

    fn fill(&mut self) {
        while self.count <= 24 {
            let Some(byte) = self.bytes.next() else { break };
            if *byte == 0xff {
                self.bytes.next(); // The zero that is stuffed after it.
            }
            self.next |= u32::from(*byte) << (24 - self.count);
            self.count += 8;
        }
    }

    fn skip(&mut self, count: u32) -> Result<(), Unread> {
        self.count = self.count.checked_sub(count).ok_or(Unread::Damaged)?;
        self.next <<= count;
        Ok(())
    }

    /// The next bits, at most 16, as a number.
    pub fn take(&mut self, count: u32) -> Result<i32, Unread> {
        if count == 0 {
            return Ok(0);
        }
        if self.count < count {
            self.fill();
        }
        let value = self.next.checked_shr(32 - count).unwrap_or(0);
        self.skip(count)?;
        i32::try_from(value).map_err(|_| Unread::Damaged)
    }

    /// A number of so many bits, at most 16, with its sign (F.2.2.1, EXTEND).
    pub fn number(&mut self, count: u32) -> Result<i32, Unread> {
        if count == 0 {
            return Ok(0);
        }
        let value = self.take(count)?;
        Ok(if value < 1 << (count - 1) { value - (1 << count) + 1 } else { value })
    }

    /// The next symbol.
    pub fn symbol(&mut self, table: &Table) -> Result<u8, Unread> {
        if self.count < 16 {
            self.fill();
        }
        let begin = usize::try_from(self.next >> 24).unwrap_or(0);
        if let Some((length @ 1.., symbol)) = table.short.get(begin) {
            self.skip(u32::from(*length))?;
            return Ok(*symbol);
        }
        for (length, (end, offset)) in (0u32..).zip(&table.ends).skip(9) {
            let code = self.next >> (32 - length);
            if code < *end {
                self.skip(length)?;
                let place = usize::try_from(i64::from(code) + i64::from(*offset)).map_err(|_| Unread::Damaged)?;
                return table.symbols.get(place).copied().ok_or(Unread::Damaged);
            }
        }
        Err(Unread::Damaged)
    }
}
