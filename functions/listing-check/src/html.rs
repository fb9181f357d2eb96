//! HTML as a browser shows it: the text that is seen, and what is there and not seen; both by their places in the source.
//!
//! Tags and character references are html5gum's (the WHATWG tokenizer). Deliberately absent: a layout. What a style sheet
//! hides is known where it says so by classes, ids, tags and attributes, or in the element itself ([`css`]); columns of
//! tables are read downwards as well ([`table`]).

mod comment;
mod css;
mod ruby;
mod table;

use html5gum::{Token, Tokenizer};

use self::css::{Drawn, Element, Sheet, draw};
use self::ruby::Ruby;
use self::table::Tables;

/// A text that was read of HTML: each of its characters with the stretch of the source that it stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The text.
    pub text: String,
    /// By character: from where to where in the source, in Unicode scalar values.
    pub places: Vec<(u32, u32)>,
}

/// HTML that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html {
    /// What a reader sees.
    pub seen: Reading,
    /// What is there and not seen, a piece each.
    pub hidden: Vec<Reading>,
    /// What attributes say: where links lead, and texts that a browser shows. Each character has the place of its tag.
    pub attributes: Vec<Reading>,
    /// Tags with a picture in them: nobody has read it.
    pub pictures: Vec<(u32, u32)>,
}

/// The deepest nesting that is followed; what lies deeper is as its surroundings.
const DEEPEST: usize = 200;
/// The most pieces of hidden text.
const MOST_HIDDEN: usize = 500;
/// Attributes that lead somewhere, or whose text is shown. Pictures' own addresses are not among them: they are where the
/// marketplace keeps them.
const TELLING: [&str; 11] =
    ["href", "action", "formaction", "data", "content", "value", "placeholder", "alt", "title", "label", "srcdoc"];
/// The most of such attributes that are read, and the most characters of one.
const MOST_TELLING: (usize, usize) = (500, 2_000);
/// The most attributes of an element.
const MOST_ATTRIBUTES: usize = 64;
/// Characters of an address that holds a picture in which something can be read.
const LEAST_PICTURE: usize = 400;
/// The most characters that are told of a tag that holds a picture.
const MOST_TOLD: u32 = 40;
/// Elements without an end.
const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
/// Elements whose text runs on with what stands around them.
const INLINE: [&str; 24] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "label", "mark", "q", "s",
    "small", "span", "strong", "sub", "sup", "u", "wbr",
];
/// Elements whose text is never shown.
const UNSEEN: [&str; 8] = ["style", "script", "template", "noscript", "head", "title", "datalist", "rp"];

