//! Amounts of fees: whole yen, whatever is answered.

use super::{Problem, ProblemCode};
use crate::forms::Compiled;
use crate::forms::definition::{Bound, Field, FieldKind};
use crate::forms::inputs;

pub(super) fn check(form: &Compiled, found: &mut Vec<Problem>) {
    for (p, page) in form.procedure().pages.iter().enumerate() {
        for (f, field) in page.fields.iter().enumerate() {
            let FieldKind::Fee(fee) = &field.kind else { continue };
            for (n, line) in fee.lines.iter().enumerate() {
                let Bound::Expr(text) = &line.amount else { continue };
                let Ok(amount) = form.expression(text) else { continue };
                if !amount.is_whole(&|name| is_whole(form, name)) {
                    let at = format!("pages[{p}].fields[{f}].kind.lines[{n}].amount");
                    found.push(Problem::error(&at, ProblemCode::FeeNotWhole, text));
                }
            }
        }
    }
}

/// Whether the answers of this input have nothing behind the point. Ids of rows are unique in the
/// form, so a name alone finds its question.
fn is_whole(form: &Compiled, name: &str) -> bool {
    let id = inputs::field_of(name);
    let outer = form.procedure().pages.iter().flat_map(|page| &page.fields);
    let mut all = outer.flat_map(|field| {
        std::iter::once(field).chain(field.repeat().into_iter().flat_map(|repeat| &repeat.fields))
    });
    all.find(|field| field.id == id).is_some_and(|field| field_is_whole(form, field))
}

fn field_is_whole(form: &Compiled, field: &Field) -> bool {
    use FieldKind::{Calc, Date, Fee, Month, Number, Time};
    match &field.kind {
        Number(number) => number.decimals == 0,
        Calc(calc) => form
            .expression(&calc.value)
            .is_ok_and(|value| value.is_whole(&|name| is_whole(form, name))),
        // Yen, days and minutes; nothing else is counted with.
        other => matches!(other, Fee(_) | Time(_) | Date(_) | Month(_)),
    }
}
