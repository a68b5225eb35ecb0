//! Walks content: reads operators, keeps what is allowed, writes steps.
//!
//! The list of allowed operators is the `match` in [`Walker::take`]. Anything
//! else a content stream may hold is dropped.

mod colours;
mod marks;
mod paths;
mod states;
mod text;

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro::hayro_syntax::content::TypedIter;
use hayro::hayro_syntax::content::ops::TypedInstruction;
use hayro::hayro_syntax::object::Number;
use hayro::hayro_syntax::page::Resources;
use hayro::kurbo::Affine;
use sanitizer_intermediate::pdf::{Box4, Line, Matrix, Rule, Segment, Step};

use self::colours::Space;
use self::marks::Mark;
use self::text::TextState;
use super::book::{Book, Halt};

/// Saved states one stream may pile up.
const SAVES: usize = 512;

/// What `q` remembers.
#[derive(Clone)]
struct State {
    /// From here to the page, to know how large things come out.
    ctm: Affine,
    fill: Space,
    stroke: Space,
    text: TextState,
}

/// Walks one content stream.
pub(super) struct Walker<'b, 'a> {
    book: &'b mut Book<'a>,
    resources: Resources<'a>,
    steps: Vec<Step>,
    state: State,
    saved: Vec<State>,
    path: Vec<Segment>,
    here: (f32, f32),
    clip: Option<Rule>,
    text: text::Place,
    marks: Vec<Mark>,
    /// What `d0` and `d1` of a drawn glyph said.
    pub(super) glyph_shape: Option<Box4>,
}

impl<'b, 'a> Walker<'b, 'a> {
    pub(super) fn new(book: &'b mut Book<'a>, resources: Resources<'a>, ctm: Affine) -> Self {
        Self {
            book,
            resources,
            steps: Vec::new(),
            state: State {
                ctm,
                fill: Space::Gray,
                stroke: Space::Gray,
                text: TextState::default(),
            },
            saved: Vec::new(),
            path: Vec::new(),
            here: (0.0, 0.0),
            clip: None,
            text: text::Place::default(),
            marks: Vec::new(),
            glyph_shape: None,
        }
    }

    /// Walks the content and gives the steps back, everything opened closed.
    pub(super) fn run(&mut self, content: &[u8]) -> Result<Vec<Step>, Halt> {
        let mut operators = TypedIter::new(content);
        while let Some(operator) = operators.next() {
            self.book.spend(1)?;
            self.take(&operator)?;
        }
        self.close();
        Ok(std::mem::take(&mut self.steps))
    }

    /// Walks the content past everything that cannot be kept, even past what
    /// brings a library down; gives what steps there are.
    pub(super) fn rescue(&mut self, content: &[u8]) -> Result<Vec<Step>, Halt> {
        let mut operators = TypedIter::new(content);
        while let Some(operator) = operators.next() {
            let open = self.book.open.len();
            let taken = catch_unwind(AssertUnwindSafe(|| {
                self.book.spend(1)?;
                self.take(&operator)
            }));
            match taken {
                Ok(Ok(())) => {}
                Ok(Err(Halt::Hold(reason))) => return Err(Halt::Hold(reason)),
                Ok(Err(Halt::Page)) | Err(_) => self.book.open.truncate(open),
            }
        }
        self.close();
        Ok(std::mem::take(&mut self.steps))
    }

    fn close(&mut self) {
        self.close_marks();
        self.leave_text();
        for _ in 0..std::mem::take(&mut self.saved).len() {
            self.steps.push(Step::Restore);
        }
    }

