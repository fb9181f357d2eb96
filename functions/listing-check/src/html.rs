//! HTML as a browser shows it: the text that is seen, and what is there and not seen; both by their places in the source.
//!
//! Tags and character references are html5gum's (the WHATWG tokenizer). Deliberately absent: a layout. What a style sheet
//! hides is known where it says so by a class, an id or a tag, or in the element itself.

use std::collections::{BTreeMap, BTreeSet};

use html5gum::{Token, Tokenizer};

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
/// Elements without an end.
const VOID: [&str; 13] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
/// Elements whose text runs on with what stands around them.
const INLINE: [&str; 24] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "label", "mark", "q", "s",
    "small", "span", "strong", "sub", "sup", "u", "wbr",
];
/// Elements whose text is never shown.
const UNSEEN: [&str; 7] = ["style", "script", "template", "noscript", "head", "title", "datalist"];

/// How an element is drawn, as far as it hides text.
#[derive(Clone, Copy, Debug, Default)]
struct Drawn {
    gone: bool,
    invisible: bool,
    tiny: bool,
}

impl Drawn {
    fn hides(self) -> bool {
        self.gone || self.invisible || self.tiny
    }
}

/// Reads HTML.
pub fn read(source: &str) -> Html {
    let scalars = Scalars::of(source);
    let mut html = Html::default();
    let mut sheet: BTreeMap<String, String> = BTreeMap::new();
    let mut open: Vec<(String, Drawn)> = Vec::new();
    let mut piece: Option<Reading> = None;
    let emitter = html5gum::emitters::default::DefaultEmitter::<usize>::new_with_span();
    for token in Tokenizer::new_with_emitter(source, emitter) {
        let Ok(token) = token;
        let drawn = open.last().map_or_else(Drawn::default, |(_, drawn)| *drawn);
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
                if VOID.contains(&name.as_str()) || open.len() >= DEEPEST {
                    continue;
                }
                let attribute = |wanted: &str| {
                    let found = tag.attributes.iter().find(|(name, _)| lower(name) == wanted);
                    found.map(|(_, value)| String::from_utf8_lossy(value).to_lowercase())
                };
                let mut style = sheet.get(&name).cloned().unwrap_or_default();
                // Each class once, and no more of them than a page has: style sheets may be long.
                let classes = attribute("class").unwrap_or_default();
                let classes: BTreeSet<&str> = classes.split_whitespace().take(MOST_CLASSES).collect();
                for class in classes {
                    style.push_str(sheet.get(&format!(".{class}")).map_or("", String::as_str));
                }
                cap(&mut style);
                let id = attribute("id").unwrap_or_default();
                style.push_str(sheet.get(&format!("#{id}")).map_or("", String::as_str));
                style.push_str(&attribute("style").unwrap_or_default());
                let mut drawn = draw(drawn, &style);
                drawn.gone |= UNSEEN.contains(&name.as_str()) || attribute("hidden").is_some();
                open.push((name, drawn));
            }
            Token::EndTag(tag) => {
                let name = lower(&tag.name);
                break_line(&name, &mut html.seen, scalars.at(tag.span.start));
                if let Some(at) = open.iter().rposition(|(open, _)| *open == name) {
                    open.truncate(at);
                }
                if !open.last().is_some_and(|(_, drawn)| drawn.hides()) {
                    flush(&mut piece, &mut html.hidden);
                }
            }
            Token::String(text) => {
                let inside = open.last().map_or("", |(name, _)| name.as_str());
                let raw = source.get(text.span.start..text.span.end).unwrap_or_default();
                if inside == "style" {
                    style_sheet(raw, &mut sheet);
                } else if inside == "script" {
                } else if drawn.hides() {
                    decode(raw, text.span.start, &scalars, piece.get_or_insert_with(Reading::default));
                } else {
                    flush(&mut piece, &mut html.hidden);
                    decode(raw, text.span.start, &scalars, &mut html.seen);
                }
            }
            Token::Comment(comment) => {
                flush(&mut piece, &mut html.hidden);
                let raw = source.get(comment.span.start..comment.span.end).unwrap_or_default();
                let (mut reading, mut from) = (Reading::default(), comment.span.start);
                let inside = raw.strip_prefix("<!--").unwrap_or(raw);
                from = from.saturating_add(raw.len().saturating_sub(inside.len()));
                decode(inside.strip_suffix("-->").unwrap_or(inside), from, &scalars, &mut reading);
                flush(&mut Some(reading), &mut html.hidden);
            }
            Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    flush(&mut piece, &mut html.hidden);
    html
}

fn lower(name: &[u8]) -> String {
    String::from_utf8_lossy(name).to_lowercase()
}

