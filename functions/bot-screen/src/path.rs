//! One form of a path and of a host, so that no spelling of either dodges a rule.

/// How often a path is decoded: `%252e` is a dot to a server that decodes twice.
const MOST_DECODED: usize = 3;

/// The script before which many shops stand, and which they leave out of the paths that they read.
const FRONT: &str = "/index.php";

/// What a server may read in a path. First the canonical form, which finds a path that hides: decoded until nothing
/// changes, `\\` as `/`, without empty segments, `.`, `..`, parameters of segments (`;…`), dots and spaces at the end of
/// segments, and a slash at its end; lower case. Behind it, each once, what a server reads that decodes less, or does not
/// resolve what looks like a way up: they find a path that only pretends to lead away.
pub fn readings(path: &str) -> Vec<String> {
    if is_plain(path) && behind_front(path).or_else(|| behind_language(path)).is_none() {
        return vec![path.to_owned()];
    }
    let mut levels = vec![path.as_bytes().to_vec()];
    while let Some(bytes) = levels.last().map(|bytes| decode(bytes)).filter(|_| levels.len() <= MOST_DECODED) {
        if levels.contains(&bytes) {
            break;
        }
        levels.push(bytes);
    }
    let mut all: Vec<String> = levels.last().map(|bytes| resolved(bytes)).into_iter().collect();
    let other = if leads_nowhere_else(&levels) { &[][..] } else { &levels };
    for reading in other.iter().flat_map(|bytes| [as_it_stands(bytes), resolved(bytes)]) {
        if !all.contains(&reading) {
            all.push(reading);
        }
    }
    // Some name a country and then a language.
    for behind in [behind_front, behind_language, behind_language] {
        let shorter: Vec<String> = all.iter().filter_map(|reading| behind(reading).map(str::to_owned)).collect();
        for reading in shorter {
            if !all.contains(&reading) {
                all.push(reading);
            }
        }
    }
    all
}

/// Whether every server reads a path alike, but for parameters of segments and for dots at their ends: it is decoded once,
/// nothing in it leads up, and its segments are the same decoded or not. Servers write `;jsessionid=…` into a way back from a
/// bank just where no cookie came.
fn leads_nowhere_else(levels: &[Vec<u8>]) -> bool {
    let slashes = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'/').count();
    let (Some(first), Some(last)) = (levels.first(), levels.last()) else { return false };
    let leads =
        |bytes: &Vec<u8>| bytes.windows(2).any(|pair| pair == b"..") || bytes.iter().any(|b| matches!(b, b'\\' | 0));
    levels.len() <= 2 && slashes(first) == slashes(last) && !levels.iter().any(leads)
}

/// Whether a path has one reading, which is itself; nearly every path is so: nothing encoded, lower case, no empty segment,
/// no slash at the end, and dots only before a letter or a digit.
fn is_plain(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    let mut before = b'/';
    for byte in rest.bytes() {
        let fits = match byte {
            b'a'..=b'z' | b'0'..=b'9' => true,
            b'-' | b'_' | b'~' => before != b'.',
            b'.' => before != b'.',
            b'/' => !matches!(before, b'/' | b'.'),
            _ => false,
        };
        if !fits {
            return false;
        }
        before = byte;
    }
    rest.is_empty() || !matches!(before, b'/' | b'.')
}

/// What stands behind the script that all paths of a shop may begin with; none if this one does not.
fn behind_front(path: &str) -> Option<&str> {
    let mut rest = path;
    while let Some(behind) = rest.strip_prefix(FRONT).filter(|behind| behind.starts_with('/')) {
        rest = behind;
    }
    (rest != path).then_some(rest)
}

/// What stands behind a language or a country, such as `/en`, `/zh-cn` or `/de_at`.
fn behind_language(path: &str) -> Option<&str> {
    let inner = path.strip_prefix('/')?;
    let end = inner.find('/')?;
    let (first, behind) = inner.split_at_checked(end)?;
    let is_word = |word: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase())
    };
    let is_language = match first.split_once(['-', '_']) {
        None => is_word(first, 2..=2),
        Some((language, region)) => is_word(language, 2..=2) && is_word(region, 2..=4),
    };
    is_language.then_some(behind)
}

/// Without empty segments, lower case, and no more.
fn as_it_stands(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let segments: Vec<&str> = text.split('/').filter(|segment| !segment.is_empty()).collect();
    format!("/{}", segments.join("/"))
}

fn resolved(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace('\\', "/").to_lowercase();
    let mut segments: Vec<&str> = Vec::new();
    for segment in text.split('/') {
        let segment = segment.split(';').next().unwrap_or_default();
        match segment {
            ".." => _ = segments.pop(),
            _ => match segment.trim_end_matches(['.', ' ', '\0']) {
                "" => {}
                kept => segments.push(kept),
            },
        }
    }
    format!("/{}", segments.join("/"))
}

