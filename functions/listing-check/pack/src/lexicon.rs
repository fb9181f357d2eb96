//! Terms, put in order for the engine.

use std::collections::{BTreeMap, BTreeSet};

use listing_engine::bytes::join;
use listing_engine::canonical::Text;
use listing_engine::lattice::Lattice;
use listing_engine::lexicon::{CLASSES, MAGIC, Role, classes, initials_key, place, share};
use listing_engine::symbol::{self, Symbol};
use listing_engine::{Language, find};

/// A term as a list gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How it is written.
    pub text: String,
    /// Its group.
    pub group: u16,
    /// Of another name: the term that it is for, and what it costs in quarter bits.
    pub alias_of: Option<(String, u8)>,
    /// Whether it is no term but a word that is allowed: terms within it do not count.
    pub allowed: bool,
}

/// What is wrong with a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It has no symbol.
    Empty,
    /// It has more symbols than the engine follows.
    Long,
}

/// The longest term, in symbols.
pub const LONGEST: usize = 24;

/// The symbols of a term.
///
/// # Errors
/// [`Unusable`].
pub fn spell(text: &str, language: &Language<'_>) -> Result<Vec<Symbol>, Unusable> {
    let text = Text::of(text, language);
    let symbols: Vec<Symbol> = (0..text.read.len()).map(|at| text.symbol(at)).collect();
    match symbols.len() {
        0 => Err(Unusable::Empty),
        len if len > LONGEST => Err(Unusable::Long),
        _ => Ok(symbols),
    }
}

/// Compiles terms. Those that cannot be used, and aliases of terms that are not there, are passed over: whoever reads a
/// file says so before.
pub fn compile(entries: &[Entry], language: &Language<'_>) -> Vec<u8> {
    compile_with(entries, language, |_| Role::Term)
}

/// The same, with what each term is found for.
pub fn compile_with(entries: &[Entry], language: &Language<'_>, role: impl Fn(&str) -> Role) -> Vec<u8> {
    let (mut terms, mut symbols, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut buckets: BTreeMap<(u16, u16), BTreeSet<u32>> = BTreeMap::new();
    let (mut sums, mut initials) = (BTreeSet::new(), BTreeSet::new());
    let role = |entry: &Entry| match &entry.alias_of {
        _ if entry.allowed => Role::Term,
        None => role(&entry.text),
        Some((of, _)) => role(of),
    };
    // Parts behind all others, other names behind what they are for.
    let mut ordered: Vec<(&Entry, Role)> = entries.iter().map(|entry| (entry, role(entry))).collect();
    ordered.sort_by_key(|(entry, role)| (*role == Role::Part, entry.alias_of.is_some()));
    for (entry, role) in ordered {
        let number = terms.len() as u32 / listing_engine::lexicon::TERM as u32;
        let Ok(spelt) = spell(&entry.text, language) else { continue };
        if entry.text.len() > 255
            || entry.alias_of.is_none() && !entry.allowed && numbers.contains_key(entry.text.as_str())
        {
            continue;
        }
        let (target, cost) = match &entry.alias_of {
            None => (number, 0),
            Some((of, cost)) => match numbers.get(of.as_str()) {
                Some(target) => (*target, *cost),
                None => continue,
            },
        };
        let alias = entry.alias_of.is_some();
        let kind = if entry.allowed { 2 } else { u8::from(alias) };
        let own = own_cost(&spelt, language);
        if kind == 0 {
            numbers.insert(&entry.text, number);
            sums.insert((spelt.iter().fold(0_u32, |sum, symbol| sum.wrapping_add(share(*symbol))), number));
            let first: Option<Vec<Symbol>> = spelt
                .iter()
                .map(|s| {
                    if symbol::is_han(*s) {
                        find::initial(language, *s)
                    } else {
                        Some(*s).filter(|s| symbol::is_letter(*s))
                    }
                })
                .collect();
            if let Some(first) = first.filter(|_| spelt.iter().any(|s| symbol::is_han(*s)) && spelt.len() > 1) {
                initials.insert((initials_key(first.into_iter()), number));
            }
        }
        let mut head = spelt.iter().map(|s| classes(*s, language));
        let ones = head.next().unwrap_or_default();
        let twos = head.next();
        for one in ones.into_iter().filter(|class| *class != 0) {
            match twos {
                None => _ = buckets.entry((one, 0)).or_default().insert(number),
                Some(twos) => {
                    for two in twos.into_iter().filter(|class| *class != 0) {
                        buckets.entry((one, two)).or_default().insert(number);
                    }
                }
            }
        }
        let at = symbols.len() as u32 / 2;
        symbols.extend(spelt.iter().flat_map(|symbol| symbol.to_le_bytes()));
        terms.extend(at.to_le_bytes());
        terms.extend([spelt.len() as u8, role.byte(), kind, cost]);
        terms.extend(entry.group.to_le_bytes());
        terms.extend((own.min(65_535) as u16).to_le_bytes());
        terms.extend(target.to_le_bytes());
        let [a, b, c, _] = (texts.len() as u32).to_le_bytes();
        terms.extend([a, b, c, entry.text.len() as u8]);
        texts.extend(entry.text.bytes());
    }
    let mut arrays = vec![Vec::new(); place::COUNT];
    let mut put = |at: usize, bytes: Vec<u8>| {
        if let Some(array) = arrays.get_mut(at) {
            *array = bytes;
        }
    };
    let mut pairs = vec![0_u8; CLASSES * CLASSES / 8];
    let (mut keys, mut all) = (Vec::new(), Vec::new());
    for ((one, two), numbers) in &buckets {
        let bit = usize::from(*one) * CLASSES + usize::from(*two);
        if let Some(byte) = pairs.get_mut(bit / 8) {
            *byte |= 1 << (bit % 8);
        }
        keys.extend(one.to_le_bytes().into_iter().chain(two.to_le_bytes()).chain((all.len() as u32 / 4).to_le_bytes()));
        all.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }
    keys.extend([0xFF; 4].into_iter().chain((all.len() as u32 / 4).to_le_bytes()));
    put(place::PAIRS, pairs);
    put(place::BUCKETS, keys);
    put(place::ENTRIES, all);
    put(place::TERMS, terms);
    put(place::SYMBOLS, symbols);
    let mut bits = vec![0_u8; (sums.len() * 2).next_power_of_two().max(64)];
    for (sum, _) in &sums {
        let bit = *sum as usize % (bits.len() * 8);
        if let Some(byte) = bits.get_mut(bit / 8) {
            *byte |= 1 << (bit % 8);
        }
    }
    put(place::SUM_BITS, bits);
    let pairs = |set: BTreeSet<(u32, u32)>| {
        set.into_iter().flat_map(|(key, number)| key.to_le_bytes().into_iter().chain(number.to_le_bytes())).collect()
    };
    put(place::SUMS, pairs(sums));
    put(place::INITIALS, pairs(initials));
    put(place::TEXTS, texts);
    join(MAGIC, &arrays)
}

/// What a term costs as Chinese, in quarter bits.
fn own_cost(symbols: &[Symbol], language: &Language<'_>) -> i32 {
    let lattice = Lattice::of_symbols(symbols, &vec![true; symbols.len()], language);
    lattice.before.last().copied().unwrap_or(0)
}
