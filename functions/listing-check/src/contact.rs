//! Ways to be reached elsewhere: telephone numbers, accounts, mail and web addresses, however their digits and letters
//! are written. What is found is the value as one would type it.
//!
//! A number counts by its form and by what stands before it: a bar code, a model or a patent has digits too.

mod account;
pub(crate) mod across;
mod address;
mod cues;
mod number;
mod spread;

use std::collections::BTreeMap;

use listing_engine::step::Steps;
use listing_engine::{Language, Text};

/// What kind of contact it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A telephone number.
    Phone,
    /// A QQ number.
    Qq,
    /// A WeChat account.
    Wechat,
    /// A code of an invitation.
    Invitation,
    /// An account on another platform or messenger.
    Account,
    /// A mail address.
    Mail,
    /// A web address.
    Url,
}

impl Kind {
    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Phone => "phone",
            Kind::Qq => "qq",
            Kind::Wechat => "wechat",
            Kind::Mail => "mail",
            Kind::Invitation => "invitation",
            Kind::Account => "account",
            Kind::Url => "url",
        }
    }
}

/// A contact in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// What kind.
    pub kind: Kind,
    /// As one would type it.
    pub value: String,
    /// Where it begins in the raw text, in Unicode scalar values.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// The steps from the raw text to the value.
    pub steps: Steps,
    /// The word before it that says what it is; empty if its form alone does.
    pub cue: String,
}

/// All contacts of a text, in the order of their places.
pub fn find(text: &Text, language: &Language<'_>) -> Vec<Contact> {
    let together = cues::together(text);
    let spread = spread::find(text, language, together);
    // What is whole only with groups farther off is not the shorter number that its first groups may be taken for.
    let part = |contact: &Contact| {
        // They are in order and apart: only those from the first that ends behind it can lie over it.
        let near = spread.get(spread.partition_point(|whole| whole.end <= contact.start)..).unwrap_or_default();
        let over = near.iter().take_while(|whole| whole.start < contact.end);
        over.into_iter().any(|whole| whole.value.len() > contact.value.len())
    };
    let numbers: Vec<Contact> = number::find(text, language).into_iter().filter(|contact| !part(contact)).collect();
    let all =
        address::find(text).into_iter().chain(account::find(text, language, together)).chain(numbers).chain(spread);
    let mut found = Vec::new();
    let mut taken: BTreeMap<u32, u32> = BTreeMap::new();
    for contact in all {
        if taken.range(..contact.end).next_back().is_none_or(|(_, end)| *end <= contact.start) {
            taken.insert(contact.start, contact.end);
            found.push(contact);
        }
    }
    found.sort_by_key(|contact| (contact.start, contact.end));
    found
}

fn steps_of(text: &Text, from: usize, to: usize) -> Steps {
    text.units.get(from..=to).unwrap_or_default().iter().fold(Steps::NONE, |steps, unit| steps.and(unit.steps))
}

#[cfg(test)]
#[path = "contact/tests.rs"]
mod tests;
