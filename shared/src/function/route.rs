//! Routes as `(method, segments)`: which action a request asks for, without building anything.

use http::Method;

use crate::problem::Problem;

/// Most segments of a path that stand for something.
const MAX_PARAMS: usize = 4;

/// One resource and one way to call it.
#[derive(Clone, Copy, Debug)]
pub struct Route<A> {
    methods: Methods,
    segments: &'static [Segment],
    action: A,
}

/// A segment of a path, as sent: percent-encoding stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// This text.
    Is(&'static str),
    /// Any one segment; it becomes a parameter.
    Any,
    /// Any one segment that begins with one of these characters; it becomes a parameter.
    Begins(&'static str),
    /// Whatever follows, none included. Only as the last.
    Rest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Methods {
    Get,
    Post,
    Every,
}

impl<A> Route<A> {
    /// `GET` and `HEAD`.
    pub const fn get(segments: &'static [Segment], action: A) -> Route<A> {
        Route { methods: Methods::Get, segments, action }
    }

    /// `POST`.
    pub const fn post(segments: &'static [Segment], action: A) -> Route<A> {
        Route { methods: Methods::Post, segments, action }
    }

    /// Every method.
    pub const fn every(segments: &'static [Segment], action: A) -> Route<A> {
        Route { methods: Methods::Every, segments, action }
    }
}

/// The segments of a path that its route does not spell out, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Params<'a> {
    values: [&'a str; MAX_PARAMS],
    count: usize,
}

impl<'a> Params<'a> {
    /// The parameter at a place, from 0; empty where the route has none there.
    pub fn get(&self, place: usize) -> &'a str {
        self.values.get(place).copied().unwrap_or_default()
    }

    fn push(&mut self, value: &'a str) {
        if let Some(slot) = self.values.get_mut(self.count) {
            *slot = value;
            self.count = self.count.saturating_add(1);
        }
    }
}

/// The action that a request asks for. One slash at the end of a path makes no difference.
///
/// # Errors
/// `404` if no route has these segments; `405` with `Allow` if one has, by other methods.
pub(super) fn find<'p, A: Copy>(
    routes: &[Route<A>],
    method: &Method,
    path: &'p str,
) -> Result<(A, Params<'p>), Problem> {
    let mut segments: Option<&'static [Segment]> = None;
    let mut allowed = "";
    for route in routes {
        // The first whose segments fit decides; another may only add methods to the very same segments.
        if segments.is_some_and(|first| first != route.segments) {
            continue;
        }
        let Some(params) = fits(route.segments, path) else { continue };
        segments = Some(route.segments);
        match (route.methods, method) {
            (Methods::Every, _) | (Methods::Get, &Method::GET | &Method::HEAD) | (Methods::Post, &Method::POST) => {
                return Ok((route.action, params));
            }
            (Methods::Get, _) => allowed = if allowed.is_empty() { "GET, HEAD" } else { "GET, HEAD, POST" },
            (Methods::Post, _) => allowed = if allowed.is_empty() { "POST" } else { "GET, HEAD, POST" },
        }
    }
    Err(if segments.is_some() { Problem::method_not_allowed(allowed) } else { Problem::not_found() })
}

fn fits<'p>(segments: &[Segment], path: &'p str) -> Option<Params<'p>> {
    let mut params = Params::default();
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    // A path without segments has none, not an empty one.
    let mut rest = (!path.is_empty()).then_some(path);
    for segment in segments {
        if *segment == Segment::Rest {
            return Some(params);
        }
        let (sent, behind) = match rest?.split_once('/') {
            Some((sent, behind)) => (sent, Some(behind)),
            None => (rest?, None),
        };
        match segment {
            Segment::Is(text) if *text == sent => {}
            Segment::Any => params.push(sent),
            Segment::Begins(characters) if sent.starts_with(|c| characters.contains(c)) => params.push(sent),
            _ => return None,
        }
        rest = behind;
    }
    rest.is_none().then_some(params)
}

#[cfg(test)]
mod tests {
    use super::Segment::{Any, Begins, Is, Rest};
    use super::*;

    const ROUTES: &[Route<u8>] = &[
        Route::post(&[Is("v1"), Is("things")], 1),
        Route::post(&[Is("v1"), Is("things"), Is("quote")], 2),
        Route::get(&[Is("v1"), Is("things"), Any], 3),
        Route::post(&[Is("v1"), Is("things"), Any], 4),
        Route::post(&[Is("v1"), Is("things"), Any, Is("events")], 5),
        Route::get(&[Is("verify"), Rest], 6),
        Route::get(&[Begins("0123456789%"), Rest], 7),
        Route::every(&[Is("any")], 8),
    ];

    fn found(method: Method, path: &str) -> Result<(u8, String), (u16, String)> {
        match find(ROUTES, &method, path) {
            Ok((action, params)) => Ok((action, params.get(0).to_owned())),
            Err(problem) => {
                let allow = problem.headers.iter().find(|(name, _)| *name == "allow");
                Err((problem.kind.status.as_u16(), allow.map(|(_, value)| value.clone()).unwrap_or_default()))
            }
        }
    }

    #[test]
    fn the_first_that_fits_decides() {
        let ok = |action, param: &str| Ok((action, param.to_owned()));
        let refused = |status, allow: &str| Err((status, allow.to_owned()));
        assert_eq!(found(Method::POST, "/v1/things"), ok(1, ""));
        assert_eq!(found(Method::POST, "/v1/things/"), ok(1, ""));
        assert_eq!(found(Method::GET, "/v1/things"), refused(405, "POST"));
        assert_eq!(found(Method::POST, "/v1/things/quote"), ok(2, ""));
        // Not a thing of the name "quote".
        assert_eq!(found(Method::GET, "/v1/things/quote"), refused(405, "POST"));
        assert_eq!(found(Method::HEAD, "/v1/things/a%20b"), ok(3, "a%20b"));
        assert_eq!(found(Method::POST, "/v1/things/x"), ok(4, "x"));
        assert_eq!(found(Method::DELETE, "/v1/things/x"), refused(405, "GET, HEAD, POST"));
        assert_eq!(found(Method::POST, "/v1/things/x/events"), ok(5, "x"));
        assert_eq!(found(Method::POST, "/v1/things/x/others"), refused(404, ""));
        assert_eq!(found(Method::POST, "/v1/things/x/events/y"), refused(404, ""));
        assert_eq!(found(Method::GET, "/verify"), ok(6, ""));
        assert_eq!(found(Method::GET, "/verify/01/2/3"), ok(6, ""));
        assert_eq!(found(Method::GET, "/verifying"), refused(404, ""));
        assert_eq!(found(Method::GET, "/01/2"), ok(7, "01"));
        assert_eq!(found(Method::POST, "/%30"), refused(405, "GET, HEAD"));
        assert_eq!(found(Method::DELETE, "/any"), ok(8, ""));
        for nothing in ["/", "", "//", "/v1", "v1/things", "/v1//things"] {
            assert_eq!(found(Method::POST, nothing), refused(404, ""), "{nothing}");
        }
    }
}
