//! The inspection record: what an inspection body found, in a document that the inspection base signs.
//!
//! Limits, in characters: names 120, texts 600, identifiers 64, URLs 300. Lists: 8 accreditations, 8 standards,
//! 24 results, 12 photos. Unknown members are ignored, so that a newer base can say more.

mod check;

use core::fmt;

use serde::{Deserialize, Serialize};
use shared::lang::Text;

use crate::digital_link::PrimaryKey;
use crate::manifest::{Issue, Manifest};
use crate::serial::Code;
pub(crate) use check::Checker;
pub use check::{MAX_IDENTIFIER, MAX_NAME, MAX_TELEPHONE, MAX_TEXT, MAX_URL};

/// The most accreditations, and the most standards.
pub const MAX_REFERENCES: usize = 8;
/// The most results.
pub const MAX_RESULTS: usize = 24;
/// The most photos.
pub const MAX_PHOTOS: usize = 12;

/// An inspection record, of a batch or of one piece.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The batch's name.
    pub batch: String,
    /// The piece's counter; absent in the record of a batch.
    #[serde(default)]
    pub counter: Option<u32>,
    /// What the labels name.
    pub primary: PrimaryKey,
    /// What was inspected.
    pub product: Product,
    /// By whom, how, with what result.
    pub inspection: Inspection,
    /// Who sells it.
    #[serde(default)]
    pub seller: Option<Text>,
    /// What it looked like.
    #[serde(default)]
    pub photos: Vec<Photo>,
    /// When the base signed it, milliseconds since the epoch.
    pub issued_at: i64,
    /// The last instant that it speaks for the goods, milliseconds since the epoch; absent: without end.
    #[serde(default)]
    pub valid_until: Option<i64>,
}

/// What was inspected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its name.
    pub name: Text,
    /// Its brand.
    pub brand: Text,
    /// Its kind.
    #[serde(default)]
    pub category: Option<Text>,
    /// Where it comes from.
    #[serde(default)]
    pub origin: Option<Text>,
    /// Size, material, model.
    #[serde(default)]
    pub specification: Option<Text>,
}

/// By whom, how, with what result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// The inspection body.
    pub body: Text,
    /// Its accreditations: `CMA …`, `CNAS …`.
    #[serde(default)]
    pub accreditations: Vec<String>,
    /// The certificate's number.
    pub certificate: String,
    /// Where the body itself shows the certificate; `https`.
    #[serde(default)]
    pub certificate_url: Option<String>,
    /// The standards it was judged by: `GB/T 16552-2017`.
    #[serde(default)]
    pub standards: Vec<String>,
    /// How it was examined.
    pub method: Text,
    /// What was measured.
    #[serde(default)]
    pub results: Vec<Measurement>,
    /// What it is, in the body's words.
    #[serde(default)]
    pub conclusion: Option<Text>,
    /// The day, `YYYY-MM-DD`, China Standard Time.
    pub inspected_on: String,
    /// Where it was done.
    pub base: Base,
}

/// One result: mass, grade, purity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measurement {
    /// What was measured.
    pub name: Text,
    /// The value, as text: `12.48` keeps its digits.
    pub value: String,
    /// Its unit.
    #[serde(default)]
    pub unit: Option<String>,
}

/// An inspection base.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// Its name.
    pub name: Text,
    /// Its city.
    #[serde(default)]
    pub city: Option<Text>,
}

/// A photo, which the store holds under its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// SHA-256 of the image's bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Its media type.
    #[serde(rename = "type")]
    pub media_type: MediaType,
    /// What it shows, for whoever cannot see it.
    pub alt: Text,
}

/// Media types of photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MediaType {
    /// JPEG.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// PNG.
    #[serde(rename = "image/png")]
    Png,
    /// WebP.
    #[serde(rename = "image/webp")]
    Webp,
}

