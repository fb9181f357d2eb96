//! Where the account, the item and the session stand in a request, to be counted.

use serde_json::Value;
use shared::http::decode_pairs;

use crate::request::Request;

/// The longest value that is counted, in bytes; a longer one is cut, and so is one client.
const LONGEST: usize = 200;

/// A value of a request: of the first of these names that is there. A name is that of a field of the body (JSON or a
/// form) or of the query, or `path:4` for the fourth segment of the path.
pub fn value(request: &Request, path: &str, names: &str) -> Option<String> {
    let body = Body::of(request);
    let one = |name: &str| match name.strip_prefix("path:") {
        Some(place) => segment(path, place.parse().ok()?),
        None => body.get(name).or_else(|| query(&request.query, name)),
    };
    names.split(' ').filter(|name| !name.is_empty()).find_map(one).map(|value| canonical(&value))
}

enum Body {
    Json(Value),
    Form(String),
    None,
}

impl Body {
    fn of(request: &Request) -> Body {
        let Some(text) = &request.body else { return Body::None };
        if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_or(Body::None, Body::Json)
        } else {
            Body::Form(text.clone())
        }
    }

    fn get(&self, name: &str) -> Option<String> {
        match self {
            Body::Json(value) => match value.get(name)? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            },
            Body::Form(text) => query(text, name),
            Body::None => None,
        }
        .filter(|value| !value.trim().is_empty())
    }
}

fn query(text: &str, name: &str) -> Option<String> {
    decode_pairs(text).find(|(known, _)| known == name).map(|(_, value)| value).filter(|value| !value.trim().is_empty())
}

fn segment(path: &str, place: usize) -> Option<String> {
    path.split('/').filter(|segment| !segment.is_empty()).nth(place.checked_sub(1)?).map(str::to_owned)
}

/// One spelling: without spaces, full width as ASCII, lower case, and an e-mail address without what stands behind `+`.
fn canonical(value: &str) -> String {
    let ascii = |c: char| match u32::from(c) {
        code @ 0xff01..=0xff5e => char::from_u32(code.saturating_sub(0xfee0)).unwrap_or(c),
        _ => c,
    };
    let text: String = value.chars().filter(|c| !c.is_whitespace()).map(ascii).flat_map(char::to_lowercase).collect();
    let text = match text.split_once('@') {
        Some((name, domain)) => format!("{}@{domain}", name.split('+').next().unwrap_or_default()),
        None => text,
    };
    let end = (0..=text.len().min(LONGEST)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(url: &str, body: &str) -> Request {
        let told = json!({ "method": "POST", "url": url, "body": body });
        Request::read(told.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn an_account_is_found_in_json_forms_queries_and_paths() {
        let names = "account email path:3";
        for (url, body, wanted) in [
            ("/login", r#"{"email":" Zhang.San+x@Example.COM "}"#, Some("zhang.san@example.com")),
            ("/login", r#"{"account":138,"email":"a@b.c"}"#, Some("138")),
            ("/login", "email=a%40b.c&x=1", Some("a@b.c")),
            ("/login?account=Ａbc", "", Some("abc")),
            ("/rest/carts/Q1W2/pay", "{}", Some("q1w2")),
            ("/login", r#"{"account":{"deep":1}}"#, None),
            ("/login", "{", None),
            ("/login", "account=%20", None),
        ] {
            let request = request(url, body);
            assert_eq!(value(&request, &request.paths[0], names).as_deref(), wanted, "{url} {body}");
        }
    }
}
