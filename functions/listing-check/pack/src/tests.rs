use std::path::Path;

use super::*;

fn folder() -> Files {
    Files::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy")).unwrap()
}

fn said(change: impl FnOnce(&mut Files)) -> Vec<String> {
    let mut files = folder();
    change(&mut files);
    compile(&files).findings.iter().map(ToString::to_string).collect()
}

fn edited(path: &str, from: &str, to: &str) -> Vec<String> {
    said(|files| {
        let text = String::from_utf8(files.bytes(path).unwrap().to_vec()).unwrap();
        assert!(text.contains(from), "{path} has {from}");
        files.put(path, text.replacen(from, to, 1));
    })
}

#[test]
fn the_bundled_folder_is_a_pack_and_the_same_each_time() {
    let (one, two) = (compile(&folder()), compile(&folder()));
    assert_eq!(one.findings, []);
    assert_eq!(one, two);
    let pack = one.pack(&KIND).unwrap();
    assert!(Language::open(pack.section("language").unwrap()).is_some());
    assert!(listing_engine::Lexicon::open(pack.section("lexicon").unwrap()).unwrap().len() > 100);
}

#[test]
fn what_is_wrong_has_its_place_and_the_nearest_name() {
    let severity = edited("rules.toml", "severity = \"reject\"", "severity = \"rejct\"");
    assert!(severity[0].starts_with("rules.toml:6:12: error:") && severity[0].contains("reject"), "{severity:?}");
    let said_of_term = edited("lexicon/drugs.csv", "毒品", "……");
    assert_eq!(
        said_of_term,
        ["lexicon/drugs.csv:2:1: warning: `……` is left out: it has no letter, digit or character"]
    );
    let twice = edited("lexicon/drugs.csv", "海洛因", "毒品");
    let counts_once =
        "lexicon/drugs.csv:5:1: warning: 毒品 is a term already, and counts once: lexicon/drugs.csv, line 2";
    assert_eq!(twice, [counts_once]);
    let alias = edited("aliases.csv", "vx,微信,20", "vx,微倍,20");
    assert!(alias[0].starts_with("aliases.csv:2:4: warning: no list has the term 微倍"), "{alias:?}");
    assert_eq!(
        edited("aliases.csv", "vx,微信,20", "vx,微信"),
        ["aliases.csv:2:1: error: a row has 3 cells: another name, the term, what it costs"]
    );
    let orphan = said(|files| files.put("lexicon/nobody.csv", "刀\n"));
    assert_eq!(
        orphan,
        ["lexicon/nobody.csv: error: no group or list of that name: [group.nobody] is missing in rules.toml"]
    );
    let words = edited("language/words.csv", "一一,61", "一一,many");
    assert_eq!(words, ["language/words.csv:2:4: error: `many` is no number from 0 to 254"]);
    let contact = edited("rules.toml", "[group.contact]", "[group.contakt]");
    assert!(contact.iter().any(|said| said.contains("[group.contact] is missing")), "{contact:?}");
    assert!(contact.iter().any(|said| said.contains("lexicon/contakt.csv is missing")), "{contact:?}");
}

#[test]
fn words_that_say_something_are_checked() {
    let says = edited("cues.csv", "微信号,wechat anywhere", "微信号,wechat anywere");
    assert_eq!(says, ["cues.csv:2:5: error: `anywere` is nothing that a word can say; did you mean anywhere?"]);
    let form = edited("cues.csv", "微信号,", "ＷＸ号,");
    assert_eq!(form, ["cues.csv:2:1: error: `ＷＸ号` is never met: texts are read as `wx号`"]);
    let twice = edited("cues.csv", "微信号,wechat anywhere", "微信,wechat");
    assert_eq!(twice, ["cues.csv:3:1: error: 微信 stands in line 2 already"]);
    let cells = edited("cues.csv", "微信号,wechat anywhere", "微信号");
    assert_eq!(cells, ["cues.csv:2:1: error: a row has 2 cells: a word, and what it says"]);
}

#[test]
fn dates_and_exceptions_are_checked() {
    let until = "severity = \"reject\"\nfrom = \"2026-02-01\"\nuntil = \"2026-01-01\"";
    let said_of_dates = edited("rules.toml", "severity = \"reject\"", until);
    assert!(said_of_dates[0].contains("`until` is the first day"), "{said_of_dates:?}");
    let day = edited("rules.toml", "severity = \"reject\"", "severity = \"reject\"\nfrom = \"soon\"");
    assert!(day[0].starts_with("rules.toml:7:8: error: a day is written 2026-01-31"), "{day:?}");
    let exceptions = |text: &str| said(|files| files.put("exceptions.csv", text.to_owned()));
    assert_eq!(exceptions("毒品,shop-1,,2027-01-01\n"), Vec::<String>::new());
    assert_eq!(
        exceptions("毒品,,,2027-01-01\n毒药品,shop-1,,2027-01-01\n毒品,shop-1,,later\n毒品\n"),
        [
            "exceptions.csv:1:4: error: an exception is of a seller or of a category; a word for all belongs in allow.csv",
            "exceptions.csv:2:1: error: no group has the term 毒药品; did you mean 毒品?",
            "exceptions.csv:3:12: error: `later` is no day: it is written 2026-01-31",
            "exceptions.csv:4:1: error: a row has 4 cells: term, seller, category, the first day on which it no longer holds",
        ]
    );
}

