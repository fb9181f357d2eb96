//! The refusal of a code that is not ours, as JSON: the answer that attacks ask for most, so it is written straight into
//! one buffer, from the pack's words. A test holds it to what [`Answer`](crate::answer::Answer) would say.

use shared::lang::Lang;

use crate::answer::decision_id;
use crate::digital_link::Link;
use crate::outcome::Outcome;
use crate::policy::{Rules, texts};

/// The body and the decision's id.
pub fn json(link: &Link, hosts: &[String], rules: Rules<'_>, lang: Lang, now_ms: i64) -> (Vec<u8>, String) {
    let (outcome, words) = (Outcome::BadCode, rules.words(lang));
    let digital_link = link.canonical();
    let id = decision_id(&digital_link, outcome, rules, now_ms, None);
    let mut body = Vec::with_capacity(1024);
    for (before, text) in [
        ("{\"outcome\":", outcome.code()),
        (",\"title\":", words.get(outcome.title())),
        (",\"summary\":", words.get(outcome.summary())),
        (",\"reasons\":[{\"code\":\"bad_code\",\"message\":", words.get(texts::REASON_BAD_CODE)),
        ("}],\"code\":{\"digital_link\":", &digital_link),
        (
            "},\"scans\":null,\"notice\":null,\"record\":null,\"evidence\":[],\"official_host\":",
            hosts.first().map_or("", String::as_str),
        ),
    ] {
        body.extend_from_slice(before.as_bytes());
        quote(text, &mut body);
    }
    let mut before = ",\"official_hosts\":[";
    for host in hosts {
        body.extend_from_slice(before.as_bytes());
        quote(host, &mut body);
        before = ",";
    }
    body.extend_from_slice(if hosts.is_empty() { b",\"official_hosts\":[]" } else { b"]" });
    // Neither the digest nor the id has anything to escape.
    for part in
        [",\"checked_at\":", &now_ms.to_string(), ",\"policy\":\"", rules.digest(), "\",\"decision_id\":\"", &id, "\"}"]
    {
        body.extend_from_slice(part.as_bytes());
    }
    (body, id)
}

/// A text as JSON. Nearly none has anything to escape, which one look over its bytes finds out.
fn quote(text: &str, out: &mut Vec<u8>) {
    // All of them are looked at: without a way out of the loop, several fit in one step.
    let escapes = text.bytes().fold(false, |found, byte| found | (byte < 0x20) | (byte == b'"') | (byte == b'\\'));
    if escapes {
        // Writing to a buffer does not fail.
        let _infallible = serde_json::to_writer(out, text);
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use shared::policy::{Pack, PackFile};

    use super::*;
    use crate::answer::Answer;

    #[test]
    fn it_says_what_an_answer_would() {
        let link = Link::parse("/01/09506000134352/21/A!%22B").unwrap();
        let mut words = pack::MapWriter::new();
        words.text("title/bad_code/en", "a \"title\" \\ \u{1}\n").text("title/bad_code/zh", "~host~");
        let words = vec![("words".to_owned(), words.finish().unwrap())];
        let other = Pack::from_file(PackFile::new(crate::NAME, 3, words).unwrap());
        for (rules, hosts) in [
            (Rules::bundled(), vec!["t.example:8787"]),
            (Rules::of(&other), vec!["a\"b", "c"]),
            (Rules::bundled(), Vec::new()),
        ] {
            let hosts: Vec<String> = hosts.into_iter().map(str::to_owned).collect();
            for lang in Lang::ALL {
                let (body, id) = json(&link, &hosts, rules, lang, 1_790_000_000_000);
                let answer = Answer::bad_code(&link, &hosts, rules, lang, 1_790_000_000_000);
                assert_eq!(body, serde_json::to_vec(&answer).unwrap());
                assert_eq!(id, answer.decision_id);
            }
        }
    }
}
