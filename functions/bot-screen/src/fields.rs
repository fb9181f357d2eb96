//! Where the account, the item and the session stand in a request, to be counted.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::http::decode_all_pairs;

use crate::query::without_tags;
use crate::request::Request;

/// The longest value that is counted, in bytes; a longer one is cut, and so is one client.
const LONGEST: usize = 200;
/// The most values of one kind that are counted: the first and the last of each name, for servers differ in which they take.
const MOST: usize = 8;
/// The least that is counted of each name, however many values others have: none hides behind them.
const LEAST: usize = 2;

/// How deep JSON is looked into.
const DEEPEST: usize = 6;
/// The longest name of a field that is compared whole, in bytes.
const LONGEST_NAME: usize = 64;

/// The names of fields that a pack asks for, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(Vec<Box<str>>);

impl Names {
    /// Of lists with spaces in between: `name`, `name=value` or `path:4`, which is none.
    pub fn of<'n>(lists: impl Iterator<Item = &'n str>) -> Names {
        let name = |one: &'n str| one.split('=').next().filter(|name| !name.is_empty() && !name.starts_with("path:"));
        let mut names: Vec<Box<str>> = lists.flat_map(|list| list.split(' ')).filter_map(name).map(Box::from).collect();
        names.sort_unstable();
        names.dedup();
        Names(names)
    }

    fn has(&self, name: &str) -> bool {
        self.0.binary_search_by(|known| known.as_ref().cmp(name)).is_ok()
    }
}

/// The fields of a body or of a query under the names that are asked for: name in lower case, without what stands behind
/// `[`; of each value, in how many objects it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<Box<str>, Vec<(usize, String)>>);

impl Fields {
    /// Whether a field of a name has a value that fits.
    pub fn has(&self, name: &str, fits: impl Fn(&str) -> bool) -> bool {
        self.of(name).any(|(_, value)| fits(value))
    }

    fn of(&self, name: &str) -> impl Iterator<Item = (usize, &str)> {
        let values = self.0.get(name).map(Vec::as_slice).unwrap_or_default();
        values.iter().map(|(depth, value)| (*depth, value.as_str()))
    }
}

/// The fields of a body, JSON or a form.
pub fn of_body(text: &str, names: &Names) -> Fields {
    let mut reader = Reader { names, found: Fields::default() };
    reader.of_body(text);
    reader.found
}

/// What reads fields.
struct Reader<'n> {
    names: &'n Names,
    found: Fields,
}

impl Reader<'_> {
    fn wants(&self, name: &str) -> bool {
        self.names.has(name)
    }

    fn keep(&mut self, name: &str, value: &str, depth: usize) {
        if !self.wants(name) {
            return;
        }
        match self.found.0.get_mut(name) {
            Some(values) => values.push((depth, value.to_owned())),
            None => drop(self.found.0.insert(name.into(), vec![(depth, value.to_owned())])),
        }
    }

    /// Of a form: `customer[email]` is what `email` within `customer` is in JSON, and `email[]` one of several.
    fn of_pairs(&mut self, text: &str) {
        for (name, value) in decode_all_pairs(text) {
            let inner = name.split('\0').next().unwrap_or_default().split('[').skip(1);
            let inner = inner.map(|part| plain(part.trim_end().trim_end_matches(']')));
            let inner: Vec<String> = inner.filter(|part| part.bytes().any(|b| !b.is_ascii_digit())).collect();
            let outer = plain(&name);
            match inner.last() {
                Some(last) => {
                    self.keep(last, &value, inner.len());
                    self.keep(&format!("{outer}.{}", inner.join(".")), &value, inner.len());
                }
                None => self.keep(&outer, &value, 0),
            }
        }
    }

    fn of_body(&mut self, text: &str) {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let looks = text.starts_with(['{', '[']);
        match serde_json::from_str::<Value>(text) {
            Ok(json) if looks => self.of_json(&json, "", (0, 0)),
            _ => {
                if looks {
                    self.of_broken(text);
                }
                self.of_pairs(text);
            }
        }
    }

    /// All texts and numbers in JSON, by their own name, and by those of the objects around them too: `customer.email`.
    /// `levels`: how many values, and how many objects with a name, stand around it.
    fn of_json(&mut self, json: &Value, name: &str, levels: (usize, usize)) {
        let (deep, depth) = (levels.0.saturating_add(1), levels.1);
        let value = match json {
            Value::String(text) => text,
            Value::Number(number) => &number.to_string(),
            Value::Array(items) if deep <= DEEPEST => {
                return items.iter().take(MOST).for_each(|item| self.of_json(item, name, (deep, depth)));
            }
            Value::Object(members) if deep <= DEEPEST => {
                for (member, value) in members {
                    let member = plain(member).chars().take(LONGEST_NAME).collect();
                    let (name, depth) = if name.is_empty() {
                        (member, 0)
                    } else {
                        (format!("{name}.{member}"), depth.saturating_add(1))
                    };
                    self.of_json(value, &name, (deep, depth));
                }
                return;
            }
            _ => return,
        };
        if let Some((_, last)) = name.rsplit_once('.') {
            self.keep(last, value, depth);
        }
        self.keep(name, value, depth);
    }

    /// Texts and numbers behind their names, in what looks like JSON and cannot be read as such: other readers take what is
    /// deeper, numbers out of range and halves of surrogates.
    fn of_broken(&mut self, text: &str) {
        let mut rest = text;
        while let Some((_, from)) = rest.find('"').and_then(|at| rest.split_at_checked(at)) {
            let Some((name, behind)) = token(from) else { return };
            rest = behind;
            let Some(value) = behind.trim_start().strip_prefix(':') else { continue };
            let value = value.trim_start();
            let name = plain(&name);
            match token(value) {
                _ if !self.wants(&name) => {}
                Some((text, _)) => self.keep(&name, &text, 0),
                None => self.keep(&name, value.split([',', '}', ']']).next().unwrap_or_default(), 0),
            }
        }
    }
}

