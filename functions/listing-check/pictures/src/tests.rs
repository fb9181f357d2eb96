//! Pictures of codes, plain and spoilt, and files that were made to hurt.

mod draw;
mod hostile;

use crate::{Format, MOST_PAYLOADS, Picture, Unread, read};
use draw::{Grey, Random, TEXT, code, coded, jpeg, noise, of_bytes, png, png_of};

/// Reads a picture, which must be complete, and gives its payloads.
fn said(bytes: &[u8]) -> Vec<String> {
    let picture = read(bytes, None).unwrap();
    assert!(picture.complete, "not complete: {:?}", picture.payloads);
    picture.payloads
}

#[test]
fn plain() {
    let drawn = code(TEXT, 4);
    let picture = read(&png(&drawn), Some("image/PNG; charset=x")).unwrap();
    let (width, height) = (u32::try_from(drawn.width).unwrap(), u32::try_from(drawn.height).unwrap());
    let payloads = vec![TEXT.to_owned()];
    assert_eq!(picture, Picture { format: Format::Png, width, height, payloads, complete: true });
    let picture = read(&jpeg(&drawn, 80), Some("image/jpeg")).unwrap();
    assert_eq!((picture.format, picture.payloads, picture.complete), (Format::Jpeg, vec![TEXT.to_owned()], true));
}

#[test]
fn every_version_and_size_of_module() {
    let mut random = Random(5);
    for version in [1, 2, 6, 7, 13, 14, 21, 28, 34, 40] {
        let text: String =
            (0..u32::from(version).pow(2) / 2 + 10).map(|_| char::from(97 + random.below(26) as u8)).collect();
        for module in [1, 2, 3] {
            let drawn = coded(&text, version, module);
            assert_eq!(said(&png(&drawn)), [text.as_str()], "version {version}, module {module}");
        }
    }
}

#[test]
fn of_bytes_in_gbk() {
    let drawn = |bytes: &[u8]| png(&of_bytes(bytes, 4));
    assert_eq!(said(&drawn(b"\xBC\xD3\xCE\xA2\xD0\xC5 zs8866")), ["加微信 zs8866"]);
    // Neither UTF-8 nor GBK: a person looks.
    let picture = read(&drawn(b"tea \xFF\xFF"), None).unwrap();
    assert_eq!((picture.payloads, picture.complete), (vec!["tea \u{fffd}\u{fffd}".to_owned()], false));
}

#[test]
fn inverted() {
    for module in [2, 4, 9] {
        assert_eq!(said(&png(&code(TEXT, module).inverted())), [TEXT]);
        assert_eq!(said(&jpeg(&code(TEXT, module).inverted(), 70)), [TEXT]);
    }
}

#[test]
fn small_in_a_large_picture() {
    for module in [2, 3, 5] {
        let mut photo = Grey::scene(1600, 1200, 11);
        photo.paste(&code(TEXT, module), 1100, 190);
        assert_eq!(said(&png(&photo)), [TEXT], "module {module}");
        assert_eq!(read(&jpeg(&photo, 85), None).unwrap().payloads, [TEXT], "module {module}");
    }
}

#[test]
fn huge() {
    let drawn = code(TEXT, 48);
    assert!(drawn.width > 1900);
    assert_eq!(said(&png(&drawn)), [TEXT]);
}

#[test]
fn turned() {
    let drawn = code(TEXT, 6);
    let mut quarter = drawn.clone();
    for _ in 0..4 {
        quarter = quarter.quarter();
        assert_eq!(said(&png(&quarter)), [TEXT]);
    }
    assert_eq!(said(&png(&drawn.mirrored())), [TEXT]);
    for degrees in (0..90).step_by(5) {
        let turned = drawn.mapped(|x, y| {
            let (sin, cos) = f64::from(degrees).to_radians().sin_cos();
            (x * cos - y * sin, x * sin + y * cos)
        });
        assert_eq!(said(&png(&turned)), [TEXT], "{degrees} degrees");
        assert_eq!(said(&jpeg(&turned, 60)), [TEXT], "{degrees} degrees");
    }
}

