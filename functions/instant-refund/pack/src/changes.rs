//! What changed between two packs, in words that a manager signs: each figure, each cell of a table, each text, with the
//! orders that it holds for.

use decision_table::{Interval, Output, RuleView, TableView, TestView};
use pack_source::{Change, Map, PackFile, section, words};

use crate::figures::{Kind, SECTIONS};
use crate::periods::{Period, differing};
use crate::{holidays, regions, tables};

/// What changed, in the order in which a person should read it.
pub fn between(before: &PackFile, after: &PackFile) -> Vec<Change> {
    let sections = |name| (section(before, name), section(after, name));
    let (was, is) = sections("figures");
    let mut told = figures(was, is);
    let (was, is) = sections("tables");
    told.extend(tables::EXPECTED.iter().flat_map(|expected| table(expected.name, was, is)));
    let (was, is) = sections("holidays");
    told.extend(holidays::changes(was, is));
    let (was, is) = sections("words");
    told.extend(words::changes(was, is));
    told
}

/// The two languages of one thing.
type Both = (String, String);

fn figures(before: Map<'_>, after: Map<'_>) -> Vec<Change> {
    let mut told = Vec::new();
    for (section, _, figures) in &SECTIONS {
        for figure in *figures {
            let series = |map: Map<'_>| {
                let value = |(number, from): (usize, i64)| {
                    let key = format!("{section}/{number}/{}", figure.name);
                    let shown = match figure.kind {
                        Kind::Words => listed(map.lines(&key)),
                        Kind::Flag => map.int(&key).map_or_else(none, |value| yes_or_no(value != 0)),
                        Kind::Integer(_) | Kind::Term(_) => {
                            map.int(&key).map_or_else(none, |value| with_unit(figure.name, value))
                        }
                    };
                    (from, shown)
                };
                map.ints(section).enumerate().map(value).collect::<Vec<_>>()
            };
            for period in differing(&series(before), &series(after)) {
                told.push(becomes((figure.zh.to_owned(), figure.en.to_owned()), &period));
            }
        }
    }
    told
}

/// `what: was becomes is, for orders paid from …`.
fn becomes((zh, en): Both, period: &Period<Both>) -> Change {
    let (when_zh, when_en) = period.words();
    let ((was_zh, was_en), (is_zh, is_en)) =
        (period.was.clone().unwrap_or_else(none), period.is.clone().unwrap_or_else(none));
    Change::new(
        format!("{zh}：由{was_zh}改为{is_zh}，适用于{when_zh}"),
        format!("{en}: {was_en} becomes {is_en}, {when_en}"),
    )
}

fn table(name: &str, before: Map<'_>, after: Map<'_>) -> Vec<Change> {
    let mut told = Vec::new();
    for period in differing(&editions(before, name), &editions(after, name)) {
        let (was, is) = (view(period.was), view(period.is));
        let groups = Groups { before: group_table(before, period.from), after: group_table(after, period.from) };
        told.extend(rules(name, was, is, &groups, &period));
    }
    told
}

fn view(bytes: Option<&[u8]>) -> Option<TableView<'_>> {
    TableView::open(bytes?).ok()
}

fn editions<'p>(map: Map<'p>, name: &str) -> Vec<(i64, &'p [u8])> {
    let starts = map.ints(name).enumerate();
    starts.map(|(number, from)| (from, map.get(&format!("{name}/{number}")).unwrap_or_default())).collect()
}

fn rules(
    name: &str,
    was: Option<TableView<'_>>,
    is: Option<TableView<'_>>,
    groups: &Groups<'_>,
    period: &Period<&[u8]>,
) -> Vec<Change> {
    let before: Vec<RuleView<'_>> = was.iter().flat_map(TableView::rules).collect();
    let after: Vec<RuleView<'_>> = is.iter().flat_map(TableView::rules).collect();
    let (title_zh, title_en) = title(name);
    let (when_zh, when_en) = period.words();
    let tell = |(case_zh, case_en): Both, (what_zh, what_en): Both| {
        Change::new(
            format!("{title_zh}{case_zh}：{what_zh}，适用于{when_zh}"),
            format!("{title_en}{case_en}: {what_en}, {when_en}"),
        )
    };
    let mut told = Vec::new();
    for rule in &after {
        let Some(view) = is else { continue };
        let case = case(name, view, *rule, groups.after);
        let old = before.iter().find(|old| old.id == rule.id);
        match (old, was) {
            (Some(old), Some(was)) if was.tests_of(*old) == view.tests_of(*rule) => {
                let columns = view.outputs().zip(outputs(was, *old).into_iter().zip(outputs(view, *rule)));
                for ((column, _), (old, new)) in columns.filter(|(_, (old, new))| old != new) {
                    let ((was_zh, was_en), (is_zh, is_en)) = (shown(column, &old), shown(column, &new));
                    let (zh, en) = output_name(column);
                    let zh = format!("{zh}由{was_zh}改为{is_zh}");
                    told.push(tell(case.clone(), (zh, format!("{en}{was_en} becomes {is_en}"))));
                }
            }
            (old, _) => {
                let (zh, en) = row(view, *rule);
                let (kind_zh, kind_en) = if old.is_some() { ("改为", "becomes") } else { ("新增", "is new:") };
                told.push(tell(
                    case,
                    (format!("规则 {} {kind_zh}{zh}", rule.id), format!("rule {} {kind_en} {en}", rule.id)),
                ));
            }
        }
    }
    for rule in before.iter().filter(|rule| after.iter().all(|new| new.id != rule.id)) {
        let Some(view) = was else { continue };
        let case = case(name, view, *rule, groups.before);
        told.push(tell(case, (format!("删去规则 {}", rule.id), format!("rule {} is removed", rule.id))));
    }
    told
}

