//! The figures that the code of `listing-check` asks for: the one list of them.

use pack_source::figures::Figure;

/// All figures, in the order in which a person should read what changed.
pub const FIGURES: [Figure; 3] = [
    Figure {
        name: "reading.least_gain",
        least: -200,
        most: 400,
        zh: "变写须胜出 {was} 个四分之一比特：改为 {is}",
        en: "A reading other than the literal one must win by {was} quarter bits: becomes {is}",
    },
    Figure {
        name: "reading.least_gain_literal",
        least: -200,
        most: 400,
        zh: "原样出现的词须胜出 {was} 个四分之一比特：改为 {is}",
        en: "A term as it stands must win by {was} quarter bits: becomes {is}",
    },
    Figure {
        name: "reading.gain_per_doubling",
        least: 0,
        most: 40,
        zh: "词条数每翻一倍，变写须多胜出 {was} 个四分之一比特：改为 {is}",
        en: "For each doubling of the number of terms a reading must win by {was} quarter bits more: becomes {is}",
    },
];
