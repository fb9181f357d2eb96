//! A head: an issuer's short-lived word on which of its statements are the last, so that a store that withholds a recall
//! is found out within a day.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shared::dsse;
use shared::keyset::{self, KeySet, Opened, Use};

use crate::digital_link::PrimaryKey;
use crate::record::{Checker, FieldError};
use crate::statement::MAX_STATEMENTS;

/// How long a head is in force, in milliseconds, at most.
pub const MAX_LIFE_MS: i64 = 24 * 3_600_000;

/// An alarm is given when a head has so long left and no newer one is there, in milliseconds.
pub const ALARM_MS: i64 = 6 * 3_600_000;

/// The most products of one head: it must fit an envelope.
pub const MAX_PRODUCTS: usize = 400;

/// The last statement on a product: its sequence and its digest.
pub type Last = (u32, String);

/// A head. Unknown members are refused: one could restrict it in a way we would not see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Whose statements.
    pub issuer: String,
    /// The edition of the key set that was in force: a reader that has only an older one does not know all issuers.
    pub keyset: u64,
    /// When it was signed, milliseconds since the epoch.
    pub issued_at: i64,
    /// The last instant that it speaks for.
    pub expires_at: i64,
    /// Of each product on which there are statements, the last. A product that is not named has none.
    pub products: BTreeMap<String, Last>,
}

impl Head {
    /// Checks what its types cannot say. For whoever is about to sign one, too.
    ///
    /// # Errors
    /// [`FieldError`], the first.
    pub fn check(&self) -> Result<(), FieldError> {
        let root = Checker::root();
        root.member("issuer").identifier(&self.issuer)?;
        root.member("issued_at").instant(self.issued_at)?;
        let life = self.expires_at.saturating_sub(self.issued_at);
        if !(1..=MAX_LIFE_MS).contains(&life) {
            return root.member("expires_at").fail("bad_range");
        }
        let products = root.member("products");
        if self.products.len() > MAX_PRODUCTS {
            return products.fail("too_many");
        }
        for (product, (sequence, digest)) in &self.products {
            // The name may have any characters until it has been read, so the pointer does not show it.
            if PrimaryKey::parse(product).map_or(true, |read| read.to_string() != *product) {
                return products.fail("bad_product");
            }
            if *sequence == 0 || *sequence > MAX_STATEMENTS {
                return products.fail("bad_range");
            }
            products.digest(digest)?;
        }
        Ok(())
    }

    /// The last statement on a product, if there is any.
    pub fn last(&self, product: &PrimaryKey) -> Option<&Last> {
        self.products.get(&product.to_string())
    }

    /// What lies in the store under this issuer, if it is a head of its.
    ///
    /// # Errors
    /// A stable name of what is wrong, in snake case. Whether its time is over is not asked: [`Head::is_over`].
    pub fn read(bytes: &[u8], issuer: &str, keyset: &KeySet, now_ms: i64) -> Result<Opened<Head>, &'static str> {
        let head = keyset::open::<Head>(bytes, dsse::HEAD, Use::Head, keyset, |head| head.issued_at, now_ms);
        let head = head.map_err(|e| e.code())?;
        head.payload.check().map_err(|e| e.code)?;
        let signer = keyset.key(&head.kid).map(|key| key.issuer());
        if head.payload.issuer != issuer || signer != Some(issuer) {
            return Err("head_of_another");
        }
        Ok(head)
    }

    /// Whether its time is over.
    pub fn is_over(&self, now_ms: i64) -> bool {
        now_ms > self.expires_at
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn forms() {
        let head = Head {
            issuer: "desk".into(),
            keyset: 3,
            issued_at: 1_800_000_000_000,
            expires_at: 1_800_000_000_000 + MAX_LIFE_MS,
            products: [("01/09506000134352".to_owned(), (1, "a".repeat(64)))].into(),
        };
        let check = |edit: &dyn Fn(&mut Head)| {
            let mut head = head.clone();
            edit(&mut head);
            head.check().map_err(|e| e.to_string())
        };
        assert_eq!(check(&|_| ()), Ok(()));
        type Edit = fn(&mut Head);
        let expected: [(Edit, &str); 6] = [
            (|h| h.expires_at += 1, "/expires_at: bad_range"),
            (|h| h.expires_at = h.issued_at, "/expires_at: bad_range"),
            (|h| h.issuer = String::new(), "/issuer: empty"),
            (|h| _ = h.products.insert("01/1".into(), (1, "a".repeat(64))), "/products: bad_product"),
            (|h| _ = h.products.insert("8004/950600".into(), (0, "a".repeat(64))), "/products: bad_range"),
            (|h| _ = h.products.insert("8004/950600".into(), (1, "A".repeat(64))), "/products: bad_digest"),
        ];
        for (edit, error) in expected {
            assert_eq!(check(&edit), Err(error.to_owned()));
        }
        assert_eq!(head.last(&PrimaryKey::parse("01/09506000134352").unwrap()).unwrap().0, 1);
        assert_eq!(head.last(&PrimaryKey::parse("01/00614141123452").unwrap()), None);
    }
}
