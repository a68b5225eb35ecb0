//! AVIF: pictures coded as AV1, in the same container as HEIC. The container
//! and the turning are those of the HEIC reader; the decoder is dav1d, ported
//! to Rust, on one thread (decision 0006).

use heic_rs::context::Context;
use heic_rs::ftyp::FileType;
use heic_rs::{Brand, Image, MatrixCoefficients, PixelLayout as Layout, Range, meta};
use image::{DynamicImage, RgbaImage};
use re_rav1d::dav1d::{
    Decoder, Error, Picture as Coded, PixelLayout, PlanarImageComponent as Channel, Settings,
};
use sanitizer_intermediate::image::{Picture, Source};
use sanitizer_intermediate::{ChangedKind, Findings, HoldReason, Limits, Place, RemovedKind};

use super::{colour, heic, note, picture, still};

/// Such photos are about as good as a JPEG of this quality.
const QUALITY: u8 = 90;
/// Luma of colours in 4:2:0 is said to be, when nothing else is, of the older television.
const UNSAID: u16 = 6;

/// The container, when what it shows is coded as AV1.
pub(super) fn open(bytes: &[u8]) -> Option<Context<'_>> {
    // The reader of the container refuses the brand, not the contents.
    let ftyp = FileType {
        major: Brand::Avif,
        effective: Brand::Avif,
        minor_version: 0,
        compatible_count: 0,
    };
    let file = Context { file: bytes, ftyp, meta: meta::parse(bytes).ok()? };
    let main = file.meta.primary;
    let coded = match file.grid(main).ok()? {
        Some((_, tiles)) => *tiles.first()?,
        None => main,
    };
    let is_av1 = &file.meta.item(coded)?.item_type == b"av01";
    is_av1.then_some(file)
}

/// Decodes the main picture.
pub(super) fn read(
    file: &Context<'_>,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Picture, HoldReason> {
    let main = file.meta.primary;
    let properties = file.props(main).map_err(|_| HoldReason::Broken)?;
    if file.exif_item(main).is_some() {
        note(findings, RemovedKind::Exif);
    }
    if file.xmp_item(main).is_some() {
        note(findings, RemovedKind::Xmp);
    }
    let said = properties.nclx.map(|it| (it.matrix_code, it.range == Range::Full));
    let mut shown = item(file, main, said, limits, findings)?;
    if let Some(alpha) = file.alpha_item(main).map_err(|_| HoldReason::Broken)? {
        let alpha = item(file, alpha, None, limits, findings)?;
        lay(&mut shown, &alpha);
    }
    let upright = heic::upright(shown, &properties.transforms)?;
    let upright = RgbaImage::from_raw(upright.width, upright.height, upright.data);
    let mut upright = DynamicImage::ImageRgba8(upright.ok_or(HoldReason::Broken)?);
    if let Some(profile) = file.icc(&properties) {
        note(findings, RemovedKind::ColourProfile);
        if colour::to_srgb(&mut upright, profile) {
            findings.change(ChangedKind::ColoursConverted, 1, Place::Document);
        }
    }
    picture::from_decoded(upright, Source::Lossy { quality: QUALITY, subsampled: true })
}