/// What is wrong with a signed document, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// A JSON pointer (RFC 6901).
    pub pointer: String,
    /// A stable name, in snake case: `empty`, `too_long`, `too_many`, `bad_character`, `bad_batch`, `bad_url`,
    /// `bad_telephone`, `bad_date`, `bad_digest`, `bad_instant`, `bad_range`, `ends_before_issue`, `inspected_after_issue`, `mismatch`.
    pub code: &'static str,
}

impl Record {
    /// Checks lengths, forms and dates. For whoever is about to sign one, too.
    ///
    /// # Errors
    /// [`FieldError`], the first.
    pub fn check(&self) -> Result<(), FieldError> {
        let root = Checker::root();
        root.member("batch").batch(&self.batch)?;
        self.product.check(&root.member("product"))?;
        self.inspection.check(&root.member("inspection"))?;
        root.member("seller").optional(&self.seller, Checker::name)?;
        root.member("photos").list(&self.photos, MAX_PHOTOS, |photo, at| {
            at.member("sha256").digest(&photo.sha256)?;
            at.member("alt").name(&photo.alt)
        })?;
        root.member("issued_at").instant(self.issued_at)?;
        root.member("inspection").member("inspected_on").not_after(&self.inspection.inspected_on, self.issued_at)?;
        match self.valid_until {
            Some(end) if end < self.issued_at => root.member("valid_until").fail("ends_before_issue"),
            Some(end) => root.member("valid_until").instant(end),
            None => Ok(()),
        }
    }

    /// Whether it speaks of this code, which this manifest issued.
    ///
    /// # Errors
    /// [`FieldError`] `mismatch`, at the member that speaks of something else.
    pub fn matches(&self, code: &Code, manifest: &Manifest) -> Result<(), FieldError> {
        let expected = match manifest.records {
            Issue::Batch => None,
            Issue::Item => Some(code.counter()),
        };
        let root = Checker::root();
        if self.batch != manifest.batch {
            root.member("batch").fail("mismatch")
        } else if self.primary != *code.primary() {
            root.member("primary").fail("mismatch")
        } else if self.counter != expected {
            root.member("counter").fail("mismatch")
        } else {
            Ok(())
        }
    }

    /// Whether its time is over.
    pub fn expired(&self, now_ms: i64) -> bool {
        self.valid_until.is_some_and(|end| end < now_ms)
    }
}

impl Product {
    fn check(&self, at: &Checker) -> Result<(), FieldError> {
        at.member("name").name(&self.name)?;
        at.member("brand").name(&self.brand)?;
        at.member("category").optional(&self.category, Checker::name)?;
        at.member("origin").optional(&self.origin, Checker::name)?;
        at.member("specification").optional(&self.specification, Checker::text)
    }
}

impl Inspection {
    fn check(&self, at: &Checker) -> Result<(), FieldError> {
        at.member("body").name(&self.body)?;
        at.member("accreditations").list(&self.accreditations, MAX_REFERENCES, |text, at| at.identifier(text))?;
        at.member("certificate").identifier(&self.certificate)?;
        at.member("certificate_url").optional(&self.certificate_url, |at, url| at.url(url))?;
        at.member("standards").list(&self.standards, MAX_REFERENCES, |text, at| at.identifier(text))?;
        at.member("method").name(&self.method)?;
        at.member("results").list(&self.results, MAX_RESULTS, |result, at| {
            at.member("name").name(&result.name)?;
            at.member("value").identifier(&result.value)?;
            at.member("unit").optional(&result.unit, |at, unit| at.identifier(unit))
        })?;
        at.member("conclusion").optional(&self.conclusion, Checker::text)?;
        at.member("inspected_on").date(&self.inspected_on)?;
        at.member("base").member("name").name(&self.base.name)?;
        at.member("base").member("city").optional(&self.base.city, Checker::name)
    }
}

impl MediaType {
    /// The media type's name.
    pub const fn name(self) -> &'static str {
        match self {
            MediaType::Jpeg => "image/jpeg",
            MediaType::Png => "image/png",
            MediaType::Webp => "image/webp",
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.code)
    }
}

impl core::error::Error for FieldError {}

#[cfg(test)]
mod tests;
