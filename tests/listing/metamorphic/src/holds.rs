//! What holds of every text: checked of each that is tried.

use std::collections::BTreeMap;

use listing_engine::{Found, Language, Lexicon, Text, Tuning, find};

/// How many texts are shown for a property that does not hold.
const SHOWN: usize = 5;

/// Opened tables.
pub struct Engine<'a> {
    pub language: Language<'a>,
    pub lexicon: Lexicon<'a>,
    pub allowing: Lexicon<'a>,
    pub tuning: Tuning,
}

/// Properties that do not hold, each with how often and with the first texts.
#[derive(Default)]
pub struct Broken(pub BTreeMap<&'static str, (usize, Vec<String>)>);

impl Broken {
    pub fn note(&mut self, property: &'static str, example: impl FnOnce() -> String) {
        let (times, examples) = self.0.entry(property).or_default();
        *times += 1;
        if examples.len() < SHOWN {
            examples.push(example());
        }
    }
}

impl Engine<'_> {
    /// The terms that count in a text, and what does not hold of it.
    pub fn find(&self, raw: &str, broken: &mut Broken) -> Vec<Found> {
        let mut found = find(raw, &self.language, &self.lexicon, &self.tuning, true);
        for one in &found {
            if stretch(raw, one).is_none_or(str::is_empty) {
                broken.note("a span lies within the text and is not empty", || {
                    format!("{raw:?}: {} to {}, {:?}", one.start, one.end, self.term(one))
                });
            }
        }
        found.retain(|one| one.counts);

        let canonical = Text::of(raw, &self.language);
        let again: String = canonical.units.iter().map(|unit| unit.char).collect();
        let symbols = |text: &Text| text.units.iter().map(|unit| unit.symbol).collect::<Vec<_>>();
        if symbols(&Text::of(&again, &self.language)) != symbols(&canonical) {
            broken.note("the canonical form of a canonical form is the same", || format!("{raw:?}: {again:?}"));
        }

        let all = |lexicon: &Lexicon<'_>, found: &[Found]| -> Vec<(u32, u32, String)> {
            let term = |one: &Found| lexicon.term(one.term).map_or_else(String::new, |term| term.text().to_owned());
            found.iter().map(|one| (one.start, one.end, term(one))).collect()
        };
        let without = all(&self.lexicon, &found);
        let with = find(raw, &self.language, &self.allowing, &self.tuning, false);
        if let Some(more) = all(&self.allowing, &with).iter().find(|one| !without.contains(one)) {
            broken.note("an allowed word adds no finding", || format!("{raw:?}: {more:?} besides {without:?}"));
        }
        found
    }

    /// The term that was found.
    pub fn term(&self, found: &Found) -> &str {
        self.lexicon.term(found.term).map_or("", |term| term.text())
    }
}

/// The stretch of a finding; `None` if it does not lie within the text.
fn stretch<'t>(raw: &'t str, found: &Found) -> Option<&'t str> {
    let mut places = raw.char_indices().map(|(at, _)| at).chain([raw.len()]);
    let (start, end) = (found.start as usize, found.end as usize);
    let from = places.nth(start)?;
    let to = if end == start { from } else { places.nth(end.checked_sub(start)?.checked_sub(1)?)? };
    raw.get(from..to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;

    /// The checks see what they are to see.
    #[test]
    fn what_does_not_hold_is_noted() {
        let world = World::read().unwrap();
        let open = |bytes| Lexicon::open(bytes).unwrap();
        let language = Language::open(&world.language).unwrap();
        let (lexicon, allowing, tuning) = (open(&world.lexicon), open(&world.allowing), Tuning::default());
        // The two lexicons the wrong way round: then the word that is allowed is lost.
        let engine = Engine { language, lexicon: allowing, allowing: lexicon, tuning };
        let mut broken = Broken::default();
        assert!(engine.find("请用微信小程序查看", &mut broken).is_empty());
        assert_eq!(broken.0.keys().copied().collect::<Vec<&str>>(), ["an allowed word adds no finding"]);

        let raw = "加微信";
        let mut one = find(raw, &engine.language, &lexicon, &tuning, false).pop().unwrap();
        assert_eq!(stretch(raw, &one), Some("加微信"));
        for (start, end, seen) in [(1, 2, Some("微")), (3, 3, Some("")), (2, 1, None), (2, 4, None), (4, 5, None)] {
            (one.start, one.end) = (start, end);
            assert_eq!(stretch(raw, &one), seen, "{start} to {end}");
        }
    }
}
