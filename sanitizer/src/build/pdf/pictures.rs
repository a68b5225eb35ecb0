//! Pictures: packed without loss, or as JPEG where they were so before.

mod fax;
mod lossless;

use pdf_writer::{Filter, Finish, Name, Ref, Stream};
use sanitizer_intermediate::image::{Picture, Samples, Source};
use sanitizer_intermediate::pdf::PdfPicture;

use self::lossless::Packed;
use super::Builder;
use crate::build::BuildError;

/// Highest JPEG quality worth writing: beyond, files grow and nobody sees it.
const BEST: u8 = 93;
/// Lowest quality tried to stay near the size of before.
const LOWEST: u8 = 60;

impl Builder<'_> {
    pub(super) fn picture(&mut self, id: Ref, picture: &PdfPicture) -> Result<(), BuildError> {
        let mask = match &picture.alpha {
            Some(alpha) => {
                let id = self.file.reserve();
                self.samples(id, alpha, &Extras::default())?;
                Some(id)
            }
            None => None,
        };
        let extras = Extras {
            mask,
            stencil: picture.stencil.is_some(),
            smooth: picture.smooth,
            coded: picture.coded_bytes as usize,
        };
        self.samples(id, &picture.picture, &extras)
    }

    fn samples(&mut self, id: Ref, picture: &Picture, extras: &Extras) -> Result<(), BuildError> {
        match (picture.samples(), picture.source) {
            (Samples::Rgba, _) => return Err(BuildError::Invalid("a picture with alpha inside")),
            (Samples::Bilevel, _) => self.bilevel(id, picture, extras),
            (Samples::Gray | Samples::Rgb, Source::Lossy { quality, subsampled }) => {
                let quality = quality.min(BEST).min(self.policy.images.jpeg_quality);
                let data = jpeg(picture, quality, subsampled, extras.coded)?;
                let space = space(picture);
                self.file.stream(id, &data, |stream| {
                    stream.filter(Filter::DctDecode);
                    head(stream, picture, 8, extras);
                    stream.pair(Name(b"ColorSpace"), Name(space));
                });
            }
            (Samples::Gray | Samples::Rgb, Source::Lossless) => {
                let packed = lossless::pack(picture);
                self.lossless(id, picture, &packed, extras);
            }
        }
        Ok(())
    }

    fn bilevel(&mut self, id: Ref, picture: &Picture, extras: &Extras) {
        let plain = picture.data();
        // Screened pictures do not gain from fax codes.
        let fax = fax::encode(picture).filter(|fax| fax.len() < plain.len() / 4);
        let flat = if fax.is_none() { lossless::rows(plain) } else { Vec::new() };
        let (filter, data) = match &fax {
            Some(fax) => (Filter::CcittFaxDecode, fax),
            None => (Filter::FlateDecode, &flat),
        };
        let (width, height) = sides(picture);
        self.file.stream(id, data, |stream| {
            stream.filter(filter);
            if fax.is_some() {
                stream.decode_parms().k(-1).columns(width).rows(height);
            }
            head(stream, picture, 1, extras);
            if extras.stencil {
                stream.pair(Name(b"ImageMask"), true);
            } else {
                stream.pair(Name(b"ColorSpace"), Name(b"DeviceGray"));
            }
        });
    }

    fn lossless(&mut self, id: Ref, picture: &Picture, packed: &Packed, extras: &Extras) {
        let (width, _) = sides(picture);
        self.file.stream(id, &packed.data, |stream| {
            stream.filter(Filter::FlateDecode);
            if packed.predicted {
                let mut parameters = stream.insert(Name(b"DecodeParms")).dict();
                parameters.pair(Name(b"Predictor"), 15);
                parameters.pair(Name(b"Colors"), packed.channels);
                parameters.pair(Name(b"BitsPerComponent"), packed.bits);
                parameters.pair(Name(b"Columns"), width);
                parameters.finish();
            }
            head(stream, picture, packed.bits, extras);
            match &packed.palette {
                Some(palette) => {
                    let last = i32::try_from(palette.len() / 3).unwrap_or(1) - 1;
                    let mut space = stream.insert(Name(b"ColorSpace")).array();
                    space.item(Name(b"Indexed")).item(Name(b"DeviceRGB")).item(last);
                    space.item(pdf_writer::Str(palette));
                }
                None => {
                    stream.pair(Name(b"ColorSpace"), Name(space(picture)));
                }
            }
        });
    }
}

/// What else a picture's dictionary says.
#[derive(Default)]
struct Extras {
    mask: Option<Ref>,
    stencil: bool,
    smooth: bool,
    coded: usize,
}

fn sides(picture: &Picture) -> (i32, i32) {
    let side = |side: u32| i32::try_from(side).unwrap_or(i32::MAX);
    (side(picture.width()), side(picture.height()))
}

fn head(stream: &mut Stream<'_>, picture: &Picture, bits: i32, extras: &Extras) {
    let (width, height) = sides(picture);
    stream.pair(Name(b"Type"), Name(b"XObject"));
    stream.pair(Name(b"Subtype"), Name(b"Image"));
    stream.pair(Name(b"Width"), width);
    stream.pair(Name(b"Height"), height);
    stream.pair(Name(b"BitsPerComponent"), bits);
    if extras.smooth {
        stream.pair(Name(b"Interpolate"), true);
    }
    if let Some(mask) = extras.mask {
        stream.pair(Name(b"SMask"), mask);
    }
}

fn space(picture: &Picture) -> &'static [u8] {
    if picture.samples() == Samples::Rgb { b"DeviceRGB" } else { b"DeviceGray" }
}

/// Encodes at the quality of before; lower when that grows the picture.
fn jpeg(
    picture: &Picture,
    quality: u8,
    subsampled: bool,
    coded: usize,
) -> Result<Vec<u8>, BuildError> {
    let first = encode(picture, quality, subsampled)?;
    let allowed = coded + coded / 4;
    if coded == 0 || first.len() <= allowed || quality <= LOWEST + 10 {
        return Ok(first);
    }
    let second = encode(picture, quality.saturating_sub(12).max(LOWEST), true)?;
    Ok(if second.len() < first.len() { second } else { first })
}

fn encode(picture: &Picture, quality: u8, subsampled: bool) -> Result<Vec<u8>, BuildError> {
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
    let side = |side: u32| u16::try_from(side).map_err(|_| BuildError::TooLarge);
    let (width, height) = (side(picture.width())?, side(picture.height())?);
    let kind = if picture.samples() == Samples::Rgb { ColorType::Rgb } else { ColorType::Luma };
    let mut data = Vec::new();
    let mut encoder = Encoder::new(&mut data, quality);
    encoder.set_sampling_factor(if subsampled {
        SamplingFactor::F_2_2
    } else {
        SamplingFactor::F_1_1
    });
    encoder.set_optimized_huffman_tables(true);
    encoder
        .encode(picture.data(), width, height, kind)
        .map_err(|error| BuildError::Fault(error.to_string()))?;
    Ok(data)
}
