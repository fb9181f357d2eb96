//! What style sheets and styles say of an element, as far as it hides text or turns it round.

use std::collections::BTreeMap;

/// The most selectors of a page that are kept.
const MOST_RULES: usize = 1_000;
/// The most parts of a selector.
const MOST_PARTS: usize = 8;
/// The most bytes of declarations of an element that are read.
const MOST_STYLE: usize = 4_096;
/// The most comparisons of selectors with elements of a page. Beyond, what surrounds an element is not looked at: a rule
/// holds by the element alone.
const MOST_WORK: usize = 200_000;

/// An element that is open.
#[derive(Clone, Debug, Default)]
pub struct Element {
    pub name: String,
    /// Names in small letters, and values.
    pub attributes: Vec<(String, String)>,
    pub drawn: Drawn,
    /// Of one whose text runs from right to left: how much was read when it began.
    pub turned: Option<usize>,
}

impl Element {
    pub fn attribute(&self, wanted: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }
}

/// How an element is drawn, as far as it hides text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Drawn {
    pub gone: bool,
    invisible: bool,
    tiny: bool,
    right_to_left: bool,
    overridden: bool,
    color: Option<[u8; 4]>,
    /// What is behind it: no colour if a picture is.
    behind: Option<Option<[u8; 4]>>,
}

impl Drawn {
    /// Whether nobody sees text in it.
    pub fn hides(self) -> bool {
        self.gone || self.invisible || self.tiny || self.color.is_some_and(|color| self.same(color))
    }

    /// Whether its text is shown from its last character to its first.
    pub fn turns(self) -> bool {
        self.right_to_left && self.overridden
    }

    fn same(self, color: [u8; 4]) -> bool {
        let near = |other: [u8; 4]| color.iter().zip(other).take(3).all(|(a, b)| a.abs_diff(b) < 12);
        let [.., alpha] = color;
        // Pages are white.
        alpha < 20 || self.behind.unwrap_or(Some([255; 4])).is_some_and(near)
    }
}

/// The rules of a page's style sheets.
#[derive(Debug, Default)]
pub struct Sheet {
    rules: Vec<Rule>,
    /// Rules by what the element itself must be: `.class`, `#id`, `tag` or `*`.
    by: BTreeMap<String, Vec<usize>>,
    work: usize,
}

#[derive(Debug)]
struct Rule {
    /// From the element itself outwards; whether the next must be its very parent.
    parts: Vec<(Part, bool)>,
    body: String,
}

/// `tag#id.class[attribute=value]`.
#[derive(Debug, Default)]
struct Part {
    tag: Option<String>,
    attributes: Vec<(String, Option<String>)>,
}

impl Part {
    fn of(text: &str) -> Option<Part> {
        let mut part = Part::default();
        let end = text.find(['.', '#', '[']).unwrap_or(text.len());
        let (tag, mut rest) = text.split_at_checked(end)?;
        let plain =
            |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
        match tag {
            "" | "*" => {}
            tag if plain(tag) => part.tag = Some(tag.to_owned()),
            _ => return None,
        }
        while !rest.is_empty() {
            if let Some(inside) = rest.strip_prefix('[') {
                let (inside, behind) = inside.split_once(']')?;
                let (name, value) = match inside.split_once('=') {
                    Some((name, value)) => (name, Some(value.trim().trim_matches(['"', '\'']).to_owned())),
                    None => (inside, None),
                };
                // ~=, ^=, *= and the like hold where the attribute is there.
                let exact = !name.ends_with(['~', '|', '^', '$', '*']);
                let name = name.trim_end_matches(['~', '|', '^', '$', '*']).trim().to_owned();
                part.attributes.push((name, value.filter(|_| exact)));
                rest = behind;
                continue;
            }
            let kind = if rest.starts_with('#') { "id" } else { "class" };
            let behind = rest.strip_prefix(['#', '.'])?;
            let end = behind.find(['.', '#', '[']).unwrap_or(behind.len());
            let (name, behind) = behind.split_at_checked(end)?;
            if !plain(name) {
                return None;
            }
            part.attributes.push((kind.to_owned(), Some(name.to_owned())));
            rest = behind;
        }
        Some(part)
    }

