//! Windows metafiles (EMF, WMF, placeable or plain, also zipped), drawn to pixels.
//!
//! ```text
//! bytes ─▶ unzip ─▶ emf | wmf: records ─▶ Context: pens, brushes, fonts, mapping, clipping
//!                    └ plus: pictures of EMF+            └▶ Canvas: paths, pictures, text as pixels
//! ```
//!
//! A metafile is a list of drawing calls. Each record is read at fixed places,
//! bounded by its own length; what is not known is counted and left out.
//! Work is bounded in pixels touched, not in time. Source: MS-EMF, MS-EMFPLUS, MS-WMF.

mod arcs;
mod bitmap;
mod bytes;
mod canvas;
mod clip;
mod context;
mod emf;
mod fonts;
mod mapping;
mod objects;
mod paint;
mod plus;
mod text;
mod wmf;
mod words;

use std::io::Read as _;

use sanitizer_intermediate::image::{Picture, Source};
use sanitizer_intermediate::{HoldReason, Limits};

use crate::image::{Drawn, without_idle_alpha};
use context::Context;

/// Dots per inch of the pictures.
const DPI: f64 = 192.0;
/// Longest side in pixels.
const LONGEST: f64 = 2_400.0;

/// Whether these bytes begin like a metafile.
pub(crate) fn is_metafile(bytes: &[u8]) -> bool {
    emf::is(bytes) || wmf::is(bytes)
}

/// Whether these bytes are a zipped metafile, as documents may have.
pub(crate) fn is_zipped(bytes: &[u8]) -> bool {
    bytes.starts_with(GZIP) && {
        let mut head = Vec::new();
        // What does not unzip is no metafile.
        let read = flate2::read::GzDecoder::new(bytes).take(HEAD).read_to_end(&mut head);
        read.is_ok() && is_metafile(&head)
    }
}

/// Draws a metafile.
///
/// # Errors
/// [`HoldReason`] when it is damaged, empty or takes too much work.
pub(crate) fn draw(bytes: &[u8], limits: &Limits) -> Result<Drawn, HoldReason> {
    let unzipped;
    let bytes = if bytes.starts_with(GZIP) {
        unzipped = unzip(bytes, limits.decoded_bytes)?;
        &unzipped
    } else {
        bytes
    };
    let context = if emf::is(bytes) { emf::play(bytes, limits) } else { wmf::play(bytes, limits) }?;
    finish(context)
}

fn finish(context: Context<'_>) -> Result<Drawn, HoldReason> {
    let left_out = context.left_out;
    let words = context.words.finish();
    let (width, height, rgba) = context.canvas.finish();
    let (samples, data) = without_idle_alpha(rgba);
    let picture = Picture::new(width, height, samples, data, Source::Lossless)
        .map_err(|_| HoldReason::TooLarge)?;
    Ok(Drawn { picture, left_out, words })
}

const GZIP: &[u8] = b"\x1f\x8b\x08";
/// Bytes that tell what is in a zipped file.
const HEAD: u64 = 64;

fn unzip(bytes: &[u8], most: u64) -> Result<Vec<u8>, HoldReason> {
    let mut plain = Vec::new();
    let decoder = flate2::read::GzDecoder::new(bytes);
    decoder.take(most + 1).read_to_end(&mut plain).map_err(|_| HoldReason::Broken)?;
    if plain.len() as u64 > most { Err(HoldReason::TooLarge) } else { Ok(plain) }
}

/// Pixels of a picture of this size in inches; `None` when it has none.
fn pixels(inches: (f64, f64), limits: &Limits) -> Option<(u32, u32)> {
    let (wide, tall) = (inches.0 * DPI, inches.1 * DPI);
    if !(wide.is_finite() && tall.is_finite() && wide > 0.0 && tall > 0.0) {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a bound, not a measure")]
    let most = (limits.pixels as f64).sqrt();
    let scale = (LONGEST.min(most) / wide.max(tall)).min(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most LONGEST")]
    let side = |it: f64| ((it * scale).round() as u32).max(1);
    Some((side(wide), side(tall)))
}

#[cfg(test)]
mod tests;
