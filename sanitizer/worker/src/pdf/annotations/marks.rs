//! Marks, lines, shapes and free text drawn from their numbers.

use hayro::hayro_syntax::object::{Array, Dict, Object, String as PdfString};
use sanitizer_intermediate::pdf::{Blend, Colour, Line, Paint, Rule, Segment, Step};

use super::area;
use super::links::Border;
use super::words::{Style, Words};
use crate::pdf::book::{Book, Halt};
use crate::pdf::strings;

/// Points of one annotation.
const POINTS: usize = 20_000;

/// Draws an annotation of this subtype; `None` for kinds without a look of
/// their own.
pub(super) fn draw(
    kind: &[u8],
    annotation: &Dict<'_>,
    book: &mut Book<'_>,
) -> Result<Option<Vec<Step>>, Halt> {
    let Some(rgb) = colour(annotation, b"C") else { return Ok(None) };
    let shape = match kind {
        b"Highlight" => return Ok(Some(highlight(annotation, rgb.unwrap_or([1.0, 1.0, 0.0])))),
        b"Underline" | b"Squiggly" => Some(lines_along(annotation, 0.08)),
        b"StrikeOut" => Some(lines_along(annotation, 0.5)),
        b"Square" => boxed(annotation)
            .map(|[x0, y0, x1, y1]| vec![Segment::Rect([x0, y0, x1 - x0, y1 - y0])]),
        b"Circle" => boxed(annotation).map(ellipse),
        b"Line" => Some(joined(&numbers(annotation, b"L"), false)),
        b"PolyLine" => Some(joined(&numbers(annotation, b"Vertices"), false)),
        b"Polygon" => Some(joined(&numbers(annotation, b"Vertices"), true)),
        b"Ink" => Some(strokes(annotation)),
        b"FreeText" => return free_text(annotation, book),
        _ => None,
    };
    let Some(segments) = shape.filter(|segments| !segments.is_empty()) else { return Ok(None) };
    book.spend(segments.len())?;
    let inside = match kind {
        b"Square" | b"Circle" | b"Polygon" => colour(annotation, b"IC").flatten(),
        _ => None,
    };
    let width = Border::of(annotation);
    let asked = annotation.contains_key(b"BS") || annotation.contains_key(b"Border");
    let stroke = width.is_some() || !asked;
    let mut steps = opacity(annotation);
    steps.push(Step::Stroke(Colour::Rgb(rgb.unwrap_or([0.0; 3]))));
    if let Some(rgb) = inside {
        steps.push(Step::Fill(Colour::Rgb(rgb)));
    }
    if let Some(border) = width {
        steps.push(Step::Line(Line::Width(border.width)));
        if !border.dashes.is_empty() {
            steps.push(Step::Line(Line::Dash(border.dashes, 0.0)));
        }
    }
    let fill = inside.map(|_| Rule::NonZero);
    steps.push(Step::Path { segments, paint: Paint { fill, stroke, clip: None } });
    Ok(Some(steps))
}

/// The colour under a key: `Some(None)` when there is none, `None` when it is
/// said to be transparent.
pub(super) fn colour(annotation: &Dict<'_>, key: &[u8]) -> Option<Option<[f32; 3]>> {
    let Some(array) = annotation.get::<Array<'_>>(key) else { return Some(None) };
    let numbers: Vec<f32> = array.iter::<f32>().take(5).map(|it| it.clamp(0.0, 1.0)).collect();
    match numbers.as_slice() {
        [] => None,
        [gray] => Some(Some([*gray; 3])),
        [r, g, b] => Some(Some([*r, *g, *b])),
        [c, m, y, k] => Some(Some([c, m, y].map(|ink| (1.0 - (ink + k)).max(0.0)))),
        _ => Some(None),
    }
}

fn opacity(annotation: &Dict<'_>) -> Vec<Step> {
    match annotation.get::<f32>(b"CA") {
        Some(alpha) if (0.0..1.0).contains(&alpha) => {
            vec![Step::FillAlpha(alpha), Step::StrokeAlpha(alpha)]
        }
        _ => Vec::new(),
    }
}

fn numbers(annotation: &Dict<'_>, key: &[u8]) -> Vec<f32> {
    let array = annotation.get::<Array<'_>>(key);
    let numbers = array.iter().flat_map(|array| array.iter::<f32>());
    numbers.take(POINTS).map(|it| if it.is_finite() { it } else { 0.0 }).collect()
}

/// Four corners each, as the text runs: top left, top right, bottom left,
/// bottom right.
fn quads(annotation: &Dict<'_>) -> Vec<[f32; 8]> {
    let numbers = numbers(annotation, b"QuadPoints");
    let (quads, _) = numbers.as_chunks::<8>();
    quads.to_vec()
}

