//! What a password opened, as scanners should see it.
//!
//! | Format | Pieces |
//! |---|---|
//! | Office of today | the package within |
//! | OpenDocument | each part that was locked |
//! | doc, xls | a compound file of the streams that were locked |
//! | PDF | the file without its encryption |
//!
//! Members of archives are documents of their own: the runner has them anyway.

use sanitizer_intermediate::{Family, HoldReason, Kind, Opened, Request};

use crate::{office, pdf};

/// The pieces of a file that opened by its password.
///
/// # Errors
/// [`HoldReason::TooLarge`] when they are more than an answer holds beside the document.
pub(crate) fn pieces(kind: Kind, request: &Request) -> Result<Vec<Opened>, HoldReason> {
    let Request { limits, password, bytes, .. } = request;
    let pieces = match kind.family() {
        Family::Pdf => pdf::without_lock(bytes, limits, password.as_ref()).into_iter().collect(),
        Family::OpenDocument => office::opened_odf(bytes, limits, password.as_ref())?,
        Family::Legacy => office::opened_legacy(bytes, kind, limits, password.as_ref())?,
        Family::Office
        | Family::Rtf
        | Family::Image
        | Family::Text
        | Family::Archive
        | Family::Other => Vec::new(),
    };
    fitting(pieces, limits.answer_bytes)
}

/// The same pieces when half an answer holds them.
///
/// # Errors
/// [`HoldReason::TooLarge`] when it does not.
pub(crate) fn fitting(pieces: Vec<Vec<u8>>, answer: u64) -> Result<Vec<Opened>, HoldReason> {
    let all = pieces.iter().map(|it| it.len() as u64).sum::<u64>();
    if all > answer / 2 {
        return Err(HoldReason::TooLarge);
    }
    Ok(pieces.into_iter().map(Opened).collect())
}
