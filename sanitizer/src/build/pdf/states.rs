//! Graphics states: one small dictionary for each setting that is used.

use pdf_writer::{Dict, Name, Ref};
use sanitizer_intermediate::pdf::Blend;

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum State {
    FillAlpha(f32),
    StrokeAlpha(f32),
    Blend(Blend),
    Mask(Option<u32>),
}

/// All settings used so far, each with a number.
#[derive(Default)]
pub(super) struct States {
    list: Vec<State>,
}

impl States {
    pub(super) fn number(&mut self, state: State) -> u32 {
        let known = self.list.iter().position(|it| *it == state);
        let place = known.unwrap_or_else(|| {
            self.list.push(state);
            self.list.len() - 1
        });
        u32::try_from(place).unwrap_or(u32::MAX)
    }

    /// Writes the settings of these numbers into a resource dictionary.
    /// `masks` holds the objects of the masks.
    pub(super) fn write(
        &self,
        numbers: impl Iterator<Item = u32>,
        dict: &mut Dict<'_>,
        masks: &[Ref],
    ) {
        for number in numbers {
            let Some(state) = self.list.get(number as usize) else { continue };
            let name = format!("G{number}");
            let mut entry = dict.insert(Name(name.as_bytes())).dict();
            match state {
                State::FillAlpha(alpha) => {
                    entry.pair(Name(b"ca"), *alpha);
                }
                State::StrokeAlpha(alpha) => {
                    entry.pair(Name(b"CA"), *alpha);
                }
                State::Blend(blend) => {
                    entry.pair(Name(b"BM"), Name(blend.code().as_bytes()));
                }
                State::Mask(None) => {
                    entry.pair(Name(b"SMask"), Name(b"None"));
                }
                State::Mask(Some(mask)) => {
                    if let Some(id) = masks.get(*mask as usize) {
                        entry.pair(Name(b"SMask"), *id);
                    }
                }
            }
        }
    }
}
