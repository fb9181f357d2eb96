//! What this function hands out and believes when it comes back ([`shared::seal`]): each for one purpose.

use shared::seal;

/// The space of this function's keys.
const SPACE: &str = "venditor/screen/v1";

/// What a sealed text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A challenge.
    Challenge,
    /// A pass.
    Pass,
    /// Where a browser goes on to.
    Target,
    /// What is known of a visit.
    Visit,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Purpose::Challenge => b"venditor/screen/v1/challenge\0",
            Purpose::Pass => b"venditor/screen/v1/pass\0",
            Purpose::Target => b"venditor/screen/v1/target\0",
            Purpose::Visit => b"venditor/screen/v1/visit\0",
        }
    }
}

/// The keys, by purpose.
pub struct Keys(seal::Keys);

impl Keys {
    /// Reads them ([`seal::Keys::parse`]).
    ///
    /// # Errors
    /// What is wanted; never a part of the text.
    pub fn parse(text: &str) -> Result<Keys, String> {
        seal::Keys::parse(text, SPACE).map(Keys)
    }

    /// Seals a payload.
    pub fn seal(&self, purpose: Purpose, payload: &[u8]) -> String {
        self.0.seal(purpose.label(), payload)
    }

    /// The payload of a sealed text; none if it was not sealed here, for this.
    pub fn open(&self, purpose: Purpose, text: &str) -> Option<Vec<u8>> {
        self.0.open(purpose.label(), text)
    }

    /// The name under which something is counted ([`seal::Keys::counted`]).
    pub fn counted(&self, what: &str, value: &str) -> String {
        self.0.counted(what, value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_for_this_opens() {
        let keys = Keys::parse("k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
        let sealed = keys.seal(Purpose::Pass, b"payload");
        assert_eq!(keys.open(Purpose::Pass, &sealed).as_deref(), Some(&b"payload"[..]));
        assert_eq!(keys.open(Purpose::Visit, &sealed), None);
    }
}