/// Where the account, the item and the session of a request stand.
pub struct Named<'r> {
    body: Option<&'r Fields>,
    query: Fields,
    path: &'r str,
}

impl<'r> Named<'r> {
    /// Of its body (JSON or a form) and its query.
    pub fn of(request: &'r Request, path: &'r str, names: &Names) -> Named<'r> {
        let mut reader = Reader { names, found: Fields::default() };
        reader.of_pairs(&request.query);
        Named { body: request.body.fields(names), query: reader.found, path }
    }

    /// The values under these names, whichever of them a server takes: those of the outermost fields first. A name is
    /// that of a field wherever it stands, `customer.email` for one in an object, or `path:4` for the fourth segment of
    /// the path.
    pub fn values(&self, names: &str) -> Vec<String> {
        let mut found: Vec<Vec<(usize, &str)>> = Vec::new();
        for name in names.split(' ').filter(|name| !name.is_empty()) {
            let place = name.strip_prefix("path:").and_then(|place| place.parse().ok());
            let mut told: Vec<(usize, &str)> = match place {
                Some(place) => segment(self.path, place).map(|value| (0, value)).into_iter().collect(),
                // What the policy names with its objects stands where it should.
                None => {
                    let depth = |of: usize| if name.contains('.') { 0 } else { of };
                    let told = self.body.into_iter().chain([&self.query]).flat_map(|fields| fields.of(name));
                    told.map(|(of, value)| (depth(of), value)).collect()
                }
            };
            told.sort_by_key(|(depth, _)| *depth);
            if told.len() > MOST {
                let last = told.split_off(told.len().saturating_sub(MOST / 2));
                told.truncate(MOST / 2);
                told.extend(last);
            }
            found.push(told);
        }
        // Of the name that has most, the one in the middle goes, until there are few enough.
        while found.iter().map(Vec::len).sum::<usize>() > MOST
            && let Some(most) = found.iter_mut().max_by_key(|told| told.len()).filter(|told| told.len() > LEAST)
        {
            most.remove(most.len().saturating_sub(1) / 2);
        }
        let mut found = found.concat();
        found.sort_by_key(|(depth, _)| *depth);
        let mut values: Vec<String> = Vec::new();
        for value in found.into_iter().map(|(_, value)| canonical(value)).filter(|value| !value.is_empty()) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    }
}

/// A text of JSON that begins here, and what stands behind it; none if none does.
fn token(text: &str) -> Option<(String, &str)> {
    let mut escaped = false;
    let inner = text.strip_prefix('"')?;
    let end = inner.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    })?;
    let (value, behind) = (inner.get(..end)?, inner.get(end.saturating_add(1)..)?);
    let read = serde_json::from_str(&format!("\"{value}\"")).unwrap_or_else(|_| value.to_owned());
    Some((read, behind))
}

/// A name as servers compare them.
fn plain(name: &str) -> String {
    name.split(['[', '\0']).next().unwrap_or_default().trim().to_lowercase()
}

fn segment(path: &str, place: usize) -> Option<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).nth(place.checked_sub(1)?)
}

/// One spelling: without tags, spaces and what cannot be seen, full width as ASCII, lower case, without dots at the end, and an
/// e-mail address without what stands behind `+`.
fn canonical(value: &str) -> String {
    let ascii = |c: char| match u32::from(c) {
        code @ 0xff01..=0xff5e => char::from_u32(code.saturating_sub(0xfee0)).unwrap_or(c),
        _ => c,
    };
    let unseen = |c: &char| {
        c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    };
    let text: String =
        without_tags(value).chars().filter(|c| !unseen(c)).map(ascii).flat_map(char::to_lowercase).collect();
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
            ("/login", r#"{"customer":{"Email":"A@b.c"},"lines":[{"account":7}]}"#, &["7", "a@b.c"]),
            (
                "/login",
                r#"{"a":{"account":[1,2,3,4,5,6,7,8,9]},"email":"a@b.c","b":{"account":[11,12,13,14]}}"#,
                &["a@b.c", "1", "2", "3", "11", "12", "13", "14"],
            ),
            ("/login", "{&email=a@b.c", &["a@b.c"]),
            ("/login", "\u{feff}[{\"email\":\"a\u{200b}@b.c\"}]", &["a@b.c"]),
            ("/login", "account=%20", &[]),
        ] {
            let request = request(url, body);
            let told = Named::of(&request, &request.paths[0], &Names::of([names].into_iter()));
            assert_eq!(told.values(names), wanted, "{url} {body}");
        }
        let many: String = (0..100).map(|n| format!("email={n}&")).collect();
        let request = request("/login", &many);
        assert_eq!(
            Named::of(&request, "/login", &Names::of(["email"].into_iter())).values("email"),
            ["0", "1", "2", "3", "96", "97", "98", "99"]
        );
    }
}
