//! Forms, masks, patterns, shadings.

use pdf_writer::{Dict, Finish, Name, Obj, Ref};
use sanitizer_intermediate::pdf::{
    Form, Group, GroupSpace, Mask, MaskKind, Mesh, Pattern, Shading, ShadingKind, Stop,
};

use super::{Builder, content, resources};
use crate::build::BuildError;

impl Builder<'_> {
    pub(super) fn form(&mut self, id: Ref, form: &Form) -> Result<(), BuildError> {
        let written = content::write(&form.content, self.things, &mut self.states)?;
        let (ids, states) = (&self.ids, &self.states);
        self.file.packed(id, &written.bytes, |stream| {
            stream.pair(Name(b"Type"), Name(b"XObject"));
            stream.pair(Name(b"Subtype"), Name(b"Form"));
            stream.insert(Name(b"BBox")).array().items(form.bounds);
            stream.insert(Name(b"Matrix")).array().items(form.matrix);
            if let Some(it) = &form.group {
                group(stream, it);
            }
            resources::write(stream, &written.uses, ids, states);
        });
        Ok(())
    }

    pub(super) fn mask(&mut self, id: Ref, mask: &Mask) -> Result<(), BuildError> {
        let form = self.ids.forms.get(mask.form as usize).copied();
        let form = form.ok_or(BuildError::Invalid("a number of nothing"))?;
        let group = self.things.forms[mask.form as usize].group;
        let space = group.map_or(GroupSpace::Inherited, |group| group.space);
        let transfer = mask.transfer.as_ref().map(|table| {
            let id = self.file.reserve();
            self.file.packed(id, table, |stream| sampled(stream, &[0.0, 1.0], table.len()));
            id
        });
        self.file.object(id, |object| {
            let mut dict = object.dict();
            dict.pair(Name(b"Type"), Name(b"Mask"));
            dict.pair(
                Name(b"S"),
                Name(match mask.kind {
                    MaskKind::Alpha => b"Alpha",
                    MaskKind::Luminosity => b"Luminosity",
                }),
            );
            dict.pair(Name(b"G"), form);
            if let Some(rgb) = mask.backdrop {
                backdrop(dict.insert(Name(b"BC")), rgb, space);
            }
            if let Some(transfer) = transfer {
                dict.pair(Name(b"TR"), transfer);
            }
        });
        Ok(())
    }

    pub(super) fn pattern(&mut self, id: Ref, pattern: &Pattern) -> Result<(), BuildError> {
        match pattern {
            Pattern::Tiling(tiling) => {
                let written = content::write(&tiling.content, self.things, &mut self.states)?;
                let (ids, states) = (&self.ids, &self.states);
                self.file.packed(id, &written.bytes, |stream| {
                    stream.pair(Name(b"Type"), Name(b"Pattern"));
                    stream.pair(Name(b"PatternType"), 1);
                    stream.pair(Name(b"PaintType"), if tiling.coloured { 1 } else { 2 });
                    stream.pair(Name(b"TilingType"), 1);
                    stream.insert(Name(b"BBox")).array().items(tiling.bounds);
                    stream.pair(Name(b"XStep"), tiling.step_x);
                    stream.pair(Name(b"YStep"), tiling.step_y);
                    stream.insert(Name(b"Matrix")).array().items(tiling.matrix);
                    resources::write(stream, &written.uses, ids, states);
                });
            }
            Pattern::Shading { shading, matrix } => {
                let shading = self.ids.shadings.get(*shading as usize).copied();
                let shading = shading.ok_or(BuildError::Invalid("a number of nothing"))?;
                self.file.object(id, |object| {
                    let mut dict = object.dict();
                    dict.pair(Name(b"Type"), Name(b"Pattern"));
                    dict.pair(Name(b"PatternType"), 2);
                    dict.pair(Name(b"Shading"), shading);
                    dict.insert(Name(b"Matrix")).array().items(*matrix);
                });
            }
        }
        Ok(())
    }

    pub(super) fn shading(&mut self, id: Ref, shading: &Shading) {
        match &shading.kind {
            ShadingKind::Axial { line, extend, stops } => {
                self.gradient(id, shading, 2, line, *extend, stops);
            }
            ShadingKind::Radial { circles, extend, stops } => {
                self.gradient(id, shading, 3, circles, *extend, stops);
            }
            ShadingKind::Mesh(mesh) => self.mesh(id, shading, mesh),
        }
    }

    fn gradient(
        &mut self,
        id: Ref,
        shading: &Shading,
        kind: i32,
        coords: &[f32],
        extend: [bool; 2],
        stops: &[Stop],
    ) {
        self.file.object(id, |object| {
            let mut dict = object.dict();
            common(&mut dict, shading, kind);
            dict.insert(Name(b"Coords")).array().items(coords.iter().copied());
            dict.insert(Name(b"Extend")).array().items(extend);
            gradient_function(dict.insert(Name(b"Function")), stops);
        });
    }

    /// Triangles as a free-form mesh: one flag byte, two 32-bit places, three
    /// colour bytes a corner.
    fn mesh(&mut self, id: Ref, shading: &Shading, mesh: &Mesh) {
        let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
        for vertex in &mesh.vertices {
            for (axis, number) in [vertex.x, vertex.y].into_iter().enumerate() {
                low[axis] = low[axis].min(number);
                high[axis] = high[axis].max(number);
            }
        }
        let place = |number: f32, axis: usize| {
            let width = f64::from(high[axis]) - f64::from(low[axis]);
            let share = (f64::from(number) - f64::from(low[axis])) / width.max(f64::MIN_POSITIVE);
            ((share.clamp(0.0, 1.0) * f64::from(u32::MAX)).round() as u32).to_be_bytes()
        };
        let mut data = Vec::with_capacity(mesh.vertices.len() * 12);
        for vertex in &mesh.vertices {
            data.push(0);
            data.extend(place(vertex.x, 0));
            data.extend(place(vertex.y, 1));
            data.extend(vertex.rgb);
        }
        self.file.packed(id, &data, |stream| {
            common(stream, shading, 4);
            stream.pair(Name(b"BitsPerCoordinate"), 32);
            stream.pair(Name(b"BitsPerComponent"), 8);
            stream.pair(Name(b"BitsPerFlag"), 8);
            let ranges = [low[0], high[0], low[1], high[1], 0.0, 1.0, 0.0, 1.0, 0.0, 1.0];
            stream.insert(Name(b"Decode")).array().items(ranges);
        });
    }
}

