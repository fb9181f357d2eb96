//! A form as `multipart/form-data` (RFC 7578), read as servers read it.

use std::fmt::Write as _;

/// The most parts that are read.
const MOST: usize = 2000;

/// A part of a form: a text field, or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'b> {
    /// The name of its field, as it was sent.
    pub name: String,
    /// What the sender calls the file: empty where none was chosen. None of a text field.
    pub file: Option<String>,
    /// Text, or what is in the file.
    pub value: &'b str,
}

/// Its parts, as many as are read; none if it is no such form.
pub fn parts<'b>(media: &str, body: &'b str) -> Option<Vec<Part<'b>>> {
    let boundary = boundary(media)?;
    Some(body.split(&format!("--{boundary}")).skip(1).take(MOST).filter_map(part).collect())
}

/// Its text fields as a form (`application/x-www-form-urlencoded`); none if it is no such form.
pub fn as_form(media: &str, body: &str) -> Option<String> {
    let mut form = String::new();
    for part in parts(media, body)?.iter().filter(|part| part.file.is_none()) {
        if !form.is_empty() {
            form.push('&');
        }
        encode(&part.name, &mut form);
        form.push('=');
        encode(part.value, &mut form);
    }
    Some(form)
}

fn part(text: &str) -> Option<Part<'_>> {
    // Line ends are CRLF; servers take bare ones as well.
    let text = text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n')).unwrap_or(text);
    let (head, value) = match (text.split_once("\r\n\r\n"), text.split_once("\n\n")) {
        (Some(split), None) | (None, Some(split)) => split,
        (Some(a), Some(b)) => {
            if a.0.len() <= b.0.len() {
                a
            } else {
                b
            }
        }
        (None, None) => return None,
    };
    let value = value.strip_suffix("\r\n").or_else(|| value.strip_suffix('\n')).unwrap_or(value);
    let is_disposition =
        |line: &&str| line.get(..20).is_some_and(|name| name.eq_ignore_ascii_case("content-disposition:"));
    let line = head.lines().find(is_disposition)?;
    let file = parameter(line, "filename").or_else(|| parameter(line, "filename*"));
    Some(Part { name: parameter(line, "name").unwrap_or_default(), file, value })
}

fn encode(text: &str, form: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            form.push(char::from(byte));
        } else {
            let _written = write!(form, "%{byte:02X}");
        }
    }
}

fn boundary(media: &str) -> Option<String> {
    let is_form = media.get(..19).is_some_and(|head| head.eq_ignore_ascii_case("multipart/form-data"));
    parameter(media, "boundary").filter(|boundary| is_form && (1..=200).contains(&boundary.len()))
}

/// A parameter of a header field: bare, or in quotes.
fn parameter(field: &str, name: &str) -> Option<String> {
    let mut rest = field;
    while let Some((_, behind)) = rest.split_once(';') {
        let (known, value) = behind.split_once('=')?;
        let quoted = value.trim_start().strip_prefix('"');
        let end = match quoted {
            Some(text) => text.find('"').unwrap_or(text.len()),
            None => value.find(';').unwrap_or(value.len()),
        };
        let text = quoted.unwrap_or(value);
        let (found, after) = text.split_at_checked(end)?;
        if known.trim().eq_ignore_ascii_case(name) {
            return Some(found.trim().to_owned());
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_for_a_file_is_told_from_one_of_text() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; \
            name=\"f\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--x--\r\n";
        let part =
            |name: &str, file: Option<&str>, value| Part { name: name.into(), file: file.map(str::to_owned), value };
        let read = parts("multipart/form-data; boundary=x", body).unwrap();
        assert_eq!(read, [part("n", None, "1"), part("f", Some(""), "")]);
    }

    #[test]
    fn text_fields_are_read_and_files_are_not() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na@b.c\r\n\
            --x\r\ncontent-type: text/plain\r\ncontent-disposition: form-data; name=note\r\n\r\na&b=1\r\n\
            --x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.png\"\r\n\r\nbytes\r\n--x--\r\n";
        let form = as_form("Multipart/Form-Data; boundary=\"x\"", body).unwrap();
        assert_eq!(form, "email=a%40b%2Ec&note=a%26b%3D1");
        assert_eq!(as_form("multipart/form-data; charset=utf-8; boundary=x", body).unwrap(), form);
        assert_eq!(as_form("multipart/form-data; boundary=x", &body.replace("\r\n", "\n")).unwrap(), form);
        for media in ["multipart/form-data", "multipart/mixed; boundary=x", "text/plain; boundary=x", ""] {
            assert_eq!(as_form(media, body), None, "{media}");
        }
        for broken in ["", "--x", "--x\r\n", "--x\r\n\r\n", "--x--", "no boundary at all"] {
            assert_eq!(as_form("multipart/form-data; boundary=x", broken).unwrap(), "", "{broken}");
        }
    }
}
