//! Formulas of records.

use super::Binary;
use crate::office::tokens::{self, Form, Place, Tokens};

/// What stands for a formula that could not be read: no formula, so that its
/// value stays and the loss is counted where all are.
const UNREAD: &str = "?";

/// The text of a formula.
pub(super) fn text(binary: &Binary, (tokens, extra): (&[u8], &[u8]), at: Place) -> String {
    let formula = Tokens { form: Form::Twelve, tokens, extra, at };
    tokens::text(&formula, &binary.scope).unwrap_or_else(|| UNREAD.to_owned())
}

/// The first cell of the formula these tokens only point to.
pub(super) fn shared_with((tokens, extra): (&[u8], &[u8])) -> Option<Place> {
    let at = Place::default();
    tokens::shared_with(&Tokens { form: Form::Twelve, tokens, extra, at })
}
