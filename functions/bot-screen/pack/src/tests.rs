use pack_source::{Files, section};
use screen_rules::signal::{Signal, Value};
use screen_rules::{Facts, Index, Part, RuleSet};

use super::KIND;

const POLICY: &str = include_str!("../../policy/policy.toml");
const MESSAGES: &str = include_str!("../../policy/messages.toml");
const PRICES: &str = include_str!("../../policy/prices.toml");
const LIMITS: &str = include_str!("../../policy/limits.toml");
const ACTIONS: &str = "[[action]]\nclass = \"cart\"\npath = [\"/cart/*\"]\n";

fn files(rules: &str) -> Files {
    files_with(rules, PRICES, LIMITS)
}

fn files_with(rules: &str, prices: &str, limits: &str) -> Files {
    let policy = [
        ("policy.toml", POLICY),
        ("messages.toml", MESSAGES),
        ("actions.toml", ACTIONS),
        ("ranges.toml", "group = []"),
    ];
    Files::of(policy.into_iter().chain([("rules.toml", rules), ("prices.toml", prices), ("limits.toml", limits)]))
}

#[test]
fn prices_and_limits_that_cannot_be_meant_are_refused() {
    let rules = rule("r", "asn == 1", "");
    let price = |action: &str, bits: u8| {
        format!(
            "[[price]]\naction = \"{action}\"\nwork_bits = {bits}\nwait_seconds = 3\nalways = false\nfails = \"open\"\n"
        )
    };
    let twice = [price("cart", 12), price("cart", 13)].concat();
    for (prices, said) in [
        (price("static", 12), "static is free"),
        (price("browse", 12), "browse is free"),
        (price("crat", 12), "cart"),
        (price("cart", 40), "8"),
        (price("cart", 12) + "kind = \"game\"\n", "any"),
        (twice, "has a price already"),
    ] {
        let found = (KIND.compile)(&files_with(&rules, &prices, LIMITS)).findings;
        assert!(found.iter().any(|one| one.to_string().contains(said)), "{said}: {found:?}");
    }
    let limit = |per: &str, requests: u32| {
        format!(
            "[[limit]]\ncode = \"a\"\nactions = [\"cart\"]\nper = \"{per}\"\nover = \"throttle\"\nrequests = {requests}\n\
             seconds = 1\nburst = 1\nreads = false\nzh = \"一\"\nen = \"a\"\n"
        )
    };
    let twice = [limit("item", 1), limit("account", 1)].concat();
    for (limits, said) in
        [(limit("adress", 1), "address"), (limit("address", 5000), "no limit"), (twice, "stands twice")]
    {
        let found = (KIND.compile)(&files_with(&rules, PRICES, &limits)).findings;
        assert!(found.iter().any(|one| one.to_string().contains(said)), "{said}: {found:?}");
    }
}

fn rule(code: &str, when: &str, more: &str) -> String {
    format!("[[rule]]\ncode = \"{code}\"\nwhen = '{when}'\nweight = 10\nzh = \"一\"\nen = \"a\"\n{more}\n")
}

