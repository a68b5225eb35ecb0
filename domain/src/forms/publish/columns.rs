//! Columns of the export.

use super::{Problem, ProblemCode};
use crate::export::{self, Column, ColumnSource, Layout, SystemValue};
use crate::forms::definition::{Field, FieldKind};
use crate::forms::{Compiled, inputs};

pub(super) fn check(form: &Compiled, found: &mut Vec<Problem>) {
    let Some(layout) = &form.procedure().export else { return };
    found.extend(export::check(layout));
    found.extend(unfillable(form, layout));
    found.extend(undecidable(form, layout));
    found.extend(unreadable(form, layout));
}

/// Conditions that do not read of columns that may stay empty. A job of several procedures leaves
/// such a column empty for a form without the question; the layout of a procedure has one form.
#[must_use]
pub fn undecidable(form: &Compiled, layout: &Layout) -> Vec<Problem> {
    let columns = layout.columns.iter().enumerate().filter(|(_, column)| column.optional);
    let broken = columns.filter_map(|(n, column)| {
        let text = column.when.as_deref()?;
        let error = form.condition(text).err()?;
        Some(Problem::expression(&format!("export.columns[{n}].when"), text, error))
    });
    broken.collect()
}

/// Columns that a form cannot fill, but for those that may stay empty.
#[must_use]
pub fn unfillable(form: &Compiled, layout: &Layout) -> Vec<Problem> {
    let columns = layout.columns.iter().enumerate().filter(|(_, column)| !column.optional);
    let missing = columns.filter_map(|(n, column)| {
        let when = column.when.as_deref().and_then(|when| form.condition(when).err());
        let when = when.map(|error| error.to_string());
        let detail = missing(form, &column.source).or(when)?;
        Some(Problem::error(&format!("export.columns[{n}]"), ProblemCode::BadColumn, &detail))
    });
    missing.collect()
}

/// What of a source the form does not have.
fn missing(form: &Compiled, source: &ColumnSource) -> Option<String> {
    let known = |input: &str| storing(form, source).is_none().then(|| input.to_owned());
    let chosen = |id: &str| {
        let chosen = storing(form, source).is_some_and(|field| {
            !inputs::options(field).is_empty() || matches!(field.kind, FieldKind::Slot(_))
        });
        (!chosen).then(|| id.to_owned())
    };
    match source {
        ColumnSource::Input(input) | ColumnSource::Staff(input) => known(input),
        ColumnSource::Label(id) | ColumnSource::StaffLabel(id) => chosen(id),
        ColumnSource::Expr(text) => form.expression(text).err().map(|error| error.to_string()),
        ColumnSource::Join(parts) | ColumnSource::First(parts) => {
            parts.iter().find_map(|part| missing(form, part))
        }
        ColumnSource::System(_) | ColumnSource::Fixed(_) => None,
    }
}

/// The question behind a source: of the form, or one that staff answer for themselves.
fn storing<'f>(form: &'f Compiled, source: &ColumnSource) -> Option<&'f Field> {
    match source {
        ColumnSource::Input(input) | ColumnSource::Label(input) => form.field_storing(input),
        ColumnSource::Staff(input) | ColumnSource::StaffLabel(input) => {
            let mut staff = form.procedure().staff_fields.iter();
            staff.find(|field| inputs::stored(field).contains(input))
        }
        ColumnSource::Expr(_)
        | ColumnSource::Join(_)
        | ColumnSource::First(_)
        | ColumnSource::System(_)
        | ColumnSource::Fixed(_) => None,
    }
}

