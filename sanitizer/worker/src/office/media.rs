//! Pictures of a document, decoded once each and kept within a budget.

use std::collections::HashMap;

use sanitizer_intermediate::image::{Picture, Samples, Source};
use sanitizer_intermediate::{ChangedKind, HoldReason, Place, RemovedKind};

use super::package::Package;
use crate::image::{Found, decode_picture};

/// Sides of the stand-in for a picture that is not rebuilt.
const STAND_IN: (u32, u32) = (32, 24);

/// The pictures that made it so far.
pub(super) struct Media {
    pub pictures: Vec<Picture>,
    by_part: HashMap<String, u32>,
    /// Bytes of samples that may still be kept.
    left: u64,
    /// Picture parts not yet looked at.
    waiting: u64,
}

impl Media {
    /// Starts on a document. Half of the answer is for samples.
    pub(super) fn new(package: &Package<'_>) -> Self {
        Self {
            pictures: Vec::new(),
            by_part: HashMap::new(),
            left: package.limits.answer_bytes / 2,
            waiting: package.picture_parts(),
        }
    }

    /// The number of the picture in a part; of the stand-in when it cannot be used.
    ///
    /// # Errors
    /// [`HoldReason`] when the part is damaged or there is no room.
    pub(super) fn part(
        &mut self,
        package: &mut Package<'_>,
        part: &str,
        place: Place,
    ) -> Result<u32, HoldReason> {
        if let Some(known) = self.by_part.get(part) {
            return Ok(*known);
        }
        let share = self.left / self.waiting.max(1);
        self.waiting = self.waiting.saturating_sub(1);
        let decoded = match package.bytes(part)? {
            Some(bytes) => decode_picture(&bytes, &package.limits),
            None => Err(HoldReason::Broken),
        };
        let at = match decoded {
            Ok(found) => {
                let picture = match found {
                    Found::Raster(picture) => picture,
                    Found::Drawing { picture, left_out, words: _ } => {
                        package.findings.change(ChangedKind::DrawingsAsPictures, 1, place);
                        package.findings.change(ChangedKind::LayoutSimplified, left_out, place);
                        picture
                    }
                };
                let (picture, reduced) = fit(picture, share)?;
                if reduced {
                    package.findings.change(ChangedKind::PicturesReencoded, 1, place);
                }
                self.left = self.left.saturating_sub(picture.data().len() as u64);
                self.pictures.push(picture);
                last_index(&self.pictures)
            }
            Err(_) => self.missing(package, place)?,
        };
        self.by_part.insert(part.to_owned(), at);
        Ok(at)
    }

    /// The number of a new stand-in, with a note that a picture is missing.
    ///
    /// # Errors
    /// Never in practice; the stand-in is ours.
    pub(super) fn missing(
        &mut self,
        package: &mut Package<'_>,
        place: Place,
    ) -> Result<u32, HoldReason> {
        package.remove(RemovedKind::Pictures, 1, place);
        self.pictures.push(stand_in()?);
        Ok(last_index(&self.pictures))
    }
}

fn last_index(pictures: &[Picture]) -> u32 {
    u32::try_from(pictures.len().saturating_sub(1)).unwrap_or(u32::MAX)
}

/// A light grey field with a darker frame.
fn stand_in() -> Result<Picture, HoldReason> {
    let (width, height) = STAND_IN;
    let framed = |x: u32, y: u32| x == 0 || y == 0 || x == width - 1 || y == height - 1;
    let data = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| if framed(x, y) { 0xa0 } else { 0xe8 })
        .collect();
    Picture::new(width, height, Samples::Gray, data, Source::Lossless)
        .map_err(|_| HoldReason::WorkerFault)
}

/// Halves a picture until its samples take no more than `most` bytes.
fn fit(mut picture: Picture, most: u64) -> Result<(Picture, bool), HoldReason> {
    let mut reduced = false;
    while picture.data().len() as u64 > most.max(4096) && picture.width().min(picture.height()) > 1
    {
        picture = halved(&picture)?;
        reduced = true;
    }
    Ok((picture, reduced))
}

/// Every two by two samples become their mean.
fn halved(picture: &Picture) -> Result<Picture, HoldReason> {
    let channels = match picture.samples() {
        Samples::Bilevel => return thinned(picture),
        Samples::Gray => 1,
        Samples::Rgb => 3,
        Samples::Rgba => 4,
    };
    let (width, height) = (picture.width() / 2, picture.height() / 2);
    let mut data = Vec::with_capacity(width as usize * height as usize * channels);
    for y in 0..height {
        let (upper, lower) = (picture.row(y * 2), picture.row(y * 2 + 1));
        let pairs = upper.chunks_exact(channels * 2).zip(lower.chunks_exact(channels * 2));
        for (above, below) in pairs.take(width as usize) {
            for channel in 0..channels {
                let sum = u16::from(above[channel])
                    + u16::from(above[channel + channels])
                    + u16::from(below[channel])
                    + u16::from(below[channel + channels]);
                data.push(u8::try_from(sum / 4).unwrap_or(u8::MAX));
            }
        }
    }
    Picture::new(width, height, picture.samples(), data, picture.source)
        .map_err(|_| HoldReason::WorkerFault)
}

/// Every second pixel of a picture of single bits, as grey.
fn thinned(picture: &Picture) -> Result<Picture, HoldReason> {
    let (width, height) = (picture.width() / 2, picture.height() / 2);
    let mut data = Vec::with_capacity(width as usize * height as usize);
    for y in 0..height {
        let row = picture.row(y * 2);
        for x in 0..width as usize {
            let bit = row.get(x / 4).copied().unwrap_or_default() >> (7 - (x * 2) % 8) & 1;
            data.push(bit * 255);
        }
    }
    Picture::new(width, height, Samples::Gray, data, picture.source)
        .map_err(|_| HoldReason::WorkerFault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_halved_until_it_fits() {
        let big = Picture::new(200, 100, Samples::Rgb, vec![9; 60_000], Source::Lossless)
            .expect("a picture");
        let (small, reduced) = fit(big, 5_000).expect("a picture");
        assert!(reduced);
        assert_eq!((small.width(), small.height()), (50, 25));
        assert!(small.data().iter().all(|it| *it == 9));
    }
}
