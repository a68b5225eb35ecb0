//! Kinds that give themselves away by their first bytes.

use sanitizer_intermediate::Kind;

use crate::metafile::is_metafile;

/// Bytes before `%PDF-` that readers forgive.
const PDF_JUNK: usize = 1024;

/// First bytes and what they mean. Longer ones before their prefixes.
const TABLE: &[(&[u8], Kind)] = &[
    (b"%PDF-", Kind::Pdf),
    (b"\xff\xd8\xff", Kind::Jpeg),
    (b"\x89PNG\r\n\x1a\n", Kind::Png),
    (b"GIF87a", Kind::Gif),
    (b"GIF89a", Kind::Gif),
    (b"II*\0", Kind::Tiff),
    (b"MM\0*", Kind::Tiff),
    (b"II+\0", Kind::Tiff),
    (b"MM\0+", Kind::Tiff),
    (b"PK\x03\x04", Kind::Zip),
    (b"PK\x05\x06", Kind::Zip),
    (b"PK\x07\x08", Kind::Zip),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind::Ole2),
    (b"{\\rt", Kind::Rtf),
    (b"MZ", Kind::Executable),
    (b"\x7fELF", Kind::Executable),
    (b"\xfe\xed\xfa\xce", Kind::Executable),
    (b"\xfe\xed\xfa\xcf", Kind::Executable),
    (b"\xce\xfa\xed\xfe", Kind::Executable),
    (b"\xcf\xfa\xed\xfe", Kind::Executable),
    (b"\xca\xfe\xba\xbe", Kind::Executable),
    (b"\0asm", Kind::Executable),
    (b"L\0\0\0\x01\x14\x02\0", Kind::Shortcut),
    (b"[InternetShortcut]", Kind::Shortcut),
    (b"#!", Kind::Script),
    (b"7z\xbc\xaf\x27\x1c", Kind::Archive),
    (b"Rar!\x1a\x07", Kind::Archive),
    (b"\x1f\x8b", Kind::Archive),
    (b"BZh", Kind::Archive),
    (b"\xfd7zXZ\0", Kind::Archive),
    (b"MSCF", Kind::Archive),
    (b"ID3", Kind::Media),
    (b"OggS", Kind::Media),
    (b"fLaC", Kind::Media),
    (b"\x1a\x45\xdf\xa3", Kind::Media),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Kind::Media),
    (b"FLV\x01", Kind::Media),
];

/// The kind of a file that starts like one.
pub(super) fn at_start(bytes: &[u8]) -> Option<Kind> {
    TABLE
        .iter()
        .find(|(start, _)| bytes.starts_with(start))
        .map(|(_, kind)| *kind)
        .or_else(|| container(bytes))
        .or_else(|| bitmap(bytes))
        .or_else(|| is_metafile(bytes).then_some(Kind::Metafile))
        .or_else(|| lzh_or_tar(bytes))
}

/// RIFF and ISO media files name what they contain a little further in.
fn container(bytes: &[u8]) -> Option<Kind> {
    if bytes.starts_with(b"RIFF") {
        return Some(if bytes.get(8..12)? == b"WEBP" { Kind::WebP } else { Kind::Media });
    }
    if bytes.get(4..8)? == b"ftyp" {
        let still: [&[u8]; 8] =
            [b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1", b"avif", b"avis"];
        return Some(if still.contains(&bytes.get(8..12)?) { Kind::Heic } else { Kind::Media });
    }
    None
}

/// `BM` alone could begin a text, so the header must make sense too.
fn bitmap(bytes: &[u8]) -> Option<Kind> {
    let header = bytes.strip_prefix(b"BM")?.get(4..16)?;
    let header_size = u32::from_le_bytes(header.get(8..12)?.try_into().ok()?);
    let known = matches!(header_size, 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124);
    known.then_some(Kind::Bmp)
}

fn lzh_or_tar(bytes: &[u8]) -> Option<Kind> {
    let lzh = bytes.get(2..5) == Some(b"-lh") || bytes.get(2..5) == Some(b"-lz");
    let tar = bytes.get(257..262) == Some(b"ustar");
    (lzh || tar).then_some(Kind::Archive)
}

/// Whether `%PDF-` follows a little junk.
pub(super) fn pdf_after_junk(bytes: &[u8]) -> bool {
    let head = bytes.get(..PDF_JUNK).unwrap_or(bytes);
    head.windows(5).any(|window| window == b"%PDF-")
}
