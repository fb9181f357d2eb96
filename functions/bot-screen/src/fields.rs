//! Where the account, the item and the session stand in a request, to be counted.

use serde_json::Value;
use shared::http::decode_all_pairs;

use crate::request::Request;

/// The longest value that is counted, in bytes; a longer one is cut, and so is one client.
const LONGEST: usize = 200;
/// The most values of one kind that are counted, the first and the last of them: servers differ in which they take.
const MOST: usize = 8;

/// The fields of a request, read once.
pub struct Fields<'r> {
    /// Names in lower case, without what stands behind `[`, and their values.
    named: Vec<(String, String)>,
    path: &'r str,
}

impl<'r> Fields<'r> {
    /// Of its body (JSON or a form) and its query.
    pub fn of(request: &Request, path: &'r str) -> Fields<'r> {
        let mut named = Vec::new();
        if let Some(body) = &request.body {
            of_body(body.trim_start_matches('\u{feff}').trim_start(), &mut named);
        }
        named.extend(decode_all_pairs(&request.query).map(|(name, value)| (plain(&name), value)));
        Fields { named, path }
    }

    /// The values under these names, whichever of them a server takes. A name is that of a field, or `path:4` for the
    /// fourth segment of the path.
    pub fn values(&self, names: &str) -> Vec<String> {
        let mut values: Vec<String> = Vec::new();
        for name in names.split(' ').filter(|name| !name.is_empty()) {
            let place = name.strip_prefix("path:").and_then(|place| place.parse().ok());
            let found: Vec<&str> = match place {
                Some(place) => segment(self.path, place).into_iter().collect(),
                None => self.named.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect(),
            };
            for value in found.into_iter().map(canonical).filter(|value| !value.is_empty()) {
                if !values.contains(&value) {
                    values.push(value);
                }
            }
        }
        if values.len() > MOST {
            let last = values.split_off(values.len().saturating_sub(MOST / 2));
            values.truncate(MOST / 2);
            values.extend(last);
        }
        values
    }
}

fn of_body(text: &str, named: &mut Vec<(String, String)>) {
    let json = if text.starts_with(['{', '[']) { serde_json::from_str::<Value>(text).ok() } else { None };
    let Some(json) = json else {
        named.extend(decode_all_pairs(text).map(|(name, value)| (plain(&name), value)));
        return;
    };
    let objects = match &json {
        Value::Array(items) => items.iter().take(MOST).collect(),
        other => vec![other],
    };
    for (name, value) in objects.into_iter().filter_map(Value::as_object).flatten() {
        match value {
            Value::String(text) => named.push((plain(name), text.clone())),
            Value::Number(number) => named.push((plain(name), number.to_string())),
            _ => {}
        }
    }
}

/// A name as servers compare them.
fn plain(name: &str) -> String {
    name.split(['[', '\0']).next().unwrap_or_default().trim().to_lowercase()
}

fn segment(path: &str, place: usize) -> Option<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).nth(place.checked_sub(1)?)
}

/// One spelling: without spaces and what cannot be seen, full width as ASCII, lower case, without dots at the end, and an
/// e-mail address without what stands behind `+`.
fn canonical(value: &str) -> String {
    let ascii = |c: char| match u32::from(c) {
        code @ 0xff01..=0xff5e => char::from_u32(code.saturating_sub(0xfee0)).unwrap_or(c),
        _ => c,
    };
    let unseen = |c: &char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    };
    let text: String = value.chars().filter(|c| !unseen(c)).map(ascii).flat_map(char::to_lowercase).collect();
    let text = text.trim_end_matches('.');
    let text = match text.split_once('@') {
        Some((name, domain)) => format!("{}@{domain}", name.split('+').next().unwrap_or_default()),
        None => text.to_owned(),
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
            ("/login", r#"{"email":" Zhang.San+x@Example.COM "}"#, &["zhang.san@example.com"][..]),
            ("/login", r#"{"account":138,"Email":"a@b.c"}"#, &["138", "a@b.c"]),
            ("/login", "email=a%40b.c&x=1", &["a@b.c"]),
            ("/login", "email=x%40b.c&email[]=a%40b.c.", &["x@b.c", "a@b.c"]),
            ("/login?account=Ａbc", "", &["abc"]),
            ("/rest/carts/Q1W2/pay", "{}", &["q1w2"]),
            ("/login", r#"{"account":{"deep":1}}"#, &[]),
            ("/login", "{&email=a@b.c", &["a@b.c"]),
            ("/login", "\u{feff}[{\"email\":\"a\u{200b}@b.c\"}]", &["a@b.c"]),
            ("/login", "account=%20", &[]),
        ] {
            let request = request(url, body);
            assert_eq!(Fields::of(&request, &request.paths[0]).values(names), wanted, "{url} {body}");
        }
        let many: String = (0..100).map(|n| format!("email={n}&")).collect();
        let request = request("/login", &many);
        assert_eq!(Fields::of(&request, "/login").values("email"), ["0", "1", "2", "3", "96", "97", "98", "99"]);
    }
}
