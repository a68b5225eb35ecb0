//! Colours, patterns, shadings, masks.

use super::{get, get_option, get_rgb, get1, put, put_option, put_rgb, unknown};
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::pdf::{Colour, Mask, Mesh, Pattern, Shading, ShadingKind, Stop, Tiling, Vertex, max};

fn shares<const N: usize>(from: &mut Reader<'_>) -> Result<[f32; N], DecodeError> {
    get(from).map(|numbers| numbers.map(|number: f32| number.clamp(0.0, 1.0)))
}

impl Encode for Colour {
    fn encode(&self, to: &mut Writer<'_>) {
        match self {
            Self::Gray(gray) => {
                to.u8(1);
                put(to, &[*gray]);
            }
            Self::Rgb(rgb) => {
                to.u8(2);
                put(to, rgb);
            }
            Self::Cmyk(cmyk) => {
                to.u8(3);
                put(to, cmyk);
            }
            Self::Pattern { pattern, tint } => {
                to.u8(4);
                to.u32(*pattern);
                put_option(to, tint.as_ref());
            }
        }
    }
}

impl Decode for Colour {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match from.u8()? {
            1 => Self::Gray(shares::<1>(from)?[0]),
            2 => Self::Rgb(shares(from)?),
            3 => Self::Cmyk(shares(from)?),
            4 => Self::Pattern { pattern: from.u32()?, tint: get_option(from)? },
            _ => return unknown("Colour"),
        })
    }
}

impl Encode for Pattern {
    fn encode(&self, to: &mut Writer<'_>) {
        match self {
            Self::Tiling(tiling) => {
                to.u8(1);
                to.bool(tiling.coloured);
                put(to, &tiling.bounds);
                put(to, &[tiling.step_x, tiling.step_y]);
                put(to, &tiling.matrix);
                to.list(&tiling.content);
            }
            Self::Shading { shading, matrix } => {
                to.u8(2);
                to.u32(*shading);
                put(to, matrix);
            }
        }
    }
}

impl Decode for Pattern {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        match from.u8()? {
            1 => {
                let coloured = from.bool()?;
                let bounds = get(from)?;
                let [step_x, step_y] = get(from)?;
                let matrix = get(from)?;
                let content = from.list(max::STEPS)?;
                if step_x == 0.0 || step_y == 0.0 {
                    return unknown("Tiling");
                }
                Ok(Self::Tiling(Tiling { coloured, bounds, step_x, step_y, matrix, content }))
            }
            2 => Ok(Self::Shading { shading: from.u32()?, matrix: get(from)? }),
            _ => unknown("Pattern"),
        }
    }
}

impl Encode for Shading {
    fn encode(&self, to: &mut Writer<'_>) {
        put_option(to, self.background.as_ref());
        put_option(to, self.bounds.as_ref());
        match &self.kind {
            ShadingKind::Axial { line, extend, stops } => {
                to.u8(1);
                put(to, line);
                extend.iter().for_each(|extend| to.bool(*extend));
                to.list(stops);
            }
            ShadingKind::Radial { circles, extend, stops } => {
                to.u8(2);
                put(to, circles);
                extend.iter().for_each(|extend| to.bool(*extend));
                to.list(stops);
            }
            ShadingKind::Mesh(mesh) => {
                to.u8(3);
                to.list(&mesh.vertices);
            }
        }
    }
}

impl Decode for Shading {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (background, bounds) = (get_option(from)?, get_option(from)?);
        let kind = match from.u8()? {
            1 => ShadingKind::Axial {
                line: get(from)?,
                extend: [from.bool()?, from.bool()?],
                stops: stops(from)?,
            },
            2 => ShadingKind::Radial {
                circles: get(from)?,
                extend: [from.bool()?, from.bool()?],
                stops: stops(from)?,
            },
            3 => {
                let vertices: Vec<Vertex> = from.list(max::VERTICES)?;
                if vertices.is_empty() || !vertices.len().is_multiple_of(3) {
                    return unknown("Mesh");
                }
                ShadingKind::Mesh(Mesh { vertices })
            }
            _ => return unknown("Shading"),
        };
        Ok(Self { kind, background, bounds })
    }
}

fn stops(from: &mut Reader<'_>) -> Result<Vec<Stop>, DecodeError> {
    let stops: Vec<Stop> = from.list(max::STOPS)?;
    let rising = stops.windows(2).all(|pair| pair[0].at < pair[1].at);
    let whole = stops.first().is_some_and(|stop| stop.at == 0.0)
        && stops.last().is_some_and(|stop| stop.at == 1.0);
    if rising && whole && stops.len() >= 2 { Ok(stops) } else { unknown("Stops") }
}

impl Encode for Stop {
    fn encode(&self, to: &mut Writer<'_>) {
        put(to, &[self.at]);
        put_rgb(to, self.rgb);
    }
}

impl Decode for Stop {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { at: get1(from)?, rgb: get_rgb(from)? })
    }
}

impl Encode for Vertex {
    fn encode(&self, to: &mut Writer<'_>) {
        put(to, &[self.x, self.y]);
        put_rgb(to, self.rgb);
    }
}

impl Decode for Vertex {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let [x, y] = get(from)?;
        Ok(Self { x, y, rgb: get_rgb(from)? })
    }
}

impl Encode for Mask {
    fn encode(&self, to: &mut Writer<'_>) {
        to.value(&self.kind);
        to.u32(self.form);
        put_option(to, self.backdrop.as_ref());
        to.bool(self.transfer.is_some());
        if let Some(transfer) = &self.transfer {
            to.bytes(transfer);
        }
    }
}

impl Decode for Mask {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (kind, form, backdrop) = (from.value()?, from.u32()?, get_option(from)?);
        let transfer = if from.bool()? { Some(from.bytes(256)?) } else { None };
        if transfer.as_ref().is_some_and(|values| values.len() != 256) {
            return unknown("Mask");
        }
        Ok(Self { kind, form, backdrop, transfer })
    }
}
