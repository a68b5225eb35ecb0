//! Pictures in a PDF.

use super::lexer::{Dict, Object};
use crate::image;
use crate::inflate::{self, Purse};
use crate::refusal::{Refusal, Verdict, must};

const ODD: Refusal = Refusal::of("an odd picture");

/// What the dictionary of a picture says about its samples.
struct Says<'d> {
    dict: &'d Dict,
    width: usize,
    height: usize,
    bits: usize,
    /// Samples of a pixel, and the colours of a palette.
    channels: usize,
    colours: Option<usize>,
}

/// The coded samples of a picture: just as many as it says.
pub(super) fn verify(dict: &Dict, data: &[u8], purse: &mut Purse) -> Verdict {
    let whole = |key: &str| dict.whole(key).ok_or(Refusal::of("a picture without size"));
    let (channels, colours) = match dict.get("ColorSpace") {
        Some(Object::Name(name)) if name == "DeviceRGB" => (3, None),
        Some(Object::Array(list)) => match list.get(2) {
            Some(Object::Number(last)) => (1, Some(*last as usize + 1)),
            _ => return Err(ODD),
        },
        _ => (1, None),
    };
    let says = Says {
        dict,
        width: whole("Width")?,
        height: whole("Height")?,
        bits: whole("BitsPerComponent")?,
        channels,
        colours,
    };
    must(says.width > 0 && says.height > 0, ODD.what())?;
    let stencil = matches!(dict.get("ImageMask"), Some(Object::Bool(true)));
    must(stencil != dict.get("ColorSpace").is_some(), ODD.what())?;
    must(!stencil || says.bits == 1, ODD.what())?;
    match dict.name("Filter") {
        Some("DCTDecode") => says.jpeg(data),
        Some("CCITTFaxDecode") => says.fax(data, purse),
        Some("FlateDecode") => says.packed(data, purse),
        _ => Err(Refusal::of("an odd way of packing")),
    }
}

impl Says<'_> {
    fn parameters(&self) -> Option<&Dict> {
        match self.dict.get("DecodeParms") {
            Some(Object::Dict(it)) => Some(it),
            _ => None,
        }
    }

    fn jpeg(&self, data: &[u8]) -> Verdict {
        let shape = image::jpeg(data)?;
        let same =
            (shape.width, shape.height, shape.parts) == (self.width, self.height, self.channels);
        must(same && self.bits == 8 && self.colours.is_none(), ODD.what())?;
        must(self.parameters().is_none(), ODD.what())
    }

    fn fax(&self, data: &[u8], purse: &mut Purse) -> Verdict {
        let says = [("K", -1.0), ("Columns", self.width as f64), ("Rows", self.height as f64)];
        must(self.parameters().is_some_and(|it| it.is_just(&says)), ODD.what())?;
        must((self.bits, self.channels, self.colours) == (1, 1, None), ODD.what())?;
        image::fax(data, self.width, self.height, purse)
    }

    fn packed(&self, data: &[u8], purse: &mut Purse) -> Verdict {
        let predicted = self.parameters().is_some();
        let says = [
            ("Predictor", 15.0),
            ("Colors", self.channels as f64),
            ("BitsPerComponent", self.bits as f64),
            ("Columns", self.width as f64),
        ];
        must(self.parameters().is_none_or(|it| it.is_just(&says)), ODD.what())?;
        let whole = self.bits == 8 && self.colours.is_none();
        must(predicted == whole, ODD.what())?;
        let fits = match (self.bits, self.colours) {
            (8, None) => true,
            (1, None) => self.channels == 1,
            (1, Some(colours)) => (1..=2).contains(&colours),
            (2, Some(colours)) => (3..=4).contains(&colours),
            (4, Some(colours)) => (5..=16).contains(&colours),
            (8, Some(colours)) => (17..=256).contains(&colours),
            _ => false,
        };
        must(fits, ODD.what())?;
        let row = self.width.checked_mul(self.channels * self.bits).ok_or(ODD)?.div_ceil(8);
        let row = row + usize::from(predicted);
        let unfolded = inflate::zlib(data, purse)?;
        must(Some(unfolded.len()) == row.checked_mul(self.height), "an odd amount of samples")?;
        let mut rows = unfolded.chunks_exact(row);
        must(
            rows.all(|row| match (predicted, self.colours) {
                (true, _) => matches!(row[0], 0 | 1 | 2 | 4),
                (false, Some(colours)) => image::fits_palette(row, self.bits, colours, self.width),
                (false, None) => true,
            }),
            "odd samples",
        )
    }
}
