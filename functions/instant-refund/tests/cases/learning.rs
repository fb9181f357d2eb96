//! What events change: in order, out of order, twice, and against the facts.

use instant_refund::case::{Cause, ClaimState, Learned, RequestKind, ReturnMethod, Verdict};
use instant_refund::decide::decide;
use instant_refund::decision::Outcome;
use instant_refund::follow_up::Intake;
use instant_refund::policy::Rules;
use instant_refund::refund::{MAX_EVENTS, Refund, State, refund_id};
use instant_refund::refund_event::{EventKind, RefundEvent};

use crate::given::{Given, order, parcel, returned, t};
use Learned::{Changed, Contradiction, Nothing};

fn told(given: &mut Given, at: &str, kind: EventKind) -> Learned {
    let before = given.case.clone();
    let learned = given.case.learn(&RefundEvent { event_id: "E1".into(), at: t(at), kind });
    assert_eq!(given.case != before, learned == Changed, "the facts change exactly when it says so");
    learned
}

fn added(waybill: &str) -> EventKind {
    EventKind::ParcelAdded { parcel: parcel(waybill, ReturnMethod::DoorPickup) }
}

fn scanned(waybill: &str) -> EventKind {
    EventKind::ParcelScanned { waybill: waybill.into(), weight_g: Some(1200) }
}

fn cancelled(waybill: &str) -> EventKind {
    EventKind::PickupCancelled { waybill: waybill.into() }
}

fn received(waybill: &str) -> EventKind {
    EventKind::ParcelReceived { waybill: waybill.into() }
}

#[test]
fn a_return_from_booking_to_arrival() {
    let mut given = returned().insured();
    assert_eq!(told(&mut given, "03-06 10:00", added("SF1000")), Changed);
    assert_eq!(told(&mut given, "03-06 10:00", added("SF1000")), Nothing);
    assert_eq!(told(&mut given, "03-06 11:00", cancelled("SF1000")), Changed);
    assert_eq!(told(&mut given, "03-06 11:30", cancelled("SF1000")), Nothing);
    assert_eq!(told(&mut given, "03-06 12:00", added("SF1001")), Changed);
    assert_eq!(told(&mut given, "03-07 12:00", scanned("SF1001")), Changed);
    assert_eq!(told(&mut given, "03-07 12:00", scanned("SF1001")), Nothing);
    assert_eq!(told(&mut given, "03-10 12:00", received("SF1001")), Changed);
    assert_eq!(told(&mut given, "03-10 12:00", received("SF1001")), Nothing);
    let parcels = &given.case.return_.as_ref().unwrap().parcels;
    assert_eq!(parcels.len(), 2);
    assert_eq!((parcels[1].weight_g, parcels[1].first_scan_at), (1200, Some(t("03-07 12:00"))));
    given.case.check(t("03-10 12:00")).unwrap();
    // A parcel reported again, with the weight that was booked, changes nothing.
    assert_eq!(told(&mut given, "03-06 12:00", added("SF1001")), Nothing);
}

/// A waybill is one whatever the case of its letters: an event sent in lower case is about the same parcel.
#[test]
fn events_name_waybills_in_upper_case() {
    let at = t("03-07 12:00");
    let read = |kind: serde_json::Value| {
        let mut body = kind;
        (body["event_id"], body["at"]) = ("E1".into(), at.into());
        RefundEvent::parse(&serde_json::to_vec(&body).unwrap(), at).unwrap()
    };
    let lower = serde_json::to_value(parcel("sf1000", ReturnMethod::DoorPickup)).unwrap();
    let mut given = returned();
    let added = read(serde_json::json!({"type": "parcel_added", "parcel": lower}));
    assert_eq!(given.case.learn(&added), Changed);
    assert_eq!(given.case.return_.as_ref().unwrap().parcels[0].waybill, "SF1000");
    assert_eq!(given.case.learn(&added), Nothing);
    for (kind, learned) in [
        ("pickup_cancelled", Changed),
        ("parcel_scanned", Contradiction("scanned_after_cancelling")),
        ("parcel_received", Contradiction("received_after_cancelling")),
    ] {
        assert_eq!(given.case.learn(&read(serde_json::json!({"type": kind, "waybill": "Sf1000"}))), learned, "{kind}");
    }
}

