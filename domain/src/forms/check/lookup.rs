//! Entries of lists (NF-61).

use super::Code;
use super::reader::Reader;
use crate::forms::compiled::CompiledField;
use crate::forms::definition::Lookup;
use crate::forms::expr::{Scope, Value};
use crate::forms::listed::Hit;

/// Most characters of something that is not on the list.
const MAX: usize = 200;

/// Reads the name of an entry; the columns that are kept follow from the list alone.
pub(super) fn read(
    reader: &mut Reader<'_>,
    kind: &Lookup,
    compiled: &CompiledField,
    scope: &Scope<'_>,
) {
    let id = &reader.field.id;
    for column in &kind.keep {
        let input = reader.part(column);
        reader.keep(&input, "");
    }
    let Some(typed) = reader.line(id) else { return };
    reader.keep(id, typed.as_str());
    if crate::text::graphemes(&typed) > MAX {
        let args = [("max", MAX.to_string())];
        return reader.fault(id, Code::TooLong, &args);
    }
    let Some(listed) = &compiled.listed else { return };
    let kept: Vec<(usize, &str)> = kind
        .keep
        .iter()
        .filter_map(|column| {
            let sent = reader.raw.first(&reader.part(column)).filter(|sent| !sent.is_empty())?;
            Some((listed.list.column(column)?, sent))
        })
        .collect();
    let narrow = narrowed(compiled, scope);
    match listed.hit((kind, narrow.as_deref()), &typed, &kept) {
        Hit::One(row) => {
            reader.keep(id, listed.value(row, 0));
            for column in &kind.keep {
                let input = reader.part(column);
                let value = listed.list.column(column).map_or("", |at| listed.value(row, at));
                reader.keep(&input, value);
            }
        }
        Hit::Nothing if kind.free => {}
        // Choosing is no help where entries are never shown.
        Hit::Several | Hit::Nothing if kind.secret => reader.fault(id, Code::NotKnown, &[]),
        Hit::Several => reader.fault(id, Code::ListSeveral, &[]),
        Hit::Nothing => reader.fault(id, Code::NotListed, &[]),
    }
}

/// The text that narrows the list down.
pub(in crate::forms) fn narrowed(compiled: &CompiledField, scope: &Scope<'_>) -> Option<String> {
    match compiled.narrow.as_ref()?.value(scope) {
        Value::Text(text) => Some(text.into_owned()),
        Value::Absent
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Numbers(..)
        | Value::Date(_)
        | Value::Days(..)
        | Value::List(_) => None,
    }
}
