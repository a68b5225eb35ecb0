//! Scans of a JPEG, block by block to their last bit.

use super::bits::High;
use super::codes::Codes;
use crate::refusal::{Refusal, Verdict, must};

const ODD: Refusal = Refusal::of("an odd block");
const COEFFICIENTS: usize = 64;
/// Sixteen zeros, and no more of this block.
const ZEROS: u8 = 0xF0;
const DONE: u8 = 0;

/// The codes of a component and its blocks in each unit of the scan.
pub(super) struct Part<'c> {
    pub(super) steady: &'c Codes,
    pub(super) varying: &'c Codes,
    pub(super) blocks: usize,
}

/// Verifies a scan of `units`; gives the bytes it takes.
pub(super) fn verify(bytes: &[u8], parts: &[Part<'_>], units: usize) -> Result<usize, Refusal> {
    let mut bits = High::new(bytes);
    for _ in 0..units {
        for part in parts {
            for _ in 0..part.blocks {
                block(&mut bits, part)?;
            }
        }
    }
    bits.end()
}

fn block(bits: &mut High<'_>, part: &Part<'_>) -> Verdict {
    let size = part.steady.symbol(bits)?;
    must(size <= 11, ODD.what())?;
    bits.skip(u32::from(size))?;
    let (mut at, mut zeros) = (1, false);
    while at < COEFFICIENTS {
        let symbol = part.varying.symbol(bits)?;
        match symbol {
            DONE => return must(!zeros, ODD.what()),
            ZEROS => (at, zeros) = (at + 16, true),
            _ => {
                let (run, size) = (usize::from(symbol >> 4), symbol & 15);
                must((1..=10).contains(&size), ODD.what())?;
                bits.skip(u32::from(size))?;
                (at, zeros) = (at + run + 1, false);
            }
        }
    }
    must(at == COEFFICIENTS && !zeros, ODD.what())
}
