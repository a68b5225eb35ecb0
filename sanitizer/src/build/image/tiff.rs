//! TIFF, baseline, little-endian: one directory a page, nothing else.
//!
//! ```text
//! header(8) │ page 1: strips, directory, long values │ page 2: … │
//! ```

use std::io::Write;

use fax::encoder::Encoder;
use fax::{Color, VecWriter};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use sanitizer_intermediate::image::{Density, Frame, Picture, Samples, Source};

use super::{Coded, fault, jpeg};
use crate::build::BuildError;
use crate::policy::Images;

/// Bytes of samples in one strip, roughly.
const STRIP_BYTES: usize = 256 * 1024;
/// Where the header names the first directory.
const FIRST_DIRECTORY: usize = 4;

const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;

/// Writes the pages.
pub(super) fn encode(
    frames: &[Frame],
    density: Option<Density>,
    choices: &Images,
) -> Result<Coded, BuildError> {
    let mut bytes = b"II*\0\0\0\0\0".to_vec();
    let mut link_at = FIRST_DIRECTORY;
    for frame in frames {
        let strips = Strips::of(&frame.picture, choices)?;
        link_at = page(&mut bytes, link_at, &frame.picture, &strips, density)?;
    }
    Ok(Coded { bytes, media: "image/tiff", extension: "tif" })
}

/// Compressed samples of a page.
struct Strips {
    data: Vec<Vec<u8>>,
    rows: u32,
    compression: u16,
    photometric: u16,
    /// Colour stored in half resolution, for JPEG.
    subsampled: bool,
}

impl Strips {
    fn of(picture: &Picture, choices: &Images) -> Result<Self, BuildError> {
        if let Some(fax) = fax(picture) {
            return Ok(fax);
        }
        let photometric = match picture.samples() {
            Samples::Bilevel | Samples::Gray => 1,
            Samples::Rgb | Samples::Rgba => 2,
        };
        match (picture.source, picture.samples()) {
            (Source::Lossy { subsampled, .. }, Samples::Gray | Samples::Rgb) => {
                let is_gray = picture.samples() == Samples::Gray;
                Ok(Self {
                    data: vec![jpeg::stream(picture, None, choices)?],
                    rows: picture.height(),
                    compression: 7,
                    photometric: if is_gray { 1 } else { 6 },
                    subsampled: subsampled && !is_gray,
                })
            }
            (Source::Lossy { .. }, Samples::Bilevel | Samples::Rgba) | (Source::Lossless, _) => {
                let row = picture.samples().row_bytes(picture.width());
                let rows = (STRIP_BYTES / row.max(1)).clamp(1, picture.height() as usize);
                let data =
                    picture.data().chunks(row * rows).map(|strip| deflated(strip, row, picture));
                Ok(Self {
                    data: data.collect::<Result<_, _>>()?,
                    rows: u32::try_from(rows).map_err(fault)?,
                    compression: 8,
                    photometric,
                    subsampled: false,
                })
            }
        }
    }
}

/// A bilevel page as fax machines code it, CCITT group 4; `None` for anything
/// else, and for screened pictures, which it does not make smaller.
fn fax(picture: &Picture) -> Option<Strips> {
    if picture.samples() != Samples::Bilevel {
        return None;
    }
    let width = u16::try_from(picture.width()).ok()?;
    let mut encoder = Encoder::new(VecWriter::new());
    for y in 0..picture.height() {
        let row = picture.row(y);
        let bits = row.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
        let pixels = bits.map(|bit| if bit == 1 { Color::White } else { Color::Black });
        let Ok(()) = encoder.encode_line(pixels.take(usize::from(width)), width);
    }
    let Ok(writer) = encoder.finish();
    let data = writer.finish();
    (data.len() < picture.data().len() / 2).then(|| Strips {
        data: vec![data],
        rows: picture.height(),
        compression: 4,
        photometric: 0,
        subsampled: false,
    })
}

