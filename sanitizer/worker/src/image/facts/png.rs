//! PNG: chunks.

use sanitizer_intermediate::RemovedKind;

use super::{Facts, density, u32_at};
use crate::image::note;

/// Goes from chunk to chunk.
pub(super) fn walk(bytes: &[u8], facts: &mut Facts) {
    let mut at = 8;
    while let (Some(length), Some(name)) = (u32_at(bytes, at), bytes.get(at + 4..at + 8)) {
        let body_at = at + 8;
        let Some(after) = body_at.checked_add(length as usize) else {
            return;
        };
        let body = bytes.get(body_at..after).unwrap_or_default();
        at = after.saturating_add(4);
        if name == b"IEND" {
            break;
        }
        chunk(name, body, facts);
    }
    if bytes.len() > at {
        note(&mut facts.findings, RemovedKind::StrayBytes);
    }
}

fn chunk(name: &[u8], body: &[u8], facts: &mut Facts) {
    let kind = match name {
        b"IHDR" | b"PLTE" | b"IDAT" | b"tRNS" | b"gAMA" | b"cHRM" | b"sRGB" | b"bKGD" | b"sBIT"
        | b"hIST" | b"acTL" | b"fcTL" | b"fdAT" | b"cICP" => return,
        b"pHYs" => return physical_size(body, facts),
        b"iTXt" if body.starts_with(b"XML:com.adobe.xmp") => RemovedKind::Xmp,
        b"tEXt" | b"zTXt" | b"iTXt" => RemovedKind::PictureText,
        b"eXIf" => RemovedKind::Exif,
        b"iCCP" => RemovedKind::ColourProfile,
        b"tIME" => RemovedKind::Properties,
        _ => RemovedKind::PictureData,
    };
    note(&mut facts.findings, kind);
}

fn physical_size(body: &[u8], facts: &mut Facts) {
    const INCHES_PER_METRE: f64 = 39.370_078_740_157_48;
    if let (Some(x), Some(y), Some(1)) = (u32_at(body, 0), u32_at(body, 4), body.get(8)) {
        facts.density = density(f64::from(x) / INCHES_PER_METRE, f64::from(y) / INCHES_PER_METRE);
    }
}