    fn take(&mut self, operator: &TypedInstruction<'_, '_>) -> Result<(), Halt> {
        use TypedInstruction as Op;
        match operator {
            Op::SaveState(_) => self.save(),
            Op::RestoreState(_) => self.restore(),
            Op::Transform(m) => self.concat([m.0, m.1, m.2, m.3, m.4, m.5].map(number)),

            Op::LineWidth(width) => self.line(Line::Width(number(width.0).max(0.0))),
            Op::LineCap(cap) => self.line(Line::Cap(states::cap(number(cap.0)))),
            Op::LineJoin(join) => self.line(Line::Join(states::join(number(join.0)))),
            Op::MiterLimit(limit) => self.line(Line::Miter(number(limit.0))),
            Op::DashPattern(dash) => self.line(states::dash(dash.0, number(dash.1))),
            Op::SetGraphicsState(name) => self.graphics_state(name.0)?,

            Op::MoveTo(p) => self.move_to(number(p.0), number(p.1)),
            Op::LineTo(p) => self.line_to(number(p.0), number(p.1)),
            Op::CubicTo(c) => self.curve([c.0, c.1, c.2, c.3, c.4, c.5].map(number)),
            Op::CubicStartTo(c) => self.curve_from_here([c.0, c.1, c.2, c.3].map(number)),
            Op::CubicEndTo(c) => self.curve_to_end([c.0, c.1, c.2, c.3].map(number)),
            Op::ClosePath(_) => self.path.push(Segment::Close),
            Op::RectPath(r) => self.rectangle([r.0, r.1, r.2, r.3].map(number)),
            Op::ClipNonZero(_) => self.clip = Some(Rule::NonZero),
            Op::ClipEvenOdd(_) => self.clip = Some(Rule::EvenOdd),
            Op::EndPath(_) => self.paint(None, false)?,
            Op::StrokePath(_) => self.paint(None, true)?,
            Op::CloseAndStrokePath(_) => self.close_and_paint(None)?,
            Op::FillPathNonZero(_) | Op::FillPathNonZeroCompatibility(_) => {
                self.paint(Some(Rule::NonZero), false)?;
            }
            Op::FillPathEvenOdd(_) => self.paint(Some(Rule::EvenOdd), false)?,
            Op::FillAndStrokeNonZero(_) => self.paint(Some(Rule::NonZero), true)?,
            Op::FillAndStrokeEvenOdd(_) => self.paint(Some(Rule::EvenOdd), true)?,
            Op::CloseFillAndStrokeNonZero(_) => self.close_and_paint(Some(Rule::NonZero))?,
            Op::CloseFillAndStrokeEvenOdd(_) => self.close_and_paint(Some(Rule::EvenOdd))?,

            Op::ColorSpaceStroke(name) => self.choose_space(true, name.0),
            Op::ColorSpaceNonStroke(name) => self.choose_space(false, name.0),
            Op::StrokeColor(c) => self.choose_colour(true, &numbers(&c.0), None)?,
            Op::NonStrokeColor(c) => self.choose_colour(false, &numbers(&c.0), None)?,
            Op::StrokeColorNamed(c) => self.choose_colour(true, &numbers(&c.0), c.1)?,
            Op::NonStrokeColorNamed(c) => self.choose_colour(false, &numbers(&c.0), c.1)?,
            Op::StrokeColorDeviceGray(g) => self.gray(true, number(g.0)),
            Op::NonStrokeColorDeviceGray(g) => self.gray(false, number(g.0)),
            Op::StrokeColorDeviceRgb(c) => self.rgb(true, [c.0, c.1, c.2].map(number)),
            Op::NonStrokeColorDeviceRgb(c) => self.rgb(false, [c.0, c.1, c.2].map(number)),
            Op::StrokeColorCmyk(c) => self.cmyk(true, [c.0, c.1, c.2, c.3].map(number)),
            Op::NonStrokeColorCmyk(c) => self.cmyk(false, [c.0, c.1, c.2, c.3].map(number)),

            Op::Shading(name) => self.shade(name.0)?,
            Op::XObject(name) => self.external(name.0)?,
            Op::InlineImage(image) => self.inline_picture(image.0)?,

            Op::BeginText(_) => self.begin_text(),
            Op::EndText(_) => self.end_text(),
            Op::CharacterSpacing(space) => self.char_space(number(space.0)),
            Op::WordSpacing(space) => self.state.text.word_space = number(space.0),
            Op::HorizontalScaling(scale) => self.text_scale(number(scale.0)),
            Op::TextLeading(leading) => self.state.text.leading = number(leading.0),
            Op::TextFont(font) => self.font(font.0, number(font.1))?,
            Op::TextRenderingMode(mode) => self.text_mode(number(mode.0)),
            Op::TextRise(rise) => self.rise(number(rise.0)),
            Op::NextLine(by) => self.next_line(number(by.0), number(by.1)),
            Op::NextLineAndSetLeading(by) => {
                self.state.text.leading = -number(by.1);
                self.next_line(number(by.0), number(by.1));
            }
            Op::NextLineUsingLeading(_) => self.next_line_leading(),
            Op::SetTextMatrix(m) => self.text_matrix([m.0, m.1, m.2, m.3, m.4, m.5].map(number)),
            Op::ShowText(text) => self.show(text.0.as_bytes())?,
            Op::ShowTexts(texts) => self.show_all(texts.0)?,
            Op::NextLineAndShowText(text) => {
                self.next_line_leading();
                self.show(text.0.as_bytes())?;
            }
            Op::ShowTextWithParameters(text) => {
                self.state.text.word_space = number(text.0);
                self.char_space(number(text.1));
                self.next_line_leading();
                self.show(text.2.as_bytes())?;
            }

            Op::BeginMarkedContent(_) => self.marks.push(Mark::Nothing),
            Op::BeginMarkedContentWithProperties(mark) => self.begin_mark(mark.0, mark.1),
            Op::EndMarkedContent(_) => self.end_mark(),

            Op::ShapeGlyph(g) => self.glyph_shape = Some([g.2, g.3, g.4, g.5].map(number)),

            // What only advises printers, points at structure or is unknown.
            Op::ColorGlyph(_)
            | Op::RenderingIntent(_)
            | Op::FlatnessTolerance(_)
            | Op::BeginCompatibility(_)
            | Op::EndCompatibility(_)
            | Op::MarkedContentPoint(_)
            | Op::MarkedContentPointWithProperties(_)
            | Op::Fallback(_) => {}
        }
        Ok(())
    }

