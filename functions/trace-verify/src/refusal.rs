//! The refusal of a code that is not ours, as JSON: the answer that attacks ask for most, so it is assembled from parts
//! that are written once an instance rather than serialised each time. A test holds it to what [`Answer`] would say.

use std::sync::OnceLock;

use shared::lang::Lang;

use crate::answer::{Answer, decision_id};
use crate::digital_link::Link;
use crate::outcome::Outcome;

/// Stand for what varies. None of them can occur in a text of ours, or needs an escape in JSON.
const LINK: &str = "~link~";
const HOST: &str = "~host~";
const ID: &str = "~id~";
const AT: i64 = 1_000_000_000_001;

/// What does not vary, in the order of the answer: before the link, the host, the instant, the id, and the rest.
type Parts = Option<[String; 5]>;

static ZH: OnceLock<Parts> = OnceLock::new();
static EN: OnceLock<Parts> = OnceLock::new();

/// The body and the decision's id, or nothing if a value would need an escape that the parts do not have.
pub fn json(link: &Link, official_host: &str, lang: Lang, now_ms: i64) -> Option<(Vec<u8>, String)> {
    let [before, to_host, to_at, to_id, rest] = lang.pick(&ZH, &EN).get_or_init(|| parts(lang)).as_ref()?;
    let digital_link = link.canonical();
    let plain = |text: &str| text.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\');
    if !plain(&digital_link) || !plain(official_host) {
        return None;
    }
    let id = decision_id(&digital_link, Outcome::BadCode, now_ms, None);
    let at = now_ms.to_string();
    let mut body = Vec::with_capacity(1024);
    for part in [before, &digital_link, to_host, official_host, to_at, &at, to_id, &id, rest] {
        body.extend_from_slice(part.as_bytes());
    }
    Some((body, id))
}

fn parts(lang: Lang) -> Parts {
    let answer = Answer::refusal(LINK.to_owned(), HOST, lang, AT, ID.to_owned());
    let text = serde_json::to_string(&answer).ok()?;
    let (before, rest) = text.split_once(LINK)?;
    let (to_host, rest) = rest.split_once(HOST)?;
    let (to_at, rest) = rest.split_once(AT.to_string().as_str())?;
    let (to_id, rest) = rest.split_once(ID)?;
    Some([before, to_host, to_at, to_id, rest].map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_an_answer_would() {
        let link = Link::parse("/01/09506000134352/21/A!%22B").unwrap();
        for lang in Lang::ALL {
            let (body, id) = json(&link, "t.example:8787", lang, 1_790_000_000_000).unwrap();
            let answer = Answer::bad_code(&link, "t.example:8787", lang, 1_790_000_000_000);
            assert_eq!(body, serde_json::to_vec(&answer).unwrap());
            assert_eq!(id, answer.decision_id);
        }
        assert_eq!(json(&link, "a\"b", Lang::En, 0), None);
    }
}
