//! Where drawing has an effect.

use std::rc::Rc;

use hayro::kurbo::{BezPath, Rect, Shape as _};
use resvg::tiny_skia::{FillRule, Mask, Transform};

use super::canvas::{Canvas, skia_path};

/// A part of the canvas.
#[derive(Debug, Clone)]
pub(super) enum Clip {
    All,
    /// An upright rectangle.
    Area(Rect),
    /// Any shape, as coverage of every pixel.
    Shape(Rc<Mask>),
}

/// How a shape joins what was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    And,
    Or,
    Xor,
    Without,
    Instead,
}

impl Clip {
    /// What is in both.
    pub(super) fn and(&self, other: &Self, canvas: &mut Canvas) -> Self {
        match (self, other) {
            (Self::All, it) | (it, Self::All) => it.clone(),
            (Self::Area(a), Self::Area(b)) => Self::Area(within(*a, *b)),
            (a, b) => {
                let (Some(a), Some(b)) = (a.mask(canvas), b.mask(canvas)) else {
                    return Self::All;
                };
                combined(&a, &b, |a, b| a.min(b))
            }
        }
    }

    /// Joins a shape, given in pixels.
    pub(super) fn join(
        &self,
        path: &BezPath,
        even_odd: bool,
        how: Join,
        canvas: &mut Canvas,
    ) -> Self {
        let other = match upright(path) {
            Some(area) => Self::Area(area),
            None => match drawn(path, even_odd, canvas) {
                Some(mask) => Self::Shape(Rc::new(mask)),
                None => Self::Area(Rect::ZERO),
            },
        };
        let mix = match how {
            Join::Instead => return other,
            Join::And => return self.and(&other, canvas),
            Join::Or => |a: u8, b: u8| a.max(b),
            Join::Xor => |a: u8, b: u8| a.abs_diff(b),
            Join::Without => |a: u8, b: u8| a.min(255 - b),
        };
        let (Some(a), Some(b)) = (self.mask(canvas), other.mask(canvas)) else {
            return self.clone();
        };
        combined(&a, &b, mix)
    }

    /// Coverage of every pixel; `None` when there is no memory for it.
    pub(super) fn mask(&self, canvas: &mut Canvas) -> Option<Rc<Mask>> {
        match self {
            Self::Shape(mask) => Some(mask.clone()),
            Self::Area(area) => drawn(&area.to_path(0.1), false, canvas).map(Rc::new),
            Self::All => {
                let mut mask = Mask::new(canvas.width(), canvas.height())?;
                mask.invert();
                Some(Rc::new(mask))
            }
        }
    }
}

fn combined(a: &Mask, b: &Mask, mix: fn(u8, u8) -> u8) -> Clip {
    let mut mask = a.clone();
    for (at, other) in mask.data_mut().iter_mut().zip(b.data()) {
        *at = mix(*at, *other);
    }
    Clip::Shape(Rc::new(mask))
}

fn drawn(path: &BezPath, even_odd: bool, canvas: &mut Canvas) -> Option<Mask> {
    canvas.spend(u64::from(canvas.width()) * u64::from(canvas.height()));
    let mut mask = Mask::new(canvas.width(), canvas.height())?;
    if let Some(path) = skia_path(path) {
        let rule = if even_odd { FillRule::EvenOdd } else { FillRule::Winding };
        mask.fill_path(&path, rule, true, Transform::identity());
    }
    Some(mask)
}

fn within(a: Rect, b: Rect) -> Rect {
    let it = a.intersect(b);
    if it.width() > 0.0 && it.height() > 0.0 { it } else { Rect::ZERO }
}

/// The rectangle a path is, when it is one with upright sides.
pub(super) fn upright(path: &BezPath) -> Option<Rect> {
    let bounds = path.bounding_box();
    let on_edge = |a: f64, b: f64, c: f64| (a - b).abs() < 1e-3 || (a - c).abs() < 1e-3;
    let mut corners = 0;
    for element in path.elements() {
        use hayro::kurbo::PathEl;
        match element {
            PathEl::MoveTo(it) | PathEl::LineTo(it) => {
                corners += 1;
                if !on_edge(it.x, bounds.x0, bounds.x1) || !on_edge(it.y, bounds.y0, bounds.y1) {
                    return None;
                }
            }
            PathEl::ClosePath => {}
            PathEl::QuadTo(..) | PathEl::CurveTo(..) => return None,
        }
    }
    let covers = (path.area().abs() - bounds.area()).abs() <= bounds.area() * 1e-3;
    ((4..=5).contains(&corners) && covers).then_some(bounds)
}
