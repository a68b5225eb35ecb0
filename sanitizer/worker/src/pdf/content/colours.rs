//! Colours: device colours stay as they are, everything else becomes RGB.

use hayro::hayro_interpret::color::ColorSpace;
use hayro::hayro_syntax::object::{Array, Name, Object};
use sanitizer_intermediate::pdf::{Colour, Step};

use super::Walker;
use crate::pdf::book::Halt;

/// The colour space that is chosen.
#[derive(Clone)]
pub(super) enum Space {
    Gray,
    Rgb,
    Cmyk,
    /// Patterns, by the name under which the content knows the space.
    Pattern(Vec<u8>),
    /// Anything hayro can turn into RGB.
    Other(ColorSpace),
    /// Not understood: colours are left as they are.
    Unknown,
}

impl Walker<'_, '_> {
    pub(super) fn choose_space(&mut self, stroke: bool, name: &Name<'_>) {
        let (space, initial) = self.resolve_space(name.as_ref());
        *self.space(stroke) = space;
        if let Some(colour) = initial {
            self.colour(stroke, colour);
        }
    }

    /// The space of this name and the colour it starts with.
    fn resolve_space(&mut self, name: &[u8]) -> (Space, Option<Colour>) {
        if let Some(known) = device(name) {
            return known;
        }
        if name == b"Pattern" {
            return (Space::Pattern(name.to_vec()), None);
        }
        let object = self.resources.color_spaces.get::<Object<'_>>(name);
        let family = match &object {
            Some(Object::Name(family)) => family.as_ref().to_vec(),
            Some(Object::Array(array)) => family_of(array),
            _ => return (Space::Unknown, None),
        };
        if let Some(known) = device(&family) {
            return known;
        }
        if family == b"Pattern" {
            return (Space::Pattern(name.to_vec()), None);
        }
        let Some(space) = self.book.engine.colour_space(name, &self.resources) else {
            return (Space::Unknown, None);
        };
        let full = matches!(family.as_slice(), b"Separation" | b"DeviceN");
        let start = if full { 1.0 } else { 0.0 };
        let numbers = vec![start; usize::from(space.num_components())];
        let initial = rgb_of(&space, &numbers);
        (Space::Other(space), Some(initial))
    }

    pub(super) fn choose_colour(
        &mut self,
        stroke: bool,
        numbers: &[f32],
        pattern: Option<&Name<'_>>,
    ) -> Result<(), Halt> {
        let colour = match (self.space(stroke).clone(), numbers) {
            (Space::Gray, [gray, ..]) => Colour::Gray(*gray),
            (Space::Rgb, [r, g, b, ..]) => Colour::Rgb([*r, *g, *b]),
            (Space::Cmyk, [c, m, y, k, ..]) => Colour::Cmyk([*c, *m, *y, *k]),
            (Space::Other(space), numbers) => rgb_of(&space, numbers),
            (Space::Pattern(space), numbers) => {
                let Some(name) = pattern else { return Ok(()) };
                match self.pattern(&space, numbers, name.as_ref())? {
                    Some(colour) => colour,
                    None => return Ok(()),
                }
            }
            (Space::Gray | Space::Rgb | Space::Cmyk | Space::Unknown, _) => return Ok(()),
        };
        self.colour(stroke, colour);
        Ok(())
    }

    fn pattern(
        &mut self,
        space: &[u8],
        numbers: &[f32],
        name: &[u8],
    ) -> Result<Option<Colour>, Halt> {
        let resources = self.resources.clone();
        let Some(number) = self.book.pattern(name, &resources, self.state.ctm)? else {
            return Ok(None);
        };
        let tint = if self.book.is_coloured(number) {
            None
        } else {
            let tint = self.book.engine.tint(space, numbers, name, &resources);
            Some(tint.unwrap_or([0.0; 3]))
        };
        Ok(Some(Colour::Pattern { pattern: number, tint }))
    }

    pub(super) fn gray(&mut self, stroke: bool, gray: f32) {
        *self.space(stroke) = Space::Gray;
        self.colour(stroke, Colour::Gray(gray.clamp(0.0, 1.0)));
    }

    pub(super) fn rgb(&mut self, stroke: bool, rgb: [f32; 3]) {
        *self.space(stroke) = Space::Rgb;
        self.colour(stroke, Colour::Rgb(rgb.map(|part| part.clamp(0.0, 1.0))));
    }

    pub(super) fn cmyk(&mut self, stroke: bool, cmyk: [f32; 4]) {
        *self.space(stroke) = Space::Cmyk;
        self.colour(stroke, Colour::Cmyk(cmyk.map(|part| part.clamp(0.0, 1.0))));
    }

    fn space(&mut self, stroke: bool) -> &mut Space {
        if stroke { &mut self.state.stroke } else { &mut self.state.fill }
    }

    fn colour(&mut self, stroke: bool, colour: Colour) {
        self.steps.push(if stroke { Step::Stroke(colour) } else { Step::Fill(colour) });
    }
}

fn device(name: &[u8]) -> Option<(Space, Option<Colour>)> {
    match name {
        b"DeviceGray" | b"G" => Some((Space::Gray, Some(Colour::Gray(0.0)))),
        b"DeviceRGB" | b"RGB" => Some((Space::Rgb, Some(Colour::Rgb([0.0; 3])))),
        b"DeviceCMYK" | b"CMYK" => Some((Space::Cmyk, Some(Colour::Cmyk([0.0, 0.0, 0.0, 1.0])))),
        _ => None,
    }
}

fn family_of(space: &Array<'_>) -> Vec<u8> {
    let first = space.iter::<Object<'_>>().next().and_then(Object::into_name);
    first.map(|name| name.as_ref().to_vec()).unwrap_or_default()
}

fn rgb_of(space: &ColorSpace, numbers: &[f32]) -> Colour {
    let [r, g, b, _] = space.to_rgba(numbers, 1.0).components();
    Colour::Rgb([r, g, b])
}
