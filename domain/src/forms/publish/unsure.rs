//! Dates that may be known in part, and what hangs on them (decision 0123): one warning a question.

use std::collections::{BTreeMap, BTreeSet};

use super::{Problem, ProblemCode};
use crate::forms::Compiled;
use crate::forms::compiled::{CompiledField, Needed};
use crate::forms::definition::Field;
use crate::forms::expr::Expr;

/// What hangs on each question, by ids.
type Hanging = BTreeMap<String, BTreeSet<String>>;

pub(super) fn check(form: &Compiled, found: &mut Vec<Problem>) {
    let hanging = hanging(form);
    let mut warn = |at: String, field: &Field| {
        let Some(by) = hanging.get(&field.id).filter(|_| field.is_partial_date()) else { return };
        let by: Vec<&str> = by.iter().map(String::as_str).collect();
        let detail = format!("{}: {}", field.id, by.join(", "));
        found.push(Problem::warning(&at, ProblemCode::UnsureDate, &detail));
    };
    for (p, page) in form.procedure().pages.iter().enumerate() {
        for (f, field) in page.fields.iter().enumerate() {
            let at = format!("pages[{p}].fields[{f}]");
            warn(format!("{at}.kind.partial"), field);
            for (n, inner) in
                field.repeat().into_iter().flat_map(|all| all.fields.iter().enumerate())
            {
                warn(format!("{at}.kind.fields[{n}].kind.partial"), inner);
            }
        }
    }
}

/// Limits are left out: they refuse only what is surely beyond them.
fn hanging(form: &Compiled) -> Hanging {
    let procedure = form.procedure();
    let mut hanging = Hanging::new();
    for (slot, compiled) in form.fields.iter().enumerate() {
        let field = form.field_at(slot);
        note(&mut hanging, &field.id, decided(compiled));
        let rows = field.repeat().into_iter().flat_map(|repeat| &repeat.fields);
        for (inner, compiled) in rows.zip(&compiled.row) {
            note(&mut hanging, &inner.id, decided(compiled));
        }
    }
    for (page, compiled) in procedure.pages.iter().zip(&form.pages) {
        note(&mut hanging, &page.id, compiled.when.iter());
    }
    let routes = procedure.routing.iter().map(|route| ("routing", Some(&route.when)));
    let outcomes = procedure.outcomes.iter().map(|outcome| ("outcomes", outcome.when.as_ref()));
    let signers = procedure.access.cosigners.iter();
    let signers = signers.map(|signer| ("access.cosigners", signer.when.as_ref()));
    for (place, text) in routes.chain(outcomes).chain(signers) {
        let when = text.and_then(|text| form.condition(text).ok());
        note(&mut hanging, place, when.iter());
    }
    hanging
}

fn note<'e>(hanging: &mut Hanging, who: &str, exprs: impl Iterator<Item = &'e Expr>) {
    for name in exprs.flat_map(Expr::unsure) {
        hanging.entry(name.to_owned()).or_default().insert(who.to_owned());
    }
}

/// Expressions that decide something of a question.
fn decided(field: &CompiledField) -> impl Iterator<Item = &Expr> {
    let needed = match &field.required {
        Needed::When(expr) => Some(expr),
        Needed::Always | Needed::Never => None,
    };
    let options = field.options.iter().flatten();
    let asked = field.when.iter().chain(needed).chain(&field.rules).chain(options);
    asked.chain(&field.narrow).chain(field.worth())
}
