use super::*;

fn said(text: &str, ask: impl Fn(&Table<'_>)) -> Vec<String> {
    let files = Files::of([("a.toml", text)]);
    let findings = Findings::new();
    if let Some(document) = Document::parse(&files, "a.toml", &findings) {
        ask(&document.root());
    }
    findings.sorted().iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_right_is_read_and_nothing_is_said() {
    let text = "n = 0x10\n[a]\nyes = true\nwords = [\"x\", \"y-1\"]\n[[e]]\nday = \"d\"\n[[e]]\nday = \"e\"\n";
    let nothing = said(text, |root| {
        assert_eq!(root.int("n", 0..=16), Some(16));
        let a = root.table("a").unwrap();
        assert_eq!((a.flag("yes"), a.codes("words")), (Some(true), Some(vec!["x", "y-1"])));
        let editions = root.want("e").unwrap().list().unwrap();
        let days: Vec<_> = editions.iter().map(|edition| edition.table().unwrap().text("day")).collect();
        assert_eq!(days, [Some("d"), Some("e")]);
        assert_eq!(a.get("none").map(|value| value.name().to_owned()), None);
        assert_eq!(root.keys().collect::<Vec<_>>(), ["a", "e", "n"]);
        root.only(["a", "e", "n"]);
    });
    assert_eq!(nothing, [""; 0]);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let text = "# 注\n[clone]\n  device = 10\n  places = 1 # few\n  more = \"x\"\n[list]\nwords = [\n  \"a\",\n  \"B\", \"a\",\n  3,\n]\n";
    assert_eq!(
        said(text, |root| {
            let clone = root.table("clone").unwrap();
            clone.int("devices", 2..=100);
            clone.int("places", 2..=100);
            clone.int("more", 2..=100);
            clone.flag("more");
            clone.only(["devices", "places", "more"]);
            root.table("list").unwrap().codes("words");
            root.table("complaint");
            root.want("clone").unwrap().list();
        }),
        [
            "a.toml: error: [complaint] is missing",
            "a.toml:2:1: error: [clone]: a list is wanted, not a table",
            "a.toml:2:2: error: [clone] devices is missing",
            "a.toml:3:3: error: [clone] device: no such name here; did you mean devices?",
            "a.toml:4:12: error: [clone] places = 1: an integer from 2 to 100 is wanted",
            "a.toml:5:10: error: [clone] more: an integer from 2 to 100 is wanted, not \"x\"",
            "a.toml:5:10: error: [clone] more: true or false is wanted, not \"x\"",
            "a.toml:9:3: error: [list] words (no. 2): \"B\": lower-case letters, digits, _ and - are wanted",
            "a.toml:9:8: error: [list] words (no. 3): \"a\" occurs twice",
            "a.toml:10:3: error: [list] words (no. 4): a text that is not blank is wanted, not 3",
        ]
    );
}

#[test]
fn tables_within_lists_and_tables_are_named_by_their_way() {
    let text = "[[fund]]\nlimit = { value = 1, stat = \"sourced\" }\n[[fund]]\nstatus = \"surced\"\nsource = \" \"\n";
    assert_eq!(
        said(text, |root| {
            let editions = root.want("fund").unwrap().list().unwrap();
            let limit = editions[0].table().unwrap().table("limit").unwrap();
            limit.text("status");
            limit.only(["value", "status", "source"]);
            let second = editions[1].table().unwrap();
            second.want("status").unwrap().one_of(&["sourced", "example"]);
            second.text("source");
            second.int("limit", 0..=1);
        }),
        [
            "a.toml:2:1: error: [fund] (no. 1).limit.status is missing",
            "a.toml:2:22: error: [fund] (no. 1).limit.stat: no such name here; did you mean status?",
            "a.toml:3:1: error: [fund] (no. 2).limit is missing",
            "a.toml:4:10: error: [fund] (no. 2).status = \"surced\": one of sourced, example is wanted; did you mean sourced?",
            "a.toml:5:10: error: [fund] (no. 2).source: a text that is not blank is wanted, not \" \"",
        ]
    );
}

#[test]
fn what_is_no_toml() {
    assert_eq!(said("a = 1\nb = = 2\n", |_| ()), ["a.toml:2:5: error: extra `=`, expected nothing"]);
    assert_eq!(said("a = 1\n\na = 2\n", |_| ()), ["a.toml:3:1: error: duplicate key"]);
    assert_eq!(
        said("a = 99999999999999999999\n", |root| {
            root.int("a", 0..=i64::MAX);
        }),
        ["a.toml:1:5: error: [a]: an integer from 0 to 9223372036854775807 is wanted, not 99999999999999999999"]
    );
}
