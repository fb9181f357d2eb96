//! Cookies (RFC 6265bis): those of a request, and the field that sets one of ours.

use super::Headers;

/// The most cookies of our name that are opened: a browser sends one, or two with different domains or paths.
const MOST: usize = 4;

/// How long a cookie is kept at most, by browsers' own rule (RFC 6265bis §5.5): 400 days.
pub const MAX_DAYS: i64 = 400;

/// The values of the first cookies of a name.
pub fn values<'h>(headers: &'h Headers, name: &str) -> impl Iterator<Item = &'h str> {
    all(headers).filter_map(move |pair| pair.strip_prefix(name)?.strip_prefix('=')).take(MOST)
}

/// All cookies of a request, `name=value`.
pub fn all(headers: &Headers) -> impl Iterator<Item = &str> {
    let lines = headers.iter().filter(|(field, _)| *field == "cookie");
    lines.flat_map(|(_, value)| value.split(';')).map(str::trim)
}

/// What is said of a cookie of ours. It is always `HttpOnly` and `SameSite=Lax`.
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a> {
    /// `Path`: visible ASCII without a semicolon.
    pub path: &'a str,
    /// `Max-Age`.
    pub seconds: i64,
    /// `Domain`; none: for this host alone.
    pub domain: Option<&'a str>,
    /// `Secure`.
    pub secure: bool,
}

/// The field `Set-Cookie` that sets a cookie.
pub fn set(name: &str, value: &str, attributes: &Attributes<'_>) -> String {
    let Attributes { path, seconds, domain, secure } = attributes;
    let secure = if *secure { "; Secure" } else { "" };
    let domain = domain.map(|domain| format!("; Domain={domain}")).unwrap_or_default();
    format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}{domain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let mut headers = Headers::default();
        headers.push("cookie", "a=b; one=1;onemore=2; one=3");
        headers.push("cookie", "one=4");
        assert_eq!(values(&headers, "one").collect::<Vec<_>>(), ["1", "3", "4"]);
        assert_eq!(all(&headers).count(), 5);
        let attributes = Attributes { path: "/p", seconds: 60, domain: None, secure: true };
        assert_eq!(set("n", "v", &attributes), "n=v; Path=/p; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
        let plain = Attributes { domain: Some("shop.example"), secure: false, ..attributes };
        assert_eq!(set("n", "v", &plain), "n=v; Path=/p; Max-Age=60; HttpOnly; SameSite=Lax; Domain=shop.example");
    }
}
