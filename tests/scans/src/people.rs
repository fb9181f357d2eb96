//! Households: persons, their phones, browsers and networks.

use shared::platform::Place;

use crate::ranges::Figures;
use crate::rng::Rng;

/// Cities that orders go to; the n-th takes a part of 1/(n + 10), as large cities do.
const CITIES: u64 = 300;
/// Cities of one province: a mobile network's address may be anywhere in it.
const PROVINCE: u64 = 15;
/// Blocks of addresses of an operator in a city, at most.
const BLOCKS: u64 = 8;
/// Operators of fixed lines and of mobile networks.
const OPERATORS: u64 = 3;
/// Models of other phones, the n-th of a part of 1/(n + 20).
const MODELS: u64 = 400;
const DAY: i64 = 86_400_000;

/// Where a visit comes from.
#[derive(Clone, Debug)]
pub struct Line {
    /// The operator's number.
    pub asn: u32,
    /// The city that the edge takes it to be in.
    pub city: u64,
    /// The address.
    pub address: String,
}

impl Line {
    /// A place as an edge names it.
    pub fn place(&self) -> Place {
        Place {
            country: "CN".to_owned(),
            region: Some(format!("Province {}", self.city / PROVINCE)),
            city: Some(format!("City {}", self.city)),
        }
    }

    /// In an operator's network in a city: the `line`-th /24 of one of its blocks there, some host of it. An operator has
    /// the same /16s, up to [`BLOCKS`], in three cities.
    pub fn of(operator: u64, city: u64, block: u64, line: u64, host: u64) -> Line {
        let area = operator * 100 + city / PROVINCE * 5 + city % 5;
        let [second, third] = [area * BLOCKS + block % BLOCKS, line * 3 + city % 3];
        let address = format!("{}.{}.{}.{}", 11 + second / 250, second % 250, third % 250, host % 250 + 1);
        Line { asn: 64_500 + operator as u32, city, address }
    }
}

/// A city, drawn by its size.
pub fn city(rng: &mut Rng) -> u64 {
    ranked(CITIES, 10, rng)
}

fn ranked(count: u64, offset: u64, rng: &mut Rng) -> u64 {
    let weight = |n: u64| 1.0 / (n + offset) as f64;
    let total: f64 = (0..count).map(weight).sum();
    let mut left = rng.part() * total;
    (0..count)
        .find(|n| {
            left -= weight(*n);
            left < 0.0
        })
        .unwrap_or(count - 1)
}

/// A phone and its owner's mobile network.
#[derive(Clone, Debug)]
pub struct Person {
    model: String,
    chrome: bool,
    operator: u64,
    replaced_at: i64,
    months: f64,
}

/// A household.
#[derive(Clone, Debug)]
pub struct Household {
    /// Where it is.
    pub city: u64,
    operator: u64,
    line: u64,
    /// Who lives in it.
    pub persons: Vec<Person>,
}

/// One visit of a person.
pub struct Seen {
    /// From where.
    pub line: Line,
    /// The browser.
    pub agent: String,
    /// The jar in which it keeps cookies: phone and app.
    pub jar: String,
}

impl Household {
    /// Draws one.
    pub fn draw(figures: &Figures, rng: &mut Rng) -> Household {
        let persons = figures.whole("persons", rng).max(1);
        let months = figures.of("phone_months");
        let persons = (0..persons)
            .map(|_| Person {
                model: model(figures, rng),
                chrome: rng.part() < 0.3,
                operator: rng.below(OPERATORS),
                replaced_at: (rng.part() * months * 30.0) as i64 * DAY,
                months,
            })
            .collect();
        Household { city: city(rng), operator: rng.below(OPERATORS), line: rng.below(60), persons }
    }

    /// How a person of it is seen at an instant, in milliseconds since the piece was bought.
    pub fn seen(&mut self, who: usize, at: i64, figures: &Figures, rng: &mut Rng) -> Seen {
        let (home, fixed, line) = (self.city, self.operator, self.line);
        let person = &mut self.persons[who];
        while at >= person.replaced_at {
            person.replaced_at += (person.months * 30.0) as i64 * DAY;
            person.model = model(figures, rng);
        }
        let blocks = figures.of("blocks").round() as u64;
        let line = if figures.happens("wifi", rng) {
            // An operator gives a home another address of its neighbourhood from day to day, and at times another /24.
            let moved = line + (at / DAY / 60) as u64 % 3;
            Line::of(fixed, home, line % blocks, moved, rng.below(250))
        } else {
            let wrong = figures.happens("wrong_city", rng);
            let city = match wrong {
                true if figures.happens("wrong_province", rng) => city(rng),
                true => home / PROVINCE * PROVINCE + rng.below(PROVINCE),
                false => home,
            };
            Line::of(3 + person.operator, city, rng.below(blocks), rng.below(80), rng.below(250))
        };
        let app =
            if figures.happens("in_app", rng) { ["WeChat", "Douyin", "Alipay"][rng.below(3) as usize] } else { "" };
        let version = at / (120 * DAY);
        // Chrome names no model; what makers put on their phones does, and so do apps.
        let model = if app.is_empty() && person.chrome { "Linux; Android 10; K" } else { person.model.as_str() };
        let agent = format!("Mozilla/5.0 ({model}) {app} {version}");
        let jar = format!("{who} {} {app}", person.replaced_at);
        Seen { line, agent, jar }
    }
}

fn model(figures: &Figures, rng: &mut Rng) -> String {
    if figures.happens("iphone", rng) {
        format!("iPhone; CPU iPhone OS {}_0 like Mac OS X", 15 + rng.below(5))
    } else {
        format!("Linux; Android 14; Model {}", ranked(MODELS, 20, rng))
    }
}
