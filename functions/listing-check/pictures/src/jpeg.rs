//! Brightness of a JPEG (ITU-T T.81): baseline, extended and progressive, 8 bits, Huffman codes.
//!
//! Of colours only brightness is drawn: the first component of YCbCr, and of RGB the green one, which is most of it. Strict:
//! a file that decoders may draw differently, since it is cut short or contradicts itself, is [`Unread::Damaged`].
//!
//! Why not zune-jpeg: it panics on frames and scans that contradict each other (0.5.15, `idct/scalar.rs` and
//! `upsampler/scalar.rs`), which `tests::hostile::contradictions` finds in seconds.

mod bits;
mod block;
mod idct;

use crate::Unread;
use crate::cursor::{Cursor, sized};
use crate::luma::Luma;
use bits::{Bits, Table};
use block::{Block, Kind, Memory};

/// The most scans. Encoders write about 10; each is work for the whole picture, whatever its length, so that a file of
/// 2 MiB could ask for 100,000 of them.
const MOST_SCANS: u32 = 40;
/// The place of each coefficient in a block, in the order in which they are stored (figure 5).
const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];

/// A component of the frame: its name, the blocks of it that a unit of all components has, its quantizers, and how many
/// blocks it has across and down where it is alone in a scan.
struct Component {
    name: u8,
    across: usize,
    down: usize,
    quantizers: usize,
    blocks: (usize, usize),
}

struct Frame {
    progressive: bool,
    width: u32,
    height: u32,
    components: Vec<Component>,
    /// Units of all components, across and down.
    units: (usize, usize),
}

#[derive(Default)]
struct Tables {
    means: [Option<Table>; 4],
    waves: [Option<Table>; 4],
    quantizers: [Option<[u16; 64]>; 4],
    /// Units between restarts; 0 for none.
    restart: usize,
    /// `APP0` of JFIF was seen; what `APP14` of Adobe says of colours.
    jfif: bool,
    adobe: Option<u8>,
}

/// Coefficients of the component that is drawn.
struct Drawn {
    component: usize,
    /// Blocks from one row of them to the next.
    stride: usize,
    blocks: Vec<Block>,
    /// The quantizers that were there at its first scan.
    quantizers: Option<[u16; 64]>,
}

/// Brightness, of the size that the frame says.
pub fn read(bytes: &[u8]) -> Result<Luma, Unread> {
    let mut cursor = Cursor { rest: bytes };
    cursor.take(2)?;
    let mut tables = Tables::default();
    let mut begun: Option<(Frame, Drawn)> = None;
    let mut scans = 0;
    loop {
        let marker = marker(&mut cursor)?;
        if marker == 0xd9 {
            let (frame, drawn) = begun.ok_or(Unread::Damaged)?;
            return draw(&frame, &drawn);
        }
        let &[high, low] = cursor.take(2)? else { return Err(Unread::Damaged) };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let data = cursor.take(length.checked_sub(2).ok_or(Unread::Damaged)?)?;
        match (marker, &mut begun) {
            (0xc0..=0xc2, None) => {
                let frame = frame(data, marker == 0xc2)?;
                let drawn = drawn(&frame, &tables)?;
                begun = Some((frame, drawn));
            }
            (0xda, Some((frame, drawn))) => {
                scans += 1;
                if scans > MOST_SCANS {
                    return Err(Unread::Format("jpeg-scans"));
                }
                scan(data, &mut cursor, frame, &tables, drawn)?;
            }
            (0xc4, _) => huffman(data, &mut tables)?,
            (0xdb, _) => quantizers(data, &mut tables)?,
            (0xdd, _) => {
                let &[high, low] = data else { return Err(Unread::Damaged) };
                tables.restart = usize::from(u16::from_be_bytes([high, low]));
            }
            (0xc9 | 0xca | 0xcc, _) => return Err(Unread::Format("jpeg-arithmetic")),
            (0xc3 | 0xcb | 0xf7, _) => return Err(Unread::Format("jpeg-lossless")),
            (0xc5..=0xc7 | 0xcd..=0xcf, _) => return Err(Unread::Format("jpeg-hierarchical")),
            (0xe0, None) => tables.jfif |= data.starts_with(b"JFIF\0"),
            (0xee, None) if data.starts_with(b"Adobe") => tables.adobe = data.get(11).copied().or(tables.adobe),
            (0xe0..=0xef | 0xfe, _) => {}
            _ => return Err(Unread::Damaged),
        }
    }
}