    fn save(&mut self) {
        if self.saved.len() < SAVES {
            self.leave_text();
            self.saved.push(self.state.clone());
            self.steps.push(Step::Save);
        }
    }

    fn restore(&mut self) {
        if let Some(state) = self.saved.pop() {
            self.leave_text();
            self.state = state;
            self.steps.push(Step::Restore);
        }
    }

    fn concat(&mut self, matrix: Matrix) {
        self.leave_text();
        self.state.ctm *= affine(matrix);
        self.steps.push(Step::Concat(matrix));
    }

    fn line(&mut self, line: Line) {
        self.steps.push(Step::Line(line));
    }

    pub(super) fn book(&mut self) -> &mut Book<'a> {
        self.book
    }

    pub(super) fn resources(&self) -> &Resources<'a> {
        &self.resources
    }

    pub(super) fn ctm(&self) -> Affine {
        self.state.ctm
    }

    /// Draws a thing, outside of any text.
    pub(super) fn place(&mut self, step: Option<Step>) {
        if let Some(step) = step {
            self.leave_text();
            self.steps.push(step);
        }
    }

    /// Whether what is drawn now lies on a layer that is not shown.
    pub(super) fn hidden(&self) -> bool {
        self.marks.iter().any(|mark| matches!(mark, Mark::Hidden))
    }
}

/// A number as a step holds it.
fn number(number: Number) -> f32 {
    let number = number.as_f32();
    if number.is_finite() { number.clamp(-1.0e9, 1.0e9) } else { 0.0 }
}

fn numbers(list: &[Number]) -> Vec<f32> {
    list.iter().copied().map(number).collect()
}

pub(super) fn affine(matrix: Matrix) -> Affine {
    Affine::new(matrix.map(f64::from))
}
