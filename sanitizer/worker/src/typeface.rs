//! The one typeface a worker has. It can open no files, so the bytes are in
//! the program: the typeface of issued documents, Noto Sans JP (decision 0012).

/// An OpenType file with Latin, kana and kanji.
pub(crate) const TYPEFACE: &[u8] =
    include_bytes!("../../../lgwan-zone/fonts/NotoSansJP-Regular.otf");
/// Its family name.
pub(crate) const FAMILY: &str = "Noto Sans CJK JP";
