//! WebP: RIFF chunks.

use sanitizer_intermediate::RemovedKind;
use sanitizer_intermediate::image::Source;

use super::Facts;
use crate::image::note;

/// WebP does not say its quality; most encoders use 75–85.
const USUAL_QUALITY: u8 = 85;

/// Goes from chunk to chunk.
pub(super) fn walk(bytes: &[u8], facts: &mut Facts) {
    let mut at = 12;
    while let Some((name, length)) = header(bytes, at) {
        let kind = match name {
            b"VP8L" | b"VP8X" | b"ALPH" | b"ANIM" | b"ANMF" => None,
            b"VP8 " => {
                facts.source = Source::Lossy { quality: USUAL_QUALITY, subsampled: true };
                None
            }
            b"EXIF" => Some(RemovedKind::Exif),
            b"XMP " => Some(RemovedKind::Xmp),
            b"ICCP" => Some(RemovedKind::ColourProfile),
            _ => Some(RemovedKind::PictureData),
        };
        if let Some(kind) = kind {
            note(&mut facts.findings, kind);
        }
        at = at.saturating_add(8).saturating_add(length).saturating_add(length % 2);
    }
    let declared = bytes.get(4..8).and_then(|it| it.try_into().ok()).map(u32::from_le_bytes);
    if declared.is_some_and(|size| bytes.len() > size as usize + 8) {
        note(&mut facts.findings, RemovedKind::StrayBytes);
    }
}

fn header(bytes: &[u8], at: usize) -> Option<(&[u8; 4], usize)> {
    let head = bytes.get(at..at.checked_add(8)?)?;
    let (name, length) = head.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(length.try_into().ok()?);
    Some((name, usize::try_from(length).ok()?))
}
