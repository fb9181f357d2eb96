//! What a request is taken for: the first row of the pack's actions that fits.

use shared::http::decode_all_pairs;
use shared::policy::Map;

use crate::request::Request;

/// What a request is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action<'p> {
    name: &'p str,
    /// Where the account, the item and the session stand in it: [`crate::fields::value`].
    pub keys: [&'p str; 3],
}

/// Actions that nothing holds up: what programs fetch by design, notices that other companies' servers send, and ways
/// back from a bank or a sign-in.
const FREE: [&str; 5] = ["feed", "return", "static", "webhook", "well_known"];

impl<'p> Action<'p> {
    /// Of a request, by one reading of its method and its path: the first row by its path, or the first that a parameter
    /// of the query makes fit, whichever costs more. `cost` is that of an action.
    pub fn of(
        request: &Request,
        method: &str,
        path: &str,
        rows: Map<'p>,
        cost: impl Fn(Action<'p>) -> u8,
    ) -> Action<'p> {
        let names = names(&request.query);
        let fits = |lines: &mut dyn Iterator<Item = &'p str>, by_query: bool| -> Option<Action<'p>> {
            let class = lines.next()?;
            let mut asked = false;
            let mut any = |fits: &dyn Fn(&str) -> bool| {
                let patterns = lines.next().unwrap_or_default();
                asked = !patterns.is_empty();
                patterns.is_empty() || patterns.split(' ').any(fits)
            };
            let method = any(&|known| known == method);
            let host = any(&|host| host == request.host);
            let query = any(&|name| names.iter().any(|known| known == name));
            let query_asked = asked;
            let mut any = |fits: &dyn Fn(&str) -> bool| {
                let patterns = lines.next().unwrap_or_default();
                patterns.is_empty() || patterns.split(' ').any(fits)
            };
            let path = any(&|pattern| matches(pattern, path));
            let keys = [(); 3].map(|()| lines.next().unwrap_or_default());
            (method && host && query && path && query_asked == by_query).then_some(Action { name: class, keys })
        };
        let first = |by_query| (0..rows.len()).find_map(|number| fits(&mut rows.lines(rows.at(number)?.0), by_query));
        let otherwise = Action { name: if method == "GET" { "browse" } else { "api" }, keys: [""; 3] };
        let by_path = first(false).unwrap_or(otherwise);
        match first(true) {
            Some(by_query) if cost(by_query) > cost(by_path) => by_query,
            _ => by_path,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'p str {
        self.name
    }

    /// Whether nothing holds it up.
    pub fn is_free(self) -> bool {
        FREE.contains(&self.name)
    }
}

/// The names of a query's parameters, as servers may read them: PHP drops blanks before a name, reads `.`, blanks and `[`
/// within as `_`, and ends at a zero byte; older servers end a parameter at `;`.
fn names(query: &str) -> Vec<String> {
    let pairs = decode_all_pairs(query).chain(query.split(';').skip(1).flat_map(decode_all_pairs));
    let name = |(name, _): (String, String)| {
        let name = name.trim().to_lowercase();
        let cut = name.split(['[', '\0']).next().unwrap_or_default().to_owned();
        [name.replace(['.', ' ', '['], "_"), name, cut]
    };
    pairs.flat_map(name).collect()
}

/// Whether a path fits a pattern, in which one `*` stands for anything.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => path == pattern,
        // `/cart/*` is `/cart` as well: a slash at the end is none.
        Some((before, "")) if before.strip_suffix('/') == Some(path) => true,
        Some((before, after)) => path.strip_prefix(before).is_some_and(|rest| rest.ends_with(after)),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, path, fits) in [
            ("/cart/add", "/cart/add", true),
            ("/cart/add", "/cart/added", false),
            ("/cart/*", "/cart/add", true),
            ("/cart/*", "/cart", true),
            ("/cart/*", "/carton", false),
            ("/checkout*", "/checkout/pay", true),
            ("*.js", "/a/b.js", true),
            ("*.js", "/a/b.json", false),
            ("/x/*/y", "/x/1/y", true),
            ("/x/*/y", "/x/y", false),
        ] {
            assert_eq!(matches(pattern, path), fits, "{pattern} {path}");
        }
    }
}
