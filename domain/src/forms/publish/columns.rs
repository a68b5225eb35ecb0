//! Columns of the export.

use super::{Problem, ProblemCode};
use crate::export::{self, Column, ColumnSource, Layout};
use crate::forms::definition::FieldKind;
use crate::forms::{Compiled, inputs};

pub(super) fn check(form: &Compiled, found: &mut Vec<Problem>) {
    let Some(layout) = &form.procedure().export else { return };
    found.extend(export::check(layout));
    found.extend(unfillable(form, layout));
}

/// Columns that a form cannot fill, but for those that may stay empty.
#[must_use]
pub fn unfillable(form: &Compiled, layout: &Layout) -> Vec<Problem> {
    let columns = layout.columns.iter().enumerate();
    let missing = columns.filter_map(|(n, column)| {
        let detail = missing(form, column, &column.source)?;
        Some(Problem::error(&format!("export.columns[{n}]"), ProblemCode::BadColumn, &detail))
    });
    missing.collect()
}

/// What of a source the form does not have.
fn missing(form: &Compiled, column: &Column, source: &ColumnSource) -> Option<String> {
    match source {
        ColumnSource::Input(input) => {
            let known = form.field_storing(input).is_some();
            (!known && !column.optional).then(|| input.clone())
        }
        ColumnSource::Label(id) => {
            let chosen = form.field_storing(id).is_some_and(|field| {
                !inputs::options(field).is_empty() || matches!(field.kind, FieldKind::Slot(_))
            });
            (!chosen && !column.optional).then(|| id.clone())
        }
        ColumnSource::Expr(text) => {
            let bad = form.expression(text).err().map(|error| error.to_string());
            bad.filter(|_| !column.optional)
        }
        ColumnSource::Join(parts) => parts.iter().find_map(|part| missing(form, column, part)),
        ColumnSource::System(_) | ColumnSource::Fixed(_) => None,
    }
}
