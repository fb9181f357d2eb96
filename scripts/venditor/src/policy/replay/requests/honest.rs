//! Who is probably a shopper, in a log: a browser that fetched what its pages are made of, and did not read them faster than
//! anybody can. An estimate: whoever imitates that counts as one, and whose files came from a cache does not.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::LazyLock;

use bot_screen::request::Request;
use serde::Serialize;

/// So many clients are remembered, a bucket of eight for each hash: 96 MiB.
const BUCKETS: usize = 1 << 19;
const PLACES: usize = 8;
/// Pages at once that a person may open, as tabs; beyond, one is forgotten every two seconds.
const MOST_AT_ONCE: u16 = 20;

/// A key of this run: nobody who writes into a log chooses where a client lies.
static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// A client: its address with its user agent.
pub fn client(request: &Request) -> u64 {
    let mut hasher = KEY.build_hasher();
    match request.address {
        Some(address) => hasher.write(address.to_string().as_bytes()),
        None => hasher.write(b"-"),
    }
    hasher.write(request.headers.get("user-agent").unwrap_or_default().as_bytes());
    // 0 is an empty place.
    hasher.finish().max(1)
}

#[derive(Clone, Copy, Default)]
struct Client {
    hash: u64,
    second: u32,
    /// Halves of pages.
    pages: u16,
    most: u16,
    browser: bool,
    viewed: bool,
    fetched: bool,
    touched: bool,
}

/// What a client was seen to do.
pub struct Seen {
    /// Its hash.
    pub client: u64,
    /// Whether it says that it is a browser.
    pub browser: bool,
    /// Whether it asked for a file of a page.
    pub file: bool,
    /// When, in milliseconds since the epoch, if the log says so.
    pub at_ms: Option<i64>,
    /// Whether the new rules hold it up where the old ones do not.
    pub touched: bool,
}

/// Clients, as they were seen.
pub struct Clients {
    table: Vec<[Client; PLACES]>,
    forgotten: u64,
}

/// How many shoppers there probably were, and how many of them the new rules would hold up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shoppers {
    /// Clients that are probably shoppers.
    pub clients: u64,
    /// Those among them of which a request would be held up.
    pub touched: u64,
    /// Clients for which there was no room.
    pub forgotten: u64,
}

impl Clients {
    pub fn new() -> Clients {
        Clients { table: vec![[Client::default(); PLACES]; BUCKETS], forgotten: 0 }
    }

    pub fn add(&mut self, seen: &Seen) {
        let bucket = &mut self.table[seen.client as usize % BUCKETS];
        let place = bucket.iter().position(|known| known.hash == seen.client || known.hash == 0);
        let Some(known) = place.map(|place| &mut bucket[place]) else {
            self.forgotten += 1;
            return;
        };
        known.hash = seen.client;
        known.browser |= seen.browser;
        known.touched |= seen.touched;
        if seen.file {
            known.fetched = true;
            return;
        }
        known.viewed = true;
        // Without times nothing is known of haste.
        let Some(second) = seen.at_ms.map(|at| (at / 1000) as u32) else { return };
        // Lines of several servers are not always in order: what is earlier counts as now.
        let since = u16::try_from(second.saturating_sub(known.second)).unwrap_or(u16::MAX);
        known.second = known.second.max(second);
        known.pages = known.pages.saturating_sub(since).saturating_add(2);
        known.most = known.most.max(known.pages);
    }

    pub fn shoppers(&self) -> Shoppers {
        let all = self.table.iter().flatten();
        let shoppers =
            all.filter(|known| known.browser && known.viewed && known.fetched && known.most <= 2 * MOST_AT_ONCE);
        let (clients, touched) =
            shoppers.fold((0, 0), |(all, touched), known| (all + 1, touched + u64::from(known.touched)));
        Shoppers { clients, touched, forgotten: self.forgotten }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reads_pages_with_their_files_at_a_persons_pace_is_a_shopper() {
        let mut clients = Clients::new();
        let mut add = |client, browser, file, at_ms, touched| {
            clients.add(&Seen { client, browser, file, at_ms: Some(at_ms), touched })
        };
        for (client, browser, files, pages, touched) in [
            (1, true, 2, 5, false),
            (2, true, 2, 5, true),
            (3, true, 0, 5, true),
            (4, false, 2, 5, true),
            (5, true, 1, 41, true),
        ] {
            (0..files).for_each(|_| add(client, browser, true, 1_800_000_000_000, false));
            (0..pages)
                .for_each(|page| add(client, browser, false, 1_800_000_000_000 + page * 1000, touched && page == 0));
        }
        assert_eq!(clients.shoppers(), Shoppers { clients: 2, touched: 1, forgotten: 0 });
    }
}
