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
use super::words::{Word, words};
use super::{Class, Purpose};

type Guess = (Class, Option<Purpose>);

/// Chrome and Firefox before this are older than the web's present habits: sites encrypted by default, modules, and
/// what phones of a decade ago still get.
const OLD: u32 = 60;

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
    /// Words with three letters or more that are neither a system's nor the browsers' own.
    names: u32,
    /// Letters of the longest of them.
    longest: usize,
    /// The strongest word for what it does.
    does: Option<Guess>,
    /// A version of Chrome, or of Firefox.
    major: Option<u32>,
}

/// What is to be said beyond what the table knows, if anything.
pub(super) fn guess(lower: &[u8], known: Option<&Known>) -> Option<Guess> {
    let known_class = known.map(|known| known.class);
    let name = known.map_or("", |known| known.name);
    if known_class > Some(Class::Library) || (known_class == Some(Class::Library) && !name.is_empty()) {
        return None;
    }
    let seen = look(lower);
    let robot = seen.does.filter(|(class, _)| *class > Class::Library).unwrap_or((Class::Crawler, None));
    match known_class {
        None => unnamed(&seen, robot),
        // A page about itself is named, and nothing else known.
        Some(Class::Library) => {
            (seen.browser_like || seen.does.is_some_and(|(class, _)| class > Class::Library)).then_some(robot)
        }
        Some(Class::Browser | Class::OldBrowser) => {
            let plain = matches!(name, "" | "Chrome" | "Firefox" | "Safari");
            let engine = plain || name == "Internet Explorer";
            let disguised = (plain
                && (seen.compatible || (seen.desktop && seen.foreign && seen.major.is_none_or(|major| major >= OLD))))
                || (plain && seen.desktop && seen.odd_system)
                || (engine && seen.desktop && !seen.browser_like);
            let contact = seen.page || (seen.desktop && seen.host);
            if contact || seen.aside || seen.agent || disguised || asked(&seen) {
                return Some(robot);
            }
            let old = match name {
                "Internet Explorer" => true,
                "Chrome" | "Firefox" => seen.major.is_some_and(|major| major < OLD),
                _ => false,
            };
            old.then_some((Class::OldBrowser, None))
        }
        Some(Class::InApp | Class::Unknown) => (seen.page || asked(&seen)).then_some(robot),
        Some(_) => None,
    }
}

fn asked(seen: &Seen) -> bool {
    seen.does.is_some_and(|(_, purpose)| purpose == Some(Purpose::Assistant))
}

/// Where the table knows no word of it.
fn unnamed(seen: &Seen, robot: Guess) -> Option<Guess> {
    if seen.browser_like {
        let contact = seen.page || seen.host;
        let named = seen.names > 0 && (seen.compatible || !seen.desktop);
        let robot_like = contact || seen.aside || seen.foreign || named;
        return robot_like.then_some(robot);
    }
    if seen.names == 0 || (seen.device && !seen.page) {
        return None;
    }
    let program =
        seen.page || seen.host || seen.versioned || seen.names > 1 || seen.longest >= 6 || seen.does.is_some();
    // What it does, if it says so; else a program is all that is known.
    program.then_some(seen.does.unwrap_or((Class::Library, None)))
}

