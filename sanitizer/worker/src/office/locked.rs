//! Word, Excel and PowerPoint documents under a password.
//!
//! ```text
//!  EncryptionInfo    │ version │ how the key follows from the password, and a check │
//!  EncryptedPackage  │ u64 size │ the document, a ZIP, in AES │
//! ```
//! Documents under rights management need a server and stay closed.

mod agile;
mod standard;

use sanitizer_intermediate::{HoldReason, Limits, Password};

use super::legacy::{bytes::u16_at, bytes::usize_at, ole::Ole};
use crate::crypt::refused;

/// Most bytes of the description.
const MAX_INFO: usize = 1 << 20;

/// Opens the document.
///
/// # Errors
/// [`HoldReason::Encrypted`] when it needs a password or opens in a way that
/// needs more than one, [`HoldReason::WrongPassword`] when it needs another.
pub(crate) fn unlock(
    bytes: &[u8],
    limits: &Limits,
    password: Option<&Password>,
) -> Result<Vec<u8>, HoldReason> {
    let given = password.ok_or(refused(password))?;
    let (info, package) = streams(bytes, limits)?;
    let wrong = refused(password);
    match (u16_at(&info, 0), u16_at(&info, 2)) {
        (4, 4) => {
            let key = agile::Key::read(&info, limits)?;
            let secret = key.secret(given.reveal())?.ok_or(wrong)?;
            key.open(&secret, package)
        }
        (2..=4, 2) => {
            let secret = standard::Key::read(&info)?.secret(given.reveal()).ok_or(wrong)?;
            standard::open(&secret, package)
        }
        _ => Err(HoldReason::Encrypted),
    }
}

fn streams(bytes: &[u8], limits: &Limits) -> Result<(Vec<u8>, Vec<u8>), HoldReason> {
    let mut ole = Ole::open(bytes, limits)?;
    let info = ole.stream("/EncryptionInfo")?.ok_or(HoldReason::Encrypted)?;
    let package = ole.stream("/EncryptedPackage")?.ok_or(HoldReason::Broken)?;
    if info.len() > MAX_INFO { Err(HoldReason::Broken) } else { Ok((info, package)) }
}

/// Cuts the document to the size in front of it.
fn sized(package: &[u8], mut document: Vec<u8>) -> Result<Vec<u8>, HoldReason> {
    let size = usize_at(package, 0);
    if size > document.len() || usize_at(package, 4) != 0 {
        return Err(HoldReason::Broken);
    }
    document.truncate(size);
    Ok(document)
}