    /// What the element must be, to look its rules up by.
    fn key(&self) -> String {
        let named =
            |wanted: &str| self.attributes.iter().find(|(name, _)| name == wanted).and_then(|(_, v)| v.as_deref());
        match (named("id"), named("class"), &self.tag) {
            (Some(id), ..) => format!("#{id}"),
            (_, Some(class), _) => format!(".{class}"),
            (_, _, Some(tag)) => tag.clone(),
            _ => "*".to_owned(),
        }
    }

    fn is(&self, element: &Element) -> bool {
        let has = |(name, value): &(String, Option<String>)| {
            let Some(there) = element.attribute(name) else { return false };
            value.as_ref().is_none_or(|value| match name.as_str() {
                "class" => there.split_whitespace().take(MOST_CLASSES).any(|class| class.eq_ignore_ascii_case(value)),
                _ => there.eq_ignore_ascii_case(value),
            })
        };
        self.tag.as_ref().is_none_or(|tag| *tag == element.name) && self.attributes.iter().all(has)
    }
}

/// The most classes of an element that are looked up.
const MOST_CLASSES: usize = 16;

impl Sheet {
    /// Reads a style sheet.
    pub fn read(&mut self, raw: &str) {
        let raw = without_comments(raw).to_lowercase();
        for rule in raw.split('}').take(MOST_RULES) {
            let Some((selectors, body)) = rule.rsplit_once('{') else { continue };
            // Within @media there is another brace; what is for paper is not for a screen.
            let (outer, selectors) = selectors.rsplit_once('{').unwrap_or(("", selectors));
            if outer.contains("print") {
                continue;
            }
            for selector in selectors.split(',') {
                self.rule(selector, body);
            }
        }
    }

    fn rule(&mut self, selector: &str, body: &str) {
        if self.rules.len() >= MOST_RULES {
            return;
        }
        let spaced = selector.replace('>', " > ");
        let (mut parts, mut child) = (Vec::new(), false);
        for word in spaced.split_whitespace().rev() {
            if word == ">" {
                child = true;
                continue;
            }
            let Some(part) = Part::of(word) else { return };
            if child && let Some((_, parent)) = parts.last_mut() {
                *parent = true;
            }
            child = false;
            parts.push((part, false));
        }
        let Some((first, _)) = parts.first().filter(|_| parts.len() <= MOST_PARTS) else { return };
        self.by.entry(first.key()).or_default().push(self.rules.len());
        let mut body = body.to_owned();
        cap(&mut body);
        self.rules.push(Rule { parts, body });
    }

    /// What its rules and its own attributes declare of an element within others.
    pub fn style(&mut self, element: &Element, outer: &[Element]) -> String {
        let mut found: Vec<usize> = Vec::new();
        let mut look = |key: &str| found.extend(self.by.get(key).into_iter().flatten());
        look("*");
        look(&element.name);
        for class in element.attribute("class").unwrap_or_default().split_whitespace().take(MOST_CLASSES) {
            look(&format!(".{}", class.to_lowercase()));
        }
        look(&format!("#{}", element.attribute("id").unwrap_or_default().to_lowercase()));
        found.sort_unstable();
        found.dedup();
        let mut style = String::new();
        for rule in found.into_iter().filter_map(|at| self.rules.get(at)) {
            self.work = self.work.saturating_add(1);
            let itself = rule.parts.first().is_some_and(|(part, _)| part.is(element));
            if itself && (self.work > MOST_WORK || within(&rule.parts, outer, &mut self.work)) {
                style.push(';');
                style.push_str(&rule.body);
                cap(&mut style);
            }
        }
        for (name, declares) in [("color", "color"), ("bgcolor", "background"), ("dir", "direction")] {
            if let Some(value) = element.attribute(name) {
                style.push_str(&format!(";{declares}:{}", value.to_lowercase()));
            }
        }
        if element.name == "bdo" {
            style.push_str(";unicode-bidi:bidi-override");
        }
        style.push(';');
        style.push_str(&element.attribute("style").unwrap_or_default().to_lowercase());
        cap(&mut style);
        style
    }
}

