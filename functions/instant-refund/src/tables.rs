//! Stand-in: the real tables come from another worktree.
/// A payout.
pub struct Payout { pub rule: &'static str, pub source: &'static str, pub amount_fen: i64, pub chargeable_kg: i64 }
/// Lateness.
pub struct Lateness { pub rules: Vec<&'static str>, pub source: &'static str, pub amount_fen: i64 }
/// Cap.
pub struct InstantCap { pub cap_fen: i64, pub yearly_count: i64 }
fn price(first: i64, next: i64, from: &str, to: &str, weight_g: i64) -> Option<Payout> {
    if from.starts_with("99") || to.starts_with("99") { return None; }
    let kg = weight_g.saturating_add(999).div_euclid(1000).max(1);
    let far = if from == to { 0 } else { 400 };
    let amount_fen = first.saturating_add(far).saturating_add(next.saturating_mul(kg.saturating_sub(1)));
    Some(Payout { rule: "stand_in", source: "stand-in", amount_fen, chargeable_kg: kg })
}
/// Stand-in.
pub fn self_mail_payout(from: &str, to: &str, weight_g: i64, _at_ms: i64) -> Option<Payout> { price(800, 200, from, to, weight_g) }
/// Stand-in.
pub fn real_freight(from: &str, to: &str, weight_g: i64, _at_ms: i64) -> Option<Payout> { price(900, 250, from, to, weight_g) }
/// Stand-in.
pub fn lateness(paid_fen: i64, _kind: &str, late_ms: i64, _at_ms: i64) -> Option<Lateness> {
    if late_ms <= 0 || paid_fen <= 300 { return None; }
    let amount_fen = if paid_fen < 30_000 { 300 } else { paid_fen.div_euclid(100).min(3000) };
    Some(Lateness { rules: vec!["stand_in"], source: "stand-in", amount_fen })
}
/// Stand-in.
pub fn instant_cap(level: i64, _at_ms: i64) -> Option<InstantCap> {
    match level { 5 => Some(InstantCap { cap_fen: 50_000, yearly_count: 10 }), 6..=10 => Some(InstantCap { cap_fen: 100_000, yearly_count: 20 }), _ => None }
}
