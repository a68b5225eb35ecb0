//! Checks before publishing (NF-22): what cannot work, what nobody can reach, what must not be asked.

mod cases;
mod charges;
mod columns;
mod defaults;
mod fields;
mod languages;
mod problem;
mod procedure;
mod reach;
mod unsure;

pub use cases::{made_up_files, recorded};
pub use columns::{undecidable, unfillable, unreadable};
pub use problem::{Problem, ProblemCode, Severity, Why};
pub use procedure::is_slug;

use crate::forms::Compiled;
use crate::forms::definition::Procedure;

/// Everything wrong with a document, errors first (NF-22). Runs the stored test cases when the
/// form itself is sound.
#[must_use]
pub fn problems(procedure: &Procedure) -> Vec<Problem> {
    let mut found = Vec::new();
    procedure::check(procedure, &mut found);
    fields::check(procedure, &mut found);
    fields::for_staff(procedure, &mut found);
    languages::check(procedure, &mut found);
    match Compiled::new(procedure.clone()) {
        Err(broken) => found.extend(broken),
        Ok(form) => {
            reach::check(&form, &mut found);
            columns::check(&form, &mut found);
            charges::check(&form, &mut found);
            defaults::check(&form, &mut found);
            unsure::check(&form, &mut found);
            cases::check(&form, &mut found);
        }
    }
    found.sort_by_key(|problem| problem.severity);
    found
}

/// Whether nothing stops the publication.
#[must_use]
pub fn may_publish(problems: &[Problem]) -> bool {
    problems.iter().all(|problem| problem.severity != Severity::Error)
}

#[cfg(test)]
mod tests;
