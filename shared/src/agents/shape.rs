//! What the shape of a user agent says where no token of the table does: one pass over its words, nothing allocated.
//!
//! The rules, and where they come from:
//!
//! - A browser calls itself `Mozilla/5.0 (system) engine`, and has nothing more to say than products
//!   (MDN, "User-Agent"; Chromium, "User-Agent Reduction"; WHATWG Compatibility Standard, section 5).
//! - What does not begin so and names no phone, television or watch is a program: `product/version (comment)`
//!   (RFC 9110, section 10.1.5).
//! - A robot names a page or an address at which its operator is found (RFC 9309, section 2.2.1, by way of its
//!   product token; RFC 9110, section 10.1.2: a robot ought to say who answers for it). A browser has no operator.
//! - `(compatible; Name` is how robots have taken part in the browsers' custom since Netscape; of browsers only
//!   Internet Explorer and Konqueror do so, which the table knows.
//! - `(KHTML, like Gecko; Name` stands in the agents of Google's, Bing's and OpenAI's fetchers (their documentation);
//!   in a browser's the bracket ends behind `Gecko`.
//! - `Name-User` is what OpenAI, Anthropic, Perplexity, Mistral and Amazon call fetches that a person asked for.

use super::table::Known;
use super::vocabulary::{does, host, model, page, part_of_a_browser, system, usual};
use super::words::{Word, words};
use super::{Class, Purpose};

pub(super) type Guess = (Class, Option<Purpose>);

/// Chrome and Firefox before this are older than the web's present habits: sites encrypted by default, modules, and
/// what phones of a decade ago still get.
const OLD: u32 = 60;

/// A lone word of so many letters is a name; shorter ones are as often a placeholder, or a slip.
const LONG: usize = 6;

/// What one pass sees.
#[derive(Default)]
struct Seen {
    /// It begins as browsers do.
    browser_like: bool,
    /// A web page: somebody can be asked.
    page: bool,
    /// A mail address or a host. Phones name their makers and networks so too.
    host: bool,
    /// `Agent`, but not `User-Agent`.
    agent: bool,
    /// `compatible` with something.
    compatible: bool,
    /// More behind `like Gecko` in the same bracket.
    aside: bool,
    /// The first bracket begins with no system that a browser runs on.
    odd_system: bool,
    /// A computer's system, not a phone's.
    desktop: bool,
    /// Named by something that no browser says.
    foreign: bool,
    /// One of Apple's own devices: its apps name the model, which no program in a data centre has.
    device: bool,
    /// A product with a version.
    versioned: bool,
    /// A word for what programs do.
    does: bool,
    /// Words with three letters or more that are neither a system's nor the browsers' own.
    names: u32,
    /// Letters of the longest of them.
    longest: usize,
    /// `Name-User`.
    asked: bool,
    /// A version of Chrome, or of Firefox.
    major: Option<u32>,
}

/// What is to be said beyond what the table knows, if anything.
pub(super) fn guess(lower: &[u8], known: Option<&Known>) -> Option<Guess> {
    let known_class = known.map(|known| known.class);
    let name = known.map_or("", |known| known.name);
    if name == "OkHttp" && is_view(lower) {
        return Some((Class::InApp, None));
    }
    if known_class > Some(Class::Library) || (known_class == Some(Class::Library) && !name.is_empty()) {
        return None;
    }
    let seen = look(lower, known.is_none());
    // Words for what a program does are looked for only where it is one: a person's browser is read once.
    let robot = || does_most(lower).filter(|(class, _)| *class > Class::Library).unwrap_or((Class::Crawler, None));
    match known_class {
        None => unnamed(&seen).then(|| match does_most(lower) {
            Some(does) if !seen.browser_like => does,
            // Nothing but a program's name.
            None if !seen.browser_like => (Class::Library, None),
            _ => robot(),
        }),
        // A page about itself is named, and nothing else known.
        Some(Class::Library) => {
            let does = does_most(lower).is_some_and(|(class, _)| class > Class::Library);
            (seen.browser_like || does).then(robot)
        }
        Some(Class::Browser | Class::OldBrowser) => {
            let plain = matches!(name, "" | "Chrome" | "Firefox" | "Safari");
            let engine = plain || name == "Internet Explorer";
            let added = seen.desktop && seen.foreign && seen.major.is_none_or(|major| major >= OLD);
            let disguised = (plain && (seen.compatible || added || (seen.desktop && seen.odd_system)))
                || (engine && seen.desktop && !seen.browser_like);
            let contact = seen.page || (seen.desktop && seen.host);
            if contact || seen.aside || seen.agent || disguised || seen.asked {
                return Some(robot());
            }
            let old = match name {
                "Internet Explorer" => true,
                "Chrome" | "Firefox" => seen.major.is_some_and(|major| major < OLD),
                _ => false,
            };
            old.then_some((Class::OldBrowser, None))
        }
        Some(Class::InApp | Class::Unknown) => (seen.page || seen.asked).then(robot),
        Some(_) => None,
    }
}

