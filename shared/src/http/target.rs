//! The request target, brought to one form on every host.

/// Host, path and query of a request.
///
/// Hosts differ in what they make of a target: workerd resolves `..` but not `%2e%2e`, and shows non-ASCII decoded;
/// hyper, under Spin, hands over what was sent. [`Target::new`] applies the part of the URL Standard's path rules that
/// a client can make visible, so that all hosts see the same text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Host and, if it is not the scheme's default, port; lower case.
    pub host: String,
    /// Path as sent: percent-encoded, starting with `/`.
    pub path: String,
    /// Query without `?`; absent and empty are one.
    pub query: String,
}

impl Target {
    /// From an authority and a path with query (`/a/b?c`), as an HTTP server has them.
    pub fn new(authority: &str, path_and_query: &str) -> Target {
        if path_and_query.starts_with('/') && path_and_query.bytes().all(is_plain) {
            return Target { host: normal_host(authority), path: path_and_query.to_owned(), query: String::new() };
        }
        let without_fragment = path_and_query.split('#').next().unwrap_or("");
        let (path, query) = without_fragment.split_once('?').unwrap_or((without_fragment, ""));
        Target { host: normal_host(authority), path: normal_path(path), query: encode(query, QUERY) }
    }

    /// From an absolute `http(s)` URL.
    pub fn from_url(url: &str) -> Target {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let path_at = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(path_at).unwrap_or((rest, ""));
        Target::new(authority, path)
    }
}

fn normal_host(authority: &str) -> String {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.strip_suffix(":80").or_else(|| host.strip_suffix(":443")).unwrap_or(host);
    host.to_ascii_lowercase()
}

/// What no rule here changes; nearly every target consists of it.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'~')
}

/// Code points that the URL Standard percent-encodes in a path, besides controls and non-ASCII.
const PATH: &[u8] = b" \"#<>?^`{}";
/// The same for a query of a special scheme.
const QUERY: &[u8] = b" \"#<>'";

fn encode(text: &str, set: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    if !text.bytes().any(|byte| byte <= 0x1f || byte >= 0x7f || set.contains(&byte)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte <= 0x1f || byte >= 0x7f || set.contains(&byte) {
            out.push('%');
            for nibble in [byte >> 4, byte & 15] {
                out.push(char::from(HEX.get(usize::from(nibble)).copied().unwrap_or(b'0')));
            }
        } else {
            out.push(char::from(byte));
        }
    }
    out
}

/// URL Standard, path state: `\` is `/`, `.` and `..` segments (also as `%2e`) are resolved.
fn normal_path(path: &str) -> String {
    let path = path.replace('\\', "/");
    let body = path.strip_prefix('/').unwrap_or(&path);
    let mut segments: Vec<&str> = Vec::new();
    let mut rest = body.split('/').peekable();
    while let Some(segment) = rest.next() {
        let is_last = rest.peek().is_none();
        match segment.to_ascii_lowercase().replace("%2e", ".").as_str() {
            "." if is_last => segments.push(""),
            "." => {}
            ".." => {
                segments.pop();
                if is_last {
                    segments.push("");
                }
            }
            _ => segments.push(segment),
        }
    }
    format!("/{}", encode(&segments.join("/"), PATH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_in_give_one_form() {
        // Right: what workerd's `request.url` is for the target on the left.
        let cases = [
            ("/a/b?c=d", "http://Host.Example:80/a/b?c=d"),
            ("/a/../b/./c", "http://host.example/b/c"),
            ("/a/%2E%2e/b/.", "http://host.example/b/"),
            ("/..", "http://host.example/"),
            ("/a\\b", "http://host.example/a/b"),
            ("/\u{8336}?q=\u{8336}", "http://host.example/%E8%8C%B6?q=%E8%8C%B6"),
            ("/%zz", "http://host.example/%zz"),
            ("/a//b/", "http://host.example/a//b/"),
            ("/", "http://host.example/"),
            ("/a/%2e%2e/b", "http://host.example:80/a/%2E%2E/b"),
            ("/a<b>\"'`{}", "http://host.example/a%3Cb%3E%22'%60%7B%7D"),
        ];
        for (sent, url) in cases {
            assert_eq!(Target::new("HOST.example", sent), Target::from_url(url), "{sent}");
        }
    }

    #[test]
    fn default_ports_vanish_and_others_stay() {
        assert_eq!(Target::new("Localhost:8787", "/").host, "localhost:8787");
        assert_eq!(Target::new("t.example:443", "/").host, "t.example");
        assert_eq!(Target::from_url("https://t.example").path, "/");
    }
}