/// Blocks begin on a line of their own.
fn break_line(name: &str, seen: &mut Reading, at: u32) {
    if !INLINE.contains(&name) && !seen.text.is_empty() && !seen.text.ends_with('\n') {
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

/// The most classes of an element that are looked up.
const MOST_CLASSES: usize = 16;
/// The most bytes of declarations of an element that are read.
const MOST_STYLE: usize = 4_096;

/// Cuts what is longer than [`MOST_STYLE`]: the end of it counts, as in a browser.
fn cap(style: &mut String) {
    if let Some(over) = style.len().checked_sub(MOST_STYLE) {
        let cut = (over..style.len()).find(|at| style.is_char_boundary(*at)).unwrap_or(0);
        style.drain(..cut);
    }
}

/// Simple rules of a style sheet: `.class`, `#id` and `tag`.
fn style_sheet(raw: &str, sheet: &mut BTreeMap<String, String>) {
    for rule in raw.split('}').take(500) {
        let Some((selectors, body)) = rule.split_once('{') else { continue };
        let mut body = body.to_lowercase();
        cap(&mut body);
        for selector in selectors.split(',').take(500) {
            let selector = selector.trim().to_lowercase();
            let simple = |c: char| c.is_alphanumeric() || matches!(c, '.' | '#' | '-' | '_');
            if !selector.is_empty() && selector.chars().all(simple) {
                let known = sheet.entry(selector).or_default();
                known.push(';');
                known.push_str(&body);
                known.push(';');
                cap(known);
            }
        }
    }
}

/// How an element is drawn by its declarations, within one that is drawn so.
fn draw(outer: Drawn, style: &str) -> Drawn {
    let mut drawn = outer;
    let declarations: BTreeMap<&str, &str> = style
        .split(';')
        .filter_map(|declaration| declaration.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim().trim_end_matches("!important").trim()))
        .collect();
    let get = |name: &str| declarations.get(name).copied().unwrap_or_default();
    let number = |value: &str| {
        let end = value.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(value.len());
        value.get(..end).and_then(|number| number.parse::<f64>().ok())
    };
    let zero = |name: &str| number(get(name)) == Some(0.0);
    let far = |name: &str| number(get(name)).is_some_and(|value| value <= -999.0);
    let moved = matches!(get("position"), "absolute" | "fixed") && (far("left") || far("top") || far("right"));
    let clipped = get("overflow").contains("hidden") && (zero("width") || zero("height") || zero("max-height"));
    let background = [get("background-color"), get("background")].into_iter().find(|value| !value.is_empty());
    let same = !get("color").is_empty() && (background == Some(get("color")) || get("color") == "transparent");
    drawn.gone |= get("display") == "none" || zero("opacity") || far("text-indent") || moved || clipped || same;
    match get("visibility") {
        "hidden" | "collapse" => drawn.invisible = true,
        "visible" => drawn.invisible = false,
        _ => {}
    }
    if let Some(size) = number(get("font-size")) {
        // Below 4 pixels nobody reads.
        let least = [("em", 0.2), ("%", 20.0), ("pt", 3.0), ("px", 4.0)];
        let unit = least.into_iter().find(|(unit, _)| get("font-size").ends_with(unit));
        drawn.tiny = size.abs() < unit.map_or(1.0, |(_, least)| least);
    }
    drawn
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
mod tests {
    use super::*;

    fn seen(source: &str) -> (String, Vec<String>) {
        let html = read(source);
        let raw = |reading: &Reading| {
            for (c, (from, to)) in reading.text.chars().zip(&reading.places) {
                let slice: String = source.chars().skip(*from as usize).take((*to - *from) as usize).collect();
                assert!(slice.contains(c) || slice.starts_with('&') || c == '\n', "{source}: {c} of {slice}");
            }
            reading.text.clone()
        };
        (raw(&html.seen), html.hidden.iter().map(raw).collect())
    }

    #[test]
    fn tags_and_references_are_read_as_shown() {
        assert_eq!(seen("<p>加<b>微</b>信</p><p>&#24494;&#x4fe1;&amp;&nbsp;x</p>").0, "加微信\n微信&\u{a0}x\n");
        assert_eq!(seen("a &copy b &nosuch; c & d").0, "a © b &nosuch; c & d");
        assert_eq!(seen("没有标签 1 < 2").0, "没有标签 1 < 2");
    }

    #[test]
    fn what_is_not_shown_is_kept_apart() {
        for hidden in [
            "<span style='display:none'>加微信</span>",
            "<span style=\"font-size:0px\">加微信</span>",
            "<div hidden>加微信</div>",
            "<i style='color:#fff;background:#fff'>加微信</i>",
            "<i style='position:absolute;left:-9999px'>加微信</i>",
            "<!--加微信-->",
            "<style>.x{display:none}</style><b class='y x'>加微信</b>",
            "<font style='font-size:1px;line-height:1px'>加微信</font>",
            "<div style='visibility:hidden'><p>加<b>微信</b></p></div>",
        ] {
            let (shown, pieces) = seen(&format!("茶壶{hidden}银色"));
            assert_eq!(pieces, ["加微信"], "{hidden}");
            assert!(!shown.contains('加') && shown.starts_with("茶壶") && shown.ends_with("银色"), "{shown}");
        }
        // A wrapper without size whose children have one is how columns are set.
        let (shown, pieces) = seen("<div style='font-size:0'><span style='font-size:14px'>手冲壶</span></div>");
        assert_eq!((shown.as_str(), pieces.len()), ("手冲壶\n", 0));
    }
}
