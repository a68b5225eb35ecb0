//! What stands in a question before anybody answered: an answer like any other.

use super::{Problem, ProblemCode};
use crate::forms::Compiled;

pub(super) fn check(form: &Compiled, found: &mut Vec<Problem>) {
    for (at, default) in form.broken_defaults() {
        found.push(Problem::error(&format!("{at}.default"), ProblemCode::BadDefault, &default));
    }
}
