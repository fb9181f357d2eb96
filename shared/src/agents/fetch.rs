//! Fetch metadata (W3C Fetch Metadata Request Headers): what the browser says a request is for. Older browsers and
//! views in apps send none of it, so absence proves nothing.

/// What a request is for. `None` is absent, or a value that we do not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fetch {
    /// Only ahead of time, perhaps never seen by anybody: `Sec-Purpose`, `Purpose`, `X-Purpose` or `X-Moz` says
    /// `prefetch`, `prerender` or `preview`.
    pub ahead: bool,
    /// `Sec-Fetch-Site`.
    pub site: Option<Site>,
    /// `Sec-Fetch-Mode`.
    pub mode: Option<Mode>,
    /// `Sec-Fetch-Dest`.
    pub dest: Option<Dest>,
    /// `Sec-Fetch-User: ?1`: a person's act. Never sent to say no.
    pub by_user: bool,
}

/// How the page that asks is related to what it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// No page: typed, a bookmark, another app.
    None,
    /// The same origin.
    SameOrigin,
    /// The same site.
    SameSite,
    /// Another site; browsers also send it for links that other apps open.
    CrossSite,
}

/// How it is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To another page.
    Navigate,
    /// By a script, to another origin by its leave.
    Cors,
    /// As a part of a page.
    NoCors,
    /// By a script, to its own origin.
    SameOrigin,
    /// A web socket.
    Websocket,
}

/// What becomes of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dest {
    /// A page.
    Document,
    /// A page within a page.
    Frame,
    /// A script takes it (`fetch`, a beacon).
    Empty,
    /// An image.
    Image,
    /// A script, a worker or WebAssembly.
    Script,
    /// A style sheet or a font.
    Style,
    /// Audio, video or a track of either.
    Media,
}

impl Fetch {
    /// Takes what one header field says of it; any other field says nothing. `name` in lower case.
    pub(super) fn read(&mut self, name: &str, value: &str) {
        match name {
            "sec-purpose" | "purpose" | "x-purpose" | "x-moz" => self.ahead |= is_ahead(value),
            "sec-fetch-site" => {
                self.site = match value {
                    "none" => Some(Site::None),
                    "same-origin" => Some(Site::SameOrigin),
                    "same-site" => Some(Site::SameSite),
                    "cross-site" => Some(Site::CrossSite),
                    _ => None,
                };
            }
            "sec-fetch-mode" => {
                self.mode = match value {
                    "navigate" => Some(Mode::Navigate),
                    "cors" => Some(Mode::Cors),
                    "no-cors" => Some(Mode::NoCors),
                    "same-origin" => Some(Mode::SameOrigin),
                    "websocket" => Some(Mode::Websocket),
                    _ => None,
                };
            }
            "sec-fetch-dest" => {
                self.dest = match value {
                    "document" => Some(Dest::Document),
                    "iframe" | "frame" | "fencedframe" | "embed" | "object" => Some(Dest::Frame),
                    "empty" => Some(Dest::Empty),
                    "image" => Some(Dest::Image),
                    "script" | "worker" | "sharedworker" | "serviceworker" => Some(Dest::Script),
                    "style" | "font" => Some(Dest::Style),
                    "audio" | "video" | "track" => Some(Dest::Media),
                    _ => None,
                };
            }
            "sec-fetch-user" => self.by_user = value == "?1",
            _ => {}
        }
    }
}

fn is_ahead(value: &str) -> bool {
    let has = |word: &str| value.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()));
    ["prefetch", "prerender", "preview"].into_iter().any(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(&str, &str)]) -> Fetch {
        let mut fetch = Fetch::default();
        for (name, value) in fields {
            fetch.read(name, value);
        }
        fetch
    }

    #[test]
    fn ahead_of_time() {
        for (name, value) in [
            ("sec-purpose", "prefetch;prerender"),
            ("sec-purpose", "prefetch;anonymous-client-ip"),
            ("purpose", "Prefetch"),
            ("x-moz", "prefetch"),
            ("x-purpose", "preview"),
        ] {
            assert!(read(&[(name, value)]).ahead, "{name}: {value}");
            assert!(read(&[(name, value), ("purpose", "x")]).ahead, "a second field does not take it back");
        }
        assert!(!read(&[("sec-purpose", ""), ("purpose", "navigate"), ("x-other", "prefetch")]).ahead);
    }

    #[test]
    fn a_navigation_by_a_person_and_a_fetch_by_a_script() {
        let page = read(&[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("sec-fetch-user", "?1"),
        ]);
        let (site, mode, dest) = (Some(Site::CrossSite), Some(Mode::Navigate), Some(Dest::Document));
        assert_eq!(page, Fetch { ahead: false, site, mode, dest, by_user: true });
        let script =
            read(&[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")]);
        assert_eq!(
            (script.site, script.mode, script.dest),
            (Some(Site::SameOrigin), Some(Mode::Cors), Some(Dest::Empty))
        );
        let unknown =
            [("sec-fetch-site", "x"), ("sec-fetch-mode", "x"), ("sec-fetch-dest", "x"), ("sec-fetch-user", "?0")];
        assert_eq!(read(&unknown), Fetch::default());
    }
}
