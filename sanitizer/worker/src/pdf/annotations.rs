//! What annotations and form fields show, drawn onto the page.

use hayro::hayro_syntax::object::{Array, Dict, Name, Object, Rect, Stream};
use hayro::hayro_syntax::page::{Page as Source, Resources};
use hayro::kurbo::{Affine, Shape};
use sanitizer_intermediate::pdf::{Matrix, Step};
use sanitizer_intermediate::{ChangedKind, Place};

use super::book::{Book, Halt};
use super::content::affine;

const HIDDEN: u32 = 1 << 1;
const NO_VIEW: u32 = 1 << 5;

/// The steps that draw the annotations of a page over its content.
pub(super) fn draw<'a>(
    page: &Source<'a>,
    _catalog: &Dict<'a>,
    book: &mut Book<'a>,
) -> Result<Vec<Step>, Halt> {
    let mut steps = Vec::new();
    let Some(annotations) = page.raw().get::<Array<'_>>(b"Annots") else { return Ok(steps) };
    for annotation in annotations.iter::<Dict<'_>>() {
        book.spend(1)?;
        let flags = annotation.get::<u32>(b"F").unwrap_or(0);
        if flags & (HIDDEN | NO_VIEW) != 0 || !book.layers.shows(&annotation, b"OC") {
            continue;
        }
        let kind = annotation.get::<Name<'_>>(b"Subtype");
        let kind = kind.as_ref().map(|kind| kind.as_ref()).unwrap_or_default();
        if kind == b"Popup" {
            continue;
        }
        if let Some(drawn) = appearance(&annotation, page.resources(), book)? {
            steps.extend(drawn);
            if kind != b"Widget" {
                book.findings.change(ChangedKind::AnnotationsDrawn, 1, Place::Page(book.page));
            }
        }
    }
    Ok(steps)
}

/// The normal appearance, fitted into the annotation's rectangle (PDF 2.0,
/// 12.5.5).
fn appearance<'a>(
    annotation: &Dict<'a>,
    resources: &Resources<'a>,
    book: &mut Book<'a>,
) -> Result<Option<Vec<Step>>, Halt> {
    let (Some(stream), Some(rect)) = (normal(annotation), annotation.get::<Rect>(b"Rect")) else {
        return Ok(None);
    };
    if !book.layers.shows(stream.dict(), b"OC") {
        return Ok(None);
    }
    let Some(fit) = fitted(stream.dict(), rect) else { return Ok(None) };
    let Some(form) = book.form(&stream, resources, affine(fit))? else { return Ok(None) };
    Ok(Some(vec![Step::Save, Step::Concat(fit), Step::Form(form), Step::Restore]))
}

fn normal<'a>(annotation: &Dict<'a>) -> Option<Stream<'a>> {
    match annotation.get::<Dict<'a>>(b"AP")?.get::<Object<'a>>(b"N")? {
        Object::Stream(stream) => Some(stream),
        Object::Dict(states) => {
            let state = annotation.get::<Name<'_>>(b"AS");
            let state = state.as_ref().map_or(&b"Off"[..], |state| state.as_ref());
            states.get::<Stream<'a>>(state)
        }
        _ => None,
    }
}

fn fitted(form: &Dict<'_>, rect: Rect) -> Option<Matrix> {
    let [x0, y0, x1, y1] = form.get::<[f64; 4]>(b"BBox")?;
    let matrix =
        Affine::new(form.get::<[f64; 6]>(b"Matrix").unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]));
    let shown = (matrix * hayro::kurbo::Rect::new(x0, y0, x1, y1).to_path(0.1)).bounding_box();
    let (width, height) = (shown.width(), shown.height());
    if !(width.is_normal() && height.is_normal()) {
        return None;
    }
    let (sx, sy) = (rect.width() / width, rect.height() / height);
    let fit = [sx, 0.0, 0.0, sy, rect.x0 - sx * shown.x0, rect.y0 - sy * shown.y0];
    fit.iter().all(|number| number.is_finite()).then(|| fit.map(|number| number as f32))
}
