//! Graphics state dictionaries, and the words for lines.

use hayro::hayro_syntax::object::{Array, Dict, Name, Object, dict_or_stream};
use sanitizer_intermediate::pdf::{Blend, Cap, Join, Line, Step, max};

use super::{Walker, number};
use crate::pdf::book::Halt;

impl<'a> Walker<'_, 'a> {
    pub(super) fn graphics_state(&mut self, name: &Name<'_>) -> Result<(), Halt> {
        let Some(dict) = self.resources.get_ext_g_state(name) else { return Ok(()) };
        self.state_lines(&dict);
        if let Some(font) = dict.get::<Array<'_>>(b"Font") {
            let mut parts = font.flex_iter();
            if let (Some(font), Some(size)) = (parts.next::<Dict<'_>>(), parts.next::<f32>()) {
                self.use_font(&font, size)?;
            }
        }
        if let Some(alpha) = dict.get::<f32>(b"CA") {
            self.steps.push(Step::StrokeAlpha(alpha.clamp(0.0, 1.0)));
        }
        if let Some(alpha) = dict.get::<f32>(b"ca") {
            self.steps.push(Step::FillAlpha(alpha.clamp(0.0, 1.0)));
        }
        if let Some(blend) = dict.get::<Object<'_>>(b"BM").and_then(|mode| blend(&mode)) {
            self.steps.push(Step::Blend(blend));
        }
        self.soft_mask(&dict)
    }

    fn state_lines(&mut self, dict: &Dict<'_>) {
        if let Some(width) = dict.get::<f32>(b"LW") {
            self.line(Line::Width(width.max(0.0)));
        }
        if let Some(form) = dict.get::<f32>(b"LC") {
            self.line(Line::Cap(cap(form)));
        }
        if let Some(form) = dict.get::<f32>(b"LJ") {
            self.line(Line::Join(join(form)));
        }
        if let Some(limit) = dict.get::<f32>(b"ML") {
            self.line(Line::Miter(limit));
        }
        if let Some(pair) = dict.get::<Array<'_>>(b"D") {
            let mut parts = pair.flex_iter();
            if let (Some(dashes), Some(phase)) = (parts.next::<Array<'_>>(), parts.next::<f32>()) {
                self.line(dash(&dashes, phase));
            }
        }
    }

    fn soft_mask(&mut self, dict: &Dict<'a>) -> Result<(), Halt> {
        match dict.get::<Object<'_>>(b"SMask") {
            Some(Object::Name(name)) if name.as_ref() == b"None" => {
                self.steps.push(Step::Mask(None));
            }
            Some(object) => {
                if let Some((mask, _)) = dict_or_stream(&object) {
                    let resources = self.resources.clone();
                    let number = self.book.mask(mask, &resources, self.state.ctm)?;
                    self.steps.push(Step::Mask(number));
                }
            }
            None => {}
        }
        Ok(())
    }
}

fn blend(mode: &Object<'_>) -> Option<Blend> {
    match mode {
        Object::Name(name) if name.as_ref() == b"Compatible" => Some(Blend::Normal),
        Object::Name(name) => Blend::from_code(name.as_str()),
        Object::Array(names) => {
            names.iter::<Name<'_>>().find_map(|name| Blend::from_code(name.as_str()))
        }
        _ => None,
    }
}

pub(super) fn cap(form: f32) -> Cap {
    match form as i32 {
        1 => Cap::Round,
        2 => Cap::Square,
        _ => Cap::Butt,
    }
}

pub(super) fn join(form: f32) -> Join {
    match form as i32 {
        1 => Join::Round,
        2 => Join::Bevel,
        _ => Join::Miter,
    }
}

pub(super) fn dash(dashes: &Array<'_>, phase: f32) -> Line {
    let dashes = dashes.iter::<hayro::hayro_syntax::object::Number>();
    let dashes: Vec<f32> = dashes.take(max::DASHES).map(|dash| number(dash).max(0.0)).collect();
    let drawn = dashes.iter().any(|dash| *dash > 0.0);
    Line::Dash(if drawn { dashes } else { Vec::new() }, phase)
}