fn look(lower: &[u8]) -> Seen {
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
        let letters = text.iter().filter(|b| b.is_ascii_alphabetic()).count();
        seen.page |= page(&word);
        seen.host |= host(&word, previous);
        seen.device |= model(&word);
        seen.agent |= text.ends_with(b"agent") && previous != b"user";
        seen.versioned |= after.first() == Some(&b'/') && after.get(1).is_some_and(u8::is_ascii_digit);
        match text {
            b"compatible" if after.starts_with(b";") => seen.compatible = true,
            b"gecko" if previous == b"like" => seen.aside |= after.first() == Some(&b';'),
            b"windows" => seen.desktop |= !after.starts_with(b" phone"),
            b"macintosh" | b"x11" | b"cros" => seen.desktop = true,
            b"armv7l" | b"armv8l" | b"aarch64" | b"smart" | b"android" => television = true,
            b"chrome" | b"gecko" | b"version" if outside => own = Own::Begun,
            b"safari" | b"firefox" if outside => own = Own::Ended,
            _ if matches!(previous, b"chrome" | b"firefox") && before == Some(b'/') => seen.major = number(text),
            _ => {}
        }
        if let Some(guess) = does(text, before) {
            seen.does = seen.does.max_by_class(guess);
        }
        if letters >= 3 && !usual(text) {
            seen.names = seen.names.saturating_add(1);
            seen.longest = seen.longest.max(letters);
            let product = matches!(before, Some(b' ' | b';' | b',' | b'|'));
            let foreign = outside && product && !part_of_a_browser(text);
            // Before `Chrome/`, and between it and `Safari/`, stand the names of browsers made from Chromium.
            seen.foreign |= foreign && own == Own::Ended;
            early |= foreign && own == Own::Before;
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

trait Stronger {
    fn max_by_class(self, other: Guess) -> Self;
}

impl Stronger for Option<Guess> {
    fn max_by_class(self, other: Guess) -> Self {
        match self {
            Some(this) if this.0 >= other.0 => Some(this),
            _ => Some(other),
        }
    }
}

fn number(text: &[u8]) -> Option<u32> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A web page.
fn page(word: &Word<'_>) -> bool {
    match word.text {
        // But for the component that Delphi's programs show pages with, and what a mini program says it comes from.
        b"http" | b"https" => {
            word.after.starts_with(b"://")
                && ![&b"://bsalsa"[..], b"://servicewechat"].iter().any(|of| word.after.starts_with(of))
        }
        b"www" => word.after.first() == Some(&b'.'),
        _ => false,
    }
}

/// The end of a host's name, or the beginning of an address.
fn host(word: &Word<'_>, previous: &[u8]) -> bool {
    let Word { text, before, joined, after, .. } = *word;
    match text {
        b"com" | b"org" | b"net" | b"io" | b"ai" | b"de" | b"eu" | b"ru" | b"fr" | b"nl" => {
            before == Some(b'.')
                && joined
                && previous != b"bsalsa"
                && previous.iter().filter(|b| b.is_ascii_alphabetic()).count() >= 2
                && !matches!(after, [b'.' | b'-' | b'_', ..])
        }
        _ => after.first() == Some(&b'@') && after.get(1).is_some_and(u8::is_ascii_alphabetic),
    }
}

/// A model of Apple's: `iPhone15,2`, `MacBookPro15,4`, `Watch6,2`.
fn model(word: &Word<'_>) -> bool {
    let makes: [&[u8]; 7] = [b"iphone", b"ipad", b"ipod", b"watch", b"appletv", b"mac", b"imac"];
    let comma = word.after.first() == Some(&b',') && word.after.get(1).is_some_and(u8::is_ascii_digit);
    comma && word.text.last().is_some_and(u8::is_ascii_digit) && makes.iter().any(|make| word.text.starts_with(make))
}

/// What a word says that a program does.
fn does(text: &[u8], before: Option<u8>) -> Option<Guess> {
    let crawler = |purpose| Some((Class::Crawler, Some(purpose)));
    match text {
        b"user" if before == Some(b'-') => crawler(Purpose::Assistant),
        b"search" | b"searcher" => crawler(Purpose::Search),
        b"feed" | b"feeds" | b"rss" | b"podcast" | b"podcasts" | b"aggregator" | b"subscriber" | b"subscribers"
        | b"atom" => crawler(Purpose::Feed),
        b"monitor" | b"uptime" | b"probe" | b"ping" | b"health" | b"healthcheck" | b"check" | b"checker"
        | b"status" | b"watch" | b"watcher" | b"synthetic" => crawler(Purpose::Monitor),
        b"scan" | b"scanner" | b"scanning" | b"security" | b"vulnerability" | b"pentest" | b"exploit" => {
            crawler(Purpose::Security)
        }
        b"seo" | b"backlink" | b"backlinks" | b"rank" => crawler(Purpose::Seo),
        b"archive" | b"archiver" | b"mirror" => crawler(Purpose::Archive),
        b"ai" | b"llm" | b"gpt" => crawler(Purpose::Ai),
        b"crawl" | b"fetch" | b"fetcher" | b"scrape" | b"validator" | b"analyzer" | b"sitemap" | b"sitemaps" => {
            Some((Class::Crawler, None))
        }
        b"agent" | b"http" | b"client" | b"library" | b"python" | b"perl" | b"php" | b"ruby" | b"java" | b"node"
        | b"sdk" | b"api" => Some((Class::Library, None)),
        _ => None,
    }
}

/// What stands first in a browser's bracket.
fn system(text: &[u8]) -> bool {
    matches!(
        text,
        b"windows"
            | b"macintosh"
            | b"x11"
            | b"linux"
            | b"iphone"
            | b"ipad"
            | b"ipod"
            | b"android"
            | b"compatible"
            | b"wayland"
            | b"unknown"
            | b"mobile"
            | b"tablet"
            | b"u"
            | b"cros"
            | b"freebsd"
            | b"openbsd"
            | b"netbsd"
    )
}

/// Words that browsers' agents are made of, and systems' names.
fn usual(text: &[u8]) -> bool {
    text.starts_with(b"win")
        || matches!(
            text,
            b"mozilla"
                | b"opera"
                | b"compatible"
                | b"like"
                | b"gecko"
                | b"khtml"
                | b"applewebkit"
                | b"version"
                | b"mobile"
                | b"safari"
                | b"chrome"
                | b"chromium"
                | b"firefox"
                | b"windows"
                | b"win"
                | b"win32"
                | b"win64"
                | b"wow64"
                | b"macintosh"
                | b"intel"
                | b"mac"
                | b"x11"
                | b"linux"
                | b"unix"
                | b"bsd"
                | b"freebsd"
                | b"netbsd"
                | b"openbsd"
                | b"sunos"
                | b"irix"
                | b"ppc"
                | b"cpu"
                | b"x86"
                | b"i686"
                | b"build"
                | b"user"
                | b"null"
                | b"undefined"
                | b"none"
                | b"unknown"
                | b"the"
                | b"and"
                | b"for"
        )
}

/// Products that stand beside a browser's own: distributions, toolbars, and marks of proxies and of offices.
fn part_of_a_browser(text: &[u8]) -> bool {
    text.ends_with(b"browser")
        || text.starts_with(b"gtb")
        || text.starts_with(b"asktb")
        || matches!(
            text,
            b"ubuntu"
                | b"fedora"
                | b"debian"
                | b"suse"
                | b"gentoo"
                | b"mandriva"
                | b"centos"
                | b"mint"
                | b"red"
                | b"hat"
                | b"slackware"
                | b"pango"
                | b"net"
                | b"novarra"
                | b"presto"
                | b"tablet"
                | b"slcc2"
                | b"gzip"
                | b"bmid"
                | b"alexatoolbar"
                | b"campus"
                | b"chromeframe"
                | b"firephp"
                | b"steamdeck"
                | b"owasmime"
        )
}