#[test]
fn out_of_order() {
    let mut given = returned().mails("SF1001");
    assert_eq!(told(&mut given, "03-10 12:00", received("SF1001")), Changed);
    assert_eq!(told(&mut given, "03-08 12:00", scanned("SF1001")), Changed, "an earlier scan told of later");
    assert_eq!(told(&mut given, "03-07 12:00", scanned("SF1001")), Changed, "the first scan is the earliest");
    assert_eq!(told(&mut given, "03-09 12:00", scanned("SF1001")), Nothing, "a later scan is not the first");
    assert_eq!(told(&mut given, "03-09 18:00", received("SF1001")), Changed, "the earliest arrival stands");
    assert_eq!(told(&mut given, "03-07 11:00", received("SF1001")), Contradiction("received_before_scan"));
}

/// What a carrier had before the return was asked for is the parcel that the goods came in.
#[test]
fn the_outbound_parcel_is_no_return() {
    let mut given = returned().mails("SF1001");
    assert_eq!(told(&mut given, "03-06 09:29:59.999", scanned("SF1001")), Contradiction("scan_before_request"));
    assert_eq!(told(&mut given, "03-06 09:29:59.999", received("SF1001")), Contradiction("received_before_request"));
    let mut outbound = parcel("SF3001", ReturnMethod::SelfMail);
    (outbound.first_scan_at, outbound.received_at) = (Some(t("03-03 19:00")), Some(t("03-05 15:00")));
    let kind = EventKind::ParcelAdded { parcel: outbound };
    assert_eq!(kind.at_fault("scan_before_request"), "/parcel/first_scan_at");
    assert_eq!(told(&mut given, "03-07 12:00", kind), Contradiction("scan_before_request"));
    given.case.order.outbound_waybills = vec!["SF3002".into()];
    assert_eq!(told(&mut given, "03-07 12:00", added("SF3002")), Contradiction("outbound_waybill"));
    assert_eq!(told(&mut given, "03-06 09:30", scanned("SF1001")), Changed);
}

/// A scan that was in time and is told late is judged by when it was made; one that was late stays late.
#[test]
fn a_scan_in_time_that_is_told_late() {
    let rules = Rules::bundled();
    let late = t("03-20 10:00");
    let declined = || {
        let given = returned().mails("SF1001").level(5).now("03-20 10:00");
        let decision = decide(&given.case, &given.judged_by(), given.now);
        assert_eq!(decision.outcome, Outcome::Declined, "nothing was posted by 03-13 09:30");
        Refund::new(refund_id("c", "k"), given.case, decision, given.now)
    };
    let scan = |at: &str| RefundEvent { event_id: "E1".into(), at: t(at), kind: scanned("SF1001") };
    for (at, state) in [("03-13 09:30", State::Issuing), ("03-13 09:30:00.001", State::Declined)] {
        let mut refund = declined();
        assert_eq!(refund.tell(&scan(at), &rules, late), Intake::Changed(vec![]), "{at}");
        assert_eq!(refund.state, state, "{at}");
    }
    // A refusal on another ground stands.
    let mut given = returned().mails("SF1001").cause(Cause::QualityFault).rejected("03-07 10:00").now("03-20 10:00");
    given.now = late;
    let decision = decide(&given.case, &given.judged_by(), late);
    let mut refund = Refund::new(refund_id("c", "k"), given.case, decision, late);
    refund.tell(&scan("03-07 12:00"), &rules, late);
    assert_eq!(refund.state, State::Declined);
}

