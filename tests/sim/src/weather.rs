//! How bad a run is: the rates of all faults, per mille, and how long things take. Half of the rates of a run are zero, so
//! that faults occur alone as well as together.

use crate::rng::Rng;
use crate::tally;

macro_rules! weather {
    ($($(#[$doc:meta])* $name:ident: $most:literal,)*) => {
        /// Rates, per mille.
        #[derive(Clone, Debug, Default)]
        pub struct Weather { $($(#[$doc])* pub $name: i64,)* }
        impl Weather {
            /// The fault rates of a run.
            pub fn draw(rng: &mut Rng) -> Weather {
                Weather { $($name: if rng.chance(500) { 0 } else { rng.range(1, $most) },)* }
            }
            /// The names of all faults.
            pub const FAULTS: &'static [&'static str] = &[$(stringify!($name)),*];
        }
        $(#[allow(missing_docs, reason = "each is its field's")]
        pub fn $name(weather: &Weather, rng: &mut Rng) -> bool {
            let struck = rng.chance(weather.$name);
            if struck { tally::count("fault", stringify!($name)); }
            struck
        })*
    };
}

weather! {
    /// The store fails before the statement.
    sql_error_before: 40,
    /// The statement is done, and its answer lost.
    sql_error_after: 40,
    /// An isolate dies before an operation of its own reaches its destination.
    death_before: 30,
    /// An isolate dies when the answer to an operation arrives: its effect stays.
    death_after: 30,
    /// Something takes long: seconds, or longer than a lease.
    slow: 120,
    /// A worker stands still before it takes up an answer.
    stall: 40,
    /// A client never hears the answer.
    answer_lost: 150,
    /// A request to a gateway never arrives.
    gateway_request_lost: 150,
    /// A gateway's answer never arrives.
    gateway_reply_lost: 150,
    /// A request to a gateway arrives twice.
    gateway_request_twice: 150,
    /// A request to a gateway arrives after its sender gave up.
    gateway_request_late: 150,
    /// An answer of another request comes in place of the right one.
    gateway_reply_mixed: 60,
    /// 5xx, and nothing was done.
    gateway_5xx_before: 150,
    /// 5xx, and it was done.
    gateway_5xx_after: 150,
    /// What it says cannot be read.
    gateway_malformed: 100,
    /// It names another amount.
    gateway_wrong_amount: 100,
    /// It limits the frequency.
    gateway_limited: 200,
    /// It refuses for good.
    gateway_refuses: 200,
    /// It refuses, and pays all the same.
    gateway_refuses_and_pays: 500,
    /// It says that it failed, and has paid: a query shows it.
    gateway_says_failed: 200,
    /// It takes back what it had paid.
    gateway_reverses: 200,
    /// It takes a refund on and finishes it later.
    gateway_processing: 500,
    /// What it took on fails.
    gateway_fails_late: 300,
    /// A query does not see what is there.
    gateway_denies: 400,
    /// It says that it was too often asked, and did it all the same.
    gateway_limited_and_done: 80,
    /// It notifies twice.
    notification_twice: 300,
    /// A notification names another amount.
    notification_wrong_amount: 150,
    /// Somebody forges a notification.
    notification_forged: 150,
    /// A notification arrives much later, after newer ones.
    notification_late: 300,
    /// A notification is never sent.
    notification_lost: 300,
}

/// How long a step takes, milliseconds.
pub fn delay(weather: &Weather, rng: &mut Rng, most: i64) -> i64 {
    let usual = rng.range(0, 30);
    let long = if slow(weather, rng) {
        match rng.range(0, 5) {
            0..=2 => rng.range(100, 2_500),
            3..=4 => rng.range(2_000, 15_000),
            _ => rng.range(12_000, 90_000),
        }
    } else {
        usual
    };
    long.min(most)
}
