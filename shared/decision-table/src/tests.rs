//! Hit policies, errors, the proofs on small tables, and the proofs against brute force on random ones.

use super::check::{self, FlawKind};
use super::compare::{Excess, excesses};
use super::*;

const HEAD: &str = "# title: t\n# source: s\n# status: example\n# effective_from: 2024-01-01\n";

fn read(text: &str) -> Table {
    read::table("t", &format!("{HEAD}{text}")).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// What runs: the table's bytes.
fn view(table: &Table) -> TableView<'static> {
    let view = TableView::open(table.to_bytes().unwrap().leak()).unwrap();
    assert_eq!(view.check(), Ok(()));
    view
}

fn flaws(text: &str) -> Vec<(FlawKind, Vec<u32>, String, u128)> {
    check::all(&read(text)).into_iter().map(|f| (f.kind, f.lines, f.region, f.cases)).collect()
}

#[test]
fn hit_policies() {
    let rows = "a,<=3,1\nb,>=3,2\n";
    let answer = |policy: &str, n: i64| {
        let table = view(&read(&format!("# domain n: 0..9\n{policy},n,x\n{rows}")));
        table.evaluate(&[Value::Int(n)]).map(|o| o.map(|o| (o.rules().map(|r| r.id).collect::<Vec<_>>(), o.int(0))))
    };
    assert_eq!(answer("U", 2), Ok(Some((vec!["a"], Some(1)))));
    assert_eq!(answer("U", 3), Err(EvalError::Conflict { first: "a", second: "b" }));
    assert_eq!(answer("F", 3), Ok(Some((vec!["a"], Some(1)))));
    assert_eq!(answer("A", 3), Err(EvalError::Conflict { first: "a", second: "b" }));
    assert_eq!(answer("C", 3), Ok(Some((vec!["a", "b"], Some(1)))));
    assert_eq!(answer("C+", 3), Ok(Some((vec!["a", "b"], Some(3)))));
    assert_eq!(answer("C<", 3), Ok(Some((vec!["a", "b"], Some(1)))));
    assert_eq!(answer("C>", 3), Ok(Some((vec!["a", "b"], Some(2)))));
    assert_eq!(answer("C#", 3), Ok(Some((vec!["a", "b"], Some(2)))));
    assert_eq!(answer("U", 10), Err(EvalError::OutsideDomain { input: "n" }));
}

