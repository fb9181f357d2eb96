//! Terms whose symbols stand in another order: swapped neighbours, written backwards, written in columns.

use crate::align::Aligned;
use crate::canonical::Text;
use crate::lexicon::{Lexicon, Term, share};
use crate::step::{Step, Steps};

/// The longest term that is looked for in another order.
const LONGEST: usize = 8;
/// What swapped neighbours cost, in quarter bits.
const SWAPPED: i32 = 22;
/// What a term written backwards costs.
const REVERSED: i32 = 26;
/// The most lines of a column.
const MOST_LINES: usize = 24;

/// Terms whose symbols stand at a place, and behind it, in another order.
pub fn at<'a>(text: &Text, place: usize, lexicon: &Lexicon<'a>, mut found: impl FnMut(Term<'a>, Aligned)) {
    let (mut sum, mut gaps) = (0_u32, 0_usize);
    for length in 1..=LONGEST {
        let symbol = text.symbol(place + length - 1);
        if symbol == 0 {
            return;
        }
        if length > 1 {
            gaps += text.gap(place + length - 2).len();
        }
        if gaps > 3 {
            return;
        }
        sum = sum.wrapping_add(share(symbol));
        if length < 2 {
            continue;
        }
        for index in lexicon.of_sum(sum) {
            let Some(term) = lexicon.term(index).filter(|term| term.len() == length && !term.alias) else { continue };
            let Some((cost, step)) = order(text, place, &term) else { continue };
            let steps =
                (0..length).filter_map(|at| text.at(place + at)).fold(Steps::of(step), |all, unit| all.and(unit.steps));
            let steps = if gaps > 0 { steps.with(Step::Separator) } else { steps };
            let cost = cost + 9 * gaps as i32;
            let to = (place + length) as u32;
            found(term, Aligned { from: place as u32, to, cost, steps, other: length as u8, dearest: 0 });
        }
    }
}

/// In which order the term stands there; none if as it is, or in none that a reader would see through.
fn order(text: &Text, place: usize, term: &Term<'_>) -> Option<(i32, Step)> {
    let here = |at: usize| text.symbol(place + at);
    let last = term.len() - 1;
    if term.each().enumerate().all(|(at, symbol)| here(at) == symbol) {
        return None;
    }
    if term.each().enumerate().all(|(at, symbol)| here(last - at) == symbol) {
        return Some((REVERSED, Step::Reversed));
    }
    let first = (0..term.len()).find(|at| here(*at) != term.symbol(*at))?;
    let mut swapped = here(first) == term.symbol(first + 1) && here(first + 1) == term.symbol(first);
    swapped &= (first + 2..term.len()).all(|at| here(at) == term.symbol(at));
    (swapped && term.len() > 2).then_some((SWAPPED, Step::Swapped))
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
    for lines in lines.chunks(MOST_LINES).filter(|lines| lines.len() >= 2) {
        let widest = lines.iter().map(Vec::len).max().unwrap_or(0);
        let columns = if widest <= 6 { widest } else { 1 };
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
