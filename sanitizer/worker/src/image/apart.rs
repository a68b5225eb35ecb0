//! JPEG with a scan of its own for each colour, without being progressive. The
//! usual decoder mixes up the rows of such files when colours are stored in
//! half the resolution, so another one reads them.

use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{Decoder, Error, PixelFormat};
use sanitizer_intermediate::{HoldReason, Limits};

/// Decodes such a file.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<DynamicImage, HoldReason> {
    let mut decoder = Decoder::new(bytes);
    let most = usize::try_from(limits.memory_bytes / 2).unwrap_or(usize::MAX);
    decoder.set_max_decoding_buffer_size(most);
    let pixels = decoder.decode().map_err(|error| reason(&error))?;
    let about = decoder.info().ok_or(HoldReason::Broken)?;
    let (width, height) = (u32::from(about.width), u32::from(about.height));
    let picture = match about.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::ImageLuma8),
        PixelFormat::RGB24 => {
            RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8)
        }
        PixelFormat::L16 | PixelFormat::CMYK32 => return Err(HoldReason::Unsupported),
    };
    picture.ok_or(HoldReason::Broken)
}

const fn reason(error: &Error) -> HoldReason {
    match error {
        Error::Unsupported(_) => HoldReason::Unsupported,
        Error::Format(_) | Error::Io(_) | Error::Internal(_) => HoldReason::Broken,
    }
}
