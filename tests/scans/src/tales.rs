//! The tales: a household and its piece for three years, a campaign of copies, a griefer.

use crate::people::{Household, Line, Seen, city};
use crate::piece::{Ledgers, Piece, Told, Without};
use crate::ranges::Figures;
use crate::rng::Rng;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEARS: i64 = 3;
/// A campaign is to be caught within so many scans of its copies.
const WITHIN: usize = 10;

/// A visit that is to come.
struct Due {
    at: i64,
    home: usize,
    who: usize,
}

/// The visits of a household that has the piece from an instant to another.
fn visits(home: usize, household: &Household, from: i64, until: i64, figures: &Figures, rng: &mut Rng) -> Vec<Due> {
    let mut due = Vec::new();
    let mut add = |at: i64, who: usize| due.push(Due { at: from + at, home, who });
    for n in 0..figures.whole("first_scans", rng).max(1) {
        add(n as i64 * rng.below(3 * 24 * 60) as i64 * MINUTE, 0);
    }
    for who in 1..household.persons.len() {
        if figures.happens("others_scan", rng) {
            add(rng.below(30 * 24 * 60) as i64 * MINUTE, who);
        }
    }
    for _ in 0..(figures.of("scans_a_year") * YEARS as f64) as u64 {
        let who = rng.below(household.persons.len() as u64) as usize;
        add(rng.below((YEARS * 365 * 24 * 60) as u64) as i64 * MINUTE, who);
    }
    due.retain(|due| due.at < until);
    due
}

/// Whether the jar of a visit has lost its cookies since the last, months ago or not.
fn forgets(figures: &Figures, rng: &mut Rng) -> bool {
    figures.happens("forgets", rng)
}

/// Who has a piece in three years: the buyer, perhaps whom it was given to, perhaps whom it was sold to.
fn holders(figures: &Figures, rng: &mut Rng) -> (Vec<Household>, Vec<Due>) {
    let end = YEARS * 365 * DAY;
    let mut homes = vec![Household::draw(figures, rng)];
    let given = figures.happens("gift", rng).then(|| rng.below(60) as i64 * DAY);
    let sold = figures.happens("resale", rng).then(|| (60 + rng.below(1000) as i64) * DAY);
    // Whoever gives something away often leaves it sealed.
    let unopened = given.is_some() && rng.part() < 0.5;
    let mut due = Vec::new();
    if !unopened {
        due.extend(visits(0, &homes[0], 0, given.or(sold).unwrap_or(end), figures, rng));
    }
    for (from, until) in [(given, sold.unwrap_or(end)), (sold, end)] {
        if let Some(from) = from {
            homes.push(Household::draw(figures, rng));
            let home = homes.len() - 1;
            due.extend(visits(home, &homes[home], from, until, figures, rng));
        }
    }
    due.sort_by_key(|due| (due.at, due.home, due.who));
    (homes, due)
}

fn go(piece: &mut Piece<'_>, homes: &mut [Household], due: &Due, figures: &Figures, rng: &mut Rng) -> Told {
    let seen = homes[due.home].seen(due.who, due.at, figures, rng);
    piece.visit(&format!("home {}", due.home), &seen, due.at, forgets(figures, rng))
}

/// What anybody is told who has a genuine piece that nobody meddles with.
pub fn household(ledgers: &Ledgers, name: String, figures: &Figures, rng: &mut Rng) -> Told {
    let (mut homes, due) = holders(figures, rng);
    let mut piece = ledgers.piece(name);
    let mut any = Told::default();
    for due in &due {
        any.or(&go(&mut piece, &mut homes, due, figures, rng));
    }
    any
}

