//! What a request is taken for: the first row of the pack's actions that fits.
//!
//! Rows are read once a pack ([`Actions::read`]); a path is then compared with those patterns alone that can fit it.

use screen_rules::signal::FREE;
use shared::policy::Map;

use crate::body::Body;
use crate::fields::Names;
use crate::request::Request;

/// What a request is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action<'p> {
    name: &'p str,
    /// Where the account, the item and the session stand in it: [`crate::fields::Named::values`].
    pub keys: [&'p str; 3],
}

/// The rows of a pack's actions, in their order, and their patterns of paths, by what they begin with.
#[derive(Debug, Default)]
pub struct Actions {
    rows: Vec<Row>,
    /// By the byte behind the first slash of the paths that they fit.
    patterns: Vec<(u8, Vec<Pattern>)>,
    /// Of those that begin with a star, or have no such byte.
    anywhere: Vec<Pattern>,
    /// The rows that ask for a parameter of the query or a field of the body.
    by_name: Vec<usize>,
    /// The names of all fields that rows ask for, or count by.
    names: Names,
}

#[derive(Debug)]
struct Row {
    name: Box<str>,
    keys: [Box<str>; 3],
    methods: Patterns,
    hosts: Patterns,
    parameters: Patterns,
    paths: Patterns,
    fields: Box<str>,
}

/// Patterns of which one must fit; none is any.
#[derive(Debug)]
struct Patterns(Box<[Box<str>]>);

impl Patterns {
    /// Of a line, with spaces in between.
    fn of(line: &str) -> Patterns {
        Patterns(line.split_terminator(' ').map(Box::from).collect())
    }

    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn any(&self, fits: impl Fn(&str) -> bool) -> bool {
        self.is_empty() || self.0.iter().any(|pattern| fits(pattern))
    }
}

/// What the rows ask of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asks {
    /// Nothing.
    Nothing,
    /// What rows without a path ask of every body.
    Anywhere,
    /// What rows ask of this address.
    Here,
}

/// A pattern of a path, in which `*` stands for anything.
#[derive(Debug)]
struct Pattern {
    row: usize,
    text: Box<str>,
}

impl Row {
    /// Of its lines.
    fn of(rows: Map<'_>, number: usize) -> Option<Row> {
        let mut lines = rows.lines(rows.at(number)?.0);
        let name = lines.next()?.into();
        let mut next = || lines.next().unwrap_or_default();
        let [methods, hosts, parameters, paths] = [(); 4].map(|()| Patterns::of(next()));
        let keys = [(); 3].map(|()| next().into());
        let fields = next().into();
        Some(Row { name, keys, methods, hosts, parameters, paths, fields })
    }

    fn action(&self) -> Action<'_> {
        Action { name: &self.name, keys: self.keys.each_ref().map(AsRef::as_ref) }
    }

    /// Whether a request fits, its path and its body aside.
    fn fits(&self, request: &Request, method: &str) -> bool {
        self.methods.any(|known| known == method)
            && self.hosts.any(|host| host == request.host)
            && self.parameters.any(|pattern| request.parameters.iter().any(|known| matches(pattern, known)))
    }

    /// Whether a path fits, of a row that is not looked up by its path.
    fn fits_path(&self, path: &str) -> bool {
        self.paths.any(|pattern| path_matches(pattern, path))
    }
}

impl Actions {
    /// Reads a pack's section.
    pub fn read(rows: Map<'_>) -> Actions {
        let rows: Vec<Row> = (0..rows.len()).filter_map(|number| Row::of(rows, number)).collect();
        let lists = rows.iter().flat_map(|row| row.keys.iter().chain([&row.fields])).map(AsRef::as_ref);
        let mut actions = Actions { names: Names::of(lists), ..Actions::default() };
        for (number, row) in rows.iter().enumerate() {
            if !row.parameters.is_empty() || !row.fields.is_empty() {
                actions.by_name.push(number);
                continue;
            }
            // A row without patterns fits every path, as a star does.
            let all = if row.paths.is_empty() { &[Box::from("*")][..] } else { &row.paths.0 };
            for pattern in all.iter().map(|text| Pattern { row: number, text: text.clone() }) {
                actions.bucket(pattern.second()).push(pattern);
            }
        }
        Actions { rows, ..actions }
    }