/// What of a layout for machines breaks their rules, as far as only the form tells: 和暦 without 西暦
/// beside it, what is written beside その他 without a column of its own, a unit behind a number, codes
/// without the list of them. Nothing of a layout that does not hold to the rules.
#[must_use]
pub fn unreadable(form: &Compiled, layout: &Layout) -> Vec<Problem> {
    let mut found = Vec::new();
    let columns = layout.columns.iter().enumerate().filter(|_| layout.machine_readable);
    for (n, column) in columns {
        let broken = [
            (lacks_western(form, layout, column), ProblemCode::ExportEra),
            (lacks_other(form, layout, &column.source), ProblemCode::ExportOther),
            (has_unit(form, &column.source), ProblemCode::ExportUnit),
            (is_code(form, &column.source) && !layout.code_table, ProblemCode::ExportCodes),
        ];
        let at = format!("export.columns[{n}]");
        let broken = broken.into_iter().filter(|(broken, _)| *broken);
        found.extend(broken.map(|(_, code)| Problem::error(&at, code, &column.header)));
    }
    found
}

/// Whether a day is written in 和暦 and in no other column in 西暦.
fn lacks_western(form: &Compiled, layout: &Layout, column: &Column) -> bool {
    let era = |column: &Column| column.dates.unwrap_or(layout.profile.dates).is_of_an_era();
    let beside = layout.columns.iter().any(|one| one.source == column.source && !era(one));
    let day = column.dates.is_some() || holds_day(form, &column.source);
    era(column) && day && !beside
}

fn holds_day(form: &Compiled, source: &ColumnSource) -> bool {
    match source {
        ColumnSource::System(value) => *value == SystemValue::ArrivedOn,
        ColumnSource::Join(parts) | ColumnSource::First(parts) => {
            parts.iter().any(|part| holds_day(form, part))
        }
        ColumnSource::Input(_) | ColumnSource::Staff(_) => {
            storing(form, source).is_some_and(|field| matches!(field.kind, FieldKind::Date(_)))
        }
        ColumnSource::Label(_)
        | ColumnSource::StaffLabel(_)
        | ColumnSource::Expr(_)
        | ColumnSource::Fixed(_) => false,
    }
}

/// The choice behind a column, with the name it is asked for by.
fn chosen<'f>(form: &'f Compiled, source: &ColumnSource) -> Option<&'f Field> {
    let (ColumnSource::Input(id)
    | ColumnSource::Label(id)
    | ColumnSource::Staff(id)
    | ColumnSource::StaffLabel(id)) = source
    else {
        return None;
    };
    let field = storing(form, source)?;
    let itself = id == &field.id || id.ends_with(&format!(".{}", field.id));
    itself.then_some(field)
}

fn lacks_other(form: &Compiled, layout: &Layout, source: &ColumnSource) -> bool {
    if chosen(form, source).and_then(inputs::other).is_none() {
        return false;
    }
    let beside = |id: &str| format!("{id}.{}", inputs::OTHER);
    let written = match source {
        ColumnSource::Staff(id) | ColumnSource::StaffLabel(id) => ColumnSource::Staff(beside(id)),
        ColumnSource::Input(id) | ColumnSource::Label(id) => ColumnSource::Input(beside(id)),
        ColumnSource::Expr(_)
        | ColumnSource::Join(_)
        | ColumnSource::First(_)
        | ColumnSource::System(_)
        | ColumnSource::Fixed(_) => return false,
    };
    !layout.columns.iter().any(|column| column.source == written)
}

fn is_code(form: &Compiled, source: &ColumnSource) -> bool {
    matches!(source, ColumnSource::Input(_) | ColumnSource::Staff(_))
        && chosen(form, source).is_some_and(|field| !inputs::options(field).is_empty())
}

/// Whether it is one number with always the same words around it.
fn has_unit(form: &Compiled, source: &ColumnSource) -> bool {
    let ColumnSource::Join(parts) = source else { return false };
    let (fixed, others): (Vec<_>, Vec<_>) =
        parts.iter().partition(|part| matches!(part, ColumnSource::Fixed(_)));
    let words = |part: &ColumnSource| matches!(part, ColumnSource::Fixed(text) if !text.is_empty());
    matches!(others.as_slice(), [one] if is_number(form, one)) && fixed.into_iter().any(words)
}

fn is_number(form: &Compiled, source: &ColumnSource) -> bool {
    *source == ColumnSource::System(SystemValue::AttachmentCount)
        || storing(form, source)
            .is_some_and(|field| matches!(field.kind, FieldKind::Number(_) | FieldKind::Fee(_)))
}