/// Whether it is a web view of Android's (developer.chrome.com, "WebView user agent"): apps that fetch with OkHttp give theirs
/// its name too.
fn is_view(lower: &[u8]) -> bool {
    lower.starts_with(b"mozilla/5.0 (linux; ") && lower.windows(5).any(|part| part == b"; wv)")
}

/// Whether it is a program, where the table knows no word of it.
fn unnamed(seen: &Seen) -> bool {
    let contact = seen.page || seen.host;
    if seen.browser_like {
        return contact || seen.aside || seen.foreign || (seen.names > 0 && (seen.compatible || !seen.desktop));
    }
    let apple = seen.device && !seen.page;
    let named = seen.versioned || seen.names > 1 || seen.longest >= LONG || seen.does;
    seen.names > 0 && !apple && (contact || named)
}

/// The strongest word for what a program does.
fn does_most(lower: &[u8]) -> Option<Guess> {
    words(lower)
        .filter_map(|word| does(word.text, word.before))
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
}

fn look(lower: &[u8], unknown: bool) -> Seen {
    let mut seen = Seen::default();
    let mut previous: &[u8] = b"";
    let (mut first, mut first_bracket, mut television) = (true, true, false);
    let (mut own, mut early, mut begun) = (Own::Before, false, false);
    for word in words(lower) {
        let Word { text, before, after, outside, .. } = word;
        if std::mem::take(&mut first) {
            seen.browser_like = matches!(text, b"mozilla" | b"opera");
        }
        if before == Some(b'(') && first_bracket {
            first_bracket = false;
            seen.odd_system = !system(text);
        }
        seen.page |= page(&word);
        seen.host |= host(&word, previous);
        seen.agent |= text.ends_with(b"agent") && previous != b"user";
        match text {
            b"compatible" if after.starts_with(b";") => seen.compatible = true,
            b"gecko" if previous == b"like" => seen.aside |= after.first() == Some(&b';'),
            b"user" if before == Some(b'-') => seen.asked = true,
            b"windows" => seen.desktop |= !after.starts_with(b" phone"),
            b"macintosh" | b"x11" | b"cros" => seen.desktop = true,
            b"armv7l" | b"armv8l" | b"aarch64" | b"smart" | b"android" => television = true,
            b"chrome" | b"gecko" | b"version" if outside => own = Own::Begun,
            b"safari" | b"firefox" if outside => own = Own::Ended,
            _ if before == Some(b'/') && matches!(previous, b"chrome" | b"firefox") => seen.major = number(text),
            _ => {}
        }
        let product = outside && own != Own::Begun && matches!(before, Some(b' ' | b';' | b',' | b'|'));
        if unknown {
            seen.device |= model(&word);
            seen.versioned |= matches!(after, [b'/', b'0'..=b'9', ..]);
            seen.does |= does(text, before).is_some();
        }
        if unknown || product {
            let letters = text.iter().filter(|b| b.is_ascii_alphabetic()).count();
            if letters >= 3 && !usual(text) {
                seen.names = seen.names.saturating_add(1);
                seen.longest = seen.longest.max(letters);
                // Before `Chrome/`, and between it and `Safari/`, stand the names of browsers made from Chromium; those that
                // stand behind have its version.
                let foreign = product && !part_of_a_browser(text) && !has_version(after, seen.major);
                seen.foreign |= foreign && own == Own::Ended;
                early |= foreign && own == Own::Before;
            }
        }
        begun |= own == Own::Begun;
        previous = text;
    }
    seen.foreign |= early && !begun;
    seen.desktop &= !television;
    seen
}

/// How far the products have been read that a browser of these engines says of itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Own {
    Before,
    Begun,
    Ended,
}

