//! GIF. A frame stores only what changed since the one before.

use gif::{DisposalMethod, Encoder, Repeat};
use sanitizer_intermediate::image::Frame;

use super::palette::{self, Indexed};
use super::{Coded, as_rgba, fault, same_size};
use crate::build::BuildError;

/// Speed of the colour reduction, 1 (best) to 30.
const QUANTISER_SPEED: i32 = 10;
/// Alpha from which a pixel counts as opaque.
const OPAQUE: u8 = 128;
const CLEAR: [u8; 4] = [0; 4];

/// Writes a picture or an animation. `repeats` 0 is for ever.
pub(super) fn encode(frames: &[Frame], repeats: u16) -> Result<Coded, BuildError> {
    let (width, height) = same_size(frames)?;
    let side = |side| u16::try_from(side).map_err(|_| BuildError::Invalid("a side beyond 65,535"));
    let (width, height) = (side(width)?, side(height)?);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height, &[]).map_err(fault)?;
    if frames.len() > 1 {
        let repeat = if repeats == 0 { Repeat::Infinite } else { Repeat::Finite(repeats) };
        encoder.set_repeat(repeat).map_err(fault)?;
    }
    let mut canvas: Option<Vec<[u8; 4]>> = None;
    let mut next = frames.first().map(canvas_of);
    for (index, frame) in frames.iter().enumerate() {
        let Some(current) = next.take() else { break };
        next = frames.get(index + 1).map(canvas_of);
        let clears = next.as_ref().is_some_and(|next| uncovers(&current, next));
        let whole = Area { left: 0, top: 0, width, height };
        let (area, pixels) = match &canvas {
            Some(before) if !clears => difference(before, &current, width),
            _ => (whole, current.clone()),
        };
        let mut written = coded(area, pixels)?;
        written.delay = u16::try_from(frame.delay_ms / 10).unwrap_or(u16::MAX);
        written.dispose = if clears { DisposalMethod::Background } else { DisposalMethod::Keep };
        encoder.write_frame(&written).map_err(fault)?;
        canvas = if clears { None } else { Some(current) };
    }
    encoder.into_inner().map_err(fault)?;
    Ok(Coded { bytes, media: "image/gif", extension: "gif" })
}

/// The frame with every pixel either opaque or clear.
fn canvas_of(frame: &Frame) -> Vec<[u8; 4]> {
    as_rgba(&frame.picture)
        .chunks_exact(4)
        .map(|it| if it[3] >= OPAQUE { [it[0], it[1], it[2], 255] } else { CLEAR })
        .collect()
}

/// Whether a pixel is opaque now and clear next: then the canvas must be
/// wiped, because a frame can only paint over.
fn uncovers(now: &[[u8; 4]], next: &[[u8; 4]]) -> bool {
    now.iter().zip(next).any(|(now, next)| *now != CLEAR && *next == CLEAR)
}

#[derive(Clone, Copy)]
struct Area {
    left: u16,
    top: u16,
    width: u16,
    height: u16,
}

/// The smallest area that changed, with unchanged pixels clear.
fn difference(before: &[[u8; 4]], now: &[[u8; 4]], width: u16) -> (Area, Vec<[u8; 4]>) {
    let row = usize::from(width);
    let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
    for (at, _) in before.iter().zip(now).enumerate().filter(|(_, (before, now))| before != now) {
        let (x, y) = (at % row, at / row);
        (left, right) = (left.min(x), right.max(x));
        (top, bottom) = (top.min(y), bottom.max(y));
    }
    if left == usize::MAX {
        (left, right, top, bottom) = (0, 0, 0, 0);
    }
    let pixels = (top..=bottom)
        .flat_map(|y| (left..=right).map(move |x| y * row + x))
        .map(|at| if before[at] == now[at] { CLEAR } else { now[at] })
        .collect();
    let short = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
    let area = Area {
        left: short(left),
        top: short(top),
        width: short(right - left + 1),
        height: short(bottom - top + 1),
    };
    (area, pixels)
}

fn coded(area: Area, pixels: Vec<[u8; 4]>) -> Result<gif::Frame<'static>, BuildError> {
    let mut frame = match palette::index(pixels.iter().copied()) {
        Some(Indexed { indices, colours }) => {
            let clear = colours.iter().position(|colour| *colour == CLEAR);
            gif::Frame {
                width: area.width,
                height: area.height,
                buffer: indices.into(),
                palette: Some(colours.iter().flat_map(|it| [it[0], it[1], it[2]]).collect()),
                transparent: clear.map(u8::try_from).transpose().map_err(fault)?,
                ..gif::Frame::default()
            }
        }
        None => {
            let mut rgba = pixels.concat();
            gif::Frame::from_rgba_speed(area.width, area.height, &mut rgba, QUANTISER_SPEED)
        }
    };
    (frame.left, frame.top) = (area.left, area.top);
    Ok(frame)
}
