//! Values of attributes and texts.

use super::field::Field;
use super::formula::Formula;

/// A value. Which variants make sense where is said by
/// [`Kind::admits`](super::grammar::Kind::admits).
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A whole number, or 0 and 1 for no and yes.
    Int(i64),
    /// A finite number.
    Number(f64),
    /// The number of a word in its list.
    Token(u16),
    /// The number of a picture, chart or story of the same document.
    Ref(u32),
    /// Characters.
    Text(String),
    /// An instruction of a Word field.
    Field(Field),
    /// A formula.
    Formula(Formula),
}
