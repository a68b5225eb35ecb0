//! Ellipses, arcs and rounded rectangles as paths in the drawing's own units.

use std::f64::consts::TAU;

use hayro::kurbo::{Arc, BezPath, Ellipse, Point, Rect, RoundedRect, Shape as _, Vec2};

/// Exactness of curves, in units of the drawing. They are transformed later,
/// so it is a small part of the shape.
fn tolerance(of: Rect) -> f64 {
    (of.width().abs().max(of.height().abs()) / 2_000.0).max(1e-6)
}

/// How an arc is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    Open,
    Chord,
    Pie,
}

/// A whole ellipse in its box.
pub(super) fn ellipse(area: Rect) -> BezPath {
    Ellipse::from_rect(area.abs()).to_path(tolerance(area))
}

/// A rectangle whose corners are quarters of an ellipse.
pub(super) fn rounded(area: Rect, corner: Vec2) -> BezPath {
    let area = area.abs();
    let radii = Vec2::new(
        (corner.x.abs() / 2.0).min(area.width() / 2.0),
        (corner.y.abs() / 2.0).min(area.height() / 2.0),
    );
    if radii.x <= 0.0 || radii.y <= 0.0 {
        return area.to_path(tolerance(area));
    }
    // A rounded square stretched to the shape of the corners.
    let stretch = radii.y / radii.x;
    let square = RoundedRect::new(area.x0, area.y0 / stretch, area.x1, area.y1 / stretch, radii.x);
    let mut path = square.to_path(tolerance(area) / stretch.max(1.0));
    path.apply_affine(hayro::kurbo::Affine::scale_non_uniform(1.0, stretch));
    path
}

/// Part of an ellipse between two rays from its middle.
pub(super) fn arc(area: Rect, from: Point, to: Point, clockwise: bool, close: Close) -> BezPath {
    let area = area.abs();
    let radii = Vec2::new((area.width() / 2.0).max(1e-6), (area.height() / 2.0).max(1e-6));
    let centre = area.center();
    let angle = |it: Point| ((it.y - centre.y) / radii.y).atan2((it.x - centre.x) / radii.x);
    let start = angle(from);
    // Vertical units grow downwards: clockwise is the way of growing angles.
    let mut sweep = (angle(to) - start).rem_euclid(TAU);
    if !clockwise {
        sweep -= TAU;
    }
    if sweep.abs() < 1e-9 {
        sweep = if clockwise { TAU } else { -TAU };
    }
    swept(area, start, sweep, close)
}

/// Part of an ellipse by its angles in radians.
pub(super) fn swept(area: Rect, start: f64, sweep: f64, close: Close) -> BezPath {
    let radii = Vec2::new(area.width() / 2.0, area.height() / 2.0);
    let arc = Arc::new(area.center(), radii, start, sweep.clamp(-TAU, TAU), 0.0);
    let mut path = arc.to_path(tolerance(area));
    match close {
        Close::Open => {}
        Close::Chord => path.close_path(),
        Close::Pie => {
            path.line_to(area.center());
            path.close_path();
        }
    }
    path
}
