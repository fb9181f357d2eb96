//! Who or what asks, as far as it says so itself: classes of user agents, and what the fetch is for.
//!
//! A user agent is a claim. What calls itself a crawler need not be one, and what calls itself a browser may be a
//! program: a class says how an honest visitor of that name is to be treated, and proves nothing. The data are
//! `agents/agents.csv`, each row with a source and an example; nothing is parsed or allocated here.

mod fetch;
mod shape;
mod table;
mod vocabulary;
mod words;

pub use fetch::{Dest, Fetch, Mode, Site};

use crate::http::Headers;

/// What kind of visitor calls itself so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// No user agent, or one that says nothing known.
    #[default]
    Unknown,
    /// A person's browser, of a kind or a version that hardly anybody has left: Internet Explorer, phones' before
    /// Android, Chrome and Firefox before 60. It works like any; it is also what simple programs pretend to be.
    OldBrowser,
    /// A person's browser.
    Browser,
    /// A browser inside another app: a person, whose cookies, tabs and downloads are not those of a browser.
    InApp,
    /// A program's HTTP library.
    Library,
    /// A browser without a window, run by a program.
    Headless,
    /// Fetches by itself: search, AI, feeds, monitors and the like, see [`Purpose`].
    Crawler,
    /// Fetches what somebody shared, to show what it is.
    Preview,
    /// Opens the links of mails, to see whether they are dangerous.
    MailScanner,
}

/// What a visitor that is no person's browser is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A search engine's index.
    Search,
    /// Training or feeding of AI models.
    Ai,
    /// One page, now, because somebody asked an assistant for it.
    Assistant,
    /// Feeds.
    Feed,
    /// Whether and how fast a site answers.
    Monitor,
    /// Search engine marketing.
    Seo,
    /// Advertisements.
    Ads,
    /// Archives and copies of sites.
    Archive,
    /// Looking for dangers, or for holes.
    Security,
    /// Cards of shared links.
    Social,
    /// Something else, by its operator's word.
    Other,
}

/// Who asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// Its class.
    pub class: Class,
    /// What it is for, if its class has several purposes and its name is known.
    pub purpose: Option<Purpose>,
    /// What it is called; empty if only its class is known. A proper name, the same in every language.
    pub name: &'static str,
    /// What the fetch is for.
    pub fetch: Fetch,
}

/// Who sent these header fields: `User-Agent`, the client hint `Sec-CH-UA`, and fetch metadata. One pass over each.
pub fn classify(headers: &Headers) -> Agent {
    let mut agent = Agent::default();
    let (mut named, mut headless) = (false, false);
    for (name, value) in headers.iter() {
        // Most fields say nothing of it, and begin otherwise than those that do.
        if !matches!(name.as_bytes(), [b'u', b's', ..] | [b's', b'e', ..] | [b'p', b'u', ..] | [b'x', b'-', ..]) {
            continue;
        }
        match name {
            "user-agent" if !named => {
                named = true;
                let known = of_user_agent(value);
                agent = Agent { fetch: agent.fetch, ..known };
            }
            // The browser says it, whatever its user agent was made to say.
            "sec-ch-ua" => headless |= value.contains("HeadlessChrome"),
            _ => agent.fetch.read(name, value),
        }
    }
    if headless && agent.class < Class::Headless {
        agent = Agent { class: Class::Headless, purpose: None, name: "Headless Chrome", fetch: agent.fetch };
    }
    agent
}

/// What a `User-Agent` alone says.
pub fn of_user_agent(text: &str) -> Agent {
    let mut lower = [0; table::MAX_BYTES];
    let lower = table::lower(text.as_bytes(), &mut lower);
    let known = table::strongest(lower);
    let agent = known.map_or_else(Agent::default, |known| Agent {
        class: known.class,
        purpose: known.purpose,
        name: known.name,
        fetch: Fetch::default(),
    });
    match shape::guess(lower, known) {
        // An old browser is that browser still; anything else only looks like one.
        Some((Class::OldBrowser, _)) => Agent { class: Class::OldBrowser, ..agent },
        Some((class, purpose)) => Agent { class, purpose, ..Agent::default() },
        None => agent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in fields {
            headers.push(name, value);
        }
        headers
    }

    #[test]
    fn a_stronger_word_wins() {
        for (text, class, name) in [
            ("", Class::Unknown, ""),
            ("n8n", Class::Unknown, ""),
            ("Apple-Pay-Domain-Verification/1.0", Class::Library, ""),
            // What Apple's Messages sends to draw a card: a browser, three previews and a word for robots.
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 \
                 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
                Class::Preview,
                "facebookexternalhit",
            ),
            // A browser's view in WeChat names QQ's browser engine.
            (
                "Mozilla/5.0 (Linux; Android 9; MI 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/78.0 \
                 MQQBrowser/6.2 TBS/045411 Mobile Safari/537.36 MicroMessenger/7.0.18",
                Class::InApp,
                "WeChat",
            ),
            ("PINTEREST", Class::Preview, "Pinterest"),
            ("SomeRobot", Class::Crawler, ""),
            ("Mozilla/5.0 (Linux; Android 14; CUBOT KINGKONG)", Class::Unknown, ""),
            ("Mozilla/5.0 (Linux; Android 14; CUBOT) somebot/1", Class::Crawler, ""),
            // Phones are called as their makers like.
            (
                "Mozilla/5.0 (Linux; Android 14; Talbot X1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile \
                 Safari/537.36",
                Class::Browser,
                "Chrome",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15 Preview; Spider 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 \
                 Mobile Safari/537.36",
                Class::Browser,
                "Chrome",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8; compatible; SomeBot/1.0; +https://some.example/bot) Chrome/140.0.0.0",
                Class::Crawler,
                "",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 \
                 Chrome/140.0.0.0 Mobile Safari/537.36 okhttp/4.9.3",
                Class::InApp,
                "",
            ),
            ("okhttp/4.9.3", Class::Library, "OkHttp"),
            // Words that only look like a token.
            ("Offline/2.0", Class::Library, ""),
            ("ReQQ/2.0", Class::Library, ""),
            ("MyJava/1.8", Class::Library, ""),
            ("茶 Chrome/152 茶", Class::Browser, "Chrome"),
        ] {
            let agent = of_user_agent(text);
            assert_eq!((agent.class, agent.name), (class, name), "{text}");
        }
    }

    #[test]
    fn a_browser_without_a_window_says_so_in_a_client_hint() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/152.0.0.0 \
                      Safari/537.36";
        let hint = r#""HeadlessChrome";v="152", "Not_A Brand";v="24", "Chromium";v="152""#;
        assert_eq!(classify(&headers(&[("user-agent", chrome)])).class, Class::Browser);
        for order in [[("sec-ch-ua", hint), ("user-agent", chrome)], [("user-agent", chrome), ("sec-ch-ua", hint)]] {
            let agent = classify(&headers(&order));
            assert_eq!((agent.class, agent.name), (Class::Headless, "Headless Chrome"));
        }
        let crawler = classify(&headers(&[("user-agent", "Googlebot/2.1"), ("sec-ch-ua", hint)]));
        assert_eq!((crawler.class, crawler.purpose), (Class::Crawler, Some(Purpose::Search)));
    }

    #[test]
    fn only_the_first_user_agent_counts() {
        let agent = classify(&headers(&[("user-agent", ""), ("user-agent", "Googlebot/2.1")]));
        assert_eq!(agent, Agent::default());
        assert_eq!(classify(&Headers::default()), Agent::default());
    }
}
