//! The texts of a listing, each with the place that it has in the request.

use crate::listing::Listing;

/// A text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'l> {
    /// RFC 6901, into the listing.
    pub pointer: String,
    /// As it was sent.
    pub text: &'l str,
    /// What kind of place it is.
    pub place: Place,
}

/// What kind of place a text has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Where goods are described in words.
    Words,
    /// What a QR code says.
    Code,
}

/// The texts of a listing, in the order in which a person reads them.
pub fn of(listing: &Listing) -> Vec<Field<'_>> {
    let mut fields = Vec::new();
    let mut put = |pointer: String, text, place| {
        if !str::is_empty(text) {
            fields.push(Field { pointer, text, place });
        }
    };
    put("/title".to_owned(), listing.title.as_str(), Place::Words);
    put("/description".to_owned(), &listing.description, Place::Words);
    put("/brand".to_owned(), &listing.brand, Place::Words);
    for (at, attribute) in listing.attributes.iter().enumerate() {
        put(format!("/attributes/{at}/name"), &attribute.name, Place::Words);
        put(format!("/attributes/{at}/value"), &attribute.value, Place::Words);
    }
    for (at, sku) in listing.skus.iter().enumerate() {
        put(format!("/skus/{at}/name"), &sku.name, Place::Words);
    }
    for (at, image) in listing.images.iter().enumerate() {
        put(format!("/images/{at}/ocr_text"), image.ocr_text.as_deref().unwrap_or_default(), Place::Words);
        for (n, payload) in image.qr_payloads.iter().flatten().enumerate() {
            put(format!("/images/{at}/qr_payloads/{n}"), payload, Place::Code);
        }
    }
    fields
}
