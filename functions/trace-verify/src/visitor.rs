//! Who looks: a person's device, recognised by a tag for this piece and period alone, or something that is no scan.

use http::Method;
use shared::agents::{self, Class};
use shared::crockford;
use shared::http::Headers;
use shared::mac::{self, MacKey, Secret};

const DAY_MS: i64 = 86_400_000;
/// Symbols of a device tag: 60 bits.
const TAG_SYMBOLS: u32 = 12;

/// Makes device tags. The key is derived from `TRACE_DEVICE_SECRET`.
pub struct DeviceTagger {
    key: MacKey,
}

/// A device's tags for one piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceTags {
    /// For the present period.
    pub current: String,
    /// For the period before: a device is the same across the change.
    pub previous: String,
}

impl DeviceTagger {
    /// From the deployment's secret.
    pub fn new(secret: &Secret) -> DeviceTagger {
        DeviceTagger { key: MacKey::new(&mac::derive(secret, "venditor/trace/v1/device")) }
    }

    /// The tags of whoever sent `headers`, for one piece, in periods of `rotation_days`, at least 1.
    ///
    /// Covered: period, piece, network address (IPv6: the /64 that a household shares), `User-Agent`, and what a proxy
    /// says of the address behind it. None of it is kept; without the key none of it can be guessed back; and since the
    /// piece is covered, two pieces' tags of one device have nothing in common.
    ///
    /// What is stored under another `rotation_days` stays as it is, and so do counts. But periods are numbered anew: a
    /// device that scanned a piece before the change is not recognised once, and counts as one more. A number that comes
    /// back years later only makes a device recognised again.
    pub fn tags(
        &self,
        headers: &Headers,
        address: Option<&str>,
        item: &str,
        now_ms: i64,
        rotation_days: i64,
    ) -> DeviceTags {
        let period = now_ms.div_euclid(DAY_MS.saturating_mul(rotation_days.max(1)));
        let network = address.map(network).unwrap_or_default();
        let agent = headers.get("user-agent").unwrap_or_default();
        let forwarded = headers.combined("x-forwarded-for").unwrap_or_default();
        let tag = |period: i64| {
            let parts: [&[u8]; 9] = [
                &period.to_be_bytes(),
                item.as_bytes(),
                b"\0",
                network.as_bytes(),
                b"\0",
                agent.as_bytes(),
                b"\0",
                forwarded.as_bytes(),
                b"\0",
            ];
            let bits = mac::leftmost_u64(&self.key.tag(&parts), TAG_SYMBOLS.saturating_mul(crockford::BITS));
            crockford::symbols(u128::from(bits), TAG_SYMBOLS).collect()
        };
        DeviceTags { current: tag(period), previous: tag(period.saturating_sub(1)) }
    }
}

/// IPv4 as it is; of IPv6 the first four groups, since a device changes the rest by itself (RFC 8981).
fn network(address: &str) -> String {
    match address.parse::<std::net::Ipv6Addr>() {
        Ok(v6) => v6.segments().iter().take(4).map(|s| format!("{s:x}:")).collect(),
        Err(_) => address.to_owned(),
    }
}