    /// The names of all fields of a body or a query that rows ask for, or count by.
    pub const fn names(&self) -> &Names {
        &self.names
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn bucket(&mut self, second: Option<u8>) -> &mut Vec<Pattern> {
        let Some(second) = second else { return &mut self.anywhere };
        let place = self.patterns.partition_point(|(byte, _)| *byte < second);
        if self.patterns.get(place).is_none_or(|(byte, _)| *byte != second) {
            self.patterns.insert(place, (second, Vec::new()));
        }
        self.patterns.get_mut(place).map_or(&mut self.anywhere, |(_, patterns)| patterns)
    }

    /// The first row that fits by its path.
    fn by_path(&self, request: &Request, method: &str, path: &str) -> Option<&Row> {
        let second = path.as_bytes().get(1).copied();
        let place = second.and_then(|second| self.patterns.binary_search_by_key(&second, |(byte, _)| *byte).ok());
        let near = place.and_then(|place| self.patterns.get(place)).map(|(_, patterns)| patterns.as_slice());
        let mut first: Option<(usize, &Row)> = None;
        for pattern in near.unwrap_or_default().iter().chain(&self.anywhere) {
            if first.is_none_or(|(known, _)| pattern.row < known)
                && path_matches(&pattern.text, path)
                && let Some(row) = self.rows.get(pattern.row).filter(|row| row.fits(request, method))
            {
                first = Some((pattern.row, row));
            }
        }
        first.map(|(_, row)| row)
    }

    /// The rows that a parameter of the query, or a field of the body, makes fit.
    fn by_name(&self, request: &Request, method: &str, path: &str) -> impl Iterator<Item = &Row> {
        let told = !request.parameters.is_empty() || request.body != Body::Unknown;
        // What cannot be looked into may be anything where all is done, and is not taken for it elsewhere.
        let looked = request.body != Body::Hidden;
        let rows = self.by_name.iter().filter(move |_| told).filter_map(|number| self.rows.get(*number));
        // The body last: most of its rows fit nothing else.
        rows.filter(move |row| {
            row.fits(request, method)
                && row.fits_path(path)
                && (looked || row.fields.is_empty() || !row.paths.is_empty())
                && request.body.fits(&row.fields, &self.names)
        })
    }

    /// How much depends on fields of the body: what a request is taken for, at an address that does everything, or wherever
    /// the form stands.
    pub fn asks_body(&self, request: &Request, method: &str, path: &str) -> Asks {
        let rows = self.by_name.iter().filter_map(|number| self.rows.get(*number));
        let asking = rows.filter(|row| !row.fields.is_empty() && row.fits(request, method) && row.fits_path(path));
        asking.map(|row| if row.paths.is_empty() { Asks::Anywhere } else { Asks::Here }).max().unwrap_or(Asks::Nothing)
    }
}

impl<'p> Action<'p> {
    /// Of a request, by one reading of its method and its path: the first row by its path, or one that a parameter of the
    /// query or a field of the body makes fit, whichever costs most. `cost` is that of an action.
    pub fn of(
        request: &Request,
        method: &str,
        path: &str,
        actions: &'p Actions,
        cost: impl Fn(Action<'p>) -> u8,
    ) -> Action<'p> {
        let otherwise = Action { name: if method == "GET" { "browse" } else { "api" }, keys: [""; 3] };
        let by_path = actions.by_path(request, method, path).map_or(otherwise, Row::action);
        let dearer = |a: Action<'p>, b: Action<'p>| if cost(b) > cost(a) { b } else { a };
        // A notice of a payment is free by its path, whatever it says. So is no way back: shops' software reads its own
        // forms wherever they are sent.
        let is_notice = by_path.name == "webhook";
        let speaks = |row: &&Row| !is_notice || row.fields.is_empty() || !row.paths.is_empty();
        let named = actions.by_name(request, method, path).filter(speaks).map(Row::action).reduce(dearer);
        let Some(named) = named else { return by_path };
        // What is said by name says more than that it is a page or a program's.
        let (named_costs, path_costs) = (cost(named), cost(by_path));
        let general = ["browse", "api"].contains(&by_path.name);
        if named_costs > path_costs || general && named_costs == path_costs { named } else { by_path }
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

impl Pattern {
    /// The byte behind the first slash of every path that fits; `None` if there is no such byte.
    fn second(&self) -> Option<u8> {
        self.text.split('*').next().and_then(|before| before.as_bytes().get(1)).copied()
    }
}

/// Whether a path fits a pattern. `/cart/*` is `/cart` as well: a slash at the end is none.
fn path_matches(pattern: &str, path: &str) -> bool {
    matches(pattern, path) || pattern.strip_suffix("/*") == Some(path)
}

/// Whether a text fits a pattern, in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => text == pattern,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| ends(rest, after)),
    }
}

/// Whether a text ends as what stands behind a star says. Each part is looked for as early as it may stand, but the last,
/// which is the end.
fn ends(text: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => text.ends_with(pattern),
        Some((part, behind)) => text.split_once(part).is_some_and(|(_, rest)| ends(rest, behind)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("/x/*/y/*/z", "/x/1/y/2/z", true),
            ("/x/*/y/*", "/x/1/y/y/2", true),
            ("/x/*/y/*/z", "/x/1/y/z", false),
            ("/*", "/", true),
            ("/*", "/x", true),
            ("*", "/", true),
        ] {
            let pattern = Pattern { row: 0, text: pattern.into() };
            assert_eq!(path_matches(&pattern.text, path), fits, "{pattern:?} {path}");
            // Where it is looked for.
            assert!(!fits || pattern.second().is_none_or(|byte| path.as_bytes().get(1) == Some(&byte)), "{path}");
        }
    }

