//! The two languages that every person-facing text exists in, and how a request picks one.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::quality::weighted;

/// A language that answers are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lang {
    /// Simplified Chinese, the default: the marketplace's home language.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Both, in the order of preference when a request has none.
    pub const ALL: [Lang; 2] = [Lang::Zh, Lang::En];

    /// The BCP 47 tag for `Content-Language` and the HTML `lang` attribute.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }

    /// The value of the `?lang=` parameter that selects this language.
    pub fn param(self) -> &'static str {
        match self {
            Lang::Zh => "zh",
            Lang::En => "en",
        }
    }

    /// One of two texts.
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// A language range (RFC 4647 basic filtering on the primary subtag): `zh`, `zh-Hans-CN`, `en-GB`, …
    pub fn from_range(range: &str) -> Option<Lang> {
        let primary = range.trim().split(['-', '_']).next()?;
        if primary.eq_ignore_ascii_case("zh") {
            Some(Lang::Zh)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Lang::En)
        } else {
            None
        }
    }

    /// Negotiates from the `?lang=` override, then `Accept-Language` (RFC 9110 §12.5.4, with q-values), then the
    /// default. Anything malformed is passed over: a page view must not fail over a language header.
    pub fn negotiate(param: Option<&str>, accept_language: Option<&str>) -> Lang {
        if let Some(lang) = param.and_then(Lang::from_range) {
            return lang;
        }
        let mut best: Option<(Lang, u16)> = None;
        let ranges = || weighted(accept_language.unwrap_or_default());
        for (range, weight) in ranges() {
            // `*` is any language that no other range names.
            let others =
                || Lang::ALL.into_iter().find(|lang| !ranges().any(|(r, _)| Lang::from_range(r) == Some(*lang)));
            let lang = if range == "*" { others() } else { Lang::from_range(range) };
            if let Some(lang) = lang
                && weight > best.map_or(0, |(_, w)| w)
            {
                best = Some((lang, weight));
            }
        }
        best.map_or(Lang::default(), |(lang, _)| lang)
    }
}

/// A text that a person reads, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Builds a [`Text`].
pub fn text(zh: impl Into<String>, en: impl Into<String>) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

impl Text {
    /// The text in one language.
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

/// A text with its `{placeholders}` filled in; `value` gives the value of a name. What has no value stays out; values are
/// not read again.
pub fn fill<'t, 'v>(text: &'t str, value: impl Fn(&str) -> Option<Cow<'v, str>>) -> Cow<'t, str> {
    let mut rest = text;
    if !rest.contains('{') {
        return Cow::Borrowed(rest);
    }
    let mut out = String::with_capacity(rest.len().saturating_add(32));
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, behind)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str(&value(name).unwrap_or_default());
        rest = behind;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negotiation_follows_parameter_then_weight_then_default() {
        let cases = [
            (None, None, Lang::Zh),
            (None, Some("en"), Lang::En),
            (None, Some("en-GB,en;q=0.8"), Lang::En),
            (None, Some("fr, en;q=0.5, zh;q=0.4"), Lang::En),
            (None, Some("en;q=0.5, zh-Hans-CN;q=0.9"), Lang::Zh),
            (None, Some("en;q=0"), Lang::Zh),
            (None, Some("*"), Lang::Zh),
            (None, Some("zh;q=0, *"), Lang::En),
            (None, Some("*;q=0.5, zh;q=0.1"), Lang::En),
            (None, Some("en;q=0.5, *;q=0.8"), Lang::Zh),
            (None, Some("zh;q=0.4, en;q=0.5, *"), Lang::En),
            (None, Some("fr;q=1, de"), Lang::Zh),
            (None, Some(";;;,,=q=2"), Lang::Zh),
            (None, Some("en;q=1.5, zh;q=0.1"), Lang::Zh),
            (Some("en"), Some("zh"), Lang::En),
            (Some("zh-CN"), Some("en"), Lang::Zh),
            (Some("xx"), Some("en"), Lang::En),
        ];
        for (param, header, expected) in cases {
            assert_eq!(Lang::negotiate(param, header), expected, "{param:?} {header:?}");
        }
    }

    #[test]
    fn placeholders_are_filled_and_their_values_are_not_read_again() {
        let filled = |text: &str, values: &[(&str, &'static str)]| {
            fill(text, |name| values.iter().find(|(n, _)| *n == name).map(|(_, value)| Cow::Borrowed(*value)))
                .into_owned()
        };
        assert_eq!(filled("{b} of {a}, {none}", &[("a", "{b}"), ("b", "1")]), "1 of {b}, ");
        assert_eq!(filled("{a}第{b}", &[("a", "x"), ("b", "2")]), "x第2");
        assert_eq!(filled("{a}{", &[("a", "1")]), "1{");
    }
}
