//! Bytes of pictures that came with a listing: what their codes say, and what is refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
pub use listing_check_pictures::Budget;
use listing_check_pictures::{self as pictures, MOST_BYTES, MOST_PIXELS, MOST_SIDE, Unread};
use sha2::{Digest as _, Sha256};
use shared::hex::hex;
use shared::lang::Text;
use shared::problem::text;

/// The most pictures of one request that are read from bytes, in all listings together: each may take a third of a second.
pub const MOST_READ: usize = 18;
/// The longest base64 that may hold a picture of [`MOST_BYTES`].
const MOST_BASE64: usize = MOST_BYTES.div_ceil(3) * 4;

/// What was seen in the bytes of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// SHA-256 of the bytes, lower-case hex.
    pub sha256: String,
    /// What its codes say.
    pub payloads: Vec<String>,
    /// Whether all that was there could be read; if not, a person looks.
    pub complete: bool,
}

/// Why bytes are refused: a stable code, and words.
pub type Refused = (&'static str, Text);

/// Looks at a picture in base64 (RFC 4648, section 4); `declared` is its media type, if the caller says one. What the
/// pictures of a listing spend together is bounded: one that is left without is not complete.
///
/// # Errors
/// `bad-base64`, `image-too-large`, `image-too-many-pixels`, `image-unknown`, `image-of-other-type`, `image-damaged`.
pub fn look(base64: &str, declared: Option<&str>, budget: &mut Budget) -> Result<Seen, Refused> {
    if base64.len() > MOST_BASE64 {
        return Err(refusal(Unread::TooLarge));
    }
    let bytes = STANDARD.decode(base64).map_err(|_| {
        let said = text("不是标准的 Base64 编码（RFC 4648）。", "This is not standard base64 (RFC 4648).");
        ("bad-base64", said)
    })?;
    let seen = |payloads, complete| Seen { sha256: hex(&Sha256::digest(&bytes)), payloads, complete };
    match pictures::read_within(&bytes, declared, budget) {
        Ok(picture) => Ok(seen(picture.payloads, picture.complete)),
        // A picture that buyers may see and that is not read here: for a person.
        Err(Unread::Format(_)) => Ok(seen(Vec::new(), false)),
        Err(why) => Err(refusal(why)),
    }
}

fn refusal(why: Unread) -> Refused {
    match why {
        Unread::TooLarge => {
            let said = text("图片不得超过 2 MiB。", "A picture has at most 2 MiB.");
            ("image-too-large", said)
        }
        Unread::TooManyPixels { width, height } => {
            let said = text(
                format!("图片为 {width}×{height} 像素；最多 {MOST_PIXELS} 像素，单边最多 {MOST_SIDE}。"),
                format!(
                    "The picture has {width} by {height} pixels; at most {MOST_PIXELS}, and {MOST_SIDE} on one side."
                ),
            );
            ("image-too-many-pixels", said)
        }
        Unread::NotAs(found) => {
            let said = text(
                format!("图片实为 {found}，与声明的类型不符。"),
                format!("The picture is of type {found}, not as declared."),
            );
            ("image-of-other-type", said)
        }
        Unread::Unknown | Unread::Format(_) => {
            let said = text("不是可识别的图片。", "This is no picture that is known here.");
            ("image-unknown", said)
        }
        Unread::Damaged => {
            let said = text("图片不完整或已损坏。", "The picture is cut short or damaged.");
            ("image-damaged", said)
        }
    }
}
