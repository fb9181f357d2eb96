//! Words that say that an account or a number follows, and words that say that a number is something else.

use listing_engine::Text;

use super::Kind;

/// How far before a number a word may stand that says what it is, in units.
const NEAR: usize = 14;

/// How far behind a number such a word may end, in units.
const BEHIND: usize = 6;

/// Words that say that an account follows, in the canonical form, and what account.
const CUES: [(&str, Kind); 109] = [
    ("微信号", Kind::Wechat),
    ("微信", Kind::Wechat),
    ("威信", Kind::Wechat),
    ("薇信", Kind::Wechat),
    ("wechat", Kind::Wechat),
    ("weixin", Kind::Wechat),
    ("v信", Kind::Wechat),
    ("vx", Kind::Wechat),
    ("wx", Kind::Wechat),
    ("加薇", Kind::Wechat),
    ("加威", Kind::Wechat),
    ("加微", Kind::Wechat),
    ("加v", Kind::Wechat),
    ("+v", Kind::Wechat),
    ("薇", Kind::Wechat),
    ("卫星", Kind::Wechat),
    ("v:", Kind::Wechat),
    ("v：", Kind::Wechat),
    ("qq", Kind::Qq),
    ("扣扣", Kind::Qq),
    ("企鹅", Kind::Qq),
    ("q群", Kind::Qq),
    ("群号", Kind::Qq),
    ("进群", Kind::Qq),
    ("入群", Kind::Qq),
    ("球球", Kind::Qq),
    ("加q", Kind::Qq),
    ("q:", Kind::Qq),
    ("q：", Kind::Qq),
    ("电话", Kind::Phone),
    ("手机", Kind::Phone),
    ("热线", Kind::Phone),
    ("致电", Kind::Phone),
    ("联系", Kind::Phone),
    ("咨询", Kind::Phone),
    ("拨打", Kind::Phone),
    ("来电", Kind::Phone),
    ("tel", Kind::Phone),
    ("phone", Kind::Phone),
    ("call", Kind::Phone),
    ("同号", Kind::Phone),
    ("加我", Kind::Phone),
    ("短信", Kind::Phone),
    ("找我", Kind::Phone),
    ("私", Kind::Phone),
    ("绿泡泡", Kind::Wechat),
    ("绿信", Kind::Wechat),
    ("v❤", Kind::Wechat),
    ("v芯", Kind::Wechat),
    ("v后面", Kind::Wechat),
    ("v我", Kind::Wechat),
    ("微:", Kind::Wechat),
    ("微：", Kind::Wechat),
    ("威:", Kind::Wechat),
    ("威：", Kind::Wechat),
    ("微我", Kind::Wechat),
    ("❤", Kind::Wechat),
    ("小号", Kind::Wechat),
    ("私我", Kind::Wechat),
    ("+我", Kind::Wechat),
    ("q号", Kind::Qq),
    ("找q", Kind::Qq),
    ("叩叩", Kind::Qq),
    ("加叩", Kind::Qq),
    ("加裙", Kind::Qq),
    ("裙号", Kind::Qq),
    ("入裙", Kind::Qq),
    ("进裙", Kind::Qq),
    ("邀请码", Kind::Invitation),
    ("推荐码", Kind::Invitation),
    ("推荐人填", Kind::Invitation),
    ("邀请人填", Kind::Invitation),
    ("invitecode", Kind::Invitation),
    ("号段", Kind::Phone),
    ("打给", Kind::Phone),
    ("v♥", Kind::Wechat),
    ("❤v", Kind::Wechat),
    ("微伈", Kind::Wechat),
    ("葳信", Kind::Wechat),
    ("唯:", Kind::Wechat),
    ("唯：", Kind::Wechat),
    ("+ᐯ", Kind::Wechat),
    ("v上", Kind::Wechat),
    ("薇里", Kind::Wechat),
    ("绿色软件", Kind::Wechat),
    ("卫❤", Kind::Wechat),
    ("薇❤", Kind::Wechat),
    ("微❤", Kind::Wechat),
    ("🐧", Kind::Qq),
    ("扣裙", Kind::Qq),
    ("q裙", Kind::Qq),
    ("扣:", Kind::Qq),
    ("扣：", Kind::Qq),
    ("口口", Kind::Qq),
    ("whatsapp", Kind::Phone),
    ("whats app", Kind::Phone),
    ("瓦次", Kind::Phone),
    ("免费咨询", Kind::Phone),
    ("口令:", Kind::Invitation),
    ("口令：", Kind::Invitation),
    ("推荐人口令", Kind::Invitation),
    ("邀清马", Kind::Invitation),
    ("注册码", Kind::Invitation),
    ("填码", Kind::Invitation),
    ("🛰号", Kind::Wechat),
    ("🛰", Kind::Wechat),
    ("☎", Kind::Phone),
    ("📞", Kind::Phone),
    ("📱", Kind::Phone),
];