/// A coded item, or one put together of tiles.
fn item(
    file: &Context<'_>,
    number: u32,
    said: Option<(u16, bool)>,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Image, HoldReason> {
    let Some((grid, tiles)) = file.grid(number).map_err(|_| HoldReason::Broken)? else {
        return coded(file, number, said, limits, findings);
    };
    still::check_size(grid.output_width, grid.output_height, limits)?;
    let mut whole =
        Image::zeroed(grid.output_width, grid.output_height, Layout::Rgba8, limits.pixels)
            .map_err(|_| HoldReason::TooLarge)?;
    let mut first: Option<(u32, u32)> = None;
    for (at, tile) in (0_u32..).zip(tiles) {
        let tile = coded(file, tile, said, limits, findings)?;
        let (wide, tall) = *first.get_or_insert((tile.width, tile.height));
        let (column, row) = (at % grid.columns.max(1), at / grid.columns.max(1));
        let place = (column.saturating_mul(wide), row.saturating_mul(tall));
        put(&mut whole, &tile, place);
    }
    Ok(whole)
}

/// Copies a tile to its place; what reaches over the edge is not shown.
fn put(whole: &mut Image, tile: &Image, (left, top): (u32, u32)) {
    let visible = tile.width.min(whole.width.saturating_sub(left)) as usize * 4;
    let row_bytes = whole.row_bytes();
    for (y, line) in tile.data.chunks_exact(tile.row_bytes()).enumerate() {
        let start = (top as usize + y) * row_bytes + left as usize * 4;
        if let Some(to) = whole.data.get_mut(start..start + visible)
            && (top as usize + y) < whole.height as usize
        {
            to.copy_from_slice(&line[..visible]);
        }
    }
}

/// The red of another picture becomes the opacity.
fn lay(shown: &mut Image, alpha: &Image) {
    let (width, height) = (shown.width as usize, shown.height as usize);
    let (wide, tall) = (alpha.width as usize, alpha.height as usize);
    for y in 0..height {
        for x in 0..width {
            let from = (y * tall / height * wide + x * wide / width) * 4;
            let opacity = alpha.data.get(from).copied().unwrap_or(255);
            if let Some(to) = shown.data.get_mut((y * width + x) * 4 + 3) {
                *to = opacity;
            }
        }
    }
}

/// Decodes the first frame of an item.
fn coded(
    file: &Context<'_>,
    number: u32,
    said: Option<(u16, bool)>,
    limits: &Limits,
    findings: &mut Findings,
) -> Result<Image, HoldReason> {
    let size = file.props(number).ok().and_then(|it| it.ispe).ok_or(HoldReason::Broken)?;
    still::check_size(size.width, size.height, limits)?;
    let data = file.item_data(number).map_err(|_| HoldReason::Broken)?.into_owned();
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_frame_size_limit(u32::try_from(limits.pixels).unwrap_or(u32::MAX));
    let mut decoder = Decoder::with_settings(&settings).map_err(|_| HoldReason::WorkerFault)?;
    match decoder.send_data(data, None, None, None) {
        Ok(()) | Err(Error::Again) => {}
        Err(error) => return Err(reason(error)),
    }
    let coded = decoder.get_picture().map_err(reason)?;
    if coded.bit_depth() > 8 {
        findings.change(ChangedKind::DepthReduced, 1, Place::Document);
    }
    still::check_size(coded.width(), coded.height(), limits)?;
    converted(&coded, said, limits)
}

const fn reason(error: Error) -> HoldReason {
    match error {
        Error::NotEnoughMemory => HoldReason::TooLarge,
        _ => HoldReason::Broken,
    }
}

/// Rows of samples of eight, ten or twelve bits.
struct Plane {
    data: re_rav1d::dav1d::Plane,
    stride: usize,
    wide: bool,
    /// The last column and row there is.
    last: (usize, usize),
}

impl Plane {
    fn of(coded: &Coded, channel: Channel, size: (usize, usize)) -> Self {
        Self {
            data: coded.plane(channel),
            stride: coded.stride(channel) as usize,
            wide: coded.bit_depth() > 8,
            last: (size.0.saturating_sub(1), size.1.saturating_sub(1)),
        }
    }

    fn at(&self, x: usize, y: usize) -> i32 {
        let (x, y) = (x.min(self.last.0), y.min(self.last.1));
        let start = y * self.stride;
        if self.wide {
            let pair = self.data.get(start + x * 2..start + x * 2 + 2).unwrap_or(&[0, 0]);
            i32::from(u16::from_ne_bytes([pair[0], pair[1]]))
        } else {
            self.data.get(start + x).copied().map_or(0, i32::from)
        }
    }
}

/// A plane in part of the resolution, read in full: between samples, their mix.
struct Spread {
    plane: Plane,
    halved: (bool, bool),
}

impl Spread {
    /// In quarters of a sample: where a full position lies, and what the next one weighs.
    fn along(position: usize, halved: bool) -> (usize, i32) {
        match (halved, position) {
            (false, _) => (position, 0),
            (true, 0) => (0, 0),
            (true, _) if position % 2 == 1 => (position / 2, 1),
            (true, _) => (position / 2 - 1, 3),
        }
    }

    fn at(&self, x: usize, y: usize) -> i32 {
        let (column, right) = Self::along(x, self.halved.0);
        let (row, below) = Self::along(y, self.halved.1);
        let line = |y: usize| {
            let left = self.plane.at(column, y);
            if right == 0 {
                left * 4
            } else {
                left * (4 - right) + self.plane.at(column + 1, y) * right
            }
        };
        let mixed = if below == 0 {
            line(row) * 4
        } else {
            line(row) * (4 - below) + line(row + 1) * below
        };
        (mixed + 8) / 16
    }
}

/// Luma and colour differences become red, green and blue of eight bits.
fn converted(
    coded: &Coded,
    said: Option<(u16, bool)>,
    limits: &Limits,
) -> Result<Image, HoldReason> {
    let (width, height) = (coded.width() as usize, coded.height() as usize);
    let mut shown = Image::zeroed(coded.width(), coded.height(), Layout::Rgba8, limits.pixels)
        .map_err(|_| HoldReason::TooLarge)?;
    let own = (coded.matrix_coefficients() as u16, coded.color_range() as u8 == 1);
    let (matrix, full) = said.unwrap_or(own);
    let matrix = if matrix == 2 { UNSAID } else { matrix };
    let maths = Maths::new(coded.bit_depth(), matrix, full);
    let luma = Plane::of(coded, Channel::Y, (width, height));
    let halved = match coded.pixel_layout() {
        PixelLayout::I400 => None,
        PixelLayout::I420 => Some((true, true)),
        PixelLayout::I422 => Some((true, false)),
        PixelLayout::I444 => Some((false, false)),
    };
    let colours = halved.map(|halved| {
        let part = |it: usize, halved: bool| if halved { it.div_ceil(2) } else { it };
        let size = (part(width, halved.0), part(height, halved.1));
        [Channel::U, Channel::V].map(|it| Spread { plane: Plane::of(coded, it, size), halved })
    });
    for (y, line) in shown.data.chunks_exact_mut(width * 4).enumerate() {
        for (x, pixel) in line.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let light = luma.at(x, y);
            let [red, green, blue] = match &colours {
                Some([u, v]) => maths.colour(light, u.at(x, y), v.at(x, y)),
                None => [maths.grey(light); 3],
            };
            *pixel = [red, green, blue, 255];
        }
    }
    Ok(shown)
}

