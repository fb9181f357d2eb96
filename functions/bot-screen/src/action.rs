//! What a request is taken for: the first row of the pack's actions that fits.

use screen_rules::signal::FREE;
use shared::policy::Map;

use crate::request::Request;

/// What a request is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action<'p> {
    name: &'p str,
    /// Where the account, the item and the session stand in it: [`crate::fields::Fields::values`].
    pub keys: [&'p str; 3],
}

/// A row of the pack's actions, in the order of its lines.
struct Row<'p> {
    action: Action<'p>,
    methods: &'p str,
    hosts: &'p str,
    parameters: &'p str,
    paths: &'p str,
}

impl<'p> Row<'p> {
    fn of(rows: Map<'p>, number: usize) -> Option<Row<'p>> {
        let mut lines = rows.lines(rows.at(number)?.0);
        let name = lines.next()?;
        let mut next = || lines.next().unwrap_or_default();
        let [methods, hosts, parameters, paths] = [(); 4].map(|()| next());
        let keys = [(); 3].map(|()| next());
        Some(Row { action: Action { name, keys }, methods, hosts, parameters, paths })
    }

    fn fits(&self, request: &Request, method: &str, path: &str) -> bool {
        let any = |patterns: &str, fits: &dyn Fn(&str) -> bool| patterns.is_empty() || patterns.split(' ').any(fits);
        any(self.methods, &|known| known == method)
            && any(self.hosts, &|host| host == request.host)
            && any(self.parameters, &|name| request.parameters.iter().any(|known| known == name))
            && any(self.paths, &|pattern| matches(pattern, path))
    }
}

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
        let (mut by_path, mut by_query) = (None, None);
        for row in (0..rows.len()).filter_map(|number| Row::of(rows, number)) {
            let first = if row.parameters.is_empty() { &mut by_path } else { &mut by_query };
            if first.is_none() && row.fits(request, method, path) {
                *first = Some(row.action);
            }
        }
        let otherwise = Action { name: if method == "GET" { "browse" } else { "api" }, keys: [""; 3] };
        let by_path = by_path.unwrap_or(otherwise);
        by_query.filter(|by_query| cost(*by_query) > cost(by_path)).unwrap_or(by_path)
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
