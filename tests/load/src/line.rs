//! How a figure is printed: itself, the floor of the same run, their ratio, the goal.

use crate::client::Figures;

/// What is wished for.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// At least so many.
    AtLeast(f64),
    /// At most so many.
    AtMost(f64),
    /// Nothing: it stands beside another figure.
    None,
}

/// Prints one figure with its goal and, when there is one, its floor.
pub fn line(what: &str, unit: &str, figure: f64, floor: Option<f64>, goal: Goal) {
    let word = |met| if met { "met" } else { "MISSED" };
    let wished = match goal {
        Goal::AtLeast(least) => format!("goal ≥ {:<7} {}", rounded(least), word(figure >= least)),
        Goal::AtMost(most) => format!("goal ≤ {:<7} {}", rounded(most), word(figure <= most)),
        Goal::None => String::new(),
    };
    let ratio = floor.map_or(String::new(), |floor| {
        format!("  floor {:>10} ratio {:.2}", rounded(floor), figure / floor)
    });
    println!("{what:<44} {:>10} {unit:<5} {wished:<21}{ratio}", rounded(figure));
}

/// Prints what a run was like beside its one figure.
pub fn detail(figures: &Figures) {
    println!(
        "{:<44} {:>10} good, {} bad, p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms",
        "",
        figures.good,
        figures.bad,
        figures.within(50),
        figures.within(95),
        figures.within(99),
    );
}

fn rounded(number: f64) -> String {
    if number < 10.0 {
        format!("{number:.2}")
    } else if number < 100.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.0}")
    }
}
