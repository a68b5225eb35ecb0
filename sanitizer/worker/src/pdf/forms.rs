//! What content calls by name: forms and pictures; and soft masks.

use hayro::hayro_interpret::Function;
use hayro::hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use hayro::hayro_syntax::page::Resources;
use hayro::kurbo::Affine;
use sanitizer_intermediate::pdf::{Form, Group, GroupSpace, Mask, MaskKind, Step};

use super::book::{Book, Halt, draws, key, resources_key};
use super::content::{Walker, affine};

impl Walker<'_, '_> {
    /// `Do`: a form or a picture.
    pub(super) fn external(&mut self, name: &Name<'_>) -> Result<(), Halt> {
        let Some(stream) = self.resources().get_x_object(name) else { return Ok(()) };
        let kind = stream.dict().get::<Name<'_>>(b"Subtype");
        let shown = self.book().layers.shows(stream.dict(), b"OC");
        if self.hidden() || !shown {
            return Ok(());
        }
        let resources = self.resources().clone();
        let ctm = self.ctm();
        let step = match kind.as_ref().map(|kind| kind.as_ref()) {
            Some(b"Form") => self.book().form(&stream, &resources, ctm)?.map(Step::Form),
            Some(b"Image") => {
                self.book().picture(name.as_ref(), &stream, &resources, ctm)?.map(Step::Picture)
            }
            _ => None,
        };
        self.place(step);
        Ok(())
    }

    /// A picture written right into the content.
    pub(super) fn inline_picture(&mut self, stream: &Stream<'_>) -> Result<(), Halt> {
        if self.hidden() {
            return Ok(());
        }
        let resources = self.resources().clone();
        let ctm = self.ctm();
        let step = self.book().inline(stream, &resources, ctm)?.map(Step::Picture);
        self.place(step);
        Ok(())
    }
}

impl<'a> Book<'a> {
    /// The number of a form; `None` when it draws nothing or contains itself.
    pub(super) fn form(
        &mut self,
        stream: &Stream<'a>,
        resources: &Resources<'a>,
        ctm: Affine,
    ) -> Result<Option<u32>, Halt> {
        let own = stream.dict().get::<Dict<'_>>(b"Resources").map(Resources::new);
        let whose = if own.is_some() { (0, 0) } else { resources_key(resources) };
        let known = (key(stream.dict()), whose);
        if let Some(number) = self.known.forms.get(&known) {
            return Ok(*number);
        }
        let resources = own.unwrap_or_else(|| resources.clone());
        let form = self.within(known.0, |book| book.read_form(stream, resources, ctm))?.flatten();
        // A form without a group that draws nothing can go; an empty group
        // may still be the whole of a mask.
        let form = form.filter(|form| form.group.is_some() || draws(&form.content));
        let number = form.map(|form| Self::number(&mut self.things.forms, form));
        self.known.forms.insert(known, number);
        Ok(number)
    }

    fn read_form(
        &mut self,
        stream: &Stream<'a>,
        resources: Resources<'a>,
        ctm: Affine,
    ) -> Result<Option<Form>, Halt> {
        let dict = stream.dict();
        let Some(bounds) = dict.get::<[f32; 4]>(b"BBox") else { return Ok(None) };
        let matrix = dict.get::<[f32; 6]>(b"Matrix").unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        let Some(content) = self.decode(stream)? else { return Ok(None) };
        let content = Walker::new(self, resources, ctm * affine(matrix)).run(&content)?;
        Ok(Some(Form { bounds, matrix, group: group(dict), content }))
    }

    /// The number of a soft mask.
    pub(super) fn mask(
        &mut self,
        dict: &Dict<'a>,
        resources: &Resources<'a>,
        ctm: Affine,
    ) -> Result<Option<u32>, Halt> {
        let known = (key(dict), resources_key(resources));
        if let Some(number) = self.known.masks.get(&known) {
            return Ok(*number);
        }
        let number = match dict.get::<Stream<'_>>(b"G") {
            Some(stream) => self.form(&stream, resources, ctm)?,
            None => None,
        };
        let mask = number.map(|form| Mask {
            kind: match dict.get::<Name<'_>>(b"S").as_ref().map(|kind| kind.as_ref()) {
                Some(b"Alpha") => MaskKind::Alpha,
                _ => MaskKind::Luminosity,
            },
            form,
            backdrop: backdrop(dict),
            transfer: transfer(dict),
        });
        if let Some(form) = number.and_then(|form| self.things.forms.get_mut(form as usize)) {
            form.group.get_or_insert(Group {
                isolated: true,
                knockout: false,
                space: GroupSpace::Rgb,
            });
        }
        let number = mask.map(|mask| Self::number(&mut self.things.masks, mask));
        self.known.masks.insert(known, number);
        Ok(number)
    }
}

/// The transparency group of a form or page.
pub(super) fn group(holder: &Dict<'_>) -> Option<Group> {
    let group = holder.get::<Dict<'_>>(b"Group")?;
    let space = match group.get::<Object<'_>>(b"CS") {
        Some(Object::Name(name)) => space_of(name.as_ref()),
        Some(Object::Array(array)) => space_of_array(&array),
        _ => GroupSpace::Inherited,
    };
    Some(Group {
        isolated: group.get::<bool>(b"I").unwrap_or(false),
        knockout: group.get::<bool>(b"K").unwrap_or(false),
        space,
    })
}

fn space_of(name: &[u8]) -> GroupSpace {
    match name {
        b"DeviceGray" | b"CalGray" => GroupSpace::Gray,
        b"DeviceRGB" | b"CalRGB" => GroupSpace::Rgb,
        b"DeviceCMYK" => GroupSpace::Cmyk,
        _ => GroupSpace::Inherited,
    }
}

fn space_of_array(space: &Array<'_>) -> GroupSpace {
    let mut parts = space.iter::<Object<'_>>();
    let Some(Object::Name(family)) = parts.next() else { return GroupSpace::Inherited };
    match parts.next() {
        Some(Object::Stream(profile)) => match profile.dict().get::<u8>(b"N") {
            Some(1) => GroupSpace::Gray,
            Some(3) => GroupSpace::Rgb,
            Some(4) => GroupSpace::Cmyk,
            _ => GroupSpace::Inherited,
        },
        _ => space_of(family.as_ref()),
    }
}

/// The colour a luminosity mask starts from, as RGB.
fn backdrop(mask: &Dict<'_>) -> Option<[f32; 3]> {
    let numbers: Vec<f32> = mask.get::<Array<'_>>(b"BC")?.iter::<f32>().take(4).collect();
    match numbers.as_slice() {
        [gray] => Some([*gray; 3]),
        [r, g, b] => Some([*r, *g, *b]),
        [c, m, y, k] => Some([c, m, y].map(|ink| (1.0 - (ink + k)).max(0.0))),
        _ => None,
    }
}

/// A transfer function as a table.
fn transfer(mask: &Dict<'_>) -> Option<Vec<u8>> {
    let function = Function::new(&mask.get::<Object<'_>>(b"TR")?)?;
    if function.num_inputs() != 1 || function.num_outputs() != 1 {
        return None;
    }
    let mut table = Vec::with_capacity(256);
    for input in 0..=255_u8 {
        let mut output = [0.0];
        function.eval(&[f32::from(input) / 255.0], &mut output)?;
        table.push((output[0].clamp(0.0, 1.0) * 255.0).round() as u8);
    }
    Some(table)
}