fn common(dict: &mut Dict<'_>, shading: &Shading, kind: i32) {
    dict.pair(Name(b"ShadingType"), kind);
    dict.pair(Name(b"ColorSpace"), Name(b"DeviceRGB"));
    if let Some(rgb) = shading.background {
        dict.insert(Name(b"Background")).array().items(rgb);
    }
    if let Some(bounds) = shading.bounds {
        dict.insert(Name(b"BBox")).array().items(bounds);
    }
}

/// Straight lines between the colours.
fn gradient_function(object: Obj<'_>, stops: &[Stop]) {
    let pairs: Vec<&[Stop]> = stops.windows(2).collect();
    if let [pair] = pairs.as_slice() {
        straight(object, pair);
        return;
    }
    let mut dict = object.dict();
    dict.pair(Name(b"FunctionType"), 3);
    dict.insert(Name(b"Domain")).array().items([0.0, 1.0]);
    let inner = stops.get(1..stops.len().saturating_sub(1)).unwrap_or_default();
    dict.insert(Name(b"Bounds")).array().items(inner.iter().map(|stop| stop.at));
    let encode = pairs.iter().flat_map(|_| [0.0, 1.0]);
    dict.insert(Name(b"Encode")).array().items(encode);
    let mut functions = dict.insert(Name(b"Functions")).array();
    for pair in &pairs {
        straight(functions.push(), pair);
    }
}

fn straight(object: Obj<'_>, pair: &[Stop]) {
    let mut dict = object.dict();
    dict.pair(Name(b"FunctionType"), 2);
    dict.insert(Name(b"Domain")).array().items([0.0, 1.0]);
    for (key, stop) in [&b"C0"[..], b"C1"].into_iter().zip(pair) {
        dict.insert(Name(key)).array().items(stop.rgb.map(|part| f32::from(part) / 255.0));
    }
    dict.pair(Name(b"N"), 1);
}

fn sampled(dict: &mut Dict<'_>, range: &[f32], size: usize) {
    dict.pair(Name(b"FunctionType"), 0);
    dict.insert(Name(b"Domain")).array().items([0.0, 1.0]);
    dict.insert(Name(b"Range")).array().items(range.iter().copied());
    dict.insert(Name(b"Size")).array().item(i32::try_from(size).unwrap_or(256));
    dict.pair(Name(b"BitsPerSample"), 8);
}

/// The group dictionary of a form or page.
pub(super) fn group(holder: &mut Dict<'_>, group: &Group) {
    let mut dict = holder.insert(Name(b"Group")).dict();
    dict.pair(Name(b"S"), Name(b"Transparency"));
    let space: Option<&[u8]> = match group.space {
        GroupSpace::Inherited => None,
        GroupSpace::Gray => Some(b"DeviceGray"),
        GroupSpace::Rgb => Some(b"DeviceRGB"),
        GroupSpace::Cmyk => Some(b"DeviceCMYK"),
    };
    if let Some(space) = space {
        dict.pair(Name(b"CS"), Name(space));
    }
    if group.isolated {
        dict.pair(Name(b"I"), true);
    }
    if group.knockout {
        dict.pair(Name(b"K"), true);
    }
    dict.finish();
}

/// The backdrop in the colours of the mask's group.
fn backdrop(object: Obj<'_>, [r, g, b]: [f32; 3], space: GroupSpace) {
    let gray = 0.3 * r + 0.59 * g + 0.11 * b;
    let mut array = object.array();
    match space {
        GroupSpace::Gray => array.item(gray),
        GroupSpace::Cmyk => array.items([1.0 - r, 1.0 - g, 1.0 - b, 0.0]),
        GroupSpace::Rgb | GroupSpace::Inherited => array.items([r, g, b]),
    };
}
