//! What each rule can be looked up by, chosen so that few requests meet it.

use screen_rules::anchor::{Anchor, GRAM, How, LONG_GRAM, MOST_HEADERS, Source};
use screen_rules::index::MOST_BUCKET_BITS;
use screen_rules::program::Kind;
use screen_rules::signal::Signal;

use crate::expression::{Expression, Literal, Test};

/// Of a thousand requests, a rule that so many meet is in the index.
pub const OFTEN: usize = 20;

/// What stands in the header fields of most browsers: a part of it tells little apart.
const USUAL: [&str; 6] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1 Safari/537.36 Edg/1",
    "(iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1",
    "(Macintosh; Intel Mac OS X 10_15_7) (Linux; Android 14; K) Gecko/20100101 Firefox/1 rv: compatible;",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8 gzip, deflate, br, zstd",
    "https://www.example.com/ index.html http:// en-US,en;q=0.5 zh-CN,zh;q=0.9 application/json",
    "utm_source=google&utm_medium=cpc&page=1&id=1 cookie=",
];

/// What a rule can be looked up by: it holds only if one of these is so.
#[derive(Debug, Default)]
pub struct Anchors {
    /// Each with its owned bytes.
    pub entries: Vec<Owned>,
    /// How often it is looked at by them, of a thousand requests.
    pub share: usize,
}

/// An [`Anchor`] that owns its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owned {
    /// What stands somewhere.
    At(Source, How, Vec<u8>),
    /// A label.
    Label(String),
}

impl Owned {
    /// The anchor itself.
    pub fn anchor(&self) -> Anchor<'_> {
        match self {
            Owned::At(source, how, bytes) => Anchor::At(*source, *how, bytes),
            Owned::Label(label) => Anchor::Label(label),
        }
    }

    /// Whether it is a part of a text.
    pub const fn is_part(&self) -> bool {
        matches!(self, Owned::At(_, How::Part | How::ShortPart, _))
    }
}

/// The header fields that rules are looked up by, in the order in which they came up.
#[derive(Debug, Default)]
pub struct Headers(pub Vec<String>);

impl Headers {
    fn source(&mut self, name: &str) -> Option<Source> {
        let place = self.0.iter().position(|known| known == name).unwrap_or(self.0.len());
        let source = Source::header(place)?;
        if place == self.0.len() {
            self.0.push(name.to_owned());
        }
        Some(source)
    }

    /// Whether one more may come up.
    fn has_room(&self, name: &str) -> bool {
        self.0.len() < MOST_HEADERS || self.0.iter().any(|known| known == name)
    }
}

/// What a rule can be looked up by: of several conditions that must hold, the rarest. `None`: it must always be looked at.
pub fn anchors(expression: &Expression, headers: &mut Headers) -> Option<Anchors> {
    let chosen = chosen(expression, headers)?;
    let mut anchors = Anchors::default();
    for (at, how, bytes, share) in chosen {
        let owned = match at {
            At::Label => Owned::Label(String::from_utf8(bytes).ok()?),
            At::Signal(signal) => Owned::At(Source::signal(signal), how, bytes),
            At::Header(name) => Owned::At(headers.source(&name)?, how, bytes),
        };
        anchors.entries.push(owned);
        anchors.share = anchors.share.saturating_add(share);
    }
    Some(anchors)
}

/// Where something stands, before header fields have their places.
#[derive(Clone, Debug)]
enum At {
    Signal(Signal),
    Header(String),
    Label,
}

type Chosen = Vec<(At, How, Vec<u8>, usize)>;

fn chosen(expression: &Expression, headers: &Headers) -> Option<Chosen> {
    let sum = |chosen: &Chosen| chosen.iter().fold(0_usize, |sum, one| sum.saturating_add(one.3));
    match expression {
        Expression::Test(test) => of_test(test, headers),
        Expression::Not(_) => None,
        Expression::And(all) => all.iter().filter_map(|one| chosen(one, headers)).min_by_key(sum),
        Expression::Or(all) => Some(all.iter().map(|one| chosen(one, headers)).collect::<Option<Vec<_>>>()?.concat()),
    }
}

/// What a test can be looked up by: each of its values.
fn of_test(test: &Test, headers: &Headers) -> Option<Chosen> {
    let (how, in_header) = match test.kind {
        Kind::Label | Kind::In => (How::Whole, false),
        Kind::StartsWith => (How::Start, false),
        Kind::EndsWith => (How::End, false),
        Kind::Contains => (How::Part, false),
        Kind::HeaderIn => (How::Whole, true),
        Kind::HeaderStarts => (How::Start, true),
        Kind::HeaderContains => (How::Part, true),
        _ => return None,
    };
    let (at, values) = match (test.kind, test.signal, test.values.split_first()) {
        (Kind::Label, ..) => (At::Label, test.values.as_slice()),
        (_, _, Some((Literal::Text(name), values))) if in_header && headers.has_room(name) => {
            (At::Header(name.clone()), values)
        }
        (_, Some(signal), _) if !in_header => (At::Signal(signal), test.values.as_slice()),
        _ => return None,
    };
    values.iter().map(|value| one(&at, how, value)).collect()
}

