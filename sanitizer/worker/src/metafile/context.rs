//! The device context: what is selected, how units map, where drawing goes.

use hayro::kurbo::{Affine, BezPath, Point, Rect, Shape as _, Vec2};

use super::canvas::Canvas;
use super::clip::{Clip, Join};
use super::fonts::Letters;
use super::mapping::Mapping;
use super::objects::{Brush, Colour, Font, Object, Objects, Pen};
use super::words::Words;

/// Deepest nesting of saved states.
const MAX_SAVED: usize = 1_000;
/// Most parts of a path that is put together.
const MAX_PATH: usize = 2_000_000;

/// Everything that saving keeps and restoring brings back.
#[derive(Clone)]
pub(super) struct State {
    pub mapping: Mapping,
    pub world: Affine,
    pub pen: Pen,
    pub brush: Brush,
    pub font: Font,
    pub text: Colour,
    pub back: Colour,
    /// Gaps of hatches and texts are filled.
    pub opaque: bool,
    pub align: u32,
    pub winding: bool,
    pub clockwise: bool,
    pub miter: f64,
    /// How lines and areas meet what is there; 13 covers it.
    pub mix: u32,
    pub clip: Clip,
    /// What no later clipping can widen.
    pub outer: Clip,
    /// The current position, in units of the drawing.
    pub at: Point,
}

/// A drawing being played.
pub(super) struct Context<'l> {
    pub canvas: Canvas,
    pub state: State,
    pub objects: Objects,
    pub letters: Letters<'l>,
    /// Records that were not drawn.
    pub left_out: u32,
    /// What it says.
    pub words: Words,
    /// From units of the device to pixels.
    pub out: Affine,
    saved: Vec<State>,
    /// A path being put together, in pixels.
    bracket: Option<BezPath>,
    /// A finished path that waits to be drawn.
    pub(super) done: BezPath,
    /// The path goes on from the current position.
    continues: bool,
}

impl<'l> Context<'l> {
    /// Starts a drawing.
    pub(super) fn new(canvas: Canvas, out: Affine, per_mm: Vec2, letters: Letters<'l>) -> Self {
        let state = State {
            mapping: Mapping::identity(per_mm),
            world: Affine::IDENTITY,
            pen: Pen::thin(Some([0; 3])),
            brush: Brush::Solid([255; 3]),
            font: Font::default(),
            text: [0; 3],
            back: [255; 3],
            opaque: true,
            align: 0,
            winding: false,
            clockwise: false,
            miter: 10.0,
            mix: 13,
            clip: Clip::All,
            outer: Clip::All,
            at: Point::ZERO,
        };
        Self {
            canvas,
            state,
            objects: Objects::default(),
            letters,
            left_out: 0,
            words: Words::default(),
            out,
            saved: Vec::new(),
            bracket: None,
            done: BezPath::new(),
            continues: false,
        }
    }

    /// From the drawing's own units to pixels.
    pub(super) fn full(&self) -> Affine {
        self.out * self.state.mapping.affine() * self.state.world
    }

    /// Something that is not drawn.
    pub(super) fn leave_out(&mut self) {
        self.left_out = self.left_out.saturating_add(1);
    }

    pub(super) fn save(&mut self) {
        if self.saved.len() < MAX_SAVED {
            self.saved.push(self.state.clone());
        }
    }

    /// Brings back a state: one of the last, or by its number from the start.
    pub(super) fn restore(&mut self, which: i32) {
        let depth = self.saved.len();
        let keep = usize::try_from(which.unsigned_abs()).unwrap_or(usize::MAX);
        let level = if which < 0 { depth.checked_sub(keep) } else { keep.checked_sub(1) };
        if let Some(level) = level.filter(|it| *it < depth) {
            self.saved.truncate(level + 1);
            if let Some(state) = self.saved.pop() {
                self.state = state;
            }
        }
    }

    pub(super) fn select(&mut self, number: u32) {
        match self.objects.get(number) {
            Some(Object::Pen(it)) => self.state.pen = it,
            Some(Object::Brush(it)) => self.state.brush = it,
            Some(Object::Font(it)) => self.state.font = it,
            Some(Object::Other) | None => {}
        }
    }

