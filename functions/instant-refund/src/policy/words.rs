//! What people read: texts of a pack, with their placeholders filled in.

use std::borrow::Cow;

use shared::china_time;
use shared::lang::{Lang, fill};
use shared::money::priced;
use shared::policy::Map;

use crate::decision::{Input, Scalar};

/// The texts of a pack.
#[derive(Clone, Copy, Debug)]
pub struct Words<'p>(Map<'p>);

impl<'p> Words<'p> {
    pub(super) fn of(map: Map<'p>) -> Words<'p> {
        Words(map)
    }

    /// The words of a code: of a reason (`reason`), of a leg, a payer, an outcome, an article, …
    pub fn get(&self, section: &str, code: &str, lang: Lang) -> Option<&'p str> {
        self.0.text(&format!("{section}/{code}/{}", lang.pick("zh", "en")))
    }

    /// The same with its placeholders filled in: amounts in yuan, instants in China time, names in words. What is not
    /// among the inputs stays out.
    pub fn fill(&self, section: &str, code: &str, lang: Lang, inputs: &[Input]) -> Option<Cow<'p, str>> {
        let value = |name: &str| {
            let input = inputs.iter().find(|input| input.name == name)?;
            Some(Cow::Owned(self.shown(lang, input).into_owned()))
        };
        Some(fill(self.get(section, code, lang)?, value))
    }

    /// An input as a person reads it, by the ending of its name: `_fen` an amount, `_at` and `until` an instant.
    pub fn shown<'i>(&self, lang: Lang, input: &'i Input) -> Cow<'i, str>
    where
        'p: 'i,
    {
        match &input.value {
            Scalar::Integer(value) if input.name.ends_with("_fen") => Cow::Owned(yuan(lang, *value)),
            Scalar::Integer(value) if input.name.ends_with("_at") || input.name.ends_with("until") => {
                Cow::Owned(china_time::minute(*value))
            }
            Scalar::Integer(value) => Cow::Owned(value.to_string()),
            Scalar::Text(text) => self.get(&input.name, text, lang).map_or(Cow::Borrowed(text), Cow::Borrowed),
        }
    }
}

/// An amount as a person reads it.
pub fn yuan(lang: Lang, fen: i64) -> String {
    priced(lang.pick("¥", "CNY "), fen)
}
