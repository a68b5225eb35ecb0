//! Steps to content, checking that they are used where they may be.

use std::collections::BTreeSet;

use sanitizer_intermediate::pdf::{
    Cap, Colour, Font, Join, Line, Paint, Piece, Rule, Segment, Step, Things,
};

use super::ink::Ink;
use super::states::{State, States};
use crate::build::BuildError;

/// Content and what it names.
pub(super) struct Written {
    pub(super) bytes: Vec<u8>,
    pub(super) uses: Uses,
}

/// Numbers of the things a content names.
#[derive(Default, Clone)]
pub(super) struct Uses {
    pub(super) fonts: BTreeSet<u32>,
    pub(super) forms: BTreeSet<u32>,
    pub(super) pictures: BTreeSet<u32>,
    pub(super) patterns: BTreeSet<u32>,
    pub(super) shadings: BTreeSet<u32>,
    pub(super) states: BTreeSet<u32>,
    /// A pattern is painted with a colour of the content.
    pub(super) tinted: bool,
}

/// Writes steps as content.
pub(super) fn write(
    steps: &[Step],
    things: &Things,
    states: &mut States,
) -> Result<Written, BuildError> {
    let writer = Writer {
        things,
        states,
        ink: Ink::default(),
        uses: Uses::default(),
        saved: 0,
        in_text: false,
        replacing: false,
        font: None,
        fonts: Vec::new(),
    };
    writer.run(steps)
}

struct Writer<'w> {
    things: &'w Things,
    states: &'w mut States,
    ink: Ink,
    uses: Uses,
    saved: usize,
    in_text: bool,
    replacing: bool,
    font: Option<u32>,
    fonts: Vec<Option<u32>>,
}

const MISPLACED: BuildError = BuildError::Invalid("a step where it may not be");
const UNKNOWN: BuildError = BuildError::Invalid("a number of nothing");