/// Whether what surrounds an element is what a selector wants; the nearest that fits is taken.
fn within(parts: &[(Part, bool)], outer: &[Element], work: &mut usize) -> bool {
    let mut outer = outer.iter().rev();
    for pair in parts.windows(2) {
        let [(_, parent), (part, _)] = pair else { return false };
        loop {
            *work = work.saturating_add(1);
            match outer.next() {
                None => return false,
                Some(element) if part.is(element) => break,
                Some(_) if *parent => return false,
                Some(_) => {}
            }
        }
    }
    true
}

/// Comments of a style sheet as blanks: what stands behind keeps its place.
fn without_comments(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, behind)) = rest.split_once("/*") {
        out.push_str(before);
        let (comment, behind) = behind.split_once("*/").unwrap_or((behind, ""));
        out.extend(std::iter::repeat_n(' ', comment.len().saturating_add(4)));
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// Texts that a style sheet makes (`content: "…"`), with where they begin and end in it, in bytes.
pub fn contents(raw: &str) -> impl Iterator<Item = (String, usize, usize)> + '_ {
    raw.match_indices("content").filter_map(|(at, word)| {
        let rest = raw.get(at.checked_add(word.len())?..)?;
        let value = rest.trim_start().strip_prefix(':')?.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let inside = value.get(1..)?;
        let end = inside.find(quote)?;
        let from = raw.len().checked_sub(inside.len())?;
        Some((unescape(inside.get(..end)?), from, from.checked_add(end)?))
    })
}

/// `\5fae` is a character by its code.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        out.push_str(before);
        let digits = behind.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
        let (code, behind) = behind.split_at_checked(digits).unwrap_or(("", behind));
        out.extend(u32::from_str_radix(code, 16).ok().and_then(char::from_u32));
        rest = if digits > 0 { behind.strip_prefix(' ').unwrap_or(behind) } else { behind };
    }
    out.push_str(rest);
    out
}

/// Cuts what is longer than [`MOST_STYLE`]: the end of it counts, as in a browser.
fn cap(style: &mut String) {
    if let Some(over) = style.len().checked_sub(MOST_STYLE) {
        let cut = (over..style.len()).find(|at| style.is_char_boundary(*at)).unwrap_or(0);
        style.drain(..cut);
    }
}

/// How an element is drawn by its declarations, within one that is drawn so.
pub fn draw(outer: Drawn, style: &str) -> Drawn {
    let mut drawn = outer;
    let declarations: BTreeMap<&str, &str> = style
        .split(';')
        .filter_map(|declaration| declaration.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim().trim_end_matches("!important").trim()))
        .collect();
    let get = |name: &str| declarations.get(name).copied().unwrap_or_default();
    let zero = |name: &str| number(get(name)) == Some(0.0);
    let far = |name: &str| number(get(name)).is_some_and(|value| away(value, get(name)));
    let placed = matches!(get("position"), "absolute" | "fixed" | "relative");
    let moved = placed && ["left", "top", "right", "bottom"].into_iter().any(far)
        || ["margin-left", "margin-top", "text-indent"].into_iter().any(far)
        || moves(get("transform"));
    let cut = get("overflow").contains("hidden") || get("overflow").contains("clip");
    let dot = |name: &str| get(name).ends_with("px") && number(get(name)).is_some_and(|value| value <= 1.0);
    let flat = ["width", "height", "max-height", "max-width"].into_iter().any(|name| zero(name) || dot(name))
        || zero("line-height");
    let clip = get("clip").replace([' ', ','], "");
    let clipped = cut && flat
        || clip.starts_with("rect(0") && clip.chars().all(|c| !matches!(c, '2'..='9'))
        || ["inset(50%", "inset(100%", "circle(0", "polygon(00"]
            .iter()
            .any(|none| get("clip-path").replace([' ', ','], "").starts_with(none));
    let faint =
        number(get("opacity")).is_some_and(|opacity| opacity <= if get("opacity").ends_with('%') { 5.0 } else { 0.05 });
    drawn.gone |= get("display") == "none" || get("content-visibility") == "hidden" || faint || moved || clipped;
    match get("visibility") {
        "hidden" | "collapse" => drawn.invisible = true,
        "visible" => drawn.invisible = false,
        _ => {}
    }
    match get("direction") {
        "rtl" => drawn.right_to_left = true,
        "ltr" => drawn.right_to_left = false,
        _ => {}
    }
    // It holds for the element's own text, not for elements within.
    drawn.overridden = get("unicode-bidi").ends_with("override");
    let color = get("color");
    if !color.is_empty() && color != "inherit" {
        drawn.color = self::color(color);
    }
    let background = [get("background-color"), get("background")].into_iter().find(|value| !value.is_empty());
    let picture = get("background").contains("url(")
        || !get("background-image").is_empty()
        || get("background").contains("gradient");
    if picture {
        drawn.behind = Some(None);
    } else if let Some(background) = background {
        // What is seen through shows what is behind it.
        match background.split_whitespace().find_map(self::color) {
            Some([.., alpha]) if alpha < 128 => {}
            color => drawn.behind = Some(color),
        }
    }
    if let Some(size) = number(get("font-size")) {
        // Below 4 pixels nobody reads.
        let least = [("em", 0.2), ("%", 20.0), ("pt", 3.0), ("px", 4.0)];
        let unit = least.into_iter().find(|(unit, _)| get("font-size").ends_with(unit));
        drawn.tiny = size.abs() < unit.map_or(1.0, |(_, least)| least);
    }
    drawn
}

