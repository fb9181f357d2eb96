//! Stand-in: the real calendar comes from another worktree.
const DAY_MS: i64 = 86_400_000;
const OFF: i64 = 28_800_000;
/// Stand-in.
pub struct SilenceRule { pub opens_minute: i64, pub closes_minute: i64, pub reply_minutes: i64, pub otherwise_minute: i64 }
/// Stand-in.
pub fn is_rest_day(day: i64) -> bool { matches!(day.saturating_add(4).rem_euclid(7), 0 | 6) }
/// Stand-in.
pub fn statutory_deadline(start_ms: i64, days: i64) -> i64 {
    let mut day = start_ms.saturating_add(OFF).div_euclid(DAY_MS).saturating_add(days);
    while is_rest_day(day) { day = day.saturating_add(1); }
    day.saturating_add(1).saturating_mul(DAY_MS).saturating_sub(OFF).saturating_sub(1)
}
/// Stand-in.
pub fn silence_deadline(requested_ms: i64, rule: &SilenceRule) -> i64 {
    let local = requested_ms.saturating_add(OFF);
    let minute = local.rem_euclid(DAY_MS).div_euclid(60_000);
    if minute >= rule.opens_minute && minute < rule.closes_minute { return requested_ms.saturating_add(rule.reply_minutes.saturating_mul(60_000)); }
    local.div_euclid(DAY_MS).saturating_add(1).saturating_mul(DAY_MS).saturating_add(rule.otherwise_minute.saturating_mul(60_000)).saturating_sub(OFF)
}
