//! Whether a visit is a scan: a person's navigation, or an app's signed call. Everything else is answered and not counted.

use http::Method;
use shared::agents::{self, Class, Site};
use shared::http::{Accepts, Headers};

/// What a visit is, before the ledger is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visiting {
    /// A scan.
    Scan,
    /// Something else.
    Not(Uncounted),
}

/// Why a visit is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uncounted {
    /// A prefetch, a part of another page, a link preview, a crawler, a browser without a window, HEAD.
    NotAScan,
    /// A program that does not sign.
    Program,
    /// A page of another site led here, and no act of a person's is known: perhaps a shopper, perhaps a window that nobody
    /// sees. It counts once the shopper says so.
    Unconfirmed,
}

/// What a visit is by what it says of itself. `form` is what it would rather have, `confirmed` whether the shopper tapped
/// "I scanned this".
///
/// Fetch metadata decide where a browser sends them: a scan is a navigation, of the whole window. `Sec-Fetch-Site` and
/// `-User` alone disqualify nobody: browsers say `cross-site` of links that a camera's app opens, and `?1` is often absent.
/// Browsers before 2020 (Safari: 2023), and pages without https, send none; then the user agent decides, and that a page is
/// wanted. A program can say all of that of itself. What it gains is one scan in its own network's name, and suspicion
/// counts networks.
pub fn visiting(method: &Method, headers: &Headers, form: Accepts, confirmed: bool) -> Visiting {
    let agent = agents::classify(headers);
    let fetch = agent.fetch;
    let not = |field: &str, wanted: &str| headers.get(field).is_some_and(|value| value != wanted);
    let part = not("sec-fetch-mode", "navigate") || not("sec-fetch-dest", "document");
    if *method == Method::HEAD || fetch.ahead || part {
        return Visiting::Not(Uncounted::NotAScan);
    }
    let navigates = headers.get("sec-fetch-mode").is_some();
    match agent.class {
        Class::Crawler | Class::Preview | Class::MailScanner | Class::Headless => {
            return Visiting::Not(Uncounted::NotAScan);
        }
        // What nobody knows by name only looks like a program's; a browser that says that it navigates is believed.
        Class::Library if navigates && agent.name.is_empty() => {}
        Class::Library => return Visiting::Not(Uncounted::Program),
        Class::Browser | Class::OldBrowser | Class::InApp if navigates || form == Accepts::Html => {}
        // A phone that nobody has heard of calls itself as browsers do; other words alone are no browser.
        Class::Unknown if navigates || (form == Accepts::Html && looks_like_a_browser(headers)) => {}
        Class::Browser | Class::OldBrowser | Class::InApp | Class::Unknown => {
            return Visiting::Not(Uncounted::Program);
        }
    }
    if fetch.site == Some(Site::CrossSite) && !fetch.by_user && !confirmed {
        return Visiting::Not(Uncounted::Unconfirmed);
    }
    Visiting::Scan
}

