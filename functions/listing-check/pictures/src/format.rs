//! What the first bytes say a file is. Signatures: PNG (W3C PNG 3, 5.2), JPEG (ITU-T T.81, B.1.1.3), GIF89a, RIFF WebP
//! (RFC 9649), ISO base media brands (ISO/IEC 23008-12, AVIF 1.1), JPEG XL (ISO/IEC 18181-2), TIFF 6, BMP, ICO.

/// A format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Png,
    Jpeg,
}

/// What bytes are: the name, the media types that it goes by, and whether it is read here.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    pub name: &'static str,
    types: &'static [&'static str],
    pub format: Option<Format>,
}

impl Found {
    /// Whether a media type is one of this format. Parameters (RFC 9110, 8.3.1) and case do not count.
    pub fn is(&self, declared: &str) -> bool {
        let essence = declared.split(';').next().unwrap_or_default().trim();
        self.types.iter().any(|name| name.eq_ignore_ascii_case(essence))
    }
}

const fn named(name: &'static str, types: &'static [&'static str]) -> Option<Found> {
    Some(Found { name, types, format: None })
}

/// The format that bytes begin as.
pub fn found(bytes: &[u8]) -> Option<Found> {
    let at = |from: usize, what: &[u8]| bytes.get(from..).is_some_and(|rest| rest.starts_with(what));
    if at(0, b"\x89PNG\r\n\x1a\n") {
        return Some(Found { name: "png", types: &["image/png", "image/apng"], format: Some(Format::Png) });
    }
    if at(0, b"\xff\xd8\xff") {
        let types = &["image/jpeg", "image/jpg", "image/pjpeg"];
        return Some(Found { name: "jpeg", types, format: Some(Format::Jpeg) });
    }
    if at(0, b"GIF87a") || at(0, b"GIF89a") {
        return named("gif", &["image/gif"]);
    }
    if at(0, b"RIFF") && at(8, b"WEBP") {
        return named("webp", &["image/webp"]);
    }
    if at(4, b"ftyp") {
        let avif = at(8, b"avif") || at(8, b"avis");
        let heif = [b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"].iter().any(|brand| at(8, *brand));
        return match (avif, heif) {
            (true, _) => named("avif", &["image/avif"]),
            (_, true) => named("heic", &["image/heic", "image/heif", "image/heic-sequence", "image/avif"]),
            _ => None,
        };
    }
    if at(0, b"\xff\x0a") || at(0, b"\0\0\0\x0cJXL \r\n\x87\n") {
        return named("jxl", &["image/jxl"]);
    }
    if at(0, b"II*\0") || at(0, b"MM\0*") {
        return named("tiff", &["image/tiff"]);
    }
    if at(0, b"BM") && at(6, b"\0\0\0\0") {
        return named("bmp", &["image/bmp", "image/x-ms-bmp"]);
    }
    if at(0, b"\0\0\x01\0") {
        return named("ico", &["image/x-icon", "image/vnd.microsoft.icon"]);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if text.starts_with(b"<svg") || text.starts_with(b"<?xml") {
        return named("svg", &["image/svg+xml"]);
    }
    None
}
