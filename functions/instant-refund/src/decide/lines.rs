//! What a refund holds of the lines that it is for: all refunds of a line together take no more pieces than were bought and
//! no more money than was paid for it, whatever each of them was told of the others.

use crate::case::{Case, Line, RequestKind, RequestLine};
use crate::decision::{Account, Hold};

/// What is held for these lines.
pub fn holds(case: &Case, asked: &[RequestLine]) -> Vec<Hold> {
    let mut holds = Vec::with_capacity(asked.len().saturating_mul(2));
    let order = &case.order.order_id;
    for asked in asked {
        let Some(line) = case.order.lines.iter().find(|line| line.line_id == asked.line_id) else { continue };
        let pieces = pieces(case.request.kind, asked, line);
        if pieces > 0 {
            let account = Account::Pieces { order: order.clone(), line: line.line_id.clone() };
            holds.push(Hold { account, amount_fen: pieces, limit_fen: line.quantity, pinned: true });
        }
        if asked.amount_fen <= 0 {
            continue;
        }
        let account = Account::Line { order: order.clone(), line: line.line_id.clone() };
        holds.push(Hold { account, amount_fen: asked.amount_fen, limit_fen: line.paid_fen, pinned: true });
    }
    holds
}

/// How many pieces are refunded for good. Those that come back; without a return those that are paid for in full: less
/// than the price of a piece is a reduction of it, after which the piece may still come back for the rest.
fn pieces(kind: RequestKind, asked: &RequestLine, line: &Line) -> i64 {
    let share = |pieces: i64| i128::from(line.paid_fen).saturating_mul(i128::from(pieces));
    let asked_fen = i128::from(asked.amount_fen).saturating_mul(i128::from(line.quantity));
    // A share that is rounded down to a fen is a share.
    let full = asked_fen.saturating_add(i128::from(line.quantity)) > share(asked.quantity);
    if kind == RequestKind::ReturnRefund || full {
        return asked.quantity;
    }
    let whole = asked_fen.checked_div(i128::from(line.paid_fen)).unwrap_or(0);
    i64::try_from(whole).unwrap_or(asked.quantity).clamp(0, asked.quantity)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn pieces_count_once_they_are_paid_for_or_come_back() {
        let line = |quantity, paid_fen| -> Line {
            let text = format!(r#"{{"line_id":"A","category":"a","quantity":{quantity},"paid_fen":{paid_fen}}}"#);
            serde_json::from_str(&text).unwrap()
        };
        let asked = |quantity, amount_fen| RequestLine { line_id: "A".into(), quantity, amount_fen };
        let only = RequestKind::RefundOnly;
        // Thirds of a 100-fen line, rounded either way.
        assert_eq!(pieces(only, &asked(1, 33), &line(3, 100)), 1);
        assert_eq!(pieces(only, &asked(1, 34), &line(3, 100)), 1);
        assert_eq!(pieces(only, &asked(1, 32), &line(3, 100)), 0);
        assert_eq!(pieces(only, &asked(3, 100), &line(3, 100)), 3);
        assert_eq!(pieces(only, &asked(3, 70), &line(3, 100)), 2);
        // A reduction, and what comes back for the rest.
        assert_eq!(pieces(only, &asked(1, 4000), &line(1, 9900)), 0);
        assert_eq!(pieces(RequestKind::ReturnRefund, &asked(1, 5900), &line(1, 9900)), 1);
    }
}
