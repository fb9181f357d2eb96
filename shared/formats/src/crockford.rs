//! Crockford base32: five bits a symbol, no look-alike letters, either case.
//!
//! Source: Douglas Crockford, *Base 32*, <https://www.crockford.com/base32.html>. Check symbols and hyphens, which that
//! page leaves optional, are refused here: a code has exactly one length.

const ALPHABET: [u8; 32] = *b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Bits a symbol carries.
pub const BITS: u32 = 5;

/// The longest text that [`decode`] takes: 25 symbols, 125 bits.
pub const MAX_SYMBOLS: usize = 25;

/// Why a text is not Crockford base32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// More than [`MAX_SYMBOLS`] symbols.
    TooLong,
    /// A character outside the alphabet, at this byte offset.
    BadSymbol {
        /// Byte offset in the text.
        at: usize,
    },
}

/// The `count` upper-case symbols of the low `5 × count` bits of `value`, most significant first. Allocates nothing:
/// `String::extend` it, or collect it.
pub fn symbols(value: u128, count: u32) -> impl Iterator<Item = char> {
    (0..count).rev().map(move |place| {
        let five = value.checked_shr(place.saturating_mul(BITS)).unwrap_or(0) & 31;
        let index = usize::try_from(five).unwrap_or(0);
        char::from(ALPHABET.get(index).copied().unwrap_or(b'0'))
    })
}

/// The number that a text stands for, most significant symbol first. Case does not matter; `O` reads as 0, `I` and `L`
/// read as 1. The empty text is 0: the caller knows how many symbols it wants.
///
/// # Errors
/// [`DecodeError`]: too long, or a character outside the alphabet (`U`, hyphens and spaces included).
pub fn decode(text: &str) -> Result<u128, DecodeError> {
    if text.len() > MAX_SYMBOLS {
        return Err(DecodeError::TooLong);
    }
    text.bytes().enumerate().try_fold(0u128, |value, (at, symbol)| {
        let five = symbol_value(symbol).ok_or(DecodeError::BadSymbol { at })?;
        Ok((value << 5) | u128::from(five))
    })
}

/// The five bits of one symbol.
fn symbol_value(symbol: u8) -> Option<u8> {
    let canonical = match symbol.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    let index = ALPHABET.iter().position(|&s| s == canonical)?;
    u8::try_from(index).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(value: u128, count: u32) -> String {
        symbols(value, count).collect()
    }

    #[test]
    fn every_symbol_goes_there_and_back() {
        for value in 0..32u128 {
            let text = encode(value, 1);
            assert_eq!(decode(&text), Ok(value));
            assert_eq!(decode(&text.to_lowercase()), Ok(value));
        }
        assert_eq!(encode(u128::MAX, 18), "Z".repeat(18));
        assert_eq!(encode(1, 25), format!("{}1", "0".repeat(24)));
        assert_eq!(decode(&"Z".repeat(25)), Ok((1u128 << 125) - 1));
        assert_eq!(decode(""), Ok(0));
    }

    #[test]
    fn look_alikes_are_read_and_never_written() {
        assert_eq!(decode("oOiIlL"), decode("001111"));
        let all: String = (0..32u128).flat_map(|v| symbols(v, 1)).collect();
        assert!(!all.contains(['I', 'L', 'O', 'U']));
    }

    #[test]
    fn everything_else_is_refused_with_its_place() {
        for bad in ["U", "u", "-", " ", "*", "~", "$", "=", "é", "\0"] {
            assert_eq!(decode(&format!("A{bad}")), Err(DecodeError::BadSymbol { at: 1 }), "{bad:?}");
        }
        assert_eq!(decode(&"0".repeat(26)), Err(DecodeError::TooLong));
    }
}
