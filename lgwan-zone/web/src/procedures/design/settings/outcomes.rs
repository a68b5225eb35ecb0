//! What a guide leads to (NF-55): procedures, or what to do that is not in the system.

use domain::forms::definition::{Outcome, Procedure, Words};
use platform_web::FormData;

use crate::procedures::design::{condition, notes};
use crate::site::TEXTS;

/// Something a guide leads to.
pub(in crate::procedures::design) struct Line {
    pub(in crate::procedures::design) number: usize,
    pub(in crate::procedures::design) procedure: String,
    pub(in crate::procedures::design) note: String,
    pub(in crate::procedures::design) when: String,
    pub(in crate::procedures::design) last: bool,
}

pub(super) fn lines(procedure: &Procedure) -> Vec<Line> {
    let count = procedure.outcomes.len();
    let lines = procedure.outcomes.iter().enumerate().map(|(number, outcome)| Line {
        number,
        procedure: outcome.procedure.clone(),
        note: outcome.note.ja().to_owned(),
        when: match outcome.when.as_deref() {
            None => TEXTS.text("design.outcomes.always").to_owned(),
            Some(condition::NEVER) => TEXTS.text("design.condition.none").to_owned(),
            Some(when) => notes::condition(procedure, when),
        },
        last: number + 1 == count,
    });
    lines.collect()
}

/// The list as it was typed, after the pressed button.
pub(super) fn read(of: &Procedure, form: &FormData) -> Vec<Outcome> {
    let typed = |n: usize, old: &Outcome| {
        let note = form.text(&format!("outcome_note_{n}")).trim();
        Outcome {
            when: old.when.clone(),
            procedure: form.text(&format!("outcome_procedure_{n}")).to_owned(),
            note: if note.is_empty() { Words::default() } else { old.note.in_japanese(note) },
        }
    };
    let mut all: Vec<Outcome> =
        of.outcomes.iter().enumerate().map(|(n, old)| typed(n, old)).collect();
    let pressed: Vec<&str> = form.text("do").split(':').collect();
    let place = pressed.get(2).and_then(|n| n.parse().ok()).filter(|n| *n < all.len());
    match (pressed.get(1).copied(), place) {
        (Some("add"), _) => all.push(Outcome {
            when: None,
            procedure: form.text("new_outcome").to_owned(),
            note: Words::default(),
        }),
        (Some("remove"), Some(n)) => {
            all.remove(n);
        }
        (Some("up"), Some(n)) if n > 0 => all.swap(n, n - 1),
        (Some("down"), Some(n)) if n + 1 < all.len() => all.swap(n, n + 1),
        _ => {}
    }
    all
}
