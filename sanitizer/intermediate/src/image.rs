//! Pictures as plain samples, for image files and for pictures inside documents.

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::words::words;

/// Largest width or height in pixels.
pub const MAX_SIDE: u32 = 65_500;
/// Most frames one file may have.
pub const MAX_FRAMES: usize = 2_000;
/// Most sample bytes of one picture: 100 megapixels in four channels.
pub const MAX_SAMPLE_BYTES: usize = 400_000_000;

words! {
    /// How the samples of a picture are laid out, always row by row from the
    /// top left, colours in sRGB.
    pub enum Samples {
        /// One bit a pixel, rows padded to whole bytes, 1 is white.
        Bilevel = "bilevel",
        /// One byte a pixel, 255 is white.
        Gray = "gray",
        /// Three bytes a pixel.
        Rgb = "rgb",
        /// Four bytes a pixel, alpha not multiplied in.
        Rgba = "rgba",
    }
}

impl Samples {
    /// Bytes of a row of this many pixels.
    #[must_use]
    pub const fn row_bytes(self, width: u32) -> usize {
        let width = width as usize;
        match self {
            Self::Bilevel => width.div_ceil(8),
            Self::Gray => width,
            Self::Rgb => width * 3,
            Self::Rgba => width * 4,
        }
    }
}

/// Why samples and size do not make a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the samples do not fit the size of the picture")]
pub struct BadPicture;

/// One picture. Its samples always fit its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    samples: Samples,
    data: Vec<u8>,
    /// How the picture was stored, as advice for the encoder.
    pub source: Source,
}

impl Picture {
    /// Puts a picture together.
    ///
    /// # Errors
    /// [`BadPicture`] when a side is 0 or longer than [`MAX_SIDE`], or when
    /// `data` is not exactly as long as size and layout say.
    pub fn new(
        width: u32,
        height: u32,
        samples: Samples,
        data: Vec<u8>,
        source: Source,
    ) -> Result<Self, BadPicture> {
        let sides = 1..=MAX_SIDE;
        let expected = samples.row_bytes(width).checked_mul(height as usize);
        let fits = sides.contains(&width) && sides.contains(&height);
        if fits && expected == Some(data.len()) && data.len() <= MAX_SAMPLE_BYTES {
            Ok(Self { width, height, samples, data, source })
        } else {
            Err(BadPicture)
        }
    }

    /// Pixels in a row.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Layout of [`Picture::data`].
    #[must_use]
    pub const fn samples(&self) -> Samples {
        self.samples
    }

    /// The samples, row by row.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The samples of one row; empty beyond the last.
    #[must_use]
    pub fn row(&self, y: u32) -> &[u8] {
        let length = self.samples.row_bytes(self.width);
        let start = length * y as usize;
        self.data.get(start..start + length).unwrap_or_default()
    }

    /// Gives the samples away.
    #[must_use]
    pub fn into_data(self) -> Vec<u8> {
        self.data
    }
}

/// How a picture was stored. Only advice: a wrong value costs size, not safety.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Without loss, or unknown.
    Lossless,
    /// With loss, like a photo.
    Lossy {
        /// Estimated JPEG quality, 1–100.
        quality: u8,
        /// Colour was stored in half resolution.
        subsampled: bool,
    },
}

/// One frame of an animation or one page of a TIFF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The whole canvas as it is shown.
    pub picture: Picture,
    /// How long it is shown, in milliseconds; 0 for pages.
    pub delay_ms: u32,
}

/// An image file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frames {
    /// What the builder should write, when it can.
    pub format: Format,
    /// At least one.
    pub frames: Vec<Frame>,
    /// How often an animation repeats; 0 is for ever.
    pub repeats: u16,
    /// Pixels per inch, horizontally and vertically, when the file said so.
    pub density: Option<Density>,
}

words! {
    /// The kind of image file that was read.
    pub enum Format {
        /// JPEG.
        Jpeg = "jpeg",
        /// PNG, also animated.
        Png = "png",
        /// GIF, also animated.
        Gif = "gif",
        /// Windows bitmap.
        Bmp = "bmp",
        /// TIFF, also with several pages.
        Tiff = "tiff",
        /// WebP, also animated.
        WebP = "webp",
        /// HEIC or HEIF.
        Heic = "heic",
        /// SVG, already drawn.
        Svg = "svg",
        /// EMF or WMF, already drawn.
        Metafile = "metafile",
    }
}

/// Pixels per inch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Density {
    /// Horizontally, 1–10,000.
    pub x: u16,
    /// Vertically, 1–10,000.
    pub y: u16,
}

impl Encode for Picture {
    fn encode(&self, to: &mut Writer<'_>) {
        to.u32(self.width);
        to.u32(self.height);
        to.value(&self.samples);
        to.value(&self.source);
        to.bytes(&self.data);
    }
}

impl Decode for Picture {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (width, height) = (from.u32()?, from.u32()?);
        let samples = from.value()?;
        let source = from.value()?;
        let data = from.bytes(MAX_SAMPLE_BYTES)?;
        Self::new(width, height, samples, data, source).map_err(|_| DecodeError::Invalid("Picture"))
    }
}

impl Encode for Source {
    fn encode(&self, to: &mut Writer<'_>) {
        match *self {
            Self::Lossless => to.u8(0),
            Self::Lossy { quality, subsampled } => {
                to.u8(1);
                to.u8(quality);
                to.bool(subsampled);
            }
        }
    }
}

impl Decode for Source {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match from.u8()? {
            0 => Ok(Self::Lossless),
            1 => Ok(Self::Lossy { quality: from.u8()?.clamp(1, 100), subsampled: from.bool()? }),
            _ => Err(DecodeError::Invalid("Source")),
        }
    }
}

impl Encode for Frame {
    fn encode(&self, to: &mut Writer<'_>) {
        to.value(&self.picture);
        to.u32(self.delay_ms);
    }
}

impl Decode for Frame {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { picture: from.value()?, delay_ms: from.u32()? })
    }
}

impl Encode for Frames {
    fn encode(&self, to: &mut Writer<'_>) {
        to.value(&self.format);
        to.list(&self.frames);
        to.u16(self.repeats);
        to.option(self.density.as_ref());
    }
}

impl Decode for Frames {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let format = from.value()?;
        let frames: Vec<Frame> = from.list(MAX_FRAMES)?;
        if frames.is_empty() {
            return Err(DecodeError::Invalid("Frames"));
        }
        Ok(Self { format, frames, repeats: from.u16()?, density: from.option()? })
    }
}

impl Encode for Density {
    fn encode(&self, to: &mut Writer<'_>) {
        to.u16(self.x);
        to.u16(self.y);
    }
}

impl Decode for Density {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (x, y) = (from.u16()?, from.u16()?);
        let sane = 1..=10_000;
        if sane.contains(&x) && sane.contains(&y) {
            Ok(Self { x, y })
        } else {
            Err(DecodeError::Invalid("Density"))
        }
    }
}