#[test]
fn what_cannot_be_evaluated() {
    let big = i64::MAX;
    let table = view(&read(&format!("# domain n: 0..9\n# domain s: x|y\nC+,n,s,v\na,-,x,{big}\nb,5,-,1\n")));
    let evaluate = |inputs: &[Value<'_>]| table.evaluate(inputs).map(|o| o.and_then(|o| o.int(0)));
    assert_eq!(evaluate(&[Value::Int(1), Value::Text("x")]), Ok(Some(big)));
    assert_eq!(evaluate(&[Value::Int(5), Value::Text("x")]), Err(EvalError::NoAggregate { output: "v" }));
    assert_eq!(evaluate(&[Value::Int(1), Value::Text("y")]), Ok(None));
    assert_eq!(evaluate(&[Value::Int(1), Value::Text("z")]), Err(EvalError::OutsideDomain { input: "s" }));
    assert_eq!(evaluate(&[Value::Text("x"), Value::Int(1)]), Err(EvalError::WrongKind { input: "n" }));
    assert_eq!(evaluate(&[Value::Int(1)]), Err(EvalError::WrongInputs));
}

#[test]
fn gaps_overlaps_and_rules_that_never_decide() {
    // Line 7 is the first rule: four header lines, the domain and the header row stand above.
    let table = |policy: &str, rows: &str| flaws(&format!("# domain n: 0..9\n{policy},n,x\n{rows}"));
    assert_eq!(table("U", "a,<=3,1\nb,>3,2\n"), []);
    assert_eq!(table("U", "a,<3,1\nb,>4,2\n"), [(FlawKind::Gap, vec![], "n=3..4".to_owned(), 2)]);
    assert_eq!(table("U", "a,<=4,1\nb,>=3,2\n"), [(FlawKind::Overlap, vec![7, 8], "n=3..4".to_owned(), 2)]);
    assert_eq!(table("F", "a,<=4,1\nb,>=3,2\n"), []);
    assert_eq!(table("F", "a,-,1\nb,3,2\n"), [(FlawKind::Unreachable, vec![8], "rule b".to_owned(), 0)]);
    assert_eq!(table("U", "a,-,1\nb,10,2\n"), [(FlawKind::Unreachable, vec![8], "rule b".to_owned(), 0)]);
    assert_eq!(table("A", "a,<=4,1\nb,-,1\n"), []);
    assert_eq!(table("A", "a,<=4,1\nb,-,2\n"), [(FlawKind::Disagreement, vec![7, 8], "n=0..4".to_owned(), 5)]);
    assert_eq!(table("C+", "a,5,1\n"), []);
}

#[test]
fn amounts_that_fall_or_exceed_their_cap() {
    let table = |rows: &str| {
        flaws(&format!(
            "# domain z: a|b\n# domain kg: 1..9\n# amount: fen\n# cap: 50\n# monotone: kg -> amount\nU,z,kg,fen\n{rows}"
        ))
    };
    assert_eq!(table("r,-,<5,10\ns,-,>=5,50\n"), []);
    assert_eq!(table("r,-,<5,10\ns,-,>=5,51\n"), [(FlawKind::AboveCap, vec![12], "z=a|b, kg=5..9".to_owned(), 10)]);
    assert_eq!(
        table("r,a,<5,10\ns,a,>=5,9\nt,b,-,1\n"),
        [(FlawKind::Falls, vec![11, 12], "z=a, kg=5..9".to_owned(), 5)]
    );
    let formula = |rows: &str| {
        let amount = "first_and_continued(kg, f, n, m)";
        flaws(&format!(
            "# domain kg: 1..9\n# amount: {amount}\n# cap: 50\n# monotone: kg -> amount\nU,kg,f,n,m\n{rows}"
        ))
    };
    assert_eq!(formula("r,-,10,5,99\n"), []);
    assert_eq!(formula("r,-,10,6,99\n"), [(FlawKind::AboveCap, vec![10], "kg=1..9".to_owned(), 9)]);
    assert_eq!(formula("r,-,10,6,50\n"), []);
    // 10 + 5 × 3 = 25 at 4 kg, then 20 at 5 kg.
    assert_eq!(formula("r,<5,10,5,99\ns,>=5,20,0,99\n"), [(FlawKind::Falls, vec![10, 11], "kg=5..9".to_owned(), 5)]);
}

#[test]
fn a_blow_up_is_said_and_not_tried() {
    let columns: Vec<String> = (0..6).map(|c| format!("c{c}")).collect();
    let mut text: String = columns.iter().map(|c| format!("# domain {c}: int\n")).collect();
    text.push_str(&format!("U,{},x\n", columns.join(",")));
    for row in 0..10 {
        text.push_str(&format!("r{row},{},1\n", vec![row.to_string(); 6].join(",")));
    }
    let found = flaws(&text);
    assert_eq!(found.first().map(|f| f.0), Some(FlawKind::TooManyCells), "{found:?}");
}

#[test]
fn what_is_no_table() {
    let cases = [
        ("", "there is no table"),
        ("X,n,x\n", "hit policy"),
        ("# domain n: 0..9\nU,n,x\na,5\n", "2 cells"),
        ("# domain n: 0..9\nU,n,x\na,5,x\n", "is no number"),
        ("# domain n: 0..9\nU,n,x\na,5,1\na,6,1\n", "is there twice"),
        ("# domain n: 9..0\nU,n,x\n", "is empty"),
        ("# domain n: 0..9\n# domain m: 0..9\nU,n,x\n", "no such header line"),
        ("# domain n: 0..9\nU,x,n\n", "behind an output"),
        ("# domain n: 0..9\n# amount: y\nU,n,x\n", "no output of numbers"),
        ("# domain n: 0..9\n# monotone: n -> amount\nU,n,x\n", "no amount"),
        ("# domain n: 0..9\n# amount: first_and_continued(n, x, y)\nU,n,x,y\na,-,1,-1\n", "below zero"),
        ("# domain n: 0..9\n# amount: x\nC,n,x\n", "a list has none"),
        ("# domain n: 0..9\n# amount: share(n, x, x, x, x)\nC+,n,x\n", "collecting table"),
        ("# title: again\nU,n,x\n", "said twice"),
        ("# domain s: x|x\nU,s,x\n", "different texts"),
    ];
    for (text, reason) in cases {
        let error = read::table("t", &format!("{HEAD}{text}")).expect_err(text);
        assert!(error.reason.contains(reason), "{text}: {error}");
    }
}

#[test]
fn excess_over_real_cost_is_found_number_by_number() {
    let head = "# domain z: a|b\n# domain kg: 1..9\n# amount: first_and_continued(kg, f, n)\nU,z,kg,f,n\n";
    let payout = read(&format!("{head}p,a,-,13,2\nq,b,-,5,1\n"));
    let cost = read(&format!("{head}c,-,-,8,3\n"));
    // 13 + 2k > 8 + 3k as long as k < 5, and k is kg - 1: up to 5 kg.
    let region = "z=a, kg=1..5".to_owned();
    let expected = Excess { payout_line: 9, cost_line: 9, region, paid: 13, costs: 8, at: 1 };
    assert_eq!(excesses(&payout, &cost), Ok(vec![expected]));
    assert_eq!(excesses(&cost, &cost), Ok(vec![]));
}

/// A linear congruential generator (Knuth's MMIX constants): tests must repeat themselves.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % bound) as i64
    }
}

fn random_cell(random: &mut Seeded, text: bool) -> String {
    let (a, b) = (random.below(6), random.below(6));
    let (low, high) = (a.min(b), a.max(b));
    match (text, random.below(6)) {
        (_, 0) => "-".to_owned(),
        (true, 1) => format!("not({})", ["x", "y", "z"][random.below(3) as usize]),
        (true, 2) => "x|z".to_owned(),
        (true, _) => ["x", "y", "z"][random.below(3) as usize].to_owned(),
        (false, 1) => format!("<={a}"),
        (false, 2) => format!(">{a}"),
        (false, 3) => format!("not([{low}..{high}])"),
        (false, 4) => format!("{a}|{b}"),
        (false, _) => format!("[{low}..{high}]"),
    }
}