/// A marker, after any number of fill bytes (B.1.1.2).
fn marker(cursor: &mut Cursor) -> Result<u8, Unread> {
    if cursor.byte()? != 0xff {
        return Err(Unread::Damaged);
    }
    loop {
        let marker = cursor.byte()?;
        if marker != 0xff {
            return Ok(marker);
        }
    }
}

/// A frame header (B.2.2), if it is one that is decoded.
fn frame(data: &[u8], progressive: bool) -> Result<Frame, Unread> {
    let &[bits, y1, y0, x1, x0, count, ref parts @ ..] = data else { return Err(Unread::Damaged) };
    let (width, height) = (u32::from(u16::from_be_bytes([x1, x0])), u32::from(u16::from_be_bytes([y1, y0])));
    sized(width, height)?;
    let (parts, rest) = parts.as_chunks::<3>();
    match (bits, count) {
        (12, _) => return Err(Unread::Format("jpeg-12-bit")),
        (8, 4) => return Err(Unread::Format("jpeg-cmyk")),
        (8, 1 | 3) if rest.is_empty() && parts.len() == usize::from(count) => {}
        _ => return Err(Unread::Damaged),
    }
    let mut components: Vec<Component> = Vec::new();
    for [name, sampling, table] in parts {
        // A component that is alone has units of one block, whatever it says (A.2.2).
        let (across, down) = if count == 1 { (1, 1) } else { (sampling >> 4, sampling & 15) };
        let known = components.iter().any(|component| component.name == *name);
        if known || !(1..=4).contains(&across) || !(1..=4).contains(&down) {
            return Err(Unread::Damaged);
        }
        components.push(Component {
            name: *name,
            across: usize::from(across),
            down: usize::from(down),
            quantizers: usize::from(*table),
            blocks: (0, 0),
        });
    }
    let most = |of: fn(&Component) -> usize| components.iter().map(of).max().unwrap_or(1);
    let (across, down) = (most(|component| component.across), most(|component| component.down));
    let (dots_across, dots_down) = (usize::try_from(width).unwrap_or(0), usize::try_from(height).unwrap_or(0));
    for component in &mut components {
        let blocks = |dots: usize, of: usize, most: usize| (dots * of).div_ceil(most).div_ceil(8);
        component.blocks = (blocks(dots_across, component.across, across), blocks(dots_down, component.down, down));
    }
    let units = (dots_across.div_ceil(8 * across), dots_down.div_ceil(8 * down));
    Ok(Frame { progressive, width, height, components, units })
}

/// Room for the component that is drawn. Which colours a frame has is decided as libjpeg does (`default_decompress_parms`).
fn drawn(frame: &Frame, tables: &Tables) -> Result<Drawn, Unread> {
    let names: Vec<u8> = frame.components.iter().map(|component| component.name).collect();
    let rgb = match (tables.jfif, tables.adobe) {
        (true, _) => false,
        (false, Some(transform)) => transform == 0,
        (false, None) => names == *b"RGB",
    };
    let component = usize::from(rgb && names.len() == 3);
    let part = frame.components.get(component).ok_or(Unread::Damaged)?;
    if frame.components.iter().any(|other| other.across > part.across || other.down > part.down) {
        return Err(Unread::Format("jpeg-sampling"));
    }
    let stride = frame.units.0 * part.across;
    Ok(Drawn { component, stride, blocks: vec![[0; 64]; stride * frame.units.1 * part.down], quantizers: None })
}

