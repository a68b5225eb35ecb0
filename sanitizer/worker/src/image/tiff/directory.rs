//! The chain of directories, one for each page, read before the decoder is.
//!
//! The decoder does not know palettes. A palette page is therefore shown to it
//! as a grey one, and its samples are looked up in the palette afterwards.

use image::metadata::Orientation;
use sanitizer_intermediate::image::Density;
use sanitizer_intermediate::{Findings, HoldReason, Place, RemovedKind};

use crate::image::facts::density;

const PHOTOMETRIC: u16 = 262;
const BLACK_IS_ZERO: u8 = 1;
const PALETTE: u64 = 3;
/// Most entries of one directory.
const MAX_ENTRIES: u64 = 4_096;

/// What we need to know of a page besides its samples.
#[derive(Default)]
pub(super) struct Directory {
    /// Red, green and blue of each index.
    pub(super) palette: Option<Vec<[u8; 3]>>,
    pub(super) orientation: Option<Orientation>,
    pub(super) density: Option<Density>,
    /// Meaning of the first extra sample: 1 is alpha multiplied in, 2 is plain
    /// alpha, 0 is nothing to show.
    pub(super) extra_sample: Option<u64>,
    /// A reduced copy of another page.
    pub(super) is_preview: bool,
    removed: Vec<RemovedKind>,
}

impl Directory {
    /// Tells the report what this page carried.
    pub(super) fn note(&self, findings: &mut Findings, place: Place) {
        for kind in &self.removed {
            findings.remove(*kind, 1, place);
        }
    }
}

/// Follows the chain over at most `most` pages. Palette pages are rewritten to
/// grey ones in `bytes`.
pub(super) fn chain(bytes: &mut [u8], most: u32) -> Result<Vec<Directory>, HoldReason> {
    let shape = Shape::of(bytes).ok_or(HoldReason::Broken)?;
    let mut at = shape.first(bytes).ok_or(HoldReason::Broken)?;
    let mut seen = Vec::new();
    let mut directories = Vec::new();
    while at != 0 && !seen.contains(&at) {
        if directories.len() >= most as usize {
            return Err(HoldReason::TooLarge);
        }
        let Some((directory, next)) = read(bytes, shape, at) else {
            break;
        };
        seen.push(at);
        directories.push(directory);
        at = next;
    }
    if directories.is_empty() { Err(HoldReason::Broken) } else { Ok(directories) }
}

fn read(bytes: &mut [u8], shape: Shape, at: u64) -> Option<(Directory, u64)> {
    let count_bytes = if shape.big { 8 } else { 2 };
    let count = shape.number(bytes, at, count_bytes)?;
    if count > MAX_ENTRIES {
        return None;
    }
    let size = shape.entry_bytes();
    let start = at.checked_add(count_bytes)?;
    let mut directory = Directory::default();
    let mut resolution = (None, None, 2);
    for index in 0..count {
        let entry = Entry::read(bytes, shape, start.checked_add(index * size)?)?;
        match entry.tag {
            254 => directory.is_preview = entry.value(bytes, shape, 0)? & 1 == 1,
            PHOTOMETRIC if entry.value(bytes, shape, 0)? == PALETTE => {
                directory.palette.get_or_insert_default();
                shape.put_short(bytes, entry.data_at, BLACK_IS_ZERO);
            }
            274 => directory.orientation = orientation(entry.value(bytes, shape, 0)?),
            282 => resolution.0 = entry.rational(bytes, shape),
            283 => resolution.1 = entry.rational(bytes, shape),
            296 => resolution.2 = entry.value(bytes, shape, 0)?,
            320 if directory.palette.is_some() => directory.palette = palette(bytes, shape, &entry),
            338 => directory.extra_sample = entry.value(bytes, shape, 0),
            tag => directory.removed.extend(removed(tag)),
        }
    }
    if let (Some(x), Some(y), unit @ 2..=3) = resolution {
        let per_inch = if unit == 2 { 1.0 } else { 2.54 };
        directory.density = density(x * per_inch, y * per_inch);
    }
    let next_bytes = if shape.big { 8 } else { 4 };
    let next = shape.number(bytes, start + count * size, next_bytes).unwrap_or(0);
    Some((directory, next))
}

fn orientation(value: u64) -> Option<Orientation> {
    let known = Orientation::from_exif(u8::try_from(value).ok()?)?;
    (known != Orientation::NoTransforms).then_some(known)
}