/// Compresses rows; samples of whole bytes as differences to the left pixel.
fn deflated(strip: &[u8], row: usize, picture: &Picture) -> Result<Vec<u8>, BuildError> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::new(6));
    match channels(picture.samples()) {
        None => packed.write_all(strip).map_err(fault)?,
        Some(channels) => {
            for line in strip.chunks(row) {
                let mut line = line.to_vec();
                for at in (channels..line.len()).rev() {
                    line[at] = line[at].wrapping_sub(line[at - channels]);
                }
                packed.write_all(&line).map_err(fault)?;
            }
        }
    }
    packed.finish().map_err(fault)
}

/// Samples a pixel; `None` when they are bits.
const fn channels(samples: Samples) -> Option<usize> {
    match samples {
        Samples::Bilevel => None,
        Samples::Gray => Some(1),
        Samples::Rgb => Some(3),
        Samples::Rgba => Some(4),
    }
}

/// Appends a page and hooks it into the chain; gives the place where the next
/// page hooks in.
fn page(
    bytes: &mut Vec<u8>,
    link_at: usize,
    picture: &Picture,
    strips: &Strips,
    density: Option<Density>,
) -> Result<usize, BuildError> {
    let mut offsets = Vec::new();
    let mut lengths = Vec::new();
    for strip in &strips.data {
        offsets.push(place(bytes.len())?);
        lengths.push(place(strip.len())?);
        bytes.extend_from_slice(strip);
    }
    let channels = channels(picture.samples());
    let bits = if channels.is_none() { 1 } else { 8 };
    let samples = channels.unwrap_or(1);
    let mut tags = vec![
        (256, LONG, vec![picture.width()]),
        (257, LONG, vec![picture.height()]),
        (258, SHORT, vec![bits; samples]),
        (259, SHORT, vec![u32::from(strips.compression)]),
        (262, SHORT, vec![u32::from(strips.photometric)]),
        (273, LONG, offsets),
        (277, SHORT, vec![place(samples)?]),
        (278, LONG, vec![strips.rows]),
        (279, LONG, lengths),
    ];
    if let Some(Density { x, y }) = density {
        tags.push((282, RATIONAL, vec![u32::from(x), 1]));
        tags.push((283, RATIONAL, vec![u32::from(y), 1]));
        tags.push((296, SHORT, vec![2]));
    }
    if strips.compression == 8 && channels.is_some() {
        tags.push((317, SHORT, vec![2]));
    }
    if picture.samples() == Samples::Rgba {
        tags.push((338, SHORT, vec![2]));
    }
    if strips.photometric == 6 {
        let half = if strips.subsampled { 2 } else { 1 };
        tags.push((530, SHORT, vec![half, half]));
    }
    directory(bytes, link_at, &tags)
}

fn directory(
    bytes: &mut Vec<u8>,
    link_at: usize,
    tags: &[(u16, u16, Vec<u32>)],
) -> Result<usize, BuildError> {
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    let start = place(bytes.len())?;
    bytes[link_at..link_at + 4].copy_from_slice(&start.to_le_bytes());
    let mut long_values_at = bytes.len() + 2 + tags.len() * 12 + 4;
    let mut long_values = Vec::new();
    bytes.extend(u16::try_from(tags.len()).map_err(fault)?.to_le_bytes());
    for (tag, kind, values) in tags {
        let count = if *kind == RATIONAL { values.len() / 2 } else { values.len() };
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(place(count)?.to_le_bytes());
        let mut coded: Vec<u8> = match *kind {
            SHORT => values.iter().flat_map(|it| it.to_le_bytes().into_iter().take(2)).collect(),
            _ => values.iter().flat_map(|it| it.to_le_bytes()).collect(),
        };
        if coded.len() <= 4 {
            coded.resize(4, 0);
            bytes.extend(coded);
        } else {
            bytes.extend(place(long_values_at)?.to_le_bytes());
            coded.resize(coded.len().next_multiple_of(2), 0);
            long_values_at += coded.len();
            long_values.extend(coded);
        }
    }
    let next_link_at = bytes.len();
    bytes.extend([0; 4]);
    bytes.extend(long_values);
    Ok(next_link_at)
}

fn place(number: usize) -> Result<u32, BuildError> {
    u32::try_from(number).map_err(|_| BuildError::TooLarge)
}
