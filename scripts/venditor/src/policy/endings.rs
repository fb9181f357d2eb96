//! Tables of a pack that end soon, or have ended: said while there is time to put more into them.

use instant_refund::policy::Rules;
use pack_source::PackFile;
use shared::china_time;
use shared::policy::Pack;

/// One line each, by a clock. Of a function whose tables do not end: none.
pub fn of(pack: &PackFile, now_ms: i64) -> Vec<String> {
    if pack.manifest.function != instant_refund::NAME {
        return Vec::new();
    }
    let pack = Pack::from_file(pack.clone());
    let line = |about: &str, at: i64| {
        let (last, ends) = (china_time::date(at.saturating_sub(1)), if at <= now_ms { "ended" } else { "ends" });
        format!("{about}: the table {ends} on {last}; later terms are taken to end at the latest possible day")
    };
    Rules::of(&pack).endings(now_ms).iter().map(|ending| line(ending.about, ending.at)).collect()
}
