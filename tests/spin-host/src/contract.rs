//! What `--contract` adds for tests, and nothing else does: a settable clock, random numbers that can be foretold,
//! injected storage failures, and instances that are made anew on demand.
//!
//! All are process-wide: requests that set them must not overlap with others that mind.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use rand_core::TryRng;
use wasmtime_wasi::HostWallClock;

const NOW: &str = "x-contract-now";
const FAIL: &str = "x-contract-fail";
const SEED: &str = "x-contract-seed";
const FRESH: &str = "x-contract-fresh";
const REAL_TIME: u64 = u64::MAX;

pub struct Contract {
    now_ms: AtomicU64,
    /// State of the generator: that of `shared::platform::native`, so that both draw the same.
    seed: AtomicU64,
    fail_sqlite: AtomicBool,
    fail_key_value: AtomicBool,
    generation: AtomicU64,
}

impl Default for Contract {
    fn default() -> Self {
        Self {
            now_ms: AtomicU64::new(REAL_TIME),
            seed: AtomicU64::new(0),
            fail_sqlite: AtomicBool::new(false),
            fail_key_value: AtomicBool::new(false),
            generation: AtomicU64::new(0),
        }
    }
}

impl Contract {
    /// Obeys and removes the headers. The clock stays until the next header sets it; failures last one request; no
    /// instance from before a request that asks for a fresh one takes another.
    pub fn take(&self, headers: &mut HeaderMap) -> Result<(), String> {
        if let Some(value) = headers.remove(NOW) {
            let now = value.to_str().ok().and_then(|text| text.parse().ok());
            let now: u64 = now.ok_or_else(|| format!("{NOW}: not milliseconds since the epoch"))?;
            self.now_ms.store(now, Ordering::Relaxed);
        }
        if let Some(value) = headers.remove(SEED) {
            let seed = value.to_str().ok().and_then(|text| text.parse().ok());
            self.seed.store(seed.ok_or_else(|| format!("{SEED}: not a number"))?, Ordering::Relaxed);
        }
        let (mut sqlite, mut key_value) = (false, false);
        if let Some(value) = headers.remove(FAIL) {
            for name in value.to_str().unwrap_or_default().split(',') {
                match name.trim() {
                    "sqlite" => sqlite = true,
                    "key-value" => key_value = true,
                    other => return Err(format!("{FAIL}: {other:?} is not sqlite or key-value")),
                }
            }
        }
        if headers.remove(FRESH).is_some() {
            self.generation.fetch_add(1, Ordering::Relaxed);
        }
        self.fail_sqlite.store(sqlite, Ordering::Relaxed);
        self.fail_key_value.store(key_value, Ordering::Relaxed);
        Ok(())
    }

    pub fn fails_sqlite(&self) -> bool {
        self.fail_sqlite.load(Ordering::Relaxed)
    }

    /// Counts the requests that asked for a fresh instance.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    pub fn fails_key_value(&self) -> bool {
        self.fail_key_value.load(Ordering::Relaxed)
    }
}

/// The wall clock of WASI 0.2 and the system clock of WASI 0.3 alike.
pub struct ContractClock(pub Arc<Contract>);

impl HostWallClock for ContractClock {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        match self.0.now_ms.load(Ordering::Relaxed) {
            REAL_TIME => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            set => Duration::from_millis(set),
        }
    }
}

/// SplitMix64, from the seed that a request sets.
pub struct ContractRandom(pub Arc<Contract>);

impl ContractRandom {
    fn next(&self) -> u64 {
        let step = |seed: u64| Some(seed.wrapping_add(0x9e37_79b9_7f4a_7c15));
        let before = self.0.seed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
        let state = before.unwrap_or_default().wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl TryRng for ContractRandom {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.next() as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            *byte = self.next() as u8;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn the_clock_stays_and_failures_do_not() {
        let contract = Arc::new(Contract::default());
        let clock = ContractClock(contract.clone());
        assert!(clock.now() > Duration::from_secs(1_700_000_000));

        let mut first = headers(&[(NOW, "1500"), (FAIL, "sqlite, key-value"), ("a", "b")]);
        contract.take(&mut first).unwrap();
        assert_eq!(first, headers(&[("a", "b")]));
        assert_eq!(clock.now(), Duration::from_millis(1500));
        assert!(contract.fails_sqlite() && contract.fails_key_value());

        contract.take(&mut HeaderMap::new()).unwrap();
        assert_eq!((clock.now(), contract.generation()), (Duration::from_millis(1500), 0));
        contract.take(&mut headers(&[(FRESH, "1")])).unwrap();
        assert_eq!(contract.generation(), 1);
        assert!(!contract.fails_sqlite() && !contract.fails_key_value());
    }

    #[test]
    fn mistakes_are_refused() {
        let contract = Contract::default();
        assert!(contract.take(&mut headers(&[(NOW, "soon")])).is_err());
        assert!(contract.take(&mut headers(&[(FAIL, "clock")])).is_err());
    }
}
