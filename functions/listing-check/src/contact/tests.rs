#![allow(clippy::unwrap_used)]
use shared::policy::Pack;

use super::*;
use crate::policy::{BUNDLED, Rules};

fn found(raw: &str) -> Vec<(Kind, String, String)> {
    let pack = Pack::bundled(&BUNDLED);
    let rules = Rules::of(&pack, 0).unwrap();
    let text = Text::of(raw, &rules.language);
    let slice = |from: u32, to: u32| raw.chars().skip(from as usize).take((to - from) as usize).collect::<String>();
    let terms = listing_engine::find(raw, &rules.language, &rules.lexicon, &rules.tuning, false);
    find(&text, &rules, &terms)
        .contacts
        .into_iter()
        .map(|one| (one.kind, one.value, slice(one.start, one.end)))
        .collect()
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
fn names_and_words_that_lead_to_somebody() {
    expect("拿货加我好友 zs8866 备注", Kind::Account, "zs8866", "zs8866");
    expect("ID: zs8866 在线", Kind::Account, "zs8866", "zs8866");
    expect("微 zs8866 有视频", Kind::Wechat, "zs8866", "zs8866");
    expect("微亻言 zs8866", Kind::Wechat, "zs8866", "zs8866");
    expect("加ᐯ：x i a o m a n 2 0 1 9", Kind::Wechat, "xiaoman2019", "x i a o m a n 2 0 1 9");
    expect("电报 @redtea_w 发目录", Kind::Account, "redtea_w", "@redtea_w");
    expect("群：12345678", Kind::Qq, "12345678", "12345678");
    expect("淘宝搜“张三的店”更便宜", Kind::Account, "张三的店", "张三的店");
    expect("咸鱼搜会员名 阿杰的旧镜头", Kind::Account, "阿杰的旧镜头", "阿杰的旧镜头");
    expect("公众号：张三优选 下单", Kind::Account, "张三优选", "张三优选");
}

#[test]
fn digits_in_words_and_addresses_in_every_form() {
    expect("one three eight 0013 8000 call us", Kind::Phone, "13800138000", "one three eight 0013 8000");
    expect("yaosanba00138000 打", Kind::Phone, "13800138000", "yaosanba00138000");
    expect("138 0013 八千 老板", Kind::Phone, "13800138000", "138 0013 八千");
    expect("座机 88886666", Kind::Phone, "88886666", "88886666");
    expect("whatsapp +86 138 2233 4455", Kind::Phone, "+8613822334455", "138 2233 4455");
    expect("网址：张三优选.中国", Kind::Url, "张三优选.中国", "张三优选.中国");
    expect("zhangsan·c·o·m", Kind::Url, "zhangsan.com", "zhangsan·c·o·m");
    expect("登录 mingshop.ink 看", Kind::Url, "mingshop.ink", "mingshop.ink");
    expect("进 120.55.31.7:8080", Kind::Url, "120.55.31.7:8080", "120.55.31.7:8080");
    expect("点 weixin://dl/chat 找", Kind::Url, "weixin://dl/chat", "weixin://dl/chat");
    expect("￥AbCd1234efG￥打开", Kind::Invitation, "AbCd1234efG", "AbCd1234efG");
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
        "手机蓝牙搜索 yeelink_lamp 配对",
        "罗技 C920pro 微信视频会议通用",
        "ins风 地毯 海鲜市场搜罗的好货 干贝",
        "联系客服 报身高 生产许可证 SC11444010600213",
        "192.168.1.1 登录路由器 Node.js 入门 No.1 Vol.2",
        "公众号 三山电器 查看安装教程",
        "2009-6-13 9:36:00 您的订单已出库 2009-6-13",
        "08.3.15及08.3.16住了2天",
        "原价￥138.00￥99.00",
    ] {
        assert_eq!(found(raw), [], "{raw}");
    }
}

#[test]
fn work_is_bounded_by_the_length() {
    // Each of these made some search begin anew at every place.
    for piece in
        ["微", "加v", "搜", "a.", "1 ", "淘宝搜", "公众号教程", "one ", "zs8866 再", "￥aB1", "lio", "x i ", "微:a_"]
    {
        assert!(found(&piece.repeat(4_000)).len() <= 4_000 * 4, "{piece}");
    }
}

#[test]
fn pieces_with_their_places() {
    let phone = |raw: &str, value: &str| {
        let found = found(raw);
        let known: Vec<_> = found.iter().map(|(kind, value, _)| (*kind, value.as_str())).collect();
        assert_eq!(known, [(Kind::Phone, value)], "{raw}");
    };
    phone("尾号是6630，开头159，中间是2287，按顺序拨", "15922876630");
    phone("手机176打头，接着3390，最后四位5142", "17633905142");
    phone("手机号倒着念：60921744831 急单可打", "13844712906");
    expect("微信 前半段muhe，后半段_1027", Kind::Wechat, "muhe_1027", "muhe，后半段_1027");
    expect("Skype live:amber_leather", Kind::Account, "live:amber_leather", "live:amber_leather");
    for clean in [
        "防伪码前三位 138 中间四位 4471 后四位 2096 刮开查询",
        "型号前缀 hs 后缀 66120 均可代替",
        "尺寸 前宽138 中宽447 后宽120 单位毫米",
        "把手机倒着放 支架也稳 承重 500 克",
    ] {
        assert_eq!(found(clean), [], "{clean}");
    }
}

