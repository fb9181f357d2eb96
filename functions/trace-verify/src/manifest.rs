//! The mint manifest: which counters were issued, for what, when. Signed by whoever mints, away from the edge.
//!
//! It is what makes a leaked edge key harmless: a code can be made with the key alone, but no counter can be issued.

use core::fmt;

use serde::{Deserialize, Serialize};
use shared::keyset::is_kid;

use crate::digital_link::PrimaryKey;
use crate::keys::{BLOCK, BLOCK_BITS};
use crate::serial::{Code, Layout};

/// The most counters in one manifest: 256 blocks.
pub const MAX_COUNT: u32 = 1 << 20;

/// The most record keys that a manifest names.
pub const MAX_RECORD_KIDS: usize = 16;

/// The longest batch name.
pub const MAX_BATCH: usize = 40;

/// A mint manifest. Unknown members are refused: one could restrict what was issued in a way we would not see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The batch's name, `[A-Z0-9][A-Z0-9._-]{0,39}`.
    pub batch: String,
    /// What the labels name.
    pub primary: PrimaryKey,
    /// The id of the key that made the tags.
    pub mac_kid: u8,
    /// The serial's layout, 1 or 2.
    pub layout: Layout,
    /// The first counter, a multiple of [`BLOCK`]: no two manifests share a block.
    pub first: u32,
    /// How many counters, from `first` on. What the last block has left over stays unissued.
    pub count: u32,
    /// When, milliseconds since the epoch.
    pub minted_at: i64,
    /// Whether the batch has one inspection record or each piece its own.
    pub records: Issue,
    /// The ids of the keys that may sign those records. Left out: any record key of the key set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_kids: Option<Vec<String>>,
}

/// What a record is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Issue {
    /// One record for the whole batch.
    Batch,
    /// One record for each piece.
    Item,
}

/// Why a manifest contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManifestError {
    /// The batch's name.
    BadBatch,
    /// The layout does not go with the primary key.
    LayoutMismatch,
    /// `first` does not begin a block.
    Unaligned,
    /// `count` is 0 or more than [`MAX_COUNT`].
    BadCount,
    /// The last counter does not fit the layout.
    CounterTooLarge,
    /// `minted_at` is before the epoch.
    BadDate,
    /// `record_kids` names no key, too many, or what cannot be a key's id.
    BadRecordKids,
}

impl Manifest {
    /// Checks what its types cannot say. For whoever is about to sign one, too.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn check(&self) -> Result<(), ManifestError> {
        if !is_batch(&self.batch) {
            Err(ManifestError::BadBatch)
        } else if Layout::for_ai(self.primary.ai()) != self.layout {
            Err(ManifestError::LayoutMismatch)
        } else if !self.first.is_multiple_of(BLOCK) {
            Err(ManifestError::Unaligned)
        } else if self.count == 0 || self.count > MAX_COUNT {
            Err(ManifestError::BadCount)
        } else if self.last().is_none_or(|last| last > self.layout.max_counter()) {
            Err(ManifestError::CounterTooLarge)
        } else if self.minted_at < 0 {
            Err(ManifestError::BadDate)
        } else if self
            .record_kids
            .as_ref()
            .is_some_and(|kids| !(1..=MAX_RECORD_KIDS).contains(&kids.len()) || !kids.iter().all(|kid| is_kid(kid)))
        {
            Err(ManifestError::BadRecordKids)
        } else {
            Ok(())
        }
    }

    /// Whether it issued this code.
    pub fn contains(&self, code: &Code) -> bool {
        self.layout == code.layout()
            && self.mac_kid == code.kid()
            && self.primary == *code.primary()
            && code.counter() >= self.first
            && self.last().is_some_and(|last| code.counter() <= last)
    }

    /// Whether a record that this key signed may speak for the batch.
    pub fn takes_records_of(&self, kid: &str) -> bool {
        self.record_kids.as_ref().is_none_or(|kids| kids.iter().any(|named| named == kid))
    }

    /// The last counter, where there is one.
    pub fn last(&self) -> Option<u32> {
        self.count.checked_sub(1).and_then(|more| self.first.checked_add(more))
    }

    /// The store's keys that this manifest goes under, one a block.
    pub fn blocks(&self) -> impl Iterator<Item = String> {
        let blocks = (self.first >> BLOCK_BITS)..=(self.last().unwrap_or(self.first) >> BLOCK_BITS);
        blocks.map(|block| crate::keys::manifest(self.layout, self.mac_kid, block))
    }
}

/// Whether a text is a batch name. Without slashes, it is safe inside the store's keys.
pub fn is_batch(text: &str) -> bool {
    text.len() <= MAX_BATCH
        && text.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b"._-".contains(&b))
}

