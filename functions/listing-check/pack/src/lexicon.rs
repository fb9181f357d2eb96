//! Terms, put in order for the engine.

use std::collections::{BTreeMap, BTreeSet};

use listing_engine::bytes::{join, pair_key};
use listing_engine::canonical::Text;
use listing_engine::classes::{CLASSES, classes, mask, pair};
use listing_engine::heads::{COLUMNS, Entry as Listed, NO_TERM, ROW, column, row, turned_heads};
use listing_engine::lattice::Lattice;
use listing_engine::lexicon::{MAGIC, Role, initials_key, place, share, sum_bucket, turned_key};
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
/// The same in bytes.
pub const LONGEST_BYTES: usize = 96;

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
    let (mut single, mut paired) = (BTreeSet::new(), BTreeSet::new());
    let mut made = vec![0_u8; usize::from(u16::MAX / 4) + 1];
    let (mut sums, mut initials) = (BTreeSet::new(), BTreeSet::new());
    let (mut firsts, mut turned, mut turned_keys) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut second_classes, mut class_first) = (BTreeSet::new(), BTreeSet::new());
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
            let sum = spelt.iter().fold(0_u32, |sum, symbol| sum.wrapping_add(share(*symbol)));
            sums.insert((sum, number));
            turned.extend(turned_heads(&spelt));
            turned_keys.extend(turned_heads(&spelt).map(|head| turned_key(sum, head)));
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
        let symbol = |at: usize| spelt.get(at).copied().unwrap_or(0);
        firsts.insert((symbol(0), symbol(1)));
        let symbols_of = [symbol(0), symbol(1), symbol(2)];
        let (len, cost_own, literal) = (spelt.len() as u8, own.clamp(0, 254) as u8, kind != 0);
        let listed = |third| Listed { symbols: symbols_of, third, literal, len, own: cost_own, term: number };
        let classes = |at: usize| classes(symbol(at), language).into_iter().filter(|class| *class != 0);
        if kind == 0 && spelt.len() > 1 {
            second_classes.extend(classes(1).map(|class| (symbol(0), class)));
            class_first.extend(classes(0).map(|class| pair_key(class, symbol(1))));
        }
        for one in classes(0) {
            match spelt.len() {
                1 => _ = single.insert((one, listed(one))),
                2 => paired.extend(classes(1).map(|two| (pair(one, two), listed(0)))),
                _ => paired
                    .extend(classes(1).flat_map(|two| classes(2).map(move |three| (pair(one, two), listed(three))))),
            }
        }
        for (at, symbol) in spelt.iter().enumerate() {
            let bit = usize::from(*symbol) * 2;
            set(&mut made, bit);
            if at == 0 {
                set(&mut made, bit + 1);
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
    let [words, records, all] = pairs_of(&paired);
    put(place::PAIRS, words);
    put(place::RECORDS, records);
    put(place::ENTRIES, all);
    put(place::MADE, made);
    let mut singles = vec![0_u8; CLASSES / 8];
    for (class, _) in &single {
        set(&mut singles, usize::from(*class));
    }
    put(place::SINGLE_CLASSES, singles);
    put(place::SINGLE, single.into_iter().flat_map(|(_, entry)| entry.bytes()).collect());
    put(place::HEADS, heads_of(&firsts, &turned));
    put(place::SECOND_CLASSES, second_classes_of(&second_classes));
    put(place::CLASS_FIRST, bits_of(&class_first));
    let keys = |heads: &BTreeSet<(Symbol, Symbol)>| heads.iter().map(|(one, two)| pair_key(*one, *two)).collect();
    put(place::FIRSTS, bits_of(&keys(&firsts)));
    put(place::TURNED_FIRSTS, bits_of(&keys(&turned)));
    put(place::TERMS, terms);
    put(place::SYMBOLS, symbols);
    put(place::TURNED, bits_of(&turned_keys));
    let buckets = (sums.len() / 4).next_power_of_two();
    put(place::SUM_STARTS, starts(buckets, sums.iter().map(|(sum, _)| sum_bucket(*sum, buckets))));
    let pairs = |set: BTreeSet<(u32, u32)>| {
        set.into_iter().flat_map(|(key, number)| key.to_le_bytes().into_iter().chain(number.to_le_bytes())).collect()
    };
    put(place::SUMS, pairs(sums));
    put(place::INITIALS, pairs(initials));
    put(place::TEXTS, texts);
    join(MAGIC, &arrays)
}

/// Entries by pair of classes: words, records and the entries, see [`listing_engine::heads::WORD`].
fn pairs_of(numbers: &BTreeSet<(usize, Listed)>) -> [Vec<u8>; 3] {
    let mut records: BTreeMap<usize, (u32, u64, [u8; 4])> = BTreeMap::new();
    let mut bits = vec![0_u64; CLASSES * CLASSES / 64];
    let mut all = Vec::new();
    for (at, (number, entry)) in (0_u32..).zip(numbers) {
        let (_, masks, least) = records.entry(*number).or_insert((at, 0, [NO_TERM; 4]));
        *masks |= if entry.third > 0 { mask(entry.third) } else { 0 };
        // A word that counts as it stands alone is no reading.
        if let Some(least) = least.get_mut(usize::from(entry.len.clamp(2, 5) - 2)).filter(|_| !entry.literal) {
            *least = entry.own.min(*least);
        }
        if let Some(word) = bits.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
        all.extend(entry.bytes());
    }
    let end = (numbers.len() as u32, 0, [NO_TERM; 4]);
    let record = |(start, thirds, least): (u32, u64, [u8; 4])| {
        start.to_le_bytes().into_iter().chain(thirds.to_le_bytes()).chain(least)
    };
    let records = records.into_values().chain([end]).flat_map(record).collect();
    let words = bits.iter().scan(0_u32, |sum, word| {
        let before = *sum;
        *sum += word.count_ones();
        Some(word.to_le_bytes().into_iter().chain(before.to_le_bytes()))
    });
    [words.flatten().collect(), records, all]
}

/// Two bits for each two symbols, in rows by the first.
fn heads_of(firsts: &BTreeSet<(Symbol, Symbol)>, turned: &BTreeSet<(Symbol, Symbol)>) -> Vec<u8> {
    let rows = firsts.len().max(turned.len()).next_power_of_two().clamp(64, 8192);
    let mut bytes = vec![0_u8; rows * ROW];
    let both = firsts.iter().map(|head| (head, 0)).chain(turned.iter().map(|head| (head, 1)));
    for ((one, two), which) in both {
        set(&mut bytes, row(*one, rows) * ROW * 8 + which * COLUMNS + usize::from(column(*two)));
    }
    bytes
}

/// The classes of second symbols, in rows by the first.
fn second_classes_of(all: &BTreeSet<(Symbol, u16)>) -> Vec<u8> {
    let rows = all.len().next_power_of_two().clamp(64, 8192);
    let mut bytes = vec![0_u8; rows * ROW];
    for (first, class) in all {
        set(&mut bytes, row(*first, rows) * ROW * 8 + usize::from(*class));
    }
    bytes
}

/// One bit for each key, eight to sixteen bits a key in all.
pub(crate) fn bits_of(keys: &BTreeSet<u32>) -> Vec<u8> {
    let mut bytes = vec![0_u8; keys.len().next_power_of_two().max(64)];
    let bits = bytes.len() * 8;
    for bit in keys.iter().map(|key| *key as usize & (bits - 1)) {
        set(&mut bytes, bit);
    }
    bytes
}

/// Sets one bit.
fn set(bytes: &mut [u8], bit: usize) {
    if let Some(byte) = bytes.get_mut(bit / 8) {
        *byte |= 1 << (bit % 8);
    }
}

/// Where the entries of each of so many buckets begin, `u32`, and one more at the end; `of` are the buckets of all entries.
pub(crate) fn starts(buckets: usize, of: impl Iterator<Item = usize>) -> Vec<u8> {
    let mut starts = vec![0_u32; buckets + 1];
    for bucket in of {
        if let Some(start) = starts.get_mut(bucket + 1) {
            *start += 1;
        }
    }
    let starts = starts.into_iter().scan(0_u32, |all, here| {
        *all += here;
        Some(*all)
    });
    starts.flat_map(u32::to_le_bytes).collect()
}

/// What a term costs as Chinese, in quarter bits.
fn own_cost(symbols: &[Symbol], language: &Language<'_>) -> i32 {
    let lattice = Lattice::of_symbols(symbols, vec![true; symbols.len()].into(), language);
    lattice.before.last().copied().unwrap_or(0)
}