fn one(at: &At, how: How, value: &Literal) -> Option<(At, How, Vec<u8>, usize)> {
    let (bytes, share) = match (value, how) {
        (Literal::Number(number), _) => (number.to_le_bytes().to_vec(), share(at, "")),
        (Literal::Text(text), How::Whole) => (text.as_bytes().to_vec(), share(at, text)),
        // Many values begin or end alike, such as paths.
        (Literal::Text(text), How::Start) => {
            (text.as_bytes().first_chunk::<GRAM>()?.to_vec(), share(at, "").saturating_add(OFTEN))
        }
        (Literal::Text(text), How::End) => {
            (text.as_bytes().last_chunk::<GRAM>()?.to_vec(), share(at, "").saturating_add(OFTEN))
        }
        (Literal::Text(text), How::Part | How::ShortPart) => {
            let is_short = text.len() < LONG_GRAM;
            let (gram, usual) = rarest(text.as_bytes(), if is_short { GRAM } else { LONG_GRAM })?;
            let how = if is_short { How::ShortPart } else { How::Part };
            return Some((at.clone(), how, gram, if usual { 600 } else { OFTEN.saturating_mul(2) }));
        }
    };
    Some((at.clone(), how, bytes, share))
}

/// The part of a text that tells most apart, and whether that is a usual one.
fn rarest(text: &[u8], length: usize) -> Option<(Vec<u8>, bool)> {
    let usual = |gram: &[u8]| USUAL.iter().any(|text| text.as_bytes().windows(length).any(|known| known == gram));
    // Of unusual ones the last: names of programs differ more at their end than at their beginning.
    let found = text.windows(length).rev().min_by_key(|gram| usual(gram))?;
    Some((found.to_vec(), usual(found)))
}

/// Of a thousand requests to a shop, in about how many something has this value, where that is known: it decides only which
/// of two conditions a rule is looked up by, never what holds.
fn share(at: &At, text: &str) -> usize {
    let signal = match at {
        At::Signal(signal) => *signal,
        At::Header(_) => return 100,
        At::Label => return 1,
    };
    match (signal, text) {
        (Signal::Method | Signal::HttpVersion | Signal::TlsVersion, _) => 300,
        (Signal::AgentClass, "browser") | (Signal::AddressClass, "consumer") => 600,
        (Signal::AgentClass, "in_app" | "unknown") => 100,
        (Signal::AgentClass, "crawler") => 50,
        (Signal::AgentName, "Chrome" | "Edge" | "Safari" | "Firefox" | "WeChat") => 100,
        (Signal::Action, "browse" | "static" | "api") => 300,
        (Signal::Action, "search") => 100,
        (Signal::FetchSite | Signal::FetchMode | Signal::FetchDest, _) => 200,
        (Signal::Host | Signal::Country | Signal::Ja3 | Signal::Ja4 | Signal::Asn, _) => 10,
        (Signal::AddressVersion | Signal::BotScore | Signal::Cookies, _) => 100,
        _ => 1,
    }
}

/// How many bits the number of a bucket has, so that few buckets of many are wanted; none if no part is.
pub fn bucket_bits<'a>(all: impl Iterator<Item = &'a Anchors>) -> u32 {
    let parts = all.flat_map(|anchors| &anchors.entries).filter(|one| one.is_part()).count();
    match parts {
        0 => 0,
        _ => parts
            .saturating_mul(32)
            .checked_next_power_of_two()
            .map_or(MOST_BUCKET_BITS, usize::trailing_zeros)
            .clamp(9, MOST_BUCKET_BITS),
    }
}

/// Which signals, and which header fields, are looked up how: a bit each.
pub fn looked<'a>(all: impl Iterator<Item = &'a Anchors>) -> [[u64; 5]; 2] {
    let mut looked = [[0_u64; 5]; 2];
    for one in all.flat_map(|anchors| &anchors.entries) {
        if let Owned::At(source, how, _) = one
            && let (bit, header) = source.bit()
            && let Some(word) = looked.get_mut(usize::from(header)).and_then(|words| words.get_mut(*how as usize))
        {
            *word |= bit;
        }
    }
    looked
}
