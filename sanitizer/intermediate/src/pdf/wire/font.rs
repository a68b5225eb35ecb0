//! Fonts and outlines.

use super::{get, get_option, get_texts, get1, put, put_option, put_texts, unknown};
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::pdf::{
    Drawn, DrawnGlyph, Font, Glyph, Metrics, Named, NamedCid, Outline, Outlined, Stroke, Uprights,
    Width, max,
};

impl Encode for Font {
    fn encode(&self, to: &mut Writer<'_>) {
        match self {
            Self::Outlined(font) => {
                to.u8(1);
                to.bool(font.vertical);
                to.u16(font.units);
                to.value(&font.metrics);
                to.list(&font.glyphs);
            }
            Self::Named(font) => {
                to.u8(2);
                to.value(font);
            }
            Self::NamedCid(font) => {
                to.u8(3);
                to.value(font);
            }
            Self::Drawn(font) => {
                to.u8(4);
                put(to, &font.matrix);
                put(to, &font.bounds);
                to.list(&font.glyphs);
            }
        }
    }
}

impl Decode for Font {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.u8()? {
            1 => Self::Outlined(Outlined {
                vertical: from.bool()?,
                units: match from.u16()? {
                    units @ 16..=16_384 => units,
                    _ => return unknown("units"),
                },
                metrics: from.value()?,
                glyphs: from.list(max::GLYPHS)?,
            }),
            2 => Self::Named(from.value()?),
            3 => Self::NamedCid(from.value()?),
            4 => Self::Drawn(Drawn {
                matrix: get(from)?,
                bounds: get(from)?,
                glyphs: from.list(256)?,
            }),
            _ => return unknown("Font"),
        })
    }
}

/// Names go into the file as they are, so only plain ones pass.
fn name(from: &mut Reader<'_>) -> Result<String, DecodeError> {
    let name = from.str(max::NAME)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-,_.".contains(c);
    if !name.is_empty() && name.chars().all(plain) { Ok(name) } else { unknown("name") }
}

struct Difference(u8, String);

impl Decode for Difference {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(from.u8()?, name(from)?))
    }
}

impl Encode for Named {
    fn encode(&self, to: &mut Writer<'_>) {
        to.str(&self.name);
        to.bool(self.true_type);
        to.value(&self.encoding);
        to.u32(u32::try_from(self.differences.len()).unwrap_or(u32::MAX));
        for (code, name) in &self.differences {
            to.u8(*code);
            to.str(name);
        }
        to.list(&self.widths);
        to.option(self.metrics.as_ref());
        put_texts(to, &self.text);
    }
}

impl Decode for Named {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (name, true_type, encoding) = (name(from)?, from.bool()?, from.value()?);
        let differences: Vec<Difference> = from.list(256)?;
        Ok(Self {
            name,
            true_type,
            encoding,
            differences: differences
                .into_iter()
                .map(|Difference(code, name)| (code, name))
                .collect(),
            widths: from.list(256)?,
            metrics: from.option()?,
            text: get_texts(from)?,
        })
    }
}

impl Encode for NamedCid {
    fn encode(&self, to: &mut Writer<'_>) {
        to.str(&self.name);
        to.value(&self.collection);
        to.u8(self.supplement);
        to.bool(self.vertical);
        to.bool(self.true_type);
        put(to, &[self.default_width]);
        to.list(&self.widths);
        put_option(to, self.default_upright.as_ref());
        to.list(&self.uprights);
        to.value(&self.metrics);
        put_texts(to, &self.text);
    }
}

impl Decode for NamedCid {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            name: name(from)?,
            collection: from.value()?,
            supplement: from.u8()?,
            vertical: from.bool()?,
            true_type: from.bool()?,
            default_width: get1(from)?,
            widths: from.list(max::GLYPHS + 1)?,
            default_upright: get_option(from)?,
            uprights: from.list(max::GLYPHS + 1)?,
            metrics: from.value()?,
            text: get_texts(from)?,
        })
    }
}

impl Encode for Width {
    fn encode(&self, to: &mut Writer<'_>) {
        to.u16(self.code);
        put(to, &[self.width]);
    }
}

