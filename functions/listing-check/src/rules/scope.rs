//! Whether a group or rule holds in a listing, and in which of its texts.

use std::collections::BTreeMap;

use crate::listing::Listing;
use crate::policy::{Force, Rules, field_bit};
use crate::rules::layout::FLAG_CONDITIONS;
use crate::texts::{Field, Place};

/// A listing, as conditions ask about it.
pub(crate) struct Scope<'l, 'p> {
    listing: &'l Listing,
    rules: Rules<'p>,
    /// The parts of the category's path.
    path: Vec<&'l str>,
    /// Of each group that was asked about, whether it holds in this listing.
    known: BTreeMap<u16, Force>,
}

impl<'l, 'p> Scope<'l, 'p> {
    pub(crate) fn of(listing: &'l Listing, rules: &Rules<'p>) -> Scope<'l, 'p> {
        // Some callers send a path as one text.
        let parts = listing.category.iter().flat_map(|part| part.split('/'));
        let path = parts.map(str::trim).filter(|part| !part.is_empty()).collect();
        Scope { listing, rules: *rules, path, known: BTreeMap::new() }
    }

    /// Whether a group or rule holds in this listing.
    pub(crate) fn force(&mut self, number: u16) -> Force {
        if let Some(force) = self.known.get(&number) {
            return *force;
        }
        let force = match self.rules.force(number) {
            Force::Not => Force::Not,
            force if self.rules.flags(number) & FLAG_CONDITIONS == 0 || self.holds(number) => force,
            _ => Force::Not,
        };
        self.known.insert(number, force);
        force
    }

    /// The seller, as exceptions name them.
    pub(crate) fn seller(&self) -> Option<&'l str> {
        self.listing.seller.as_ref().map(|seller| seller.id.as_str())
    }

    /// Whether the listing is in a category: its parts stand in the path one behind the other, wherever they begin.
    pub(crate) fn within(&self, category: &str) -> bool {
        let parts: Vec<&str> = category.split('/').map(str::trim).collect();
        self.path.windows(parts.len()).any(|window| window == parts)
    }

    /// Whether an attribute states a GTIN of 14 digits, in whatever length it is usually written.
    pub(crate) fn states(&self, gtin: &str) -> bool {
        let short = gtin.trim_start_matches('0');
        let same = |value: &str| {
            let digits: String = value.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
            digits.len() >= 8 && digits.trim_start_matches('0') == short
        };
        !short.is_empty() && self.listing.attributes.iter().any(|attribute| same(&attribute.value))
    }

    fn holds(&self, number: u16) -> bool {
        let lowest = self.listing.skus.iter().map(|sku| sku.price_fen).min();
        // A qualification without a number is none.
        let has = |kind: &str| {
            let with_number = self.listing.qualifications.iter().filter(|one| !one.number.trim().is_empty());
            with_number.into_iter().any(|one| one.kind.trim() == kind)
        };
        // Of categories, and of qualifications, one that holds is enough.
        let (mut category, mut qualification) = (None, None);
        for line in self.rules.conditions(number) {
            let Some((letter, value)) = line.split_once(' ') else { continue };
            let fen = || value.parse::<i64>().ok();
            let holds = match letter {
                "c" => {
                    category = category.max(Some(self.within(value)));
                    true
                }
                "q" => {
                    qualification = qualification.max(Some(has(value)));
                    true
                }
                "n" => !self.within(value),
                "w" => !has(value),
                "b" => lowest.zip(fen()).is_some_and(|(lowest, below)| lowest < below),
                "f" => lowest.zip(fen()).is_some_and(|(lowest, from)| lowest >= from),
                _ => true,
            };
            if !holds {
                return false;
            }
        }
        category != Some(false) && qualification != Some(false)
    }
}

/// The bit of a text, in the order in which a pack counts a listing's texts.
pub(crate) fn bit(field: &Field<'_>) -> u8 {
    match field.place {
        Place::Code => field_bit("codes"),
        Place::Words | Place::Hidden | Place::Picture => field_bit(field.pointer.split('/').nth(1).unwrap_or_default()),
    }
}

/// Whether a group or rule of these fields holds in a text.
pub(crate) const fn looks_in(fields: u8, bit: u8) -> bool {
    fields == 0 || fields & bit != 0
}
