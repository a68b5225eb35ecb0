//! The second opinion: whatever the bytes, it ends with a word.

use sanitizer_verifier::{Kind, verify};

use super::End;

/// As a PDF.
pub(super) fn pdf(bytes: &[u8]) -> End {
    any(bytes, &[Kind::Pdf])
}

/// As everything that is a ZIP.
pub(super) fn office(bytes: &[u8]) -> End {
    any(bytes, &[Kind::Docx, Kind::Xlsx, Kind::Pptx, Kind::Zip])
}

/// As a picture or a text.
pub(super) fn picture(bytes: &[u8]) -> End {
    any(bytes, &[Kind::Png, Kind::Jpeg, Kind::Gif, Kind::Tiff, Kind::Text, Kind::Csv])
}

fn any(bytes: &[u8], kinds: &[Kind]) -> End {
    let known = kinds.iter().filter(|kind| verify(**kind, bytes).is_ok()).count();
    if known > 0 { End::Read } else { End::Held }
}
