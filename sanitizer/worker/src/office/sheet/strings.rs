//! Texts of cells: only those that a cell shows are kept.

use sanitizer_intermediate::HoldReason;
use sanitizer_intermediate::office::{CellText, Space};

use crate::office::package::{Package, Relations};
use crate::office::shape::{self, NoLinks};
use crate::office::xml::{Element, Ns};

/// Texts by their number in the file, and by their number in the result.
#[derive(Default)]
pub(super) struct Strings {
    known: Vec<Option<CellText>>,
    moved: Vec<Option<u32>>,
    used: Vec<CellText>,
}

impl Strings {
    /// Reads the table of texts.
    pub(super) fn read(
        package: &mut Package<'_>,
        relations: &Relations,
    ) -> Result<Self, HoldReason> {
        let Some(part) = relations.first_part("sharedStrings") else {
            return Ok(Self::default());
        };
        let Some(text) = package.text(part)? else {
            return Ok(Self::default());
        };
        let mut pull = package.pull(&text);
        pull.root()?;
        let mut known = Vec::new();
        while let Some(element) = pull.next_element()? {
            let item = pull.take(element)?;
            if item.is(Space::S, "si") {
                known.push(Some(cell_text(&item)?));
            }
        }
        let moved = vec![None; known.len()];
        Ok(Self { known, moved, used: Vec::new() })
    }

    /// The number in the result of a text of the file.
    pub(super) fn shared(&mut self, number: usize) -> Option<u32> {
        if let Some(at) = self.moved.get(number).copied().flatten() {
            return Some(at);
        }
        let text = self.known.get_mut(number)?.take()?;
        let at = self.add(text);
        self.moved[number] = Some(at);
        Some(at)
    }

    /// The number of a text that stood in its cell.
    pub(super) fn add(&mut self, text: CellText) -> u32 {
        self.used.push(text);
        u32::try_from(self.used.len() - 1).unwrap_or(u32::MAX)
    }

    /// The texts of the result.
    pub(super) fn into_used(self) -> Vec<CellText> {
        self.used
    }
}

/// A text with or without formats: `si`, `is`, or `text` of a note.
pub(super) fn cell_text(item: &Element) -> Result<CellText, HoldReason> {
    let mut children = item.elements();
    match (children.next(), children.next()) {
        (None, _) => Ok(CellText::Plain(String::new())),
        (Some(only), None) if only.is(Space::S, "t") => Ok(CellText::Plain(only.own_text())),
        _ => {
            let known = Element { ns: Ns::Known(Space::S), ..item.clone() };
            shape::props(&known, &mut NoLinks).map(|it| CellText::Rich(Box::new(it)))
        }
    }
}
