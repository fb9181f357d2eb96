//! `GET /v1/refunds?…`: refunds by order, by state, by when they are due, and those that want a person.

use futures_util::future::join_all;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use shared::function::Failure;
use shared::http::{JSON, Response};
use shared::jcs::MAX_INTEGER;
use shared::platform::Host;
use shared::problem::{BAD_REQUEST, Problem, text};

use super::Call;
use super::operations::bad_position;
use crate::auth::Scope;
use crate::case::is_id;
use crate::decision::WaitingFor;
use crate::refund::{State, UNATTENDED_MS, is_refund_id};
use crate::store::{Sought, Stored, Whose};

/// The most refunds that are looked at for one page: each is a row of 10 to 50 KB.
const PAGE: usize = 25;

/// A page of `GET /v1/refunds`.
#[derive(Serialize, Deserialize)]
pub struct RefundPage {
    /// Refunds, by id. There may be none although there is a next page: not all that are looked at are what is asked for.
    pub refunds: Vec<Listed>,
    /// Where the next page begins; absent of the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A refund in a list: codes and figures. Its words are with the refund itself.
#[derive(Serialize, Deserialize)]
pub struct Listed {
    /// Its id.
    pub refund_id: String,
    /// Its state.
    pub state: State,
    /// The order.
    pub order_id: String,
    /// The merchant.
    pub merchant_id: String,
    /// When it was asked for, milliseconds since the epoch.
    pub created_at: i64,
    /// When it was decided.
    pub decided_at: i64,
    /// What was decided that the buyer gets, fen.
    pub total_fen: i64,
    /// When something is to be done without anybody asking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<i64>,
    /// What it waits for, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<ListedWait>,
    /// What went wrong last on the way to its gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What a person is wanted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stuck: Option<ListedStuck>,
}

/// What a refund waits for.
#[derive(Serialize, Deserialize)]
pub struct ListedWait {
    /// What.
    #[serde(rename = "for")]
    pub what: WaitingFor,
    /// Until when; then it is decided again.
    pub until: i64,
}

/// What a person is wanted for.
#[derive(Serialize, Deserialize)]
pub struct ListedStuck {
    /// A stable name.
    pub code: String,
    /// Since when.
    pub since: i64,
}

impl Listed {
    fn of(stored: &Stored, now: i64) -> Listed {
        let refund = &stored.refund;
        let waiting = refund.decision.waiting.as_ref().filter(|_| refund.state == State::Waiting);
        let stuck = stuck(stored, now).map(|stuck| ListedStuck { code: stuck.code.to_owned(), since: stuck.since });
        Listed {
            refund_id: refund.id.clone(),
            state: refund.state,
            order_id: refund.case.order.order_id.clone(),
            merchant_id: refund.case.merchant.merchant_id.clone(),
            created_at: refund.created_at,
            decided_at: refund.decided_at,
            total_fen: refund.decision.total_fen,
            // One that is untidy is due at once.
            due_at: stored.due_at.map(|due| due.max(refund.created_at)),
            waiting: waiting.map(|waiting| ListedWait { what: waiting.what, until: waiting.until }),
            trouble: refund.issuing.as_ref().and_then(|issuing| issuing.trouble.clone()),
            stuck,
        }
    }
}

/// What a person is wanted for: not while somebody is at it.
fn stuck(stored: &Stored, now: i64) -> Option<crate::refund::Stuck> {
    let due_at = stored.due_at.filter(|_| stored.held_until <= now);
    stored.refund.stuck(due_at, now)
}

impl<H: Host> Call<'_, H> {
    pub(super) async fn list(&self) -> Result<Response, Failure> {
        let scopes = [Scope::Refunds, Scope::AllRefunds, Scope::Operations];
        let caller = self.authenticate_any(&self.host.headers(), None, &scopes)?;
        let now = self.host.now_ms();
        let sought = self.sought(now)?;
        let after = self.head.param("after").unwrap_or_default();
        if !after.is_empty() && !is_refund_id(&after) {
            return Err(bad_position().into());
        }
        let whose = Whose { caller: (!self.reads_all(&caller)).then_some(caller.name), merchants: caller.merchants };
        let store = self.store();
        let (ids, more) = store.list(&sought, whose, &after, PAGE).await?;
        let loaded = join_all(ids.iter().map(|id| store.load(id))).await;
        let mut refunds = Vec::with_capacity(loaded.len());
        for stored in loaded {
            match stored {
                Ok(Some(stored)) => refunds.push(stored),
                // What a newer build wrote is not this one's to tell of.
                Ok(None) => {}
                Err(error) if error.is_newer() => {}
                Err(error) => return Err(error.into()),
            }
        }
        if matches!(sought, Sought::Attention(_)) {
            refunds.retain(|stored| stuck(stored, now).is_some());
        }
        let refunds = refunds.iter().map(|stored| Listed::of(stored, now)).collect();
        let next = ids.last().filter(|_| more).cloned();
        Ok(Response::json(StatusCode::OK, JSON, &RefundPage { refunds, next }))
    }

    /// What is asked for: exactly one of `order`, `state`, `due` and `stuck`.
    fn sought(&self, now: i64) -> Result<Sought, Problem> {
        let names = ["order", "state", "due", "stuck"];
        let given: Vec<(&str, String)> =
            names.iter().filter_map(|name| Some((*name, self.head.param(name)?))).collect();
        let bad = |pointer: &str, code: &'static str, zh: &str, en: &str| {
            let detail = text(zh, en);
            Problem::new(&BAD_REQUEST, detail.clone()).field(pointer, code, detail)
        };
        let [(name, value)] = given.as_slice() else {
            let en = "Exactly one of order, state, due and stuck is wanted";
            return Err(bad("/query", "one-of", "须给出 order、state、due、stuck 之一，且只给一个", en));
        };
        match (*name, value.as_str()) {
            ("order", order) if is_id(order) => Ok(Sought::Order(order.to_owned())),
            ("state", state) => State::of(state).map(|state| Sought::State(state.name())).ok_or_else(|| {
                let en = "One of waiting, declined, issuing, posted, void, reversed";
                bad("/query/state", "unknown-value", "应为 waiting、declined、issuing、posted、void、reversed 之一", en)
            }),
            ("due", at) => match at.parse() {
                Ok(at @ 0..=MAX_INTEGER_MS) => Ok(Sought::DueBy(at)),
                _ => {
                    let en = "An instant: milliseconds since the epoch";
                    Err(bad("/query/due", "bad-instant", "应为毫秒时间戳", en))
                }
            },
            ("stuck", "true") => Ok(Sought::Attention(now.saturating_sub(UNATTENDED_MS))),
            ("stuck", _) => Err(bad("/query/stuck", "unknown-value", "只能为 true", "It can only be true")),
            _ => {
                let en = "1 to 64 characters: letters, digits, _ . : -";
                Err(bad("/query/order", "bad-id", "应为 1 至 64 个字符：字母、数字、_ . : -", en))
            }
        }
    }
}

/// Numbers cross JavaScript.
const MAX_INTEGER_MS: i64 = MAX_INTEGER.cast_signed();
