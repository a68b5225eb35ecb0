//! Pictures in a PDF.

use super::lexer::{Dict, Object};
use crate::image;
use crate::inflate::{self, Purse};
use crate::refusal::{Refusal, Verdict, must};

/// The coded samples of a picture.
pub(super) fn verify(dict: &Dict, data: &[u8], purse: &mut Purse) -> Verdict {
    let whole = |key: &str| dict.whole(key).ok_or(Refusal::of("a picture without size"));
    let (width, height, bits) = (whole("Width")?, whole("Height")?, whole("BitsPerComponent")?);
    match dict.name("Filter") {
        Some("DCTDecode") => image::jpeg(data),
        Some("CCITTFaxDecode") => must(bits == 1, "an odd fax"),
        Some("FlateDecode") => {
            let channels = if dict.name("ColorSpace") == Some("DeviceRGB") { 3 } else { 1 };
            let predicted = matches!(dict.get("DecodeParms"), Some(Object::Dict(it)) if it.whole("Predictor") == Some(15));
            let row = width.saturating_mul(channels * bits).div_ceil(8) + usize::from(predicted);
            let unfolded = inflate::zlib(data, purse)?;
            must(Some(unfolded.len()) == row.checked_mul(height), "an odd amount of samples")
        }
        _ => Err(Refusal::of("an odd way of packing")),
    }
}