fn highlight(annotation: &Dict<'_>, rgb: [f32; 3]) -> Vec<Step> {
    let mut steps = opacity(annotation);
    steps.push(Step::Blend(Blend::Multiply));
    steps.push(Step::Fill(Colour::Rgb(rgb)));
    let mut segments = Vec::new();
    for [x1, y1, x2, y2, x3, y3, x4, y4] in quads(annotation) {
        let bulge = (y1 - y3).abs() / 4.0;
        segments.extend([
            Segment::Move(x3, y3),
            Segment::Curve([x3 - bulge, y3 + bulge, x1 - bulge, y1 - bulge, x1, y1]),
            Segment::Line(x2, y2),
            Segment::Curve([x2 + bulge, y2 - bulge, x4 + bulge, y4 + bulge, x4, y4]),
            Segment::Close,
        ]);
    }
    if segments.is_empty() {
        return Vec::new();
    }
    let paint = Paint { fill: Some(Rule::NonZero), ..Paint::default() };
    steps.push(Step::Path { segments, paint });
    steps
}

/// Lines through the text at a share of its height.
fn lines_along(annotation: &Dict<'_>, share: f32) -> Vec<Segment> {
    let at = |low: f32, high: f32| low + (high - low) * share;
    let line = |[x1, y1, x2, y2, x3, y3, x4, y4]: [f32; 8]| {
        [Segment::Move(at(x3, x1), at(y3, y1)), Segment::Line(at(x4, x2), at(y4, y2))]
    };
    quads(annotation).into_iter().flat_map(line).collect()
}

/// The rectangle within the annotation's margins.
fn boxed(annotation: &Dict<'_>) -> Option<[f32; 4]> {
    let [x0, y0, x1, y1] = area(annotation)?;
    let [l, b, r, t] = annotation.get::<[f32; 4]>(b"RD").unwrap_or([0.0; 4]);
    let half = Border::of(annotation).map_or(0.5, |border| border.width / 2.0);
    Some([x0 + l + half, y0 + b + half, x1 - r - half, y1 - t - half])
}

/// An ellipse in four curves.
pub(super) fn ellipse([x0, y0, x1, y1]: [f32; 4]) -> Vec<Segment> {
    const ROUND: f32 = 0.552_284_8;
    let (cx, cy) = ((x0 + x1) / 2.0, (y0 + y1) / 2.0);
    let (kx, ky) = ((x1 - x0) / 2.0 * ROUND, (y1 - y0) / 2.0 * ROUND);
    vec![
        Segment::Move(x1, cy),
        Segment::Curve([x1, cy + ky, cx + kx, y1, cx, y1]),
        Segment::Curve([cx - kx, y1, x0, cy + ky, x0, cy]),
        Segment::Curve([x0, cy - ky, cx - kx, y0, cx, y0]),
        Segment::Curve([cx + kx, y0, x1, cy - ky, x1, cy]),
        Segment::Close,
    ]
}

fn joined(numbers: &[f32], close: bool) -> Vec<Segment> {
    let (points, _) = numbers.as_chunks::<2>();
    let mut segments: Vec<Segment> = points.iter().map(|[x, y]| Segment::Line(*x, *y)).collect();
    if let (Some(first), Some([x, y])) = (segments.first_mut(), points.first()) {
        *first = Segment::Move(*x, *y);
    }
    if close && !segments.is_empty() {
        segments.push(Segment::Close);
    }
    segments
}

fn strokes(annotation: &Dict<'_>) -> Vec<Segment> {
    let Some(lists) = annotation.get::<Array<'_>>(b"InkList") else { return Vec::new() };
    let mut segments = Vec::new();
    for list in lists.iter::<Object<'_>>().filter_map(Object::into_array) {
        let numbers: Vec<f32> = list.iter::<f32>().take(POINTS).collect();
        segments.extend(joined(&numbers, false));
        if segments.len() > POINTS {
            break;
        }
    }
    segments
}

fn free_text(annotation: &Dict<'_>, book: &mut Book<'_>) -> Result<Option<Vec<Step>>, Halt> {
    let Some([x0, _, _, y1]) = area(annotation) else { return Ok(None) };
    let text = annotation.get::<PdfString<'_>>(b"Contents");
    let lines = text.map(|text| strings::lines(text.as_bytes())).unwrap_or_default();
    let appearance = annotation.get::<PdfString<'_>>(b"DA");
    let style = Style::of(appearance.as_ref().map_or(&b""[..], |it| it.as_bytes()));
    let Some(font) = book.standard_font("Helvetica") else { return Ok(None) };
    let size = if style.size > 0.0 { style.size } else { 10.0 };
    let mut steps = opacity(annotation);
    steps.push(Step::BeginText);
    steps.push(Step::Fill(style.colour));
    let mut y = y1 - 2.0;
    for line in lines.iter().take(1_000) {
        y -= size;
        Words::new(line, font, book)?.show(x0 + 2.0, y, size, &mut steps);
    }
    steps.push(Step::EndText);
    Ok(Some(steps))
}
