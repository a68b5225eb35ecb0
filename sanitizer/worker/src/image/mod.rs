//! Pictures: decoded to plain samples, turned upright, in sRGB.

use sanitizer_intermediate::image::Picture;
use sanitizer_intermediate::{Document, Findings, HoldReason, Kind, Limits};

/// Reads an image file.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub fn read(
    _bytes: &[u8],
    _kind: Kind,
    _limits: &Limits,
) -> Result<(Document, Findings), HoldReason> {
    Err(HoldReason::Unsupported)
}

/// Decodes the first frame of a picture found inside a document, upright and
/// in sRGB. The kind is told by content.
///
/// # Errors
/// [`HoldReason`] when the picture cannot be used; the document may go on
/// without it.
pub fn decode_picture(_bytes: &[u8], _limits: &Limits) -> Result<Picture, HoldReason> {
    Err(HoldReason::Unsupported)
}
