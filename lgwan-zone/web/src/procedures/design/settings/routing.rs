//! Which department receives an application: conditions in their order, the first counts.

use domain::forms::definition::Procedure;

use crate::frame::Choice;
use crate::procedures::design::{condition, notes};
use crate::site::TEXTS;

/// A route.
pub(in crate::procedures::design) struct Line {
    pub(in crate::procedures::design) number: usize,
    pub(in crate::procedures::design) when: String,
    pub(in crate::procedures::design) departments: Vec<Choice>,
    pub(in crate::procedures::design) last: bool,
}

pub(super) fn lines(procedure: &Procedure, departments: &[(String, String)]) -> Vec<Line> {
    let count = procedure.routing.len();
    let lines = procedure.routing.iter().enumerate().map(|(number, route)| Line {
        number,
        when: match route.when.as_str() {
            condition::NEVER => TEXTS.text("design.condition.none").to_owned(),
            when => notes::condition(procedure, when),
        },
        departments: departments
            .iter()
            .map(|(id, name)| Choice::new(id, name, id == route.department.as_str()))
            .collect(),
        last: number + 1 == count,
    });
    lines.collect()
}
