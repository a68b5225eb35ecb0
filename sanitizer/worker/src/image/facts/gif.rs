//! GIF: extension blocks.

use sanitizer_intermediate::RemovedKind;

use super::Facts;
use crate::image::note;

const EXTENSION: u8 = 0x21;
const PICTURE: u8 = 0x2c;
const TRAILER: u8 = 0x3b;

/// Goes from block to block.
pub(super) fn walk(bytes: &[u8], facts: &mut Facts) {
    let Some(end) = blocks(bytes, facts) else {
        return;
    };
    if bytes.len() > end {
        note(&mut facts.findings, RemovedKind::StrayBytes);
    }
}

/// The place after the trailer; `None` when the walk loses its way.
fn blocks(bytes: &[u8], facts: &mut Facts) -> Option<usize> {
    let mut at = 13 + palette_bytes(*bytes.get(10)?);
    loop {
        match *bytes.get(at)? {
            TRAILER => return Some(at + 1),
            PICTURE => {
                // Descriptor, own palette, LZW code size, data.
                let flags = *bytes.get(at + 9)?;
                at = after_sub_blocks(bytes, at + 10 + palette_bytes(flags) + 1)?;
            }
            EXTENSION => {
                extension(*bytes.get(at + 1)?, bytes.get(at + 2..)?, facts);
                at = after_sub_blocks(bytes, at + 2)?;
            }
            _ => return None,
        }
    }
}

fn palette_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

fn after_sub_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += length + 1;
        if length == 0 {
            return Some(at);
        }
    }
}

fn extension(label: u8, body: &[u8], facts: &mut Facts) {
    let name = body.get(1..12).unwrap_or_default();
    let kind = match label {
        0xf9 => return,
        0x01 | 0xfe => RemovedKind::PictureText,
        0xff if name == b"NETSCAPE2.0" || name == b"ANIMEXTS1.0" => return,
        0xff if name == b"XMP DataXMP" => RemovedKind::Xmp,
        0xff if name == b"ICCRGBG1012" => RemovedKind::ColourProfile,
        _ => RemovedKind::PictureData,
    };
    note(&mut facts.findings, kind);
}
