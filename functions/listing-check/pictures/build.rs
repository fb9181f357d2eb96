//! Makes the table of GBK: what two bytes say, in the order of the bytes. Codes made here are often in it, and the decoders
//! of `encoding_rs` for all other encodings have no place at the edge.

#![allow(clippy::expect_used, reason = "runs at build time: a panic fails the build")]

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let mut table = Vec::new();
    for first in 0x81..=0xFE_u8 {
        for second in 0x40..=0xFE_u8 {
            let bytes = [first, second];
            let (text, bad) = encoding_rs::GBK.decode_without_bom_handling(&bytes);
            let mut chars = text.chars();
            let one = chars.next().filter(|_| !bad && chars.next().is_none()).map_or(0, u32::from);
            // Private use says nothing to a reader.
            let one = u16::try_from(one).unwrap_or(0);
            let one = if (0xE000..0xF900).contains(&one) { 0 } else { one };
            table.extend(one.to_le_bytes());
        }
    }
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&out).join("gbk.bin"), table).expect("OUT_DIR is writable");
}
