//! The same choice for each of several rows.

use super::Code;
use super::page::Judge;
use super::reader::Reader;
use crate::forms::definition::Matrix;

/// Reads the choice of each row.
pub(super) fn read(reader: &mut Reader<'_>, kind: &Matrix) {
    for row in &kind.rows {
        let input = reader.part(&row.id);
        let Some(code) = reader.line(&input) else { continue };
        let known = kind.options.iter().any(|option| option.code == code);
        reader.keep(&input, if known { code.as_str() } else { "" });
        if !known {
            reader.fault(&input, Code::NotOffered, &[("option", String::new())]);
        }
    }
}

/// Rows without a choice, when one is needed.
pub(super) fn complete(judge: &mut Judge<'_>, kind: &Matrix, required: bool) {
    let id = &judge.field.id;
    for row in kind.rows.iter().filter(|_| required) {
        let input = format!("{id}.{}", row.id);
        if !judge.scope.answers.answered(&input) && !judge.faulty.contains(&input) {
            judge.fault(&input, Code::RequiredRow, &[("row", row.label.ja().to_owned())]);
        }
    }
}
