//! Which things pages use, so that nothing else is written.

use sanitizer_intermediate::pdf::{Colour, Font, Page, Pattern, Step, Things};

/// For each list of things, which of them are used.
pub(super) struct Reached {
    pub(super) fonts: Vec<bool>,
    pub(super) forms: Vec<bool>,
    pub(super) pictures: Vec<bool>,
    pub(super) patterns: Vec<bool>,
    pub(super) shadings: Vec<bool>,
    pub(super) masks: Vec<bool>,
}

/// Follows the steps of all pages.
pub(super) fn from(pages: &[Page], things: &Things) -> Reached {
    let mut reached = Reached {
        fonts: vec![false; things.fonts.len()],
        forms: vec![false; things.forms.len()],
        pictures: vec![false; things.pictures.len()],
        patterns: vec![false; things.patterns.len()],
        shadings: vec![false; things.shadings.len()],
        masks: vec![false; things.masks.len()],
    };
    let mut waiting: Vec<&[Step]> = pages.iter().map(|it| it.content.as_slice()).collect();
    while let Some(steps) = waiting.pop() {
        steps.iter().for_each(|step| reached.follow(step, things, &mut waiting));
    }
    reached
}

/// Marks a thing; `true` when it was not marked before.
fn mark(list: &mut [bool], number: u32) -> bool {
    list.get_mut(number as usize).is_some_and(|it| !std::mem::replace(it, true))
}

impl Reached {
    fn follow<'t>(&mut self, step: &Step, things: &'t Things, waiting: &mut Vec<&'t [Step]>) {
        match step {
            Step::Form(number) => self.form(*number, things, waiting),
            Step::Mask(Some(number)) => {
                if mark(&mut self.masks, *number) {
                    self.form(things.masks[*number as usize].form, things, waiting);
                }
            }
            Step::Fill(Colour::Pattern { pattern, .. })
            | Step::Stroke(Colour::Pattern { pattern, .. }) => {
                if mark(&mut self.patterns, *pattern) {
                    match &things.patterns[*pattern as usize] {
                        Pattern::Tiling(tiling) => waiting.push(&tiling.content),
                        Pattern::Shading { shading, .. } => {
                            mark(&mut self.shadings, *shading);
                        }
                    }
                }
            }
            Step::Picture(number) => {
                mark(&mut self.pictures, *number);
            }
            Step::Shade(number) => {
                mark(&mut self.shadings, *number);
            }
            Step::Font { font, .. } => {
                if mark(&mut self.fonts, *font)
                    && let Font::Drawn(font) = &things.fonts[*font as usize]
                {
                    waiting.extend(font.glyphs.iter().map(|it| it.content.as_slice()));
                }
            }
            Step::Save
            | Step::Restore
            | Step::Concat(_)
            | Step::Line(_)
            | Step::Fill(_)
            | Step::Stroke(_)
            | Step::FillAlpha(_)
            | Step::StrokeAlpha(_)
            | Step::Blend(_)
            | Step::Mask(None)
            | Step::Path { .. }
            | Step::BeginText
            | Step::EndText
            | Step::TextMatrix(_)
            | Step::TextMove(..)
            | Step::CharSpace(_)
            | Step::TextScale(_)
            | Step::Rise(_)
            | Step::TextMode(_)
            | Step::Show(_)
            | Step::BeginActualText(_)
            | Step::EndActualText => {}
        }
    }

    fn form<'t>(&mut self, number: u32, things: &'t Things, waiting: &mut Vec<&'t [Step]>) {
        if mark(&mut self.forms, number) {
            waiting.push(&things.forms[number as usize].content);
        }
    }
}
