//! Pictures: decoded to plain samples, turned upright, in sRGB.
//!
//! ```text
//! bytes ─▶ facts   what else is in the file: metadata, text, stray bytes
//!       └▶ still | animated | tiff ─▶ Picture (8 bits a sample, upright, sRGB)
//! ```

mod animated;
mod apart;
mod avif;
mod colour;
mod facts;
mod heic;
mod picture;
mod still;
mod svg;
mod tiff;

use sanitizer_intermediate::image::{Format, Frame, Frames, Picture};
use sanitizer_intermediate::{
    ChangedKind, Document, Findings, HoldReason, Kind, Limits, Place, RemovedKind,
};

pub(crate) use picture::without_idle_alpha;

use crate::{detect, metafile};

/// Reads an image file.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub fn read(bytes: &[u8], kind: Kind, limits: &Limits) -> Result<(Document, Findings), HoldReason> {
    let format = format(kind).ok_or(HoldReason::Unsupported)?;
    let mut facts = facts::of(bytes, format);
    let frames = match format {
        Format::Tiff => {
            let pages = tiff::read(bytes, limits, &mut facts.findings)?;
            facts.density = pages.density;
            Frames { format, frames: pages.frames, repeats: 0, density: facts.density }
        }
        Format::Jpeg | Format::Bmp | Format::Heic | Format::Svg | Format::Metafile => {
            single(bytes, format, limits, &mut facts)?
        }
        Format::Gif | Format::Png | Format::WebP => {
            match animated::read(bytes, format, limits, &mut facts.findings)? {
                Some(animation) => Frames {
                    format,
                    frames: animation.frames,
                    repeats: animation.repeats,
                    density: facts.density,
                },
                None => single(bytes, format, limits, &mut facts)?,
            }
        }
    };
    Ok((Document::Image(frames), facts.findings))
}

fn single(
    bytes: &[u8],
    format: Format,
    limits: &Limits,
    facts: &mut facts::Facts,
) -> Result<Frames, HoldReason> {
    let picture = match format {
        Format::Heic => heic::read(bytes, limits, &mut facts.findings)?,
        Format::Svg => svg::read(bytes, limits, &mut facts.findings)?,
        Format::Metafile => {
            let drawn = metafile::draw(bytes, limits)?;
            facts.findings.change(ChangedKind::LayoutSimplified, drawn.left_out, Place::Document);
            drawn.picture
        }
        Format::Jpeg | Format::Png | Format::Gif | Format::Bmp | Format::Tiff | Format::WebP => {
            still::read(bytes, format, facts.source, limits, &mut facts.findings)?
        }
    };
    let frames = vec![Frame { picture, delay_ms: 0 }];
    Ok(Frames { format, frames, repeats: 0, density: facts.density })
}

/// A drawing turned into pixels.
pub(crate) struct Drawn {
    pub picture: Picture,
    /// Parts of it that are not drawn.
    pub left_out: u32,
    /// What it says.
    pub words: String,
}

/// A picture found inside a document.
pub enum Found {
    /// It was pixels before.
    Raster(Picture),
    /// It was a drawing.
    Drawing {
        /// The drawing as pixels.
        picture: Picture,
        /// Parts of it that are not drawn.
        left_out: u32,
        /// What it says, where that is known.
        words: String,
    },
}

/// Decodes the first frame of a picture found inside a document, upright and
/// in sRGB. The kind is told by content; what the picture carried besides is
/// dropped without a word, as the document's own properties are.
///
/// # Errors
/// [`HoldReason`] when the picture cannot be used; the document may go on
/// without it.
pub fn decode_picture(bytes: &[u8], limits: &Limits) -> Result<Found, HoldReason> {
    if metafile::is_zipped(bytes) || metafile::is_metafile(bytes) {
        let Drawn { picture, left_out, words } = metafile::draw(bytes, limits)?;
        return Ok(Found::Drawing { picture, left_out, words });
    }
    if detect::kind(bytes, None) == Kind::Svg {
        let picture = svg::read(bytes, limits, &mut Findings::default())?;
        return Ok(Found::Drawing { picture, left_out: 0, words: String::new() });
    }
    decode_raster(bytes, limits).map(Found::Raster)
}

/// The same for pictures that are pixels already.
///
/// # Errors
/// [`HoldReason`] when the picture cannot be used.
pub(crate) fn decode_raster(bytes: &[u8], limits: &Limits) -> Result<Picture, HoldReason> {
    let format = format(detect::kind(bytes, None)).ok_or(HoldReason::Unsupported)?;
    let mut unheard = Findings::default();
    match format {
        Format::Tiff => tiff::first_page(bytes, limits, &mut unheard),
        Format::Heic => heic::read(bytes, limits, &mut unheard),
        Format::Svg | Format::Metafile => Err(HoldReason::Unsupported),
        Format::Jpeg | Format::Png | Format::Gif | Format::Bmp | Format::WebP => {
            let source = facts::of(bytes, format).source;
            still::read(bytes, format, source, limits, &mut unheard)
        }
    }
}

/// The pixels of a JPEG whose colours have scans of their own, which the usual
/// decoder mixes up; `None` for all others.
pub(crate) fn scans_apart(jpeg: &[u8], limits: &Limits) -> Option<image::DynamicImage> {
    facts::has_scans_apart(jpeg).then(|| apart::decode(jpeg, limits).ok()).flatten()
}

const fn format(kind: Kind) -> Option<Format> {
    match kind {
        Kind::Jpeg => Some(Format::Jpeg),
        Kind::Png => Some(Format::Png),
        Kind::Gif => Some(Format::Gif),
        Kind::Bmp => Some(Format::Bmp),
        Kind::Tiff => Some(Format::Tiff),
        Kind::WebP => Some(Format::WebP),
        Kind::Heic => Some(Format::Heic),
        Kind::Svg => Some(Format::Svg),
        Kind::Metafile => Some(Format::Metafile),
        _ => None,
    }
}

/// Notes a removal that concerns the whole file.
fn note(findings: &mut Findings, kind: RemovedKind) {
    findings.remove(kind, 1, Place::Document);
}
