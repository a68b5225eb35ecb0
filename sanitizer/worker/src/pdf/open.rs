//! Opens the file, with a password where it has one.

use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use lopdf::LoadOptions;
use sanitizer_intermediate::{HoldReason, Limits, Password};

use crate::crypt::{refused, spellings};

/// The file, and whether it took the password.
///
/// # Errors
/// [`HoldReason`] when it does not open, or has more objects than allowed.
pub(super) fn open(
    bytes: &[u8],
    limits: &Limits,
    password: Option<&Password>,
) -> Result<(Pdf, bool), HoldReason> {
    let (pdf, by_password) = match Pdf::new(bytes.to_vec()) {
        Ok(pdf) => (pdf, false),
        Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => {
            (unlock(bytes, limits, password)?, true)
        }
        // It opens with a certificate, not with a password.
        Err(LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm)) => {
            return Err(HoldReason::Encrypted);
        }
        Err(LoadPdfError::Decryption(_) | LoadPdfError::Invalid) => return Err(HoldReason::Broken),
    };
    if pdf.len() > limits.objects as usize {
        return Err(HoldReason::TooComplex);
    }
    Ok((pdf, by_password))
}

fn unlock(bytes: &[u8], limits: &Limits, password: Option<&Password>) -> Result<Pdf, HoldReason> {
    let given = password.ok_or(refused(password))?;
    match Pdf::new_with_password(bytes.to_vec(), given.reveal()) {
        Ok(pdf) => Ok(pdf),
        Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => {
            let opened = rewritten(bytes, limits, given.reveal()).ok_or(refused(password))?;
            Pdf::new(opened).map_err(|_| HoldReason::Broken)
        }
        Err(LoadPdfError::Decryption(_) | LoadPdfError::Invalid) => Err(HoldReason::Broken),
    }
}

/// The file without its encryption, for passwords the page reader does not
/// try: the owner's of old files, those outside ASCII in old files, and
/// spellings that mean the same in new ones.
pub(super) fn rewritten(bytes: &[u8], limits: &Limits, password: &str) -> Option<Vec<u8>> {
    let most = usize::try_from(limits.decoded_bytes).ok();
    let load = |password: &str| {
        let options = LoadOptions {
            password: Some(password.to_owned()),
            max_decompressed_size: most,
            ..LoadOptions::default()
        };
        lopdf::Document::load_mem_with_options(bytes, options).ok()
    };
    let plain =
        |document: &lopdf::Document| !document.is_encrypted() && !document.objects.is_empty();
    let mut document = load(password).filter(plain).or_else(|| {
        // Not as the format says, but as Japanese programs wrote them.
        let mut locked = load("")?;
        let opened = spellings(password).iter().any(|it| locked.decrypt_raw(it).is_ok());
        opened.then_some(locked).filter(plain)
    })?;
    let mut saved = Vec::new();
    document.save_to(&mut saved).ok()?;
    Some(saved)
}