fn looks_like_a_browser(headers: &Headers) -> bool {
    headers.get("user-agent").is_some_and(|agent| agent.starts_with("Mozilla/5.0 ("))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148";
    const PIXEL: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";

    fn headers(fields: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in fields {
            headers.push(name, value);
        }
        headers
    }

    fn page(fields: &[(&str, &str)]) -> Visiting {
        visiting(&Method::GET, &headers(fields), Accepts::Html, false)
    }

    fn navigation(site: &'static str) -> Vec<(&'static str, &'static str)> {
        vec![
            ("user-agent", PIXEL),
            ("sec-fetch-site", site),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ]
    }

    const NOT_A_SCAN: Visiting = Visiting::Not(Uncounted::NotAScan);
    const PROGRAM: Visiting = Visiting::Not(Uncounted::Program);

    #[test]
    fn people_scan_whatever_their_phone_and_app_are_called() {
        for agent in [
            PHONE,
            PIXEL,
            "Mozilla/5.0 (Linux; Android 14; CUBOT KINGKONG)",
            "Mozilla/5.0 (Linux; Android 14; Talbot X1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 15 Preview; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 15 Preview) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Mobile Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [Pinterest/iOS]",
            "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36 [Pinterest/Android]",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 WhatsApp/2.24.10",
            "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36 WhatsApp/2.24.10.80",
            "Mozilla/5.0 (Linux; Android 14; PHK110; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/118.0.5993.80 Mobile Safari/537.36 MMWEBID/1 MicroMessenger/8.0.50 WeChat/arm64",
            "Mozilla/5.0 (Linux; Android 14; PHK110; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/118.0.5993.80 Mobile Safari/537.36 aweme_320300 JsSdk/1.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 NebulaSDK/1.8.100112 Nebula AliApp(AP/10.5.3) AlipayClient/10.5.3",
        ] {
            assert_eq!(page(&[("user-agent", agent)]), Visiting::Scan, "{agent}");
        }
    }

    #[test]
    fn a_navigation_counts_from_wherever_a_person_comes() {
        for site in ["none", "same-origin", "same-site"] {
            assert_eq!(page(&navigation(site)), Visiting::Scan, "{site}");
        }
        let from_a_camera = [navigation("cross-site"), vec![("sec-fetch-user", "?1")]].concat();
        assert_eq!(page(&from_a_camera), Visiting::Scan);
        assert_eq!(page(&navigation("cross-site")), Visiting::Not(Uncounted::Unconfirmed));
        let tapped = visiting(&Method::POST, &headers(&navigation("same-origin")), Accepts::Html, true);
        assert_eq!(tapped, Visiting::Scan);
        // Not all browsers know of `Sec-Fetch-Dest`; and a browser that asks for JSON navigates still.
        assert_eq!(page(&[("user-agent", PIXEL), ("sec-fetch-mode", "navigate")]), Visiting::Scan);
        let json = visiting(&Method::GET, &headers(&navigation("none")), Accepts::Json, false);
        assert_eq!(json, Visiting::Scan);
    }

    #[test]
    fn what_other_pages_fetch_takes_nothing() {
        for (mode, dest) in [
            ("no-cors", "image"),
            ("navigate", "iframe"),
            ("navigate", "frame"),
            ("navigate", "embed"),
            ("navigate", "object"),
            ("navigate", "fencedframe"),
            ("nested-navigate", "document"),
            ("no-cors", "empty"),
            ("cors", "empty"),
            ("no-cors", "style"),
            ("no-cors", "script"),
            ("websocket", "websocket"),
        ] {
            for site in ["cross-site", "same-origin", "none"] {
                let fields = [
                    ("user-agent", PIXEL),
                    ("sec-fetch-site", site),
                    ("sec-fetch-mode", mode),
                    ("sec-fetch-dest", dest),
                    ("sec-fetch-user", "?1"),
                ];
                assert_eq!(page(&fields), NOT_A_SCAN, "{mode} {dest}");
            }
        }
        for (name, value) in [
            ("sec-purpose", "prefetch;prerender"),
            ("sec-purpose", "prefetch"),
            ("purpose", "Prefetch"),
            ("x-moz", "prefetch"),
            ("x-purpose", "preview"),
        ] {
            let ahead = [navigation("cross-site"), vec![("sec-fetch-user", "?1"), (name, value)]].concat();
            assert_eq!(page(&ahead), NOT_A_SCAN, "{name}");
        }
        let head = visiting(&Method::HEAD, &headers(&navigation("none")), Accepts::Html, false);
        assert_eq!(head, NOT_A_SCAN);
    }

    #[test]
    fn what_names_itself_no_person_takes_nothing() {
        for agent in [
            "facebookexternalhit/1.1",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "WhatsApp/2.23.20.0 A",
            "Pinterest/0.2 (+https://www.pinterest.com/bot.html)",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            "Mozilla/5.0 (compatible; Bytespider; spider-feedback@bytedance.com)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/127.0.0.0 Safari/537.36",
        ] {
            for further in [vec![], navigation("none").split_off(1)] {
                let fields = [vec![("user-agent", agent)], further].concat();
                assert_eq!(page(&fields), NOT_A_SCAN, "{agent}");
            }
        }
        for agent in ["curl/8.1", "python-requests/2.32", "okhttp/4.12.0", "phone one", ""] {
            assert_eq!(page(&[("user-agent", agent)]), PROGRAM, "{agent}");
        }
        assert_eq!(page(&[]), PROGRAM);
        let odd = |agent| page(&[vec![("user-agent", agent)], navigation("none").split_off(1)].concat());
        assert_eq!((odd("phone one"), odd("curl/8.1")), (Visiting::Scan, PROGRAM));
        let json = visiting(&Method::GET, &headers(&[("user-agent", PHONE)]), Accepts::Json, false);
        assert_eq!(json, PROGRAM, "a browser asks for pages");
    }

    /// Words whose visits must not count, whatever table they come from.
    #[test]
    fn words_of_programs() {
        for word in [
            "bot",
            "crawler",
            "spider",
            "slurp",
            "preview",
            "facebookexternalhit",
            "facebookcatalog",
            "telegrambot",
            "twitterbot",
            "linkedinbot",
            "slackbot",
            "discordbot",
            "skypeuripreview",
            "embedly",
            "vkshare",
            "google-read-aloud",
            "google-safety",
            "googleother",
            "bingpreview",
            "bytespider",
            "petalbot",
            "baiduspider",
            "360spider",
            "sogou web",
            "yisouspider",
            "headlesschrome-prerender",
            "lighthouse",
            "gtmetrix",
            "pingdom",
            "uptimerobot",
            "monitoring",
            "feedfetcher",
            "scan.safebrowsing",
            "link-check",
            "linkcheck",
        ] {
            for agent in [word.to_owned(), format!("{PHONE} x{}1", word.to_ascii_uppercase())] {
                assert_ne!(page(&[("user-agent", &agent)]), Visiting::Scan, "{agent}");
            }
        }
    }
}
