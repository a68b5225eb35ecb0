//! Path construction and painting.

use sanitizer_intermediate::pdf::{Paint, Rule, Segment, Step};

use super::Walker;
use crate::pdf::book::Halt;

impl Walker<'_, '_> {
    pub(super) fn move_to(&mut self, x: f32, y: f32) {
        self.here = (x, y);
        self.path.push(Segment::Move(x, y));
    }

    pub(super) fn line_to(&mut self, x: f32, y: f32) {
        self.start_if_needed(x, y);
        self.here = (x, y);
        self.path.push(Segment::Line(x, y));
    }

    pub(super) fn curve(&mut self, points: [f32; 6]) {
        self.start_if_needed(points[0], points[1]);
        self.here = (points[4], points[5]);
        self.path.push(Segment::Curve(points));
    }

    /// The first control point is where the pen is.
    pub(super) fn curve_from_here(&mut self, [a, b, x, y]: [f32; 4]) {
        let (from_x, from_y) = if self.path.is_empty() { (a, b) } else { self.here };
        self.curve([from_x, from_y, a, b, x, y]);
    }

    /// The second control point is the end.
    pub(super) fn curve_to_end(&mut self, [a, b, x, y]: [f32; 4]) {
        self.curve([a, b, x, y, x, y]);
    }

    pub(super) fn rectangle(&mut self, rectangle: [f32; 4]) {
        self.here = (rectangle[0], rectangle[1]);
        self.path.push(Segment::Rect(rectangle));
    }

    /// A path must start with a move; readers forgive it, our writer does not.
    fn start_if_needed(&mut self, x: f32, y: f32) {
        if self.path.is_empty() {
            self.path.push(Segment::Move(x, y));
        }
    }

    pub(super) fn close_and_paint(&mut self, fill: Option<Rule>) -> Result<(), Halt> {
        if !self.path.is_empty() {
            self.path.push(Segment::Close);
        }
        self.paint(fill, true)
    }

    pub(super) fn paint(&mut self, fill: Option<Rule>, stroke: bool) -> Result<(), Halt> {
        let segments = std::mem::take(&mut self.path);
        let clip = self.clip.take();
        let hidden = self.hidden();
        let paint = Paint { fill: fill.filter(|_| !hidden), stroke: stroke && !hidden, clip };
        let starts = !matches!(segments.first(), None | Some(Segment::Close));
        if paint == Paint::default() || !(starts || clip.is_some()) {
            return Ok(());
        }
        self.book.spend(segments.len())?;
        self.leave_text();
        let segments = if starts { segments } else { vec![Segment::Rect([0.0; 4])] };
        self.steps.push(Step::Path { segments, paint });
        Ok(())
    }
}
