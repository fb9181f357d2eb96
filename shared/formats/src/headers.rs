//! Request headers as one flat block of text.

/// Request header fields in the order received.
///
/// Shape: `name\nvalue\n` repeated, names in lower case. Neither a field name nor a field value can hold a line feed
/// (RFC 9110 §5.5), so the block needs no escaping, and a host hands it over in one crossing.
#[derive(Clone, Debug, Default)]
pub struct Headers {
    block: String,
}

impl Headers {
    /// Takes a block of the shape above.
    pub fn from_block(block: String) -> Headers {
        Headers { block }
    }

    /// Adds one field line; a line feed in either part drops the line (no host delivers one).
    pub fn push(&mut self, name: &str, value: &str) {
        if name.contains('\n') || value.contains('\n') {
            return;
        }
        self.block.reserve(name.len().saturating_add(value.len()).saturating_add(2));
        self.block.push_str(name);
        self.block.push('\n');
        self.block.push_str(value);
        self.block.push('\n');
    }

    /// Drops every line of a field. `name` in lower case.
    pub fn remove(&mut self, name: &str) {
        self.retain(|n| n != name);
    }

    /// Drops the lines of all fields but those whose name `keep` accepts.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        let mut kept = Headers { block: String::with_capacity(self.block.len()) };
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
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut lines = self.block.split_terminator('\n');
        std::iter::from_fn(move || Some((lines.next()?, lines.next()?)))
    }

    /// The first value of a field. `name` in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// The last value of a field. `name` in lower case.
    pub fn last(&self, name: &str) -> Option<&str> {
        self.iter().filter(|(n, _)| *n == name).map(|(_, v)| v).last()
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
    fn fields_are_set_and_removed_whole() {
        let mut headers = Headers::from_block("a\n1\nset-cookie\nx\nb\n2\nset-cookie\ny\n".to_owned());
        headers.set("a", "3");
        assert_eq!(headers.as_block(), "set-cookie\nx\nb\n2\nset-cookie\ny\na\n3\n");
        headers.remove("set-cookie");
        headers.retain(|name| name != "b");
        assert_eq!(headers.as_block(), "a\n3\n");
    }
}
