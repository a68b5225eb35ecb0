//! Columns of the export.

use super::{Problem, ProblemCode};
use crate::cp932;
use crate::export::{ColumnSource, Encoding};
use crate::forms::compiled::is_id;
use crate::forms::{Compiled, inputs};

pub(super) fn check(form: &Compiled, found: &mut Vec<Problem>) {
    let Some(layout) = &form.procedure().export else { return };
    if !is_id(&layout.name) {
        found.push(Problem::error("export.name", ProblemCode::BadId, &layout.name));
    }
    if layout.columns.is_empty() {
        found.push(Problem::error("export.columns", ProblemCode::Empty, ""));
    }
    for (n, column) in layout.columns.iter().enumerate() {
        let at = format!("export.columns[{n}]");
        if !is_id(&column.id) {
            found.push(Problem::error(&at, ProblemCode::BadId, &column.id));
        }
        let twice =
            |other: &crate::export::Column| other.id == column.id || other.header == column.header;
        if layout.columns[..n].iter().any(twice) {
            found.push(Problem::error(&at, ProblemCode::RepeatedId, &column.id));
        }
        let held =
            layout.profile.encoding != Encoding::Cp932 || column.header.chars().all(cp932::holds);
        if column.header.trim().is_empty() || !held {
            found.push(Problem::error(&at, ProblemCode::BadColumn, &column.header));
        }
        if let Some(detail) = unfillable(form, &column.source) {
            found.push(Problem::error(&at, ProblemCode::BadColumn, &detail));
        }
    }
}

fn unfillable(form: &Compiled, source: &ColumnSource) -> Option<String> {
    match source {
        ColumnSource::Input(input) => form.field_storing(input).is_none().then(|| input.clone()),
        ColumnSource::Label(id) => {
            let chosen =
                form.field_storing(id).is_some_and(|field| !inputs::options(field).is_empty());
            (!chosen).then(|| id.clone())
        }
        ColumnSource::Expr(text) => form.expression(text).err().map(|error| error.to_string()),
        ColumnSource::System(_) | ColumnSource::Fixed(_) => None,
    }
}