struct Request(Vec<(Signal, Value<'static>)>, Vec<(&'static str, &'static str)>);

impl Facts for Request {
    fn signal(&self, signal: Signal) -> Option<Value<'_>> {
        self.0.iter().find(|(known, _)| *known == signal).map(|(_, value)| *value)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.1.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    fn before(&self, name: &str, other: &str) -> Option<bool> {
        let place = |name: &str| self.1.iter().position(|(known, _)| *known == name);
        Some(place(name)? < place(other)?)
    }
}

fn matches(rules: &str, request: &Request) -> Vec<String> {
    let pack = (KIND.compile)(&files(rules)).pack(&KIND).unwrap();
    let index = Index::open(section(&pack, "common").get("index").unwrap()).unwrap();
    let all = RuleSet::new(index, Part::open(pack.section("rules").unwrap()));
    let found = all.run(request);
    assert!(all.is_sound() && found.whole);
    let unread = RuleSet::new(index, None).run(request);
    // What was not read may be told from what does not match.
    if unread.whole {
        assert_eq!(unread, found);
    }
    let words = section(&pack, "rule-words");
    found.matches.iter().map(|one| words.text(&format!("{}/code", one.rule)).unwrap().to_owned()).collect()
}

#[test]
fn rules_that_can_be_looked_up_are_read_when_one_could_match() {
    let unread = |rules: &str, request: &Request| {
        let pack = (KIND.compile)(&files(rules)).pack(&KIND).unwrap();
        let set = RuleSet::new(Index::open(section(&pack, "common").get("index").unwrap()).unwrap(), None);
        let found = set.run(request);
        (found.matches.iter().map(|one| one.rule).collect::<Vec<_>>(), found.whole)
    };
    let rules = [
        rule("path", r#"path == "/p/1""#, ""),
        rule("always", r#"not (path == "/")"#, "label = \"page\""),
        rule("labelled", r#"label("page") and host == "b.example""#, ""),
        rule("either", r#"host == "c.example" or path == "/p/3""#, ""),
    ];
    // Of few rules all are in the index.
    let many = (0..300).map(|n| rule(&format!("r{n}"), &format!(r#"path == "/none/{n}""#), ""));
    let rules: String = rules.into_iter().chain(many).collect();
    let asked = |path, host| {
        let signals = vec![(Signal::Path, Value::Text(path)), (Signal::Host, Value::Text(host))];
        Request(signals, Vec::new())
    };
    assert_eq!(unread(&rules, &asked("/", "a.example")), (vec![], true));
    assert!(!unread(&rules, &asked("/p/1", "a.example")).1);
    // The label leads to a rule that is not there.
    assert_eq!(unread(&rules, &asked("/p/2", "a.example")), (vec![1], false));
    assert!(!unread(&rules, &asked("/", "c.example")).1);
    assert_eq!(unread(&rule("always", r#"path contains "x""#, ""), &asked("/x", "a")), (vec![0], true));
}

#[test]
fn parts_beginnings_ends_and_numbers_lead_to_rules() {
    let when = |n: i32| match n % 7 {
        0 => format!(r#"path starts_with "/{n}/""#),
        1 => format!(r#"path ends_with [".{n}", "/{n}"]"#),
        2 => format!("asn == {n} and not verified_bot"),
        3 => format!(r#"path starts_with ["/{n}-", "/x{n}"] or asn in [{n}]"#),
        4 => format!(r#"header("user-agent") contains ["Bot{n}", "{n}-crawler"]"#),
        5 => format!(r#"query contains "id={n}""#),
        6 if n % 2 == 0 => format!(r#"header("x-short") contains "{n}""#),
        _ => format!(r#"header("accept") == "text/{n}" or header("x-app") starts_with "v{n}""#),
    };
    let rules: String = (100..800).map(|n| rule(&format!("r{n}"), &when(n), "")).collect();
    let asked = |path, asn, query, headers: &[(&'static str, &'static str)]| {
        let signals = [(Signal::Path, Value::Text(path)), (Signal::Asn, Value::Number(asn))];
        let more = [(Signal::VerifiedBot, Value::Flag(false)), (Signal::Query, Value::Text(query))];
        Request(signals.into_iter().chain(more).collect(), headers.to_vec())
    };
    for (request, wanted) in [
        (asked("/", 0, "", &[]), &[][..]),
        (asked("/301/", 0, "", &[]), &["r301"]),
        (asked("/301", 0, "", &[]), &[]),
        (asked("/a/302", 0, "", &[]), &["r302"]),
        (asked("/302/a", 0, "", &[]), &[]),
        (asked("/", 303, "", &[]), &["r303"]),
        (asked("/x304", 304, "", &[]), &["r304"]),
        (asked("/x304", 0, "", &[]), &["r304"]),
        (asked("/301/a.302", 303, "", &[]), &["r301", "r302", "r303"]),
        (asked("/", 0, "", &[("user-agent", "Mozilla/5.0 (compatible; Bot305/1.0)")]), &["r305"]),
        (asked("/", 0, "", &[("user-agent", "a 305-crawler, Bot312")]), &["r305", "r312"]),
        (asked("/", 0, "", &[("user-agent", "a 305 crawler Bot 312")]), &[]),
        (asked("/", 0, "a=1&id=306", &[]), &["r306"]),
        (asked("/", 0, "id=30", &[("accept", "id=306")]), &[]),
        (asked("/", 0, "", &[("accept", "text/321"), ("x-app", "v307.1")]), &["r307", "r321"]),
        (asked("/", 0, "", &[("x-short", "a300b 3 14")]), &["r300"]),
        (asked("", -1, "i", &[("user-agent", ""), ("accept", "te")]), &[]),
        (asked("茶", i64::MAX, "茶茶", &[("user-agent", "茶茶茶Bot305茶")]), &["r305"]),
    ] {
        assert_eq!(matches(&rules, &request), wanted);
    }
    let ordinary = asked("/p/celadon-teapot", 64_496, "utm_source=x", &[("user-agent", CHROME), ("accept", "*/*")]);
    let pack = (KIND.compile)(&files(&rules)).pack(&KIND).unwrap();
    let set = RuleSet::new(Index::open(section(&pack, "common").get("index").unwrap()).unwrap(), None);
    assert_eq!((set.run(&ordinary).matches, set.run(&ordinary).whole), (vec![], true), "none of 700 is even looked at");
}

const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/152.0.0.0 Safari/537.36";

#[test]
fn expressions_say_what_they_seem_to_say() {
    let request = Request(
        vec![
            (Signal::Path, Value::Text("/cart/add")),
            (Signal::Action, Value::Text("cart")),
            (Signal::Asn, Value::Number(64_500)),
            (Signal::VerifiedBot, Value::Flag(false)),
        ],
        vec![("accept", "text/html,*/*"), ("te", "trailers")],
    );
    for (when, holds) in [
        (r#"action == "cart""#, true),
        (r#"action != "cart""#, false),
        (r#"action in ["login", "cart"]"#, true),
        (r#"not action in ["login"] and asn >= 64500"#, true),
        (r#"asn > 64500 or asn < 64500"#, false),
        (r#"asn <= 64500 and asn in [1, 64500]"#, true),
        (r#"path starts_with "/cart" and path ends_with ["/x", "/add"]"#, true),
        (r#"path contains "rt/a""#, true),
        ("verified_bot", false),
        ("not verified_bot", true),
        // Weakest first: or, and, not.
        (r#"action == "login" and action == "cart" or asn == 64500"#, true),
        (r#"action == "login" and (action == "cart" or asn == 64500)"#, false),
        // What is not known neither is nor is not.
        (r#"country == "CN""#, false),
        (r#"country != "CN""#, false),
        (r#"not (country == "CN")"#, false),
        (r#"country == "CN" or action == "cart""#, true),
        ("known(country)", false),
        ("not known(country)", true),
        ("bot_score < 30", false),
        (r#"header("accept")"#, true),
        (r#"not header("accept-language")"#, true),
        (r#"header("accept") starts_with "text/html""#, true),
        (r#"header("accept") contains ["x", "*/*"]"#, true),
        (r#"header("te") == "trailers""#, true),
        (r#"header("te") != "x""#, true),
        (r#"header("dnt") != "1""#, false),
        (r#"before("accept", "te")"#, true),
        (r#"not before("te", "accept")"#, true),
        (r#"not before("dnt", "te")"#, false),
    ] {
        assert_eq!(!matches(&rule("r", when, ""), &request).is_empty(), holds, "{when}");
    }
}

#[test]
fn labels_are_read_by_rules_behind_and_those_of_shadows_by_shadows() {
    let request = Request(vec![(Signal::Action, Value::Text("cart"))], Vec::new());
    let rules = [
        rule("gives", r#"action == "cart""#, "label = \"one\""),
        rule("hidden", r#"action == "cart""#, "label = \"two\"\nshadow = true"),
        rule("reads", r#"label("one")"#, "label = \"three\""),
        rule("reads-on", r#"label("three") and action in ["cart"]"#, ""),
        rule("not-it", r#"label("two")"#, ""),
        rule("shadow", r#"label("two")"#, "shadow = true"),
    ]
    .concat();
    assert_eq!(matches(&rules, &request), ["gives", "hidden", "reads", "reads-on", "shadow"]);
    // Far behind as well, and among many that do not match.
    let many: String = (0..500).map(|n| rule(&format!("r{n}"), &format!(r#"host == "h{n}.example""#), "")).collect();
    let far = [rules, many, rule("last", r#"label("one") and action == "cart""#, "")].concat();
    assert_eq!(matches(&far, &request).last().unwrap(), "last");
    let host = Request(vec![(Signal::Host, Value::Text("h123.example"))], Vec::new());
    assert_eq!(matches(&far, &host), ["r123"]);
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_the_nearest_right_name() {
    for (when, said) in [
        (r#"acton == "cart""#, "3:9 acton: there is no such signal"),
        (r#"action == "crat""#, "3:19 \"crat\" is never its value"),
        (r#"action < 3"#, "3:16 action is a text: ==, !=, in, starts_with"),
        (r#"asn == "x""#, "3:16 a number is wanted here"),
        (r#"action == "cart"#, "3:19 a text begins here and does not end"),
        (r#"(action == "cart""#, "3:26 ) is wanted here"),
        (r#"action == "cart" x"#, "3:26 x is not expected here"),
        (r#"label("none")"#, "3:15 no rule above gives the label \"none\""),
        (r#"header("Accept")"#, "3:16 the name of a header field"),
        (r#"before("accept")"#, "3:24 , is wanted here"),
        ("", "3:8 a text that is not blank is wanted"),
    ] {
        let found: Vec<String> =
            (KIND.compile)(&files(&rule("r", when, ""))).findings.iter().map(ToString::to_string).collect();
        let (place, reason) = said.split_once(' ').unwrap();
        let said = |finding: &String| finding.starts_with(&format!("rules.toml:{place}: ")) && finding.contains(reason);
        assert!(found.iter().any(said), "{when}: {found:?}");
    }
    let meant = (KIND.compile)(&files(&rule("r", r#"action == "crat""#, ""))).findings;
    assert!(meant[0].to_string().contains("cart"), "{}", meant[0]);
    let deep = format!("{}asn == 1", "not ".repeat(40));
    assert!((KIND.compile)(&files(&rule("r", &deep, ""))).has_errors());
    let long = vec!["asn == 1"; 70].join(" or ");
    assert!((KIND.compile)(&files(&rule("r", &long, ""))).has_errors());
}
