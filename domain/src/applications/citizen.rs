//! What the applicant sees: a plain word for the state, what happens next, and the way so far.

use super::state::{Origin, State};
use super::workflow::{Rules, Stage};

/// One station of the way shown to the applicant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Catalogue key of the station's name: `applications.step.accepted`.
    pub name: &'static str,
    /// Where it lies.
    pub progress: Progress,
}

/// Where a station lies as seen from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Passed.
    Passed,
    /// The application is here.
    Here,
    /// Still to come.
    Ahead,
}

impl State {
    /// Catalogue key of the plain word: the same for staff lists and citizens.
    #[must_use]
    pub const fn name_key(self) -> &'static str {
        match self {
            Self::Arrived => "applications.state.arrived",
            Self::Accepted => "applications.state.accepted",
            Self::Reviewing => "applications.state.reviewing",
            Self::Notified => "applications.state.notified",
            Self::Done => "applications.state.done",
            Self::Correction(_) => "applications.state.correction",
            Self::Rejected => "applications.state.rejected",
            Self::Withdrawn => "applications.state.withdrawn",
            Self::RefusedEntry => "applications.state.refused_entry",
            Self::Expired(_) => "applications.state.expired",
            Self::Closed => "applications.state.closed",
        }
    }

    /// Catalogue key of the sentence that tells the applicant what happens next.
    #[must_use]
    pub const fn next_key(self) -> &'static str {
        match self {
            Self::Arrived => "applications.next.arrived",
            Self::Accepted => "applications.next.accepted",
            Self::Reviewing => "applications.next.reviewing",
            Self::Notified => "applications.next.notified",
            Self::Done => "applications.next.done",
            Self::Correction(_) => "applications.next.correction",
            Self::Rejected => "applications.next.rejected",
            Self::Withdrawn => "applications.next.withdrawn",
            Self::RefusedEntry => "applications.next.refused_entry",
            Self::Expired(_) => "applications.next.expired",
            Self::Closed => "applications.next.closed",
        }
    }

    /// Whether the applicant has something to do.
    #[must_use]
    pub const fn waits_for_applicant(self) -> bool {
        matches!(self, Self::Correction(_))
    }
}

/// Stations the applicant sees: arrival, the procedure's own stages, and the end. After a refusal
/// or withdrawal the way ends there.
#[must_use]
pub fn progress(state: State, rules: Rules) -> Vec<Step> {
    let mut way = vec![State::Arrived];
    if rules.has(Stage::Accept) {
        way.push(State::Accepted);
    }
    if rules.has(Stage::Review) {
        way.push(State::Reviewing);
    }
    if rules.has(Stage::Notify) {
        way.push(State::Notified);
    }
    way.push(State::Done);
    let (here, end) = standing(state);
    let mut steps: Vec<Step> = way
        .into_iter()
        .filter(|station| end.is_none() || rank(*station) <= here)
        .map(|station| Step {
            name: station.name_key(),
            progress: match rank(station).cmp(&here) {
                std::cmp::Ordering::Less => Progress::Passed,
                std::cmp::Ordering::Equal if end.is_none() => Progress::Here,
                std::cmp::Ordering::Equal => Progress::Passed,
                std::cmp::Ordering::Greater => Progress::Ahead,
            },
        })
        .collect();
    if let Some(end) = end {
        steps.push(Step { name: end.name_key(), progress: Progress::Here });
    } else if !steps.iter().any(|step| step.progress == Progress::Here) {
        // A stage without its own station: the application stands at the last one passed.
        if let Some(last) = steps.iter_mut().rev().find(|step| step.progress == Progress::Passed) {
            last.progress = Progress::Here;
        }
    }
    steps
}

/// Rank of the station the application stands at, and the end that lies off the way.
fn standing(state: State) -> (u8, Option<State>) {
    match state {
        State::Arrived
        | State::Accepted
        | State::Reviewing
        | State::Notified
        | State::Done
        | State::Correction(_) => (rank(state), None),
        State::Rejected => (rank(State::Reviewing), Some(state)),
        State::Expired(_) => (rank(state), Some(state)),
        State::Withdrawn | State::RefusedEntry | State::Closed => {
            (rank(State::Arrived), Some(state))
        }
    }
}

fn rank(state: State) -> u8 {
    match state {
        State::Arrived
        | State::Correction(Origin::Arrived)
        | State::Expired(Origin::Arrived)
        | State::Withdrawn
        | State::RefusedEntry
        | State::Closed => 0,
        State::Accepted
        | State::Correction(Origin::Accepted)
        | State::Expired(Origin::Accepted) => 1,
        State::Reviewing
        | State::Correction(Origin::Reviewing)
        | State::Expired(Origin::Reviewing)
        | State::Rejected => 2,
        State::Notified => 3,
        State::Done => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::applications::WithdrawUntil;

    fn shown(state: State, stages: &[Stage]) -> Vec<(&'static str, Progress)> {
        progress(state, Rules::new(stages, WithdrawUntil::Never))
            .into_iter()
            .map(|s| (s.name.trim_start_matches("applications.state."), s.progress))
            .collect()
    }

    /// NF-31: the applicant sees where the application is.
    #[test]
    fn the_way_shows_what_is_passed_and_what_lies_ahead() {
        use Progress::{Ahead, Here, Passed};
        assert_eq!(
            shown(State::Reviewing, &[Stage::Accept, Stage::Review, Stage::Notify]),
            [
                ("arrived", Passed),
                ("accepted", Passed),
                ("reviewing", Here),
                ("notified", Ahead),
                ("done", Ahead)
            ]
        );
        assert_eq!(
            shown(State::Correction(Origin::Accepted), &[Stage::Accept]),
            [("arrived", Passed), ("accepted", Here), ("done", Ahead)]
        );
        assert_eq!(
            shown(State::Accepted, &[Stage::Review]),
            [("arrived", Here), ("reviewing", Ahead), ("done", Ahead)]
        );
    }

    #[test]
    fn an_end_off_the_way_is_the_last_station() {
        use Progress::{Here, Passed};
        assert_eq!(
            shown(State::Rejected, &[Stage::Accept, Stage::Review]),
            [("arrived", Passed), ("accepted", Passed), ("reviewing", Passed), ("rejected", Here)]
        );
        assert_eq!(
            shown(State::Withdrawn, &[Stage::Accept]),
            [("arrived", Passed), ("withdrawn", Here)]
        );
        assert_eq!(
            shown(State::Expired(Origin::Accepted), &[Stage::Accept, Stage::Review]),
            [("arrived", Passed), ("accepted", Passed), ("expired", Here)]
        );
        assert_eq!(shown(State::Closed, &[]), [("arrived", Passed), ("closed", Here)]);
    }
}
