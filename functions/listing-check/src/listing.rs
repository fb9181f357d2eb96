//! A listing as it is sent, and what is refused before it is judged.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::http::json::{self, Bounds, Fault, Unknown};
use shared::lang::Text;
use shared::problem::{Problem, text};
use shared::problem_kinds;

use crate::picture::{self, Budget, MOST_READ, Seen};

problem_kinds! {
    /// A member of the listing is wrong; `errors` says which.
    BAD_LISTING = UNPROCESSABLE_ENTITY "bad-listing", "商品信息有误", "The listing has faults";
}

/// What a body may grow to: one listing, with nine pictures of 2 MiB in base64. No member that is read lies deeper, or has
/// so many items.
pub const BOUNDS: Bounds = Bounds { bytes: 26 << 20, depth: 8, items: 2000 };
/// What a body of several listings may grow to.
pub const BATCH_BOUNDS: Bounds = Bounds { bytes: 26 << 20, depth: 10, items: 2000 };
/// The most listings in one body.
pub const MOST_LISTINGS: usize = 100;

/// The longest title, in Unicode scalar values.
const TITLE: usize = 200;
/// The longest description.
const DESCRIPTION: usize = 50_000;
/// The longest other text.
const SHORT: usize = 500;
/// The longest text of a picture.
const PICTURE_TEXT: usize = 10_000;
/// The most attributes.
const ATTRIBUTES: usize = 200;
/// The most SKUs.
const SKUS: usize = 600;
/// The most pictures.
const IMAGES: usize = 9;
/// The highest price, in fen: a hundred million yuan.
const MOST_FEN: i64 = 10_000_000_000;
/// The most faults that one answer names.
const MOST_FAULTS: usize = 20;

/// A listing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Listing {
    /// The caller's own name for it; comes back in the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// 1 to 200 characters.
    pub title: String,
    /// At most 50,000 characters.
    pub description: String,
    /// What the description is written in.
    #[serde(skip_serializing_if = "Format::is_plain")]
    pub description_format: Format,
    /// The path of its category, the most general first.
    pub category: Vec<String>,
    /// What is said of it by name.
    pub attributes: Vec<Attribute>,
    /// What can be bought.
    pub skus: Vec<Sku>,
    /// Its brand.
    pub brand: String,
    /// Its pictures.
    pub images: Vec<Image>,
    /// Licences and certificates.
    pub qualifications: Vec<Qualification>,
    /// Who sells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seller: Option<Seller>,
}

/// What a text is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// As it stands.
    #[default]
    Plain,
    /// HTML: what a browser shows is read, and what is hidden is a finding.
    Html,
}

impl Format {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    fn is_plain(&self) -> bool {
        *self == Format::Plain
    }
}

/// Something said of a listing by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Something that can be bought.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sku {
    /// Its name.
    pub name: String,
    /// Its price, fen.
    pub price_fen: i64,
    /// How many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<i64>,
}

/// A picture: its bytes, or what the caller's own pipeline has read of it, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Image {
    /// SHA-256 of its bytes, 64 lower-case hex digits; where the bytes are sent, it is found if it is left out.
    pub sha256: String,
    /// Its bytes in base64: PNG or JPEG, at most 2 MiB and 4 megapixels. Not kept once they were looked at.
    #[serde(skip_serializing)]
    pub bytes: Option<String>,
    /// The media type that the bytes are said to have.
    #[serde(skip_serializing)]
    pub media_type: Option<String>,
    /// What was seen in the bytes.
    #[serde(skip)]
    pub seen: Option<Seen>,
    /// The text in it; `null` if nobody has read it.
    pub ocr_text: Option<String>,
    /// What the QR codes in it say; `null` if nobody has looked.
    pub qr_payloads: Option<Vec<String>>,
}

/// A licence or certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Qualification {
    /// What it is.
    pub kind: String,
    /// Its number.
    pub number: String,
}

/// A seller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seller {
    /// The marketplace's id of it.
    pub id: String,
}

impl Listing {
    /// Reads a listing and checks it.
    ///
    /// # Errors
    /// `400 not-json`, `413 body-too-large`, or `422 bad-listing` with a pointer to each fault.
    pub fn read(bytes: &[u8]) -> Result<Listing, Problem> {
        Listing::one_of(bytes, &mut MOST_READ.clone())
    }