/// Words that say that a number is something else.
const NO_CONTACT: [&str; 36] = [
    "条码",
    "条形码",
    "型号",
    "货号",
    "编号",
    "批号",
    "批次",
    "标准",
    "专利",
    "许可",
    "备案",
    "注册",
    "isbn",
    "gb",
    "sku",
    "款号",
    "订单",
    "序列号",
    "系列号",
    "单号",
    "色号",
    "尺码",
    "日期",
    "版号",
    "准字",
    "认证",
    "证书",
    "件号",
    "邮编",
    "库存",
    "销量",
    "零件",
    "配件",
    "ean",
    "upc",
    "no.",
];

/// The canonical text before a place, the last characters of it, without white space.
pub(super) fn before(text: &Text, at: usize, units: usize) -> String {
    let from = at.saturating_sub(units);
    text.units.get(from..at).unwrap_or_default().iter().map(|unit| unit.char).filter(|c| !c.is_whitespace()).collect()
}

pub(super) fn cue(text: &Text, at: usize) -> (String, Option<Kind>) {
    let before = before(text, at, NEAR);
    let near = CUES.iter().filter_map(|(cue, kind)| Some((before.rfind(cue)?.saturating_add(cue.len()), *cue, *kind)));
    // The nearest says it; of those that end at the same place, the longest.
    let best = near.max_by_key(|(end, cue, _)| (*end, cue.len())).or_else(|| lone(text, at, &before));
    best.map_or((String::new(), None), |(_, cue, kind)| (cue.to_owned(), Some(kind)))
}

/// A word behind a number that says what it is: 13800138000 电话同号.
pub(super) fn cue_behind(text: &Text, at: usize) -> (String, Option<Kind>) {
    let behind = text.units.get(at.saturating_add(1)..).unwrap_or_default();
    let behind: String = behind.iter().take(BEHIND).map(|unit| unit.char).filter(|c| !c.is_whitespace()).collect();
    let found = CUES.iter().find(|(cue, _)| cue.chars().count() > 1 && behind.starts_with(cue));
    found.map_or((String::new(), None), |(cue, kind)| ((*cue).to_owned(), Some(*kind)))
}

pub(super) fn no_contact(text: &Text, at: usize) -> bool {
    let before = before(text, at, NEAR);
    let cue = CUES.iter().filter_map(|(cue, _)| before.rfind(cue)).max();
    NO_CONTACT.iter().any(|word| before.rfind(word).is_some_and(|place| cue.is_none_or(|cue| place > cue)))
}

/// A single letter right before that is an account's name: Q30405060, V:13800138000.
fn lone(text: &Text, at: usize, before: &str) -> Option<(usize, &'static str, Kind)> {
    let mut chars = before.trim_end_matches([':', '：', '号']).chars().rev();
    let (letter, other) = (chars.next()?, chars.next());
    let digit = text.units.get(at).is_some_and(|unit| !unit.char.is_ascii_alphabetic());
    let alone = digit && other.is_none_or(|other| !other.is_ascii_alphanumeric());
    match letter {
        'q' if alone => Some((before.len(), "q", Kind::Qq)),
        'v' if alone => Some((before.len(), "v", Kind::Wechat)),
        _ => None,
    }
}

