//! What a file is, told by its bytes. Only a first look: nothing is parsed here,
//! and the sanitizer decides.

use domain::forms::definition::FileType;

const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const EXCEL: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const POWERPOINT: &str =
    "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const OLD_WORD: &str = "application/msword";
const OLD_EXCEL: &str = "application/vnd.ms-excel";
const OLD_POWERPOINT: &str = "application/vnd.ms-powerpoint";
const OPEN_DOCUMENT: &[u8] = b"application/vnd.oasis.opendocument.";

type Found = (FileType, &'static str);

/// Kind and media type; `None` when it is none that can be rebuilt.
pub(crate) fn kind(name: &str, bytes: &[u8]) -> Option<Found> {
    by_signature(bytes)
        .or_else(|| zipped(bytes))
        .or_else(|| compound(name, bytes))
        .or_else(|| text(name, bytes))
}

fn by_signature(bytes: &[u8]) -> Option<Found> {
    // Readers accept a header within the first kilobyte of a PDF.
    if has(&bytes[..bytes.len().min(1024)], b"%PDF-") {
        return Some((FileType::Pdf, "application/pdf"));
    }
    let image = match bytes {
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => "image/png",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => "image/bmp",
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => "image/tiff",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => return phone_picture(brand),
        [b'{', b'\\', b'r', b't', b'f', ..] => return Some((FileType::Word, "application/rtf")),
        _ => return None,
    };
    Some((FileType::Image, image))
}

/// Pictures of phones: the brands stand at the beginning of the file.
fn phone_picture(brands: &[u8]) -> Option<Found> {
    let brands = &brands[..brands.len().min(64)];
    let media = if has(brands, b"avif") || has(brands, b"avis") {
        "image/avif"
    } else if [b"heic", b"heix", b"mif1", b"msf1", b"hevc"].iter().any(|brand| has(brands, *brand))
    {
        "image/heic"
    } else {
        return None;
    };
    Some((FileType::Image, media))
}

/// Office files are ZIP archives; the names of their entries tell the kind.
fn zipped(bytes: &[u8]) -> Option<Found> {
    if !bytes.starts_with(b"PK\x03\x04") {
        return None;
    }
    // An OpenDocument file says what it is in its first entry.
    let head = &bytes[..bytes.len().min(256)];
    if has(head, OPEN_DOCUMENT) {
        return [
            (&b"opendocument.text"[..], FileType::Word, "application/vnd.oasis.opendocument.text"),
            (
                b"opendocument.spreadsheet",
                FileType::Excel,
                "application/vnd.oasis.opendocument.spreadsheet",
            ),
            (
                b"opendocument.presentation",
                FileType::Powerpoint,
                "application/vnd.oasis.opendocument.presentation",
            ),
        ]
        .into_iter()
        .find(|(mark, ..)| has(head, mark))
        .map(|(_, kind, media)| (kind, media));
    }
    Some(if has(bytes, b"word/document.xml") {
        (FileType::Word, WORD)
    } else if has(bytes, b"xl/workbook.") {
        (FileType::Excel, EXCEL)
    } else if has(bytes, b"ppt/presentation.xml") {
        (FileType::Powerpoint, POWERPOINT)
    } else {
        (FileType::Archive, "application/zip")
    })
}

/// The older Office files, and newer ones with a password: a container whose
/// streams have names. One with a password says only by its name what it is.
fn compound(name: &str, bytes: &[u8]) -> Option<Found> {
    if !bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        return None;
    }
    let stream = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        has(bytes, &wide)
    };
    if stream("EncryptedPackage") {
        return match ending(name).as_str() {
            "docx" | "docm" | "dotx" | "dotm" => Some((FileType::Word, WORD)),
            "xlsx" | "xlsm" | "xltx" | "xltm" | "xlsb" => Some((FileType::Excel, EXCEL)),
            "pptx" | "pptm" | "potx" | "ppsx" => Some((FileType::Powerpoint, POWERPOINT)),
            _ => None,
        };
    }
    if stream("WordDocument") {
        Some((FileType::Word, OLD_WORD))
    } else if stream("Workbook") || stream("Book") {
        Some((FileType::Excel, OLD_EXCEL))
    } else if stream("PowerPoint Document") {
        Some((FileType::Powerpoint, OLD_POWERPOINT))
    } else {
        None
    }
}

/// Text has no signature: a name that says so, and no NUL byte unless it is UTF-16.
fn text(name: &str, bytes: &[u8]) -> Option<Found> {
    let wide = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    if bytes.contains(&0) && !wide {
        return None;
    }
    match ending(name).as_str() {
        "txt" => Some((FileType::Text, "text/plain")),
        "csv" => Some((FileType::Csv, "text/csv")),
        "svg" if has(bytes, b"<svg") => Some((FileType::Image, "image/svg+xml")),
        _ => None,
    }
}