    /// Reads one of several; `pictures` is how many pictures may still be read from bytes.
    ///
    /// # Errors
    /// As [`Listing::read`].
    pub fn one_of(bytes: &[u8], pictures: &mut usize) -> Result<Listing, Problem> {
        let value = json::parse_loosely(bytes, BOUNDS).map_err(|unread| unread.problem(&BAD_LISTING))?;
        Listing::of(&value, pictures)
    }

    /// Reads one of a value.
    ///
    /// # Errors
    /// `422 bad-listing`.
    pub fn of(value: &Value, pictures: &mut usize) -> Result<Listing, Problem> {
        let listing: Result<Listing, Fault> = json::of_value(value, Unknown::Ignore);
        let mut listing = listing.map_err(|fault| fault.problem(&BAD_LISTING))?;
        listing.check(pictures)?;
        Ok(listing)
    }

    fn check(&mut self, pictures: &mut usize) -> Result<(), Problem> {
        let mut faults = Faults::default();
        let blank = self.title.trim().is_empty();
        faults.expect(!blank, || "/title".to_owned(), "title-missing", text("缺少标题。", "The title is missing."));
        faults.text("/title", &self.title, TITLE);
        faults.text("/description", &self.description, DESCRIPTION);
        faults.text("/brand", &self.brand, SHORT);
        faults.text("/id", self.id.as_deref().unwrap_or_default(), SHORT);
        faults.text("/seller/id", self.seller.as_ref().map_or("", |seller| seller.id.as_str()), SHORT);
        faults.count("/category", self.category.len(), 10);
        faults.count("/attributes", self.attributes.len(), ATTRIBUTES);
        faults.count("/skus", self.skus.len(), SKUS);
        faults.count("/images", self.images.len(), IMAGES);
        faults.count("/qualifications", self.qualifications.len(), 50);
        for (at, part) in self.category.iter().enumerate() {
            faults.text(&format!("/category/{at}"), part, SHORT);
        }
        for (at, attribute) in self.attributes.iter().enumerate() {
            faults.text(&format!("/attributes/{at}/name"), &attribute.name, SHORT);
            faults.text(&format!("/attributes/{at}/value"), &attribute.value, SHORT);
        }
        for (at, sku) in self.skus.iter().enumerate() {
            faults.text(&format!("/skus/{at}/name"), &sku.name, SHORT);
            let said = || text("价格须在 0 至 1 亿元之间（单位：分）。", "A price lies between 0 and 10^10 fen.");
            faults.expect(
                (0..=MOST_FEN).contains(&sku.price_fen),
                || format!("/skus/{at}/price_fen"),
                "bad-price",
                said(),
            );
            let said = || text("库存须在 0 至 10 亿之间。", "Stock lies between 0 and 10^9.");
            let stock = sku.stock.is_none_or(|stock| (0..=1_000_000_000).contains(&stock));
            faults.expect(stock, || format!("/skus/{at}/stock"), "bad-stock", said());
        }
        for (at, image) in self.images.iter().enumerate() {
            let hex = image.sha256.len() == 64 && image.sha256.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            let said = text("须为 64 位小写十六进制的 SHA-256。", "SHA-256 as 64 lower-case hex digits is wanted.");
            let left_out = image.bytes.is_some() && image.sha256.is_empty();
            faults.expect(hex || left_out, || format!("/images/{at}/sha256"), "bad-digest", said);
            let media_type = image.media_type.as_deref().unwrap_or_default();
            faults.text(&format!("/images/{at}/media_type"), media_type, SHORT);
            faults.text(&format!("/images/{at}/ocr_text"), image.ocr_text.as_deref().unwrap_or_default(), PICTURE_TEXT);
            let payloads = image.qr_payloads.as_deref().unwrap_or_default();
            faults.count(&format!("/images/{at}/qr_payloads"), payloads.len(), 20);
            for (n, payload) in payloads.iter().enumerate() {
                faults.text(&format!("/images/{at}/qr_payloads/{n}"), payload, PICTURE_TEXT);
            }
        }
        for (at, qualification) in self.qualifications.iter().enumerate() {
            faults.text(&format!("/qualifications/{at}/kind"), &qualification.kind, SHORT);
            faults.text(&format!("/qualifications/{at}/number"), &qualification.number, SHORT);
        }
        // Pictures last: what else is wrong is known at no cost.
        faults.done()?;
        let mut faults = Faults::default();
        let mut budget = Budget::default();
        for (at, image) in self.images.iter_mut().enumerate() {
            faults.picture(at, image, pictures, &mut budget);
        }
        faults.done()
    }
}

