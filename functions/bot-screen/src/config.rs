//! This function's configuration, parsed once.

use shared::address::hops;
use shared::config::{ConfigError, parsed};
use shared::origin::Origin;
use shared::platform::Variables;
use shared::policy::{Trust, TrustNames};

use crate::auth::Callers;
use crate::pass::Cookie;
use crate::seal::Keys;

const TRUST: TrustNames = TrustNames {
    roots: "SCREEN_ROOT_KEY",
    keyset_minimum: "SCREEN_KEYSET_MINIMUM",
    signers: "SCREEN_POLICY_SIGNERS",
    minimum: "SCREEN_POLICY_MINIMUM",
};

/// The least number of keys that must sign a policy pack: no money moves by it.
const SIGNERS: usize = 1;

/// All of it.
pub struct Config {
    /// `SCREEN_CALLERS` (secret): who may ask, see [`Callers`]. `SCREEN_AUTHORITIES`: where this deployment is reached,
    /// `host[:port]`, comma-separated; if set, signatures must cover `@authority`, and it must be one of these.
    pub callers: Callers,
    /// `SCREEN_PASS_KEYS` (secret): what challenges and passes are sealed with, see [`Keys`]. Without them nobody is
    /// challenged and nothing is counted: who would be challenged is told to come later.
    pub keys: Option<Keys>,
    /// `SCREEN_COOKIE_DOMAIN`: the domain whose hosts share a pass, such as `shop.example`; without it, a pass is for one
    /// host. `plain` is for development without https.
    pub cookie: Cookie,
    /// `SCREEN_ORIGIN`: where requests go on to that come here themselves; without it, only questions are answered.
    pub origin: Option<Origin>,
    /// `SCREEN_CORS_ORIGINS`: the origins whose pages may read our own answers by script, `https://host[:port]`,
    /// comma-separated.
    pub cors_origins: Vec<String>,
    /// `SCREEN_HOPS`: how many proxies of one's own stand before this function and write `X-Forwarded-For`; 0 is none,
    /// and then the client's address is the one that the host sees.
    pub hops: usize,
    /// `SCREEN_ORIGINAL`: the header fields in which a proxy says what it was asked, see [`Original`].
    pub original: Original,
    /// Whom to believe when a policy pack is published; without it, the bundled one is the only one. `SCREEN_ROOT_KEY`:
    /// the public keys that may sign the key set, `kid:base64url[,…]`. `SCREEN_KEYSET_MINIMUM`,
    /// `SCREEN_POLICY_SIGNERS`, `SCREEN_POLICY_MINIMUM`: see [`TrustNames`].
    pub trust: Option<Trust>,
}

/// The header fields in which a proxy says what it was asked: `method=name,uri=name,host=name,address=name`, each of them
/// optional. Others are those of the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// The method; `x-original-method`.
    pub method: String,
    /// Path and query, or an absolute URL; `x-original-uri`.
    pub uri: String,
    /// The host; `x-original-host`.
    pub host: String,
    /// The client's address; `x-original-address`.
    pub address: String,
}

impl Default for Original {
    fn default() -> Original {
        let name = |what: &str| format!("x-original-{what}");
        Original { method: name("method"), uri: name("uri"), host: name("host"), address: name("address") }
    }
}

impl Original {
    fn parse(text: &str) -> Result<Original, String> {
        let mut original = Original::default();
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (what, name) = pair.split_once('=').ok_or("pairs of what=field, comma-separated")?;
            let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            if name.is_empty() || !name.bytes().all(is_name) {
                return Err("names of header fields in lower case".to_owned());
            }
            let field = match what {
                "method" => &mut original.method,
                "uri" => &mut original.uri,
                "host" => &mut original.host,
                "address" => &mut original.address,
                _ => return Err("method, uri, host and address".to_owned()),
            };
            name.clone_into(field);
        }
        Ok(original)
    }

    /// Whether a field is one of these.
    pub fn has(&self, name: &str) -> bool {
        [&self.method, &self.uri, &self.host, &self.address].into_iter().any(|field| field == name)
    }
}

impl Config {
    /// Reads and parses it.
    ///
    /// # Errors
    /// The first key at fault.
    pub async fn read(variables: &impl Variables) -> Result<Config, ConfigError> {
        let callers = Callers::read(variables, "SCREEN_CALLERS", "SCREEN_AUTHORITIES").await?;
        let original = parsed(variables, "SCREEN_ORIGINAL", Original::parse).await?.unwrap_or_default();
        let keys = parsed(variables, "SCREEN_PASS_KEYS", Keys::parse).await?;
        let cookie = parsed(variables, "SCREEN_COOKIE_DOMAIN", cookie).await?.unwrap_or(Cookie::Host);
        let origin = parsed(variables, "SCREEN_ORIGIN", |text| Origin::parse(text).map_err(|e| e.to_string())).await?;
        let cors_origins = parsed(variables, "SCREEN_CORS_ORIGINS", cors_origins).await?.unwrap_or_default();
        let hops = parsed(variables, "SCREEN_HOPS", hops).await?.unwrap_or(0);
        let trust = Trust::read(variables, SIGNERS, &TRUST).await?;
        Ok(Config { callers, keys, cookie, origin, cors_origins, hops, original, trust })
    }
}

fn cookie(text: &str) -> Result<Cookie, String> {
    let is_domain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    match text {
        "plain" => Ok(Cookie::Plain),
        _ if text.contains('.') && text.bytes().all(is_domain) && !text.starts_with('.') => {
            Ok(Cookie::Domain(text.to_owned()))
        }
        _ => Err("a domain in lower case such as shop.example, or plain".to_owned()),
    }
}

/// Each as browsers write it, to be compared with.
fn cors_origins(text: &str) -> Result<Vec<String>, String> {
    let told = text.split(',').map(str::trim).filter(|one| !one.is_empty());
    told.map(|one| Origin::parse(one).map(|origin| origin.to_string()).map_err(|e| e.to_string())).collect()
}

#[cfg(test)]
mod tests {
    use super::{Cookie, Original, cookie, cors_origins};

    #[test]
    fn a_domain_is_one() {
        assert_eq!(cookie("shop.example"), Ok(Cookie::Domain("shop.example".to_owned())));
        assert_eq!(cookie("plain"), Ok(Cookie::Plain));
        for bad in ["example", ".shop.example", "Shop.example", "shop.example; Secure"] {
            assert!(cookie(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_origin_is_as_browsers_write_it() {
        let two = "https://www.Shop.example:443, http://[::1]:8080";
        assert_eq!(cors_origins(two).unwrap(), ["https://www.shop.example", "http://[::1]:8080"]);
        for bad in ["*", "null", "www.shop.example", "https://shop.example/", "http://shop.example"] {
            assert!(cors_origins(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_proxy_may_call_its_fields_otherwise() {
        assert_eq!(Original::parse(""), Ok(Original::default()));
        let other = Original::parse("uri=x-forwarded-uri, address=x-real-ip").unwrap();
        assert_eq!((other.uri.as_str(), other.address.as_str()), ("x-forwarded-uri", "x-real-ip"));
        assert!(other.has("x-original-method") && !other.has("x-original-uri"));
        for bad in ["uri", "uri=", "uri=X-Uri", "path=x-path"] {
            assert!(Original::parse(bad).is_err(), "{bad}");
        }
    }
}