/// How samples become colours.
struct Maths {
    /// Luma of black, and what makes 0 to 255 of the rest.
    black: f32,
    luma: f32,
    /// The colour difference that is none, and what makes -255 to 255 of the rest.
    middle: f32,
    chroma: f32,
    kind: Kind,
}

enum Kind {
    /// Green, blue, red as they are.
    Plain,
    /// Green against the others.
    Lifted,
    /// Weights of red and blue in the luma.
    Weighted(f32, f32),
}

impl Maths {
    fn new(depth: usize, matrix: u16, full: bool) -> Self {
        let step = f32::from(1_u16 << depth.clamp(8, 12).saturating_sub(8));
        let top = step * 256.0 - 1.0;
        let (black, luma, chroma) = if full {
            (0.0, 255.0 / top, 255.0 / top)
        } else {
            (16.0 * step, 255.0 / (219.0 * step), 255.0 / (224.0 * step))
        };
        let kind = match matrix {
            0 => Kind::Plain,
            8 => Kind::Lifted,
            _ => {
                let (red, blue) = MatrixCoefficients::from_code(matrix).luma_weights();
                Kind::Weighted(red, blue)
            }
        };
        Self { black, luma, middle: step * 128.0, chroma, kind }
    }

    #[expect(clippy::cast_precision_loss, reason = "sixteen bits")]
    fn light(&self, sample: i32) -> f32 {
        (sample as f32 - self.black) * self.luma
    }

    fn grey(&self, sample: i32) -> u8 {
        byte(self.light(sample))
    }

    fn colour(&self, y: i32, u: i32, v: i32) -> [u8; 3] {
        let light = self.light(y);
        #[expect(clippy::cast_precision_loss, reason = "sixteen bits")]
        let difference = |it: i32| (it as f32 - self.middle) * self.chroma;
        match self.kind {
            Kind::Plain => [self.grey(v), byte(light), self.grey(u)],
            Kind::Lifted => {
                let (green, orange) = (difference(u), difference(v));
                [byte(light - green + orange), byte(light + green), byte(light - green - orange)]
            }
            Kind::Weighted(red, blue) => {
                let (b, r) = (difference(u), difference(v));
                let (of_red, of_blue) = (2.0 * (1.0 - red), 2.0 * (1.0 - blue));
                let green = 1.0 - red - blue;
                [
                    byte(light + of_red * r),
                    byte(light - (red * of_red * r + blue * of_blue * b) / green),
                    byte(light + of_blue * b),
                ]
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bounded, and the cast saturates"
)]
fn byte(number: f32) -> u8 {
    number.round().clamp(0.0, 255.0) as u8
}
