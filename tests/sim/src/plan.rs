//! What a run is about: orders, requests for money back, and what happens to them. Lawful all of it: whatever is refused
//! of it is refused for a reason that the run must expect.

use serde_json::{Value, json};

use crate::rng::Rng;
use crate::run::EPOCH;

const HOUR: i64 = 3_600_000;

/// One request for money back.
pub struct Intent {
    /// Its idempotency key.
    pub key: String,
    /// Its refund's id.
    pub id: String,
    /// What it says.
    pub body: Vec<u8>,
    /// Other words, for the same key.
    pub other_body: Vec<u8>,
    /// Events to tell: after how long, and what.
    pub events: Vec<(i64, Value)>,
}

/// One payment.
pub struct Paid {
    /// Gateway.
    pub gateway: &'static str,
    /// Its id.
    pub transaction: String,
    /// Fen.
    pub paid_fen: i64,
}

/// A refund that somebody makes at a gateway's console.
pub struct AtConsole {
    /// When.
    pub at: i64,
    /// Of which payment.
    pub paid: usize,
    /// Fen.
    pub amount_fen: i64,
}

/// All of it.
pub struct Plan {
    /// Requests.
    pub intents: Vec<Intent>,
    /// Payments.
    pub paid: Vec<Paid>,
    /// What is refunded outside.
    pub at_console: Vec<AtConsole>,
    /// What no log line may hold.
    pub secrets: Vec<String>,
    /// How long the bad time is, milliseconds.
    pub horizon: i64,
}

struct Order {
    id: String,
    gateway: &'static str,
    transaction: String,
    paid_at: i64,
    shipped: bool,
    lines: Vec<(i64, i64)>,
    freight: i64,
    buyer: usize,
    promise: bool,
    insured: bool,
    funds: &'static str,
    merchant: usize,
    free_returns: bool,
}

impl Order {
    fn draw(n: usize, rng: &mut Rng) -> Order {
        let shipped = rng.chance(550);
        let lines = (0..rng.range(1, 2)).map(|_| (rng.range(1, 4), rng.range(200, 15_000))).collect();
        Order {
            id: format!("order-hidden-{n}"),
            gateway: rng.pick(&["wechat", "alipay", "stripe"]),
            transaction: format!("T{}{n}", rng.range(1_000, 9_999)),
            paid_at: EPOCH - rng.range(3, 47) * HOUR,
            shipped,
            lines,
            freight: rng.pick(&[0, 0, 600]),
            buyer: rng.range(0, 1) as usize,
            promise: rng.chance(250),
            insured: rng.chance(500),
            funds: rng.pick(&["sufficient", "sufficient", "sufficient", "short", "unreachable"]),
            merchant: rng.range(0, 1) as usize,
            free_returns: rng.chance(500),
        }
    }

    fn paid_fen(&self) -> i64 {
        self.freight + self.lines.iter().map(|(quantity, price)| quantity * price).sum::<i64>()
    }

    fn json(&self) -> Value {
        let lines: Vec<Value> = (0..)
            .zip(&self.lines)
            .map(|(n, (quantity, price)): (usize, _)| {
                json!({"line_id": format!("l{n}"), "category": "apparel", "quantity": quantity,
                    "paid_fen": quantity * price, "shipped_quantity": if self.shipped { *quantity } else { 0 }})
            })
            .collect();
        let mut order = json!({
            "order_id": self.id, "currency": "CNY", "paid_at": self.paid_at, "outbound_freight_fen": self.freight,
            "free_returns": self.free_returns, "lines": lines,
            "payment": {"gateway": self.gateway, "transaction_id": self.transaction, "paid_fen": self.paid_fen(),
                "currency": "CNY"},
        });
        if self.shipped {
            order["shipped_at"] = json!(self.paid_at + HOUR);
            order["signed_at"] = json!(self.paid_at + 2 * HOUR);
        }
        if self.promise {
            order["promise"] = json!({"type": "spot", "spot_hours": 1});
        }
        order
    }
}