impl Writer<'_> {
    fn run(mut self, steps: &[Step]) -> Result<Written, BuildError> {
        for step in steps {
            self.step(step)?;
        }
        if self.saved != 0 || self.in_text || self.replacing {
            return Err(BuildError::Invalid("steps that do not end"));
        }
        Ok(Written { bytes: self.ink.into_bytes(), uses: self.uses })
    }

    fn step(&mut self, step: &Step) -> Result<(), BuildError> {
        match step {
            Step::Save => self.save()?,
            Step::Restore => self.restore()?,
            Step::Concat(matrix) => {
                self.outside()?;
                self.ink.op(matrix, "cm");
            }
            Step::Line(line) => self.line(line),
            Step::Fill(colour) => self.colour(*colour, false)?,
            Step::Stroke(colour) => self.colour(*colour, true)?,
            Step::FillAlpha(alpha) => self.state(State::FillAlpha(*alpha)),
            Step::StrokeAlpha(alpha) => self.state(State::StrokeAlpha(*alpha)),
            Step::Blend(blend) => self.state(State::Blend(*blend)),
            Step::Mask(mask) => {
                if let Some(mask) = mask {
                    exists(&self.things.masks, *mask)?;
                }
                self.state(State::Mask(*mask));
            }
            Step::Path { segments, paint } => self.path(segments, *paint)?,
            Step::Picture(number) => self.thing('I', *number, self.things.pictures.len())?,
            Step::Form(number) => self.thing('X', *number, self.things.forms.len())?,
            Step::Shade(number) => self.thing('S', *number, self.things.shadings.len())?,
            Step::BeginText => {
                self.outside()?;
                self.in_text = true;
                self.ink.word("BT");
            }
            Step::EndText => {
                self.inside()?;
                self.in_text = false;
                self.ink.word("ET");
            }
            Step::TextMatrix(matrix) => {
                self.inside()?;
                self.ink.op(matrix, "Tm");
            }
            Step::TextMove(x, y) => {
                self.inside()?;
                self.ink.op(&[*x, *y], "Td");
            }
            Step::Font { font, size } => {
                exists(&self.things.fonts, *font)?;
                self.font = Some(*font);
                self.uses.fonts.insert(*font);
                self.ink.name('F', *font);
                self.ink.part(" ");
                self.ink.op(&[*size], "Tf");
            }
            Step::CharSpace(space) => self.ink.op(&[*space], "Tc"),
            Step::TextScale(scale) => self.ink.op(&[*scale], "Tz"),
            Step::Rise(rise) => self.ink.op(&[*rise], "Ts"),
            Step::TextMode(mode) => self.ink.op(&[f32::from(*mode)], "Tr"),
            Step::Show(pieces) => self.show(pieces)?,
            Step::BeginActualText(text) => {
                if std::mem::replace(&mut self.replacing, true) {
                    return Err(MISPLACED);
                }
                self.ink.part("/Span <</ActualText ");
                self.ink.utf16(text);
                self.ink.word(">> BDC");
            }
            Step::EndActualText => {
                if !std::mem::take(&mut self.replacing) {
                    return Err(MISPLACED);
                }
                self.ink.word("EMC");
            }
        }
        Ok(())
    }

    fn save(&mut self) -> Result<(), BuildError> {
        self.outside()?;
        self.saved += 1;
        self.fonts.push(self.font);
        self.ink.word("q");
        Ok(())
    }

    fn restore(&mut self) -> Result<(), BuildError> {
        self.outside()?;
        self.saved = self.saved.checked_sub(1).ok_or(MISPLACED)?;
        self.font = self.fonts.pop().flatten();
        self.ink.word("Q");
        Ok(())
    }

    fn outside(&self) -> Result<(), BuildError> {
        if self.in_text { Err(MISPLACED) } else { Ok(()) }
    }

    fn inside(&self) -> Result<(), BuildError> {
        if self.in_text { Ok(()) } else { Err(MISPLACED) }
    }

    fn line(&mut self, line: &Line) {
        match line {
            Line::Width(width) => self.ink.op(&[*width], "w"),
            Line::Cap(cap) => self.ink.word(match cap {
                Cap::Butt => "0 J",
                Cap::Round => "1 J",
                Cap::Square => "2 J",
            }),
            Line::Join(join) => self.ink.word(match join {
                Join::Miter => "0 j",
                Join::Round => "1 j",
                Join::Bevel => "2 j",
            }),
            Line::Miter(limit) => self.ink.op(&[limit.max(1.0)], "M"),
            Line::Dash(dashes, phase) => {
                self.ink.part("[");
                for dash in dashes {
                    self.ink.number(*dash);
                    self.ink.part(" ");
                }
                self.ink.part("] ");
                self.ink.op(&[phase.max(0.0)], "d");
            }
        }
    }

    fn colour(&mut self, colour: Colour, stroke: bool) -> Result<(), BuildError> {
        let pick = |fill: &'static str, line: &'static str| if stroke { line } else { fill };
        match colour {
            Colour::Gray(gray) => self.ink.op(&[gray], pick("g", "G")),
            Colour::Rgb(rgb) => self.ink.op(&rgb, pick("rg", "RG")),
            Colour::Cmyk(cmyk) => self.ink.op(&cmyk, pick("k", "K")),
            Colour::Pattern { pattern, tint } => {
                exists(&self.things.patterns, pattern)?;
                self.uses.patterns.insert(pattern);
                match tint {
                    None => self.ink.word(pick("/Pattern cs", "/Pattern CS")),
                    Some(rgb) => {
                        self.uses.tinted = true;
                        self.ink.word(pick("/T cs", "/T CS"));
                        for part in rgb {
                            self.ink.number(part);
                            self.ink.part(" ");
                        }
                    }
                }
                self.ink.op_name('P', pattern, pick("scn", "SCN"));
            }
        }
        Ok(())
    }

    fn state(&mut self, state: State) {
        let number = self.states.number(state);
        self.uses.states.insert(number);
        self.ink.op_name('G', number, "gs");
    }

    fn thing(&mut self, letter: char, number: u32, count: usize) -> Result<(), BuildError> {
        self.outside()?;
        if number as usize >= count {
            return Err(UNKNOWN);
        }
        let (uses, operator) = match letter {
            'I' => (&mut self.uses.pictures, "Do"),
            'X' => (&mut self.uses.forms, "Do"),
            _ => (&mut self.uses.shadings, "sh"),
        };
        uses.insert(number);
        self.ink.op_name(letter, number, operator);
        Ok(())
    }

    fn path(&mut self, segments: &[Segment], paint: Paint) -> Result<(), BuildError> {
        self.outside()?;
        if !matches!(segments.first(), Some(Segment::Move(..) | Segment::Rect(_))) {
            return Err(BuildError::Invalid("a path without a start"));
        }
        for segment in segments {
            match segment {
                Segment::Move(x, y) => self.ink.op(&[*x, *y], "m"),
                Segment::Line(x, y) => self.ink.op(&[*x, *y], "l"),
                Segment::Curve(points) => self.ink.op(points, "c"),
                Segment::Rect(rect) => self.ink.op(rect, "re"),
                Segment::Close => self.ink.word("h"),
            }
        }
        match paint.clip {
            Some(Rule::NonZero) => self.ink.word("W"),
            Some(Rule::EvenOdd) => self.ink.word("W*"),
            None => {}
        }
        self.ink.word(match (paint.fill, paint.stroke) {
            (None, false) => "n",
            (None, true) => "S",
            (Some(Rule::NonZero), false) => "f",
            (Some(Rule::EvenOdd), false) => "f*",
            (Some(Rule::NonZero), true) => "B",
            (Some(Rule::EvenOdd), true) => "B*",
        });
        Ok(())
    }

    fn show(&mut self, pieces: &[Piece]) -> Result<(), BuildError> {
        self.inside()?;
        let font = self.font.and_then(|font| self.things.fonts.get(font as usize));
        let font = font.ok_or(MISPLACED)?;
        let codes = Codes::of(font);
        let shifts = pieces.iter().any(|piece| matches!(piece, Piece::Shift(_)));
        if shifts {
            self.ink.part("[");
        }
        let mut text = Vec::new();
        let mut after_number = false;
        for piece in pieces {
            match piece {
                Piece::Glyph(code) => {
                    codes.push(*code, &mut text)?;
                    after_number = false;
                }
                Piece::Shift(shift) => {
                    self.flush(&mut text);
                    if std::mem::replace(&mut after_number, true) {
                        self.ink.part(" ");
                    }
                    self.ink.number(*shift);
                }
            }
        }
        self.flush(&mut text);
        self.ink.word(match (shifts, pieces.is_empty()) {
            (true, _) => "]TJ",
            (false, false) => "Tj",
            (false, true) => "()Tj",
        });
        Ok(())
    }

    fn flush(&mut self, text: &mut Vec<u8>) {
        if !text.is_empty() {
            self.ink.string(text);
            text.clear();
        }
    }
}

