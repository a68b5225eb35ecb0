//! Steps.

use super::{get, get1, put, unknown};
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::pdf::{Line, Paint, Piece, Segment, Step, max};

impl Encode for Step {
    fn encode(&self, to: &mut Writer<'_>) {
        match self {
            Self::Save => to.u8(1),
            Self::Restore => to.u8(2),
            Self::Concat(matrix) => numbers(to, 3, matrix),
            Self::Line(line) => value(to, 4, line),
            Self::Fill(colour) => value(to, 5, colour),
            Self::Stroke(colour) => value(to, 6, colour),
            Self::FillAlpha(alpha) => numbers(to, 7, &[*alpha]),
            Self::StrokeAlpha(alpha) => numbers(to, 8, &[*alpha]),
            Self::Blend(blend) => value(to, 9, blend),
            Self::Mask(mask) => {
                to.u8(10);
                to.option(mask.as_ref());
            }
            Self::Path { segments, paint } => {
                to.u8(11);
                to.value(paint);
                to.list(segments);
            }
            Self::Picture(number) => value(to, 12, number),
            Self::Form(number) => value(to, 13, number),
            Self::Shade(number) => value(to, 14, number),
            Self::BeginText => to.u8(15),
            Self::EndText => to.u8(16),
            Self::TextMatrix(matrix) => numbers(to, 17, matrix),
            Self::TextMove(x, y) => numbers(to, 18, &[*x, *y]),
            Self::Font { font, size } => {
                value(to, 19, font);
                put(to, &[*size]);
            }
            Self::CharSpace(space) => numbers(to, 20, &[*space]),
            Self::TextScale(scale) => numbers(to, 21, &[*scale]),
            Self::Rise(rise) => numbers(to, 22, &[*rise]),
            Self::TextMode(mode) => {
                to.u8(23);
                to.u8(*mode);
            }
            Self::Show(pieces) => {
                to.u8(24);
                to.list(pieces);
            }
            Self::BeginActualText(text) => {
                to.u8(25);
                to.str(text);
            }
            Self::EndActualText => to.u8(26),
        }
    }
}

fn numbers<const N: usize>(to: &mut Writer<'_>, tag: u8, numbers: &[f32; N]) {
    to.u8(tag);
    put(to, numbers);
}

fn value(to: &mut Writer<'_>, tag: u8, value: &impl Encode) {
    to.u8(tag);
    to.value(value);
}

impl Decode for Step {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.u8()? {
            1 => Self::Save,
            2 => Self::Restore,
            3 => Self::Concat(get(from)?),
            4 => Self::Line(from.value()?),
            5 => Self::Fill(from.value()?),
            6 => Self::Stroke(from.value()?),
            7 => Self::FillAlpha(get1(from)?.clamp(0.0, 1.0)),
            8 => Self::StrokeAlpha(get1(from)?.clamp(0.0, 1.0)),
            9 => Self::Blend(from.value()?),
            10 => Self::Mask(from.option()?),
            11 => {
                let paint = from.value()?;
                Self::Path { segments: from.list(max::SEGMENTS)?, paint }
            }
            12 => Self::Picture(from.u32()?),
            13 => Self::Form(from.u32()?),
            14 => Self::Shade(from.u32()?),
            15 => Self::BeginText,
            16 => Self::EndText,
            17 => Self::TextMatrix(get(from)?),
            18 => {
                let [x, y] = get(from)?;
                Self::TextMove(x, y)
            }
            19 => Self::Font { font: from.u32()?, size: get1(from)? },
            20 => Self::CharSpace(get1(from)?),
            21 => Self::TextScale(get1(from)?),
            22 => Self::Rise(get1(from)?),
            23 => match from.u8()? {
                mode @ 0..=7 => Self::TextMode(mode),
                _ => return unknown("TextMode"),
            },
            24 => Self::Show(from.list(max::PIECES)?),
            25 => Self::BeginActualText(from.str(max::ACTUAL_TEXT)?),
            26 => Self::EndActualText,
            _ => return unknown("Step"),
        })
    }
}

impl Encode for Line {
    fn encode(&self, to: &mut Writer<'_>) {
        match self {
            Self::Width(width) => numbers(to, 1, &[*width]),
            Self::Cap(cap) => value(to, 2, cap),
            Self::Join(join) => value(to, 3, join),
            Self::Miter(limit) => numbers(to, 4, &[*limit]),
            Self::Dash(dashes, phase) => {
                numbers(to, 5, &[*phase]);
                to.u8(u8::try_from(dashes.len().min(max::DASHES)).unwrap_or(0));
                for dash in dashes.iter().take(max::DASHES) {
                    put(to, &[*dash]);
                }
            }
        }
    }
}

impl Decode for Line {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.u8()? {
            1 => Self::Width(get1(from)?.max(0.0)),
            2 => Self::Cap(from.value()?),
            3 => Self::Join(from.value()?),
            4 => Self::Miter(get1(from)?),
            5 => {
                let phase = get1(from)?;
                let count = from.u8()?;
                let mut dashes = Vec::new();
                for _ in 0..usize::from(count).min(max::DASHES) {
                    dashes.push(get1(from)?.max(0.0));
                }
                Self::Dash(dashes, phase)
            }
            _ => return unknown("Line"),
        })
    }
}

impl Encode for Paint {
    fn encode(&self, to: &mut Writer<'_>) {
        to.option(self.fill.as_ref());
        to.bool(self.stroke);
        to.option(self.clip.as_ref());
    }
}

impl Decode for Paint {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { fill: from.option()?, stroke: from.bool()?, clip: from.option()? })
    }
}

impl Encode for Segment {
    fn encode(&self, to: &mut Writer<'_>) {
        match self {
            Self::Move(x, y) => numbers(to, 1, &[*x, *y]),
            Self::Line(x, y) => numbers(to, 2, &[*x, *y]),
            Self::Curve(points) => numbers(to, 3, points),
            Self::Rect(rect) => numbers(to, 4, rect),
            Self::Close => to.u8(5),
        }
    }
}

impl Decode for Segment {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.u8()? {
            1 => {
                let [x, y] = get(from)?;
                Self::Move(x, y)
            }
            2 => {
                let [x, y] = get(from)?;
                Self::Line(x, y)
            }
            3 => Self::Curve(get(from)?),
            4 => Self::Rect(get(from)?),
            5 => Self::Close,
            _ => return unknown("Segment"),
        })
    }
}

impl Encode for Piece {
    fn encode(&self, to: &mut Writer<'_>) {
        match self {
            Self::Glyph(code) => {
                to.u8(1);
                to.u16(*code);
            }
            Self::Shift(shift) => numbers(to, 2, &[*shift]),
        }
    }
}

impl Decode for Piece {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match from.u8()? {
            1 => from.u16().map(Self::Glyph),
            2 => get1(from).map(Self::Shift),
            _ => unknown("Piece"),
        }
    }
}