impl Plan {
    /// The plan of a run.
    pub fn draw(rng: &mut Rng) -> Plan {
        let horizon = match rng.range(0, 99) {
            0..=59 => 300_000,
            60..=84 => 3 * HOUR,
            _ => 60 * HOUR,
        };
        let orders: Vec<Order> = (0..rng.range(1, 3) as usize).map(|n| Order::draw(n, rng)).collect();
        let buyers: Vec<(i64, i64)> = (0..2)
            .map(|_| (rng.pick(&[0, 5, 7, 9, 9]), rng.pick(&[0, 20_000, 60_000, 1_000_000, 1_000_000])))
            .collect();
        let intents = (0..rng.range(2, 8) as usize)
            .map(|n| {
                let order = &orders[rng.range(0, orders.len() as i64 - 1) as usize];
                intent(n, order, buyers[order.buyer], horizon, rng)
            })
            .collect();
        let mut secrets: Vec<String> = orders.iter().map(|order| order.id.clone()).collect();
        secrets.extend(["buyer-hidden-".to_owned(), "SFHIDDEN".to_owned()]);
        let paid = orders.iter().map(|order| Paid {
            gateway: order.gateway,
            transaction: order.transaction.clone(),
            paid_fen: order.paid_fen(),
        });
        let paid: Vec<Paid> = paid.collect();
        let at_console = (0..paid.len()).filter(|_| rng.chance(150)).collect::<Vec<_>>();
        let at_console = at_console.into_iter().map(|n| AtConsole {
            at: rng.range(0, horizon),
            paid: n,
            amount_fen: rng.range(1, paid[n].paid_fen),
        });
        let at_console = at_console.collect();
        Plan { intents, paid, at_console, secrets, horizon }
    }
}

fn intent(n: usize, order: &Order, buyer: (i64, i64), horizon: i64, rng: &mut Rng) -> Intent {
    let requested_at = EPOCH - rng.range(0, 90) * 60_000;
    let kind = match (order.shipped, order.promise) {
        (false, true) if rng.chance(150) => "compensation",
        (false, _) => "refund_only",
        (true, _) => rng.pick(&["refund_only", "return_refund", "return_refund", "return_refund", "exchange"]),
    };
    let cause = match kind {
        "compensation" => "late_shipment",
        "refund_only" if !order.shipped => rng.pick(&["no_reason", "late_shipment"]),
        "refund_only" => rng.pick(&["quality_fault", "not_received"]),
        _ => rng.pick(&["no_reason", "quality_fault"]),
    };
    let mut lines: Vec<Value> = Vec::new();
    for (line, (quantity, price)) in order.lines.iter().enumerate() {
        let wanted = rng.chance(550) || (lines.is_empty() && line + 1 == order.lines.len());
        if wanted && kind != "compensation" {
            let pieces = if rng.chance(700) { 1 } else { *quantity };
            let amount = if rng.chance(800) { pieces * price } else { rng.range(1, pieces * price) };
            lines.push(json!({"line_id": format!("l{line}"), "quantity": pieces, "amount_fen": amount}));
        }
    }
    let mut merchant = json!({"merchant_id": format!("m{}", order.merchant), "funds": order.funds, "deposit_fen": 0});
    if rng.chance(600) {
        let verdict = if rng.chance(900) { "accepted" } else { "rejected" };
        merchant["answer"] = json!({"verdict": verdict, "at": requested_at + 30_000});
    }
    let mut case = json!({
        "order": order.json(), "merchant": merchant,
        "request": {"kind": kind, "cause": cause, "requested_at": requested_at, "lines": lines},
        "buyer": {"buyer_id": format!("buyer-hidden-{}", order.buyer), "level": buyer.0, "quota_fen": buyer.1},
    });
    let returns = matches!(kind, "return_refund" | "exchange");
    // A waybill is sometimes asked for twice: by two requests for the same parcel.
    let waybill = format!("SFHIDDEN{}{}", order.id.len() + order.paid_fen() as usize, rng.range(0, 2));
    let mut parcel = json!({"carrier": "sf", "waybill": waybill, "method": rng.pick(&["door_pickup", "self_mail"]),
        "from_region": "330000", "to_region": "440000", "weight_g": 900, "freight_fen": rng.range(500, 2_500)});
    let known = returns && rng.chance(600);
    if known {
        if rng.chance(600) {
            parcel["first_scan_at"] = json!(requested_at + 60_000);
            if rng.chance(400) {
                parcel["received_at"] = json!(requested_at + 120_000);
            }
        }
        case["return"] = json!({"parcels": [parcel]});
    }
    if order.insured && order.shipped {
        case["insurance"] = json!({"policy_no": format!("P{}", order.transaction), "bought_by": "merchant",
            "insured_at": order.paid_at + HOUR, "ends_at": EPOCH + 2_000 * HOUR, "covers": ["return", "exchange"],
            "self_mail_cover": rng.pick(&["fixed", "tariff"]), "cap_fen": 2_500, "claim": "covered"});
    }
    // What was paid is sometimes told wrong: the freight is forgotten. An operator corrects it.
    let wrong = order.freight > 0 && rng.chance(200);
    if wrong {
        case["order"]["outbound_freight_fen"] = json!(0);
        case["order"]["payment"]["paid_fen"] = json!(order.paid_fen() - order.freight);
    }
    let mut other = case.clone();
    other["buyer"]["instant_refunds_last_year"] = json!(1);
    let key = format!("key-{n}");
    Intent {
        id: instant_refund::refund::refund_id("after-sales", &key),
        key,
        body: serde_json::to_vec(&case).unwrap(),
        other_body: serde_json::to_vec(&other).unwrap(),
        events: {
            let mut events = events(&waybill, &parcel, known, returns, horizon, rng);
            if wrong {
                let at = rng.range(0, horizon);
                let right = json!({"type": "payment_corrected", "paid_fen": order.paid_fen(),
                    "outbound_freight_fen": order.freight, "event_id": "corrected", "at": EPOCH + at});
                events.push((at, right));
            }
            events
        },
    }
}