/// Faults being collected.
#[derive(Default)]
struct Faults(Vec<(String, &'static str, Text)>);

impl Faults {
    fn expect(&mut self, holds: bool, pointer: impl FnOnce() -> String, code: &'static str, why: Text) {
        if !holds && self.0.len() < MOST_FAULTS {
            self.0.push((pointer(), code, why));
        }
    }

    fn text(&mut self, pointer: &str, value: &str, most: usize) {
        let why = || text(format!("最多 {most} 个字符。"), format!("At most {most} characters."));
        // Counting ends where it is decided.
        let long = value.len() > most && value.chars().nth(most).is_some();
        self.expect(!long, || pointer.to_owned(), "too-long", why());
    }

    fn count(&mut self, pointer: &str, items: usize, most: usize) {
        let why = text(format!("最多 {most} 项。"), format!("At most {most} entries."));
        self.expect(items <= most, || pointer.to_owned(), "too-many", why);
    }

    /// Looks at the bytes of a picture, and lets go of them.
    fn picture(&mut self, at: usize, image: &mut Image, left: &mut usize, budget: &mut Budget) {
        let Some(bytes) = image.bytes.take() else { return };
        let pointer = || format!("/images/{at}/bytes");
        let Some(fewer) = left.checked_sub(1) else {
            let said = text(
                format!("一次请求最多读取 {MOST_READ} 张图片的内容。"),
                format!("At most {MOST_READ} pictures of one request are read from bytes."),
            );
            return self.expect(false, pointer, "too-many-pictures", said);
        };
        *left = fewer;
        match picture::look(&bytes, image.media_type.as_deref(), budget) {
            Err((code, said)) => self.expect(false, pointer, code, said),
            Ok(seen) => {
                let said = text("与图片内容的 SHA-256 不符。", "This is not the SHA-256 of the bytes.");
                let same = image.sha256.is_empty() || image.sha256 == seen.sha256;
                self.expect(same, || format!("/images/{at}/sha256"), "digest-mismatch", said);
                image.sha256.clone_from(&seen.sha256);
                image.seen = Some(seen);
            }
        }
    }

    fn done(self) -> Result<(), Problem> {
        let Some((_, _, first)) = self.0.first() else { return Ok(()) };
        let detail = match self.0.len() {
            1 => first.clone(),
            n => text(format!("共有 {n} 处错误。"), format!("There are {n} faults.")),
        };
        let problem = Problem::new(&BAD_LISTING, detail);
        Err(self.0.into_iter().fold(problem, |problem, (pointer, code, why)| problem.field(pointer, code, why)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_says_of_what_and_how_many() {
        let body = format!(r#"{{"title":"a","skus":[{}]}}"#, vec![r#"{"name":"b","price_fen":1}"#; 10_000].join(","));
        let problem = Listing::read(body.as_bytes()).unwrap_err();
        let said: Vec<_> = problem.errors.iter().map(|e| (e.pointer.as_str(), e.code, e.detail.en.as_str())).collect();
        assert_eq!(said, [("/skus", "too-many", "At most 600 entries.")]);
    }

    #[test]
    fn null_is_absent_and_what_is_not_named_is_passed_over() {
        let read = |body: &str| {
            let code = |problem: Problem| {
                problem.errors.iter().map(|e| format!("{} {}", e.code, e.pointer)).collect::<Vec<_>>()
            };
            Listing::read(body.as_bytes()).map_err(code)
        };
        let odd = r#"{"title":"a","description":null,"skus":null,"seller":null,"images":[{"ocr_text":null,"size":[1.5]}],
            "weight":1e-7,"later":{"x":[[[[[[[[[[[]]]]]]]]]]]},"brand":null}"#;
        let plain = Listing { title: "a".to_owned(), images: vec![Image::default()], ..Listing::default() };
        assert_eq!(
            json::parse_loosely(odd.as_bytes(), BOUNDS).map(|value| json::of_value(&value, Unknown::Ignore).unwrap()),
            Ok(plain)
        );
        assert_eq!(read(r#"{"title":null}"#).unwrap_err(), ["title-missing /title"]);
        assert_eq!(
            read(r#"{"title":"a","skus":[{"name":null,"price_fen":1}]}"#).unwrap_err(),
            ["missing-member /skus/0/name"]
        );
        assert_eq!(read(r#"{"title":"a","skus":[null]}"#).unwrap_err(), ["wrong-type /skus/0"]);
    }
}
