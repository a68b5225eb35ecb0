//! One page: boxes, content, what its annotations show.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro::hayro_syntax::object::{Dict, Rect};
use hayro::hayro_syntax::page::{Page as Source, Rotation};
use hayro::kurbo::Affine;
use sanitizer_intermediate::pdf::{Box4, Link, Page, Step};
use sanitizer_intermediate::{ChangedKind, Place};

use super::book::{Book, Halt};
use super::content::Walker;
use super::{annotations, forms, raster, unseen};

/// The sheet readers assume when the file names none.
const LETTER: Box4 = [0.0, 0.0, 612.0, 792.0];

/// Reads a page; as a picture when its content cannot be kept step by step.
pub(super) fn read<'a>(
    source: &'a Source<'a>,
    catalog: &Dict<'a>,
    book: &mut Book<'a>,
) -> Result<Page, Halt> {
    let unit = source.raw().get::<f32>(b"UserUnit").unwrap_or(1.0);
    let media = if has_media_box(source.raw()) { corners(source.media_box()) } else { LETTER };
    let crop = if has_media_box(source.raw()) { corners(source.crop_box()) } else { LETTER };
    let mut page = Page {
        media,
        crop,
        turns: turns(source.rotation()),
        unit: if unit.is_finite() && unit > 0.0 { unit.clamp(0.1, 100.0) } else { 1.0 },
        group: forms::group(source.raw()),
        content: Vec::new(),
        links: Vec::new(),
    };
    let (pictures, samples) = (book.things.pictures.len(), book.samples_left);
    let walked = catch_unwind(AssertUnwindSafe(|| content(source, catalog, book)));
    if book.limits.page_pictures {
        // The pictures of the page are in its own picture.
        book.things.pictures.truncate(pictures);
        book.samples_left = samples;
    }
    page.content = match walked {
        Ok(Ok((steps, links))) => {
            page.links = links;
            if book.limits.page_pictures {
                book.findings.change(ChangedKind::PagesAsPictures, 1, Place::Page(book.page));
                let text = unseen::text(&steps, book)?;
                page.group = None;
                [raster::page(source, &page, book)?, text].concat()
            } else {
                steps
            }
        }
        Ok(Err(Halt::Hold(reason))) => return Err(Halt::Hold(reason)),
        Ok(Err(Halt::Page)) | Err(_) => {
            book.begin_again();
            book.findings.change(ChangedKind::PagesAsPictures, 1, Place::Page(book.page));
            page.group = None;
            let steps = rescued(source, book)?;
            let text = unseen::text(&steps, book)?;
            [raster::page(source, &page, book)?, text].concat()
        }
    };
    Ok(page)
}

fn content<'a>(
    source: &'a Source<'a>,
    catalog: &Dict<'a>,
    book: &mut Book<'a>,
) -> Result<(Vec<Step>, Vec<Link>), Halt> {
    affords_content(source, book)?;
    let content = source.page_stream().unwrap_or_default();
    let resources = source.resources().clone();
    let mut steps = Walker::new(book, resources, Affine::IDENTITY).run(content)?;
    let drawn = annotations::draw(source, catalog, book)?;
    if !drawn.steps.is_empty() {
        steps.insert(0, Step::Save);
        steps.push(Step::Restore);
        steps.extend(drawn.steps);
    }
    Ok((steps, drawn.links))
}

/// What can be had of a page that does not come through whole: its picture
/// shows everything, here the words count.
fn rescued<'a>(source: &'a Source<'a>, book: &mut Book<'a>) -> Result<Vec<Step>, Halt> {
    let walked = catch_unwind(AssertUnwindSafe(|| {
        affords_content(source, book)?;
        let content = source.page_stream().unwrap_or_default();
        Walker::new(book, source.resources().clone(), Affine::IDENTITY).rescue(content)
    }));
    match walked {
        Ok(Err(Halt::Hold(reason))) => Err(Halt::Hold(reason)),
        Ok(Ok(steps)) => Ok(steps),
        Ok(Err(Halt::Page)) | Err(_) => {
            book.open.clear();
            Ok(Vec::new())
        }
    }
}

/// The page's streams are decoded by the library in one go.
fn affords_content(source: &Source<'_>, book: &mut Book<'_>) -> Result<(), Halt> {
    use hayro::hayro_syntax::object::{Array, Stream};
    let raw = source.raw();
    if let Some(stream) = raw.get::<Stream<'_>>(b"Contents") {
        book.affords(&stream)?;
    } else if let Some(streams) = raw.get::<Array<'_>>(b"Contents") {
        for stream in streams.iter::<Stream<'_>>() {
            book.affords(&stream)?;
        }
    }
    Ok(())
}

/// Whether a page or one of the nodes above it says how large it is.
fn has_media_box(page: &Dict<'_>) -> bool {
    let mut node = Some(page.clone());
    for _ in 0..64 {
        let Some(dict) = node else { return false };
        if dict.get::<Rect>(b"MediaBox").is_some() {
            return true;
        }
        node = dict.get::<Dict<'_>>(b"Parent");
    }
    true
}

fn corners(rect: Rect) -> Box4 {
    [rect.x0, rect.y0, rect.x1, rect.y1].map(|number| number as f32)
}

fn turns(rotation: Rotation) -> u8 {
    match rotation {
        Rotation::None => 0,
        Rotation::Horizontal => 1,
        Rotation::Flipped => 2,
        Rotation::FlippedHorizontal => 3,
    }
}