/// What of the cues can mean nothing else, wherever it stands.
const SURE: [&str; 17] = [
    "微信",
    "wechat",
    "weixin",
    "vx",
    "wx",
    "薇信",
    "威信",
    "绿泡泡",
    "qq",
    "扣扣",
    "企鹅",
    "电话",
    "热线",
    "致电",
    "来电",
    "拨打",
    "号段",
];

/// Accounts and telephones that a text speaks of, by words that can mean nothing else.
pub(super) fn cues_in(text: &str) -> impl Iterator<Item = Kind> {
    let text = text.to_lowercase();
    let sure = |cue: &str| SURE.iter().any(|sure| cue.contains(sure));
    CUES.iter().filter(move |(cue, _)| sure(cue) && text.contains(cue)).map(|(_, kind)| *kind)
}

/// Other platforms and messengers, whose accounts are told right behind their names.
const PLATFORMS: [&str; 38] = [
    "telegram",
    "tg",
    "纸飞机",
    "飞机",
    "line",
    "skype",
    "instagram",
    "ig",
    "discord",
    "signal",
    "陌陌",
    "ins",
    "facebook",
    "twitter",
    "微博",
    "抖音",
    "快手",
    "小红书",
    "小红薯",
    "红薯",
    "视频号",
    "旺旺",
    "微店",
    "店号",
    "b站",
    "uid",
    "飞书",
    "钉钉",
    "丁丁群",
    "闲鱼",
    "咸鱼",
    "微视",
    "老铁",
    "会员名",
    "昵称",
    "抖☁",
    "dy",
    "🎵",
];
/// What may stand between the name of a platform and an account.
const LEADS: &str = "号搜:：@名→#=是叫找我同加id群 看";

/// The platform that is named right before a place; `sure` says that what stands there can be nothing but an account.
pub(super) fn platform(text: &Text, at: usize, sure: bool) -> Option<&'static str> {
    // With its spaces: they part the words of a name in letters.
    let units = text.units.get(at.saturating_sub(18)..at).unwrap_or_default();
    let before: String = units.iter().map(|unit| unit.char).collect();
    let name = before.trim_end_matches(|c: char| LEADS.contains(c) || !c.is_alphanumeric());
    let led = sure || before.len() > name.len();
    PLATFORMS.into_iter().find(|platform| {
        let rest = name.strip_suffix(platform);
        let whole = |rest: &str| !(platform.is_ascii() && rest.ends_with(|c: char| c.is_ascii_alphabetic()));
        rest.is_some_and(whole) && (led || platform.ends_with('号'))
    })
}

/// Words that say that pieces are to be put together.
const TOGETHER: [&str; 22] = [
    "拼一起",
    "拼起来",
    "拼好",
    "连着拨",
    "连起来",
    "数字拨",
    "串起来",
    "合起来",
    "合一",
    "凑一起",
    "懂的拨",
    "去掉汉字",
    "汉字删",
    "分两截",
    "分两段",
    "分三段",
    "竖着读",
    "顺序",
    "首字拨",
    "中间去掉",
    "no space",
    "in two parts",
];

/// Whether a text says that pieces are to be put together.
pub(super) fn together(text: &Text) -> bool {
    let all: String = text.units.iter().take(600).map(|unit| unit.char).collect();
    TOGETHER.iter().any(|word| all.contains(word))
}

/// Words right behind an account that say that it is one.
pub(super) fn added_behind(text: &Text, end: usize) -> bool {
    let behind: String = text.units.iter().skip(end).take(10).map(|unit| unit.char).collect();
    ["号加", "加我", "加v", "就这个v", "是v", "加薇", "找我", "可加"].iter().any(|word| behind.contains(word))
}