/// Huffman tables (B.2.4.2).
fn huffman(data: &[u8], tables: &mut Tables) -> Result<(), Unread> {
    let mut cursor = Cursor { rest: data };
    while !cursor.rest.is_empty() {
        let place = cursor.byte()?;
        let counts: &[u8; 16] = cursor.take(16)?.try_into().map_err(|_| Unread::Damaged)?;
        let symbols = cursor.take(counts.iter().map(|count| usize::from(*count)).sum())?;
        let kind = if place >> 4 == 0 { &mut tables.means } else { &mut tables.waves };
        let table = kind.get_mut(usize::from(place & 15)).filter(|_| place >> 4 < 2).ok_or(Unread::Damaged)?;
        *table = Some(Table::new(counts, symbols).ok_or(Unread::Damaged)?);
    }
    Ok(())
}

/// Quantizers, of 8 or 16 bits, in zigzag order (B.2.4.1).
fn quantizers(data: &[u8], tables: &mut Tables) -> Result<(), Unread> {
    let mut cursor = Cursor { rest: data };
    while !cursor.rest.is_empty() {
        let place = cursor.byte()?;
        let mut values = [0; 64];
        for value in &mut values {
            let high = if place >> 4 == 0 { 0 } else { cursor.byte()? };
            *value = u16::from_be_bytes([high, cursor.byte()?]);
        }
        *tables.quantizers.get_mut(usize::from(place & 15)).ok_or(Unread::Damaged)? = Some(values);
    }
    Ok(())
}

/// A component in a scan: its place in the frame, and its tables.
type Part<'a> = (usize, &'a Component, (Option<&'a Table>, Option<&'a Table>));

/// A scan: its header (B.2.3) and its data.
fn scan(data: &[u8], cursor: &mut Cursor, frame: &Frame, tables: &Tables, drawn: &mut Drawn) -> Result<(), Unread> {
    let (&count, rest) = data.split_first().ok_or(Unread::Damaged)?;
    let Some((named, &[first, last, bits])) = rest.split_at_checked(2 * usize::from(count)) else {
        return Err(Unread::Damaged);
    };
    let mut parts: Vec<Part> = Vec::new();
    for [name, places] in named.as_chunks::<2>().0 {
        let place = frame.components.iter().position(|component| component.name == *name).ok_or(Unread::Damaged)?;
        let component = frame.components.get(place).ok_or(Unread::Damaged)?;
        let means = tables.means.get(usize::from(places >> 4)).and_then(Option::as_ref);
        let waves = tables.waves.get(usize::from(places & 15)).and_then(Option::as_ref);
        if parts.iter().any(|(other, _, _)| *other == place) {
            return Err(Unread::Damaged);
        }
        parts.push((place, component, (means, waves)));
    }
    let (first, last, high, low) = (usize::from(first), usize::from(last), bits >> 4, bits & 15);
    let kind = Kind { progressive: frame.progressive, first, last, again: high > 0, low: u32::from(low) };
    let right = if frame.progressive {
        // G.1.1.1: means, or waves of one component.
        let alone = if first == 0 { last == 0 } else { first <= last && last < 64 && parts.len() == 1 };
        alone && low < 14 && (high == 0 || high == low + 1)
    } else {
        (first, last, bits) == (0, 63, 0)
    };
    if !right || parts.is_empty() {
        return Err(Unread::Damaged);
    }
    let (segments, length) = segments(cursor.rest)?;
    cursor.take(length)?;
    // Waves of a component that is not drawn: of no use here.
    if parts.len() == 1 && parts.iter().all(|(place, _, _)| *place != drawn.component) {
        return Ok(());
    }
    if let Some((_, component, _)) = parts.iter().find(|(place, _, _)| *place == drawn.component) {
        drawn.quantizers = drawn.quantizers.or(tables.quantizers.get(component.quantizers).copied().flatten());
    }
    units(&parts, frame, kind, tables.restart, segments, drawn)
}

