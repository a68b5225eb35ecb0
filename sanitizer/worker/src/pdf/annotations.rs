//! What annotations and form fields show, drawn onto the page, and where links
//! lead.
//!
//! | annotation | becomes |
//! |---|---|
//! | with an appearance | that appearance, as a form |
//! | form field without one, or when the file asks for new ones | drawn from its value ([`fields`]) |
//! | mark, line, shape, free text without one | drawn from its numbers ([`marks`]) |
//! | link | its border, and a link when it leads to a page or the web |

mod fields;
mod links;
mod marks;
mod words;

use hayro::hayro_syntax::object::{Array, Dict, Name, Object, Rect, Stream};
use hayro::hayro_syntax::page::{Page as Source, Resources};
use hayro::kurbo::{Affine, Shape};
use sanitizer_intermediate::pdf::{Link, Matrix, Step, max};
use sanitizer_intermediate::{ChangedKind, Place};

use self::fields::FormRules;
pub(super) use self::links::web_address;
use super::book::{Book, Halt};
use super::content::affine;

const HIDDEN: u32 = 1 << 1;
const NO_VIEW: u32 = 1 << 5;

/// What the annotations of a page come to.
#[derive(Default)]
pub(super) struct Drawn {
    pub(super) steps: Vec<Step>,
    pub(super) links: Vec<Link>,
}

/// Draws the annotations of a page over its content.
pub(super) fn draw<'a>(
    page: &Source<'a>,
    catalog: &Dict<'a>,
    book: &mut Book<'a>,
) -> Result<Drawn, Halt> {
    let mut drawn = Drawn::default();
    let Some(annotations) = page.raw().get::<Array<'_>>(b"Annots") else { return Ok(drawn) };
    let rules = FormRules::of(catalog);
    for annotation in annotations.iter::<Dict<'_>>() {
        book.spend(1)?;
        let flags = annotation.get::<u32>(b"F").unwrap_or(0);
        if flags & (HIDDEN | NO_VIEW) != 0 || !book.layers.shows(&annotation, b"OC") {
            continue;
        }
        draw_one(&annotation, page.resources(), &rules, book, &mut drawn)?;
    }
    Ok(drawn)
}

fn draw_one<'a>(
    annotation: &Dict<'a>,
    resources: &Resources<'a>,
    rules: &FormRules<'a>,
    book: &mut Book<'a>,
    drawn: &mut Drawn,
) -> Result<(), Halt> {
    let kind = annotation.get::<Name<'_>>(b"Subtype");
    let kind = kind.as_ref().map(|kind| kind.as_ref()).unwrap_or_default();
    let steps = match kind {
        b"Popup" => return Ok(()),
        b"Link" => {
            if let Some(link) = links::link(annotation, book)
                && drawn.links.len() < max::LINKS
            {
                drawn.links.push(link);
            }
            links::border(annotation)
        }
        b"Widget" if rules.draws_anew(annotation) => fields::draw(annotation, rules, book)?,
        _ => match appearance(annotation, resources, book)? {
            Some(steps) => Some(steps),
            None if annotation.contains_key(b"AP") => None,
            None => marks::draw(kind, annotation, book)?,
        },
    };
    let Some(steps) = steps else { return Ok(()) };
    if !matches!(kind, b"Widget" | b"Link") {
        book.findings.change(ChangedKind::AnnotationsDrawn, 1, Place::Page(book.page));
    }
    drawn.steps.push(Step::Save);
    drawn.steps.extend(steps);
    drawn.steps.push(Step::Restore);
    Ok(())
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
    Ok(Some(vec![Step::Concat(fit), Step::Form(form)]))
}

/// The stream of the normal appearance in the state the annotation is in.
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
    let matrix = form.get::<[f64; 6]>(b"Matrix").unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    let bounds = hayro::kurbo::Rect::new(x0, y0, x1, y1);
    let shown = (Affine::new(matrix) * bounds.to_path(0.1)).bounding_box();
    let (width, height) = (shown.width(), shown.height());
    if !(width.is_normal() && height.is_normal()) {
        return None;
    }
    let (sx, sy) = (rect.width() / width, rect.height() / height);
    let fit = [sx, 0.0, 0.0, sy, rect.x0 - sx * shown.x0, rect.y0 - sy * shown.y0];
    fit.iter().all(|number| number.is_finite()).then(|| fit.map(|number| number as f32))
}

/// The sides of the annotation's rectangle.
fn area(annotation: &Dict<'_>) -> Option<[f32; 4]> {
    let rect = annotation.get::<Rect>(b"Rect")?;
    let sides = [rect.x0, rect.y0, rect.x1, rect.y1].map(|number| number as f32);
    sides.iter().all(|number| number.is_finite()).then_some(sides)
}
