//! Pictures: decoded, reduced to what the page can show, told apart by content.

mod jpeg;
mod samples;

use hayro::hayro_interpret::{ImageData, LumaData};
use hayro::hayro_syntax::object::{Dict, Stream};
use hayro::hayro_syntax::page::Resources;
use hayro::kurbo::Affine;
use sanitizer_intermediate::image::{Picture, Samples, Source};
use sanitizer_intermediate::pdf::{PdfPicture, Stencil};
use sanitizer_intermediate::{ChangedKind, HoldReason, Place, RemovedKind};

use self::samples::Raster;
use super::book::{Book, Halt, key};
use super::engine::Decoded;
use super::streams::filters;

/// Dots per inch beyond which colours and grays are reduced.
const DPI: f64 = 300.0;
/// Pictures below this many pixels are never reduced.
const SMALL: u64 = 1_000_000;

/// What the dictionary of a picture says.
struct Told {
    width: u32,
    height: u32,
    source: Source,
    coded: u32,
}

impl<'a> Book<'a> {
    /// The number of a picture; `None` when it cannot be read.
    pub(super) fn picture(
        &mut self,
        name: &[u8],
        stream: &Stream<'a>,
        resources: &Resources<'a>,
        ctm: Affine,
    ) -> Result<Option<u32>, Halt> {
        let known = key(stream.dict());
        if let Some(number) = self.known.pictures.get(&known) {
            return Ok(*number);
        }
        let decoded = match self.told(stream)? {
            Some(told) if self.fits_with_masks(stream, &told) => {
                let size = wanted(ctm);
                let decoded = self.engine.picture(name, resources, Some(size));
                decoded.map(|it| (told, self.with_scans_apart(stream, it)))
            }
            _ => None,
        };
        let number = self.keep(decoded, ctm)?;
        self.known.pictures.insert(known, number);
        Ok(number)
    }

    /// The number of a picture written into the content.
    pub(super) fn inline(
        &mut self,
        stream: &Stream<'_>,
        resources: &Resources<'a>,
        ctm: Affine,
    ) -> Result<Option<u32>, Halt> {
        let decoded = match self.told(stream)? {
            Some(told) if Self::picture_fits(stream, most_bytes(&told)) => {
                let (dict, data) = (stream.dict().data(), stream.raw_data());
                let decoded = self.engine.inline_picture(dict, &data, resources);
                decoded.map(|decoded| (told, decoded))
            }
            _ => None,
        };
        self.keep(decoded, ctm)
    }

    fn told(&self, stream: &Stream<'_>) -> Result<Option<Told>, Halt> {
        let dict = stream.dict();
        let side = |long: &[u8], short: &[u8]| {
            dict.get::<u32>(long).or_else(|| dict.get::<u32>(short)).filter(|side| *side > 0)
        };
        let (Some(width), Some(height)) = (side(b"Width", b"W"), side(b"Height", b"H")) else {
            return Ok(None);
        };
        if u64::from(width) * u64::from(height) > self.limits.pixels {
            return Err(Halt::Hold(HoldReason::TooLarge));
        }
        let raw = stream.raw_data();
        let filters = filters(stream);
        let source = match filters.last().map(Vec::as_slice) {
            Some(b"DCTDecode" | b"DCT") if filters.len() == 1 => jpeg::source(&raw),
            Some(b"DCTDecode" | b"DCT") => jpeg::USUAL,
            Some(b"JPXDecode") => Source::Lossy { quality: 85, subsampled: false },
            _ => Source::Lossless,
        };
        let coded = u32::try_from(raw.len()).unwrap_or(u32::MAX);
        Ok(Some(Told { width, height, source, coded }))
    }

    /// The same picture, of pixels that a decoder read which does not mix up
    /// scans of one colour each.
    fn with_scans_apart(&self, stream: &Stream<'_>, decoded: Decoded) -> Decoded {
        if !matches!(filters(stream).as_slice(), [it] if it == b"DCTDecode" || it == b"DCT")
            || stream.dict().contains_key(b"Decode")
        {
            return decoded;
        }
        let pixels = crate::image::scans_apart(&stream.raw_data(), &self.limits);
        match (pixels, decoded) {
            (
                Some(image::DynamicImage::ImageRgb8(pixels)),
                Decoded::Raster(ImageData::Rgb(mut rgb), alpha),
            ) if pixels.dimensions() == (rgb.width, rgb.height) => {
                rgb.data = pixels.into_raw();
                Decoded::Raster(ImageData::Rgb(rgb), alpha)
            }
            (_, decoded) => decoded,
        }
    }