impl ManifestError {
    /// A stable name, in snake case.
    pub const fn code(self) -> &'static str {
        match self {
            ManifestError::BadBatch => "manifest_bad_batch",
            ManifestError::LayoutMismatch => "manifest_layout_mismatch",
            ManifestError::Unaligned => "manifest_unaligned",
            ManifestError::BadCount => "manifest_bad_count",
            ManifestError::CounterTooLarge => "manifest_counter_too_large",
            ManifestError::BadDate => "manifest_bad_date",
            ManifestError::BadRecordKids => "manifest_bad_record_kids",
        }
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ManifestError::BadBatch => f.write_str("batch: not [A-Z0-9][A-Z0-9._-]{0,39}"),
            ManifestError::LayoutMismatch => f.write_str("layout: does not go with the primary key"),
            ManifestError::Unaligned => write!(f, "first: not a multiple of {BLOCK}"),
            ManifestError::BadCount => write!(f, "count: not from 1 to {MAX_COUNT}"),
            ManifestError::CounterTooLarge => f.write_str("first + count: beyond the layout's counters"),
            ManifestError::BadDate => f.write_str("minted_at: before 1970"),
            ManifestError::BadRecordKids => {
                write!(f, "record_kids: not 1 to {MAX_RECORD_KIDS} ids of keys")
            }
        }
    }
}

impl core::error::Error for ManifestError {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::serial::MacKeys;
    use shared::mac::Secret;

    fn manifest() -> Manifest {
        Manifest {
            batch: "HL-2026-0815".into(),
            primary: PrimaryKey::parse("01/09506000134352").unwrap(),
            mac_kid: 1,
            layout: Layout::One,
            first: 2 * BLOCK,
            count: BLOCK + 1,
            minted_at: 0,
            records: Issue::Batch,
            record_kids: None,
        }
    }

    #[test]
    fn json_form() {
        let text = r#"{"batch":"HL-2026-0815","primary":"01/09506000134352","mac_kid":1,"layout":1,"first":8192,"count":4097,"minted_at":0,"records":"batch"}"#;
        assert_eq!(serde_json::from_str::<Manifest>(text).unwrap(), manifest());
        assert_eq!(serde_json::to_string(&manifest()).unwrap(), text);
        for (from, to) in [("\"layout\":1", "\"layout\":3"), ("134352", "134353"), ("{", "{\"extra\":1,")] {
            assert!(serde_json::from_str::<Manifest>(&text.replacen(from, to, 1)).is_err(), "{to}");
        }
    }

    #[test]
    fn contradictions() {
        let check = |edit: &dyn Fn(&mut Manifest)| {
            let mut m = manifest();
            edit(&mut m);
            m.check()
        };
        assert_eq!(check(&|_| ()), Ok(()));
        for bad in ["", "-A", "a", "A/B", "A B", "琥珀", &"A".repeat(41)] {
            assert_eq!(check(&|m| m.batch = bad.into()), Err(ManifestError::BadBatch), "{bad}");
        }
        assert_eq!(check(&|m| m.batch = "9._-".repeat(10)), Ok(()));
        assert_eq!(check(&|m| m.layout = Layout::Two), Err(ManifestError::LayoutMismatch));
        assert_eq!(check(&|m| m.first = 1), Err(ManifestError::Unaligned));
        assert_eq!(check(&|m| m.count = 0), Err(ManifestError::BadCount));
        assert_eq!(check(&|m| m.count = MAX_COUNT + 1), Err(ManifestError::BadCount));
        assert_eq!(check(&|m| m.first = u32::MAX - BLOCK + 1), Err(ManifestError::CounterTooLarge));
        assert_eq!(check(&|m| m.first = (1 << 30) - BLOCK), Err(ManifestError::CounterTooLarge));
        assert_eq!(check(&|m| (m.first, m.count) = ((1 << 30) - BLOCK, BLOCK)), Ok(()));
        assert_eq!(check(&|m| m.minted_at = -1), Err(ManifestError::BadDate));
        for bad in [vec![], vec!["a b".to_owned()], vec!["a".to_owned(); 17]] {
            assert_eq!(check(&|m| m.record_kids = Some(bad.clone())), Err(ManifestError::BadRecordKids), "{bad:?}");
        }
        assert_eq!(check(&|m| m.record_kids = Some(vec!["base-1".into()])), Ok(()));
    }

    #[test]
    fn membership_is_exact() {
        let keys = MacKeys::new(&[(1, Secret::new([1; 32])), (2, Secret::new([2; 32]))]);
        let other = PrimaryKey::parse("01/00614141123452").unwrap();
        let m = manifest();
        let contains =
            |primary: &PrimaryKey, kid, counter| m.contains(&Code::mint(primary, kid, counter, &keys).unwrap());
        for (counter, inside) in [(8191, false), (8192, true), (12288, true), (12289, false), (0, false)] {
            assert_eq!(contains(&m.primary, 1, counter), inside, "{counter}");
        }
        assert!(!contains(&m.primary, 2, 8192));
        assert!(!contains(&other, 1, 8192));
        assert_eq!(m.blocks().collect::<Vec<_>>(), ["manifest/1/1/2", "manifest/1/1/3"]);
    }
}
