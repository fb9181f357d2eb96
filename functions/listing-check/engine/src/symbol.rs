//! Symbols: what the canonical form of a text is made of.

/// A symbol. 0 is what has none: white space and punctuation.
pub type Symbol = u16;

/// `a`; the other letters follow.
pub const A: Symbol = 1;
/// `0`; the other digits follow.
pub const ZERO: Symbol = 27;
/// The first of the signs that stand for letters; [`SIGNS`] in their order.
pub const SIGN: Symbol = 37;
/// Signs that stand for letters.
pub const SIGNS: [char; 12] = ['@', '$', '!', '|', '+', '€', '£', '*', '&', '√', '°', '¥'];
/// The first character of a language's table.
pub const HAN: Symbol = 64;
/// The first of those of rare characters, which no table knows: several may share one.
pub const RARE: Symbol = 0x6000;
/// The first emoji.
pub const EMOJI: Symbol = 0x7000;

/// The symbol of an ASCII character.
#[inline]
pub fn of_ascii(c: char) -> Symbol {
    ASCII.get(c as usize).copied().unwrap_or(0)
}

const ASCII: [Symbol; 128] = {
    let mut symbols = [0; 128];
    let mut code = 0;
    while code < symbols.len() {
        let c = code as u8;
        #[allow(clippy::indexing_slicing, reason = "a constant: it does not compile out of bounds")]
        {
            symbols[code] = match c {
                b'a'..=b'z' => A + (c - b'a') as Symbol,
                b'A'..=b'Z' => A + (c - b'A') as Symbol,
                b'0'..=b'9' => ZERO + (c - b'0') as Symbol,
                _ => of_sign(c as char),
            };
        }
        code += 1;
    }
    symbols
};

/// The symbol of a sign that stands for letters.
pub const fn of_sign(c: char) -> Symbol {
    let mut place = 0;
    while place < SIGNS.len() {
        #[allow(clippy::indexing_slicing, reason = "the loop ends before the end of the table")]
        if SIGNS[place] as u32 == c as u32 {
            return SIGN + place as Symbol;
        }
        place += 1;
    }
    0
}

/// The symbol of a character that no table knows; 0 if it is no Chinese character.
pub const fn of_rare(c: char) -> Symbol {
    match c as u32 {
        code @ (0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0x2_0000..=0x3_FFFF) => {
            RARE + (code.wrapping_mul(0x9E37_79B1) >> 20) as Symbol
        }
        _ => 0,
    }
}

/// Whether it is a letter.
pub const fn is_letter(symbol: Symbol) -> bool {
    symbol >= A && symbol < ZERO
}

/// Whether it is a digit.
pub const fn is_digit(symbol: Symbol) -> bool {
    symbol >= ZERO && symbol < SIGN
}

/// Whether it is a sign that stands for letters.
pub const fn is_sign(symbol: Symbol) -> bool {
    symbol >= SIGN && symbol < HAN
}

/// Whether it is a character.
pub const fn is_han(symbol: Symbol) -> bool {
    symbol >= HAN && symbol < EMOJI
}

/// Whether it is an emoji.
pub const fn is_emoji(symbol: Symbol) -> bool {
    symbol >= EMOJI
}

/// The letter of a symbol, lower case.
pub fn letter(symbol: Symbol) -> char {
    char::from(b'a'.saturating_add(symbol.saturating_sub(A).min(25) as u8))
}
