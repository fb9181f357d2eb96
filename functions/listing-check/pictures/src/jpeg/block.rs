//! Coefficients of one block, in zigzag order, as the kinds of scans bring them: all at once (ITU-T T.81, F.2.2), or bit by
//! bit (G.1.2).

use super::bits::{Bits, Table};
use crate::Unread;

/// Coefficients in zigzag order.
pub type Block = [i16; 64];

/// What a scan brings of each block, and how: frequencies from `first` to `last`, from bit `low` on; `again` if bits above
/// were there before.
#[derive(Clone, Copy)]
pub struct Kind {
    pub progressive: bool,
    pub first: usize,
    pub last: usize,
    pub again: bool,
    pub low: u32,
}

/// What a scan remembers from block to block, of one component.
#[derive(Clone, Copy, Default)]
pub struct Memory {
    /// The mean of the last block.
    mean: i32,
    /// Blocks to come that have nothing new.
    empty: i32,
}

/// Reads a block's part of a scan.
pub fn read(
    bits: &mut Bits,
    kind: Kind,
    (means, waves): (Option<&Table>, Option<&Table>),
    memory: &mut Memory,
    block: &mut Block,
) -> Result<(), Unread> {
    if kind.first == 0 {
        let [mean, ..] = block;
        if kind.again {
            *mean |= number(bits.take(1)? << kind.low)?;
        } else {
            let length = bits.symbol(means.ok_or(Unread::Damaged)?)?;
            memory.mean += bits.number(u32::from(length.min(16)))?;
            *mean = number(memory.mean.checked_mul(1 << kind.low).ok_or(Unread::Damaged)?)?;
        }
    }
    let from = kind.first.max(1);
    let Some(part) = block.get_mut(from..=kind.last).filter(|part| !part.is_empty()) else { return Ok(()) };
    let waves = waves.ok_or(Unread::Damaged)?;
    if kind.again { refined(bits, kind, waves, memory, part) } else { begun(bits, kind, waves, memory, part) }
}

fn number(value: i32) -> Result<i16, Unread> {
    i16::try_from(value).map_err(|_| Unread::Damaged)
}

/// Blocks without anything, from this one on, that a symbol of no length says (G.1.2.2, EOBn). None if it says a run.
fn empty(bits: &mut Bits, kind: Kind, run: u8) -> Result<Option<i32>, Unread> {
    Ok(match run {
        15 => None,
        0 => Some(1),
        run if kind.progressive => Some((1 << run) + bits.take(u32::from(run))?),
        _ => return Err(Unread::Damaged),
    })
}

fn begun(bits: &mut Bits, kind: Kind, waves: &Table, memory: &mut Memory, part: &mut [i16]) -> Result<(), Unread> {
    if memory.empty > 0 {
        memory.empty -= 1;
        return Ok(());
    }
    let mut at = 0;
    while at < part.len() {
        let symbol = bits.symbol(waves)?;
        let (run, length) = (symbol >> 4, symbol & 15);
        if length == 0 {
            if let Some(blocks) = empty(bits, kind, run)? {
                memory.empty = blocks - 1;
                return Ok(());
            }
            at += 16;
            continue;
        }
        at += usize::from(run);
        let value = bits.number(u32::from(length))?.checked_mul(1 << kind.low).ok_or(Unread::Damaged)?;
        *part.get_mut(at).ok_or(Unread::Damaged)? = number(value)?;
        at += 1;
    }
    Ok(())
}

/// One more bit of what is there, and what was below it until now (G.1.2.3).
fn refined(bits: &mut Bits, kind: Kind, waves: &Table, memory: &mut Memory, part: &mut [i16]) -> Result<(), Unread> {
    let step = number(1 << kind.low)?;
    let mut rest = part.iter_mut();
    if memory.empty == 0 {
        while rest.len() > 0 {
            let symbol = bits.symbol(waves)?;
            let (run, length) = (symbol >> 4, symbol & 15);
            let mut value = 0;
            match length {
                0 => {
                    if let Some(blocks) = empty(bits, kind, run)? {
                        memory.empty = blocks;
                        break;
                    }
                }
                1 => value = if bits.take(1)? == 1 { step } else { -step },
                _ => return Err(Unread::Damaged),
            }
            let mut zeros = run;
            for coefficient in rest.by_ref() {
                if *coefficient != 0 {
                    refine(bits, step, coefficient)?;
                } else if zeros == 0 {
                    *coefficient = value;
                    break;
                } else {
                    zeros -= 1;
                }
            }
        }
    }
    if memory.empty > 0 {
        for coefficient in rest.filter(|coefficient| **coefficient != 0) {
            refine(bits, step, coefficient)?;
        }
        memory.empty -= 1;
    }
    Ok(())
}

fn refine(bits: &mut Bits, step: i16, coefficient: &mut i16) -> Result<(), Unread> {
    if bits.take(1)? == 1 && *coefficient & step == 0 {
        *coefficient = coefficient.saturating_add(if *coefficient > 0 { step } else { -step });
    }
    Ok(())
}