/// The number that a value begins with.
fn number(value: &str) -> Option<f64> {
    let end = value.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(value.len());
    value.get(..end).and_then(|number| number.parse::<f64>().ok())
}

/// Whether a distance leads off the page.
fn away(value: f64, written: &str) -> bool {
    let most = [("em", 60.0), ("%", 100.0), ("vw", 100.0), ("vh", 100.0)];
    let most = most.into_iter().find(|(unit, _)| written.ends_with(unit)).map_or(999.0, |(_, most)| most);
    value <= -most || value >= most * 5.0
}

/// Whether a transformation moves off the page, or makes nothing of it.
fn moves(value: &str) -> bool {
    let inside = |name: &str| value.split_once(name).map(|(_, inside)| inside.trim_start_matches(['x', 'y', '(', ' ']));
    let gone = inside("translate").is_some_and(|inside| {
        let written = inside.split([',', ')']).next().unwrap_or_default();
        number(written).is_some_and(|value| away(value, written))
    });
    gone || inside("scale").is_some_and(|inside| number(inside) == Some(0.0))
}

/// A colour: red, green, blue, and how much it covers.
fn color(value: &str) -> Option<[u8; 4]> {
    const NAMES: [(&str, [u8; 4]); 8] = [
        ("transparent", [0; 4]),
        ("white", [255; 4]),
        ("black", [0, 0, 0, 255]),
        ("snow", [255, 250, 250, 255]),
        ("whitesmoke", [245, 245, 245, 255]),
        ("red", [255, 0, 0, 255]),
        ("ivory", [255, 255, 240, 255]),
        ("ghostwhite", [248, 248, 255, 255]),
    ];
    if let Some((_, color)) = NAMES.iter().find(|(name, _)| *name == value) {
        return Some(*color);
    }
    if let Some(digits) = value.strip_prefix('#') {
        let digit =
            |at: usize| digits.get(at..at.saturating_add(1)).and_then(|digit| u8::from_str_radix(digit, 16).ok());
        let short = |at: usize| digit(at).map(|digit| digit.saturating_mul(17));
        let long = |at: usize| digits.get(at..at.saturating_add(2)).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        return match digits.len() {
            3 => Some([short(0)?, short(1)?, short(2)?, 255]),
            4 => Some([short(0)?, short(1)?, short(2)?, short(3)?]),
            6 => Some([long(0)?, long(2)?, long(4)?, 255]),
            8 => Some([long(0)?, long(2)?, long(4)?, long(6)?]),
            _ => None,
        };
    }
    let inside = value.strip_prefix("rgba(").or_else(|| value.strip_prefix("rgb("))?.trim_end_matches(')');
    let mut parts = inside.split([',', '/', ' ']).filter(|part| !part.is_empty()).map(number);
    let byte = |value: Option<Option<f64>>, by: f64| value.flatten().map(|value| (value * by).clamp(0.0, 255.0) as u8);
    let (red, green, blue) = (byte(parts.next(), 1.0)?, byte(parts.next(), 1.0)?, byte(parts.next(), 1.0)?);
    let alpha = parts.next().map_or(Some(255), |alpha| byte(Some(alpha), 255.0))?;
    Some([red, green, blue, alpha])
}
