//! What single words of a user agent mean, where no token of the table says it.

use super::shape::Guess;
use super::words::Word;
use super::{Class, Purpose};

/// A web page.
pub(super) fn page(word: &Word<'_>) -> bool {
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
pub(super) fn host(word: &Word<'_>, previous: &[u8]) -> bool {
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
pub(super) fn model(word: &Word<'_>) -> bool {
    let makes: [&[u8]; 7] = [b"iphone", b"ipad", b"ipod", b"watch", b"appletv", b"mac", b"imac"];
    let comma = word.after.first() == Some(&b',') && word.after.get(1).is_some_and(u8::is_ascii_digit);
    comma && word.text.last().is_some_and(u8::is_ascii_digit) && makes.iter().any(|make| word.text.starts_with(make))
}

/// What a word says that a program does. Apps of people are called so too, so it counts only where a program was seen.
pub(super) fn does(text: &[u8], before: Option<u8>) -> Option<Guess> {
    let crawler = |purpose| Some((Class::Crawler, Some(purpose)));
    match text {
        b"user" if before == Some(b'-') => return crawler(Purpose::Assistant),
        b"search" | b"searcher" => return crawler(Purpose::Search),
        b"feed" | b"feeds" | b"rss" | b"podcast" | b"podcasts" | b"aggregator" | b"subscriber" | b"subscribers"
        | b"atom" => return crawler(Purpose::Feed),
        b"uptime" | b"probe" | b"ping" | b"health" | b"healthcheck" | b"check" | b"status" | b"watch" => {
            return crawler(Purpose::Monitor);
        }
        b"scan" | b"scanning" | b"security" | b"vulnerability" | b"pentest" | b"exploit" => {
            return crawler(Purpose::Security);
        }
        b"seo" | b"backlink" | b"backlinks" | b"rank" => return crawler(Purpose::Seo),
        b"archive" | b"mirror" => return crawler(Purpose::Archive),
        b"ai" | b"llm" | b"gpt" => return crawler(Purpose::Ai),
        b"crawl" | b"fetch" | b"scrape" | b"sitemap" | b"sitemaps" => return Some((Class::Crawler, None)),
        b"agent" | b"http" | b"client" | b"library" | b"python" | b"perl" | b"php" | b"ruby" | b"java" | b"node"
        | b"sdk" | b"api" => return Some((Class::Library, None)),
        _ => {}
    }
    // Often the end of a word: `SiteMonitor`.
    let ends: [(&[u8], Option<Purpose>); 9] = [
        (b"monitor", Some(Purpose::Monitor)),
        (b"checker", Some(Purpose::Monitor)),
        (b"watcher", Some(Purpose::Monitor)),
        (b"scanner", Some(Purpose::Security)),
        (b"reader", Some(Purpose::Feed)),
        (b"downloader", Some(Purpose::Archive)),
        (b"extractor", None),
        (b"screenshot", None),
        (b"search", Some(Purpose::Search)),
    ];
    ends.iter().find(|(end, _)| text.ends_with(end)).map(|(_, purpose)| (Class::Crawler, *purpose))
}

/// What stands first in a browser's bracket.
pub(super) fn system(text: &[u8]) -> bool {
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
pub(super) fn usual(text: &[u8]) -> bool {
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
pub(super) fn part_of_a_browser(text: &[u8]) -> bool {
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
