//! Forms that are kept while their browser is challenged.

#![allow(clippy::unwrap_used, reason = "tests may fail by panicking")]

#[path = "support/shop.rs"]
mod shop;
mod support;

use http::Method;
use shop::{ask, before};

#[test]
fn a_form_of_parts_is_kept_unless_a_file_was_chosen() {
    let (mut host, sent) = before(&[]);
    let part = |field: &str, value: &str| format!("--x\r\nContent-Disposition: form-data; {field}\r\n\r\n{value}\r\n");
    let text = part("name=\"quantity\"", "2") + &part("name=\"note[]\"", "<b>\"\r\n茶");
    let program = |media: &'static str| [("user-agent", "curl/8"), ("accept", "text/html"), ("content-type", media)];
    let parts = "multipart/form-data; boundary=x";
    let mut page = |media, body: &str| {
        let answer = ask(&mut host, Method::POST, "/checkout", &program(media), body);
        assert_eq!(answer.status(), 403);
        String::from_utf8(answer.ours().unwrap().body).unwrap()
    };
    let kept = page(parts, &(text.clone() + &part("name=\"photo\"; filename=\"\"", "") + "--x--\r\n"));
    for wanted in [
        r#" enctype="multipart/form-data""#,
        r#"<input type="hidden" name="quantity" value="2">"#,
        "<input type=\"hidden\" name=\"note[]\" value=\"&lt;b&gt;&quot;\r\n茶\">",
        r#"<input type="file" name="photo" hidden>"#,
    ] {
        assert!(kept.contains(wanted), "{wanted}: {kept}");
    }
    let chosen = part("name=\"photo\"; filename=\"a.png\"", "bytes") + "--x--\r\n";
    let many: String = (0..600).map(|n| part(&format!("name=\"n{n}\""), "")).collect();
    for (media, body) in [
        (parts, text.clone() + &chosen),
        (parts, many),
        ("multipart/mixed; boundary=x", text.clone()),
        ("multipart/form-data", text.clone()),
        ("text/plain", "a=1".to_owned()),
    ] {
        let lost = page(media, &body);
        assert!(lost.contains("data-lost") && !lost.contains("name=\"quantity\""), "{media}: {lost}");
    }
    assert!(!page("application/x-www-form-urlencoded", "a=1").contains("enctype"));
    assert!(sent.borrow().is_empty());
}