    pub(super) fn move_to(&mut self, to: Point) {
        self.state.at = to;
        self.continues = false;
    }

    /// Lines through points, from the current position on.
    pub(super) fn lines_to(&mut self, points: &[Point]) {
        let mut path = self.starting_here();
        points.iter().for_each(|it| path.line_to(*it));
        self.go_on(path, points.last());
    }

    /// Curves through points by threes, from the current position on.
    pub(super) fn curves_to(&mut self, points: &[Point]) {
        let mut path = self.starting_here();
        for [a, b, to] in points.as_chunks::<3>().0 {
            path.curve_to(*a, *b, *to);
        }
        self.go_on(path, points.last());
    }

    /// A path that continues the current position.
    pub(super) fn starting_here(&self) -> BezPath {
        let mut path = BezPath::new();
        path.move_to(self.state.at);
        path
    }

    /// Draws a path that began at the current position, which moves to its end.
    pub(super) fn go_on(&mut self, path: BezPath, end: Option<&Point>) {
        let full = self.full();
        match &mut self.bracket {
            Some(bracket) => {
                let from = usize::from(self.continues && !bracket.elements().is_empty());
                if bracket.elements().len() < MAX_PATH {
                    bracket.extend(path.elements().iter().skip(from).map(|it| full * *it));
                    self.continues = true;
                }
            }
            None => self.draw(&path, false, true),
        }
        if let Some(end) = end {
            self.state.at = *end;
        }
    }

    /// Draws a path of its own, or adds it to the one being put together.
    pub(super) fn draw(&mut self, path: &BezPath, fill: bool, stroke: bool) {
        let placed = self.full() * path.clone();
        if let Some(bracket) = &mut self.bracket {
            if bracket.elements().len() < MAX_PATH {
                bracket.extend(placed);
            }
            self.continues = false;
            return;
        }
        self.paint(&placed, fill, stroke);
    }

    pub(super) fn begin_path(&mut self) {
        self.bracket = Some(BezPath::new());
        self.continues = false;
    }

    pub(super) fn close_figure(&mut self) {
        if let Some(bracket) = self.bracket.as_mut().filter(|it| !it.elements().is_empty()) {
            bracket.close_path();
        }
        self.continues = false;
    }

    pub(super) fn end_path(&mut self) {
        self.done = self.bracket.take().unwrap_or_default();
    }

    pub(super) fn abort_path(&mut self) {
        self.bracket = None;
        self.done = BezPath::new();
    }

    /// Draws the finished path, which is used up.
    pub(super) fn paint_path(&mut self, fill: bool, stroke: bool) {
        let path = std::mem::take(&mut self.done);
        self.paint(&path, fill, stroke);
    }

    /// The finished path limits drawing.
    pub(super) fn clip_path(&mut self, how: Join) {
        let path = std::mem::take(&mut self.done);
        self.clip_to(&path, how);
    }

    /// A path in pixels limits drawing.
    pub(super) fn clip_to(&mut self, path: &BezPath, how: Join) {
        let even_odd = !self.state.winding;
        let clip = self.state.clip.join(path, even_odd, how, &mut self.canvas);
        self.state.clip = match how {
            Join::Instead | Join::Or | Join::Xor => clip.and(&self.state.outer, &mut self.canvas),
            Join::And | Join::Without => clip,
        };
    }

    /// A rectangle in the drawing's units limits drawing.
    pub(super) fn clip_rect(&mut self, area: Rect, how: Join) {
        let path = self.full() * area.abs().to_path(0.1);
        self.clip_to(&path, how);
    }

    /// What limits drawing now will limit it to the end.
    pub(super) fn keep_clip(&mut self) {
        self.state.outer = self.state.clip.clone();
    }

    /// Drawing is no longer limited.
    pub(super) fn unclip(&mut self) {
        self.state.clip = self.state.outer.clone();
    }

    /// The clipping moves.
    pub(super) fn offset_clip(&mut self, by: Vec2) {
        let moved = self.full() * Affine::translate(by) * self.full().inverse();
        if let Clip::Area(area) = self.state.clip {
            self.state.clip = Clip::Area(moved.transform_rect_bbox(area));
        } else if by != Vec2::ZERO {
            self.leave_out();
        }
    }
}