/// Without which signals a campaign is caught: who holds a copy is warned of it, by the tenth scan of copies that counts.
pub fn campaign(ledgers: &Ledgers, name: String, figures: &Figures, rng: &mut Rng) -> Without {
    let copies = figures.whole("copies", rng).max(5) as usize;
    let span = figures.of("span_days");
    let mut homes: Vec<Household> = (0..=copies).map(|_| Household::draw(figures, rng)).collect();
    // The true piece is sold too; its buyer scans before the copies are delivered, or at some time.
    let first = figures.happens("true_first", rng);
    let mut due = Vec::new();
    for (home, household) in homes.iter().enumerate() {
        let delivered = (rng.part() * span * DAY as f64) as i64;
        let from = if home > 0 {
            DAY + delivered
        } else if first {
            0
        } else {
            DAY + 2 * delivered
        };
        due.extend(visits(home, household, from, YEARS * 365 * DAY, figures, rng));
    }
    due.sort_by_key(|due| (due.at, due.home, due.who));
    let mut piece = ledgers.piece(name);
    let mut caught = Told::default();
    let mut scans = 0;
    for due in &due {
        let told = go(&mut piece, &mut homes, due, figures, rng);
        if due.home == 0 {
            continue;
        }
        scans += usize::from(told.counted);
        if scans > WITHIN {
            break;
        }
        caught.or(&told);
    }
    caught.warned
}

/// What those are told who have a piece that a griefer scans.
#[derive(Clone, Copy, Default)]
pub struct Griefed {
    /// The buyer's own phone.
    pub buyer: Told,
    /// Anybody of the buyer's household.
    pub household: Told,
    /// Whoever comes new, by gift or resale.
    pub others: Told,
}

/// Three networks a day at most and ten in all, in whatever cities; any addresses and browsers in them, as often as he
/// likes. He begins at some time after the buyer's first scan, and is done within days or takes weeks.
pub fn griefer(ledgers: &Ledgers, name: String, figures: &Figures, rng: &mut Rng) -> Griefed {
    let (mut homes, mut due) = loop {
        let (homes, due) = holders(figures, rng);
        if due.first().is_some_and(|due| due.home == 0) {
            break (homes, due);
        }
    };
    let networks: Vec<(u64, u64)> = (0..10).map(|_| (rng.below(6), city(rng))).collect();
    let begins = due[0].at + HOUR + (rng.below(200) as i64) * DAY;
    let every_hours = 8 + rng.below(72) as i64;
    let mut attack = Vec::new();
    for (n, (operator, city)) in networks.into_iter().enumerate() {
        let day = begins + n as i64 * every_hours * HOUR;
        for scan in 0..6 {
            // Any addresses within it: of each of its blocks some.
            let block = scan as u64 % figures.of("blocks").round() as u64;
            let line = Line::of(operator, city, block, rng.below(80), rng.below(250));
            let seen = Seen {
                line,
                agent: format!("Mozilla/5.0 (Linux; Android 14; made up {n} {scan})"),
                jar: format!("{n} {scan}"),
            };
            attack.push((day + scan * MINUTE, seen));
        }
    }
    // Whoever has it then looks again soon after, each from where they happen to be.
    let ends = attack.last().map_or(begins, |(at, _)| *at) + DAY;
    let holder = due.iter().rev().find(|due| due.at <= ends).map_or(0, |due| due.home);
    for who in 0..homes[holder].persons.len() {
        due.push(Due { at: ends + who as i64 * HOUR, home: holder, who });
    }
    due.sort_by_key(|due| (due.at, due.home, due.who));
    let mut piece = ledgers.piece(name);
    let mut griefed = Griefed::default();
    let mut attack = attack.into_iter().peekable();
    for due in &due {
        while let Some((at, seen)) = attack.next_if(|(at, _)| *at <= due.at) {
            piece.visit("griefer", &seen, at, true);
        }
        let told = go(&mut piece, &mut homes, due, figures, rng);
        match (due.home, due.who) {
            (0, 0) => {
                griefed.buyer.or(&told);
                griefed.household.or(&told);
            }
            (0, _) => griefed.household.or(&told),
            _ => griefed.others.or(&told),
        }
    }
    griefed
}
