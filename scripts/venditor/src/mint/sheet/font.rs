//! The font of the text under the code: Courier, which every PDF reader has and which holds Latin-1, or a font file of the
//! operator's, cut down to the characters in use, for anything else (Chinese).

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, ensure};
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Chunk, Finish as _, Name, Rect, Ref, Str};
use subsetter::GlyphRemapper;
use ttf_parser::{Face, Permissions};

use super::file::Growing;
use crate::files;

/// Width of Courier's every character, in em.
pub const COURIER_WIDTH: f32 = 0.6;

const SYSTEM: SystemInfo = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
const NAME: Name = Name(b"VNDTOR+Label");

/// The font of the label texts.
pub enum Font {
    Courier,
    Embedded(Box<Embedded>),
}

/// A subset of a font file.
pub struct Embedded {
    /// The subset font program, and whether its outlines are CFF.
    program: Vec<u8>,
    cff: bool,
    /// Character, glyph in the subset, width in em; sorted by character.
    glyphs: Vec<(char, u16, f32)>,
    bbox: Rect,
    ascent: f32,
    descent: f32,
}

impl Font {
    /// The bytes that show a text, and its width in em. The error names the character.
    pub fn set(&self, text: &str) -> Result<(Vec<u8>, f32)> {
        let mut bytes = Vec::new();
        let mut width = 0.0;
        for c in text.chars() {
            match self {
                Font::Courier => {
                    let latin = matches!(c, ' '..='~' | '\u{A0}'..='\u{FF}');
                    ensure!(latin, "`{c}` is not in Courier; name a font that has it: --font FILE");
                    bytes.push(u8::try_from(u32::from(c))?);
                    width += COURIER_WIDTH;
                }
                Font::Embedded(font) => {
                    let (glyph, advance) = font.glyph(c).ok_or_else(|| anyhow!("`{c}` is not in the font"))?;
                    bytes.extend(glyph.to_be_bytes());
                    width += advance;
                }
            }
        }
        Ok((bytes, width))
    }

    /// Writes the font's objects and returns the font itself.
    pub fn write<W: std::io::Write>(&self, pdf: &mut Growing<W>) -> Result<Ref> {
        match self {
            Font::Courier => courier(pdf),
            Font::Embedded(font) => font.write(pdf),
        }
    }
}

/// Courier, not embedded, in Windows' Latin encoding.
pub fn courier<W: std::io::Write>(pdf: &mut Growing<W>) -> Result<Ref> {
    let id = pdf.reserve();
    let mut chunk = Chunk::new();
    chunk.type1_font(id).base_font(Name(b"Courier")).encoding_predefined(Name(b"WinAnsiEncoding"));
    pdf.put(&chunk)?;
    Ok(id)
}

impl Embedded {
    /// Cuts a font file down to the characters of these texts.
    pub fn load<'a>(path: &Path, index: u32, texts: impl Iterator<Item = &'a str>) -> Result<Embedded> {
        let name = path.display();
        let data = files::read(path)?;
        let face = Face::parse(&data, index).map_err(|e| anyhow!("{name}: font {index}: {e}"))?;
        ensure!(face.permissions() != Some(Permissions::Restricted), "{name}: its licence bits forbid embedding");
        let em = f32::from(face.units_per_em());
        let mut used: Vec<char> = texts.flat_map(str::chars).collect();
        used.sort_unstable();
        used.dedup();
        let mut remapper = GlyphRemapper::new();
        let mut glyphs = Vec::with_capacity(used.len());
        for c in used {
            let glyph =
                face.glyph_index(c).with_context(|| format!("{name}: has no `{c}` (U+{:04X})", u32::from(c)))?;
            let advance = f32::from(face.glyph_hor_advance(glyph).unwrap_or(0)) / em;
            glyphs.push((c, remapper.remap(glyph.0), advance));
        }
        let subset = subsetter::subset(&data, index, &remapper).map_err(|e| anyhow!("{name}: {e}"))?;
        let raw = ttf_parser::RawFace::parse(&subset, 0).map_err(|e| anyhow!("{name}: its subset: {e}"))?;
        // A CFF font goes in as the bare table (ISO 32000-1, table 126).
        let cff = raw.table(ttf_parser::Tag::from_bytes(b"CFF ")).map(<[u8]>::to_vec);
        let (program, cff) = cff.map_or_else(|| (subset.clone(), false), |table| (table, true));
        let scaled = |units: i16| f32::from(units) / em * 1000.0;
        let b = face.global_bounding_box();
        Ok(Embedded {
            program,
            cff,
            glyphs,
            bbox: Rect::new(scaled(b.x_min), scaled(b.y_min), scaled(b.x_max), scaled(b.y_max)),
            ascent: scaled(face.ascender()),
            descent: scaled(face.descender()),
        })
    }

    fn glyph(&self, c: char) -> Option<(u16, f32)> {
        let at = self.glyphs.binary_search_by_key(&c, |(known, _, _)| *known).ok()?;
        self.glyphs.get(at).map(|(_, glyph, width)| (*glyph, *width))
    }

    fn write<W: std::io::Write>(&self, pdf: &mut Growing<W>) -> Result<Ref> {
        let [font, cid, descriptor, program, cmap] = std::array::from_fn(|_| pdf.reserve());

        let mut chunk = Chunk::new();
        chunk
            .type0_font(font)
            .base_font(NAME)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(cmap);
        pdf.put(&chunk)?;

        let mut chunk = Chunk::new();
        let mut cid_font = chunk.cid_font(cid);
        cid_font.subtype(if self.cff { CidFontType::Type0 } else { CidFontType::Type2 });
        cid_font.base_font(NAME).system_info(SYSTEM).font_descriptor(descriptor).default_width(0.0);
        if !self.cff {
            cid_font.cid_to_gid_map_predefined(Name(b"Identity"));
        }
        let mut widths = cid_font.widths();
        for (_, glyph, width) in &self.glyphs {
            widths.same(*glyph, *glyph, width * 1000.0);
        }
        widths.finish();
        cid_font.finish();
        pdf.put(&chunk)?;

        let mut chunk = Chunk::new();
        let mut entry = chunk.font_descriptor(descriptor);
        entry.name(NAME).flags(FontFlags::SYMBOLIC).bbox(self.bbox).italic_angle(0.0);
        entry.ascent(self.ascent).descent(self.descent).cap_height(self.ascent).stem_v(80.0);
        if self.cff {
            entry.font_file3(program)
        } else {
            entry.font_file2(program)
        };
        entry.finish();
        pdf.put(&chunk)?;

        let bytes = super::deflate(&self.program)?;
        let mut chunk = Chunk::new();
        let mut stream = chunk.stream(program, &bytes);
        stream.filter(pdf_writer::Filter::FlateDecode);
        if self.cff {
            stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
        }
        stream.finish();
        pdf.put(&chunk)?;

        // So that a reader's search finds the text.
        let mut map = UnicodeCmap::new(Name(b"Label"), SYSTEM);
        self.glyphs.iter().for_each(|(c, glyph, _)| map.pair(*glyph, *c));
        let map = map.finish();
        let mut chunk = Chunk::new();
        chunk.cmap(cmap, map.as_slice());
        pdf.put(&chunk)?;
        Ok(font)
    }
}