fn events(waybill: &str, parcel: &Value, known: bool, returns: bool, horizon: i64, rng: &mut Rng) -> Vec<(i64, Value)> {
    let mut events: Vec<(i64, Value)> = Vec::new();
    let when = |rng: &mut Rng| rng.range(0, horizon);
    let mut tell = |at: i64, what: Value| {
        let n = events.len();
        let mut event = what;
        event["event_id"] = json!(format!("e{n}"));
        event["at"] = json!(EPOCH + at);
        // Told at once, or late: out of order.
        events.push((at, event));
    };
    if returns {
        let mut at = when(rng) / 2;
        if !known {
            tell(at, json!({"type": "parcel_added", "parcel": parcel}));
        }
        if rng.chance(800) {
            at += rng.range(1, horizon / 4 + 1);
            tell(at, json!({"type": "parcel_scanned", "waybill": waybill, "weight_g": 950}));
            if rng.chance(600) {
                at += rng.range(1, horizon / 4 + 1);
                tell(at, json!({"type": "parcel_received", "waybill": waybill}));
            }
        } else if rng.chance(300) {
            tell(at + 1, json!({"type": "pickup_cancelled", "waybill": waybill}));
        }
    }
    if rng.chance(500) {
        let verdict = if rng.chance(800) { "merchant_accepted" } else { "merchant_rejected" };
        tell(when(rng), json!({"type": verdict}));
    }
    if rng.chance(300) {
        let at = when(rng);
        tell(at, json!({"type": "merchant_appealed"}));
        tell(at + rng.range(0, horizon), json!({"type": "appeal_decided", "upheld": rng.chance(500)}));
    }
    if rng.chance(300) {
        tell(when(rng), json!({"type": "recourse_recovered", "amount_fen": rng.range(1, 20_000)}));
    }
    if rng.chance(200) {
        tell(when(rng), json!({"type": "claim_filed"}));
        let paid = rng.chance(500);
        let what = if paid {
            json!({"type": "claim_paid", "amount_fen": 900})
        } else {
            json!({"type": "claim_failed", "code": "2008"})
        };
        tell(when(rng), what);
    }
    if rng.chance(100) {
        tell(when(rng), json!({"type": "buyer_repaid", "amount_fen": rng.range(1, 9_000)}));
    }
    if rng.chance(60) {
        tell(when(rng), json!({"type": "request_withdrawn"}));
    }
    // Told once a gateway has refused.
    tell(0, json!({"type": "pay_another_way"}));
    events
}
