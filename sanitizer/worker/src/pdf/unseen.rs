//! The text of a page that is shown as a picture: the same glyphs at the same
//! places, drawn with nothing, so that it can be marked and searched.

use sanitizer_intermediate::HoldReason;
use sanitizer_intermediate::pdf::{Font, Step, Things};

use super::book::{Book, Halt, NESTING};

/// Draws neither inside nor line.
const INVISIBLE: u8 = 3;

/// The steps of a page that show text, and those that place it.
pub(super) fn text(steps: &[Step], book: &mut Book<'_>) -> Result<Vec<Step>, Halt> {
    // Glyphs that are drawings themselves pay no heed to the mode, but to the alpha.
    let hidden = [Step::FillAlpha(0.0), Step::StrokeAlpha(0.0), Step::TextMode(INVISIBLE)];
    let mut unseen = vec![Step::Save];
    unseen.extend(hidden);
    collect(steps, book, &mut unseen, 0)?;
    unseen.push(Step::Restore);
    Ok(unseen)
}

fn collect(
    steps: &[Step],
    book: &mut Book<'_>,
    to: &mut Vec<Step>,
    depth: usize,
) -> Result<(), Halt> {
    if depth > NESTING {
        return Err(Halt::Hold(HoldReason::TooComplex));
    }
    book.spend(steps.len())?;
    for step in steps {
        match step {
            Step::Save
            | Step::Restore
            | Step::Concat(_)
            | Step::BeginText
            | Step::EndText
            | Step::TextMatrix(_)
            | Step::TextMove(..)
            | Step::Font { .. }
            | Step::CharSpace(_)
            | Step::TextScale(_)
            | Step::Rise(_)
            | Step::Show(_)
            | Step::BeginActualText(_)
            | Step::EndActualText => to.push(step.clone()),
            Step::Form(number) => {
                // What a form shows is written where it is used; only pictures stay shared.
                let form = book.things.forms.get(*number as usize).cloned();
                if let Some(form) = form {
                    to.extend([Step::Save, Step::Concat(form.matrix)]);
                    collect(&form.content, book, to, depth + 1)?;
                    to.push(Step::Restore);
                }
            }
            Step::Line(_)
            | Step::Fill(_)
            | Step::Stroke(_)
            | Step::FillAlpha(_)
            | Step::StrokeAlpha(_)
            | Step::Blend(_)
            | Step::Mask(_)
            | Step::Path { .. }
            | Step::Picture(_)
            | Step::Shade(_)
            | Step::TextMode(_) => {}
        }
    }
    Ok(())
}

/// Leaves only what pictures of pages and their text need: fonts whose glyphs
/// are drawings keep codes and widths.
pub(super) fn keep_text(things: &mut Things) {
    things.forms.clear();
    things.patterns.clear();
    things.shadings.clear();
    things.masks.clear();
    for font in &mut things.fonts {
        if let Font::Drawn(drawn) = font {
            drawn.glyphs.iter_mut().for_each(|it| it.content.clear());
        }
    }
}
