//! Little-endian numbers at known places; nothing there is zero.

/// One byte at `at`.
pub(in crate::office) fn u8_at(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or_default()
}

/// Two bytes at `at`.
pub(in crate::office) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    slice(bytes, at, 2).try_into().map(u16::from_le_bytes).unwrap_or_default()
}

/// Four bytes at `at`.
pub(in crate::office) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    slice(bytes, at, 4).try_into().map(u32::from_le_bytes).unwrap_or_default()
}

/// The same as a place or length.
pub(in crate::office) fn usize_at(bytes: &[u8], at: usize) -> usize {
    usize::try_from(u32_at(bytes, at)).unwrap_or(usize::MAX)
}

/// A floating point number at `at`.
pub(in crate::office) fn f64_at(bytes: &[u8], at: usize) -> f64 {
    slice(bytes, at, 8).try_into().map(f64::from_le_bytes).unwrap_or_default()
}

/// `length` bytes from `at`, or nothing where they are not.
pub(in crate::office) fn slice(bytes: &[u8], at: usize, length: usize) -> &[u8] {
    at.checked_add(length).and_then(|end| bytes.get(at..end)).unwrap_or_default()
}

/// UTF-16 text.
pub(in crate::office) fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).map(|it| u16::from_le_bytes([it[0], it[1]]));
    char::decode_utf16(units).map(|it| it.unwrap_or('\u{fffd}')).collect()
}

/// Text whose characters are the first 256 of Unicode.
pub(in crate::office) fn latin(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