/// Three columns of 16-bit values: all reds, all greens, all blues.
fn palette(bytes: &[u8], shape: Shape, entry: &Entry) -> Option<Vec<[u8; 3]>> {
    let colours = entry.count.min(3 << 16) / 3;
    let values: Vec<u64> =
        (0..colours * 3).map(|index| entry.value(bytes, shape, index)).collect::<Option<_>>()?;
    // Some writers put 8-bit values into the 16-bit table.
    let shift = if values.iter().any(|value| *value > 255) { 8 } else { 0 };
    let column = usize::try_from(colours).ok()?;
    let at = |index: usize| u8::try_from(values.get(index)? >> shift & 255).ok();
    (0..column).map(|i| Some([at(i)?, at(i + column)?, at(i + 2 * column)?])).collect()
}

/// Tags that describe something else than the pixels.
const fn removed(tag: u16) -> Option<RemovedKind> {
    match tag {
        // Sizes, layout, compression, colour: the decoder's business.
        254..=269 | 273 | 277..=281 | 284 | 287..=293 | 296..=297 | 301 | 317..=325 | 330..=347 => {
            None
        }
        512..=532 => None,
        270..=272 | 285..=286 | 305..=306 | 315..=316 | 33_432 => Some(RemovedKind::Properties),
        700 => Some(RemovedKind::Xmp),
        33_723 | 34_377 => Some(RemovedKind::Iptc),
        34_665 | 34_853 => Some(RemovedKind::Exif),
        34_675 => Some(RemovedKind::ColourProfile),
        _ => Some(RemovedKind::PictureData),
    }
}

/// Byte order and offset size of a file.
#[derive(Clone, Copy)]
struct Shape {
    little: bool,
    big: bool,
}

impl Shape {
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes.get(..4)? {
            b"II*\0" => Some(Self { little: true, big: false }),
            b"MM\0*" => Some(Self { little: false, big: false }),
            b"II+\0" => Some(Self { little: true, big: true }),
            b"MM\0+" => Some(Self { little: false, big: true }),
            _ => None,
        }
    }

    fn first(self, bytes: &[u8]) -> Option<u64> {
        if self.big { self.number(bytes, 8, 8) } else { self.number(bytes, 4, 4) }
    }

    const fn entry_bytes(self) -> u64 {
        if self.big { 20 } else { 12 }
    }

    fn number(self, bytes: &[u8], at: u64, length: u64) -> Option<u64> {
        let at = usize::try_from(at).ok()?;
        let data = bytes.get(at..at.checked_add(usize::try_from(length).ok()?)?)?;
        let fold = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        Some(if self.little { data.iter().rev().fold(0, fold) } else { data.iter().fold(0, fold) })
    }

    fn put_short(self, bytes: &mut [u8], at: u64, value: u8) {
        let value = if self.little { [value, 0] } else { [0, value] };
        let place = usize::try_from(at).ok().and_then(|at| bytes.get_mut(at..at + 2));
        if let Some(place) = place {
            place.copy_from_slice(&value);
        }
    }
}

/// One tag of a directory.
struct Entry {
    tag: u16,
    /// Bytes of one value; 0 for types we do not read.
    width: u64,
    count: u64,
    data_at: u64,
}

impl Entry {
    fn read(bytes: &[u8], shape: Shape, at: u64) -> Option<Self> {
        let tag = u16::try_from(shape.number(bytes, at, 2)?).ok()?;
        let width: u64 = match shape.number(bytes, at + 2, 2)? {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 13 => 4,
            5 | 10 | 16 | 17 | 18 => 8,
            _ => 0,
        };
        let offset_bytes = if shape.big { 8 } else { 4 };
        let count = shape.number(bytes, at + 4, offset_bytes)?;
        let value_at = at + 4 + offset_bytes;
        let data_at = if width.checked_mul(count)? <= offset_bytes {
            value_at
        } else {
            shape.number(bytes, value_at, offset_bytes)?
        };
        Some(Self { tag, width, count, data_at })
    }

    fn value(&self, bytes: &[u8], shape: Shape, index: u64) -> Option<u64> {
        if index >= self.count || self.width == 0 {
            return None;
        }
        shape.number(bytes, self.data_at.checked_add(index * self.width)?, self.width)
    }

    #[expect(clippy::cast_precision_loss, reason = "both numbers have 32 bits")]
    fn rational(&self, bytes: &[u8], shape: Shape) -> Option<f64> {
        let above = shape.number(bytes, self.data_at, 4)?;
        let below = shape.number(bytes, self.data_at.checked_add(4)?, 4)?;
        (below != 0).then(|| above as f64 / below as f64)
    }
}
