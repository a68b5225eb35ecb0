//! CCITT group 4: the lines are decoded, coded again, and nothing may differ.

use std::convert::Infallible;

use fax::VecWriter;
use fax::decoder::{DecodeStatus, Group4Decoder};
use fax::encoder::Encoder;

use crate::inflate::Purse;
use crate::refusal::{Refusal, Verdict, must};

/// The codes of `height` lines of `width` pixels, and no more.
pub(crate) fn verify(data: &[u8], width: usize, height: usize, purse: &mut Purse) -> Verdict {
    let odd = Refusal::of("an odd fax");
    let width = u16::try_from(width).ok().filter(|it| *it > 0).ok_or(odd)?;
    purse.pay(usize::from(width).div_ceil(8).checked_mul(height).ok_or(odd)?)?;
    let bytes = data.iter().map(|it| Ok::<u8, Infallible>(*it));
    let Ok(mut lines) = Group4Decoder::new(bytes, width);
    let mut again = Encoder::new(VecWriter::new());
    let mut count = 0;
    while lines.advance().map_err(|_| odd)? == DecodeStatus::Incomplete {
        count += 1;
        must(count <= height, odd.what())?;
        let Ok(()) = again.encode_line(lines.line().pels(), width);
    }
    let Ok(again) = again.finish();
    must(count == height && again.finish() == data, odd.what())
}
