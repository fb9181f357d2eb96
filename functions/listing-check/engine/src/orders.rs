//! Terms whose symbols stand in another order: swapped neighbours, written backwards, written in columns.

use crate::align::Aligned;
use crate::canonical::Text;
use crate::costs::Costs;
use crate::lattice::Lattice;
use crate::lexicon::{Lexicon, Term, share};
use crate::step::{Step, Steps};
use crate::symbol;

/// The longest term that is looked for in another order.
const LONGEST: usize = 8;
/// What the text must at least cost as Chinese for a term in another order to be meant, in quarter bits.
const WORTH: i32 = 40;
/// The longest of the short lines that make columns, in symbols.
const SHORT: usize = 6;
/// The most lines of a column.
const MOST_LINES: usize = 24;

/// Terms whose symbols stand at a place, and behind it, in another order.
pub fn at<'a>(
    text: &Text,
    place: usize,
    lattice: &Lattice<'_>,
    lexicon: &Lexicon<'a>,
    costs: &Costs,
    mut found: impl FnMut(Term<'a>, Aligned),
) {
    // The next is passed over, or goes on with a term.
    let mut head = (text.symbol(place), text.symbol(place + 1));
    if !passes(head.1) && !lexicon.may_be_turned(head.0, head.1) {
        return;
    }
    let (mut sum, mut gaps) = (0_u32, 0_usize);
    let mut places = [0_usize; LONGEST];
    let before = lattice.before.get(place).copied().unwrap_or(0);
    let (mut length, mut next) = (0, place);
    while length < LONGEST {
        let symbol = text.symbol(next);
        // Signs and emoji between symbols are passed over.
        let passed = passes(symbol);
        if symbol == 0 || passed && length == 0 {
            return;
        }
        if next > place && !text.joined(next - 1) {
            gaps += text.gap(next - 1).len();
        }
        gaps += usize::from(passed);
        if gaps > 4 {
            return;
        }
        if !passed {
            if let Some(room) = places.get_mut(length) {
                *room = next;
            }
            length += 1;
            sum = sum.wrapping_add(share(symbol));
        }
        next += 1;
        if passed || length < 2 {
            continue;
        }
        let places = places.get(..length).unwrap_or_default();
        if length == 2 {
            head.1 = symbol;
            if !lexicon.may_be_turned(head.0, head.1) {
                return;
            }
        }
        if lattice.before.get(next).copied().unwrap_or(0).saturating_sub(before) < WORTH {
            continue;
        }
        let to = next as u32;
        for index in lexicon.of_sum(sum, head) {
            let Some(term) = lexicon.term(index).filter(|term| term.len() == length && !term.alias) else { continue };
            let Some((cost, step)) = order(text, places, &term, costs) else { continue };
            let units = places.iter().filter_map(|at| text.at(*at));
            let steps = units.fold(Steps::of(step), |all, unit| all.and(unit.steps));
            let steps = if gaps > 0 { steps.with(Step::Separator) } else { steps };
            let apart = if parts_words(text, places) { costs.gap_stop } else { 0 };
            let cost = cost + costs.order_gap * gaps as i32 + apart;
            found(term, Aligned { from: place as u32, to, cost, steps, other: length as u8, ..Aligned::default() });
        }
    }
}

/// Whether more stands within a stretch than between it and the characters on both sides: one word ends there, and another
/// begins (发货 | 假一赔十).
fn parts_words(text: &Text, places: &[usize]) -> bool {
    let (Some(from), Some(to)) = (places.first(), places.last()) else { return false };
    let within = places.windows(2).map(|pair| {
        let [a, b] = pair else { return 0 };
        (*a..*b).map(|at| text.gap(at).len()).sum::<usize>() + (b - a - 1)
    });
    let within = within.max().unwrap_or(0);
    let less = |side: Option<usize>, gap: usize| {
        side.is_some_and(|side| symbol::is_han(text.symbol(side))) && text.gap(gap).len() < within
    };
    less(from.checked_sub(1), from.saturating_sub(1)) && less(Some(to + 1), *to)
}

/// Whether a symbol between others may be passed over.
#[inline]
const fn passes(symbol: symbol::Symbol) -> bool {
    symbol::is_sign(symbol) || symbol::is_emoji(symbol)
}

/// In which order the term stands at places; none if as it is, or in none that a reader would see through.
fn order(text: &Text, places: &[usize], term: &Term<'_>, costs: &Costs) -> Option<(i32, Step)> {
    let here = |at: usize| places.get(at).map_or(0, |place| text.symbol(*place));
    let last = term.len() - 1;
    if term.each().enumerate().all(|(at, symbol)| here(at) == symbol) {
        return None;
    }
    if term.each().enumerate().all(|(at, symbol)| here(last - at) == symbol) {
        return Some((costs.reversed, Step::Reversed));
    }
    let first = (0..term.len()).find(|at| here(*at) != term.symbol(*at))?;
    let mut swapped = here(first) == term.symbol(first + 1) && here(first + 1) == term.symbol(first);
    swapped &= (first + 2..term.len()).all(|at| here(at) == term.symbol(at));
    (swapped && term.len() > 2).then_some((costs.swapped, Step::Swapped))
}

/// Texts that a reader who reads downwards sees: the first and the last symbols of lines, and columns of short lines.
pub fn columns(text: &Text) -> Vec<Text> {
    let mut lines: Vec<Vec<u32>> = vec![Vec::new()];
    for (place, unit) in text.units.iter().enumerate() {
        if unit.char == '\n' {
            lines.push(Vec::new());
        } else if unit.symbol != 0
            && let Some(line) = lines.last_mut()
        {
            line.push(place as u32);
        }
    }
    lines.retain(|line| !line.is_empty());
    let mut texts = Vec::new();
    // Short lines that follow one another are a block, whatever stands before and behind it.
    let short = |line: &Vec<u32>| line.len() <= SHORT;
    let blocks = lines
        .chunk_by(|a, b| short(a) == short(b))
        .filter(|block| block.len() < lines.len() && block.iter().all(short));
    let whole = Some(&*lines).into_iter();
    for lines in whole.chain(blocks).flat_map(|lines| lines.chunks(MOST_LINES)).filter(|lines| lines.len() >= 2) {
        let widest = lines.iter().map(Vec::len).max().unwrap_or(0);
        let columns = if widest <= SHORT { widest } else { 1 };
        for column in 0..columns {
            texts.push(text.rearranged(lines.iter().filter_map(|line| line.get(column).copied())));
        }
        if columns > 1 {
            // All columns, one behind the other; and from the right, as old books are set.
            let all = |order: &mut dyn Iterator<Item = usize>| {
                let places: Vec<u32> =
                    order.flat_map(|column| lines.iter().filter_map(move |line| line.get(column).copied())).collect();
                text.rearranged(places.into_iter())
            };
            texts.push(all(&mut (0..columns)));
            texts.push(all(&mut (0..columns).rev()));
        } else {
            texts.push(text.rearranged(lines.iter().filter_map(|line| line.last().copied())));
        }
    }
    texts
}
