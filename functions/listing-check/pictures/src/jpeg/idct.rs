//! From coefficients of a block to its brightness (ITU-T T.81, A.3.3), in whole numbers.

/// For each frequency, its wave at eight places: `4096 * C(u) / 2 * cos((2x + 1) u π / 16)`.
const WAVES: [[i64; 8]; 8] = [
    [1448, 1448, 1448, 1448, 1448, 1448, 1448, 1448],
    [2009, 1703, 1138, 400, -400, -1138, -1703, -2009],
    [1892, 784, -784, -1892, -1892, -784, 784, 1892],
    [1703, -400, -2009, -1138, 1138, 2009, 400, -1703],
    [1448, -1448, -1448, 1448, 1448, -1448, -1448, 1448],
    [1138, -2009, 400, 1703, -1703, -400, 2009, -1138],
    [784, -1892, 1892, -784, -784, 1892, -1892, 784],
    [400, -1138, 1703, -2009, 2009, -1703, 1138, -400],
];

/// Brightness of 8 by 8 dots, row by row. Coefficients are multiplied by their quantizers, row by row, not in zigzag.
pub fn dots(coefficients: &[i64; 64]) -> [u8; 64] {
    let mut half = [0i64; 64];
    let (rows, _) = coefficients.as_chunks::<8>();
    let (half_rows, _) = half.as_chunks_mut::<8>();
    for (row, out) in rows.iter().zip(half_rows) {
        spread(row.iter(), out);
    }
    let mut all = [0u8; 64];
    for column in 0..8 {
        let mut out = [0i64; 8];
        spread(half.iter().skip(column).step_by(8), &mut out);
        for (dot, value) in all.iter_mut().skip(column).step_by(8).zip(out) {
            *dot = u8::try_from((((value + (1 << 23)) >> 24) + 128).clamp(0, 255)).unwrap_or(u8::MAX);
        }
    }
    all
}

fn spread<'a>(frequencies: impl Iterator<Item = &'a i64>, out: &mut [i64; 8]) {
    for (coefficient, wave) in frequencies.zip(&WAVES).filter(|(coefficient, _)| **coefficient != 0) {
        out.iter_mut().zip(wave).for_each(|(sum, at)| *sum += coefficient * at);
    }
}
