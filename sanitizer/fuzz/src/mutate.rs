//! Damage that knows containers: a ZIP whose members are damaged is still a
//! ZIP, and reaches the reader behind the container.

mod compound;
mod pdf;
mod plain;
mod png;
mod words;
mod zip;

pub use words::Words;

use crate::dice::Dice;

/// Largest file made. Readers have limits of their own; here time is dear.
pub const MOST_BYTES: usize = 512 << 10;

/// The container of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// None, or none we know.
    Plain,
    /// Members in a ZIP.
    Zip,
    /// Streams in a PDF.
    Pdf,
    /// Chunks of a PNG.
    Png,
    /// Streams in a compound file (OLE2).
    Compound,
}

/// A damaged copy of `file`; `other` lends pieces.
#[must_use]
pub fn mutated(file: &[u8], other: &[u8], shape: Shape, words: &Words, dice: &mut Dice) -> Vec<u8> {
    let inside = !dice.once_in(4);
    let damaged = match shape {
        Shape::Zip if inside => zip::damaged(file, other, words, dice),
        Shape::Pdf if inside => pdf::damaged(file, other, words, dice),
        Shape::Png if inside => png::damaged(file, other, words, dice),
        Shape::Compound if inside => compound::damaged(file, other, words, dice),
        Shape::Plain | Shape::Zip | Shape::Pdf | Shape::Png | Shape::Compound => None,
    };
    let mut damaged = damaged.unwrap_or_else(|| plain::damaged(file, other, words, dice));
    damaged.truncate(MOST_BYTES);
    damaged
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-32: the same seed makes the same damage, and damage is damage.
    #[test]
    fn damage_is_determined_by_its_seed() {
        let file = b"%PDF-1.7\n1 0 obj <</Length 4>>\nstream\nabcd\nendstream\nendobj\n".repeat(3);
        for shape in [Shape::Plain, Shape::Zip, Shape::Pdf, Shape::Png, Shape::Compound] {
            let make = |seed| mutated(&file, b"other", shape, &Words::Pdf, &mut Dice::new(seed));
            assert!((0..50).all(|seed| make(seed) == make(seed)), "{shape:?}");
            assert!((0..50).filter(|seed| make(*seed) != file).count() > 40, "{shape:?}");
        }
    }
}