    fn fits_with_masks(&self, stream: &Stream<'_>, told: &Told) -> bool {
        let most = most_bytes(told);
        let masks = [&b"SMask"[..], b"Mask"].into_iter();
        let mut masks = masks.filter_map(|key| stream.dict().get::<Stream<'_>>(key));
        Self::picture_fits(stream, most)
            && masks.all(|mask| {
                let pixels = pixels_of(mask.dict());
                pixels <= self.limits.pixels && Self::picture_fits(&mask, pixels * 8 + (1 << 20))
            })
    }

    fn keep(&mut self, decoded: Option<(Told, Decoded)>, ctm: Affine) -> Result<Option<u32>, Halt> {
        let picture = decoded.and_then(|(told, decoded)| match decoded {
            Decoded::Raster(colours, alpha) => raster(colours, alpha, &told, ctm),
            Decoded::Stencil(luma) => stencil(luma, &told),
        });
        let Some(picture) = picture else {
            self.findings.remove(RemovedKind::Pictures, 1, Place::Page(self.page));
            return Ok(None);
        };
        let alpha = picture.alpha.as_ref().map_or(0, |alpha| alpha.data().len());
        let bytes = picture.picture.data().len() + alpha;
        self.samples_left =
            self.samples_left.checked_sub(bytes).ok_or(Halt::Hold(HoldReason::TooLarge))?;
        if picture.picture.source != Source::Lossless {
            self.findings.change(ChangedKind::PicturesReencoded, 1, Place::Document);
        }
        Ok(Some(Self::number(&mut self.things.pictures, picture)))
    }
}

/// Four components of two bytes, and a little.
fn most_bytes(told: &Told) -> u64 {
    u64::from(told.width) * u64::from(told.height) * 8 + (1 << 20)
}

fn pixels_of(dict: &Dict<'_>) -> u64 {
    let side = |key: &[u8]| u64::from(dict.get::<u32>(key).unwrap_or(0));
    side(b"Width") * side(b"Height")
}

/// The pixels the page can show of a picture in the unit square.
fn wanted(ctm: Affine) -> (u32, u32) {
    let [a, b, c, d, ..] = ctm.as_coeffs();
    let pixels = |x: f64, y: f64| ((x.hypot(y) / 72.0 * DPI).ceil() as u32).max(1);
    (pixels(a, b), pixels(c, d))
}

fn raster(
    colours: ImageData,
    alpha: Option<LumaData>,
    told: &Told,
    ctm: Affine,
) -> Option<PdfPicture> {
    let smooth = colours.interpolate();
    let (_, scale) = colours.scale_factors();
    let mut raster = match colours {
        ImageData::Rgb(rgb) => Raster::new(rgb.width, rgb.height, 3, rgb.data)?,
        ImageData::Luma(luma) => Raster::new(luma.width, luma.height, 1, luma.data)?,
    };
    raster.pad_rows((told.height as f32 / scale.max(1.0e-6)).round() as u32);
    let size = wanted(ctm);
    let lossy = told.source != Source::Lossless;
    let picture = raster.gray_if_gray().reduce(size, SMALL).into_picture(told.source, !lossy)?;
    let alpha = alpha
        .and_then(|alpha| Raster::new(alpha.width, alpha.height, 1, alpha.data))
        .filter(|alpha| !alpha.is_all(255))
        .and_then(|alpha| alpha.reduce(size, SMALL).into_picture(Source::Lossless, true));
    Some(PdfPicture { picture, alpha, stencil: None, smooth, coded_bytes: told.coded })
}

fn stencil(luma: LumaData, told: &Told) -> Option<PdfPicture> {
    let smooth = luma.interpolate;
    let raster = Raster::new(luma.width, luma.height, 1, luma.data)?;
    let data = raster.packed(|sample| sample < 128);
    let picture =
        Picture::new(raster.width, raster.height, Samples::Bilevel, data, Source::Lossless).ok()?;
    Some(PdfPicture {
        picture,
        alpha: None,
        stencil: Some(Stencil),
        smooth,
        coded_bytes: told.coded,
    })
}