    #[test]
    fn the_first_row_decides_wherever_its_pattern_lies() {
        let mut map = shared::policy::MapWriter::new();
        for (number, lines) in [
            ["cart", "POST", "", "", "/a/*"],
            ["feed", "", "", "", "*.xml /b"],
            ["static", "", "shop.example", "", "/a/*"],
            ["coupon", "", "", "code", "/a/* /c"],
            ["search", "", "", "", "/a/x /*"],
        ]
        .iter()
        .enumerate()
        {
            map.lines(format!("{number:04}"), lines.iter().copied());
        }
        let bytes = map.finish().unwrap();
        let actions = Actions::read(Map::open(&bytes).unwrap());
        assert_eq!(actions.len(), 5);
        let cost = |action: Action<'_>| if action.name == "coupon" { 9 } else { 1 };
        for (method, url, wanted) in [
            ("POST", "https://shop.example/a/x.xml", "cart"),
            ("GET", "https://shop.example/a/x.xml", "feed"),
            ("GET", "https://shop.example/a/x", "static"),
            ("GET", "https://other.example/a/x", "search"),
            ("GET", "https://other.example/a/x?code=1", "coupon"),
            ("GET", "https://other.example/d?code=1", "search"),
            ("GET", "https://other.example/b", "feed"),
            ("GET", "https://other.example/", "search"),
        ] {
            let told = format!("{{\"method\":{method:?},\"url\":{url:?}}}");
            let request = Request::read(told.as_bytes()).unwrap();
            let action = Action::of(&request, method, &request.paths[0], &actions, cost);
            assert_eq!(action.name(), wanted, "{method} {url}");
        }
    }
}
