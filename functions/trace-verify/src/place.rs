//! Where a visitor is, as a proxy of the deployment's own tells it: for hosts that know no places (Spin).
//!
//! Whoever reaches the function past that proxy could write these fields too, as with `X-Forwarded-For`. So they are read only
//! where `TRACE_HOPS` says that there is such a proxy, which must set each of them itself, whatever a client sent.

use shared::http::{Headers, percent_decode};
use shared::platform::Place;

/// The most characters of a name.
const MAX_NAME: usize = 60;

/// In which fields a proxy tells it. `TRACE_PLACE`: `country=FIELD[,region=FIELD][,city=FIELD][,asn=FIELD]`; `FIELD/KEY` is
/// one member of a field of the form `key=value,key=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    country: Field,
    region: Option<Field>,
    city: Option<Field>,
    asn: Option<Field>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Field {
    name: String,
    key: Option<String>,
}

impl Fields {
    /// From configuration.
    ///
    /// # Errors
    /// What is wanted.
    pub fn parse(text: &str) -> Result<Fields, String> {
        let wanted = || "country=FIELD[,region=FIELD][,city=FIELD][,asn=FIELD], each FIELD a header field".to_owned();
        let [mut country, mut region, mut city, mut asn] = [None, None, None, None];
        for entry in text.split(',') {
            let (what, field) = entry.split_once('=').ok_or_else(wanted)?;
            let place = match what.trim() {
                "country" => &mut country,
                "region" => &mut region,
                "city" => &mut city,
                "asn" => &mut asn,
                _ => return Err(wanted()),
            };
            if place.replace(Field::parse(field.trim()).ok_or_else(wanted)?).is_some() {
                return Err(wanted());
            }
        }
        Ok(Fields { country: country.ok_or_else(wanted)?, region, city, asn })
    }

    /// From configuration, behind so many proxies of one's own.
    ///
    /// # Errors
    /// What is wanted.
    pub fn parse_behind(hops: usize, text: &str) -> Result<Fields, String> {
        if hops == 0 {
            return Err("only with TRACE_HOPS: without a proxy of one's own any client could write it".to_owned());
        }
        Fields::parse(text)
    }

    /// Where, and in whose network (the number of the autonomous system), as far as the fields say it.
    pub fn read(&self, headers: &Headers) -> (Option<Place>, Option<u32>) {
        let value = |field: &Option<Field>| field.as_ref()?.read(headers);
        let asn = value(&self.asn).and_then(|text| text.trim_start_matches(['A', 'S', 'a', 's']).parse().ok());
        let country = self.country.read(headers).filter(|code| is_country(code));
        let place = country.map(|country| Place {
            country: country.to_ascii_uppercase(),
            region: value(&self.region),
            city: value(&self.city),
        });
        (place, asn.filter(|asn| *asn > 0))
    }
}

/// ISO 3166-1 alpha-2; `XX` and `ZZ` are nobody's, and `T1` is what Cloudflare says of Tor.
fn is_country(code: &str) -> bool {
    code.len() == 2
        && code.bytes().all(|b| b.is_ascii_alphabetic())
        && !["XX", "ZZ"].iter().any(|none| none.eq_ignore_ascii_case(code))
}

impl Field {
    fn parse(text: &str) -> Option<Field> {
        let (name, key) = text.split_once('/').map_or((text, None), |(name, key)| (name, Some(key)));
        let is_token = |text: &str| {
            !text.is_empty()
                && text.len() <= 64
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        let sound = is_token(name) && key.is_none_or(is_token);
        sound.then(|| Field { name: name.to_ascii_lowercase(), key: key.map(str::to_owned) })
    }

    /// Its value, if it says something: the last one, for a proxy that adds its own writes it behind what a client sent.
    /// CloudFront and others percent-encode what is not ASCII.
    fn read(&self, headers: &Headers) -> Option<String> {
        let whole = headers.last(&self.name)?;
        let value = match &self.key {
            None => whole,
            Some(key) => whole.split(',').filter_map(|part| part.trim().split_once('=')).find(|(k, _)| k == key)?.1,
        };
        let decoded = percent_decode(value.trim()).and_then(|bytes| String::from_utf8(bytes).ok())?;
        let name = decoded.trim();
        let says_nothing = ["", "-", "?"].contains(&name) || name.eq_ignore_ascii_case("unknown");
        let sound =
            name.chars().count() <= MAX_NAME && shared::visible::hidden(name).is_none() && !name.contains('\u{fffd}');
        (!says_nothing && sound).then(|| name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn headers(fields: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in fields {
            headers.push(name, value);
        }
        headers
    }

    fn place(country: &str, region: Option<&str>, city: Option<&str>) -> Option<Place> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Some(Place { country: country.to_owned(), region: owned(region), city: owned(city) })
    }

    #[test]
    fn what_a_proxy_says_is_read() {
        let cloudfront = Fields::parse(
            "country=CloudFront-Viewer-Country, region=cloudfront-viewer-country-region,\
             city=cloudfront-viewer-city,asn=cloudfront-viewer-asn",
        )
        .unwrap();
        let says = headers(&[
            ("cloudfront-viewer-country", "cn"),
            ("cloudfront-viewer-country-region", "ZJ"),
            ("cloudfront-viewer-city", "%E6%9D%AD%E5%B7%9E"),
            ("cloudfront-viewer-asn", "4134"),
        ]);
        assert_eq!(cloudfront.read(&says), (place("CN", Some("ZJ"), Some("杭州")), Some(4134)));
        let akamai = Fields::parse(
            "country=x-akamai-edgescape/country_code,region=x-akamai-edgescape/region_code,\
             city=x-akamai-edgescape/city,asn=x-akamai-edgescape/asnum",
        )
        .unwrap();
        let says = "georegion=49,country_code=CN,region_code=ZJ,city=HANGZHOU,asnum=4134";
        let says = headers(&[("x-akamai-edgescape", "country_code=US,city=FORGED"), ("x-akamai-edgescape", says)]);
        assert_eq!(akamai.read(&says), (place("CN", Some("ZJ"), Some("HANGZHOU")), Some(4134)));
    }

    #[test]
    fn what_says_nothing_is_unknown() {
        let fields = Fields::parse("country=c,city=t,asn=a").unwrap();
        let read = |country, city, asn| fields.read(&headers(&[("c", country), ("t", city), ("a", asn)]));
        assert_eq!(read("CN", "Hangzhou", "AS4134"), (place("CN", None, Some("Hangzhou")), Some(4134)));
        for country in ["", "XX", "zz", "T1", "CHN", "C%20", "中国"] {
            assert_eq!(read(country, "Hangzhou", "4134"), (None, Some(4134)), "{country}");
        }
        let long = "h".repeat(61);
        for city in ["", " ", "-", "?", "Unknown", "%ff", "%zz", "a%0ab", "a%E2%80%AEb", "\u{fffd}", &long] {
            assert_eq!(read("CN", city, "0"), (place("CN", None, None), None), "{city}");
        }
        for asn in ["", "-4", "4294967296", "AS", "4134 4808"] {
            assert_eq!(read("CN", "", asn).1, None, "{asn}");
        }
        assert_eq!(fields.read(&Headers::default()), (None, None));
    }

    #[test]
    fn what_is_no_configuration_is_refused() {
        for text in [
            "",
            "country",
            "city=c",
            "country=a,country=b",
            "country=a,town=b",
            "country=",
            "country=a b",
            "country=a,",
        ] {
            assert!(Fields::parse(text).is_err(), "{text}");
        }
    }
}
