#![allow(clippy::unwrap_used)]
use shared::policy::Pack;

use crate::judge::{Outcome, What, judge};
use crate::listing::Listing;
use crate::policy::{BUNDLED, Rules};

/// The terms that are findings in a title, with the categories of a listing.
fn told(title: &str, category: &[&str]) -> Vec<String> {
    let pack = Pack::bundled(&BUNDLED);
    let rules = Rules::of(&pack, 0).unwrap();
    let category = category.iter().map(|part| (*part).to_owned()).collect();
    let listing = Listing { title: title.to_owned(), category, ..Listing::default() };
    let findings = judge(&listing, &rules).findings;
    let term = |what: What| if let What::Term { term, .. } = what { Some(term) } else { None };
    findings.into_iter().filter_map(|finding| term(finding.what)).collect()
}

#[track_caller]
fn clean(titles: &[&str]) {
    for title in titles {
        assert_eq!(told(title, &[]), Vec::<String>::new(), "{title}");
    }
}

#[track_caller]
fn found(titles: &[(&str, &str)]) {
    for (title, term) in titles {
        assert!(told(title, &[]).iter().any(|one| one == term), "{title}: {:?}", told(title, &[]));
    }
}

/// Each row of the bundled list: beside its word the term is none, beside others it is one.
#[test]
fn every_sense_is_one_beside_its_word_alone() {
    let rows = include_str!("../../policy/senses.csv");
    let rows = rows.lines().filter(|row| !row.starts_with('#')).filter_map(|row| row.split_once(','));
    let of_group = [
        ("group:weapons", "雷管"),
        ("group:drugs", "海洛因"),
        ("group:wildlife", "犀牛角"),
        ("group:spying", "窃听器"),
    ];
    let mut count = 0;
    let mut wrong: Vec<String> = Vec::new();
    for (key, word) in rows.filter(|(key, _)| *key != "against") {
        let name = of_group.iter().find(|(group, _)| *group == key).map_or(key, |(_, term)| term);
        let term = if name == "a货" { "高仿" } else { name };
        let is = |title: &str, category: &[&str]| told(title, category).iter().any(|one| one == term);
        let mut expect = |title: &str, category: &[&str], counts| {
            if is(title, category) != counts {
                wrong.push(format!("{title} {category:?}"));
            }
        };
        count += 1;
        expect(&format!("{name} 两件"), &[], true);
        if let Some(category) = word.strip_prefix(',') {
            expect(&format!("{name} 两件"), &["家居", category], false);
            continue;
        }
        let title = match word.strip_prefix('~') {
            Some(next) => format!("{name}{next} 两件"),
            None => format!("{word}款 {name} 两件"),
        };
        expect(&title, &[], false);
        expect(&format!("{title} 私聊"), &[], true);
        expect(&format!("{title} 加微信zs8866"), &[], true);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 100);
}

#[test]
fn another_sense_of_a_term() {
    clean(&[
        "气动钉枪 气枪 直钉枪 装修",
        "吹尘气枪 空压机用",
        "洗车气枪 高压吹风",
        "玩具手铐 儿童警察扮演",
        "毒品检测试纸 尿检",
        "毒品快速检测板 吗啡 冰毒 氯胺酮 三合一",
        "青少年禁毒知识读本 毒品危害",
        "枪灰色五金扣",
        "验钞机 假币识别",
        "比特币纪念币 收藏",
        "翡翠手镯 A货",
        "玻璃A货级 视觉效果",
        "针孔摄像头探测器 酒店防偷拍",
        "vpn路由器 企业级 防火墙",
    ]);
    found(&[
        ("气枪 打鸟 钉枪配件发货", "气枪"),
        ("气枪 高压 现货", "气枪"),
        ("警用手铐 精钢", "手铐"),
        ("金属玩具手枪改装件，撞针一套", "手枪"),
        ("冰毒 试纸 懂的来", "冰毒"),
        ("象牙手串 造型精美", "象牙"),
        ("大牌包 A货 顺丰", "高仿"),
        ("针孔摄像头 隐蔽 防偷拍", "针孔摄像头"),
        // In disguise it means what it says.
        ("禁毒读本 冰※毒", "冰毒"),
    ]);
}

/// A text that is nothing but one term is judged in bounded work: the first findings are told, all of them count.
#[test]
fn one_term_over_and_over() {
    let pack = Pack::bundled(&BUNDLED);
    let rules = Rules::of(&pack, 0).unwrap();
    let listing = Listing { title: "茶".to_owned(), description: "冰毒".repeat(25_000), ..Listing::default() };
    let judged = judge(&listing, &rules);
    assert_eq!((judged.findings.len(), judged.outcome), (200, Outcome::Reject));
    assert!(judged.left_out > 24_000);
}

#[test]
fn what_a_listing_has_not() {
    clean(&[
        "This soap contains no drugs",
        "Sleep tea, no drugs",
        "Free from drugs and cocaine",
        "Does not contain nicotine, cannabis or cocaine",
        "cocaine-free",
        "不含大麻成分",
        "不含酒精、香精、大麻",
        "无大麻 无尼古丁",
        "反赌博 展板",
        "禁赌博",
    ]);
    found(&[
        ("no 1 cocaine", "cocaine"),
        ("casino cocaine", "cocaine"),
        ("techno drugs", "毒品"),
        ("cocaine free shipping", "cocaine"),
        ("不含税、大麻", "大麻"),
        ("不含邮费大麻", "大麻"),
        ("no tax cocaine", "cocaine"),
        ("不含酒精、大麻现货", "大麻"),
        ("国防手枪", "手枪"),
        ("不是高仿", "高仿"),
        ("no 高仿", "高仿"),
    ]);
}