/// The parts of a scan's data between restarts (B.1.1.5, F.1.2.3), and the length of all.
fn segments(bytes: &[u8]) -> Result<(Vec<&[u8]>, usize), Unread> {
    let (mut all, mut begin, mut at) = (Vec::new(), 0, 0);
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        at += rest.iter().position(|byte| *byte == 0xff).ok_or(Unread::Damaged)?;
        let after = bytes.get(at + 1..).unwrap_or_default();
        let fill = after.iter().position(|byte| *byte != 0xff).ok_or(Unread::Damaged)?;
        match after.get(fill) {
            Some(0) if fill == 0 => at += 2,
            Some(0) | None => return Err(Unread::Damaged),
            Some(next) => {
                all.push(bytes.get(begin..at).unwrap_or_default());
                if !(0xd0..=0xd7).contains(next) {
                    return Ok((all, at));
                }
                at += fill + 2;
                begin = at;
            }
        }
    }
}

/// All units of a scan, in order (A.2).
fn units(
    parts: &[Part],
    frame: &Frame,
    kind: Kind,
    restart: usize,
    segments: Vec<&[u8]>,
    drawn: &mut Drawn,
) -> Result<(), Unread> {
    let alone = match parts {
        [(_, component, _)] => Some(component.blocks),
        _ => None,
    };
    let (across, down) = alone.unwrap_or(frame.units);
    let restart = if restart == 0 { usize::MAX } else { restart };
    let mut segments = segments.into_iter();
    let mut bits = Bits::new(&[]);
    let mut memories = [Memory::default(); 3];
    let mut aside: Block;
    for unit in 0..across * down {
        if unit % restart == 0 {
            bits = Bits::new(segments.next().ok_or(Unread::Damaged)?);
            memories = [Memory::default(); 3];
        }
        let (x, y) = (unit % across, unit / across);
        for ((place, component, tables), memory) in parts.iter().zip(&mut memories) {
            let (width, height) = if alone.is_some() { (1, 1) } else { (component.across, component.down) };
            for part in 0..width * height {
                let (x, y) = (x * width + part % width, y * height + part / width);
                let block = if *place == drawn.component {
                    drawn.blocks.get_mut(y * drawn.stride + x).ok_or(Unread::Damaged)?
                } else {
                    aside = [0; 64];
                    &mut aside
                };
                block::read(&mut bits, kind, *tables, memory, block)?;
            }
        }
    }
    Ok(())
}

/// From coefficients to dots.
fn draw(frame: &Frame, drawn: &Drawn) -> Result<Luma, Unread> {
    let number = |value| usize::try_from(value).map_err(|_| Unread::Damaged);
    let (width, height) = (number(frame.width)?, number(frame.height)?);
    let quantizers = drawn.quantizers.as_ref().ok_or(Unread::Damaged)?;
    let mut dots = vec![0; width * height];
    for (place, block) in drawn.blocks.iter().enumerate() {
        let mut coefficients = [0; 64];
        for ((place, value), quantizer) in ZIGZAG.iter().zip(block).zip(quantizers) {
            if let Some(coefficient) = coefficients.get_mut(*place) {
                // Of 8 bits, none is beyond 2,048 times 8; what is, is cut, so that sums stay small.
                *coefficient = (i64::from(*value) * i64::from(*quantizer)).clamp(-32_768, 32_767);
            }
        }
        let drawn_block = idct::dots(&coefficients);
        let (x, y) = (place % drawn.stride * 8, place / drawn.stride * 8);
        for (row, y) in drawn_block.as_chunks::<8>().0.iter().zip(y..height) {
            let line = dots.get_mut(y * width..(y + 1) * width).unwrap_or_default();
            line.iter_mut().skip(x).zip(row).for_each(|(dot, value)| *dot = *value);
        }
    }
    Ok(Luma { width, height, dots })
}
