//! The problems of this function's handler; callers' are [`shared::callers`]', the case's own are in [`crate::case`].

use shared::problem_kinds;

problem_kinds! {
    /// The key was used with another payload.
    IDEMPOTENCY_MISMATCH = UNPROCESSABLE_ENTITY "idempotency-key-reused", "幂等键已用于其他请求", "Idempotency-Key reused with another payload";
    /// The same request is being worked on.
    IN_PROGRESS = CONFLICT "in-progress", "相同请求正在处理", "The same request is in progress";
    /// No refund of that id.
    UNKNOWN_REFUND = NOT_FOUND "unknown-refund", "没有这笔退款", "No such refund";
    /// The order's gateway is not one that is offered here.
    GATEWAY_NOT_OFFERED = UNPROCESSABLE_ENTITY "gateway-not-offered", "未接入该支付渠道", "Payment gateway not offered";
    /// No gateway of that name, or no such id of a payment.
    UNKNOWN_PAYMENT = NOT_FOUND "unknown-payment", "没有这样的支付单", "No such payment";
    /// An event with a fault.
    BAD_EVENT = UNPROCESSABLE_ENTITY "bad-event", "事件有误", "The event has a fault";
    /// An event's id was used for another payload.
    EVENT_REUSED = UNPROCESSABLE_ENTITY "event-id-reused", "事件编号已用于其他内容", "Event id reused with another payload";
    /// An event that cannot be in the state that things are in.
    EVENT_CONTRADICTS = CONFLICT "event-contradicts", "事件与现状矛盾", "The event contradicts what is known";
    /// The refund has had too many events.
    TOO_MANY_EVENTS = CONFLICT "too-many-events", "事件过多", "Too many events";
    /// A notification whose signature does not verify.
    NOTIFICATION_SIGNATURE = UNAUTHORIZED "notification-signature", "通知签名不符", "The notification's signature is wrong";
    /// A notification from too long ago, or the future.
    NOTIFICATION_STALE = UNAUTHORIZED "notification-stale", "通知已过时效", "The notification is stale";
    /// A notification that cannot be read.
    NOTIFICATION_MALFORMED = BAD_REQUEST "notification-malformed", "通知无法解析", "The notification is malformed";
    /// A notification about a refund that is not ours.
    NOTIFICATION_UNKNOWN = NOT_FOUND "notification-unknown-refund", "通知所指的退款不存在", "The notification is about no refund of ours";
    /// A notification that names another amount or payment.
    NOTIFICATION_MISMATCH = UNPROCESSABLE_ENTITY "notification-mismatch", "通知与退款不符", "The notification does not fit the refund";
}