/// Whether a visit may count as a scan. It may not if
/// - the method is HEAD;
/// - the browser says that it only fetches ahead (`Sec-Purpose`, `Purpose`, `X-Purpose`, `X-Moz`);
/// - the user agent names itself a crawler (a monitor among them), a link preview or a mail scanner.
///
/// No user agent at all is *unknown*, and counts, and so does a program's library: a warning too many is better than a
/// copy unseen.
pub fn may_count(method: &Method, headers: &Headers) -> bool {
    let agent = agents::classify(headers);
    let person_or_unknown = match agent.class {
        Class::Unknown | Class::OldBrowser | Class::Browser | Class::InApp | Class::Library | Class::Headless => true,
        Class::Crawler | Class::Preview | Class::MailScanner => false,
    };
    *method != Method::HEAD && !agent.fetch.ahead && person_or_unknown
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

    const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148";

    #[test]
    fn what_is_no_scan() {
        assert!(may_count(&Method::GET, &headers(&[("user-agent", PHONE)])));
        assert!(may_count(&Method::GET, &headers(&[("user-agent", "curl/8.1")])));
        assert!(may_count(&Method::GET, &headers(&[("user-agent", "Mozilla/5.0 HeadlessChrome/127.0 Safari/537.36")])));
        assert!(may_count(&Method::GET, &headers(&[("user-agent", "Mozilla/5.0 MicroMessenger/8.0.50 WeChat/arm64")])));
        assert!(!may_count(&Method::HEAD, &headers(&[("user-agent", PHONE)])));
        assert!(may_count(&Method::GET, &headers(&[])));
        assert!(may_count(
            &Method::GET,
            &headers(&[("user-agent", "Mozilla/5.0 (Linux; Android 14; CUBOT KINGKONG)")])
        ));
        for (name, value) in [
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "Prefetch"),
            ("x-moz", "prefetch"),
            ("x-purpose", "preview"),
        ] {
            assert!(!may_count(&Method::GET, &headers(&[("user-agent", PHONE), (name, value)])), "{name}");
        }
        // Words whose visits must not count, whatever table they come from.
        for word in [
            "bot",
            "crawler",
            "spider",
            "slurp",
            "preview",
            "facebookexternalhit",
            "facebookcatalog",
            "whatsapp",
            "telegrambot",
            "twitterbot",
            "linkedinbot",
            "slackbot",
            "discordbot",
            "skypeuripreview",
            "embedly",
            "pinterest",
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
                assert!(!may_count(&Method::GET, &headers(&[("user-agent", &agent)])), "{agent}");
            }
        }
        for agent in ["facebookexternalhit/1.1", "Mozilla/5.0 (compatible; Googlebot/2.1)", "WhatsApp/2.23"] {
            assert!(!may_count(&Method::GET, &headers(&[("user-agent", agent)])), "{agent}");
        }
    }

    #[test]
    fn tags_hold_within_a_period_and_link_nothing() {
        let tagger = DeviceTagger::new(&Secret::new([7; 32]));
        let phone = headers(&[("user-agent", PHONE)]);
        let day = 30 * DAY_MS;
        let tags = tagger.tags(&phone, Some("192.0.2.1"), "a", 5 * day, 30);
        assert_eq!(tags.current.len(), 12);
        assert_eq!(tags, tagger.tags(&phone, Some("192.0.2.1"), "a", 5 * day + day - 1, 30));
        assert_eq!(tagger.tags(&phone, Some("192.0.2.1"), "a", 6 * day, 30).previous, tags.current);
        for other in [
            tagger.tags(&phone, Some("192.0.2.2"), "a", 5 * day, 30),
            tagger.tags(&phone, Some("192.0.2.1"), "b", 5 * day, 30),
            tagger.tags(&headers(&[("user-agent", "other")]), Some("192.0.2.1"), "a", 5 * day, 30),
            DeviceTagger::new(&Secret::new([8; 32])).tags(&phone, Some("192.0.2.1"), "a", 5 * day, 30),
        ] {
            assert_ne!(other.current, tags.current);
        }
        // Other periods are other tags, and a pack without sense ends no process.
        assert_ne!(tagger.tags(&phone, Some("192.0.2.1"), "a", 5 * day, 60).current, tags.current);
        assert_ne!(tagger.tags(&phone, Some("192.0.2.1"), "a", 5 * day, 60).previous, tags.current);
        assert_eq!(tagger.tags(&phone, None, "a", day, 0), tagger.tags(&phone, None, "a", day, 1));
        assert_eq!(tagger.tags(&phone, None, "a", day, i64::MAX), tagger.tags(&phone, None, "a", 0, i64::MAX));
        let v6 = |address| tagger.tags(&phone, Some(address), "a", 0, 30).current;
        assert_eq!(v6("2001:db8:1:2:aaaa::1"), v6("2001:db8:1:2:bbbb::2"));
        assert_ne!(v6("2001:db8:1:2::1"), v6("2001:db8:1:3::1"));
    }
}