#[test]
fn senses_are_checked() {
    let senses = |text: &str| said(|files| files.put("senses.csv", text.to_owned()));
    assert_eq!(senses("气枪,~钉\n气枪,,五金\nvx,视频\ngroup:drugs,试纸\nagainst,打鸟\n"), Vec::<String>::new());
    assert_eq!(
        senses("毒药品,书\n毒药品,试纸\ngroup:drug,书\n毒品,\n毒品,~\nagainst,,五金\n毒品,书,五金\n毒品,VX\n毒品\n"),
        [
            "senses.csv:1:1: warning: no group has the term 毒药品; did you mean 毒品?",
            "senses.csv:3:1: warning: there is no group drug; did you mean drugs?",
            "senses.csv:4:4: error: there is no word",
            "senses.csv:5:4: error: there is no word",
            "senses.csv:6:9: error: there is no word",
            "senses.csv:7:4: error: a row has a word or a category, not both",
            "senses.csv:8:4: error: a word has at most 20 characters, in lower case",
            "senses.csv:9:1: error: a row has 2 or 3 cells: a term, a word beside which it means something else, a category",
        ]
    );
}

#[test]
fn what_changed_is_said_in_words() {
    let before = compile(&folder()).pack(&KIND).unwrap();
    let mut files = folder();
    files.put("lexicon/drugs.csv", "毒品\n大麻\n冰毒\n海洛因\n摇头丸\n笑气\n迷药\n听话水\n罂粟壳\n新型毒物\ncocaine\n");
    let text = String::from_utf8(files.bytes("policy.toml").unwrap().to_vec()).unwrap();
    files.put("policy.toml", text.replace("least_gain = 14", "least_gain = 16"));
    let after = compile(&files).pack(&KIND).unwrap();
    let changes: Vec<String> = (KIND.changes)(&before, &after).into_iter().map(|change| change.en).collect();
    assert_eq!(
        changes,
        [
            "A reading other than the literal one must win by 14 quarter bits: becomes 16",
            "New term: 新型毒物 (drugs)",
            "Term removed: 麻古 (drugs)",
        ]
    );
    assert!((KIND.changes)(&before, &before).is_empty());
}

/// An operator's own list, with a header and categories, that shares words with bundled ones.
#[test]
fn lists_of_ones_own() {
    let own = |list: &str| {
        let mut files = folder();
        let rules = String::from_utf8(files.bytes("rules.toml").unwrap().to_vec()).unwrap();
        let texts = "what = { zh = \"自有\", en = \"own\" }\ncites = { zh = \"x\", en = \"x\" }\nsuggestion = { zh = \"x\", en = \"x\" }\n";
        files.put("rules.toml", format!("{rules}\n[group.zz]\nfamily = \"own\"\nseverity = \"warn\"\n{texts}"));
        files.put("lexicon/zz.csv", list.to_owned());
        let compiled = compile(&files);
        let said: Vec<String> = compiled.findings.iter().map(ToString::to_string).collect();
        let pack = compiled.pack(&KIND).ok();
        let groups = |term: &str| {
            let pack = pack.as_ref()?;
            let lexicon = listing_engine::Lexicon::open(pack.section("lexicon")?)?;
            let term = (0..lexicon.len() as u32).filter_map(|at| lexicon.term(at)).find(|one| one.text() == term)?;
            let map = pack_source::Map::open(pack.section("groups")?).ok()?;
            map.text(&format!("{}/code", term.group)).map(str::to_owned)
        };
        (said, ["蓝鳍鱼肝", "六合彩", "白犀角粉", "毒品"].map(groups))
    };
    let some = |codes: [Option<&str>; 4]| codes.map(|code| code.map(str::to_owned));
    let (said, groups) = own("词条,类别\n蓝鳍鱼肝,\n六合彩,\n白犀角粉,wildlife\n象,自有\n***,zz\n蓝鳍鱼肝,zz\n");
    assert!(said.iter().all(|said| said.contains(": warning: ")), "{said:?}");
    let places = [
        "3:1: warning: 六合彩",
        "5:1: warning: `象` is one character",
        "6:1: warning: `***` is of signs alone",
        "7:1: ",
    ];
    for place in places {
        assert!(said.iter().any(|said| said.starts_with(&format!("lexicon/zz.csv:{place}"))), "{place}: {said:?}");
    }
    assert_eq!(said.len(), places.len(), "{said:?}");
    assert_eq!(groups, some([Some("zz"), Some("gambling"), Some("wildlife"), Some("drugs")]));
    let (said, _) = own("term,category\n蓝鳍鱼肝,wildlive\n");
    assert!(
        said[0].contains("zz.csv:2:6: error: no group has the code \"wildlive\"") && said[0].contains("wildlife"),
        "{said:?}"
    );
    let (said, _) = own("蓝鳍鱼肝,wildlife\n");
    assert!(said[0].contains("zz.csv:1:6: error: ") && said[0].contains("term,category"), "{said:?}");
}
