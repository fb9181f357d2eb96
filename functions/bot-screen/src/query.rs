//! A request's query: its parameters as servers may read them, and what of it is ours.

use shared::http::{decode_all_pairs, decode_pairs};

/// The parameters in which a form that was kept brings its challenge and the answer.
const TOKEN: &str = "venditor-token";
const ANSWER: &str = "venditor-answer";
/// The longest value of a parameter that an action can be told by, in bytes.
const LONGEST_TOLD: usize = 64;

/// Takes a challenge and its answer out of a query: the origin sees it as it was.
pub fn take_answer(query: &mut String) -> Option<(String, String)> {
    if !query.contains(TOKEN) {
        return None;
    }
    let is_ours = |part: &&str| part.starts_with(TOKEN) || part.starts_with(ANSWER);
    let ours: Vec<&str> = query.split('&').filter(is_ours).collect();
    let value = |name: &str| {
        let pairs = ours.iter().flat_map(|part| decode_pairs(part));
        pairs.filter(|(known, _)| known == name).map(|(_, value)| value).next()
    };
    let brought = (value(TOKEN)?, value(ANSWER).unwrap_or_default());
    *query = query.split('&').filter(|part| !is_ours(part)).collect::<Vec<_>>().join("&");
    Some(brought)
}

/// The names of a query's parameters, and `name=value`, as servers may read them: PHP drops blanks before a name, reads
/// `.`, blanks and `[` within as `_`, and ends at a zero byte; older servers end a parameter at `;`.
pub fn names(query: &str) -> Vec<String> {
    let pairs = decode_all_pairs(query).chain(query.split(';').skip(1).flat_map(decode_all_pairs));
    let name = |(name, value): (String, String)| {
        let name = name.trim().to_lowercase();
        let mut names = vec![name.replace(['.', ' ', '['], "_")];
        if name.contains(['[', '\0', '.', ' ']) {
            names.push(name.split(['[', '\0']).next().unwrap_or_default().to_owned());
            names.push(name);
        }
        let values = values(&value);
        let with_value: Vec<String> =
            values.iter().flat_map(|value| names.iter().map(move |name| format!("{name}={value}"))).collect();
        names.extend(with_value);
        names
    };
    pairs.flat_map(name).collect()
}

/// A value as servers may read it: WordPress drops tags and `%41`, OpenCart what is no letter, digit, `_` or `/`.
fn values(value: &str) -> Vec<String> {
    let value = value.trim().to_lowercase();
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '/');
    let mut all = Vec::new();
    if !value.chars().all(is_bare) {
        let plain = without_tags(&value);
        all.push(plain.chars().filter(|c| is_bare(*c)).collect());
        all.push(plain.trim().to_owned());
    }
    all.push(value);
    all.dedup();
    all.retain(|value| value.len() <= LONGEST_TOLD);
    all
}

/// A text as WordPress takes a name: without tags, and without `%41`, which it drops.
pub fn without_tags(text: &str) -> String {
    let behind = |part: &str| part.split_once('>').map(|(_, behind)| behind.to_owned()).unwrap_or_default();
    let mut parts = text.split('<');
    let untagged = parts.next().unwrap_or_default().to_owned() + &parts.map(behind).collect::<String>();
    let is_octet = |part: &str| part.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    let behind = |part: &str| if is_octet(part) { part.get(2..).unwrap_or_default() } else { part }.to_owned();
    let mut parts = untagged.split('%');
    parts.next().unwrap_or_default().to_owned() + &parts.map(behind).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_out_of_the_query_and_nothing_else_is() {
        for (query, left, wanted) in [
            ("a=1&b=%20", "a=1&b=%20", None),
            ("venditor-token=t&venditor-answer=1%2C2", "", Some(("t", "1,2"))),
            ("a=%E5&venditor-token=t&b", "a=%E5&b", Some(("t", ""))),
        ] {
            let mut text = query.to_owned();
            let brought = take_answer(&mut text);
            assert_eq!(brought.as_ref().map(|(a, b)| (a.as_str(), b.as_str())), wanted, "{query}");
            assert_eq!(text, left);
        }
    }
}