#[test]
fn at_a_slant() {
    for tilt in [0.05, 0.1, 0.2, 0.3] {
        let slanted = code(TEXT, 8).mapped(|x, y| {
            let depth = 1.0 + tilt * (x + 0.5 * y) / 150.0;
            ((x + 0.1 * y) / depth, y / depth)
        });
        assert_eq!(said(&png(&slanted)), [TEXT], "tilt {tilt}");
    }
}

#[test]
fn faint_blurred_and_noisy() {
    let drawn = code(TEXT, 5);
    assert_eq!(said(&png(&drawn.levels(100, 160))), [TEXT]);
    assert_eq!(said(&png(&drawn.levels(210, 250))), [TEXT]);
    assert_eq!(said(&png(&drawn.levels(5, 40))), [TEXT]);
    assert_eq!(said(&png(&drawn.blurred(2))), [TEXT]);
    let mut random = Random(3);
    let mut noisy = drawn.levels(60, 200);
    noisy.dots.iter_mut().for_each(|dot| *dot = dot.saturating_add_signed(random.below(81) as i8 - 40));
    assert_eq!(said(&png(&noisy)), [TEXT]);
}

#[test]
fn transparent() {
    let drawn = code(TEXT, 4);
    let side = drawn.width;
    // Black on nothing, then white on nothing, which only shows where a page is dark.
    for value in [0, 255] {
        let bytes: Vec<u8> = drawn.dots.iter().flat_map(|dot| [value, value, value, 255 - dot]).collect();
        assert_eq!(said(&png_of(side, side, png::ColorType::Rgba, &bytes)), [TEXT]);
        let bytes: Vec<u8> = drawn.dots.iter().flat_map(|dot| [value, 255 - dot]).collect();
        assert_eq!(said(&png_of(side, side, png::ColorType::GrayscaleAlpha, &bytes)), [TEXT]);
    }
}

#[test]
fn in_color() {
    let drawn = code(TEXT, 4);
    let bytes: Vec<u8> =
        drawn.dots.iter().flat_map(|dot| if *dot == 0 { [10, 20, 160] } else { [250, 200, 60] }).collect();
    assert_eq!(said(&png_of(drawn.width, drawn.height, png::ColorType::Rgb, &bytes)), [TEXT]);
}

#[test]
fn many() {
    let mut sheet = Grey::new(1400, 1400, 255);
    let texts: Vec<String> = (0..22).map(|at| format!("https://example.org/{at}")).collect();
    for (at, text) in texts.iter().enumerate() {
        sheet.paste(&code(text, 4), at % 5 * 270 + 20, at / 5 * 270 + 20);
    }
    let picture = read(&png(&sheet), None).unwrap();
    assert_eq!(picture.payloads.len(), MOST_PAYLOADS);
    assert!(!picture.complete);
    assert!(picture.payloads.iter().all(|payload| texts.contains(payload)));
}

#[test]
fn not_text_and_too_long() {
    let gbk = [0xb9, 0xab, 0xd6, 0xda, b':', b'a', b'b', b'c', b'1', b'2', b'3'];
    let code = qrcodegen::QrCode::encode_binary(&gbk, qrcodegen::QrCodeEcc::Medium).unwrap();
    assert!(said(&png(&draw::drawn(&code, 4)))[0].ends_with(":abc123"));
    let long = "7".repeat(3_000);
    let code = qrcodegen::QrCode::encode_text(&long, qrcodegen::QrCodeEcc::Low).unwrap();
    let picture = read(&png(&draw::drawn(&code, 3)), None).unwrap();
    assert_eq!((picture.payloads[0].len(), picture.complete), (2_048, false));
}

