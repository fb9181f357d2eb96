//! What rules can ask of a request.

/// The type of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A text.
    Text,
    /// An integer.
    Number,
    /// True or false.
    Flag,
}

impl Type {
    /// Its name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Type::Text => "a text",
            Type::Number => "a number",
            Type::Flag => "true or false",
        }
    }
}

macro_rules! signals {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal: $kind:ident;)+) => {
        /// A signal of a request. Absent is *unknown*.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Signal {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Signal {
            /// All of them, in their order.
            pub const ALL: &'static [Signal] = &[$(Signal::$variant,)+];

            /// Its name in rules.
            pub const fn name(self) -> &'static str {
                match self { $(Signal::$variant => $name,)+ }
            }

            /// Its type.
            pub const fn kind(self) -> Type {
                match self { $(Signal::$variant => Type::$kind,)+ }
            }
        }
    };
}

signals! {
    /// The method as it acts: an override counts, and `HEAD` is `GET`.
    Method = "method": Text;
    /// The host, lower case, without a port.
    Host = "host": Text;
    /// The canonical path.
    Path = "path": Text;
    /// The query, as sent; empty if there is none.
    Query = "query": Text;
    /// The action that the request is taken for.
    Action = "action": Text;
    /// The class of the user agent.
    AgentClass = "agent.class": Text;
    /// The name of the user agent, if it is known.
    AgentName = "agent.name": Text;
    /// What an agent that is no person's browser is for.
    AgentPurpose = "agent.purpose": Text;
    /// `Sec-Fetch-Site`.
    FetchSite = "fetch.site": Text;
    /// `Sec-Fetch-Mode`.
    FetchMode = "fetch.mode": Text;
    /// `Sec-Fetch-Dest`.
    FetchDest = "fetch.dest": Text;
    /// `Sec-Fetch-User: ?1`; unknown where it is absent, for it never says no.
    FetchByUser = "fetch.by_user": Flag;
    /// Whether it is only a prefetch.
    FetchAhead = "fetch.ahead": Flag;
    /// `4` or `6`.
    AddressVersion = "address.version": Number;
    /// Country of the address, ISO 3166-1 alpha-2, upper case.
    Country = "country": Text;
    /// Number of the network (autonomous system).
    Asn = "asn": Number;
    /// HTTP version as the edge writes it, like `HTTP/2`.
    HttpVersion = "http.version": Text;
    /// TLS version as the edge writes it, like `TLSv1.3`.
    TlsVersion = "tls.version": Text;
    /// JA3 fingerprint.
    Ja3 = "ja3": Text;
    /// JA4 fingerprint.
    Ja4 = "ja4": Text;
    /// The edge's own bot score, 1 to 99.
    BotScore = "bot_score": Number;
    /// Whether the edge has verified the client as a known good bot.
    VerifiedBot = "verified_bot": Flag;
    /// What the address says of the name that the agent has given itself; unknown if it has given none.
    AgentStanding = "agent.standing": Text;
    /// Whose address it is: `consumer` or `data_centre`.
    AddressClass = "address.class": Text;
    /// Whether the version of Chromium in the user agent is the one in the client hints; unknown without either.
    HintsAgree = "hints.agree": Flag;
    /// Whether the system in the user agent is the one in the client hints; unknown without either.
    HintsPlatformAgrees = "hints.platform_agrees": Flag;
    /// How many cookies were sent, ours not among them.
    Cookies = "cookies": Number;
    /// Whether no visit is known; unknown where none are kept.
    VisitNew = "visit.new": Flag;
    /// Seconds since the visit began.
    VisitAge = "visit.age": Number;
    /// Pages seen in the visit, up to 255.
    VisitPages = "visit.pages": Number;
    /// Milliseconds since its last page.
    VisitSincePage = "visit.since_page": Number;
    /// Milliseconds from page to page, on a moving average; unknown before the fifth page.
    VisitPace = "visit.pace": Number;
    /// Actions of the visit in their order, the last eight that differ from the one before, with spaces in between.
    VisitTrail = "visit.trail": Text;
    /// Over how many networks (/24, /48) the visit came, up to 255.
    VisitNetworks = "visit.networks": Number;
    /// What its signature of Web Bot Auth comes to; unknown if it has none.
    Signature = "signature": Text;
    /// Who signed it, if that is verified: a code of `signers.toml`.
    Signer = "signer": Text;
}

impl Signal {
    /// The signal of a name.
    pub fn of_name(name: &str) -> Option<Signal> {
        Signal::ALL.iter().copied().find(|signal| signal.name() == name)
    }

    /// The signal of a byte.
    pub fn of_byte(byte: u8) -> Option<Signal> {
        Signal::ALL.get(usize::from(byte)).copied()
    }
}

/// A value of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'f> {
    /// A text.
    Text(&'f str),
    /// A number.
    Number(i64),
    /// True or false.
    Flag(bool),
}

/// What is known of a request. A signal that is absent is unknown.
pub trait Facts {
    /// The value of a signal.
    fn signal(&self, signal: Signal) -> Option<Value<'_>>;
    /// The first value of a header field, by its name in lower case.
    fn header(&self, name: &str) -> Option<&str>;
    /// Whether a header field that is not there was not sent: what a log does not hold, nobody knows.
    fn knows_header(&self, _name: &str) -> bool {
        true
    }
    /// Whether a header field stood before another; unknown if one is lacking, or their order is not known.
    fn before(&self, name: &str, other: &str) -> Option<bool>;
}

/// Actions that nothing holds up: what programs fetch by design, notices that other companies' servers send, and ways
/// back from a bank or a sign-in.
pub const FREE: [&str; 5] = ["feed", "return", "static", "webhook", "well_known"];

/// What a request can be taken for. New ones stand behind the others: cookies of visits have their numbers.
pub const ACTIONS: [&str; 13] = [
    "browse",
    "search",
    "cart",
    "login",
    "coupon",
    "checkout",
    "static",
    "feed",
    "well_known",
    "api",
    "webhook",
    "return",
    "trap",
];