fn decode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, behind @ ..] = rest {
        let digit = |at: usize| behind.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high << 4 | low).unwrap_or_default());
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(*first);
                rest = behind;
            }
        }
    }
    out
}

/// A host in lower case, without a port and a dot at its end.
pub fn host(host: &str) -> String {
    let host = host.trim().to_ascii_lowercase();
    let port = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let without = match host.rsplit_once(':') {
        Some((name, digits)) if port(digits) && (name.ends_with(']') || !name.contains(':')) => name,
        _ => &host,
    };
    without.trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(path: &str) -> String {
        readings(path).remove(0)
    }

    #[test]
    fn every_spelling_of_a_path_is_one() {
        for spelling in [
            "/checkout/pay",
            "//checkout//pay",
            "/checkout/pay/",
            "/Checkout/PAY",
            "/check%6fut/pay",
            "/check%256fut/pay",
            "/x/../checkout/pay",
            "/x/%2e%2e/checkout/pay",
            "/checkout/./pay",
            "/checkout%2fpay",
            "/checkout\\pay",
            "/checkout;jsessionid=1/pay;x",
            "/checkout./pay...",
            "/checkout/pay%20",
            "/checkout/pay%00",
            "checkout/pay",
        ] {
            assert_eq!(canonical(spelling), "/checkout/pay", "{spelling}");
        }
        assert_eq!(canonical(""), "/");
        assert_eq!(canonical("/../.."), "/");
        assert_eq!(canonical("/100%"), "/100%");
        assert_eq!(canonical("/%e5%95%86"), "/商");
        assert_eq!(canonical("/%ff"), "/\u{fffd}");
        // Nothing is cut off: what is behind a long way round counts.
        assert_eq!(canonical(&format!("{}/checkout", "/a/..".repeat(20_000))), "/checkout");
    }

    #[test]
    fn what_pretends_to_lead_away_is_read_otherwise_too() {
        assert_eq!(readings("/checkout/pay"), ["/checkout/pay"]);
        for path in
            ["/checkout/..%2fhooks/x", "/checkout/%252e%252e/hooks/x", "/checkout/..;/hooks/x", "/checkout/../hooks/x"]
        {
            assert_eq!(canonical(path), "/hooks/x", "{path}");
            assert!(readings(path).iter().any(|other| other.starts_with("/checkout/")), "{path}");
        }
    }

    #[test]
    fn a_way_back_is_itself_with_parameters_and_in_other_spellings() {
        for path in [
            "/checkout/3ds-return;jsessionid=AB12",
            "/checkout/3ds%2Dreturn",
            "/checkout/3ds-return.",
            "/Checkout/3DS-return/",
        ] {
            assert_eq!(readings(path), ["/checkout/3ds-return"], "{path}");
        }
        // What hides an action is found all the same, and what may lead elsewhere keeps its readings.
        assert_eq!(readings("/cart/add;x=1"), ["/cart/add"]);
        for path in ["/hooks%2fx", "/hooks/..;/checkout", "/%2568ooks/x", "/hooks\\x"] {
            assert!(readings(path).len() > 1, "{path}");
        }
    }

    #[test]
    fn a_plain_path_is_its_only_reading() {
        // Every path of up to five such signs: what is passed over at once is what reading it at length says.
        let signs = b"/a.-%A;\\";
        let mut paths = vec![String::new()];
        for length in 1..=5 {
            let longer = paths
                .iter()
                .filter(|path| path.len() == length - 1)
                .flat_map(|path| signs.iter().map(move |sign| format!("{path}{}", char::from(*sign))));
            let longer: Vec<String> = longer.collect();
            paths.extend(longer);
        }
        let plain: Vec<&String> = paths.iter().filter(|path| is_plain(path)).collect();
        assert!(plain.len() > 40);
        for path in plain {
            assert_eq!(&resolved(path.as_bytes()), path);
            assert_eq!(&as_it_stands(path.as_bytes()), path);
            assert_eq!(&decode(path.as_bytes()), path.as_bytes());
        }
    }

    #[test]
    fn a_host_has_no_port_and_no_dot_at_its_end() {
        for (spelling, wanted) in [
            ("Shop.Example:8443", "shop.example"),
            ("shop.example.", "shop.example"),
            ("[2001:db8::1]:443", "[2001:db8::1]"),
            ("2001:db8::1", "2001:db8::1"),
            ("", ""),
        ] {
            assert_eq!(host(spelling), wanted, "{spelling}");
        }
    }
}
