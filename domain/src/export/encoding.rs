//! Character encodings of a data file. Nothing is replaced here: what does not fit is refused.

use serde::{Deserialize, Serialize};

use crate::cp932;

/// Character encoding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8 without BOM.
    #[default]
    Utf8,
    /// UTF-8 with BOM, for people.
    Utf8Bom,
    /// Shift_JIS as Windows knows it.
    Cp932,
    /// UTF-16, low byte first, with BOM: what Windows calls Unicode.
    Utf16Le,
    /// UTF-16, low byte first, without BOM.
    Utf16LeBare,
}

impl Encoding {
    const ALL: [Self; 5] =
        [Self::Utf8, Self::Utf8Bom, Self::Cp932, Self::Utf16Le, Self::Utf16LeBare];

    /// How the encoding is named in the `.end` file.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Utf8 => "utf8",
            Self::Utf8Bom => "utf8_bom",
            Self::Cp932 => "cp932",
            Self::Utf16Le => "utf16_le",
            Self::Utf16LeBare => "utf16_le_bare",
        }
    }

    /// Reads [`Self::key`]; `None` for any other text.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| encoding.key() == key)
    }

    /// Bytes at the beginning of a file.
    #[must_use]
    pub const fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8 | Self::Cp932 | Self::Utf16LeBare => &[],
            Self::Utf8Bom => &[0xEF, 0xBB, 0xBF],
            Self::Utf16Le => &[0xFF, 0xFE],
        }
    }

    /// The name in an XML declaration.
    #[must_use]
    pub const fn xml_name(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Utf8Bom => "UTF-8",
            Self::Cp932 => "Windows-31J",
            Self::Utf16Le | Self::Utf16LeBare => "UTF-16",
        }
    }

    /// The bytes of a text. `None` when reading them back would give another text: nothing is
    /// replaced, nothing changes its form.
    #[must_use]
    pub fn exact(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Utf8 | Self::Utf8Bom => Some(text.as_bytes().to_vec()),
            Self::Utf16Le | Self::Utf16LeBare => {
                Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect())
            }
            Self::Cp932 => cp932::exact(text),
        }
    }

    /// The text of a whole file, without its mark; `None` when it is not of this encoding.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        let bytes = bytes.strip_prefix(self.mark())?;
        match self {
            Self::Utf8 | Self::Utf8Bom => String::from_utf8(bytes.to_vec()).ok(),
            Self::Cp932 => cp932::decode(bytes),
            Self::Utf16Le | Self::Utf16LeBare => {
                let (pairs, rest) = bytes.as_chunks::<2>();
                let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
                rest.is_empty().then(|| String::from_utf16(&units).ok()).flatten()
            }
        }
    }
}
