#![allow(clippy::unwrap_used)]
use shared::policy::Pack;

use super::*;
use crate::policy::{BUNDLED, Rules};

fn found(raw: &str) -> Vec<(Kind, String, String)> {
    let pack = Pack::bundled(&BUNDLED);
    let rules = Rules::of(&pack, 0).unwrap();
    let text = Text::of(raw, &rules.language);
    let slice = |from: u32, to: u32| raw.chars().skip(from as usize).take((to - from) as usize).collect::<String>();
    find(&text, &rules.language).into_iter().map(|one| (one.kind, one.value, slice(one.start, one.end))).collect()
}

#[track_caller]
fn expect(raw: &str, kind: Kind, value: &str, span: &str) {
    assert_eq!(found(raw), [(kind, value.to_owned(), span.to_owned())], "{raw}");
}

#[test]
fn numbers_however_they_are_written() {
    expect("定制请电话13800138000", Kind::Phone, "13800138000", "13800138000");
    expect("联系①③⑧零零13八〇〇〇，量大从优", Kind::Phone, "13800138000", "①③⑧零零13八〇〇〇");
    expect("加微１３９－１２３４－５６７８", Kind::Wechat, "13912345678", "１３９－１２３４－５６７８");
    expect("壹叁捌 零零壹叁 捌零零零 电话同号", Kind::Phone, "13800138000", "壹叁捌 零零壹叁 捌零零零");
    expect("企鹅号 1️⃣2️⃣3️⃣45678", Kind::Qq, "12345678", "1️⃣2️⃣3️⃣45678");
    expect("售后热线400-123-4567", Kind::Phone, "4001234567", "400-123-4567");
    expect("电话010-87654321", Kind::Phone, "01087654321", "010-87654321");
    expect("电话138一会儿说0013一会8000", Kind::Phone, "13800138000", "138一会儿说0013一会8000");
}

#[test]
fn accounts_and_addresses() {
    expect("需要的加薇信abc_123456详聊", Kind::Wechat, "abc_123456", "abc_123456");
    expect("vxshop2024a", Kind::Wechat, "shop2024a", "shop2024a");
    expect("邮箱 tea.farm@mail.example.com 订货", Kind::Mail, "tea.farm@mail.example.com", "tea.farm@mail.example.com");
    expect("邮箱tea艾特example点com", Kind::Mail, "tea@example.com", "tea艾特example点com");
    expect("官网www。example。cn", Kind::Url, "www.example.cn", "www。example。cn");
}

#[test]
fn what_is_no_contact() {
    for raw in [
        "条形码 6900000000014，执行标准 GB/T 26704",
        "型号 13812345678A",
        "净含量500ml 2024年1月1日生产",
        "专利号 ZL201410123456",
        "QQ糖 120克",
        "vx-200 吸尘器 适配型号 V10",
        "功率 1800W 电压 220V",
        "尺码 36 37 38 39 40 41 42",
        "适合 3.5 公里",
    ] {
        assert_eq!(found(raw), [], "{raw}");
    }
}
