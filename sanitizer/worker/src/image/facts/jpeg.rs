//! JPEG: marker segments, and how hard the picture was compressed.

use sanitizer_intermediate::RemovedKind;
use sanitizer_intermediate::image::Source;

use super::{Facts, density, u16_at};
use crate::image::{note, tiff};

/// Sum of the standard luminance table, which means quality 50.
const STANDARD_SUM: u32 = 3_692;

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const DQT: u8 = 0xdb;
const COM: u8 = 0xfe;

/// Goes from marker to marker.
pub(super) fn walk(bytes: &[u8], facts: &mut Facts) {
    let mut quality = 85;
    let mut subsampled = false;
    let mut at = 2;
    while let Some((marker, start)) = next_marker(bytes, at) {
        if marker == EOI {
            if bytes.len() > start {
                note(&mut facts.findings, RemovedKind::StrayBytes);
            }
            break;
        }
        if marker == SOI || (0xd0..=0xd7).contains(&marker) || marker == 0x01 {
            at = start;
            continue;
        }
        let Some(length) = u16_at(bytes, start).map(usize::from).filter(|it| *it >= 2) else {
            break;
        };
        let body = bytes.get(start + 2..start + length).unwrap_or_default();
        match marker {
            0xe0 => resolution(body, facts),
            0xe1..=0xef | COM => application(marker, body, facts),
            DQT => quality = estimate(body).unwrap_or(quality),
            0xc0..=0xc2 => subsampled = is_subsampled(body),
            _ => {}
        }
        at = start + length;
        if marker == SOS {
            at = after_scan(bytes, at);
        }
    }
    facts.source = Source::Lossy { quality, subsampled };
}

/// Whether the first scan of a frame that is not progressive has less than all colours.
pub(super) fn has_scans_apart(bytes: &[u8]) -> bool {
    let (mut at, mut colours) = (2, None);
    while let Some((marker, start)) = next_marker(bytes, at) {
        let Some(length) = u16_at(bytes, start).map(usize::from) else {
            return false;
        };
        match marker {
            0xc0 | 0xc1 => colours = bytes.get(start + 7).copied(),
            0xc2..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return false,
            SOS => {
                let first = bytes.get(start + 2).copied();
                return matches!((first, colours), (Some(first), Some(all)) if first < all);
            }
            _ => {}
        }
        at = start + length;
    }
    false
}

/// Whether the frame is of a sort no decoder here reads: arithmetic codes, without
/// loss, or in layers.
pub(super) fn is_uncommon(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some((marker, start)) = next_marker(bytes, at) {
        match marker {
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return true,
            0xc0..=0xc2 | SOS | EOI => return false,
            _ => {}
        }
        let Some(length) = u16_at(bytes, start).map(usize::from) else {
            return false;
        };
        at = start + length;
    }
    false
}

/// The next marker and the place after it; fill bytes and junk are skipped.
fn next_marker(bytes: &[u8], from: usize) -> Option<(u8, usize)> {
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        match *bytes.get(at + 1)? {
            0xff => at += 1,
            0 => at += 2,
            marker => return Some((marker, at + 2)),
        }
    }
}

/// The end of compressed data: the next marker that is no restart.
fn after_scan(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some((marker, start)) = next_marker(bytes, at) {
        if !(0xd0..=0xd7).contains(&marker) {
            return start - 2;
        }
        at = start;
    }
    bytes.len()
}

fn application(marker: u8, body: &[u8], facts: &mut Facts) {
    let kind = if marker == COM {
        RemovedKind::PictureText
    } else if let Some(exif) = body.strip_prefix(b"Exif\0\0") {
        facts.density = facts.density.or_else(|| tiff::density_of(exif));
        RemovedKind::Exif
    } else if body.starts_with(b"http://ns.adobe.com/") {
        RemovedKind::Xmp
    } else if body.starts_with(b"Photoshop 3.0\0") {
        RemovedKind::Iptc
    } else if body.starts_with(b"ICC_PROFILE\0") {
        // One profile may be spread over many segments.
        if body.get(12) != Some(&1) {
            return;
        }
        RemovedKind::ColourProfile
    } else if body.starts_with(b"Adobe\0") || body.starts_with(b"Adobe") && body.len() == 12 {
        return;
    } else {
        RemovedKind::PictureData
    };
    note(&mut facts.findings, kind);
}

fn resolution(body: &[u8], facts: &mut Facts) {
    if body.starts_with(b"JFXX\0") {
        note(&mut facts.findings, RemovedKind::Thumbnails);
        return;
    }
    let (Some(x), Some(y)) = (u16_at(body, 8), u16_at(body, 10)) else {
        return;
    };
    let per_unit = match body.get(7) {
        Some(1) => 1.0,
        Some(2) => 2.54,
        _ => return,
    };
    facts.density = density(f64::from(x) * per_unit, f64::from(y) * per_unit);
}

/// The quality of the encoder that wrote this luminance table.
fn estimate(tables: &[u8]) -> Option<u8> {
    let (precision, number) = (tables.first()? >> 4, tables.first()? & 15);
    if number != 0 {
        return None;
    }
    let sum: u32 = if precision == 0 {
        tables.get(1..65)?.iter().map(|entry| u32::from(*entry)).sum()
    } else {
        return None;
    };
    let scale = sum * 100 / STANDARD_SUM;
    let quality = if scale <= 100 { (200 - scale) / 2 } else { 5_000 / scale };
    Some(u8::try_from(quality.clamp(1, 100)).unwrap_or(100))
}

/// Whether a frame header stores colour in less detail than brightness.
fn is_subsampled(frame: &[u8]) -> bool {
    let components = usize::from(frame.get(5).copied().unwrap_or(0));
    let factor = |index: usize| frame.get(7 + index * 3).copied().unwrap_or(0x11);
    components >= 3 && factor(0) > factor(1)
}
