//! Characters that a reader cannot see, or that turn or hide the text around them.
//!
//! Two texts that look alike must be alike where people compare them: a brand on a label, a product in a record. What is
//! refused is said by Unicode's own properties (a test holds the table to them): controls (`Cc`), formats (`Cf`, but for
//! the Arabic and Syriac marks that are drawn before a number), line and paragraph separators, what is ignored by default
//! where a font does not know it (`Default_Ignorable_Code_Point`: soft hyphens, fillers, joiners, tags, variation
//! selectors), what sets the direction of writing (`Bidi_Control`), and what is no character at all
//! (`Noncharacter_Code_Point`). And by name the blanks that Unicode counts as letters or symbols: U+2800, U+1D159, U+FFFC.
//! Spaces are seen as what they are; a text of nothing else is for its reader to refuse.
//!
//! Deliberate: ZERO WIDTH JOINER is refused in emoji as well (a family or a flag is drawn as its parts without it), and a
//! variation selector is taken only where it says how the character before it is drawn: U+FE0E and U+FE0F behind a symbol
//! that is text or emoji (`⚠️`), U+E0100 to U+E01EF behind a Chinese character. Everywhere else selectors carry what nobody
//! sees.

/// The first character of a text that nobody sees, or that hides or turns others.
pub fn hidden(text: &str) -> Option<char> {
    let mut before = None;
    text.chars().find(|&c| {
        let drawn = before.is_some_and(|base| draws(base, c));
        before = Some(c);
        !drawn && is_invisible(c)
    })
}

/// Whether nobody sees a character, or it hides or turns others.
pub const fn is_invisible(c: char) -> bool {
    // Noncharacters: the last two of each plane.
    if (c as u32) & 0xFFFE == 0xFFFE {
        return true;
    }
    matches!(
        c,
        '\0'..='\u{1F}'
            | '\u{7F}'..='\u{9F}'
            | '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{FDD0}'..='\u{FDEF}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFC}'
            | '\u{13430}'..='\u{1343F}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D159}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Whether a variation selector says how the character before it is drawn.
const fn draws(base: char, selector: char) -> bool {
    match selector {
        '\u{FE0E}'..='\u{FE0F}' => matches!(
            base,
            '\u{A9}' | '\u{AE}' | '\u{203C}'..='\u{27FF}' | '\u{2900}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{3297}'
                | '\u{3299}' | '\u{1F000}'..='\u{1FAFF}'
        ),
        '\u{E0100}'..='\u{E01EF}' => matches!(
            base,
            '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFD}'
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use icu_properties::props::{BidiControl, DefaultIgnorableCodePoint, GeneralCategory, PrependedConcatenationMark};
    use icu_properties::{CodePointMapData, CodePointSetData};

    use super::*;

    /// The table and Unicode's properties, over all characters.
    #[test]
    fn the_table_is_unicodes() {
        let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
        let bidi = CodePointSetData::new::<BidiControl>();
        let drawn = CodePointSetData::new::<PrependedConcatenationMark>();
        let category = CodePointMapData::<GeneralCategory>::new();
        for c in '\0'..=char::MAX {
            let of_category = match category.get(c) {
                GeneralCategory::Control | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => true,
                GeneralCategory::Format => !drawn.contains(c),
                _ => false,
            };
            let none = matches!(c, '\u{FDD0}'..='\u{FDEF}') || u32::from(c) % 0x1_0000 >= 0xFFFE;
            let named = ['\u{2800}', '\u{1D159}', '\u{FFFC}'].contains(&c);
            let wanted = ignorable.contains(c) || bidi.contains(c) || of_category || none || named;
            assert_eq!(is_invisible(c), wanted, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn what_is_hidden_is_found_and_what_is_drawn_is_not() {
        for text in [
            "西湖龙井 250 克",
            "Café, 100 % “pure”",
            "\u{3000}全角",
            "12\u{A0}g",
            "⚠\u{FE0F} 注意",
            "☕\u{FE0E}",
            "葛\u{E0100}城",
            "हिन्दी",
            "한국",
            "👍🏽",
            "🇨🇳",
            "٣",
            "",
        ] {
            assert_eq!(hidden(text), None, "{text:?}");
        }
        for (text, found) in [
            ("a\u{200D}b", '\u{200D}'),
            ("👩\u{200D}🔬", '\u{200D}'),
            ("a\u{FE0F}", '\u{FE0F}'),
            ("\u{FE0F}", '\u{FE0F}'),
            ("⚠\u{FE0F}\u{FE0F}", '\u{FE0F}'),
            ("☕\u{FE01}", '\u{FE01}'),
            ("\u{2800}\u{FE0F}", '\u{2800}'),
            ("a\u{E0100}", '\u{E0100}'),
            ("龙\u{E01EF}井\u{E0041}", '\u{E0041}'),
            ("龙\u{3164}井", '\u{3164}'),
            ("\u{115F}\u{1160}", '\u{115F}'),
            ("\u{FFA0}", '\u{FFA0}'),
            ("x\u{AD}y", '\u{AD}'),
            ("\u{2066}abc\u{2069}", '\u{2066}'),
            ("a\nb", '\n'),
            ("\u{FFFE}", '\u{FFFE}'),
        ] {
            assert_eq!(hidden(text), Some(found), "{text:?}");
        }
    }
}
