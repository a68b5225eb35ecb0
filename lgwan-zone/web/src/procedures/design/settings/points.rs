//! What staff look at before a decision (審査の確認項目).

use domain::applications::Point;
use domain::forms::definition::Procedure;
use platform_web::FormData;

use crate::frame::Fault;

/// A point as the page draws it.
pub(in crate::procedures::design) struct Line {
    pub(in crate::procedures::design) number: usize,
    /// Id of the input that says what is looked at.
    pub(in crate::procedures::design) field: String,
    pub(in crate::procedures::design) title: String,
    pub(in crate::procedures::design) help: String,
    pub(in crate::procedures::design) optional: bool,
    pub(in crate::procedures::design) last: bool,
}

pub(super) fn lines(procedure: &Procedure) -> Vec<Line> {
    let points = &procedure.workflow.points;
    let line = |(number, one): (usize, &Point)| Line {
        number,
        field: format!("point_{number}"),
        title: one.title.clone(),
        help: one.help.clone(),
        optional: one.optional,
        last: number + 1 == points.len(),
    };
    points.iter().enumerate().map(line).collect()
}

/// The points after the pressed button.
pub(super) fn read(of: &Procedure, form: &FormData) -> (Vec<Point>, Vec<Fault>) {
    let mut faults = Vec::new();
    let all = of.workflow.points.iter().enumerate().map(|(n, old)| {
        // Somebody else may have added one since the page was drawn.
        if !form.has(&format!("point_{n}")) {
            return old.clone();
        }
        let title = form.text(&format!("point_{n}")).trim().to_owned();
        if title.is_empty() {
            faults.push(Fault::of(&format!("point_{n}"), "design.fault.point"));
        }
        Point {
            title,
            help: form.text(&format!("point_help_{n}")).replace("\r\n", "\n").trim().to_owned(),
            optional: form.text(&format!("point_optional_{n}")) == "yes",
            id: old.id.clone(),
        }
    });
    let mut all: Vec<Point> = all.collect();
    let pressed: Vec<&str> = form.text("do").split(':').collect();
    let place = pressed.get(2).and_then(|n| n.parse().ok()).filter(|n| *n < all.len());
    match (pressed.first().copied(), pressed.get(1).copied(), place) {
        (Some("point"), Some("add"), _) => {
            let title = form.text("new_point").trim();
            if title.is_empty() {
                faults.push(Fault::of("new_point", "design.fault.point"));
            } else {
                let (help, optional) = (String::new(), false);
                all.push(Point { id: free(&all), title: title.to_owned(), help, optional });
            }
        }
        (Some("point"), Some("remove"), Some(n)) => {
            all.remove(n);
        }
        (Some("point"), Some("up"), Some(n)) if n > 0 => all.swap(n, n - 1),
        (Some("point"), Some("down"), Some(n)) if n + 1 < all.len() => all.swap(n, n + 1),
        _ => {}
    }
    (all, faults)
}

/// An id behind all of them.
fn free(all: &[Point]) -> String {
    let number = |one: &Point| one.id.strip_prefix('k').and_then(|n| n.parse::<u32>().ok());
    let last = all.iter().filter_map(number).max().unwrap_or(0);
    format!("k{}", last.saturating_add(1))
}
