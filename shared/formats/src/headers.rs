//! Request headers as one flat block of text.

/// Request header fields in the order received.
///
/// Shape: `name\nvalue\n` repeated, names in lower case. Neither a field name nor a field value can hold a line feed
/// (RFC 9110 §5.5), so the block needs no escaping, and a host hands it over in one crossing. Where lines end is found
/// once: fields are looked up some thirty times a request.
#[derive(Clone, Debug, Default)]
pub struct Headers {
    block: String,
    /// Of each field line: where its name ends in the block, and where its value does. A line feed stands behind each.
    ends: Vec<(usize, usize)>,
}

impl Headers {
    /// Takes a block of the shape above.
    pub fn from_block(mut block: String) -> Headers {
        if !block.is_empty() && !block.ends_with('\n') {
            block.push('\n');
        }
        let mut ends = Vec::with_capacity(32);
        let mut name = None;
        for (at, _) in block.bytes().enumerate().filter(|(_, byte)| *byte == b'\n') {
            match name.take() {
                None => name = Some(at),
                Some(name) => ends.push((name, at)),
            }
        }
        // A name without a value is no field.
        block.truncate(behind(&ends));
        Headers { block, ends }
    }

    /// Adds one field line; a line feed in either part drops the line (no host delivers one).
    pub fn push(&mut self, name: &str, value: &str) {
        if name.as_bytes().contains(&b'\n') || value.as_bytes().contains(&b'\n') {
            return;
        }
        self.block.reserve(name.len().saturating_add(value.len()).saturating_add(2));
        self.block.push_str(name);
        let name_ends = self.block.len();
        self.block.push('\n');
        self.block.push_str(value);
        self.ends.push((name_ends, self.block.len()));
        self.block.push('\n');
    }

    /// Makes room for so many fields with so many bytes of names and values.
    pub fn reserve(&mut self, fields: usize, bytes: usize) {
        self.ends.reserve(fields);
        self.block.reserve(bytes.saturating_add(fields.saturating_mul(2)));
    }

    /// How many field lines there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Drops every line of a field. `name` in lower case.
    pub fn remove(&mut self, name: &str) {
        self.retain(|n| n != name);
    }

    /// Drops the lines of all fields but those whose name `keep` accepts.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        // Often nothing is dropped.
        if self.iter().all(|(name, _)| keep(name)) {
            return;
        }
        let mut kept = Headers::default();
        kept.reserve(self.ends.len(), self.block.len());
        for (name, value) in self.iter().filter(|(name, _)| keep(name)) {
            kept.push(name, value);
        }
        *self = kept;
    }

    /// One line of this field in place of any that there are. `name` in lower case.
    pub fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.push(name, value);
    }

    /// The lines as one block, of the shape above.
    pub fn as_block(&self) -> &str {
        &self.block
    }

    /// All field lines, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> {
        (0..self.ends.len()).filter_map(|place| self.line(place))
    }

    /// The first value of a field. `name` in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut begin = 0_usize;
        for (name_ends, value_ends) in &self.ends {
            // Lengths tell most names apart.
            if name_ends.wrapping_sub(begin) == name.len()
                && self.block.as_bytes().get(begin..*name_ends) == Some(name.as_bytes())
            {
                return self.block.get(name_ends.saturating_add(1)..*value_ends);
            }
            begin = value_ends.saturating_add(1);
        }
        None
    }

    /// The last value of a field. `name` in lower case.
    pub fn last(&self, name: &str) -> Option<&str> {
        self.iter().rfind(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// Every value of a field, joined as RFC 9110 §5.3 joins field lines. `name` in lower case.
    pub fn combined(&self, name: &str) -> Option<String> {
        let mut values = self.iter().filter(|(n, _)| *n == name).map(|(_, v)| v);
        let mut all = values.next()?.to_owned();
        for value in values {
            all.push_str(", ");
            all.push_str(value);
        }
        Some(all)
    }

    /// Where a field line begins.
    fn begin(&self, place: usize) -> usize {
        behind(self.ends.get(..place).unwrap_or_default())
    }

    fn line(&self, place: usize) -> Option<(&str, &str)> {
        let (name_ends, value_ends) = *self.ends.get(place)?;
        let name = self.block.get(self.begin(place)..name_ends)?;
        Some((name, self.block.get(name_ends.saturating_add(1)..value_ends)?))
    }
}

/// Where the line behind these begins.
fn behind(ends: &[(usize, usize)]) -> usize {
    ends.last().map_or(0, |(_, value_ends)| value_ends.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_last_and_combined() {
        let mut headers = Headers::default();
        headers.push("accept", "text/html");
        headers.push("spin-client-addr", "10.0.0.1:1");
        headers.push("spin-client-addr", "127.0.0.1:9");
        headers.push("x-empty", "");
        headers.push("bad", "a\nb");
        assert_eq!(headers.get("spin-client-addr"), Some("10.0.0.1:1"));
        assert_eq!(headers.last("spin-client-addr"), Some("127.0.0.1:9"));
        assert_eq!(headers.combined("spin-client-addr").as_deref(), Some("10.0.0.1:1, 127.0.0.1:9"));
        assert_eq!(headers.get("x-empty"), Some(""));
        assert_eq!(headers.get("bad"), None);
        assert_eq!(headers.iter().count(), 4);
    }

    #[test]
    fn a_block_that_is_cut_off_has_the_fields_before_the_cut() {
        for (block, wanted) in [
            ("", &[][..]),
            ("a", &[]),
            ("a\n", &[]),
            ("a\n1", &[("a", "1")]),
            ("a\n1\nb", &[("a", "1")]),
            ("a\n\nb\n2\n", &[("a", ""), ("b", "2")]),
        ] {
            let mut headers = Headers::from_block(block.to_owned());
            assert_eq!(headers.iter().collect::<Vec<_>>(), wanted, "{block:?}");
            headers.push("c", "茶");
            assert_eq!(
                (headers.get("c"), headers.last("c"), headers.len()),
                (Some("茶"), Some("茶"), wanted.len() + 1)
            );
        }
    }

    #[test]
    fn fields_are_set_and_removed_whole() {
        let mut headers = Headers::from_block("a\n1\nset-cookie\nx\nb\n2\nset-cookie\ny\n".to_owned());
        headers.set("a", "3");
        assert_eq!(headers.as_block(), "set-cookie\nx\nb\n2\nset-cookie\ny\na\n3\n");
        headers.remove("set-cookie");
        headers.retain(|name| name != "b");
        assert_eq!(headers.as_block(), "a\n3\n");
    }
}
