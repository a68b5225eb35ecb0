//! What a file is, told by its bytes. Only a first look: the sanitizer decides.

use domain::forms::definition::FileType;

const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const EXCEL: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const POWERPOINT: &str =
    "application/vnd.openxmlformats-officedocument.presentationml.presentation";

/// Kind and media type; `None` when it is none that can be rebuilt.
pub(crate) fn kind(name: &str, bytes: &[u8]) -> Option<(FileType, &'static str)> {
    let found = by_signature(bytes).or_else(|| office(bytes));
    found.or_else(|| text(name, bytes))
}

fn by_signature(bytes: &[u8]) -> Option<(FileType, &'static str)> {
    // Readers accept a header within the first kilobyte of a PDF.
    let head = &bytes[..bytes.len().min(1024)];
    if head.windows(5).any(|window| window == b"%PDF-") {
        return Some((FileType::Pdf, "application/pdf"));
    }
    let image = match bytes {
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => "image/png",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => "image/bmp",
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => "image/tiff",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        _ => return None,
    };
    Some((FileType::Image, image))
}

/// Office files are ZIP archives; their first entries name the kind.
fn office(bytes: &[u8]) -> Option<(FileType, &'static str)> {
    if !bytes.starts_with(b"PK\x03\x04") {
        return None;
    }
    let has = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    if has(b"word/document.xml") {
        return Some((FileType::Word, WORD));
    }
    if has(b"xl/workbook.xml") {
        return Some((FileType::Excel, EXCEL));
    }
    has(b"ppt/presentation.xml").then_some((FileType::Powerpoint, POWERPOINT))
}

/// Text has no signature: no NUL byte and a name that says so.
fn text(name: &str, bytes: &[u8]) -> Option<(FileType, &'static str)> {
    let (_, ending) = name.rsplit_once('.')?;
    if bytes.contains(&0) {
        return None;
    }
    match ending.to_ascii_lowercase().as_str() {
        "txt" => Some((FileType::Text, "text/plain")),
        "csv" => Some((FileType::Csv, "text/csv")),
        _ => None,
    }
}

/// Endings a browser offers for a kind.
pub(crate) const fn endings(kind: FileType) -> &'static str {
    match kind {
        FileType::Pdf => ".pdf",
        FileType::Word => ".docx",
        FileType::Excel => ".xlsx",
        FileType::Powerpoint => ".pptx",
        FileType::Image => ".jpg,.jpeg,.png,.gif,.bmp,.tif,.tiff,.webp",
        FileType::Text => ".txt",
        FileType::Csv => ".csv",
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(kind("a.zip", b"PK\x03\x04nothing known"), None);
    }
}
