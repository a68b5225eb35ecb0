//! Files with several frames over time.

use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::LoopCount;
use image::{AnimationDecoder, ImageDecoder};
use sanitizer_intermediate::image::{Format, Frame, Picture, Source};
use sanitizer_intermediate::{ChangedKind, Findings, HoldReason, Limits, Place};

use super::picture::without_idle_alpha;
use super::still::{check_size, decoder_limits, reason};

/// The frames as they are shown, each with the whole canvas.
pub(super) struct Animation {
    pub(super) frames: Vec<Frame>,
    /// 0 is for ever.
    pub(super) repeats: u16,
}

/// Reads an animation; `None` when the file holds a single picture.
pub(super) fn read(
    bytes: &[u8],
    format: Format,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Option<Animation>, HoldReason> {
    let input = Cursor::new(bytes);
    let animation = match format {
        Format::Gif => {
            let mut decoder = GifDecoder::new(input).map_err(|error| reason(&error))?;
            sized(&decoder, limits)?;
            // A frame may be larger than the canvas it says it is for.
            let bounds = decoder_limits(limits);
            decoder.set_limits(bounds).map_err(|error| reason(&error))?;
            collect(decoder, limits, findings)?
        }
        Format::Png => {
            let decoder = PngDecoder::with_limits(input, decoder_limits(limits))
                .map_err(|error| reason(&error))?;
            sized(&decoder, limits)?;
            if !decoder.is_apng().unwrap_or(false) {
                return Ok(None);
            }
            let decoder = decoder.apng().map_err(|error| reason(&error))?;
            collect(decoder, limits, findings)?
        }
        Format::WebP => {
            let mut decoder = WebPDecoder::new(input).map_err(|error| reason(&error))?;
            sized(&decoder, limits)?;
            let bounds = decoder_limits(limits);
            decoder.set_limits(bounds).map_err(|error| reason(&error))?;
            if !decoder.has_animation() {
                return Ok(None);
            }
            collect(decoder, limits, findings)?
        }
        Format::Jpeg
        | Format::Bmp
        | Format::Tiff
        | Format::Heic
        | Format::Svg
        | Format::Metafile => return Ok(None),
    };
    Ok(Some(animation))
}

fn sized(decoder: &impl ImageDecoder, limits: &Limits) -> Result<(), HoldReason> {
    let (width, height) = decoder.dimensions();
    check_size(width, height, limits)
}

/// Takes frame after frame. When they are more than the limits allow, the
/// first alone stands for all; when one is damaged, the ones before it do.
fn collect<'a>(
    decoder: impl AnimationDecoder<'a>,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Animation, HoldReason> {
    let repeats = match decoder.loop_count() {
        LoopCount::Infinite => 0,
        LoopCount::Finite(times) => u16::try_from(times.get()).unwrap_or(0),
    };
    let mut frames: Vec<Frame> = Vec::new();
    let mut budget = limits.decoded_bytes;
    for decoded in decoder.into_frames() {
        let decoded = match decoded {
            Ok(decoded) => decoded,
            Err(error) if frames.is_empty() => return Err(reason(&error)),
            Err(_) => {
                findings.change(ChangedKind::PictureDamaged, 1, place(frames.len()));
                break;
            }
        };
        let frame = own(decoded)?;
        let cost = frame.picture.data().len() as u64;
        if frames.len() >= limits.frames as usize || cost > budget {
            frames.truncate(1);
            findings.change(ChangedKind::FirstFrameOnly, 1, Place::Document);
            break;
        }
        budget -= cost;
        frames.push(frame);
    }
    if frames.is_empty() { Err(HoldReason::Broken) } else { Ok(Animation { frames, repeats }) }
}

fn own(decoded: image::Frame) -> Result<Frame, HoldReason> {
    let (numerator, denominator) = decoded.delay().numer_denom_ms();
    let delay_ms = numerator.checked_div(denominator).unwrap_or(0);
    let buffer = decoded.into_buffer();
    let (width, height) = buffer.dimensions();
    let (samples, data) = without_idle_alpha(buffer.into_raw());
    let picture = Picture::new(width, height, samples, data, Source::Lossless)
        .map_err(|_| HoldReason::TooLarge)?;
    Ok(Frame { picture, delay_ms })
}

fn place(frames: usize) -> Place {
    Place::Frame(u32::try_from(frames).unwrap_or(u32::MAX).saturating_add(1))
}