/// Reads HTML.
pub fn read(source: &str) -> Html {
    let scalars = Scalars::of(source);
    let mut html = Html::default();
    let mut sheet = Sheet::default();
    let mut open: Vec<Element> = Vec::new();
    let mut tables = Tables::default();
    let mut piece: Option<Reading> = None;
    let mut annotated: Option<Ruby> = None;
    let emitter = html5gum::emitters::default::DefaultEmitter::<usize>::new_with_span();
    for token in Tokenizer::new_with_emitter(source, emitter) {
        let Ok(token) = token;
        let drawn = open.last().map_or_else(Drawn::default, |element| element.drawn);
        match token {
            Token::StartTag(tag) => {
                let name = lower(&tag.name);
                break_line(&name, &mut html.seen, scalars.at(tag.span.start));
                let place = (scalars.at(tag.span.start), scalars.at(tag.span.end));
                for (attribute, value) in &tag.attributes {
                    if html.attributes.len() < MOST_TELLING.0 && TELLING.contains(&lower(attribute).as_str()) {
                        let text: String = String::from_utf8_lossy(value).chars().take(MOST_TELLING.1).collect();
                        let places = vec![place; text.chars().count()];
                        html.attributes.push(Reading { text, places });
                    }
                }
                let source = tag.attributes.iter().find(|(attribute, _)| lower(attribute) == "src");
                if source.is_some_and(|(_, value)| is_picture(&String::from_utf8_lossy(value))) {
                    html.pictures.push(place);
                }
                tables.begins(&name, html.seen.places.len());
                if VOID.contains(&name.as_str()) || open.len() >= DEEPEST {
                    continue;
                }
                if ruby::parts(&name) && open.last().is_some_and(|element| ruby::parts(&element.name)) {
                    open.pop();
                }
                let drawn = open.last().map_or_else(Drawn::default, |element| element.drawn);
                if name == "ruby" && annotated.is_none() {
                    annotated = Some(Ruby::behind(&html.seen));
                }
                let attributes = tag.attributes.iter().take(MOST_ATTRIBUTES);
                let attributes =
                    attributes.map(|(name, value)| (lower(name), String::from_utf8_lossy(value).into_owned()));
                let mut element = Element { name, attributes: attributes.collect(), ..Element::default() };
                let style = sheet.style(&element, &open);
                if holds_picture(&style) {
                    html.pictures.push(place);
                }
                element.drawn = draw(drawn, &style);
                element.drawn.gone |= UNSEEN.contains(&element.name.as_str()) || element.attribute("hidden").is_some();
                let turns = element.drawn.turns() && !open.iter().any(|outer| outer.turned.is_some());
                element.turned = turns.then_some(html.seen.places.len());
                open.push(element);
            }
            Token::EndTag(tag) => {
                let name = lower(&tag.name);
                break_line(&name, &mut html.seen, scalars.at(tag.span.start));
                tables.ends(&name, &mut html);
                if let Some(at) = open.iter().rposition(|open| open.name == name) {
                    if let Some(from) = open.iter().skip(at).find_map(|element| element.turned) {
                        turn(&mut html.seen, from);
                    }
                    open.truncate(at);
                }
                if !open.iter().any(|element| element.name == "ruby") {
                    read_notes(&mut annotated, &mut html);
                }
                if !open.last().is_some_and(|element| element.drawn.hides()) {
                    flush(&mut piece, &mut html.hidden);
                }
            }
            Token::String(text) => {
                let inside = open.last().map_or("", |element| element.name.as_str());
                let raw = source.get(text.span.start..text.span.end).unwrap_or_default();
                if inside == "style" {
                    sheet.read(raw);
                    made_by(raw, text.span.start, &scalars, &mut html);
                } else if inside == "script" {
                } else if drawn.hides() {
                    decode(raw, text.span.start, &scalars, piece.get_or_insert_with(Reading::default));
                } else {
                    flush(&mut piece, &mut html.hidden);
                    let Some(ruby) = &mut annotated else {
                        decode(raw, text.span.start, &scalars, &mut html.seen);
                        continue;
                    };
                    let annotates = open.iter().any(|element| ruby::annotates(&element.name));
                    let mut reading = Reading::default();
                    decode(raw, text.span.start, &scalars, &mut reading);
                    ruby.hold(&reading, annotates);
                    if !annotates {
                        html.seen.text.push_str(&reading.text);
                        html.seen.places.extend(reading.places);
                    }
                }
            }
            Token::Comment(comment) => {
                flush(&mut piece, &mut html.hidden);
                let raw = source.get(comment.span.start..comment.span.end).unwrap_or_default();
                let mut reading = Reading::default();
                for (from, to) in comment::texts(raw) {
                    let text = raw.get(from..to).unwrap_or_default();
                    decode(text, comment.span.start.saturating_add(from), &scalars, &mut reading);
                }
                flush(&mut Some(reading), &mut html.hidden);
            }
            Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    flush(&mut piece, &mut html.hidden);
    read_notes(&mut annotated, &mut html);
    if let Some(from) = open.iter().find_map(|element| element.turned) {
        turn(&mut html.seen, from);
    }
    html.pictures.truncate(MOST_TELLING.0);
    // The beginning of the tag tells which it is.
    html.pictures.iter_mut().for_each(|(from, to)| *to = (*to).min(from.saturating_add(MOST_TOLD)));
    html
}

/// What is read of annotations, once they have ended.
fn read_notes(annotated: &mut Option<Ruby>, html: &mut Html) {
    let room = MOST_TELLING.0.saturating_sub(html.attributes.len());
    html.attributes.extend(annotated.take().into_iter().flat_map(Ruby::readings).take(room));
}

/// Texts that a style sheet makes.
fn made_by(sheet: &str, from: usize, scalars: &Scalars, html: &mut Html) {
    for (text, begin, end) in css::contents(sheet) {
        if html.attributes.len() < MOST_TELLING.0 && !text.trim().is_empty() {
            let place = (scalars.at(from.saturating_add(begin)), scalars.at(from.saturating_add(end)));
            let text: String = text.chars().take(MOST_TELLING.1).collect();
            let places = vec![place; text.chars().count()];
            html.attributes.push(Reading { text, places });
        }
    }
}

/// Whether an address is a picture itself; what is smaller than this only fills a place.
fn is_picture(address: &str) -> bool {
    address.trim_start().get(..11).is_some_and(|head| head.eq_ignore_ascii_case("data:image/"))
        && address.len() > LEAST_PICTURE
}

/// Whether a style has a picture in it.
fn holds_picture(style: &str) -> bool {
    style.split("url(").skip(1).any(|url| is_picture(url.trim_start_matches(['"', '\''])))
}

fn lower(name: &[u8]) -> String {
    String::from_utf8_lossy(name).to_lowercase()
}

/// Blocks begin on a line of their own.
fn break_line(name: &str, seen: &mut Reading, at: u32) {
    if !ruby::runs_on(name) && !UNSEEN.contains(&name) && !seen.text.is_empty() && !seen.text.ends_with('\n') {
        seen.text.push('\n');
        seen.places.push((at, at));
    }
}

/// Keeps a hidden piece that holds words.
fn flush(piece: &mut Option<Reading>, hidden: &mut Vec<Reading>) {
    let Some(piece) = piece.take() else { return };
    let words = piece.text.chars().filter(|c| c.is_alphanumeric()).count();
    if words >= 2 && hidden.len() < MOST_HIDDEN {
        hidden.push(piece);
    }
}

/// Text with its character references read, each by its place.
fn decode(raw: &str, from: usize, scalars: &Scalars, reading: &mut Reading) {
    let mut chars = raw.char_indices();
    while let Some((at, c)) = chars.next() {
        let start = from.saturating_add(at);
        if c != '&' {
            reading.text.push(c);
            reading.places.push((scalars.at(start), scalars.at(start.saturating_add(c.len_utf8()))));
            continue;
        }
        let rest = raw.get(at..).unwrap_or_default();
        let name = rest.bytes().skip(1).take(40).take_while(|b| b.is_ascii_alphanumeric() || *b == b'#').count();
        let len = name
            .saturating_add(1)
            .saturating_add(usize::from(rest.as_bytes().get(name.saturating_add(1)) == Some(&b';')));
        let reference = rest.get(..len).unwrap_or("&");
        let place = (scalars.at(start), scalars.at(start.saturating_add(reference.len())));
        for token in Tokenizer::new(reference) {
            let Ok(token) = token;
            let Token::String(value) = token else { continue };
            for c in String::from_utf8_lossy(&value).chars() {
                reading.text.push(c);
                reading.places.push(place);
            }
        }
        for _ in 1..reference.len() {
            chars.next();
        }
    }
}

/// Where the last characters of a text begin, in bytes: so many of them.
fn end_of(text: &str, chars: usize) -> usize {
    chars.checked_sub(1).and_then(|last| text.char_indices().rev().nth(last)).map_or(text.len(), |(at, _)| at)
}

/// Shows the text behind a place as it runs from right to left, line by line. Each of its characters has the place of all.
fn turn(seen: &mut Reading, from: usize) {
    let kept = end_of(&seen.text, seen.places.len().saturating_sub(from));
    let chars: Vec<char> = seen.text.get(kept..).unwrap_or_default().chars().collect();
    let Some(places) = seen.places.get_mut(from..) else { return };
    let (Some(first), Some(last)) = (places.first().copied(), places.last().copied()) else { return };
    places.fill((first.0, last.1));
    seen.text.truncate(kept);
    let lines: Vec<String> = chars.split(|c| *c == '\n').map(|line| line.iter().rev().collect()).collect();
    seen.text.push_str(&lines.join("\n"));
}

/// Places in scalar values, by places in bytes.
struct Scalars(Vec<u32>);

impl Scalars {
    fn of(source: &str) -> Scalars {
        let mut at = 0_u32;
        let mut places = Vec::with_capacity(source.len().saturating_add(1));
        for c in source.chars() {
            places.extend(std::iter::repeat_n(at, c.len_utf8()));
            at = at.saturating_add(1);
        }
        places.push(at);
        Scalars(places)
    }

    fn at(&self, byte: usize) -> u32 {
        self.0.get(byte).or(self.0.last()).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
