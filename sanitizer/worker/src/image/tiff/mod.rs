//! TIFF: every page of the chain, in the layouts scanners and fax machines use.

mod directory;
mod samples;

use std::io::Cursor;

use sanitizer_intermediate::image::{Density, Frame, Picture};
use sanitizer_intermediate::{ChangedKind, Findings, HoldReason, Limits, Place};
use tiff::TiffError;
use tiff::decoder::{Decoder, DecodingResult};

use super::colour;
use super::still::check_size;
use directory::Directory;

/// The pages of a file.
pub(super) struct Pages {
    pub(super) frames: Vec<Frame>,
    pub(super) density: Option<Density>,
}

/// Reads all pages.
pub(super) fn read(
    bytes: &[u8],
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Pages, HoldReason> {
    let mut budget = limits.decoded_bytes;
    let mut frames = Vec::new();
    let mut density = None;
    for_each_page(bytes, limits, findings, |picture, directory| {
        let cost = picture.data().len() as u64;
        budget = budget.checked_sub(cost).ok_or(HoldReason::TooLarge)?;
        density = density.or(directory.density);
        frames.push(Frame { picture, delay_ms: 0 });
        Ok(true)
    })?;
    if frames.is_empty() { Err(HoldReason::Broken) } else { Ok(Pages { frames, density }) }
}

/// Reads the first page alone.
pub(super) fn first_page(
    bytes: &[u8],
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Picture, HoldReason> {
    let mut first = None;
    for_each_page(bytes, limits, findings, |picture, _| {
        first = Some(picture);
        Ok(false)
    })?;
    first.ok_or(HoldReason::Broken)
}

/// Pixels per inch by the first directory: also of EXIF data, which has the
/// form of a TIFF.
pub(super) fn density_of(bytes: &[u8]) -> Option<Density> {
    directory::chain(&mut bytes.to_vec(), 2).ok()?.first()?.density
}

/// Decodes page after page until `take` has enough. A damaged later page is
/// noted and ends the file; a damaged first page breaks it.
fn for_each_page(
    bytes: &[u8],
    limits: &Limits,
    findings: &mut Findings,
    mut take: impl FnMut(Picture, &Directory) -> Result<bool, HoldReason>,
) -> Result<(), HoldReason> {
    let mut bytes = bytes.to_vec();
    let directories = directory::chain(&mut bytes, limits.frames)?;
    let mut decoder = Decoder::new(Cursor::new(bytes.as_slice()))
        .map_err(|error| reason(&error))?
        .with_limits(decoder_limits(limits));
    for (index, directory) in directories.iter().enumerate() {
        let place = Place::Page(u32::try_from(index + 1).unwrap_or(u32::MAX));
        if index > 0 && decoder.next_image().is_err() {
            findings.change(ChangedKind::PictureDamaged, 1, place);
            return Ok(());
        }
        if directory.is_preview && index > 0 {
            findings.remove(sanitizer_intermediate::RemovedKind::Thumbnails, 1, place);
            continue;
        }
        directory.note(findings, place);
        match page(&mut decoder, directory, limits, findings, place) {
            Ok(picture) => {
                if !take(picture, directory)? {
                    return Ok(());
                }
            }
            Err(reason) if index == 0 || reason == HoldReason::TooLarge => return Err(reason),
            Err(_) => findings.change(ChangedKind::PictureDamaged, 1, place),
        }
    }
    Ok(())
}

fn page(
    decoder: &mut Decoder<Cursor<&[u8]>>,
    directory: &Directory,
    limits: &Limits,
    findings: &mut Findings,
    place: Place,
) -> Result<Picture, HoldReason> {
    let (width, height) = decoder.dimensions().map_err(|error| reason(&error))?;
    check_size(width, height, limits)?;
    let colour = decoder.colortype().map_err(|error| reason(&error))?;
    let mut data = DecodingResult::U8(Vec::new());
    let layout = decoder.read_image_to_buffer(&mut data).map_err(|error| reason(&error))?;
    if data.as_buffer(0).as_bytes().len() < layout.complete_len {
        return Err(HoldReason::TooLarge);
    }
    let raw = samples::Raw { width, height, colour, planes: layout.planes, data, directory };
    let mut decoded = samples::decode(raw, findings, place)?;
    if let samples::Decoded::Colour(picture) = &mut decoded {
        if let Some(profile) = decoder.find_tag(tiff::tags::Tag::IccProfile).ok().flatten()
            && let Ok(profile) = profile.into_u8_vec()
            && colour::to_srgb(picture, &profile)
        {
            findings.change(ChangedKind::ColoursConverted, 1, place);
        }
        if let Some(orientation) = directory.orientation {
            picture.apply_orientation(orientation);
            findings.change(ChangedKind::Oriented, 1, place);
        }
    }
    decoded.into_picture()
}

fn decoder_limits(limits: &Limits) -> tiff::decoder::Limits {
    let most = usize::try_from(limits.memory_bytes / 3).unwrap_or(usize::MAX);
    let mut own = tiff::decoder::Limits::default();
    own.decoding_buffer_size = most;
    own.intermediate_buffer_size = most;
    own.ifd_value_size = 8 << 20;
    own
}

fn reason(error: &TiffError) -> HoldReason {
    match error {
        TiffError::UnsupportedError(_) => HoldReason::Unsupported,
        TiffError::LimitsExceeded => HoldReason::TooLarge,
        TiffError::FormatError(_)
        | TiffError::IoError(_)
        | TiffError::IntSizeError
        | TiffError::UsageError(_) => HoldReason::Broken,
    }
}
