//! Syllables in letters, as the engine looks them up.

use std::collections::BTreeMap;

use listing_engine::language::{SPELT, Spelt};

/// Syllables in letters, and what is nearly one: see [`SPELT`].
pub(crate) fn spelt(sounds: &BTreeMap<&str, (u16, u16)>) -> Vec<u8> {
    let number = |name: &str| sounds.get(name).map_or(0, |(number, _)| *number);
    let mut all: BTreeMap<String, (u16, u16)> = BTreeMap::new();
    for name in sounds.keys() {
        all.insert((*name).to_owned(), (number(name), 0));
    }
    // As it is said where no syllable is written so: `sua` for shua, `tin` for ting.
    let short = |name: &str| name.starts_with(['z', 'c', 's']).then(|| name.replacen('h', "", 1));
    let others = |name: &&str| [short(name), name.strip_suffix('g').map(str::to_owned), Some(format!("{name}g"))];
    for name in sounds.keys().flat_map(others).flatten() {
        if (2..=5).contains(&name.len()) && !sounds.contains_key(name.as_str()) {
            let meant = mistyped(&name, number);
            all.insert(name, (0, meant));
        }
    }
    let slots = (all.len() * 2).next_power_of_two();
    let mut table = vec![[0; SPELT]; slots];
    for (name, (sound, meant)) in all.iter().filter(|(name, _)| name.len() <= 6) {
        let letters = name.bytes().fold(Spelt::NONE, Spelt::with);
        let mut slot = letters.slot(slots);
        while table.get(slot).is_some_and(|room| *room != [0; SPELT]) {
            slot = (slot + 1) % slots;
        }
        if let Some(room) = table.get_mut(slot) {
            let [a, b, c, d] = letters.code().to_le_bytes();
            let [[e, f], [g, h]] = [sound, meant].map(|sound| sound.to_le_bytes());
            *room = [a, b, c, d, e, f, g, h];
        }
    }
    table.into_iter().flatten().collect()
}

/// The sound that is meant by letters that spell none; 0: there is none.
fn mistyped(name: &str, number: impl Fn(&str) -> u16) -> u16 {
    let mut sound = 0;
    if let Some((first @ ("z" | "c" | "s"), rest)) = name.split_at_checked(1)
        && !rest.starts_with('h')
    {
        sound = number(&format!("{first}h{rest}"));
    }
    if sound == 0 && name.ends_with('n') {
        sound = number(&format!("{name}g"));
    }
    if sound == 0
        && let Some(short) = name.strip_suffix('g')
    {
        sound = number(short);
    }
    sound
}
