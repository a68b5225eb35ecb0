//! Colour profiles: applied here, because they do not survive.

use image::DynamicImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformExecutor, TransformOptions};

/// Profiles larger than this are ignored.
const MAX_PROFILE: usize = 4 << 20;
/// Steps of 255 a colour may move before the conversion counts.
const NOTICEABLE: u8 = 2;

/// Converts RGB pixels from `profile` to sRGB. `false` when nothing had to be
/// done: no usable RGB profile, or one that means sRGB anyway.
pub(super) fn to_srgb(picture: &mut DynamicImage, profile: &[u8]) -> bool {
    let layout = match picture {
        DynamicImage::ImageRgb8(_) => Layout::Rgb,
        DynamicImage::ImageRgba8(_) => Layout::Rgba,
        _ => return false,
    };
    if profile.len() > MAX_PROFILE {
        return false;
    }
    let Ok(profile) = ColorProfile::new_from_slice(profile) else {
        return false;
    };
    if profile.color_space != DataColorSpace::Rgb {
        return false;
    }
    let options = TransformOptions::default();
    let srgb = ColorProfile::new_srgb();
    let Ok(transform) = profile.create_transform_8bit(layout, &srgb, layout, options) else {
        return false;
    };
    let channels = if layout == Layout::Rgb { 3 } else { 4 };
    if means_srgb(transform.as_ref(), channels) {
        return false;
    }
    let row = picture.width() as usize * channels;
    let samples: &mut [u8] = match picture {
        DynamicImage::ImageRgb8(it) => it,
        DynamicImage::ImageRgba8(it) => it,
        _ => return false,
    };
    let mut before = vec![0; row];
    for line in samples.chunks_exact_mut(row) {
        before.copy_from_slice(line);
        if transform.transform(&before, line).is_err() {
            line.copy_from_slice(&before);
        }
    }
    true
}

/// Tries a grid of colours.
fn means_srgb(transform: &dyn TransformExecutor<u8>, channels: usize) -> bool {
    let step = |number: u8| number.saturating_mul(64);
    let grid: Vec<u8> = (0..125_u8)
        .map(|number| [step(number % 5), step(number / 5 % 5), step(number / 25), 255])
        .flat_map(|colour| colour.into_iter().take(channels))
        .collect();
    let mut moved = grid.clone();
    transform.transform(&grid, &mut moved).is_ok()
        && grid.iter().zip(&moved).all(|(a, b)| a.abs_diff(*b) <= NOTICEABLE)
}
