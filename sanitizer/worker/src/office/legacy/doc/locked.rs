//! Documents under a password: three streams are encrypted, all but the head of
//! the file.

use sanitizer_intermediate::{HoldReason, Password};

use super::fib;
use crate::office::legacy::bytes::slice;
use crate::office::legacy::crypt::Cipher;

/// Bytes with one keystream.
const BLOCK: usize = 512;
/// The head of the main stream that stays readable.
const HEAD: usize = 68;

/// Opens the main, table and data streams; `false` when they are open.
///
/// # Errors
/// [`HoldReason`] when no password fits.
pub(super) fn open(
    [main, table, data]: [&mut Vec<u8>; 3],
    password: Option<&Password>,
) -> Result<bool, HoldReason> {
    if !fib::is_encrypted(main) {
        return Ok(false);
    }
    if fib::is_masked(main) {
        return Err(HoldReason::Encrypted);
    }
    let cipher = Cipher::read(slice(table, 0, fib::description(main)), password)?;
    cipher.open(main, HEAD, BLOCK);
    cipher.open(table, 0, BLOCK);
    cipher.open(data, 0, BLOCK);
    Ok(true)
}
