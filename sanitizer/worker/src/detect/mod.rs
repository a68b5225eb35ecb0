//! What a file is, by its content.

mod signatures;
mod text;
mod zip;

use sanitizer_intermediate::{Family, HoldReason, Kind};

/// Tells the kind. The name's claim (`hint`) decides only between text and
/// CSV, and names scripts, which look like any text.
#[must_use]
pub fn kind(bytes: &[u8], hint: Option<Kind>) -> Kind {
    if let Some(kind) = signatures::at_start(bytes) {
        return match kind {
            Kind::Zip => zip::inside(bytes),
            Kind::Ole2 if has_encrypted_package(bytes) => Kind::EncryptedOffice,
            other => other,
        };
    }
    if signatures::pdf_after_junk(bytes) {
        return Kind::Pdf;
    }
    text::kind(bytes, hint)
}

/// Checks that a text is not passed off as something else: a drawing script
/// named `.jpg` is no broken picture but a trick.
///
/// # Errors
/// [`HoldReason::Broken`] when the name claims a binary kind for a text.
pub fn agreeing(kind: Kind, hint: Option<Kind>) -> Result<(), HoldReason> {
    let text_found = kind.family() == Family::Text;
    let text_claimed = match hint {
        None | Some(Kind::Unknown) => true,
        Some(hint) => hint.family() == Family::Text,
    };
    if text_found && !text_claimed { Err(HoldReason::Broken) } else { Ok(()) }
}

/// Why a kind that no reader handles is held.
#[must_use]
pub fn refusal(kind: Kind) -> HoldReason {
    match kind {
        Kind::EncryptedOffice => HoldReason::Encrypted,
        Kind::Executable | Kind::Script | Kind::Shortcut => HoldReason::ActiveOnly,
        _ => HoldReason::Unsupported,
    }
}

/// Whether an OLE2 directory names the stream of an encrypted Office file.
fn has_encrypted_package(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.windows(name.len()).any(|window| window == name)
}
