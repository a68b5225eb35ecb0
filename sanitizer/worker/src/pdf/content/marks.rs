//! Marked content: layers, and text that stands for what is drawn.

use hayro::hayro_syntax::object::{Dict, Name, Object, String as PdfString};
use sanitizer_intermediate::pdf::{Step, max};

use super::Walker;
use crate::pdf::strings;

/// What a `BMC` or `BDC` opened.
pub(super) enum Mark {
    /// Nothing we keep.
    Nothing,
    /// A layer that is not shown.
    Hidden,
    /// A replacement text.
    ActualText,
}

impl Walker<'_, '_> {
    pub(super) fn begin_mark(&mut self, tag: &Name<'_>, properties: &Object<'_>) {
        let mark = if tag.as_ref() == b"OC" {
            self.layer(properties)
        } else {
            self.actual_text(properties)
        };
        self.marks.push(mark);
    }

    fn layer(&self, properties: &Object<'_>) -> Mark {
        let Object::Name(name) = properties else { return Mark::Nothing };
        if self.book.layers.shows(&self.resources.properties, name.as_ref()) {
            Mark::Nothing
        } else {
            Mark::Hidden
        }
    }

    fn actual_text(&mut self, properties: &Object<'_>) -> Mark {
        let text = match properties {
            Object::Dict(dict) => replacement(dict),
            Object::Name(name) => self
                .resources
                .properties
                .get::<Dict<'_>>(name.as_ref())
                .and_then(|d| replacement(&d)),
            _ => None,
        };
        let nested = self.marks.iter().any(|mark| matches!(mark, Mark::ActualText));
        match text {
            Some(text) if text.len() <= max::ACTUAL_TEXT && !nested => {
                self.steps.push(Step::BeginActualText(text));
                Mark::ActualText
            }
            _ => Mark::Nothing,
        }
    }

    pub(super) fn end_mark(&mut self) {
        if let Some(Mark::ActualText) = self.marks.pop() {
            self.steps.push(Step::EndActualText);
        }
    }

    pub(super) fn close_marks(&mut self) {
        while !self.marks.is_empty() {
            self.end_mark();
        }
    }
}

fn replacement(properties: &Dict<'_>) -> Option<String> {
    properties.get::<PdfString<'_>>(b"ActualText").map(|text| strings::text(text.as_bytes()))
}
