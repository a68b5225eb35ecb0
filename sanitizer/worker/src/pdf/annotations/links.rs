//! Links: their border, and where they lead.

use hayro::hayro_syntax::object::{Array, Dict, Name, Object, String as PdfString};
use sanitizer_intermediate::pdf::{Colour, Line, Link, Paint, Segment, Step, Target, max};

use super::area;
use crate::pdf::book::Book;

/// A link to a page of the file, or to the web for builders that keep those.
pub(super) fn link(annotation: &Dict<'_>, book: &Book<'_>) -> Option<Link> {
    let area = area(annotation)?;
    if let Some(page) = book.targets.of(annotation, b"A") {
        return Some(Link { area, target: Target::Page(page) });
    }
    let action = annotation.get::<Dict<'_>>(b"A")?;
    let address = web_address(&action)?;
    Some(Link { area, target: Target::Web(address) })
}

/// The address of a URI action when it is an ordinary one.
pub(in crate::pdf) fn web_address(action: &Dict<'_>) -> Option<String> {
    if action.get::<Name<'_>>(b"S")?.as_ref() != b"URI" {
        return None;
    }
    let address = action.get::<PdfString<'_>>(b"URI")?;
    let address = std::str::from_utf8(address.as_bytes()).ok()?.trim().to_owned();
    let lower = address.to_ascii_lowercase();
    let web = ["http://", "https://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme));
    let plain =
        address.len() <= max::ADDRESS && address.bytes().all(|byte| byte.is_ascii_graphic());
    (web && plain).then_some(address)
}

/// The border readers draw around links that ask for one.
pub(super) fn border(annotation: &Dict<'_>) -> Option<Vec<Step>> {
    let style = Border::of(annotation)?;
    let [r, g, b] = super::marks::colour(annotation, b"C")?.unwrap_or([0.0; 3]);
    let [x0, y0, x1, y1] = area(annotation)?;
    let mut steps =
        vec![Step::Stroke(Colour::Rgb([r, g, b])), Step::Line(Line::Width(style.width))];
    if !style.dashes.is_empty() {
        steps.push(Step::Line(Line::Dash(style.dashes, 0.0)));
    }
    let segments = if style.underline {
        vec![Segment::Move(x0, y0), Segment::Line(x1, y0)]
    } else {
        vec![Segment::Rect([x0, y0, x1 - x0, y1 - y0])]
    };
    steps.push(Step::Path { segments, paint: Paint { stroke: true, ..Paint::default() } });
    Some(steps)
}

/// `/BS`, or `/Border`.
#[derive(Default)]
pub(super) struct Border {
    pub(super) width: f32,
    pub(super) dashes: Vec<f32>,
    pub(super) underline: bool,
}

impl Border {
    /// `None` when there is none, or one without width.
    pub(super) fn of(annotation: &Dict<'_>) -> Option<Self> {
        let border = if let Some(style) = annotation.get::<Dict<'_>>(b"BS") {
            Self::of_style(&style)
        } else {
            Self::of_array(&annotation.get::<Array<'_>>(b"Border")?)
        };
        (border.width.is_normal() && border.width > 0.0).then_some(border)
    }

    fn of_style(style: &Dict<'_>) -> Self {
        let kind = style.get::<Name<'_>>(b"S");
        let kind = kind.as_ref().map(|kind| kind.as_ref()).unwrap_or_default();
        let dashes = style.get::<Array<'_>>(b"D").map(|dashes| numbers(&dashes));
        Self {
            width: style.get::<f32>(b"W").unwrap_or(1.0),
            dashes: if kind == b"D" { dashes.unwrap_or(vec![3.0]) } else { Vec::new() },
            underline: kind == b"U",
        }
    }

    fn of_array(array: &Array<'_>) -> Self {
        let mut parts = array.iter::<Object<'_>>().skip(2);
        let width = parts.next().and_then(Object::into_f32).unwrap_or(1.0);
        let dashes = parts.next().and_then(Object::into_array);
        Self {
            width,
            dashes: dashes.map(|dashes| numbers(&dashes)).unwrap_or_default(),
            underline: false,
        }
    }
}

/// Dashes that are worth writing.
fn numbers(array: &Array<'_>) -> Vec<f32> {
    let dashes: Vec<f32> = array.iter::<f32>().take(max::DASHES).collect();
    let sane = dashes.iter().all(|dash| dash.is_finite() && *dash >= 0.0);
    if sane && dashes.iter().any(|dash| *dash > 0.0) { dashes } else { Vec::new() }
}
