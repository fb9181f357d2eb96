//! Files that were made to hurt.

use std::io::Write;

use super::draw::{Grey, Random, TEXT, code, jpeg, jpeg_of, noise, png, png_of};
use crate::{MOST_BYTES, Unread, read};

/// A chunk of a PNG, with its checksum (W3C PNG 3, annex D).
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = u32::MAX;
    for byte in kind.iter().chain(data) {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    let mut out = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
    out.extend(kind);
    out.extend(data);
    out.extend((!sum).to_be_bytes());
    out
}

fn header(width: u32, height: u32, rest: [u8; 5]) -> Vec<u8> {
    let mut data = width.to_be_bytes().to_vec();
    data.extend(height.to_be_bytes());
    data.extend(rest);
    chunk(b"IHDR", &data)
}

fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    out.extend(chunks.concat());
    out
}

/// `count` zero bytes, deflated.
fn zeros(count: usize) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let block = vec![0; 1 << 16];
    for _ in 0..count >> 16 {
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn truncated() {
    for whole in [png(&code(TEXT, 3)), jpeg(&code(TEXT, 3), 80), jpeg_of(&code(TEXT, 3), 80, true)] {
        assert!(read(&whole, None).is_ok());
        for length in (3..whole.len()).step_by(37).chain([whole.len() - 1]) {
            let answer = read(&whole[..length], None);
            assert!(matches!(answer, Err(Unread::Damaged | Unread::Unknown)), "{length}: {answer:?}");
        }
    }
}

#[test]
fn absurd_sizes() {
    let data = chunk(b"IDAT", &zeros(1 << 16));
    let sized =
        |width, height| read(&file(&[header(width, height, [8, 2, 0, 0, 0]), data.clone(), chunk(b"IEND", &[])]), None);
    assert_eq!(sized(60_000, 60_000), Err(Unread::TooManyPixels { width: 60_000, height: 60_000 }));
    assert_eq!(sized(u32::MAX, u32::MAX), Err(Unread::TooManyPixels { width: u32::MAX, height: u32::MAX }));
    assert_eq!(sized(2_001, 2_000), Err(Unread::TooManyPixels { width: 2_001, height: 2_000 }));
    assert_eq!(sized(20_001, 1), Err(Unread::TooManyPixels { width: 20_001, height: 1 }));
    assert_eq!(sized(0, 5), Err(Unread::Damaged));
    assert_eq!(sized(2_000, 2_000), Err(Unread::Damaged)); // Not enough data.
    let mut picture = jpeg(&code(TEXT, 3), 80);
    let frame = picture.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    picture[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    assert_eq!(read(&picture, None), Err(Unread::TooManyPixels { width: 60_000, height: 60_000 }));
}

#[test]
fn too_large() {
    let mut picture = png(&code(TEXT, 3));
    picture.resize(MOST_BYTES, 0);
    assert_eq!(read(&picture, None).unwrap().payloads, [TEXT]);
    picture.push(0);
    assert_eq!(read(&picture, None), Err(Unread::TooLarge));
}

#[test]
fn bombs() {
    let bomb = zeros(1 << 30);
    assert!(bomb.len() < MOST_BYTES);
    // 1 GiB for a picture of 100 by 100: what it needs is read, and the rest is not inflated.
    let data = chunk(b"IDAT", &bomb);
    let answer = read(&file(&[header(100, 100, [8, 0, 0, 0, 0]), data, chunk(b"IEND", &[])]), None);
    assert!(answer.is_ok_and(|picture| picture.payloads.is_empty()));
    // In a profile and in a text, neither of which is read.
    let drawn = png(&code(TEXT, 3));
    let profile = [&b"x\0\0"[..], &bomb].concat();
    for kind in [b"iCCP", b"zTXt"] {
        let spiked = [&drawn[..33], &chunk(kind, &profile), &drawn[33..]].concat();
        assert_eq!(read(&spiked, None).unwrap().payloads, [TEXT]);
    }
}

#[test]
fn scans_without_end() {
    let mut picture = jpeg_of(&code(TEXT, 3), 80, true);
    let scan = picture.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
    let last = picture[scan..picture.len() - 2].to_vec();
    let end = picture.split_off(picture.len() - 2);
    (0..50).for_each(|_| picture.extend(&last));
    picture.extend(end);
    assert_eq!(read(&picture, None), Err(Unread::Format("jpeg-scans")));
}

#[test]
fn animated() {
    let drawn = png(&code(TEXT, 3));
    let control = chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let picture = read(&[&drawn[..33], &control, &drawn[33..]].concat(), None).unwrap();
    assert_eq!((picture.payloads, picture.complete), (vec![TEXT.to_owned()], false));
}

/// The steps that a picture took.
fn spent(grey: &Grey) -> u64 {
    let Grey { width, height, dots } = grey.clone();
    crate::codes::read(vec![crate::luma::Luma { width, height, dots }], &mut crate::Budget::default()).spent
}

/// Work runs out, and the picture says so.
#[test]
fn squares_without_end() {
    let mut tile = code(TEXT, 1);
    let side = 8;
    tile.dots = (0..64).map(|at| tile.dots[(4 + at / side) * tile.width + 4 + at % side]).collect();
    (tile.width, tile.height) = (side, side);
    for (module, count) in [(1, 120), (2, 60), (3, 30), (11, 10)] {
        let big: Vec<u8> = (0..64 * module * module)
            .map(|at| tile.dots[at / (side * module) / module * side + at % (side * module) / module])
            .collect();
        let big = Grey { width: side * module, height: side * module, dots: big };
        let mut sheet = Grey::new(count * big.width, count * big.width, 255);
        (0..count * count).for_each(|at| sheet.paste(&big, at % count * big.width, at / count * big.width));
        let spent = spent(&sheet);
        assert!(spent > crate::MOST_WORK / 100 && spent <= crate::MOST_WORK, "{module}: {spent}");
        assert!(!read(&png(&sheet), None).unwrap().complete);
    }
}

#[test]
fn noise_is_bounded() {
    // Of 2 bits, so that it fits in 2 MiB.
    let mut grey = noise(2_000, 2_000, 9);
    grey.dots.iter_mut().for_each(|dot| *dot &= 0xc0);
    assert!(read(&png(&grey), None).is_ok_and(|picture| picture.payloads.is_empty()));
    let (spent, scene) = (spent(&grey), spent(&Grey::scene(400, 300, 4)));
    assert!(spent <= crate::MOST_WORK && scene < crate::MOST_WORK / 10, "{spent}, {scene}");
}

/// Nine pictures of one listing have one budget: the last of them are not searched, and say so.
#[test]
fn several_share_what_they_may_spend() {
    let mut grey = noise(1_200, 1_200, 9);
    grey.dots.iter_mut().for_each(|dot| *dot &= 0xc0);
    let (hard, plain) = (png(&grey), png(&code(TEXT, 3)));
    let mut budget = crate::Budget::default();
    let mut read = |bytes: &[u8]| crate::read_within(bytes, None, &mut budget).unwrap();
    // Ordinary pictures take next to nothing of it.
    assert!((0..8).all(|_| read(&plain).payloads == [TEXT]));
    let complete = (0..9).filter(|_| read(&hard).complete).count();
    let last = read(&plain);
    assert!(complete < 6 && !last.complete && last.payloads.is_empty(), "{complete}");
}

#[test]
fn every_header() {
    // All depths, colours and interlacings, with data that is long enough, with and without palette and transparency.
    let data = chunk(b"IDAT", &zeros(1 << 16));
    for depth in [0, 1, 2, 3, 4, 8, 16, 32, 255] {
        for color in 0..8 {
            for interlace in 0..3 {
                for (palette, clear) in [(0, 0), (3, 1), (768, 256), (0, 6), (5, 2), (900, 300)] {
                    let mut chunks = vec![header(40, 40, [depth, color, 0, 0, interlace])];
                    chunks.extend((palette > 0).then(|| chunk(b"PLTE", &vec![0; palette])));
                    chunks.extend((clear > 0).then(|| chunk(b"tRNS", &vec![0; clear])));
                    chunks.extend([data.clone(), chunk(b"IEND", &[])]);
                    let _ = read(&file(&chunks), None);
                }
            }
        }
    }
}

/// Changes some bytes of a file, or moves a part of it, and mends the checksums of a PNG.
fn mutated(whole: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..=random.below(8) {
        let (at, length) = (random.below(bytes.len()), random.below(32));
        match random.below(8) {
            0 => bytes.truncate(at.max(8)),
            1 => drop(bytes.drain(at..(at + length).min(bytes.len()))),
            2 => bytes.extend_from_within(at..(at + length).min(bytes.len())),
            3 => bytes[at] ^= 1 << random.below(8),
            4 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            _ => {
                // Most of what decides is at the start.
                let near = at % 700.min(bytes.len());
                bytes[near] = random.below(256) as u8;
            }
        }
        if bytes.is_empty() {
            return bytes;
        }
    }
    mended(bytes)
}

fn mended(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut at = 8;
    while bytes.starts_with(b"\x89PNG") {
        let Some([a, b, c, d]) = bytes.get(at..at + 4) else { break };
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let Some(end) = (at + 12).checked_add(length).filter(|end| *end <= bytes.len()) else { break };
        let kind: [u8; 4] = bytes[at + 4..at + 8].try_into().unwrap();
        let whole = chunk(&kind, &bytes[at + 8..end - 4]);
        bytes[at..end].copy_from_slice(&whole);
        at = end;
    }
    bytes
}

#[test]
fn mutations() {
    let small = code("A1", 1);
    let colors: Vec<u8> = small.dots.iter().flat_map(|dot| [*dot, 9, 9, 255 - dot]).collect();
    let files = [
        png(&small),
        png_of(small.width, small.height, png::ColorType::Rgba, &colors),
        jpeg(&small, 80),
        jpeg_of(&small, 60, true),
    ];
    let (from, seeds) = seeds();
    let mut read_anyway = 0;
    for seed in from..from + seeds {
        for file in &files {
            let mut random = Random(seed);
            read_anyway += u64::from(read(&mutated(file, &mut random), None).is_ok());
        }
    }
    assert!(read_anyway > seeds / 50, "{read_anyway}");
}

/// Frames, scans and tables of a JPEG that contradict each other.
#[test]
fn contradictions() {
    let small = code("A1", 1);
    let files = [jpeg(&small, 80), jpeg_of(&small, 95, false), jpeg_of(&small, 60, true)];
    let (from, seeds) = seeds();
    for seed in from..from + seeds {
        let mut random = Random(seed * 2 + 1);
        let mut bytes = files[random.below(3)].clone();
        let starts = |bytes: &[u8], markers: &[u8]| -> Vec<usize> {
            let all = bytes.windows(2).enumerate().filter(|(_, pair)| pair[0] == 0xff && markers.contains(&pair[1]));
            all.map(|(at, _)| at).collect()
        };
        let frame = starts(&bytes, &[0xc0, 0xc2])[0];
        let count = usize::from(bytes[frame + 9]);
        let odd = [0x11, 0x21, 0x12, 0x22, 0x41, 0x14, 0x42, 0x24, 0x44];
        for _ in 0..random.below(4) {
            match random.below(6) {
                0 => bytes[frame + 1] = 0xc0 + random.below(3) as u8,
                1 => bytes[frame + 11 + 3 * random.below(count)] = odd[random.below(9)],
                2 => bytes[frame + 12 + 3 * random.below(count)] = random.below(4) as u8,
                3 => bytes[frame + 5 + random.below(4)] = random.below(3) as u8,
                4 => bytes[frame + 10 + 3 * random.below(count)] = random.below(5) as u8,
                // One component, or four, in the frame.
                _ if bytes[frame + 9] == 3 => {
                    let one = random.below(2) == 0;
                    if one {
                        drop(bytes.drain(frame + 13..frame + 19));
                    } else {
                        let last = [4, odd[random.below(9)], 0];
                        drop(bytes.splice(frame + 19..frame + 19, last));
                    }
                    bytes[frame + 9] = if one { 1 } else { 4 };
                    bytes[frame + 3] = if one { 11 } else { 20 };
                    break;
                }
                _ => {}
            }
        }
        let scans = starts(&bytes, &[0xda]);
        for _ in 0..random.below(4) {
            let scan = scans[random.below(scans.len())];
            let count = usize::from(bytes[scan + 4]);
            match random.below(4) {
                // Selector, tables, spectrum, approximation.
                0 => bytes[scan + 5 + 2 * random.below(count)] = random.below(5) as u8,
                1 => bytes[scan + 6 + 2 * random.below(count)] = (random.below(4) * 16 + random.below(4)) as u8,
                2 => bytes[scan + 5 + 2 * count + random.below(2)] = [0, 1, 5, 63][random.below(4)],
                _ => bytes[scan + 7 + 2 * count] = (random.below(15) * 16 + random.below(15)) as u8,
            }
        }
        if random.below(3) == 0 {
            let interval = [0xff, 0xdd, 0, 4, 0, random.below(4) as u8];
            let at = starts(&bytes, &[0xda])[0];
            drop(bytes.splice(at..at, interval));
        }
        if random.below(4) == 0 {
            // A scan twice, or none of the tables.
            let scan = scans[random.below(scans.len())];
            let copy = bytes[scan..bytes.len() - 2].to_vec();
            let end = bytes.len() - 2;
            drop(bytes.splice(end..end, copy));
        }
        let _ = read(&bytes, None);
    }
}

/// The seeds of what is random: 2,000, or those that the environment says.
fn seeds() -> (u64, u64) {
    let of = |name| std::env::var(name).ok().and_then(|value| value.parse().ok());
    (of("PICTURES_FROM").unwrap_or(1), of("PICTURES_SEEDS").unwrap_or(2_000))
}

/// What rqrr gets: squares of every size with anything in them, and whole codes with any bits in them.
#[test]
fn any_modules() {
    let mut random = Random(77);
    for side in (21..=177).step_by(4) {
        for _ in 0..20 {
            let inked: Vec<bool> = (0..side * side).map(|_| random.below(2) == 0).collect();
            let grid = rqrr::SimpleGrid::from_func(side, |x, y| inked[y * side + x]);
            let _ = rqrr::Grid::new(grid).decode_to(Vec::new());
        }
    }
    let modes = [
        qrcodegen::QrSegmentMode::Numeric,
        qrcodegen::QrSegmentMode::Alphanumeric,
        qrcodegen::QrSegmentMode::Byte,
        qrcodegen::QrSegmentMode::Kanji,
        qrcodegen::QrSegmentMode::Eci,
    ];
    for _ in 0..1_000 {
        let bits: Vec<bool> = (0..random.below(3_000)).map(|_| random.below(2) == 0).collect();
        let segment = qrcodegen::QrSegment::new(modes[random.below(5)], random.below(250), bits);
        let Ok(code) = qrcodegen::QrCode::encode_segments(&[segment], qrcodegen::QrCodeEcc::Low) else { continue };
        let side = usize::try_from(code.size()).unwrap();
        let grid = rqrr::SimpleGrid::from_func(side, |x, y| code.get_module(x as i32, y as i32));
        let _ = rqrr::Grid::new(grid).decode_to(Vec::new());
    }
}
