//! What an image file carries besides its pixels. None of it survives; staff
//! read in the report that it was there.

mod gif;
mod jpeg;
mod png;
mod webp;

use sanitizer_intermediate::Findings;
use sanitizer_intermediate::image::{Density, Format, Source};

/// What the containers say.
pub(super) struct Facts {
    pub(super) findings: Findings,
    pub(super) source: Source,
    pub(super) density: Option<Density>,
}

/// Walks through the file's segments. Never fails: where the walk loses its
/// way the decoder decides whether the file is readable.
pub(super) fn of(bytes: &[u8], format: Format) -> Facts {
    let mut facts =
        Facts { findings: Findings::default(), source: Source::Lossless, density: None };
    match format {
        Format::Jpeg => jpeg::walk(bytes, &mut facts),
        Format::Png => png::walk(bytes, &mut facts),
        Format::Gif => gif::walk(bytes, &mut facts),
        Format::WebP => webp::walk(bytes, &mut facts),
        Format::Bmp | Format::Tiff | Format::Heic | Format::Svg | Format::Metafile => {}
    }
    facts
}

/// Whether a JPEG keeps its colours in scans of their own without being progressive.
pub(super) fn has_scans_apart(bytes: &[u8]) -> bool {
    jpeg::has_scans_apart(bytes)
}

/// Whether a JPEG is of a sort no decoder here reads, such as arithmetic codes.
pub(super) fn is_uncommon(bytes: &[u8]) -> bool {
    jpeg::is_uncommon(bytes)
}

/// Pixels per inch, when both are sane.
pub(super) fn density(x: f64, y: f64) -> Option<Density> {
    let sane = 1.0..=10_000.0;
    let both = sane.contains(&x.round()) && sane.contains(&y.round());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to lie within 1..=10,000"
    )]
    both.then(|| Density { x: x.round() as u16, y: y.round() as u16 })
}

/// A big-endian number of two bytes at a place.
fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// A big-endian number of four bytes at a place.
fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
