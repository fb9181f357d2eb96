//! The texts of a listing, each with the place that it has in the request.

use std::borrow::Cow;

use crate::html::{self, Reading};
use crate::listing::{Format, Listing};

/// A text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'l> {
    /// RFC 6901, into the listing.
    pub pointer: String,
    /// As it is read.
    pub text: Cow<'l, str>,
    /// Of a text that was read of HTML: the source, and where in it each character stands, in Unicode scalar values.
    pub source: Option<(&'l str, Vec<(u32, u32)>)>,
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
    /// Where nobody sees it.
    Hidden,
    /// A picture that stands in the text itself.
    Picture,
}

/// The texts of a listing, in the order in which a person reads them.
pub fn of(listing: &Listing) -> Vec<Field<'_>> {
    let mut fields = Vec::new();
    let mut put = |pointer: String, text, place| {
        if !str::is_empty(text) {
            fields.push(Field { pointer, text: Cow::Borrowed(text), source: None, place });
        }
    };
    put("/title".to_owned(), listing.title.as_str(), Place::Words);
    if listing.description_format == Format::Plain {
        put("/description".to_owned(), &listing.description, Place::Words);
    } else {
        fields.extend(of_html("/description", &listing.description));
    }
    let mut put = |pointer: String, text, place| {
        if !str::is_empty(text) {
            fields.push(Field { pointer, text: Cow::Borrowed(text), source: None, place });
        }
    };
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
        let told = |payload: &&String| !image.qr_payloads.iter().flatten().any(|known| known == *payload);
        for payload in image.seen.iter().flat_map(|seen| &seen.payloads).filter(told) {
            put(format!("/images/{at}/bytes"), payload, Place::Code);
        }
    }
    fields
}

/// What a reader sees of HTML, and then what is hidden in it.
fn of_html<'l>(pointer: &str, source: &'l str) -> Vec<Field<'l>> {
    let html = html::read(source);
    let field = |reading: Reading, place| Field {
        pointer: pointer.to_owned(),
        text: Cow::Owned(reading.text),
        source: Some((source, reading.places)),
        place,
    };
    let hidden: Vec<Field<'l>> = html.hidden.into_iter().map(|reading| field(reading, Place::Hidden)).collect();
    let attributes = html.attributes.into_iter().filter(|reading| !reading.text.trim().is_empty());
    let attributes: Vec<Field<'l>> = attributes.map(|reading| field(reading, Place::Words)).collect();
    let pictures = html.pictures.into_iter().map(|place| Field {
        pointer: pointer.to_owned(),
        text: Cow::Borrowed("?"),
        source: Some((source, vec![place])),
        place: Place::Picture,
    });
    let pictures: Vec<Field<'l>> = pictures.collect();
    let attributes = attributes.into_iter().chain(pictures);
    std::iter::once(field(html.seen, Place::Words)).chain(attributes).chain(hidden).collect()
}
