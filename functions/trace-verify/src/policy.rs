//! The bundled policy pack: the figures and texts of `policy/`, compiled to constants by `build.rs`.

use std::borrow::Cow;

include!(concat!(env!("OUT_DIR"), "/policy.rs"));

/// A text in both languages, with `{placeholders}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

impl Message {
    /// The text in one language, as it stands.
    pub fn get(self, lang: shared::lang::Lang) -> &'static str {
        lang.pick(self.zh, self.en)
    }

    /// The text with its placeholders filled in.
    pub fn fill(self, lang: shared::lang::Lang, values: &[(&str, &str)]) -> Cow<'static, str> {
        let mut rest = self.get(lang);
        if !rest.contains('{') {
            return Cow::Borrowed(rest);
        }
        let mut out = String::with_capacity(rest.len());
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, behind)) = after.split_once('}') else { break };
            out.push_str(before);
            out.push_str(values.iter().find(|(n, _)| *n == name).map_or("", |(_, v)| v));
            rest = behind;
        }
        out.push_str(rest);
        Cow::Owned(out)
    }
}

/// The texts, named `SECTION_KEY`.
pub mod messages {
    use super::Message;
    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}

#[cfg(test)]
mod tests {
    use shared::lang::Lang;

    use super::*;

    #[test]
    fn placeholders_are_filled_and_their_values_are_not_read_again() {
        let message = Message { zh: "{a}第{b}", en: "{b} of {a}, {none}" };
        assert_eq!(message.fill(Lang::En, &[("a", "{b}"), ("b", "1")]), "1 of {b}, ");
        assert_eq!(message.fill(Lang::Zh, &[("a", "x"), ("b", "2")]), "x第2");
    }
}
