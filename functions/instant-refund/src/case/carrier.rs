//! Carriers have one name each, and a waybill one spelling: what pays once for a waybill must know it again.

/// The names that the field uses for the large carriers, each with the one that is kept.
const NAMES: &[(&str, &[&str])] = &[
    ("sf", &["shunfeng", "sfexpress", "sfkuaidi"]),
    ("zto", &["zhongtong", "ztoexpress", "ztokuaidi"]),
    ("yto", &["yuantong", "ytoexpress", "ytokuaidi"]),
    ("sto", &["shentong", "stoexpress", "stokuaidi"]),
    ("yunda", &["yd", "yundaexpress", "yundakuaidi"]),
    ("ems", &["chinapostems", "youzhengems"]),
    ("youzheng", &["chinapost", "youzhengguonei", "postb"]),
    ("jd", &["jingdong", "jdl", "jdexpress", "jdlogistics"]),
    ("jt", &["jitu", "jtexpress", "jitusudi"]),
    ("deppon", &["debang", "debangkuaidi", "debangwuliu", "depponexpress"]),
    ("best", &["baishi", "huitongkuaidi", "bestexpress"]),
];
/// Carriers whose numbers have hyphens that tell the parcels of one waybill apart.
const HYPHENATED: &[&str] = &["jd"];

/// The one name of a carrier: `ZTO-Express` and `zhongtong` are `zto`. One that is not known keeps its own, in lower case.
pub fn one_name(carrier: &str) -> String {
    let lower = carrier.to_ascii_lowercase();
    let plain: String = lower.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    let known = NAMES.iter().find(|(name, others)| plain == *name || others.contains(&plain.as_str()));
    known.map_or_else(|| lower.replace('-', "_"), |(name, _)| (*name).to_owned())
}

/// The one spelling of a waybill of a carrier, by its one name: upper case, without hyphens that say nothing.
pub fn one_spelling(carrier: &str, waybill: &str) -> String {
    let upper = waybill.to_ascii_uppercase();
    if HYPHENATED.contains(&carrier) { upper } else { upper.replace('-', "") }
}

/// Whether two texts can be the same waybill, whoever the carrier is: events do not name it.
pub fn is_same_waybill(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.to_ascii_uppercase().replace('-', "");
    one.eq_ignore_ascii_case(other) || (plain(one) == plain(other) && !(one.contains('-') && other.contains('-')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_carrier_one_name_one_waybill_one_spelling() {
        for name in ["zto", "ZTO", "zhongtong", "ZTO-Express", "zto_express", "ZhongTong"] {
            assert_eq!(one_name(name), "zto", "{name}");
        }
        assert_eq!(
            (one_name("Sf"), one_name("some-carrier"), one_name("")),
            ("sf".into(), "some_carrier".into(), String::new())
        );
        assert_eq!(one_spelling("zto", "zt-1001-2"), "ZT10012");
        assert_eq!(one_spelling("jd", "jdv1-1-2"), "JDV1-1-2");
        assert!(is_same_waybill("ZT-1001", "zt1001") && is_same_waybill("SF1", "sf1"));
        assert!(!is_same_waybill("JDV1-11-2", "JDV1-1-12") && !is_same_waybill("SF1", "SF2"));
        let mut all: Vec<&str> = NAMES.iter().flat_map(|(name, others)| others.iter().chain([name])).copied().collect();
        all.sort_unstable();
        assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "a name is of one carrier");
    }
}
