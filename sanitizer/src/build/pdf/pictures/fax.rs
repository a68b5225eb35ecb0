//! CCITT group 4, for scanned pages of black and white.

use fax::encoder::Encoder;
use fax::{Color, VecWriter};
use sanitizer_intermediate::image::Picture;

/// Encodes a bilevel picture, where 1 is white; `None` when it is too wide.
pub(super) fn encode(picture: &Picture) -> Option<Vec<u8>> {
    let width = u16::try_from(picture.width()).ok()?;
    let mut encoder = Encoder::new(VecWriter::new());
    for y in 0..picture.height() {
        let bytes = picture.row(y).iter();
        let bits = bytes.flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
        let pixels = bits.map(|bit| if bit == 1 { Color::White } else { Color::Black });
        let Ok(()) = encoder.encode_line(pixels.take(usize::from(width)), width);
    }
    let Ok(writer) = encoder.finish();
    Some(writer.finish())
}
