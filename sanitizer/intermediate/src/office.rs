//! Word, Excel and PowerPoint documents.
//!
//! The skeleton of a document is made of structs ([`Word`], [`Sheet`],
//! [`Slides`]); formatting, paragraphs and shapes are [`Props`]: elements that
//! a [`grammar`] of our own allows, with values of known kinds. There is no
//! place in it for a macro, an object, a link or a stranger's bytes (NF-32),
//! and what it can say is what the builders write.
//!
//! ```text
//!  Word   body, stories, notes ──┐
//!  Sheet  tabs, rows, cells ─────┼─▶ Props<Shape> = Bag + rules of grammar/*.txt
//!  Slides masters, slides ───────┘      Value: numbers, words, text, Formula, Field, Ref
//! ```

mod bag;
mod field;
mod formula;
pub mod grammar;
mod record;
mod rows;
pub mod shapes;
mod sheet;
mod slides;
mod space;
mod value;
mod view;
mod word;

pub use bag::{Bag, Props, Shape};
pub use field::{Field, Verb};
pub use formula::{Formula, NotKept};
pub use rows::Rows;
pub use sheet::{
    Cell, CellError, CellFormula, CellNote, CellText, CellValue, DefinedName, MAX_COLUMNS,
    MAX_ROWS, Row, Sheet, Tab, TabKind, Visibility, is_range,
};
pub use slides::{Master, NotesMaster, Remark, Slide, Slides};
pub use space::Space;
pub use value::Value;
pub use view::{References, View};
pub use word::{Story, StoryKind, Word};

/// Most pictures of one document.
const MAX_PICTURES: usize = 10_000;
/// Most charts of one document.
const MAX_CHARTS: usize = 10_000;

#[cfg(test)]
mod tests;