impl Decode for Width {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { code: from.u16()?, width: get1(from)? })
    }
}

impl Encode for Uprights {
    fn encode(&self, to: &mut Writer<'_>) {
        to.u16(self.code);
        put(to, &self.numbers);
    }
}

impl Decode for Uprights {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { code: from.u16()?, numbers: get(from)? })
    }
}

impl Encode for Metrics {
    fn encode(&self, to: &mut Writer<'_>) {
        let flags = [self.fixed, self.serif, self.symbolic, self.script, self.italic, self.bold];
        flags.into_iter().for_each(|flag| to.bool(flag));
        put(to, &[self.ascent, self.descent, self.cap_height, self.italic_angle, self.stem]);
        to.u16(self.weight);
        put(to, &self.bounds);
    }
}

impl Decode for Metrics {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (fixed, serif, symbolic) = (from.bool()?, from.bool()?, from.bool()?);
        let (script, italic, bold) = (from.bool()?, from.bool()?, from.bool()?);
        let [ascent, descent, cap_height, italic_angle, stem] = get(from)?;
        let (weight, bounds) = (from.u16()?, get(from)?);
        Ok(Self {
            fixed,
            serif,
            symbolic,
            script,
            italic,
            bold,
            ascent,
            descent,
            cap_height,
            italic_angle,
            stem,
            weight,
            bounds,
        })
    }
}

impl Encode for DrawnGlyph {
    fn encode(&self, to: &mut Writer<'_>) {
        to.u8(self.code);
        to.bool(self.letter.is_some());
        to.u8(self.letter.unwrap_or(0));
        put(to, &[self.width]);
        to.str(&self.text);
        put_option(to, self.shape.as_ref());
        to.list(&self.content);
    }
}

impl Decode for DrawnGlyph {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let code = from.u8()?;
        let letter = match (from.bool()?, from.u8()?) {
            (false, _) => None,
            (true, letter) if letter.is_ascii_alphabetic() => Some(letter),
            (true, _) => return unknown("letter"),
        };
        Ok(Self {
            code,
            letter,
            width: get1(from)?,
            text: from.str(max::GLYPH_TEXT)?,
            shape: get_option(from)?,
            content: from.list(max::STEPS)?,
        })
    }
}

impl Encode for Glyph {
    fn encode(&self, to: &mut Writer<'_>) {
        put(to, &[self.width]);
        put_option(to, self.upright.as_ref());
        to.str(&self.text);
        to.list(&self.outline.strokes);
    }
}

impl Decode for Glyph {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (width, upright) = (get1(from)?, get_option(from)?);
        let text = from.str(max::GLYPH_TEXT)?;
        let strokes: Vec<Stroke> = from.list(max::SEGMENTS)?;
        if !matches!(strokes.first(), None | Some(Stroke::Move(_))) {
            return unknown("Outline");
        }
        Ok(Self { width, upright, text, outline: Outline { strokes } })
    }
}

impl Encode for Stroke {
    fn encode(&self, to: &mut Writer<'_>) {
        match self {
            Self::Move(points) => places(to, 1, points),
            Self::Line(points) => places(to, 2, points),
            Self::Quad(points) => places(to, 3, points),
            Self::Cubic(points) => places(to, 4, points),
        }
    }
}

fn places<const N: usize>(to: &mut Writer<'_>, tag: u8, places: &[i16; N]) {
    to.u8(tag);
    for place in places {
        to.u16(place.cast_unsigned());
    }
}

impl Decode for Stroke {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.u8()? {
            1 => Self::Move(read_places(from)?),
            2 => Self::Line(read_places(from)?),
            3 => Self::Quad(read_places(from)?),
            4 => Self::Cubic(read_places(from)?),
            _ => return unknown("Stroke"),
        })
    }
}

fn read_places<const N: usize>(from: &mut Reader<'_>) -> Result<[i16; N], DecodeError> {
    let mut places = [0; N];
    for place in &mut places {
        *place = from.u16()?.cast_signed();
    }
    Ok(places)
}