/// How codes of a font are written.
struct Codes {
    wide: bool,
    most: usize,
}

impl Codes {
    fn of(font: &Font) -> Self {
        match font {
            Font::Outlined(font) => Self { wide: true, most: font.glyphs.len() },
            Font::NamedCid(_) => Self { wide: true, most: 1 << 16 },
            Font::Named(_) | Font::Drawn(_) => Self { wide: false, most: 1 << 8 },
        }
    }

    fn push(&self, code: u16, to: &mut Vec<u8>) -> Result<(), BuildError> {
        if usize::from(code) >= self.most {
            return Err(UNKNOWN);
        }
        let [high, low] = code.to_be_bytes();
        if self.wide {
            to.push(high);
        }
        to.push(low);
        Ok(())
    }
}

fn exists<T>(list: &[T], number: u32) -> Result<(), BuildError> {
    if (number as usize) < list.len() { Ok(()) } else { Err(UNKNOWN) }
}

impl Uses {
    /// Adds what another content names.
    pub(super) fn add(&mut self, other: &Self) {
        self.fonts.extend(&other.fonts);
        self.forms.extend(&other.forms);
        self.pictures.extend(&other.pictures);
        self.patterns.extend(&other.patterns);
        self.shadings.extend(&other.shadings);
        self.states.extend(&other.states);
        self.tinted |= other.tinted;
    }
}
