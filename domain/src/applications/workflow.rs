//! Which stages a procedure has, and what the system does by itself between them (NF-34).

use serde::{Deserialize, Serialize};

use super::state::{Event, State};
use crate::forms::definition::Workflow;

/// A desk at which a person acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 受付: a person accepts.
    Accept,
    /// 審査: a person reviews and decides.
    Review,
    /// 結果通知: a person issues documents and finishes.
    Notify,
}

/// How long the applicant may withdraw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawUntil {
    /// Not at all.
    Never,
    /// Until 受付.
    #[default]
    Accepted,
    /// Until the decision.
    Decided,
}

/// The rules of a procedure that states obey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    accept: bool,
    review: bool,
    notify: bool,
    /// How long the applicant may withdraw.
    pub withdraw_until: WithdrawUntil,
}

/// A step taken by the system because the procedure has no desk for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Automatic {
    /// What happened.
    pub event: Event,
    /// State after it.
    pub to: State,
}

impl Rules {
    /// Rules of these stages.
    #[must_use]
    pub fn new(stages: &[Stage], withdraw_until: WithdrawUntil) -> Self {
        let has = |stage| stages.contains(&stage);
        Self {
            accept: has(Stage::Accept),
            review: has(Stage::Review),
            notify: has(Stage::Notify),
            withdraw_until,
        }
    }

    /// Whether a person acts at this stage.
    #[must_use]
    pub const fn has(self, stage: Stage) -> bool {
        match stage {
            Stage::Accept => self.accept,
            Stage::Review => self.review,
            Stage::Notify => self.notify,
        }
    }

    /// Steps the system takes at once from `state`, in order; each gets its own history row and
    /// audit event in the transaction that reached `state`.
    #[must_use]
    pub fn settle(self, state: State) -> Vec<Automatic> {
        let mut steps = Vec::new();
        let mut at = state;
        while let Some(event) = self.automatic(at) {
            let Ok(to) = at.apply(event, self) else { break };
            steps.push(Automatic { event, to });
            at = to;
        }
        steps
    }

    /// The desk to which something decided or ended goes back when it is reopened (再開): the review, else the
    /// one that accepts; `None` where nobody sits.
    #[must_use]
    pub const fn reopened(self) -> Option<State> {
        if self.review {
            Some(State::Reviewing)
        } else if self.accept {
            Some(State::Arrived)
        } else {
            None
        }
    }

    fn automatic(self, state: State) -> Option<Event> {
        match state {
            State::Arrived => (!self.accept).then_some(Event::Accept),
            State::Accepted => (!self.review).then_some(Event::StartReview),
            State::Reviewing => (!self.review).then_some(Event::Notify),
            State::Notified => (!self.notify).then_some(Event::Finish),
            State::Done
            | State::Correction(_)
            | State::Rejected
            | State::Withdrawn
            | State::RefusedEntry
            | State::Expired(_)
            | State::Closed => None,
        }
    }
}

impl From<&Workflow> for Rules {
    fn from(workflow: &Workflow) -> Self {
        Self::new(&workflow.stages, workflow.withdraw_until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end_of(stages: &[Stage], from: State) -> State {
        Rules::new(stages, WithdrawUntil::Never).settle(from).last().map_or(from, |step| step.to)
    }

    /// NF-34: a procedure takes only the stages it needs; the system passes the others.
    #[test]
    fn a_missing_stage_is_passed_by_the_system() {
        use Stage::{Accept, Notify, Review};
        assert_eq!(end_of(&[], State::Arrived), State::Done);
        assert_eq!(end_of(&[Accept], State::Arrived), State::Arrived);
        assert_eq!(end_of(&[Accept], State::Accepted), State::Done);
        assert_eq!(end_of(&[Accept, Review], State::Accepted), State::Accepted);
        assert_eq!(end_of(&[Accept, Review], State::Notified), State::Done);
        assert_eq!(end_of(&[Review, Notify], State::Arrived), State::Accepted);
        assert_eq!(end_of(&[Notify], State::Arrived), State::Notified);
        assert_eq!(end_of(&[Accept, Review, Notify], State::Notified), State::Notified);
    }

    #[test]
    fn an_end_or_a_correction_never_moves_by_itself() {
        for state in
            State::ALL.into_iter().filter(|s| s.is_end() || matches!(s, State::Correction(_)))
        {
            assert_eq!(end_of(&[], state), state);
        }
    }
}