/// Every way in which an encoder may store a picture gives the brightness that it had.
#[test]
fn jpeg_of_every_kind() {
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
    let samplings = [
        SamplingFactor::R_4_4_4,
        SamplingFactor::R_4_2_2,
        SamplingFactor::R_4_2_0,
        SamplingFactor::R_4_4_0,
        SamplingFactor::R_4_1_1,
        SamplingFactor::R_4_1_0,
    ];
    for (width, height) in [(1, 1), (8, 8), (67, 41), (130, 17)] {
        let scene = Grey::scene(width, height, 6);
        let colors: Vec<u8> = scene.dots.iter().flat_map(|dot| [*dot, *dot, *dot]).collect();
        for sampling in samplings {
            for kind in 0..16 {
                let mut out = Vec::new();
                let mut encoder = Encoder::new(&mut out, 97);
                encoder.set_sampling_factor(sampling);
                encoder.set_progressive(kind & 1 > 0);
                // The encoder panics on tables of its own with restarts.
                encoder.set_optimized_huffman_tables(kind & 6 == 2);
                if kind & 4 > 0 {
                    encoder.set_restart_interval(3);
                }
                let (bytes, color) =
                    if kind & 8 > 0 { (&scene.dots, ColorType::Luma) } else { (&colors, ColorType::Rgb) };
                encoder.encode(bytes, width as u16, height as u16, color).unwrap();
                let luma = crate::jpeg::read(&out).unwrap();
                assert_eq!((luma.width, luma.height), (width, height));
                let off: usize = luma.dots.iter().zip(&scene.dots).map(|(a, b)| usize::from(a.abs_diff(*b))).sum();
                assert!(off < luma.dots.len() * 3, "{width} {sampling:?} {kind}: off by {off}");
            }
        }
    }
}

#[test]
fn seen_and_not_read() {
    // All but the squares and the rulers is spoilt.
    let mut drawn = code(TEXT, 6);
    let mut random = Random(1);
    let (from, side) = (4 * 6, drawn.width - 8 * 6);
    for y in 9 * 6..side {
        for x in 9 * 6..side {
            let at = (y + from) * drawn.width + x + from;
            if (y / 6 + x / 6 + random.below(2)).is_multiple_of(2) {
                drawn.dots[at] ^= 255;
            }
        }
    }
    let picture = read(&png(&drawn), None).unwrap();
    assert_eq!((picture.payloads.len(), picture.complete), (0, false));
}

#[test]
fn nothing_there() {
    assert_eq!(said(&png(&Grey::scene(800, 600, 4))), [""; 0]);
    assert_eq!(said(&png(&Grey::new(1, 1, 0))), [""; 0]);
    assert_eq!(said(&png(&Grey::new(3000, 1, 0))), [""; 0]);
    assert_eq!(said(&jpeg(&Grey::new(1, 900, 0), 50)), [""; 0]);
    assert_eq!(read(&png(&noise(500, 500, 2)), None).unwrap().payloads, [""; 0]);
}

#[test]
fn other_formats() {
    let mut webp = b"RIFF\x10\0\0\0WEBPVP8L".to_vec();
    webp.resize(64, 0);
    for (bytes, name, media) in [
        (&b"GIF89a\x01\0\x01\0"[..], "gif", "image/gif"),
        (&webp, "webp", "image/webp"),
        (b"\0\0\0\x20ftypavif\0\0\0\0", "avif", "image/avif"),
        (b"\0\0\0\x20ftypheic\0\0\0\0", "heic", "image/heic"),
        (b"\n<svg xmlns='http://www.w3.org/2000/svg'/>", "svg", "image/svg+xml"),
    ] {
        assert_eq!(read(bytes, None), Err(Unread::Format(name)));
        assert_eq!(read(bytes, Some(media)), Err(Unread::Format(name)));
        assert_eq!(read(bytes, Some("image/png")), Err(Unread::NotAs(name)));
    }
    assert_eq!(read(b"%PDF-1.7", None), Err(Unread::Unknown));
    assert_eq!(read(b"", Some("image/png")), Err(Unread::Unknown));
    assert_eq!(read(&png(&code(TEXT, 2)), Some("image/jpeg")), Err(Unread::NotAs("png")));
    assert_eq!(read(&jpeg(&code(TEXT, 2), 80), Some("image/png")), Err(Unread::NotAs("jpeg")));
}