#[test]
fn proofs_agree_with_brute_force_on_random_tables() {
    let mut random = Seeded(1);
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..3_000 {
        let policy = ["U", "F", "A", "C+"][random.below(4) as usize];
        let mut text =
            "# domain n: 0..5\n# domain s: x|y|z\n# amount: v\n# cap: 5\n# monotone: n -> amount\n".to_owned();
        text.push_str(&format!("{policy},n,s,v\n"));
        for row in 0..=random.below(5) {
            let (n, s) = (random_cell(&mut random, false), random_cell(&mut random, true));
            text.push_str(&format!("r{row},{n},{s},{}\n", random.below(5)));
        }
        let table = read(&text);
        let runs = view(&table);
        let found = check::all(&table);
        seen.extend(found.iter().map(|flaw| flaw.kind));
        let cases = |kind| found.iter().filter(|f| f.kind == kind).map(|f| f.cases).sum::<u128>();

        let (mut gaps, mut conflicts, mut above) = (0, 0, 0);
        let mut falls = false;
        let mut decided = std::collections::BTreeSet::new();
        for s in ["x", "y", "z"] {
            let mut before: Option<i64> = None;
            for n in 0..=5 {
                let inputs = [Value::Int(n), Value::Text(s)];
                let amount = match runs.evaluate(&inputs) {
                    Ok(Some(outcome)) => {
                        decided.extend(outcome.rules().map(|rule| rule.line));
                        runs.amount(&inputs, &outcome)
                    }
                    Ok(None) if table.policy.wants_a_hit() => {
                        gaps += 1;
                        continue;
                    }
                    Ok(None) => Some(0),
                    Err(EvalError::Conflict { .. }) => {
                        conflicts += 1;
                        continue;
                    }
                    Err(error) => panic!("{error}"),
                };
                let amount = amount.expect("a number");
                above += u128::from(amount > 5);
                falls |= before.is_some_and(|before| amount < before);
                before = Some(amount);
            }
        }
        assert_eq!(cases(FlawKind::Gap), gaps, "round {round}\n{text}");
        assert_eq!(cases(FlawKind::Overlap) + cases(FlawKind::Disagreement), conflicts, "round {round}\n{text}");
        // Where rules conflict there is no amount to compare with, and every hitting rule of `U` and `A` counts.
        if conflicts == 0 {
            assert_eq!(cases(FlawKind::AboveCap), above, "round {round}\n{text}");
            assert_eq!(found.iter().any(|f| f.kind == FlawKind::Falls), falls, "round {round}\n{text}");
            let never: Vec<u32> = table.rules.iter().map(|r| r.line).filter(|line| !decided.contains(line)).collect();
            let claimed: Vec<u32> =
                found.iter().filter(|f| f.kind == FlawKind::Unreachable).flat_map(|f| f.lines.clone()).collect();
            assert_eq!(claimed, never, "round {round}\n{text}");
        }
    }
    use FlawKind::{AboveCap, Disagreement, Falls, Gap, Overlap, Unreachable};
    let all = [Gap, Overlap, Disagreement, Unreachable, AboveCap, Falls];
    assert!(all.iter().all(|kind| seen.contains(kind)), "the generator never makes one of them: {seen:?}");
}

#[test]
fn no_bytes_lead_out_of_a_table() {
    let text = "# domain n: 0..9\n# domain s: x|y\n# amount: first_and_continued(n, v, w)\nU,n,s,v,w,t:text\n\
                a,not(3|5),x,1,2,one\nb,3|5,x,3,4,two\nc,-,y,5,6,three\n";
    let bytes = read(text).to_bytes().unwrap();
    let whole = view(&read(text));
    assert_eq!((whole.title, whole.source, whole.rules().count()), ("t", "s", 3));
    let inputs = [Value::Int(3), Value::Text("x")];
    let hit = whole.evaluate(&inputs).unwrap().unwrap();
    assert_eq!((hit.rule().id, hit.text(2), whole.amount(&inputs, &hit)), ("b", Some("two"), Some(11)));
    for length in 0..bytes.len() {
        assert!(!TableView::open(&bytes[..length]).is_ok_and(|view| view.check().is_ok()), "cut at {length}");
    }
    for place in 0..bytes.len() {
        for value in [0, 1, 2, 3, 4, 8, 9, 63, 127, 128, 254, 255] {
            let mut bytes = bytes.clone();
            bytes[place] = value;
            let Ok(view) = TableView::open(&bytes) else { continue };
            let checked = view.check();
            let answer = view.evaluate(&inputs).map(|outcome| outcome.and_then(|hit| view.amount(&inputs, &hit)));
            assert!(checked.is_err() || answer != Err(EvalError::Malformed), "byte {place} as {value}");
            view.rules().for_each(|rule| drop((view.outputs_of(rule), view.test_of(rule, 1))));
        }
    }
}
