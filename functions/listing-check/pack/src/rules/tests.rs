use std::path::Path;
use std::sync::OnceLock;

use listing_engine::Language;
use pack_source::{Files, Findings, PackFile};

use crate::{changes, language, terms_and_rules};

fn folder() -> Files {
    Files::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy")).unwrap()
}

fn tables() -> Language<'static> {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    Language::open(BYTES.get_or_init(|| language::compile(&folder(), &Findings::new()).unwrap())).unwrap()
}

/// A folder with the contacts' group, one of terms, two lists and what is added to `rules.toml`.
fn with(rules: &str) -> Files {
    let texts =
        ["what", "cites", "suggestion"].map(|name| format!("{name} = {{ zh = \"甲\", en = \"a\" }}\n")).concat();
    let group = |code: &str| format!("[group.{code}]\nfamily = \"own\"\nseverity = \"review\"\n{texts}");
    let lists = "[list.near]\n[list.far]\n";
    let mut files = Files::default();
    for path in ["words/leading.csv", "words/denies.csv", "words/warns.csv", "words/between.csv", "words/compounds.csv"]
    {
        files.put(path, folder().bytes(path).unwrap());
    }
    let rule = rules.replace("TEXTS\n", &texts);
    files.put("rules.toml", group("contact") + &group("own") + lists + &rule);
    files.put("aliases.csv", "");
    files.put("allow.csv", "");
    files.put("lexicon/own.csv", "象牙\n转账\n");
    files.put("lexicon/near.csv", "私下\n转账\n");
    files.put("lexicon/far.csv", "付款\n");
    files
}

fn said_of(files: &Files) -> Vec<String> {
    let findings = Findings::new();
    let made = terms_and_rules(files, &tables(), &findings);
    assert!(made.is_some() || findings.has_errors());
    findings.sorted().iter().map(ToString::to_string).collect()
}

/// What is said of a rule with these lines; it begins at line 15, its lines at line 21.
#[track_caller]
fn said(lines: &str) -> Vec<String> {
    said_of(&with(&format!("[rule.one]\nfamily = \"own\"\nseverity = \"warn\"\nTEXTS\n{lines}\n")))
}

#[track_caller]
fn refused(lines: &str, place: &str, reason: &str) {
    let all = said(lines);
    let meant =
        all.iter().any(|said| said.starts_with(&format!("rules.toml:{place}: error:")) && said.contains(reason));
    assert!(meant, "{lines}: {place}: {reason}\n{all:#?}");
}

const NEAR: &str = "near = [[\"list:near\", \"group:own\"], [\"list:far\"]]";

#[test]
fn rules_of_every_kind_are_compiled() {
    let none: [&str; 0] = [];
    assert_eq!(said(&format!("{NEAR}\nwithin = 12")), none);
    for lines in [
        "near = [[\"list:near\"], [\"list:far\"]]\nacross = true\nwithout = [\"group:own\"]",
        "near = [[\"list:near\"]]\nfields = [\"title\", \"codes\"]",
        "pattern = \"国药准字 ?[a-z][0-9]{8}\"\nprice_from = 1\nprice_below = 100",
        "duty = [\"list:near\"]\ncategory = [\"食品/保健食品\"]\nnot_category = [\"食品\"]",
        "pattern = \"[0-9]{4}$\"\nfrom = \"2026-01-01\"\nuntil = \"2027-01-01\"\nshadow = true",
    ] {
        let all = said(lines);
        assert!(all.iter().all(|said| said.contains("warning: no rule names list:")), "{lines}: {all:?}");
    }
}

#[test]
fn what_is_wrong_with_a_rule_has_its_place() {
    refused("within = 3", "15:1", "it has none");
    refused(&format!("{NEAR}\nwithin = 3\npattern = \"a\""), "23:11", "[rule] one.near is there");
    refused("near = [[\"list:neer\"], [\"list:far\"]]\nwithin = 3", "21:10", "did you mean list:near?");
    refused("near = [[\"far\"]]\nwithin = 3", "21:10", "did you mean list:far?");
    refused("near = [[\"group:contact\"]]", "21:10", "no list or group \"group:contact\"");
    refused("near = []", "21:8", "1 to 4 lists of words are wanted");
    refused("near = [[]]", "21:9", "is empty");
    refused("near = [[\"list:near\"], [\"list:near\"]]\nwithin = 3", "21:24", "asked for already");
    refused(&format!("{NEAR}\nwithin = 0"), "22:10", "an integer from 1 to 200");
    refused(NEAR, "15:7", "within is missing");
    refused(&format!("{NEAR}\nacross = true\nwithin = 3"), "23:10", "have no window");
    refused(&format!("{NEAR}\nwithin = 3\nwithout = [\"list:far\"]"), "23:11", "that are asked for");
    refused("duty = [\"group:own\"]", "21:8", "a statement's words are those of a list");
    refused("duty = [\"list:near\"]\nwithin = 3", "22:10", "only a rule with near has it");
    refused("duty = [\"list:near\"]\nwithn = 3", "22:1", "did you mean within?");
    refused("duty = [\"list:near\"]\ncategory = []", "22:12", "is empty");
    refused("duty = [\"list:near\"]\ncategory = [\"食品//茶\"]", "22:13", "is empty; it is written");
    refused("duty = [\"list:near\"]\ncategory = [\"茶\"]\nnot_category = [\"茶\"]", "23:17", "is wanted and ruled out");
    refused("duty = [\"list:near\"]\nfields = [\"titel\"]", "22:11", "did you mean title?");
    refused("duty = [\"list:near\"]\nfields = [\"title\", \"title\"]", "22:20", "it occurs twice");
    refused(
        "duty = [\"list:near\"]\nprice_below = 5\nprice_from = 5",
        "15:7",
        "no price is at least 5 and below 5 fen",
    );
}

