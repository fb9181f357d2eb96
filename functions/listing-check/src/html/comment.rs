//! What a comment hides: its words, without tags that are commented out and without conditions for mail programs.

/// The longest condition, such as `[if gte mso 9]`.
const LONGEST_CONDITION: usize = 40;

/// The stretches of text in a comment, in bytes of it.
pub fn texts(raw: &str) -> Vec<(usize, usize)> {
    let begins = ["<!--", "<!", "<?", "</"].iter().find(|mark| raw.starts_with(**mark)).map_or(0, |mark| mark.len());
    let ends = ["-->", ">"].iter().find(|mark| raw.ends_with(**mark)).map_or(0, |mark| mark.len());
    let end = raw.len().saturating_sub(ends).max(begins);
    let (mut texts, mut from, mut at) = (Vec::new(), begins, begins);
    while at < end {
        let rest = raw.get(at..end).unwrap_or_default();
        if let Some(len) = tag(rest).or_else(|| condition(rest)) {
            texts.push((from, at));
            at = at.saturating_add(len);
            from = at;
        } else {
            at = at.saturating_add(rest.chars().next().map_or(1, char::len_utf8));
        }
    }
    texts.push((from, end));
    texts.retain(|(from, to)| from < to);
    texts
}

/// How long the tag is that a text begins with.
fn tag(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('<')?;
    let opens = inside.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
    let end = inside.find(['<', '>']).filter(|end| inside.get(*end..).is_some_and(|rest| rest.starts_with('>')));
    let open = if inside.starts_with('!') { 2 } else { 1 };
    opens.then(|| end.map_or(open, |end| end.saturating_add(2)))
}

/// How long the condition is that a text begins with.
fn condition(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix("[if").or_else(|| rest.strip_prefix("[endif"))?;
    let end = inside.bytes().take(LONGEST_CONDITION).position(|byte| byte == b']')?;
    let len = rest.len().saturating_sub(inside.len()).saturating_add(end).saturating_add(1);
    let closed = rest.get(len..).is_some_and(|behind| behind.starts_with('>'));
    inside.get(..end)?.is_ascii().then(|| len.saturating_add(usize::from(closed)))
}