/// Whether what stands behind a product's name is this version: `/120.0.1`.
fn has_version(after: &[u8], major: Option<u32>) -> bool {
    let digits = after.strip_prefix(b"/").unwrap_or_default();
    let end = digits.iter().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
    major.is_some() && number(digits.get(..end).unwrap_or_default()) == major
}

fn number(text: &[u8]) -> Option<u32> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::of_user_agent;
    use super::*;

    fn class(agent: &str) -> Class {
        of_user_agent(agent).class
    }

    #[test]
    fn programs_that_nobody_told_of() {
        for (agent, wanted, purpose) in [
            ("Foo/1.0", Class::Library, None),
            ("Acme Inventory Sync 2", Class::Library, None),
            ("Acme-Uptime/1.0", Class::Crawler, Some(Purpose::Monitor)),
            ("Acme Feed Service/2.1 (12 subscribers)", Class::Crawler, Some(Purpose::Feed)),
            ("Mozilla/5.0 (compatible; Acme/1.0; https://acme.example/)", Class::Crawler, None),
            ("Mozilla/5.0 (compatible; Acme-User/1.0)", Class::Crawler, Some(Purpose::Assistant)),
            ("Mozilla/5.0 (compatible; Acme)", Class::Crawler, None),
            (
                "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; Acme/1.0) Chrome/136.0.0.0 Safari/537.36",
                Class::Crawler,
                None,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36 Acme/1",
                Class::Crawler,
                None,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36; \
                 ask@acme.com",
                Class::Crawler,
                None,
            ),
        ] {
            let found = of_user_agent(agent);
            assert_eq!((found.class, found.purpose), (wanted, purpose), "{agent}");
        }
    }

    #[test]
    fn what_says_nothing_stays_unknown() {
        for agent in
            ["", "-", "Mozilla/5.0", "12345", "null", "n8n", "abc", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"]
        {
            assert_eq!(class(agent), Class::Unknown, "{agent}");
        }
        // A person's phone or computer, and an app that is nobody's browser.
        for agent in ["MyShop/3.2 (iPhone; iOS 17.0)", "shop-helper [macOS,12.0,MacBookPro15,4]", "Shop/1 (Android 14)"]
        {
            assert_eq!(class(agent), Class::Unknown, "{agent}");
        }
    }

    #[test]
    fn people_say_more_than_a_browser_needs() {
        let desktop = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)";
        for (agent, wanted) in [
            (format!("{desktop} Chrome/120.0.0.0 Safari/537.36"), Class::Browser),
            // A browser made from Chromium stands before `Safari/`, and a new one is not known by name.
            (format!("{desktop} Chrome/120.0.0.0 Acme/1.0 Safari/537.36"), Class::Browser),
            (format!("{desktop} Chrome/120.0.0.0 Safari/537.36 AcmeBrowser/1.0"), Class::Browser),
            (format!("{desktop} Chrome/59.0.3071.115 Safari/537.36"), Class::OldBrowser),
            // Old, and with a toolbar.
            (format!("{desktop} Chrome/49.0.2623.112 Safari/537.36 Acme/1.0"), Class::OldBrowser),
            (
                "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Acme Toolbar; .NET CLR 2.0)".to_owned(),
                Class::OldBrowser,
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:52.0) Gecko/20100101 Firefox/52.0".to_owned(), Class::OldBrowser),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:60.0) Gecko/20100101 Firefox/60.0".to_owned(), Class::Browser),
            // The engine of WeChat's view may be as old as it likes.
            (
                "Mozilla/5.0 (Linux; Android 5.1; M3 note; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 \
                 Chrome/37.0.0.0 MQQBrowser/6.2 TBS/036215 Mobile Safari/537.36 MicroMessenger/6.3.18 NetType/WIFI"
                    .to_owned(),
                Class::InApp,
            ),
        ] {
            assert_eq!(class(&agent), wanted, "{agent}");
        }
    }

    #[test]
    fn a_browser_made_from_chromium_has_its_version() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36";
        for name in ["Norton", "Avira", "CCleaner", "Vast"] {
            assert_eq!(class(&format!("{chrome} {name}/120.0.23443.130")), Class::Browser, "{name}");
            assert_eq!(class(&format!("{chrome} {name}/3.1")), Class::Crawler, "{name}");
        }
    }
}
