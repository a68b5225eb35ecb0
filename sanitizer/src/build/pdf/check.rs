//! Refuses drawings that contain themselves.

use sanitizer_intermediate::pdf::{Colour, Font, Pattern, PdfDocument, Step, Things};

use crate::build::BuildError;

/// Most drawings within drawings.
const DEEPEST: usize = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Form(u32),
    Pattern(u32),
    Font(u32),
    Mask(u32),
}

#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Unseen,
    Open,
    Done,
}

/// Follows every drawing to its end.
///
/// # Errors
/// [`BuildError::Invalid`] when there is none.
pub(super) fn no_circles(document: &PdfDocument) -> Result<(), BuildError> {
    let things = &*document.things;
    let mut checker = Checker {
        things,
        forms: vec![Mark::Unseen; things.forms.len()],
        patterns: vec![Mark::Unseen; things.patterns.len()],
        fonts: vec![Mark::Unseen; things.fonts.len()],
        masks: vec![Mark::Unseen; things.masks.len()],
    };
    let count = |list: usize| u32::try_from(list).unwrap_or(u32::MAX);
    for form in 0..count(things.forms.len()) {
        checker.visit(Node::Form(form), 0)?;
    }
    for pattern in 0..count(things.patterns.len()) {
        checker.visit(Node::Pattern(pattern), 0)?;
    }
    for font in 0..count(things.fonts.len()) {
        checker.visit(Node::Font(font), 0)?;
    }
    Ok(())
}

struct Checker<'c> {
    things: &'c Things,
    forms: Vec<Mark>,
    patterns: Vec<Mark>,
    fonts: Vec<Mark>,
    masks: Vec<Mark>,
}

impl<'c> Checker<'c> {
    fn mark(&mut self, node: Node) -> Option<&mut Mark> {
        match node {
            Node::Form(number) => self.forms.get_mut(number as usize),
            Node::Pattern(number) => self.patterns.get_mut(number as usize),
            Node::Font(number) => self.fonts.get_mut(number as usize),
            Node::Mask(number) => self.masks.get_mut(number as usize),
        }
    }

    fn visit(&mut self, node: Node, depth: usize) -> Result<(), BuildError> {
        let mark = self.mark(node).ok_or(BuildError::Invalid("a number of nothing"))?;
        match *mark {
            Mark::Done => return Ok(()),
            Mark::Open => return Err(BuildError::Invalid("a drawing that contains itself")),
            Mark::Unseen => *mark = Mark::Open,
        }
        if depth >= DEEPEST {
            return Err(BuildError::Invalid("drawings nested too deep"));
        }
        let things = self.things;
        match node {
            Node::Form(number) => self.steps(&things.forms[number as usize].content, depth)?,
            Node::Pattern(number) => match &things.patterns[number as usize] {
                Pattern::Tiling(tiling) => self.steps(&tiling.content, depth)?,
                Pattern::Shading { .. } => {}
            },
            Node::Font(number) => {
                if let Font::Drawn(drawn) = &things.fonts[number as usize] {
                    for glyph in &drawn.glyphs {
                        self.steps(&glyph.content, depth)?;
                    }
                }
            }
            Node::Mask(number) => {
                self.visit(Node::Form(things.masks[number as usize].form), depth + 1)?;
            }
        }
        if let Some(mark) = self.mark(node) {
            *mark = Mark::Done;
        }
        Ok(())
    }

    fn steps(&mut self, steps: &'c [Step], depth: usize) -> Result<(), BuildError> {
        for step in steps {
            let node = match step {
                Step::Form(number) => Node::Form(*number),
                Step::Mask(Some(number)) => Node::Mask(*number),
                Step::Font { font, .. } => Node::Font(*font),
                Step::Fill(Colour::Pattern { pattern, .. })
                | Step::Stroke(Colour::Pattern { pattern, .. }) => Node::Pattern(*pattern),
                _ => continue,
            };
            self.visit(node, depth + 1)?;
        }
        Ok(())
    }
}
