//! 標準処理期間: the open days a procedure promises, counted from the arrival; they stand
//! still while the applicant corrects (IK-2.1.1b).

use jiff::civil::Date;

use super::state::State;
use crate::calendar::OfficeDays;

/// How an application stands with the promised period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Countdown {
    /// Nothing is promised, or the decision is made.
    None,
    /// The office works on it.
    Runs {
        /// Last day.
        until: Date,
    },
    /// The applicant corrects.
    Stands {
        /// Open days that were left when it was sent back; below 0 when it was late already.
        left: i32,
    },
}

/// What a state does to the period.
enum Effect {
    Runs,
    Stands,
    Ends,
}

const fn effect(state: State) -> Effect {
    match state {
        State::Arrived | State::Accepted | State::Reviewing => Effect::Runs,
        // An answer that was on its way goes on with the days that are left.
        State::Correction(_) | State::Expired(_) => Effect::Stands,
        State::Notified
        | State::Done
        | State::Rejected
        | State::Withdrawn
        | State::RefusedEntry
        | State::Closed => Effect::Ends,
    }
}

impl Countdown {
    /// Begins on the day of arrival, which is not counted; `promised` open days, 0 for no promise.
    #[must_use]
    pub fn begin(promised: u16, state: State, arrived: Date, office: &OfficeDays) -> Self {
        match effect(state) {
            Effect::Runs if promised > 0 => Self::Runs { until: office.add(arrived, promised) },
            Effect::Runs | Effect::Stands | Effect::Ends => Self::None,
        }
    }

    /// After the application came into `to` on the day `on`.
    #[must_use]
    pub fn moved(self, to: State, on: Date, office: &OfficeDays) -> Self {
        match (self, effect(to)) {
            (Self::None, _) | (_, Effect::Ends) => Self::None,
            (Self::Runs { until }, Effect::Stands) => Self::Stands { left: office.left(on, until) },
            (Self::Stands { left }, Effect::Runs) => Self::Runs { until: office.moved(on, left) },
            (Self::Runs { .. }, Effect::Runs) | (Self::Stands { .. }, Effect::Stands) => self,
        }
    }

    /// The day told to the applicant: from the acceptance on, as long as it holds.
    #[must_use]
    pub const fn told(self, state: State) -> Option<Date> {
        match self {
            Self::Runs { until } if matches!(state, State::Accepted | State::Reviewing) => {
                Some(until)
            }
            Self::None | Self::Runs { .. } | Self::Stands { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::applications::Origin;

    /// IK-2.1.1b: open days from the arrival; Monday 23 November 2026 is a holiday.
    #[test]
    fn the_period_begins_on_arrival() {
        let office = OfficeDays::default();
        let begun = |days, state| Countdown::begin(days, state, date(2026, 11, 20), &office);
        assert_eq!(
            begun(3, State::Arrived),
            Countdown::Runs { until: date(2026, 11, 26) },
            "the day of arrival and the holiday do not count"
        );
        assert_eq!(begun(0, State::Arrived), Countdown::None);
        assert_eq!(begun(3, State::Done), Countdown::None);
    }

    /// IK-2.1.1b: it stands while the applicant corrects, and goes on with what was left.
    #[test]
    fn the_time_of_a_correction_is_the_applicants() {
        let office = OfficeDays::default();
        let back = State::Correction(Origin::Reviewing);
        let begun = Countdown::begin(10, State::Reviewing, date(2026, 11, 2), &office);
        assert_eq!(begun, Countdown::Runs { until: date(2026, 11, 17) });
        let asked = begun.moved(back, date(2026, 11, 12), &office);
        assert_eq!(asked, Countdown::Stands { left: 3 });
        let came = asked.moved(State::Reviewing, date(2026, 12, 1), &office);
        assert_eq!(came, Countdown::Runs { until: date(2026, 12, 4) });

        let late = begun.moved(back, date(2026, 11, 19), &office);
        assert_eq!(late, Countdown::Stands { left: -2 });
        let came = late.moved(State::Reviewing, date(2026, 12, 1), &office);
        assert_eq!(came, Countdown::Runs { until: date(2026, 11, 27) }, "as late as before");
    }

    /// IK-2.1.1b: nothing is due after the decision.
    #[test]
    fn the_decision_ends_the_period() {
        let office = OfficeDays::default();
        let begun = Countdown::begin(10, State::Arrived, date(2026, 11, 2), &office);
        for state in State::ALL {
            let after = begun.moved(state, date(2026, 11, 4), &office);
            let works = matches!(state, State::Arrived | State::Accepted | State::Reviewing);
            assert_eq!(after == begun, works, "{state}");
            let ends = !works && !matches!(state, State::Correction(_) | State::Expired(_));
            assert_eq!(after == Countdown::None, ends, "{state}");
        }
    }

    /// IK-2.1.1a: the applicant is told the day from the acceptance on.
    #[test]
    fn the_applicant_is_told_the_day_once_the_application_is_accepted() {
        let until = date(2026, 11, 17);
        let runs = Countdown::Runs { until };
        for state in State::ALL {
            let told = matches!(state, State::Accepted | State::Reviewing).then_some(until);
            assert_eq!(runs.told(state), told, "{state}");
        }
        assert_eq!(Countdown::Stands { left: 3 }.told(State::Reviewing), None);
    }
}