#[test]
fn patterns_that_cannot_run_are_refused() {
    refused("pattern = \"国药(准字\"", "21:11", "unclosed group");
    refused("pattern = \"a*\"", "21:11", "it is met by an empty text");
    refused("pattern = \"ABC[0-9]\"", "21:11", "write a for A");
    refused("pattern = \"國藥\"", "21:11", "write 国 for 國");
    refused("pattern = \"a\\\\d\"", "21:11", "classes are written out");
    refused("pattern = \"[a-z]x[a-z0-9]{40}y\"", "21:11", "exceeded");
    refused(&format!("pattern = \"{}\"", "a".repeat(401)), "21:11", "more than 400 characters");
    let many: String = (0..33)
        .map(|n| {
            let texts = "family = \"own\"\nseverity = \"warn\"\nTEXTS\n";
            format!("[rule.r{n}]\n{texts}pattern = \"x{n}\"\n")
        })
        .collect();
    let all = said_of(&with(&many));
    assert!(all.iter().any(|said| said.contains("there are at most 32 patterns")), "{all:?}");
}

#[test]
fn lists_are_checked() {
    let rule = format!("[rule.one]\nfamily = \"own\"\nseverity = \"warn\"\nTEXTS\n{NEAR}\nwithin = 3\n");
    let mut files = with(&rule);
    files.put("lexicon/near.csv", "私下\n私下\n……\n");
    files.put("lexicon/far.csv", "# nothing\n");
    files.put("lexicon/neer.csv", "刀\n");
    files.put("words/denies.csv", "不含\n不含\nNOT\n");
    assert_eq!(
        said_of(&files),
        [
            "lexicon/far.csv: error: there is no word in it: list:far of rules.toml can never be met",
            "lexicon/near.csv:2:1: warning: 私下 is in this list already, and counts once",
            "lexicon/near.csv:3:1: warning: `……` is left out: it has no letter, digit or character",
            "lexicon/neer.csv: error: no group or list of that name: [group.neer] is missing in rules.toml",
            "words/denies.csv:2:1: error: 不含 is in this list already",
            "words/denies.csv:3:1: error: texts are compared in lower case: not",
        ]
    );
    let both = said_of(&with(&format!("[list.own]\n[rule.own]\n{}", rule.replace("[rule.one]\n", ""))));
    assert!(both.iter().any(|said| said.contains("[group.own] has that list already")), "{both:?}");
    assert!(both.iter().any(|said| said.contains("[group.own] has that code already")), "{both:?}");
    let mut files = with(&rule);
    files.put("exceptions.csv", "rule:one,shop-1,,2027-01-01\nrule:on,shop-1,,2027-01-01\n付款,shop-1,,2027-01-01\n");
    let all = said_of(&files);
    assert_eq!(all[0], "exceptions.csv:2:1: error: there is no rule:on; did you mean rule:one?");
    // A list's word is no finding by itself: there is nothing to be excepted.
    assert_eq!(all[1], "exceptions.csv:3:1: error: no group has the term 付款");
}

#[test]
fn rules_that_changed_are_said_in_words() {
    let pack = |rules: &str, word: &str| {
        let mut files = with(rules);
        files.put("lexicon/far.csv", format!("{word}\n"));
        let findings = Findings::new();
        let [groups, rules, lexicon] = terms_and_rules(&files, &tables(), &findings).unwrap();
        let language = language::compile(&folder(), &findings).unwrap();
        let named = [("groups", groups), ("rules", rules), ("lexicon", lexicon), ("language", language)];
        PackFile::new("listing-check", 1, named.map(|(name, bytes)| (name.to_owned(), bytes)).to_vec()).unwrap()
    };
    let rule =
        |code: &str, lines: &str| format!("[rule.{code}]\nfamily = \"own\"\nseverity = \"warn\"\nTEXTS\n{lines}\n");
    let before = rule("one", &format!("{NEAR}\nwithin = 3")) + &rule("two", "pattern = \"a[0-9]\"");
    let after = rule("one", &format!("{NEAR}\nwithin = 5\nprice_below = 900\nfields = [\"title\"]"))
        + &rule("three", "duty = [\"list:far\"]\ncategory = [\"茶\"]\nuntil = \"2027-01-01\"");
    let (before, after) = (pack(&before, "付款"), pack(&after, "打款"));
    let said: Vec<String> = changes::between(&before, &after).into_iter().map(|change| change.en).collect();
    assert_eq!(
        said,
        [
            "Rule one: own, warn, list:near | group:own + list:far within 3 characters becomes own, warn, in title alone, \
             lowest price in fen below 900, list:near | group:own + list:far within 5 characters",
            "New rule three: own, warn, until 2027-01-01, in category 茶, must say list:far",
            "Rule two removed",
            "New term: 打款 (list:far)",
            "Term removed: 付款 (list:far)",
        ]
    );
    assert_eq!(changes::between(&before, &before), []);
}