fn ending(name: &str) -> String {
    name.rsplit_once('.').map_or_else(String::new, |(_, ending)| ending.to_ascii_lowercase())
}

fn has(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}

/// Endings a browser offers for a kind.
pub(crate) const fn endings(kind: FileType) -> &'static str {
    match kind {
        FileType::Pdf => ".pdf",
        FileType::Word => ".docx,.docm,.doc,.rtf,.odt",
        FileType::Excel => ".xlsx,.xlsm,.xlsb,.xls,.ods",
        FileType::Powerpoint => ".pptx,.pptm,.ppt,.odp",
        FileType::Image => ".jpg,.jpeg,.png,.gif,.bmp,.tif,.tiff,.webp,.heic,.heif,.avif,.svg",
        FileType::Text => ".txt",
        FileType::Csv => ".csv",
        FileType::Archive => ".zip",
    }
}

/// Catalogue key of a kind's name.
pub(crate) const fn name_key(kind: FileType) -> &'static str {
    match kind {
        FileType::Pdf => "forms.kind.pdf",
        FileType::Word => "forms.kind.word",
        FileType::Excel => "forms.kind.excel",
        FileType::Powerpoint => "forms.kind.powerpoint",
        FileType::Image => "forms.kind.image",
        FileType::Text => "forms.kind.text",
        FileType::Csv => "forms.kind.csv",
        FileType::Archive => "forms.kind.archive",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(name: &str, bytes: &[u8]) -> Option<&'static str> {
        kind(name, bytes).map(|(_, media)| media)
    }

    /// NF-32: the bytes decide, not the name.
    #[test]
    fn a_program_named_like_a_picture_is_not_taken() {
        assert_eq!(kind("photo.jpg", b"MZ\x90\x00rest of a program"), None);
        assert_eq!(kind("a.png", b"%PDF-1.7\n").map(|(kind, _)| kind), Some(FileType::Pdf));
        assert_eq!(
            kind("a.bin", &[0xff, 0xd8, 0xff, 0xe0]).map(|(kind, _)| kind),
            Some(FileType::Image)
        );
        assert_eq!(
            kind("a.csv", "番号,氏名\n".as_bytes()).map(|(kind, _)| kind),
            Some(FileType::Csv)
        );
        assert_eq!(kind("a.txt", b"a\0b"), None);
        assert_eq!(media("a.txt", b"\xff\xfea\0b\0"), Some("text/plain"));
    }

    /// NF-32: what the sanitizer can rebuild is taken at upload, too.
    #[test]
    fn older_and_other_kinds_are_known_by_their_bytes() {
        let wide = |name: &str| {
            let magic = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
            let name = name.encode_utf16().flat_map(u16::to_le_bytes);
            magic.into_iter().chain(name).collect::<Vec<u8>>()
        };
        assert_eq!(media("a.doc", &wide("WordDocument")), Some(OLD_WORD));
        assert_eq!(media("a.xls", &wide("Workbook")), Some(OLD_EXCEL));
        assert_eq!(media("a.ppt", &wide("PowerPoint Document")), Some(OLD_POWERPOINT));
        assert_eq!(media("秘密.xlsx", &wide("EncryptedPackage")), Some(EXCEL));
        assert_eq!(media("a.msi", &wide("Installer")), None);
        assert_eq!(media("IMG_1.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), Some("image/heic"));
        assert_eq!(media("a.avif", b"\0\0\0\x18ftypavif\0\0\0\0mif1miaf"), Some("image/avif"));
        assert_eq!(media("a.mp4", b"\0\0\0\x18ftypisom\0\0\0\0isomiso2"), None);
        assert_eq!(media("a.rtf", b"{\\rtf1 a}"), Some("application/rtf"));
        assert_eq!(
            media("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            Some("image/svg+xml")
        );
        assert_eq!(media("a.zip", b"PK\x03\x04anything"), Some("application/zip"));
        let odt = b"PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument.textPK";
        assert_eq!(media("a.odt", odt), Some("application/vnd.oasis.opendocument.text"));
        for kind in FileType::ALL {
            assert!(!endings(kind).is_empty() && !name_key(kind).is_empty());
        }
    }

    /// NF-32: a kind found in the bytes reads back from its media type.
    #[test]
    fn every_media_type_found_is_one_that_is_known() {
        for (kind, found) in [
            (FileType::Word, OLD_WORD),
            (FileType::Excel, OLD_EXCEL),
            (FileType::Powerpoint, OLD_POWERPOINT),
            (FileType::Word, WORD),
            (FileType::Excel, EXCEL),
            (FileType::Powerpoint, POWERPOINT),
            (FileType::Word, "application/rtf"),
            (FileType::Archive, "application/zip"),
            (FileType::Image, "image/svg+xml"),
        ] {
            assert_eq!(FileType::of_media(found), Some(kind), "{found}");
        }
    }
}