#[test]
fn contradictions_about_parcels() {
    let mut given = returned().mails("SF1001");
    assert_eq!(told(&mut given, "03-07 12:00", scanned("SF9999")), Contradiction("unknown_waybill"));
    assert_eq!(told(&mut given, "03-07 12:00", received("SF9999")), Contradiction("unknown_waybill"));
    assert_eq!(told(&mut given, "03-07 12:00", cancelled("SF9999")), Contradiction("unknown_waybill"));
    assert_eq!(told(&mut given, "03-03 09:59:59.999", scanned("SF1001")), Contradiction("scan_before_order"));
    assert_eq!(told(&mut given, "03-03 09:59:59.999", received("SF1001")), Contradiction("received_before_order"));
    assert_eq!(told(&mut given, "03-07 12:00", cancelled("SF1001")), Contradiction("not_a_pickup"));
    let heavy = EventKind::ParcelScanned { waybill: "SF1001".into(), weight_g: Some(0) };
    assert_eq!(told(&mut given, "03-07 12:00", heavy), Contradiction("bad_weight"));
    assert_eq!(told(&mut given, "03-07 12:00", added("SF1001")), Contradiction("another_parcel"));
    let mut bad = parcel("SF2000", ReturnMethod::SelfMail);
    bad.weight_g = 0;
    assert_eq!(told(&mut given, "03-07 12:00", EventKind::ParcelAdded { parcel: bad }), Contradiction("bad_parcel"));
    for i in 0..9 {
        assert_eq!(told(&mut given, "03-07 12:00", added(&format!("SF200{i}"))), Changed);
    }
    assert_eq!(told(&mut given, "03-07 12:00", added("SF3000")), Contradiction("too_many_parcels"));
    assert_eq!(told(&mut order(), "03-07 12:00", added("SF3000")), Contradiction("no_return_expected"));

    let mut given = returned().pickup("SF1001", 1500);
    assert_eq!(told(&mut given, "03-03 09:00", cancelled("SF1001")), Contradiction("cancelled_before_order"));
    assert_eq!(told(&mut given, "03-07 12:00", cancelled("SF1001")), Changed);
    assert_eq!(told(&mut given, "03-07 13:00", scanned("SF1001")), Contradiction("scanned_after_cancelling"));
    assert_eq!(told(&mut given, "03-07 13:00", received("SF1001")), Contradiction("received_after_cancelling"));
    let mut given = returned().pickup("SF1001", 1500).scanned("03-07 12:00");
    assert_eq!(told(&mut given, "03-07 13:00", cancelled("SF1001")), Contradiction("already_handed_over"));
    let mut given = returned().mails("SF1001").received("03-07 12:00");
    assert_eq!(told(&mut given, "03-07 13:00", scanned("SF1001")), Contradiction("scan_after_receipt"));
}

#[test]
fn a_parcel_told_of_again_may_say_more() {
    let mut given = returned().sends("SF1001", ReturnMethod::DoorPickup);
    let mut more = parcel("SF1001", ReturnMethod::DoorPickup);
    more.freight_fen = Some(1500);
    more.first_scan_at = Some(t("03-07 12:00"));
    assert_eq!(told(&mut given, "03-07 12:00", EventKind::ParcelAdded { parcel: more.clone() }), Changed);
    assert_eq!(told(&mut given, "03-07 12:00", EventKind::ParcelAdded { parcel: more.clone() }), Nothing);
    more.first_scan_at = None;
    more.cancelled_at = Some(t("03-07 11:00"));
    assert_eq!(
        told(&mut given, "03-07 12:00", EventKind::ParcelAdded { parcel: more }),
        Contradiction("already_handed_over")
    );
    let mut late = parcel("SF1001", ReturnMethod::DoorPickup);
    late.received_at = Some(t("03-07 11:00"));
    assert_eq!(
        told(&mut given, "03-07 12:00", EventKind::ParcelAdded { parcel: late }),
        Contradiction("received_before_scan")
    );
}

#[test]
fn one_answer() {
    let mut given = order();
    assert_eq!(
        told(&mut given, "03-03 10:29:59.999", EventKind::MerchantAccepted {}),
        Contradiction("answer_before_request")
    );
    assert_eq!(told(&mut given, "03-03 11:00", EventKind::MerchantAccepted {}), Changed);
    assert_eq!(told(&mut given, "03-03 11:05", EventKind::MerchantAccepted {}), Nothing);
    assert_eq!(told(&mut given, "03-03 11:05", EventKind::MerchantRejected {}), Contradiction("second_answer"));
    assert_eq!(given.case.merchant.answer.unwrap().verdict, Verdict::Accepted);
    assert_eq!(decide(&given.case, &given.judged_by(), t("03-03 11:05")).outcome, Outcome::Approved);
    assert_eq!(told(&mut order(), "03-03 11:00", EventKind::MerchantRejected {}), Changed);
}