/// All outputs of a row.
fn row(view: TableView<'_>, rule: RuleView<'_>) -> Both {
    let cells = view.outputs().zip(outputs(view, rule)).map(|((column, _), value)| {
        let ((zh, en), (value_zh, value_en)) = (output_name(column), shown(column, &value));
        (format!("{zh}{value_zh}"), format!("{en}{value_en}"))
    });
    let (zh, en): (Vec<String>, Vec<String>) = cells.unzip();
    (zh.join("、"), en.join(", "))
}

fn outputs<'a>(view: TableView<'a>, rule: RuleView<'a>) -> Vec<Output<'a>> {
    view.outputs_of(rule).unwrap_or_default()
}

/// The groups of regions, for people.
struct Groups<'p> {
    before: Option<TableView<'p>>,
    after: Option<TableView<'p>>,
}

fn group_table(map: Map<'_>, at: i64) -> Option<TableView<'_>> {
    let editions = editions(map, "region_groups");
    let in_force = editions.iter().rev().find(|(from, _)| *from <= at).or(editions.first());
    in_force.and_then(|(_, bytes)| TableView::open(bytes).ok())
}

/// The regions of a group by name; a group that leads to none stands for itself.
fn group(table: Option<TableView<'_>>, group: &str) -> Both {
    let mut named: Vec<(&str, &str)> = Vec::new();
    for rule in table.iter().flat_map(TableView::rules) {
        let Some(view) = table else { continue };
        if outputs(view, rule).first() == Some(&Output::Text(group))
            && let Ok(TestView::Texts(codes)) = view.test_of(rule, 0)
        {
            named.extend(codes.into_iter().map(regions::names));
        }
    }
    if named.is_empty() {
        return (group.to_owned(), group.to_owned());
    }
    let (zh, en): (Vec<&str>, Vec<&str>) = named.into_iter().unzip();
    (zh.join("、"), en.join(", "))
}

/// What a rule is about: ` from Zhejiang to Xinjiang`, ` (level 3 to 4)`; nothing if it asks nothing.
fn case(name: &str, view: TableView<'_>, rule: RuleView<'_>, groups: Option<TableView<'_>>) -> Both {
    let (mut zh, mut en) = (String::new(), String::new());
    let (mut more_zh, mut more_en) = (Vec::new(), Vec::new());
    for (place, column) in view.inputs().enumerate() {
        let Ok(test) = view.test_of(rule, place) else { continue };
        match (column.name, test) {
            (_, TestView::Any) => {}
            ("from" | "to", TestView::Texts(texts)) => {
                let (names_zh, names_en): (Vec<String>, Vec<String>) =
                    texts.into_iter().map(|text| group(groups, text)).unzip();
                let (word_zh, word_en) = if column.name == "from" { ("从", "from") } else { ("至", "to") };
                zh.push_str(&format!("{word_zh}{}", names_zh.join("、")));
                en.push_str(&format!(" {word_en} {}", names_en.join(", ")));
            }
            ("region", TestView::Texts(codes)) => {
                let (names_zh, names_en): (Vec<&str>, Vec<&str>) = codes.into_iter().map(regions::names).unzip();
                zh.push_str(&names_zh.join("、"));
                en.push_str(&format!(" {}", names_en.join(", ")));
            }
            (column, TestView::Texts(texts)) => {
                more_zh.push(format!("{column} {}", texts.join("、")));
                more_en.push(format!("{column} {}", texts.join(", ")));
            }
            (column, TestView::Ints(intervals)) => {
                let all: Vec<Both> = intervals.into_iter().map(|interval| between_words(column, interval)).collect();
                let (all_zh, all_en): (Vec<String>, Vec<String>) = all.into_iter().unzip();
                let (label_zh, label_en) = input_name(column);
                more_zh.push(format!("{label_zh}{}", all_zh.join("、")));
                more_en.push(format!("{label_en} {}", all_en.join(", ")));
            }
        }
    }
    if !more_zh.is_empty() {
        zh.push_str(&format!("（{}）", more_zh.join("；")));
        en.push_str(&format!(" ({})", more_en.join("; ")));
    }
    // A rule that asks nothing, or that reads like another, is told by its name.
    if zh.is_empty() || name == "lateness" {
        zh.push_str(&format!("〔{}〕", rule.id));
        en.push_str(&format!(" [{}]", rule.id));
    }
    (zh, en)
}

fn between_words(column: &str, Interval { low, high }: Interval) -> Both {
    let value = |value| with_unit(column, value);
    let ((low_zh, low_en), (high_zh, high_en)) = (value(low), value(high));
    if low == high {
        (low_zh, low_en)
    } else if low == i64::MIN {
        (format!("至多{high_zh}"), format!("up to {high_en}"))
    } else if high == i64::MAX {
        (format!("至少{low_zh}"), format!("from {low_en}"))
    } else {
        (format!("{low_zh}至{high_zh}"), format!("{low_en} to {high_en}"))
    }
}

fn title(name: &str) -> (&str, &str) {
    match name {
        "self_mail_tariff" => ("退货运费赔付", "Return freight"),
        "real_freight" => ("实际寄件运费", "Real cost of posting"),
        "region_groups" => ("费率分组", "Tariff group of"),
        "lateness" => ("延迟发货赔付", "Compensation for late shipment"),
        "lateness_extra" => ("长时间延迟加赔", "Extra for long delays"),
        "instant_caps" => ("极速退款额度", "Instant refunds"),
        other => (other, other),
    }
}

fn input_name(column: &str) -> (&str, &str) {
    match column {
        "weight_kg" => ("重量", "weight"),
        "paid_fen" => ("实付", "paid"),
        "hours_late" => ("延迟", "late by"),
        "level" => ("买家等级", "buyer level"),
        other => (other, other),
    }
}

/// An output's name as it stands before its value.
fn output_name(column: &str) -> Both {
    let (zh, en) = match column {
        "first_fen" => ("首重", "first kilogram "),
        "next_fen" => ("续重每公斤", "each further kilogram "),
        "most_fen" | "max_fen" => ("最多", "at most "),
        "min_fen" => ("最少", "at least "),
        "fixed_fen" => ("定额", "fixed amount "),
        "permille" => ("比例", "share "),
        "cap_fen" => ("单笔上限", "at most one refund of "),
        "per_year" => ("每年次数", "refunds a year "),
        "extra_fen" => ("加赔", "extra "),
        "group" => ("", ""),
        other => return (format!("{other} "), format!("{other} ")),
    };
    (zh.to_owned(), en.to_owned())
}

fn shown(column: &str, value: &Output<'_>) -> Both {
    match value {
        Output::Int(value) => with_unit(column, *value),
        Output::Text(text) => ((*text).to_owned(), (*text).to_owned()),
    }
}

/// A value by the ending of its name.
fn with_unit(name: &str, value: i64) -> Both {
    let both = |zh: &str, en: &str| (format!("{value}{zh}"), format!("{value} {en}"));
    match name.rsplit('_').next().unwrap_or_default() {
        "fen" => {
            let sign = if value < 0 { "-" } else { "" };
            let yuan = format!("{sign}{}.{:02}", value.unsigned_abs() / 100, value.unsigned_abs() % 100);
            (format!("{yuan}元"), format!("{yuan} yuan"))
        }
        "hours" | "late" => both("小时", "h"),
        "minutes" => both("分钟", "min"),
        "days" => both("天", "days"),
        "kg" => both("公斤", "kg"),
        "permille" => both("‰", "‰"),
        "minute" => {
            let clock = format!("{:02}:{:02}", value.div_euclid(60), value.rem_euclid(60));
            (clock.clone(), clock)
        }
        _ => (value.to_string(), value.to_string()),
    }
}

fn yes_or_no(value: bool) -> Both {
    let (zh, en) = if value { ("是", "yes") } else { ("否", "no") };
    (zh.to_owned(), en.to_owned())
}

fn listed<'l>(words: impl Iterator<Item = &'l str>) -> Both {
    let words: Vec<&str> = words.collect();
    if words.is_empty() { none() } else { (words.join("、"), words.join(", ")) }
}

fn none() -> Both {
    ("（无）".to_owned(), "(none)".to_owned())
}
