use super::*;

const WANTED: [Wanted<'static>; 3] = [
    Wanted { name: "reason/expired", fills: Some(&["until"]) },
    Wanted { name: "reason/gone", fills: Some(&[]) },
    Wanted { name: "title/good", fills: None },
];

fn compiled(text: &str) -> (Option<Vec<u8>>, Vec<String>) {
    let files = Files::of([("messages.toml", text)]);
    let findings = Findings::new();
    let bytes = compile(&files, "messages.toml", &WANTED, &findings);
    (bytes, findings.sorted().iter().map(ToString::to_string).collect())
}

const GOOD: &str = "[reason]\nexpired = { zh = \"{until} 过期\", en = \"expired on {until}\" }\n\
                    gone = { zh = \"没有了\", en = \"gone\" }\n[title]\ngood = { zh = \"好\", en = \"Good {x}{x}\" }\n";

#[test]
fn texts_are_kept_by_section_code_and_language() {
    let (bytes, said) = compiled(&GOOD.replace("好", "好{x}"));
    assert_eq!(said, [""; 0]);
    let bytes = bytes.unwrap();
    let map = Map::open(&bytes).unwrap();
    assert_eq!(map.len(), 6);
    assert_eq!(
        (map.text("reason/gone/zh"), map.text("reason/expired/en")),
        (Some("没有了"), Some("expired on {until}"))
    );
}

#[test]
fn a_pack_without_a_text_that_the_code_asks_for_is_refused() {
    let text = GOOD.replace("好", "好{x}").replace("gone =", "gon =");
    assert_eq!(
        compiled(&text).1,
        [
            "messages.toml:1:2: error: [reason] gone is missing",
            "messages.toml:3:1: warning: [reason] gon: nothing asks for this text; did you mean [reason] gone?",
        ]
    );
    assert_eq!(
        compiled("").1,
        [
            "messages.toml: error: [reason] expired is missing",
            "messages.toml: error: [reason] gone is missing",
            "messages.toml: error: [title] good is missing",
        ]
    );
}

#[test]
fn what_is_wrong_with_a_text() {
    let text = "[reason]\nexpired = { zh = \"{untl}\", en = \"{until}\" }\ngone = { zh = \" \", en = \"x\\u202ey\", de = \"\" }\n\
                Odd = { zh = \"a\", en = \"b\" }\n[title]\ngood = { zh = \"{\", en = 3 }\n[other]\nx = \"text\"\n";
    assert_eq!(
        compiled(text).1,
        [
            "messages.toml:2:18: error: [reason] expired.zh: nothing fills in {untl}; did you mean {until}?",
            "messages.toml:2:18: error: [reason] expired.zh: {until} is missing, which the other language has",
            "messages.toml:2:33: error: [reason] expired.en: {untl} is missing, which the other language has",
            "messages.toml:3:15: error: [reason] gone.zh: a text that is not blank is wanted, not \" \"",
            "messages.toml:3:25: error: [reason] gone.en: a character that is not seen, U+202E",
            "messages.toml:3:37: error: [reason] gone.de: no such name here",
            "messages.toml:4:7: error: [reason] Odd: its name may have lower-case letters, digits, _ and -",
            "messages.toml:6:15: error: [title] good.zh: a brace without its other half",
            "messages.toml:6:25: error: [title] good.en: a text that is not blank is wanted, not 3",
            "messages.toml:8:5: error: [other] x: a table is wanted, not \"text\"",
        ]
    );
    let hidden = GOOD.replace("好", "好{x").replace("gone\"", "go\\u202ene\"");
    assert_eq!(
        compiled(&hidden).1,
        [
            "messages.toml:3:27: error: [reason] gone.en: a character that is not seen, U+202E",
            "messages.toml:5:15: error: [title] good.zh: a brace without its other half",
            "messages.toml:5:15: error: [title] good.zh: {x} is missing, which the other language has",
        ]
    );
}

#[test]
fn changed_words_are_told_in_both_languages() {
    let map = |entries: &[(&str, &str)]| {
        let mut map = MapWriter::new();
        for (name, text) in entries {
            map.text(*name, text);
        }
        map.finish().unwrap()
    };
    let before = map(&[("a/x/en", "one"), ("a/x/zh", "一"), ("a/y/en", "two"), ("a/z/en", "same")]);
    let after = map(&[("a/x/en", "1"), ("a/x/zh", "壹"), ("a/z/en", "same"), ("b/v/zh", "新")]);
    let (before, after) = (Map::open(&before).unwrap(), Map::open(&after).unwrap());
    let told = changes(before, after);
    assert_eq!(
        told.iter().map(|change| change.en.as_str()).collect::<Vec<_>>(),
        [
            "Words of a/x (en): \"one\" becomes \"1\"",
            "Words of a/x (zh): \"一\" becomes \"壹\"",
            "Words of a/y (en) are removed: \"two\"",
            "New words of b/v (zh): \"新\"",
        ]
    );
    assert_eq!(
        told.iter().map(|change| change.zh.as_str()).collect::<Vec<_>>(),
        [
            "文字 a/x（英文）：“one”改为“1”",
            "文字 a/x（中文）：“一”改为“壹”",
            "删去文字 a/y（英文）：“two”",
            "新文字 b/v（中文）：“新”",
        ]
    );
    assert!(changes(before, before).is_empty());
}
