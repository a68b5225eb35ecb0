//! The fall-back: a page as a picture, with its text laid invisibly over it.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::page::Page as Source;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use sanitizer_intermediate::HoldReason;
use sanitizer_intermediate::image::{Picture, Samples, Source as Coding};
use sanitizer_intermediate::pdf::{Matrix, Page, PdfPicture, Step};

use super::book::{Book, Halt};

/// Dots per inch of page pictures.
const DPI: f32 = 150.0;
/// Longest side of a page picture.
const LONGEST: f32 = 4_000.0;

/// Draws the page as a picture that fills its crop box.
pub(super) fn page<'a>(
    source: &'a Source<'a>,
    page: &Page,
    book: &mut Book<'a>,
) -> Result<Vec<Step>, Halt> {
    let (width, height) = source.render_dimensions();
    let scale = (DPI / 72.0 * page.unit).min(LONGEST / width.max(height));
    let cache = RenderCache::new();
    let pixmap = render(
        source,
        &cache,
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE },
    );
    let (columns, rows) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
    let pixels = pixmap.data();
    let (samples, data): (_, Vec<u8>) = if pixels.iter().all(|it| it.r == it.g && it.g == it.b) {
        (Samples::Gray, pixels.iter().map(|it| it.r).collect())
    } else {
        (Samples::Rgb, pixels.iter().flat_map(|it| [it.r, it.g, it.b]).collect())
    };
    let left = book.samples_left.checked_sub(data.len());
    book.samples_left = left.ok_or(Halt::Hold(HoldReason::TooLarge))?;
    let coding = Coding::Lossy { quality: 85, subsampled: false };
    let picture = Picture::new(columns, rows, samples, data, coding).map_err(|_| Halt::Page)?;
    let picture = PdfPicture { picture, alpha: None, stencil: None, smooth: true, coded_bytes: 0 };
    let number = Book::number(&mut book.things.pictures, picture);
    Ok(vec![Step::Save, Step::Concat(fill(page)), Step::Picture(number), Step::Restore])
}

/// From the unit square, as it is seen, to the page before it is turned.
fn fill(page: &Page) -> Matrix {
    let x0 = page.crop[0].max(page.media[0]);
    let y0 = page.crop[1].max(page.media[1]);
    let w = page.crop[2].min(page.media[2]) - x0;
    let h = page.crop[3].min(page.media[3]) - y0;
    match page.turns {
        1 => [0.0, h, -w, 0.0, x0 + w, y0],
        2 => [-w, 0.0, 0.0, -h, x0 + w, y0 + h],
        3 => [0.0, -h, w, 0.0, x0, y0 + h],
        _ => [w, 0.0, 0.0, h, x0, y0],
    }
}