#[test]
fn pieces_that_a_text_says_belong_together() {
    let value = |raw: &str, kind: Kind, value: &str| {
        let found = found(raw);
        assert!(found.iter().any(|one| (one.0, one.1.as_str()) == (kind, value)), "{raw}: {found:?}");
    };
    value("第一行:wang\n第二行:ji\n第三行:6688\n三行合一加卫星", Kind::Wechat, "wangji6688");
    value("微信 按顺序 A面:tian B面:le C面:330", Kind::Wechat, "tianle330");
    value("看货加 bai 这是我姓,cha 是卖的茶,数字 427 凑一起 微信", Kind::Wechat, "baicha427");
    value("加(a)薇(h)看(w)样(9)品(0)更(3)清(1)楚 看括号里", Kind::Wechat, "ahw9031");
    value("倒着念：80_gur_zq 信微加，发实拍。", Kind::Wechat, "qz_rug_08");
    value("①微②信③zs8866", Kind::Wechat, "zs8866");
    for clean in [
        "三段合在一起的桌子 A款 120 B款 140 支持微信支付",
        "拼图 1000 片 拼起来 60x40 厘米 客服电话见包装",
        "按顺序安装 a b c 三步 说明书 v2 见群文件",
    ] {
        assert_eq!(found(clean), [], "{clean}");
    }
}

#[test]
fn an_address_is_told_as_it_is_written() {
    expect(
        "看 https://qz-rods.example.com/ 这里",
        Kind::Url,
        "https://qz-rods.example.com/",
        "https://qz-rods.example.com/",
    );
    expect(
        "官网 http://tea.example.com/a?b=1。",
        Kind::Url,
        "http://tea.example.com/a?b=1",
        "http://tea.example.com/a?b=1",
    );
    expect("官网 tea.example.com/", Kind::Url, "tea.example.com", "tea.example.com");
}

#[test]
fn a_whole_number_is_not_joined_with_other_digits() {
    let values = |raw: &str, wanted: &[&str]| {
        let found: Vec<String> = found(raw).into_iter().map(|one| one.1).collect();
        assert_eq!(found, wanted, "{raw}");
    };
    for beside in [
        "2025新款 电话13912345678",
        "电话13912345678 200g",
        "茶叶，净重250g。联系电话13912345678。",
        "13912345678（24小时）",
        "微信13912345678 2025新款",
        "微信13912345678备注1",
        "电话13912345678 9:00-18:00",
        "咨询 l39l2345678",
    ] {
        values(beside, &["13912345678"]);
    }
    values("张三13912345678 李四15012345678", &["13912345678", "15012345678"]);
    values("电话021-62345678 8:30-17:30", &["02162345678"]);
    values("电话 400-123-4567 24小时", &["4001234567"]);
    values("特价9.9 加QQ 2847561903", &["2847561903"]);
    values("QQ2847561903好9", &["2847561903"]);
    values("QQ 123再加456再加789", &["123456789"]);
    values("whatsapp +852 9876 5432", &["+85298765432"]);
    for clean in [
        "白度CIE 165，货号7370-9021",
        "客服热线10086，月租19元",
        "QQ星儿童成长牛奶125ml*16盒",
        "QQ企鹅公仔 25cm 2025新款",
        "VX-300 12V 80W",
        "YY 0469-2011",
    ] {
        values(clean, &[]);
    }
}

#[test]
fn each_of_several_contacts_is_told() {
    let both = |raw: &str| found(raw).into_iter().map(|one| one.1).collect::<Vec<_>>();
    for glued in [
        "LV包，加微信zx887766",
        "A货，加微信zx887766",
        "18K金 加微信zx887766",
        "原价99加微信zx887766",
        "-加微信zx887766",
    ] {
        assert_eq!(both(glued), ["zx887766"], "{glued}");
    }
    assert_eq!(both("微信zx887766，电话13912345678"), ["zx887766", "13912345678"]);
    assert_eq!(both("微信zx887766，QQ123456789"), ["zx887766", "123456789"]);
    assert_eq!(both("QQ123456789微信zx887766"), ["123456789", "zx887766"]);
    assert_eq!(both("没有微信，只有QQ123456789"), ["123456789"]);
}

#[test]
fn codes_of_invitations_in_groups() {
    expect("邀请码：A 8 K 3 Z", Kind::Invitation, "A8K3Z", "A 8 K 3 Z");
    expect("邀请码：A8 K3 Z9 注册", Kind::Invitation, "A8K3Z9", "A8 K3 Z9");
    expect("invite code: 8 8 6 6", Kind::Invitation, "8866", "8 8 6 6");
    assert_eq!(found("邀请码 无需填写"), []);
    assert_eq!(found("邀请函 A 4 纸 100 张"), []);
}
