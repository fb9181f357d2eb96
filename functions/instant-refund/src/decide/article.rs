//! The articles that reasons and legs cite. `policy/messages.toml` has their words under `[article]`.

/// A rule of the policy pack without an article of law.
pub const NONE: &str = "";
/// Consumer Rights Protection Law art. 24 para. 1: faulty goods may be returned within seven days of receipt.
pub const FAULT: &str = "consumer_24_1";
/// Art. 24 para. 2: the merchant bears freight and other necessary costs.
pub const FAULT_FREIGHT: &str = "consumer_24_2";
/// Art. 25 para. 1: seven days, no reason, with four exclusions.
pub const NO_REASON: &str = "consumer_25_1";
/// Art. 25 para. 1 item 1.
pub const CUSTOM_MADE: &str = "consumer_25_1_1";
/// Art. 25 para. 1 item 2.
pub const PERISHABLE: &str = "consumer_25_1_2";
/// Art. 25 para. 1 item 3.
pub const DIGITAL: &str = "consumer_25_1_3";
/// Art. 25 para. 1 item 4.
pub const PERIODICAL: &str = "consumer_25_1_4";
/// Art. 25 para. 2: by nature, and confirmed at purchase.
pub const BY_NATURE: &str = "consumer_25_2";
/// Art. 25 para. 3: refund within seven days of receiving; the buyer bears freight unless agreed.
pub const RETURN_TERMS: &str = "consumer_25_3";
/// Civil Code arts. 201 to 203: how days are counted.
pub const COUNTING: &str = "civil_201_203";
/// Art. 44: what the platform answers for when the merchant cannot be reached, and its recourse.
pub const PLATFORM: &str = "consumer_44";
/// E-Commerce Law art. 58: consumer deposits, and payment in advance with recourse.
pub const ADVANCE: &str = "ecommerce_58";
/// E-Commerce Law art. 20: delivery as promised.
pub const DELIVERY: &str = "ecommerce_20";
/// WeChat shop, freight insurance.
pub const INSURANCE: &str = "freight_insurance_terms";
/// 1688 instant refund.
pub const INSTANT: &str = "instant_refund_terms";
/// Instant refund at the carrier's first scan.
pub const FIRST_SCAN: &str = "first_scan_terms";
/// Silence of a merchant.
pub const SILENCE: &str = "merchant_silence_terms";
/// Goods shipped after the request.
pub const FORCED_SHIPMENT: &str = "forced_shipment_terms";
/// WeChat shop: outbound freight of an unshipped order.
pub const OUTBOUND: &str = "outbound_freight_terms";
