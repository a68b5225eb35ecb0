//! Little-endian numbers at known places.

use sanitizer_intermediate::HoldReason;

/// Two bytes at `at`.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Result<u16, HoldReason> {
    array(bytes, at).map(u16::from_le_bytes)
}

/// Four bytes at `at`.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Result<u32, HoldReason> {
    array(bytes, at).map(u32::from_le_bytes)
}

/// Eight bytes at `at`.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Result<u64, HoldReason> {
    array(bytes, at).map(u64::from_le_bytes)
}

/// Whether these bytes stand at `at`.
pub(super) fn is_at(bytes: &[u8], at: usize, mark: &[u8]) -> bool {
    slice(bytes, at, mark.len()).is_ok_and(|it| it == mark)
}

/// `length` bytes from `at`.
pub(super) fn slice(bytes: &[u8], at: usize, length: usize) -> Result<&[u8], HoldReason> {
    let end = at.checked_add(length).ok_or(HoldReason::Broken)?;
    bytes.get(at..end).ok_or(HoldReason::Broken)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], HoldReason> {
    slice(bytes, at, N)?.try_into().map_err(|_| HoldReason::Broken)
}
