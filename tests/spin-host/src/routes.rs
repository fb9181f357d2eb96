//! Which component answers a path. The matching itself is `routefinder` 0.5, the crate that Spin uses; around it this
//! follows Spin's `crates/http/src/routes.rs`: `/...` at the end is a wildcard, `:name` matches one segment, exact beats
//! `:name` beats wildcard segment by segment, the longer route wins, a trailing slash does not matter, and of two equal
//! routes the later one counts.

use http::HeaderValue;
use wasmtime::{Result, format_err};

/// A route as the manifest has it, with what the guest learns about it.
#[derive(Debug)]
pub struct RouteEntry {
    pub component: String,
    pub raw: String,
    /// Values of `spin-matched-route`, `spin-raw-component-route` and `spin-component-route`; Spin leaves out a header
    /// whose value is not allowed, hence the options.
    pub matched_header: Option<HeaderValue>,
    pub raw_header: Option<HeaderValue>,
    pub prefix_header: Option<HeaderValue>,
}

pub struct Router(routefinder::Router<RouteEntry>);

pub struct RouteMatch<'a> {
    pub entry: &'a RouteEntry,
    /// What the wildcard at the end matched, with its slashes: the value of `spin-path-info`.
    pub path_info: String,
    /// `:name` segments and what they matched.
    pub named: Vec<(String, String)>,
}

impl Router {
    pub fn build<'a>(routes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        // Equal routes are sorted out here, as in Spin; routefinder would keep the first.
        let mut unique: Vec<(&str, &str)> = Vec::new();
        for (raw, component) in routes {
            match unique.iter_mut().find(|(earlier, _)| *earlier == raw) {
                Some(earlier) => *earlier = (raw, component),
                None => unique.push((raw, component)),
            }
        }
        let mut router = routefinder::Router::new();
        for (raw, component) in unique {
            let absolute = if raw.starts_with('/') { raw.to_owned() } else { format!("/{raw}") };
            let matched = absolute.strip_suffix('/').unwrap_or(&absolute);
            let spec = match matched.strip_suffix("/...") {
                Some(prefix) => format!("{prefix}/*"),
                None => matched.to_owned(),
            };
            let entry = RouteEntry {
                component: component.to_owned(),
                raw: raw.to_owned(),
                matched_header: HeaderValue::from_str(matched).ok(),
                raw_header: HeaderValue::from_str(raw).ok(),
                prefix_header: HeaderValue::from_str(raw.strip_suffix("/...").unwrap_or(raw)).ok(),
            };
            router
                .add(spec, entry)
                .map_err(|error| format_err!("route {raw:?} of component {component:?}: {error}"))?;
        }
        Ok(Self(router))
    }

    pub fn find(&self, path: &str) -> Option<RouteMatch<'_>> {
        let found = self.0.best_match(path)?;
        let captures = found.captures();
        let path_info = captures.wildcard().map_or_else(String::new, |rest| {
            // Spin has always told the guest about trailing slashes; routefinder drops them.
            match (rest.is_empty(), path.ends_with('/')) {
                (true, false) => String::new(),
                (true, true) => "/".to_owned(),
                (false, false) => format!("/{rest}"),
                (false, true) => format!("/{rest}/"),
            }
        });
        let named = captures.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Some(RouteMatch { entry: found.handler(), path_info, named })
    }

    pub fn entries(&self) -> impl Iterator<Item = &RouteEntry> {
        self.0.iter().map(|(_, entry)| entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(routes: &[&str], path: &str) -> Option<String> {
        let router = Router::build(routes.iter().map(|route| (*route, *route))).unwrap();
        router.find(path).map(|found| found.entry.component.clone())
    }

    #[test]
    fn exact_and_wildcard() {
        assert_eq!(component(&["/foo"], "/foo").as_deref(), Some("/foo"));
        assert_eq!(component(&["/foo"], "/foo/").as_deref(), Some("/foo"));
        assert_eq!(component(&["/foo"], "/foo/bar"), None);
        assert_eq!(component(&["/foo"], "/foobar"), None);
        assert_eq!(component(&["/foo/..."], "/foo").as_deref(), Some("/foo/..."));
        assert_eq!(component(&["/foo/..."], "/foo/a/b").as_deref(), Some("/foo/..."));
        assert_eq!(component(&["/foo/..."], "/fo"), None);
        assert_eq!(component(&["/..."], "/").as_deref(), Some("/..."));
        assert_eq!(component(&["/"], "/").as_deref(), Some("/"));
        assert_eq!(component(&["/"], "/a"), None);
    }

    #[test]
    fn the_longest_match_wins_in_any_order() {
        let mut routes = ["/...", "/v1/...", "/v1/a/...", "/v1/a", "/v1/:x"];
        for _ in 0..2 {
            assert_eq!(component(&routes, "/v1/a").as_deref(), Some("/v1/a"));
            assert_eq!(component(&routes, "/v1/a/b").as_deref(), Some("/v1/a/..."));
            assert_eq!(component(&routes, "/v1/b/c").as_deref(), Some("/v1/..."));
            assert_eq!(component(&routes, "/v1/b").as_deref(), Some("/v1/:x"));
            assert_eq!(component(&routes, "/v2").as_deref(), Some("/..."));
            routes.reverse();
        }
    }

    #[test]
    fn the_later_of_two_equal_routes_wins() {
        let router = Router::build([("/a", "first"), ("/a", "second")]).unwrap();
        assert_eq!(router.find("/a").unwrap().entry.component, "second");
    }

    #[test]
    fn the_rest_of_the_path_keeps_its_slashes() {
        let router = Router::build([("/test/...", "c"), ("/x/:id/...", "d")]).unwrap();
        for (path, rest) in [("/test", ""), ("/test/", "/"), ("/test/hello", "/hello"), ("/test/hello/", "/hello/")] {
            assert_eq!(router.find(path).unwrap().path_info, rest, "{path}");
        }
        let found = router.find("/x/7/y").unwrap();
        assert_eq!(found.path_info, "/y");
        assert_eq!(found.named, [("id".to_owned(), "7".to_owned())]);
    }

    #[test]
    fn what_the_guest_is_told_about_the_route() {
        let router = Router::build([("/foo/...", "c")]).unwrap();
        let entry = router.find("/foo/bar").unwrap().entry;
        assert_eq!(entry.matched_header.as_ref().unwrap(), "/foo/...");
        assert_eq!(entry.raw_header.as_ref().unwrap(), "/foo/...");
        assert_eq!(entry.prefix_header.as_ref().unwrap(), "/foo");
    }
}