#[test]
fn claims_move_on() {
    let paid = || EventKind::ClaimPaid { amount_fen: 1000 };
    let failed = || EventKind::ClaimFailed { code: "LIMIT".into() };
    let at = "03-10 10:00";
    let state = |given: &Given| given.case.insurance.as_ref().unwrap().claim;

    let mut given = returned().insured();
    assert_eq!(told(&mut given, at, EventKind::ClaimFiled {}), Changed);
    assert_eq!(told(&mut given, at, EventKind::ClaimFiled {}), Nothing);
    assert_eq!(told(&mut given, at, failed()), Changed);
    assert_eq!(told(&mut given, at, failed()), Nothing);
    assert_eq!(told(&mut given, at, EventKind::ClaimFiled {}), Nothing, "a filing told of late");
    assert_eq!(told(&mut given, at, paid()), Changed, "the insurer pays by itself after all");
    assert_eq!(state(&given), ClaimState::Paid);
    assert_eq!(told(&mut given, at, paid()), Nothing);
    assert_eq!(told(&mut given, at, failed()), Contradiction("claim_already_paid"));
    assert_eq!(told(&mut given, at, EventKind::ClaimFiled {}), Nothing);
    assert_eq!(told(&mut given, at, EventKind::ClaimPaid { amount_fen: 0 }), Contradiction("bad_amount"));

    let mut given = returned().insured().claim(ClaimState::Expired);
    assert_eq!(told(&mut given, at, EventKind::ClaimFiled {}), Contradiction("policy_expired"));
    assert_eq!(told(&mut given, at, failed()), Contradiction("policy_expired"));
    assert_eq!(told(&mut given, at, paid()), Changed);
    assert_eq!(told(&mut returned(), at, EventKind::ClaimFiled {}), Contradiction("no_insurance"));
    assert_eq!(told(&mut returned(), at, paid()), Contradiction("no_insurance"));
}

#[test]
fn what_is_no_fact_of_the_case() {
    let events = [
        EventKind::MerchantAppealed {},
        EventKind::AppealDecided { upheld: true },
        EventKind::RecourseRecovered { amount_fen: 1 },
        EventKind::BuyerRepaid { amount_fen: 1 },
    ];
    for what in events {
        assert_eq!(told(&mut returned(), "03-10 10:00", what), Nothing);
    }
}

/// The trap of the domain: a pickup is booked and bound, cancelled, and the goods are self-mailed.
#[test]
fn a_cancelled_pickup_then_self_mail_is_paid_once() {
    let mut given = returned().insured().bound("SF1000").level(5);
    told(&mut given, "03-06 10:00", added("SF1000"));
    told(&mut given, "03-06 11:00", cancelled("SF1000"));
    told(&mut given, "03-06 12:00", EventKind::ParcelAdded { parcel: parcel("SF1001", ReturnMethod::SelfMail) });
    told(&mut given, "03-07 12:00", scanned("SF1001"));
    told(&mut given, "03-10 12:00", received("SF1001"));
    told(&mut given, "03-10 12:30", EventKind::MerchantAccepted {});
    let decision = decide(&given.case, &given.judged_by(), t("03-10 12:30"));
    let missing = crate::expect::differences(
        &decision,
        "approved: goods merchant 9900 + back insurer 1000; why rebound_after_cancelled_pickup; hold payment 9900/10900, claim 1/1, waybill:sf:SF1001 1/1",
    );
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(given.case.request.cause, Cause::NoReason);
    assert_eq!(given.case.request.kind, RequestKind::ReturnRefund);
}

/// Scans told again and again under new ids fold into one, and what decides is taken in however many there were.
#[test]
fn facts_that_decide_always_fit() {
    let given = returned().mails("SF1001").now("03-07 12:00");
    let (rules, now) = (Rules::bundled(), t("03-20 12:00"));
    let decision = decide(&given.case, &given.judged_by(), given.now);
    let mut refund = Refund::new(refund_id("c", "k"), given.case, decision, given.now);
    let event = |n: i64, at: i64, kind| RefundEvent { event_id: format!("E{n}"), at, kind };
    let scanned_at = t("03-08 12:00");
    for n in 0..1_000 {
        // Every other one is a little earlier than all before, and so says something new.
        let at = if n % 2 == 0 { scanned_at } else { scanned_at - n };
        assert!(matches!(
            refund.tell(&event(n, at, scanned("SF1001")), &rules, now),
            Intake::Changed(_) | Intake::Known
        ));
    }
    assert!(refund.told.len() <= MAX_EVENTS);
    assert_eq!(refund.tell(&event(1_000, t("03-12 12:00"), received("SF1001")), &rules, now), Intake::Changed(vec![]));
    let agrees = event(1_001, t("03-13 12:00"), EventKind::MerchantAccepted {});
    assert_eq!(refund.tell(&agrees, &rules, now), Intake::Changed(vec![]));
    assert_eq!(refund.state, State::Issuing);
    assert_eq!(refund.tell(&agrees, &rules, now), Intake::Known, "the latest are remembered");
    // Money is not taken in without being remembered.
    refund.told.iter_mut().for_each(|told| told.fact = false);
    let repaid = event(1_002, now, EventKind::BuyerRepaid { amount_fen: 1 });
    assert_eq!(refund.tell(&repaid, &rules, now), Intake::TooMany);
}
