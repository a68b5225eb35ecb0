//! How much there is to draw when every form, tile and glyph is followed.
//!
//! A few small forms that use each other several times can unfold to billions
//! of steps and keep a reader busy for days. Worker and builder both weigh a
//! document and refuse such ones, and those that contain themselves.

use super::{Colour, Font, Pattern, PdfDocument, Step, Things};

/// Steps a document may unfold to.
pub const HEAVIEST: u64 = 60_000_000;
/// Drawings within drawings.
const DEEPEST: usize = 40;

/// Why a document has no weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unweighable {
    /// A drawing contains itself, or drawings lie too deep in each other.
    #[error("drawings contain each other without end")]
    Endless,
    /// A step names a thing that is not there.
    #[error("a number of nothing")]
    Unknown,
    /// More than [`HEAVIEST`].
    #[error("the drawings unfold to too much")]
    TooHeavy,
}

/// Follows everything the pages draw.
///
/// # Errors
/// [`Unweighable`] when it does not end, or not soon enough.
pub fn weigh(document: &PdfDocument) -> Result<u64, Unweighable> {
    let things = &*document.things;
    let mut scales = Scales {
        things,
        forms: vec![Known::Unseen; things.forms.len()],
        patterns: vec![Known::Unseen; things.patterns.len()],
        fonts: vec![Known::Unseen; things.fonts.len()],
        masks: vec![Known::Unseen; things.masks.len()],
    };
    let mut total = 0_u64;
    for page in &document.pages {
        total = total.saturating_add(scales.steps(&page.content, 0)?);
    }
    // Things no page uses must end, too: the builder writes them all.
    for kind in [Node::Form, Node::Pattern, Node::Font, Node::Mask] {
        for number in 0..scales.count(kind) {
            scales.weigh(kind(number), 0)?;
        }
    }
    if total > HEAVIEST { Err(Unweighable::TooHeavy) } else { Ok(total) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Form(u32),
    Pattern(u32),
    Font(u32),
    Mask(u32),
}

#[derive(Clone, Copy)]
enum Known {
    Unseen,
    Open,
    Weighed(u64),
}

struct Scales<'s> {
    things: &'s Things,
    forms: Vec<Known>,
    patterns: Vec<Known>,
    fonts: Vec<Known>,
    masks: Vec<Known>,
}

impl<'s> Scales<'s> {
    fn list(&mut self, node: Node) -> (&mut Vec<Known>, usize) {
        match node {
            Node::Form(number) => (&mut self.forms, number as usize),
            Node::Pattern(number) => (&mut self.patterns, number as usize),
            Node::Font(number) => (&mut self.fonts, number as usize),
            Node::Mask(number) => (&mut self.masks, number as usize),
        }
    }

    fn count(&mut self, kind: fn(u32) -> Node) -> u32 {
        u32::try_from(self.list(kind(0)).0.len()).unwrap_or(u32::MAX)
    }

    fn weigh(&mut self, node: Node, depth: usize) -> Result<u64, Unweighable> {
        let (list, number) = self.list(node);
        let known = list.get_mut(number).ok_or(Unweighable::Unknown)?;
        match *known {
            Known::Weighed(weight) => return Ok(weight),
            Known::Open => return Err(Unweighable::Endless),
            Known::Unseen => *known = Known::Open,
        }
        if depth >= DEEPEST {
            return Err(Unweighable::Endless);
        }
        let things = self.things;
        let weight = match node {
            Node::Form(_) => self.steps(&things.forms[number].content, depth)?,
            Node::Mask(_) => self.weigh(Node::Form(things.masks[number].form), depth + 1)?,
            Node::Pattern(_) => match &things.patterns[number] {
                Pattern::Tiling(tiling) => self.steps(&tiling.content, depth)?,
                Pattern::Shading { .. } => 1,
            },
            Node::Font(_) => match &things.fonts[number] {
                Font::Drawn(drawn) => {
                    let mut heaviest = 1;
                    for glyph in &drawn.glyphs {
                        heaviest = self.steps(&glyph.content, depth)?.max(heaviest);
                    }
                    heaviest
                }
                Font::Outlined(_) | Font::Named(_) | Font::NamedCid(_) => 1,
            },
        };
        let (list, number) = self.list(node);
        list[number] = Known::Weighed(weight);
        Ok(weight)
    }

    /// Each glyph weighs as much as the heaviest of the font chosen last.
    fn steps(&mut self, steps: &'s [Step], depth: usize) -> Result<u64, Unweighable> {
        let mut total = 0_u64;
        let mut glyph = 1;
        for step in steps {
            let weight = match step {
                Step::Form(number) => self.weigh(Node::Form(*number), depth + 1)?,
                Step::Mask(Some(number)) => self.weigh(Node::Mask(*number), depth + 1)?,
                Step::Fill(Colour::Pattern { pattern, .. })
                | Step::Stroke(Colour::Pattern { pattern, .. }) => {
                    self.weigh(Node::Pattern(*pattern), depth + 1)?
                }
                Step::Font { font, .. } => {
                    glyph = self.weigh(Node::Font(*font), depth + 1)?.max(glyph);
                    1
                }
                Step::Show(pieces) => glyph.saturating_mul(pieces.len() as u64),
                Step::Path { segments, .. } => segments.len() as u64,
                _ => 1,
            };
            total = total.saturating_add(weight).saturating_add(1);
        }
        Ok(total)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Form, Page};
    use super::*;

    fn form(content: Vec<Step>) -> Form {
        Form { bounds: [0.0; 4], matrix: [1.0, 0.0, 0.0, 1.0, 0.0, 0.0], group: None, content }
    }

    fn document(forms: Vec<Form>) -> PdfDocument {
        let page = Page {
            media: [0.0, 0.0, 100.0, 100.0],
            crop: [0.0, 0.0, 100.0, 100.0],
            turns: 0,
            unit: 1.0,
            group: None,
            content: vec![Step::Form(0)],
            links: Vec::new(),
        };
        PdfDocument {
            pages: vec![page],
            things: Box::new(Things { forms, ..Things::default() }),
            bookmarks: Vec::new(),
        }
    }

    /// NF-32: twenty small forms cannot unfold to billions of steps.
    #[test]
    fn forms_that_multiply_are_too_heavy() {
        let forms = (1..=20).map(|next| form(vec![Step::Form(next); 10]));
        let forms = forms.chain([form(vec![Step::Save, Step::Restore])]).collect();
        assert_eq!(weigh(&document(forms)), Err(Unweighable::TooHeavy));
    }

    /// NF-32: a form that contains itself is not written.
    #[test]
    fn forms_in_a_circle_are_endless() {
        let forms = vec![form(vec![Step::Form(1)]), form(vec![Step::Form(0)])];
        assert_eq!(weigh(&document(forms)), Err(Unweighable::Endless));
    }

    #[test]
    fn a_form_that_is_not_there_is_unknown() {
        assert_eq!(weigh(&document(vec![form(vec![Step::Form(7)])])), Err(Unweighable::Unknown));
    }

    #[test]
    fn an_ordinary_document_has_a_weight() {
        assert_eq!(weigh(&document(vec![form(vec![Step::Save, Step::Restore])])), Ok(5));
    }
}
