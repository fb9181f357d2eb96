//! How an answer says where it ends. In chunks, its last one waits on a kept connection for the client's delayed
//! acknowledgement: 40 ms, which no test of contents sees. So every answer says its length, on both hosts. HEAD says none
//! (RFC 9110 §8.6 leaves that open), except that a redirect's may be given: it has no body for GET either.

use crate::Result;
use crate::client::Answer;

/// What is wrong with an answer's framing.
pub fn check(method: &str, answer: &Answer) -> Result<()> {
    let length = answer.header("content-length");
    let wrong = |what: &str| Err(format!("{method}, {}: {what}; content-length: {length:?}", answer.status));
    if answer.header("transfer-encoding").is_some() {
        return wrong("sent in chunks");
    }
    let bodiless = method == "HEAD" || answer.status == 204 || answer.status == 304;
    let redirect = (300..400).contains(&answer.status) && answer.status != 304;
    match (&length, bodiless) {
        (Some(length), true) if redirect && length == "0" => Ok(()),
        (Some(_), true) => wrong("a length where there is no body"),
        (None, false) => wrong("no length"),
        (Some(length), false) if *length != answer.body.len().to_string() => wrong("not the body's length"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(method: &str, status: u16, headers: &[(&str, &str)], body: &str) -> bool {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        check(method, &Answer { status, headers, body: body.as_bytes().to_vec() }).is_ok()
    }

    #[test]
    fn an_answer_says_its_length() {
        assert!(verdict("GET", 200, &[("content-length", "2")], "ab"));
        assert!(verdict("GET", 307, &[("content-length", "0")], ""));
        assert!(verdict("HEAD", 200, &[], ""));
        assert!(verdict("HEAD", 307, &[("content-length", "0")], ""));
        assert!(!verdict("HEAD", 307, &[("content-length", "5")], ""));
        assert!(verdict("POST", 204, &[], ""));
        assert!(!verdict("GET", 200, &[("transfer-encoding", "chunked")], "ab"));
        assert!(!verdict("GET", 200, &[], "ab"));
        assert!(!verdict("GET", 200, &[("content-length", "3")], "ab"));
        assert!(!verdict("HEAD", 200, &[("content-length", "2")], ""));
    }
}
